"""Prepared transactions of the market: let it move a badge or a membership, buy, accept, cancel, announce; the funds of
offers."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, Field
from sqlmodel import Session

from backend.badges.queries import badges_by_id
from backend.community.reading import Here, Place, place_here
from backend.currency import currency_of
from backend.db import Opened
from backend.host import CurrentHost
from backend.identity.origin import require_same_origin
from backend.market.keeping import refuse
from backend.market.messages import Kind, arguments_of, uint96
from backend.market.queries import ListingView, SignedView, listing_of, market_of, offer_of
from backend.market.reading import listing_status, offer_status
from backend.membership.queries import membership_of, tier_of
from backend.problems import Conflict, NotFound
from backend.texts import Say, badge_number
from backend.transactions import (
    NATIVE,
    RATIONED,
    Call,
    Transaction,
    TransactionRequest,
    Translator,
    prepare,
)
from indexer.tables.columns import FOR_LIFE

router = APIRouter(
    prefix="/api/communities/{community}/transactions",
    tags=["market"],
    dependencies=[Depends(require_same_origin), *RATIONED, Depends(place_here)],
)

Amount = Annotated[str, Field(pattern=r"^[0-9]{1,29}$"), AfterValidator(uint96)]
Digest = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{64}$")]
TokenId = Annotated[int, Field(ge=1, lt=1 << 72)]


MembershipId = Annotated[int, Field(ge=1, lt=1 << 40)]


class AlreadyMember(Conflict):
    """A wallet holds one membership of a community, perhaps an expired one, and so cannot take another."""

    slug, title = "already-member", "This wallet has a membership of this community"


class TokenRequest(TransactionRequest):
    token_id: TokenId


class MembershipTokenRequest(TransactionRequest):
    token_id: MembershipId


class BuyRequest(TransactionRequest):
    """`min_money`: what must come with it, at least, as the buyer saw it: income of a badge that waits, or refundable
    money of a membership."""

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


class PayOutRequest(TransactionRequest):
    """Of the sales of which tokens."""

    collection: Literal["badges", "memberships"] = "badges"


@router.post("/badge-approve")
def approve(here: Here, body: TokenRequest, host: CurrentHost, say: Translator) -> Transaction:
    """The market may move this one token when somebody pays for it; the next transfer ends that."""
    call = Call("Badges", here.contracts.badges, "approve", (market_of(host.settings), body.token_id))
    summary = say._("Let the market hand over badge %(badge)s of %(community)s to whoever pays what you ask")
    names = {"badge": badge_number(body.token_id), "community": here.view.name}
    return prepare(host, call, account=body.account, summary=summary % names, say=say)


@router.post("/membership-approve")
def approve_membership(here: Here, body: MembershipTokenRequest, host: CurrentHost, say: Translator) -> Transaction:
    """The market may move this one membership when somebody pays for it; the next transfer ends that."""
    call = Call("Membership", here.contracts.membership, "approve", (market_of(host.settings), body.token_id))
    summary = say._("Let the market hand over membership #%(token)s of %(community)s to whoever pays what you ask")
    names = {"token": body.token_id, "community": here.view.name}
    return prepare(host, call, account=body.account, summary=summary % names, say=say)


@router.post("/listing-buy")
def buy(here: Here, body: BuyRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """The listed token is bought for the account, at the price that was signed. Raises AlreadyMember."""
    market = market_of(host.settings)
    with database.reading() as session:
        listing = listing_of(session, here.view.chain_id, here.view.address, body.digest)
        text, names = _for_buyer(session, here, listing, body.account.lower(), say)
    refuse(listing_status(host.chain, market, listing.message, listing.signature))
    arguments = (*_signed("Listing", listing), body.account, int(body.min_money))
    call = Call("Market", market, "buy", arguments, listing.price, listing.currency)
    summary = text % {**names, "price": currency_of(host.chain, listing.currency).written(listing.price, say.language)}
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
        "price": currency.written(offer.price, say.language),
        "proceeds": currency.written(int(body.min_proceeds), say.language),
    }
    if badge is not None and badge.accrued:
        waits = currency_of(host.chain, here.view.currency).written(badge.accrued, say.language)
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
    written = currency_of(host.chain, None).written(int(body.amount), say.language)
    summary = say._("Put %(amount)s into the market, for your offers. You can take it out at any time")
    return prepare(host, call, account=body.account, summary=summary % {"amount": written}, say=say)


@router.post("/market-withdraw-funds")
def withdraw_funds(body: AmountRequest, host: CurrentHost, say: Translator) -> Transaction:
    """What waits in the market for the account goes back to it."""
    arguments = (body.account, int(body.amount))
    call = Call("Market", market_of(host.settings), "withdrawFunds", arguments)
    written = currency_of(host.chain, None).written(int(body.amount), say.language)
    summary = say._("Take %(amount)s out of the market, to this wallet") % {"amount": written}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/market-allow")
def allow(here: Here, body: AmountRequest, host: CurrentHost, say: Translator) -> Transaction:
    """The market may pull so much of the community's ERC-20 from the account, for its offers."""
    if here.view.currency is None:
        raise NotFound("This community is paid in the native coin: put funds into the market instead.")
    call = Call("ERC20", here.view.currency, "approve", (market_of(host.settings), int(body.amount)))
    written = currency_of(host.chain, here.view.currency).written(int(body.amount), say.language)
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
    summary = (
        say._("Publish your listing of membership #%(token)s on chain, so that everybody finds it")
        if listing.membership
        else say._("Publish your listing of badge %(badge)s on chain, so that everybody finds it")
    ) % {"token": listing.token_id, "badge": badge_number(listing.token_id)}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/offer-announce")
