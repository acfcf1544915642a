"""Prepared transactions of the market: let it move a badge, buy, accept, cancel, announce; the funds of offers."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, Field

from backend.badges.queries import badges_by_id
from backend.community.reading import Here, place_here
from backend.currency import currency_of
from backend.db import Opened
from backend.host import CurrentHost
from backend.identity.origin import require_same_origin
from backend.market.keeping import refuse
from backend.market.messages import Kind, arguments_of, uint96
from backend.market.queries import SignedView, listing_of, market_of, offer_of
from backend.market.reading import listing_status, offer_status
from backend.problems import NotFound
from backend.texts import badge_number
from backend.transactions import (
    NATIVE,
    RATIONED,
    Call,
    Transaction,
    TransactionRequest,
    Translator,
    prepare,
)

router = APIRouter(
    prefix="/api/communities/{community}/transactions",
    tags=["market"],
    dependencies=[Depends(require_same_origin), *RATIONED, Depends(place_here)],
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
def approve(here: Here, body: TokenRequest, host: CurrentHost, say: Translator) -> Transaction:
    """The market may move this one token when somebody pays for it; the next transfer ends that."""
    call = Call("Badges", here.contracts.badges, "approve", (market_of(host.settings), body.token_id))
    summary = say._("Let the market hand over badge %(badge)s of %(community)s to whoever pays what you ask")
    names = {"badge": badge_number(body.token_id), "community": here.view.name}
    return prepare(host, call, account=body.account, summary=summary % names, say=say)


@router.post("/listing-buy")
def buy(here: Here, body: BuyRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """The listed token is bought for the account, at the price that was signed."""
    market = market_of(host.settings)
    with database.reading() as session:
        listing = listing_of(session, here.view.chain_id, here.view.address, body.digest)
    refuse(listing_status(host.chain, market, listing.message, listing.signature))
    arguments = (*_signed("Listing", listing), body.account, int(body.min_money))
    call = Call("Market", market, "buy", arguments, listing.price, listing.currency)
    summary = say._("Buy badge %(badge)s of %(community)s for %(price)s, with all that it earns from now on") % {
        "badge": badge_number(listing.token_id),
        "community": here.view.name,
        "price": currency_of(host.chain, listing.currency).written(listing.price),
    }
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/offer-accept")
def accept(here: Here, body: AcceptRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """The account's token is sold to an offer."""
    market = market_of(host.settings)
    with database.reading() as session:
        offer = offer_of(session, here.view.chain_id, here.view.address, body.digest)
        badge = badges_by_id(session, here.view.chain_id, here.contracts, [body.token_id]).get(body.token_id)
    refuse(offer_status(host.chain, market, offer.message, offer.signature, body.token_id))
    call = Call("Market", market, "accept", (*_signed("Offer", offer), body.token_id, int(body.min_proceeds)))
    currency = currency_of(host.chain, offer.currency)
    summary = say._("Sell badge %(badge)s of %(community)s for %(price)s, of which you get %(proceeds)s at least") % {
        "badge": badge_number(body.token_id),
        "community": here.view.name,
        "price": currency.written(offer.price),
        "proceeds": currency.written(int(body.min_proceeds)),
    }
    if badge is not None and badge.accrued:
        waits = currency_of(host.chain, here.view.currency).written(badge.accrued)
        goes = say._("%(summary)s. %(amount)s of income that you have not claimed goes with it: claim first to keep it")
        summary = goes % {"summary": summary, "amount": waits}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/market-cancel")
