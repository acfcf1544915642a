"""Prepared transactions of the market: let it move a badge, buy, accept, cancel, announce; the funds of offers."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, Field
from sqlmodel import Session

from backend import feed
from backend.badges.queries import Contracts, contracts_of, number_of
from backend.community.queries import CommunityView, community_of
from backend.currency import currency_of
from backend.db import Opened
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.market.keeping import refuse
from backend.market.messages import arguments_of, uint96
from backend.market.queries import listing_of, market_of, offer_of
from backend.market.reading import listing_status, offer_status
from backend.problems import NotFound
from backend.transactions import (
    NATIVE,
    RATIONED,
    Call,
    CommunityPath,
    Transaction,
    TransactionRequest,
    Translator,
    prepare,
)

router = APIRouter(
    prefix="/api/communities/{community}/transactions",
    tags=["market"],
    dependencies=[Depends(require_same_origin), *RATIONED],
)


Amount = Annotated[str, Field(pattern=r"^[0-9]{1,29}$"), AfterValidator(uint96)]
Digest = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{64}$")]
TokenId = Annotated[int, Field(ge=1, lt=1 << 72)]


class TokenRequest(TransactionRequest):
    token_id: TokenId


class BuyRequest(TransactionRequest):
    """`min_money`: income that must come with the badge, at least, as the buyer saw it."""

    digest: Digest
    min_money: Amount = "0"


class AcceptRequest(TransactionRequest):
    """The account's token is sold to an offer. `min_proceeds`: what it must get, at least, as it saw it."""

    digest: Digest
    token_id: TokenId
    min_proceeds: Amount


class CancelRequest(TransactionRequest):
    digests: list[Digest] = Field(min_length=1, max_length=20)


class AmountRequest(TransactionRequest):
    amount: Amount


class DigestRequest(TransactionRequest):
    digest: Digest


