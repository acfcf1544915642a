"""The market of a community: what is asked, bid and was sold, what wallets signed, and prepared transactions."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AfterValidator, BaseModel, Field
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
from backend.market.keeping import keep_listing, keep_offer, refuse, refuse_currency
from backend.market.messages import message_of, uint96
from backend.market.queries import (
    Sort,
    counter_of,
    funds_of,
    market_of,
    sales_of,
)
from backend.market.reading import Ask, Bid, Stand, Status, stand_of
from backend.problems import NotFound
from backend.transactions import (
    NATIVE,
    AddressText,
    Uint256Text,
    call_data,
)

router = APIRouter(prefix="/api/communities/{community}", tags=["market"], dependencies=[Depends(require_same_origin)])

MOST_TOKEN = 1 << 72
KEPT = Allowance("signed", most=60, seconds=3600)
"""Listings and offers of one network that a home takes in: each asks the node."""
Amount = Annotated[str, Field(pattern=r"^[0-9]{1,29}$"), AfterValidator(uint96)]
Signature = Annotated[str, Field(pattern=r"^0x([0-9a-fA-F]{2}){1,4096}$")]
TokenId = Annotated[int, Field(ge=1, lt=MOST_TOKEN)]
Seconds = Annotated[int, Field(ge=0, lt=1 << 40)]


class Signed(BaseModel):
    """What stands in a listing and in an offer. Amounts are decimal strings in base units; a `currency` of 0x0…0 is
    the native coin. All that is not named is 0 in what the wallet signs; this home takes no fee."""

    currency: AddressText
    price: Amount
    deadline: Seconds
    min_accrued: Amount = "0"
    counter: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]
    salt: Uint256Text
    signature: Signature


class ListingBody(Signed):
    """IMarket.Listing of a badge or an achievement. `buyer` None: anybody."""

    seller: AddressText
    token_id: TokenId
    min_proceeds: Amount
    buyer: AddressText | None = None
    transfer_count: int = Field(ge=0, lt=1 << 63)


class OfferBody(Signed):
    """IMarket.Offer. `token_id` 0: any referral badge of at least this level (0 bronze, 1 silver, 2 gold) and rate."""

    buyer: AddressText
    token_id: int = Field(default=0, ge=0, lt=MOST_TOKEN)
    level: int = Field(default=0, ge=0, le=2)
    min_rate_bps: int = Field(default=0, ge=0, le=10_000)


class Kept(BaseModel):
    """The EIP-712 digest names it from now on."""

    digest: str


class TermsAnswer(BaseModel):
    """What the next signature of an account must name, and how the Market divides a price."""

    market: str
    badges: str
    membership: str
    counter: str
    transfer_count: int
    approved: bool
    royalty_bps: int
    funds: str
    """Native coins that the market holds for the account."""
    allowance: str
    """Of the community's ERC-20, to the market; 0 where it is paid in the native coin."""


class ListingAnswer(BaseModel):
    digest: str
    seller: str
    token_id: str
    currency: str | None
    price: str
    price_written: str
    proceeds: str
    deadline: int
    accrued: str
    income: str
    """Verified past income of a referral badge; `0` for an achievement."""
    message: dict[str, str | bool]
    signature: str


class OfferAnswer(BaseModel):
    digest: str
    buyer: str
    token_id: str
    level: int
    currency: str | None
    price: str
    price_written: str
    deadline: int
    message: dict[str, str | bool]
    signature: str


class SaleAnswer(BaseModel):
    token_id: str
    seller: str
    recipient: str
    currency: str | None
    price: str
    price_written: str
    tx_hash: str
    at: int
    place: str


@router.get("/market/terms")
def terms(
    here: Here,
    host: CurrentHost,
    database: Opened,
    account: Annotated[AddressText, Query()],
    token_id: Annotated[int, Query(ge=0, lt=MOST_TOKEN)] = 0,
) -> TermsAnswer:
    """What to sign for. `token_id` 0: for an offer on any badge."""
    market, view, contracts = market_of(host.settings), here.view, here.contracts
    with database.reading() as session:
        goods = goods_of(session, host.chain, view, contracts, [token_id] if token_id else [], at=here.at)
        good = goods.get(token_id)
        if token_id and good is None:
            raise NotFound("There is no such badge.")
        counter = counter_of(session, view.chain_id, market, account.lower())
        funds = funds_of(session, view.chain_id, market, account.lower())
    return TermsAnswer(
        market=market,
        badges=contracts.badges,
        membership=contracts.membership,
        counter=str(counter),
        transfer_count=good.transfer_count if good else 0,
        approved=token_id > 0 and _approved(host, contracts.badges, account.lower(), token_id, market),
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
    before: Annotated[str | None, Query(pattern=r"^[0-9]{1,15}-[0-9]{1,9}$")] = None,
) -> list[SaleAnswer]:
    """What was sold, the newest first; `before` is the place of the last one of the page before."""
    return [
        SaleAnswer(
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
        for each in sales_of(session, here.view.chain_id, here.contracts, token_id=token_id, before=before)
    ]


@router.post("/market/listings", status_code=201)
def keep_one_listing(request: Request, here: Here, body: ListingBody, host: CurrentHost, database: Opened) -> Kept:
    """A signed listing is kept and shown from now on. It costs nothing, and the Market must be ready to sell it."""
    market = _taking_in(request, host, database, here, body)
    message = message_of(
        "Listing",
        **_common(body, here.contracts),
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
        "collection": contracts.badges,
        "membership": contracts.membership,
        "currency": body.currency,
        "price": body.price,
        "deadline": body.deadline,
        "minAccrued": body.min_accrued,
        "counter": body.counter,
        "salt": body.salt,
    }


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


def _approved(host: Host, badges: str, account: str, token_id: int, market: str) -> bool:
    """Whether the market may move the token already."""
    one = _number(host, badges, "Badges", "getApproved", token_id) == int(market, 16)
    return one or _number(host, badges, "Badges", "isApprovedForAll", account, market) == 1


def _stand(host: Host, session: Session, here: Place, *, sort: Sort = "newest", after: str | None = None) -> Stand:
    """As everybody sees it. Raises ChainUnavailable when the market cannot be asked what still stands."""
    stand = stand_of(session, host, here, viewer=None, sort=sort, after=after)
    if stand.unchecked:
        raise ChainUnavailable("The market cannot be asked what still stands.")
    return stand


def _listing(ask: Ask) -> ListingAnswer:
    listing, record = ask.listing, ask.good.record
    return ListingAnswer(
        digest=listing.digest,
        seller=listing.seller,
        token_id=str(listing.token_id),
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