def cancel(body: CancelRequest, host: CurrentHost, say: Translator) -> Transaction:
    """These listings and offers of the account never work again."""
    digests = [bytes.fromhex(each[2:]) for each in body.digests]
    call = Call("Market", market_of(host.settings), "cancel", (digests,))
    summary = say.ngettext(
        "Cancel what you signed for the market: nobody can take it up any more",
        "Cancel %(count)s things that you signed for the market: nobody can take them up any more",
        len(digests),
    )
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/market-cancel-all")
def cancel_all(body: TransactionRequest, host: CurrentHost, say: Translator) -> Transaction:
    """All that the account ever signed for the market is over, in every community."""
    call = Call("Market", market_of(host.settings), "raiseCounter")
    summary = say._("Cancel all listings and offers that this wallet has signed so far, in every community")
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/market-add-funds")
def add_funds(body: AmountRequest, host: CurrentHost, say: Translator) -> Transaction:
    """Native coins wait in the market for the account's offers; they can be taken out at any time."""
    call = Call("Market", market_of(host.settings), "addFunds", (body.account,), int(body.amount), None)
    written = currency_of(host.chain, None).written(int(body.amount))
    summary = say._("Put %(amount)s into the market, for your offers. You can take it out at any time")
    return prepare(host, call, account=body.account, summary=summary % {"amount": written}, say=say)


@router.post("/market-withdraw-funds")
def withdraw_funds(body: AmountRequest, host: CurrentHost, say: Translator) -> Transaction:
    """What waits in the market for the account goes back to it."""
    arguments = (body.account, int(body.amount))
    call = Call("Market", market_of(host.settings), "withdrawFunds", arguments)
    written = currency_of(host.chain, None).written(int(body.amount))
    summary = say._("Take %(amount)s out of the market, to this wallet") % {"amount": written}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/market-allow")
def allow(here: Here, body: AmountRequest, host: CurrentHost, say: Translator) -> Transaction:
    """The market may pull so much of the community's ERC-20 from the account, for its offers."""
    if here.view.currency is None:
        raise NotFound("This community is paid in the native coin: put funds into the market instead.")
    call = Call("ERC20", here.view.currency, "approve", (market_of(host.settings), int(body.amount)))
    written = currency_of(host.chain, here.view.currency).written(int(body.amount))
    summary = say._("Let the market take up to %(amount)s from this wallet when an offer of yours is accepted")
    return prepare(host, call, account=body.account, summary=summary % {"amount": written}, say=say)


@router.post("/listing-announce")
def announce_listing(
    here: Here, body: DigestRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """A listing is published on chain, so that every home finds it."""
    market = market_of(host.settings)
    with database.reading() as session:
        listing = listing_of(session, here.view.chain_id, here.view.address, body.digest)
    call = Call("Market", market, "announceListing", _signed("Listing", listing))
    summary = say._("Publish your listing of badge %(badge)s on chain, so that everybody finds it")
    return prepare(
        host, call, account=body.account, summary=summary % {"badge": badge_number(listing.token_id)}, say=say
    )


@router.post("/offer-announce")
def announce_offer(
    here: Here, body: DigestRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """An offer is published on chain, so that every home finds it."""
    market = market_of(host.settings)
    with database.reading() as session:
        offer = offer_of(session, here.view.chain_id, here.view.address, body.digest)
    call = Call("Market", market, "announceOffer", _signed("Offer", offer))
    written = currency_of(host.chain, offer.currency).written(offer.price)
    summary = say._("Publish your offer of %(price)s on chain, so that everybody finds it") % {"price": written}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/market-pay-out")
def pay_out(here: Here, body: TransactionRequest, host: CurrentHost, say: Translator) -> Transaction:
    """Native royalties of sales without a page go to the community. Anybody may."""
    arguments = (here.contracts.badges, here.contracts.membership, [NATIVE])
    call = Call("Market", market_of(host.settings), "payOut", arguments)
    summary = say._("Pay the royalties that wait in the market to %(community)s") % {"community": here.view.name}
    return prepare(host, call, account=body.account, summary=summary, say=say)


def _signed(kind: Kind, view: SignedView) -> tuple[Any, ...]:
    """The message and its signature as the Market's functions take them."""
    return arguments_of(kind, view.message), bytes.fromhex(view.signature[2:])
