"""Events of Market -> rows. A message about a stranger's token, or that names another community, is passed over."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from indexer.events import Position
from indexer.events.market import (
    CounterRaised,
    FundsSet,
    ListingAnnounced,
    ListingBought,
    OfferAccepted,
    OfferAnnounced,
    SignatureCancelled,
    TillOpened,
    TillPaidOut,
)
from indexer.projections.money import funds_are
from indexer.projections.rows import Rows, Wanted
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.market import Counter, Listing, Offer, Resale, Spent, Till, TillPayment
from indexer.tables.renewals import Funds


def listing_announced(rows: Rows, event: ListingAnnounced, at: Position) -> None:
    if event.listing.membership == at.membership:
        _announce(rows, event, at, Listing, signer=event.listing.seller, message=asdict(event.listing))


def offer_announced(rows: Rows, event: OfferAnnounced, at: Position) -> None:
    if event.offer.membership == at.membership:
        _announce(rows, event, at, Offer, signer=event.offer.buyer, message=asdict(event.offer))


def listing_bought(rows: Rows, event: ListingBought, at: Position) -> None:
    _sold(rows, event, at, kind="listing", recipient=event.recipient)
    _spend(rows, at, account=event.seller, digest=event.digest, state="sold")


def offer_accepted(rows: Rows, event: OfferAccepted, at: Position) -> None:
    _sold(rows, event, at, kind="offer", recipient=event.buyer)
    _spend(rows, at, account=event.buyer, digest=event.digest, state="accepted")


def signature_cancelled(rows: Rows, event: SignatureCancelled, at: Position) -> None:
    _spend(rows, at, account=event.account, digest=event.digest, state="cancelled")


def counter_raised(rows: Rows, event: CounterRaised, at: Position) -> None:
    rows.put(Counter, contract=at.contract, account=event.account, counter=event.counter, block_number=at.block_number)
    rows.tell("counter", community=at.community, contract=at.contract, account=event.account)


def funds_set(rows: Rows, event: FundsSet, at: Position) -> None:
    funds_are(rows, at, event.account, event.funds)


def till_opened(rows: Rows, event: TillOpened, at: Position) -> None:
    rows.put(
        Till,
        contract=at.contract,
        collection=event.collection,
        fee_recipient=event.fee_recipient,
        community=at.community,
        royalty_bps=event.royalty_bps,
        royalties=0,
        fees=0,
        block_number=at.block_number,
    )
    _tell_till(rows, at, event.collection, event.fee_recipient)


def till_paid_out(rows: Rows, event: TillPaidOut, at: Position) -> None:
    key = (at.contract, event.collection, event.fee_recipient)
    rows.change(Till, key, royalties=0, fees=0, block_number=at.block_number)
    rows.append(
        TillPayment,
        contract=at.contract,
        block_number=at.block_number,
        log_index=at.log_index,
        community=at.community,
        collection=event.collection,
        fee_recipient=event.fee_recipient,
        royalties=event.royalties,
        fees=event.fees,
        tx_hash=at.tx_hash,
        at=at.at,
    )
    _tell_till(rows, at, event.collection, event.fee_recipient)


def _announce(
    rows: Rows,
    event: ListingAnnounced | OfferAnnounced,
    at: Position,
    model: type[Listing] | type[Offer],
    *,
    signer: str,
    message: dict[str, Any],
) -> None:
    """Anybody may say again what was said before."""
    if rows.find(model, (at.contract, event.digest)) is not None:
        return
    spent = rows.find(Spent, (at.contract, signer, event.digest))
    rows.put(
        model,
        contract=at.contract,
        digest=event.digest,
        community=at.community,
        state="open" if spent is None else spent["state"],
        signature="0x" + event.signature.hex(),
        announced_at=at.at,
        block_number=at.block_number,
        **message,
    )
    _tell(rows, at, model, community=at.community, digest=event.digest)


def _spend(rows: Rows, at: Position, *, account: str, digest: str, state: str) -> None:
    """The account's listing or offer works no more, announced or not. Of another's message nothing changes."""
    rows.put(Spent, contract=at.contract, account=account, digest=digest, state=state, at=at.at)
    for model, signer in ((Listing, "seller"), (Offer, "buyer")):
        row = rows.find(model, (at.contract, digest))
        if row is not None and row[signer] == account:
            rows.change(model, (at.contract, digest), state=state, block_number=at.block_number)
            _tell(rows, at, model, community=row["community"], digest=digest)


def _sold(rows: Rows, event: ListingBought | OfferAccepted, at: Position, *, kind: str, recipient: str) -> None:
    rows.append(
        Resale,
        contract=at.contract,
        block_number=at.block_number,
        log_index=at.log_index,
        community=at.community,
        kind=kind,
        collection=event.collection,
        token_id=event.token_id,
        seller=event.seller,
        buyer=event.buyer,
        recipient=recipient,
        currency=event.currency,
        price=event.price,
        royalty=event.royalty,
        fee=event.fee,
        fee_recipient=event.fee_recipient,
        digest=event.digest,
        tx_hash=at.tx_hash,
        at=at.at,
    )
    rows.tell("resale", community=at.community, collection=event.collection, token_id=event.token_id)
    if event.currency == ZERO_ADDRESS and event.royalty + event.fee:
        key = (at.contract, event.collection, event.fee_recipient)
        till = rows.get(Till, key)
        royalties, fees = till["royalties"] + event.royalty, till["fees"] + event.fee
        rows.change(Till, key, royalties=royalties, fees=fees, block_number=at.block_number)
        _tell_till(rows, at, event.collection, event.fee_recipient)


def _tell(rows: Rows, at: Position, model: type[Listing] | type[Offer], *, community: str, digest: str) -> None:
    kind = "listing" if model is Listing else "offer"
    rows.tell(kind, community=community, contract=at.contract, digest=digest)


def _tell_till(rows: Rows, at: Position, collection: str, fee_recipient: str) -> None:
    rows.tell("till", community=at.community, collection=collection, fee_recipient=fee_recipient)


def reads(event: Any, at: Position) -> Iterable[Wanted]:
    """Rows that the event will look at, so that they can be read in bulk."""
    contract = at.contract
    if isinstance(event, ListingAnnounced):
        yield Listing, (contract, event.digest)
        yield Spent, (contract, event.listing.seller, event.digest)
    elif isinstance(event, OfferAnnounced):
        yield Offer, (contract, event.digest)
        yield Spent, (contract, event.offer.buyer, event.digest)
    elif isinstance(event, SignatureCancelled):
        yield from _reads_of_spent(contract, event.account, event.digest)
    elif isinstance(event, CounterRaised):
        yield Counter, (contract, event.account)
    elif isinstance(event, FundsSet):
        yield Funds, (contract, event.account)
    else:
        yield Till, (contract, event.collection, event.fee_recipient)
        if isinstance(event, ListingBought):
            yield from _reads_of_spent(contract, event.seller, event.digest)
        elif isinstance(event, OfferAccepted):
            yield from _reads_of_spent(contract, event.buyer, event.digest)


def _reads_of_spent(contract: str, account: str, digest: str) -> Iterable[Wanted]:
    yield Spent, (contract, account, digest)
    yield Listing, (contract, digest)
    yield Offer, (contract, digest)


PROJECTIONS = {
    ListingAnnounced: listing_announced,
    OfferAnnounced: offer_announced,
    ListingBought: listing_bought,
    OfferAccepted: offer_accepted,
    SignatureCancelled: signature_cancelled,
    CounterRaised: counter_raised,
    FundsSet: funds_set,
    TillOpened: till_opened,
    TillPaidOut: till_paid_out,
}
