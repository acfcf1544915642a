"""Takes in what wallets signed: a listing or an offer is kept when its signature and the Market on chain say so."""

import re
from contextlib import suppress
from typing import Any

from sqlalchemy import delete, or_
from sqlmodel import Session, col

from backend.badges.queries import REFERRALS, Contracts, contracts_of
from backend.chain import Chain
from backend.db import Database, insert_into
from backend.identity.signature import verify_wallet
from backend.market.messages import Kind, Message, digest_of, fields_of, message_of
from backend.market.queries import currencies_of, live_count, live_count_in
from backend.market.reading import MENDABLE, Status, listing_status, offer_status
from backend.market.tables import SignedListing, SignedOffer
from backend.problems import Conflict, NotFound, TooMuch
from indexer.tables.market import Listing, Offer

MOST_LIVE = 50
"""Listings, and offers, that a home keeps for one account."""
MOST_IN_COMMUNITY = 2000
MOST_ANNOUNCED = 1000
"""How full of listings, or offers, a community may be for one more announced one to be kept: announcing asks for no
money, so that it cannot take the room of those that are given to this home."""
MOST_COUNT = (1 << 63) - 1


class NotReady(Conflict):
    """The Market would not take this now; `reason` is its own, as a stable code."""

    slug, title = "market-refuses", "The market would refuse this now"


def refuse(status: Status) -> None:
    """Raises NotReady unless the Market is ready for it."""
    if status != Status.READY:
        raise NotReady(f"The market answers {status.reason}.", reason=f"market.{status.reason}")


def refuse_currency(contracts: Contracts, currency: str) -> None:
    """Raises NotReady for what is neither the native coin nor the community's currency."""
    refuse(Status.READY if currency.lower() in currencies_of(contracts) else Status.CURRENCY_REFUSED)


def keep_listing(
    database: Database, chain: Chain, market: str, *, community: str, message: Message, signature: str, at: int
) -> str:
    """The digest of a listing that is kept from now on. Raises SignatureWrong, NotReady, TooMuch."""
    digest = digest_of("Listing", message, chain_id=chain.chain_id, market=market)
    verify_wallet(chain, str(message["seller"]), digest=digest, signature=bytes.fromhex(signature[2:]))
    refuse(listing_status(chain, market, message, signature))
    row = _listing_row(chain.chain_id, community, message, digest=digest, signature=signature, at=at)
    with database.writing() as session:
        _make_room(session, row, row.seller, most=MOST_IN_COMMUNITY, at=at)
        _keep(session, row)
    return row.digest


def keep_offer(
    database: Database,
    chain: Chain,
    market: str,
    *,
    community: str,
    message: Message,
    signature: str,
    token_id: int,
    at: int,
) -> str:
    """The digest of an offer that is kept from now on. `token_id`: one that it could be for, by which the Market is
    asked; 0: there is none yet. Raises SignatureWrong, NotReady, TooMuch."""
    digest = digest_of("Offer", message, chain_id=chain.chain_id, market=market)
    verify_wallet(chain, str(message["buyer"]), digest=digest, signature=bytes.fromhex(signature[2:]))
    if token_id:
        status = offer_status(chain, market, message, signature, token_id)
        refuse(Status.READY if status in MENDABLE else status)
    row = _offer_row(chain.chain_id, community, message, digest=digest, signature=signature, at=at)
    with database.writing() as session:
        _make_room(session, row, row.buyer, most=MOST_IN_COMMUNITY, at=at)
        _keep(session, row)
    return row.digest


def keep_announced(session: Session, chain_id: int, kind: str, *, market: str, digest: str, at: int) -> None:
    """What was announced on chain is kept like what was given to this home. What the Market would not take (an offer on
    a membership, another currency), or more than is kept of one account or community, is passed over.

    `kind`: `listing` or `offer`.
    """
    words: Kind = "Listing" if kind == "listing" else "Offer"
    found: Any = session.get(Listing if kind == "listing" else Offer, (chain_id, market, digest))
    if found is None or getattr(found, "transfer_count", 0) > MOST_COUNT:
        return
    if found.collection == found.membership and (words == "Offer" or found.token_id >= REFERRALS):
        return
    try:
        contracts = contracts_of(session, chain_id, found.community)
    except NotFound:
        return
    if found.currency not in currencies_of(contracts):
        return
    message = message_of(words, **{name: getattr(found, _snake(name)) for name in fields_of(words)})
    make: Any = _listing_row if kind == "listing" else _offer_row
    signed = {"digest": bytes.fromhex(digest[2:]), "signature": found.signature}
    row = make(chain_id, found.community, message, **signed, at=at)
    with suppress(TooMuch):
        _make_room(session, row, row.seller if kind == "listing" else row.buyer, most=MOST_ANNOUNCED, at=at)
        _keep(session, row)


def _make_room(session: Session, row: SignedListing | SignedOffer, signer: str, *, most: int, at: int) -> None:
    """What is over is forgotten; raises TooMuch when as many as may be stand already, `most` in the community."""
    table = type(row)
    account = col(SignedListing.seller) if table is SignedListing else col(SignedOffer.buyer)
    session.execute(
        delete(table).where(
            col(table.chain_id) == row.chain_id,
            or_(account == signer, col(table.community) == row.community),
            col(table.deadline) < at,
        )
    )
    if live_count(session, row.chain_id, table, signer, at=at) >= MOST_LIVE:
        raise TooMuch(f"This home keeps {MOST_LIVE} of an account. Cancel some, or wait until they end.")
    if live_count_in(session, row.chain_id, table, row.community, at=at) >= most:
        raise TooMuch(f"This home keeps {most} of a community. Wait until some end.")


def _keep(session: Session, row: SignedListing | SignedOffer) -> None:
    values = {name: getattr(row, name) for name in type(row).model_fields}
    session.execute(insert_into(session, type(row)).values(**values).on_conflict_do_nothing())


def _snake(name: str) -> str:
    """`minAccrued` as the mirror's columns say it: `min_accrued`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _listing_row(
    chain_id: int, community: str, message: Message, *, digest: bytes, signature: str, at: int
) -> SignedListing:
    token_id, of_membership = int(message["tokenId"]), message["collection"] == message["membership"]
    return SignedListing(
        chain_id=chain_id,
        digest="0x" + digest.hex(),
        community=community,
        seller=str(message["seller"]),
        token_id=token_id,
        badge=token_id if token_id < REFERRALS and not of_membership else 0,
        membership=token_id if of_membership else 0,
        buyer=str(message["buyer"]),
        currency=str(message["currency"]),
        price=int(message["price"]),
        starts_at=int(message["startsAt"]),
        deadline=int(message["deadline"]),
        transfer_count=int(message["transferCount"]),
        counter=int(message["counter"]),
        message=dict(message),
        signature=signature.lower(),
        kept_at=at,
    )


def _offer_row(
    chain_id: int, community: str, message: Message, *, digest: bytes, signature: str, at: int
) -> SignedOffer:
    return SignedOffer(
        chain_id=chain_id,
        digest="0x" + digest.hex(),
        community=community,
        buyer=str(message["buyer"]),
        token_id=int(message["tokenId"]),
        level=int(message["level"]),
        currency=str(message["currency"]),
        price=int(message["price"]),
        deadline=int(message["deadline"]),
        counter=int(message["counter"]),
        message=dict(message),
        signature=signature.lower(),
        kept_at=at,
    )