def announce_offer(
    here: Here, body: DigestRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """An offer is published on chain, so that every home finds it."""
    market = market_of(host.settings)
    with database.reading() as session:
        offer = offer_of(session, here.view.chain_id, here.view.address, body.digest)
    call = Call("Market", market, "announceOffer", _signed("Offer", offer))
    written = currency_of(host.chain, offer.currency).written(offer.price, say.language)
    summary = say._("Publish your offer of %(price)s on chain, so that everybody finds it") % {"price": written}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/market-pay-out")
def pay_out(here: Here, body: PayOutRequest, host: CurrentHost, say: Translator) -> Transaction:
    """Native royalties of sales without a page go to the community. Anybody may."""
    collection = here.contracts.badges if body.collection == "badges" else here.contracts.membership
    arguments = (collection, here.contracts.membership, [NATIVE])
    call = Call("Market", market_of(host.settings), "payOut", arguments)
    summary = say._("Pay the royalties that wait in the market to %(community)s") % {"community": here.view.name}
    return prepare(host, call, account=body.account, summary=summary, say=say)


def _for_buyer(
    session: Session, here: Place, listing: ListingView, account: str, say: Say
) -> tuple[str, dict[str, object]]:
    """What the buyer gets: a sentence, and what to fill in but the price. Raises AlreadyMember."""
    names: dict[str, object] = {"community": here.view.name}
    if not listing.membership:
        text = say._("Buy badge %(badge)s of %(community)s for %(price)s, with all that it earns from now on")
        return text, {**names, "badge": badge_number(listing.token_id)}
    contract = here.contracts.membership
    if membership_of(session, here.view.chain_id, contract, account, at=here.at) is not None:
        raise AlreadyMember("A wallet holds one membership of a community, also an expired one counts.")
    tier = tier_of(session, here.view.chain_id, contract, int(listing.message["tierId"]), at=here.at)
    ends = listing.min_expires_at
    until = say._("for life") if ends == FOR_LIFE else say._("until %(date)s at least") % {"date": say.date(ends)}
    text = say._("Buy membership #%(token)s of %(community)s for %(price)s: %(tier)s, paid %(until)s")
    return text, {**names, "token": listing.token_id, "tier": tier.label, "until": until}


def _signed(kind: Kind, view: SignedView) -> tuple[Any, ...]:
    """The message and its signature as the Market's functions take them."""
    return arguments_of(kind, view.message), bytes.fromhex(view.signature[2:])
