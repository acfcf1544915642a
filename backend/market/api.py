"""The market of a community: what is asked, bid and was sold, what wallets signed, and prepared transactions."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session

from backend import clock
from backend.badges.queries import Contracts
from backend.badges.reading import goods_of
from backend.chain import CallFailed, ChainUnavailable
from backend.community.reading import Here, Place, Shown
from backend.currency import currency_of
from backend.db import Database, Opened, Reading
from backend.host import CurrentHost, Host
from backend.identity.limits import Allowance, network_of, spend
from backend.identity.origin import require_same_origin
from backend.market.bodies import (
    MOST_TOKEN,
    Kept,
    Kind,
    ListingAnswer,
    ListingBody,
    MembershipAnswer,
    OfferAnswer,
    OfferBody,
    Promise,
    SaleAnswer,
    Signed,
    TermsAnswer,
)
from backend.market.keeping import keep_listing, keep_offer, refuse, refuse_currency
from backend.market.messages import message_of
from backend.market.queries import (
    ListingView,
    Sort,
    counter_of,
    funds_of,
    market_of,
    sales_of,
)
from backend.market.reading import Ask, Bid, Stand, Status, stand_of
from backend.membership.queries import membership_by_id
from backend.membership.reading import MembershipGood
from backend.problems import NotFound
from backend.transactions import NATIVE, AddressText, call_data

router = APIRouter(prefix="/api/communities/{community}", tags=["market"], dependencies=[Depends(require_same_origin)])

KEPT = Allowance("signed", most=60, seconds=3600)
"""Listings and offers of one network that a home takes in: each asks the node."""


@router.get("/market/terms")
def terms(
    here: Here,
    host: CurrentHost,
    database: Opened,
    account: Annotated[AddressText, Query()],
    token_id: Annotated[int, Query(ge=0, lt=MOST_TOKEN)] = 0,
    kind: Kind = "badge",
) -> TermsAnswer:
    """What to sign for. `token_id` 0: for an offer on any badge."""
    market, view, contracts = market_of(host.settings), here.view, here.contracts
    with database.reading() as session:
        transfers = _transfer_count(session, host, here, token_id, kind) if token_id else 0
        counter = counter_of(session, view.chain_id, market, account.lower())
        funds = funds_of(session, view.chain_id, market, account.lower())
    collection = contracts.membership if kind == "membership" else contracts.badges
    return TermsAnswer(
        market=market,
        badges=contracts.badges,
        membership=contracts.membership,
        counter=str(counter),
        transfer_count=transfers,
        approved=token_id > 0 and _approved(host, collection, account.lower(), token_id, market),
        royalty_bps=contracts.royalty_bps,
        funds=str(funds),
        allowance=str(_number(host, view.currency, "ERC20", "allowance", account, market)) if view.currency else "0",
    )


@router.get("/market/listings")
def listings(
    here: Shown,
    host: CurrentHost,
    session: Reading,
    sort: Sort = "newest",
    after: Annotated[str | None, Query(pattern=r"^0x[0-9a-f]{64}$")] = None,
) -> list[ListingAnswer]:
    """Listings that can be bought now; `after` is the last digest of the page before."""
    return [_listing(ask) for ask in _stand(host, session, here, sort=sort, after=after).asks]


@router.get("/market/offers")
def offers(here: Shown, host: CurrentHost, session: Reading) -> list[OfferAnswer]:
    """The newest offers on badges, the dearest first."""
    return [_offer(bid) for bid in _stand(host, session, here).bids]


@router.get("/market/sales")
def sales(
    here: Shown,
    host: CurrentHost,
    session: Reading,
    token_id: Annotated[int | None, Query(ge=1, lt=MOST_TOKEN)] = None,
    kind: Kind = "badge",
    before: Annotated[str | None, Query(pattern=r"^[0-9]{1,15}-[0-9]{1,9}$")] = None,
) -> list[SaleAnswer]:
    """What was sold, the newest first: all, or one `token_id` of a `kind`; `before` is the place of the last one of the
    page before."""
    found = sales_of(
        session,
        here.view.chain_id,
        here.contracts,
        token_id=token_id,
        membership=kind == "membership",
        before=before,
    )
    return [
        SaleAnswer(
            kind="membership" if each.is_membership else "badge",
            token_id=str(each.token_id),
            seller=each.seller,
            recipient=each.recipient,
            currency=each.currency,
            price=str(each.price),
            price_written=currency_of(host.chain, each.currency).written(each.price),
            tx_hash=each.tx_hash,
            at=each.at,
            place=each.place,
        )
        for each in found
    ]


@router.post("/market/listings", status_code=201)
def keep_one_listing(request: Request, here: Here, body: ListingBody, host: CurrentHost, database: Opened) -> Kept:
    """A signed listing is kept and shown from now on. It costs nothing, and the Market must be ready to sell it."""
    market = _taking_in(request, host, database, here, body)
    collection = here.contracts.membership if body.membership else here.contracts.badges
    message = message_of(
        "Listing",
        **_common(body, here.contracts),
        **_promised(body.membership),
        collection=collection,
        seller=body.seller,
        tokenId=body.token_id,
        minProceeds=body.min_proceeds,
        buyer=body.buyer or NATIVE,
        transferCount=body.transfer_count,
    )
    place = database, host.chain, market
    kept = keep_listing(*place, community=here.view.address, message=message, signature=body.signature, at=here.at)
    return Kept(digest=kept)


@router.post("/market/offers", status_code=201)
def keep_one_offer(request: Request, here: Here, body: OfferBody, host: CurrentHost, database: Opened) -> Kept:
    """A signed offer is kept and shown from now on. It costs nothing; its buyer must have the money."""
    market = _taking_in(request, host, database, here, body)
    message = message_of(
        "Offer",
        **_common(body, here.contracts),
        collection=here.contracts.badges,
        buyer=body.buyer,
        tokenId=body.token_id,
        level=body.level,
        minRateBps=body.min_rate_bps,
    )
    _require_funds(host, market, body)
    kept = keep_offer(
        database,
        host.chain,
        market,
        community=here.view.address,
        message=message,
        signature=body.signature,
        token_id=body.token_id,
        at=here.at,
    )
    return Kept(digest=kept)


def _taking_in(request: Request, host: Host, database: Database, here: Place, body: Signed) -> str:
    """The market, which takes in one more signature from this network. Raises TooMany and NotReady."""
    spend(database, KEPT, who=network_of(request.client.host if request.client else None), at=clock.now())
    refuse_currency(here.contracts, body.currency)
    return market_of(host.settings)


def _common(body: Signed, contracts: Contracts) -> dict[str, object]:
    return {
        "membership": contracts.membership,
        "currency": body.currency,
        "price": body.price,
        "deadline": body.deadline,
        "minAccrued": body.min_accrued,
        "counter": body.counter,
        "salt": body.salt,
    }


def _promised(promise: Promise | None) -> dict[str, object]:
    if promise is None:
        return {}
    return {
        "tierId": promise.tier_id,
        "minExpiresAt": promise.min_expires_at,
        "minUnearned": promise.min_unearned,
        "withBadge": promise.with_badge,
    }


def _transfer_count(session: Session, host: Host, here: Place, token_id: int, kind: Kind) -> int:
    """How often the token has moved. Raises NotFound."""
    if kind == "membership":
        contract = here.contracts.membership
        return membership_by_id(session, here.view.chain_id, contract, token_id, at=here.at).transfer_count
    goods = goods_of(session, host.chain, here.view, here.contracts, [token_id], at=here.at)
    if token_id not in goods:
        raise NotFound("There is no such badge.")
    return goods[token_id].transfer_count


def _require_funds(host: Host, market: str, offer: OfferBody) -> None:
    """The buyer has the money where the Market takes it from. Raises NotReady."""
    if offer.currency == NATIVE:
        funds, refusal = _number(host, market, "Market", "fundsOf", offer.buyer), Status.FUNDS_TOO_LOW
    else:
        have = _number(host, offer.currency, "ERC20", "balanceOf", offer.buyer)
        allowed = _number(host, offer.currency, "ERC20", "allowance", offer.buyer, market)
        funds = min(have, allowed)
        refusal = Status.ALLOWANCE_TOO_LOW if allowed < have else Status.FUNDS_TOO_LOW
    refuse(Status.READY if funds >= int(offer.price) else refusal)


def _number(host: Host, to: str, contract: str, function: str, *arguments: Any) -> int:
    try:
        return int.from_bytes(host.chain.call(to, call_data(contract, function, *arguments))[:32])
    except CallFailed:
        return 0


def _approved(host: Host, collection: str, account: str, token_id: int, market: str) -> bool:
    """Whether the market may move the token already. Both collections are ERC-721."""
    one = _number(host, collection, "Badges", "getApproved", token_id) == int(market, 16)
    return one or _number(host, collection, "Badges", "isApprovedForAll", account, market) == 1


def _stand(host: Host, session: Session, here: Place, *, sort: Sort = "newest", after: str | None = None) -> Stand:
    """As everybody sees it. Raises ChainUnavailable when the market cannot be asked what still stands."""
    stand = stand_of(session, host, here, viewer=None, sort=sort, after=after)
    if stand.unchecked:
        raise ChainUnavailable("The market cannot be asked what still stands.")
    return stand


def _listing(ask: Ask) -> ListingAnswer:
    listing, record = ask.listing, ask.good.record if ask.good else None
    return ListingAnswer(
        digest=listing.digest,
        kind="membership" if ask.membership else "badge",
        seller=listing.seller,
        token_id=str(listing.token_id),
        membership=_membership(listing, ask.membership) if ask.membership else None,
        currency=listing.currency,
        price=str(listing.price),
        price_written=ask.currency.written(listing.price),
        proceeds=str(ask.proceeds),
        deadline=listing.deadline,
        accrued=str(record.badge.accrued if record else 0),
        income=str(record.badge.income if record else 0),
        message=dict(listing.message),
        signature=listing.signature,
    )


def _membership(listing: ListingView, good: MembershipGood) -> MembershipAnswer:
    return MembershipAnswer(
        tier_id=good.tier.id,
        tier=good.tier.label,
        expires_at=good.membership.expires_at,
        min_expires_at=listing.min_expires_at,
        unearned=str(good.unearned),
        least_unearned=str(good.least),
        badge=good.membership.badge,
        brings_badge=good.brings_badge,
        promised=listing.promises_badge,
    )


def _offer(bid: Bid) -> OfferAnswer:
    offer = bid.offer
    return OfferAnswer(
        digest=offer.digest,
        buyer=offer.buyer,
        token_id=str(offer.token_id),
        level=offer.level,
        currency=offer.currency,
        price=str(offer.price),
        price_written=bid.currency.written(offer.price),
        deadline=offer.deadline,
        message=dict(offer.message),
        signature=offer.signature,
    )