@router.post("/badge-approve")
def approve(
    community: CommunityPath, body: TokenRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """The market may move this one token when somebody pays for it; the next transfer ends that."""
    with database.reading() as session:
        view, contracts = _community(host, session, community)
    call = Call("Badges", contracts.badges, "approve", (market_of(host.settings), body.token_id))
    summary = say._("Let the market hand over badge %(badge)s of %(community)s to whoever pays what you ask")
    names = {"badge": number_of(body.token_id), "community": view.name}
    return prepare(host, call, account=body.account, summary=summary % names, say=say)


@router.post("/listing-buy")
def buy(
    community: CommunityPath, body: BuyRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """The listed token is bought for the account, at the price that was signed."""
    market = market_of(host.settings)
    with database.reading() as session:
        view, _ = _community(host, session, community)
        listing = listing_of(session, view.chain_id, body.digest)
    _require_here(view, listing.community)
    refuse(listing_status(host.chain, market, listing.message, listing.signature))
    arguments = (*_signed("Listing", listing), body.account, int(body.min_money))
    call = Call("Market", market, "buy", arguments, listing.price, listing.currency)
    summary = say._("Buy badge %(badge)s of %(community)s for %(price)s, with all that it earns from now on") % {
        "badge": number_of(listing.token_id),
        "community": view.name,
        "price": currency_of(host.chain, listing.currency).written(listing.price),
    }
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/offer-accept")
def accept(
    community: CommunityPath, body: AcceptRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """The account's token is sold to an offer."""
    market = market_of(host.settings)
    with database.reading() as session:
        view, _ = _community(host, session, community)
        offer = offer_of(session, view.chain_id, body.digest)
    _require_here(view, offer.community)
    refuse(offer_status(host.chain, market, offer.message, offer.signature, body.token_id))
    call = Call("Market", market, "accept", (*_signed("Offer", offer), body.token_id, int(body.min_proceeds)))
    currency = currency_of(host.chain, offer.currency)
    summary = say._("Sell badge %(badge)s of %(community)s for %(price)s, of which you get %(proceeds)s at least") % {
        "badge": number_of(body.token_id),
        "community": view.name,
        "price": currency.written(offer.price),
        "proceeds": currency.written(int(body.min_proceeds)),
    }
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/market-cancel")
def cancel(
    community: CommunityPath, body: CancelRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """These listings and offers of the account never work again."""
    with database.reading() as session:
        _community(host, session, community)
    digests = [bytes.fromhex(each[2:]) for each in body.digests]
    call = Call("Market", market_of(host.settings), "cancel", (digests,))
    summary = say.ngettext(
        "Cancel what you signed for the market: nobody can take it up any more",
        "Cancel %(count)s things that you signed for the market: nobody can take them up any more",
        len(digests),
    )
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/market-cancel-all")
def cancel_all(
    community: CommunityPath, body: TransactionRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """All that the account ever signed for the market is over, in every community."""
    with database.reading() as session:
        _community(host, session, community)
    call = Call("Market", market_of(host.settings), "raiseCounter")
    summary = say._("Cancel all listings and offers that this wallet has signed so far, in every community")
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/market-add-funds")
def add_funds(
    community: CommunityPath, body: AmountRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Native coins wait in the market for the account's offers; they can be taken out at any time."""
    with database.reading() as session:
        _community(host, session, community)
    call = Call("Market", market_of(host.settings), "addFunds", (body.account,), int(body.amount), None)
    written = currency_of(host.chain, None).written(int(body.amount))
    summary = say._("Put %(amount)s into the market, for your offers. You can take it out at any time")
    return prepare(host, call, account=body.account, summary=summary % {"amount": written}, say=say)


@router.post("/market-withdraw-funds")
def withdraw_funds(
    community: CommunityPath, body: AmountRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """What waits in the market for the account goes back to it."""
    with database.reading() as session:
        _community(host, session, community)
    arguments = (body.account, int(body.amount))
    call = Call("Market", market_of(host.settings), "withdrawFunds", arguments)
    written = currency_of(host.chain, None).written(int(body.amount))
    summary = say._("Take %(amount)s out of the market, to this wallet") % {"amount": written}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/market-allow")
def allow(
    community: CommunityPath, body: AmountRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """The market may pull so much of the community's ERC-20 from the account, for its offers."""
    with database.reading() as session:
        view, _ = _community(host, session, community)
    if view.currency is None:
        raise NotFound("This community is paid in the native coin: put funds into the market instead.")
    call = Call("ERC20", view.currency, "approve", (market_of(host.settings), int(body.amount)))
    written = currency_of(host.chain, view.currency).written(int(body.amount))
    summary = say._("Let the market take up to %(amount)s from this wallet when an offer of yours is accepted")
    return prepare(host, call, account=body.account, summary=summary % {"amount": written}, say=say)


@router.post("/listing-announce")
def announce_listing(
    community: CommunityPath, body: DigestRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """A listing is published on chain, so that every home finds it."""
    market = market_of(host.settings)
    with database.reading() as session:
        view, _ = _community(host, session, community)
        listing = listing_of(session, view.chain_id, body.digest)
    _require_here(view, listing.community)
    call = Call("Market", market, "announceListing", _signed("Listing", listing))
    summary = say._("Publish your listing of badge %(badge)s on chain, so that everybody finds it")
    return prepare(host, call, account=body.account, summary=summary % {"badge": number_of(listing.token_id)}, say=say)


@router.post("/offer-announce")
def announce_offer(
    community: CommunityPath, body: DigestRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """An offer is published on chain, so that every home finds it."""
    market = market_of(host.settings)
    with database.reading() as session:
        view, _ = _community(host, session, community)
        offer = offer_of(session, view.chain_id, body.digest)
    _require_here(view, offer.community)
    call = Call("Market", market, "announceOffer", _signed("Offer", offer))
    written = currency_of(host.chain, offer.currency).written(offer.price)
    summary = say._("Publish your offer of %(price)s on chain, so that everybody finds it") % {"price": written}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/market-pay-out")
def pay_out(
    community: CommunityPath, body: TransactionRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Native royalties of sales without a page go to the community. Anybody may."""
    with database.reading() as session:
        view, contracts = _community(host, session, community)
    arguments = (contracts.badges, contracts.membership, [NATIVE])
    call = Call("Market", market_of(host.settings), "payOut", arguments)
    summary = say._("Pay the royalties that wait in the market to %(community)s") % {"community": view.name}
    return prepare(host, call, account=body.account, summary=summary, say=say)


def _community(host: Host, session: Session, address: str) -> tuple[CommunityView, Contracts]:
    at = feed.time_at(session, host.settings.chain_id)
    view = community_of(session, host.settings.chain_id, address, at=at)
    return view, contracts_of(session, view.chain_id, view.address)


def _require_here(view: CommunityView, community: str) -> None:
    if view.address != community:
        raise NotFound("This was signed for another community.")


def _signed(kind: Any, view: Any) -> tuple[Any, ...]:
    """The message and its signature as the Market's functions take them."""
    return arguments_of(kind, view.message), bytes.fromhex(view.signature[2:])
