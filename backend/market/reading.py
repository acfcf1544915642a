"""From signed messages to what a page may show: those that the Market says would work now, with their goods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from sqlmodel import Session

from backend import feed
from backend.badges.queries import Contracts, badges_in
from backend.badges.reading import Good, goods_of
from backend.chain import CallFailed, Chain, ChainUnavailable
from backend.community.reading import Place
from backend.currency import Currency, currency_of
from backend.host import Host
from backend.market.messages import Message, arguments_of
from backend.market.queries import (
    PAGE,
    ListingView,
    OfferView,
    SaleView,
    Sort,
    counter_of,
    funds_of,
    listings_of,
    listings_on,
    market_of,
    offers_of,
    royalties_waiting,
    sales_of,
)
from backend.membership.queries import membership_of
from backend.membership.reading import MembershipGood, membership_goods
from backend.transactions import NATIVE, call_data

WHOLE = 10_000
BIDS_TRIED = 4
"""Badges of a viewer that are tried against an offer."""


class Status(IntEnum):
    """IMarket.Status: why a listing cannot be bought, or an offer not accepted, now."""

    READY = 0
    PRICE_ZERO = 1
    FEE_TOO_HIGH = 2
    NOT_STARTED = 3
    EXPIRED = 4
    COUNTER_RAISED = 5
    SPENT = 6
    SIGNATURE_INVALID = 7
    COLLECTION_UNKNOWN = 8
    CURRENCY_REFUSED = 9
    PROCEEDS_TOO_LOW = 10
    TOKEN_UNKNOWN = 11
    TRANSFERRED = 12
    NOT_HOLDER = 13
    NOT_APPROVED = 14
    NOT_TRANSFERABLE = 15
    ACCRUED_TOO_LOW = 16
    TIER_CHANGED = 17
    EXPIRY_TOO_EARLY = 18
    UNEARNED_TOO_LOW = 19
    BADGE_MINTED = 20
    TOKEN_NOT_MEANT = 21
    LEVEL_TOO_LOW = 22
    RATE_TOO_LOW = 23
    FUNDS_TOO_LOW = 24
    ALLOWANCE_TOO_LOW = 25

    @property
    def reason(self) -> str:
        """A stable code."""
        return self.name.lower().replace("_", "-")


MENDABLE = (Status.READY, Status.NOT_APPROVED)
"""The holder can sell, perhaps after letting the market move the token."""


@dataclass(frozen=True)
class Ask:
    """A listing that can be bought now, and what for: a `good`, or a `membership`. `proceeds`: what its seller gets."""

    listing: ListingView
    good: Good | None
    membership: MembershipGood | None
    currency: Currency
    proceeds: int

    @property
    def money(self) -> int:
        """What comes with it at least, base units, while a buyer signs: income to claim, or refundable money."""
        if self.membership is not None:
            return self.membership.least
        return self.good.record.badge.accrued if self.good and self.good.record else 0


@dataclass(frozen=True)
class Bid:
    """An offer. `for_token`: a token of the viewer that could be sold to it now; `waits`: what stands against that
    token, where the holder can mend it (`not-approved`)."""

    offer: OfferView
    currency: Currency
    proceeds: int
    for_token: int | None
    waits: str | None


@dataclass(frozen=True)
class Sale:
    sale: SaleView
    currency: Currency


@dataclass(frozen=True)
class Trader:
    """What the market holds for a viewer, and what its next signature must name. `holds`: it has a membership of the
    community, perhaps an expired one, and so cannot take another."""

    account: str
    counter: int
    funds: int
    holds: bool


@dataclass(frozen=True)
class Stand:
    """The market of a community for one viewer. `unchecked`: the chain could not be asked, so that nothing is shown."""

    market: str
    contracts: Contracts
    coin: Currency
    """What offers and listings of this community are usually in."""
    goods: Mapping[int, Good]
    asks: Sequence[Ask]
    bids: Sequence[Bid]
    sales: Sequence[Sale]
    trader: Trader | None
    royalties: Mapping[str, int]
    """Native coins that wait in the market for the community, by collection."""
    next: str | None
    unchecked: bool


def stand_of(
    session: Session,
    host: Host,
    here: Place,
    *,
    viewer: str | None,
    sort: Sort = "newest",
    after: str | None = None,
) -> Stand:
    """The market of a community for a viewer. Raises NoMarket."""
    market, chain_id = market_of(host.settings), here.view.chain_id
    contracts, at = here.contracts, here.at
    listings = listings_of(session, chain_id, market, contracts, at=at, viewer=viewer, sort=sort, after=after)
    offers = offers_of(session, chain_id, market, contracts, at=at)
    minted = badges_in(session, chain_id, contracts, viewer) if viewer else []
    tokens = {each.token_id for each in offers if each.token_id} | {each.id for each in minted}
    tokens |= {each.token_id for each in listings if not each.membership}
    goods = goods_of(session, host.chain, here.view, contracts, tokens, at=at)
    named = {each.membership for each in listings if each.membership}
    memberships = membership_goods(session, chain_id, contracts, named, at=at)
    desk = Desk(host, market, here, goods, memberships, feed.tip(session, chain_id).number)
    sales = sales_of(session, chain_id, contracts)
    return _stand(session, desk, listings, offers, sales, viewer=viewer)


def stand_on(session: Session, host: Host, here: Place, good: Good, *, viewer: str | None) -> Stand:
    """What is asked and bid for one token, and its sales. Raises NoMarket."""
    market, chain_id = market_of(host.settings), here.view.chain_id
    contracts, at = here.contracts, here.at
    listings = listings_on(session, chain_id, market, contracts, good.token_id, at=at)
    shown = [each for each in listings if each.buyer in (None, viewer) or each.seller == viewer]
    offers = offers_of(session, chain_id, market, contracts, at=at, token_id=good.token_id)
    desk = Desk(host, market, here, {good.token_id: good}, {}, feed.tip(session, chain_id).number)
    sales = sales_of(session, chain_id, contracts, token_id=good.token_id)
    return _stand(session, desk, shown, offers, sales, viewer=viewer)


def stand_of_membership(session: Session, host: Host, here: Place, good: MembershipGood) -> Stand:
    """What its holder asks for a membership, and its sales; nobody bids for one. Raises NoMarket."""
    market, chain_id, token_id = market_of(host.settings), here.view.chain_id, good.membership.token_id
    listings = listings_on(session, chain_id, market, here.contracts, token_id, at=here.at, membership=True)
    desk = Desk(host, market, here, {}, {token_id: good}, feed.tip(session, chain_id).number)
    sales = sales_of(session, chain_id, here.contracts, token_id=token_id, membership=True)
    return _stand(session, desk, listings, [], sales, viewer=good.membership.holder)


@dataclass(frozen=True)
class Desk:
    """Where listings and offers are looked at: the chain at block `seen`, and the goods that they are about."""

    host: Host
    market: str
    here: Place
    goods: Mapping[int, Good]
    memberships: Mapping[int, MembershipGood]
    seen: int

    def ask(self, listing: ListingView) -> Ask | None:
        """None when the Market would not sell it now."""
        good = None if listing.membership else self.goods.get(listing.token_id)
        membership = self.memberships.get(listing.membership)
        if good is None and membership is None:
            return None
        signed = listing.message, listing.signature
        if listing_status(self.host.chain, self.market, *signed, seen=self.seen) != Status.READY:
            return None
        currency = currency_of(self.host.chain, listing.currency)
        return Ask(listing, good, membership, currency, self._proceeds(listing))

    def bid(self, offer: OfferView, viewer: str | None) -> Bid | None:
        """None when it is about a token that is no more, or that nobody could sell to it now."""
        currency = currency_of(self.host.chain, offer.currency)
        if offer.token_id and offer.token_id not in self.goods:
            return None
        mine = [each for each in self.goods.values() if each.owner == viewer and _is_meant(offer, each)]
        for good in mine[:BIDS_TRIED]:
            status = self._status(offer, good.token_id)
            if status in MENDABLE:
                waits = None if status == Status.READY else status.reason
                return Bid(offer, currency, self._proceeds(offer), good.token_id, waits)
        if offer.token_id and not mine:
            status = self._status(offer, offer.token_id)
            if status not in MENDABLE:
                return None
        return Bid(offer, currency, self._proceeds(offer), None, None)

    def _status(self, offer: OfferView, token_id: int) -> Status:
        signed = offer.message, offer.signature
        return offer_status(self.host.chain, self.market, *signed, token_id, seen=self.seen)

    def _proceeds(self, message: ListingView | OfferView) -> int:
        fee_bps = int(message.message["feeBps"]) if message.message["feeRecipient"] != NATIVE else 0
        return proceeds_of(message.price, royalty_bps=self.here.contracts.royalty_bps, fee_bps=fee_bps)


def _stand(
    session: Session,
    desk: Desk,
    listings: Sequence[ListingView],
    offers: Sequence[OfferView],
    sales: Sequence[SaleView],
    *,
    viewer: str | None,
) -> Stand:
    chain, unchecked = desk.host.chain, False
    asks: list[Ask] = []
    bids: list[Bid] = []
    try:
        asks = [ask for ask in map(desk.ask, listings) if ask]
        bids = [bid for bid in (desk.bid(offer, viewer) for offer in offers) if bid]
    except ChainUnavailable:
        asks, bids, unchecked = [], [], True
    chain_id = desk.here.view.chain_id
    return Stand(
        market=desk.market,
        contracts=desk.here.contracts,
        coin=currency_of(chain, desk.here.view.currency),
        goods=desk.goods,
        asks=asks,
        bids=bids,
        sales=[Sale(each, currency_of(chain, each.currency)) for each in sales],
        trader=_trader(session, desk, viewer) if viewer else None,
        royalties=royalties_waiting(session, chain_id, desk.market, desk.here.contracts),
        next=listings[-1].digest if len(listings) == PAGE else None,
        unchecked=unchecked,
    )


def _trader(session: Session, desk: Desk, account: str) -> Trader:
    chain_id, view = desk.here.view.chain_id, desk.here.view
    return Trader(
        account,
        counter_of(session, chain_id, desk.market, account),
        funds_of(session, chain_id, desk.market, account),
        membership_of(session, chain_id, view.membership, account, at=desk.here.at) is not None,
    )


def _is_meant(offer: OfferView, good: Good) -> bool:
    """Whether the offer could be for this token, as far as its words go: the chain says the rest."""
    if offer.token_id:
        return offer.token_id == good.token_id
    badge = good.record.badge if good.record else None
    return badge is not None and badge.minted and badge.level >= offer.level


def listing_status(chain: Chain, market: str, message: Message, signature: str, *, seen: int | None = None) -> Status:
    """What the Market says of a listing. With `seen`, the newest block that is known, it is asked once a block."""
    arguments = (arguments_of("Listing", message), bytes.fromhex(signature[2:]))
    return _ask(chain, market, call_data("Market", "listingStatus", *arguments), seen)


def offer_status(
    chain: Chain, market: str, message: Message, signature: str, token_id: int, *, seen: int | None = None
) -> Status:
    """What the Market says of selling this token to an offer."""
    arguments = (arguments_of("Offer", message), bytes.fromhex(signature[2:]), token_id)
    return _ask(chain, market, call_data("Market", "offerStatus", *arguments), seen)


def proceeds_of(price: int, *, royalty_bps: int, fee_bps: int) -> int:
    """What the seller gets of a price, as the Market divides it."""
    return price - price * royalty_bps // WHOLE - price * fee_bps // WHOLE


def _ask(chain: Chain, market: str, data: bytes, seen: int | None) -> Status:
    return _asked(chain, market, data) if seen is None else _asked_at(chain, market, data, seen)


@lru_cache(maxsize=4096)
def _asked_at(chain: Chain, market: str, data: bytes, seen: int) -> Status:  # noqa: ARG001 - the key of the cache
    return _asked(chain, market, data)


def _asked(chain: Chain, market: str, data: bytes) -> Status:
    try:
        return Status(int.from_bytes(chain.call(market, data)[:32]))
    except CallFailed:  # a contract wallet that fails when it is asked for its signature
        return Status.SIGNATURE_INVALID
    except ValueError as error:
        raise ChainUnavailable("The chain's node answers what cannot be understood.") from error
