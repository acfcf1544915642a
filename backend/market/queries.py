"""What can be asked about the market of a community: frozen values from what this home keeps and from the mirror."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import Session, col

from backend.badges.queries import Contracts
from backend.config import Settings
from backend.market.tables import SignedListing, SignedOffer
from backend.problems import Malformed, NotFound, Unavailable
from indexer.deployments import load_deployment
from indexer.tables.badges import AchievementToken, BadgeLedger
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.market import Counter, Resale, Spent, Till
from indexer.tables.membership import Membership
from indexer.tables.renewals import Funds

PAGE = 12
SALES = 12
Sort = Literal["newest", "price"]


class NoMarket(Unavailable):
    """The deployment of this chain names no Market."""

    slug, title = "no-market", "There is no market on this chain"


@dataclass(frozen=True)
class SignedView:
    """What was signed, a listing or an offer. `currency` None: the native coin."""

    digest: str
    community: str
    token_id: int
    currency: str | None
    price: int
    deadline: int
    message: Mapping[str, Any]
    signature: str
    kept_at: int

    @property
    def min_accrued(self) -> int:
        return int(self.message["minAccrued"])


@dataclass(frozen=True)
class ListingView(SignedView):
    """A signed ask. `buyer` None: anybody may buy. `membership`: its id where it is one, else 0."""

    seller: str
    buyer: str | None
    membership: int

    @property
    def min_expires_at(self) -> int:
        """Until when a membership is paid at least, as the seller promises."""
        return int(self.message["minExpiresAt"])

    @property
    def promises_badge(self) -> bool:
        """Whether the seller promises that the badge of a membership goes with it."""
        return bool(self.message["withBadge"])


@dataclass(frozen=True)
class OfferView(SignedView):
    """A signed bid. `token_id` 0: for any referral badge of at least this level (0 bronze, 1 silver, 2 gold)."""

    buyer: str
    level: int

    @property
    def min_rate_bps(self) -> int:
        return int(self.message["minRateBps"])


@dataclass(frozen=True)
class SaleView:
    """A badge, an achievement or (`is_membership`) a membership that was sold. `place`: what a next page is behind."""

    token_id: int
    is_membership: bool
    seller: str
    recipient: str
    currency: str | None
    price: int
    royalty: int
    tx_hash: str
    at: int
    place: str


def market_of(settings: Settings) -> str:
    """The address of the chain's Market. Raises NoMarket."""
    return _market(settings.deployments, settings.chain_id)


@lru_cache
def _market(folder: Path, chain_id: int) -> str:
    if not (folder / f"{chain_id}.json").is_file():
        raise NoMarket("Listings and offers cannot be made or taken here.")
    found = load_deployment(folder, chain_id).contracts.get("Market")
    if found is None:
        raise NoMarket("Listings and offers cannot be made or taken here.")
    return found.address


def currencies_of(contracts: Contracts) -> tuple[str, str]:
    """What this home keeps and shows listings and offers in: anybody can make a token, and bid any number of it."""
    return ZERO_ADDRESS, contracts.currency


def listings_of(
    session: Session,
    chain_id: int,
    market: str,
    contracts: Contracts,
    *,
    at: int,
    viewer: str | None = None,
    sort: Sort = "newest",
    after: str | None = None,
) -> list[ListingView]:
    """PAGE listings that stand as far as the mirror knows, behind the listing named by `after`. What is for one buyer
    is shown to it and to the seller alone."""
    statement = _standing(chain_id, market, contracts, at).where(
        or_(
            col(SignedListing.buyer) == ZERO_ADDRESS,
            col(SignedListing.buyer) == viewer,
            col(SignedListing.seller) == viewer,
        )
    )
    price, kept, digest = col(SignedListing.price), col(SignedListing.kept_at), col(SignedListing.digest)
    if after is not None:
        last = session.get(SignedListing, (chain_id, after))
        if last is None:
            raise NotFound("The list has changed. Begin with its first page.")
        behind = (
            or_(price > last.price, and_(price == last.price, digest > last.digest))
            if sort == "price"
            else or_(kept < last.kept_at, and_(kept == last.kept_at, digest > last.digest))
        )
        statement = statement.where(behind)
    order = (price, digest) if sort == "price" else (kept.desc(), digest)
    return [_listing(row) for row in session.execute(statement.order_by(*order).limit(PAGE)).scalars()]


def listings_on(
    session: Session,
    chain_id: int,
    market: str,
    contracts: Contracts,
    token_id: int,
    *,
    at: int,
    membership: bool = False,
) -> list[ListingView]:
    """Listings of one token, or of a membership, that stand as far as the mirror knows, the cheapest first."""
    statement = _standing(chain_id, market, contracts, at).where(
        col(SignedListing.token_id) == token_id, col(SignedListing.membership) == (token_id if membership else 0)
    )
    rows = session.execute(statement.order_by(col(SignedListing.price), col(SignedListing.digest)).limit(PAGE))
    return [_listing(row) for row in rows.scalars()]


def listing_of(session: Session, chain_id: int, community: str, digest: str) -> ListingView:
    """One of this community. Raises NotFound."""
    row = session.get(SignedListing, (chain_id, digest.lower()))
    if row is None or row.community != community:
        raise NotFound("There is no such listing here.")
    return _listing(row)


def offer_of(session: Session, chain_id: int, community: str, digest: str) -> OfferView:
    """One of this community. Raises NotFound."""
    row = session.get(SignedOffer, (chain_id, digest.lower()))
    if row is None or row.community != community:
        raise NotFound("There is no such offer here.")
    return _offer(row)


def offers_of(
    session: Session, chain_id: int, market: str, contracts: Contracts, *, at: int, token_id: int | None = None
) -> list[OfferView]:
    """The newest PAGE offers that stand as far as the mirror knows, native ones with enough funds; the dearest first.
    With `token_id` those that are for this token or for any referral badge."""
    spent = _spent_by(chain_id, market, col(SignedOffer.buyer), col(SignedOffer.digest))
    counter = _counter_of(chain_id, market, col(SignedOffer.buyer))
    funds = and_(
        col(Funds.chain_id) == chain_id, col(Funds.contract) == market, col(Funds.account) == col(SignedOffer.buyer)
    )
    statement = (
        select(SignedOffer)
        .outerjoin(Spent, spent)
        .outerjoin(Counter, counter)
        .outerjoin(Funds, funds)
        .where(
            col(SignedOffer.chain_id) == chain_id,
            col(SignedOffer.community) == contracts.community,
            col(SignedOffer.currency).in_(currencies_of(contracts)),
            col(SignedOffer.deadline) >= at,
            col(Spent.digest).is_(None),
            or_(
                col(Counter.counter) == col(SignedOffer.counter),
                and_(col(Counter.counter).is_(None), col(SignedOffer.counter) == 0),
            ),
            or_(col(SignedOffer.currency) != ZERO_ADDRESS, col(Funds.amount) >= col(SignedOffer.price)),
        )
    )
    if token_id is not None:
        statement = statement.where(col(SignedOffer.token_id).in_((0, token_id)))
    newest = statement.order_by(col(SignedOffer.kept_at).desc(), col(SignedOffer.digest)).limit(PAGE)
    return sorted((_offer(row) for row in session.execute(newest).scalars()), key=lambda each: -each.price)


def live_count(
    session: Session, chain_id: int, table: type[SignedListing] | type[SignedOffer], signer: str, *, at: int
) -> int:
    """How many listings, or offers, of an account this home keeps whose time is not over."""
    account = col(SignedListing.seller) if table is SignedListing else col(SignedOffer.buyer)
    statement = (
        select(func.count())
        .select_from(table)
        .where(col(table.chain_id) == chain_id, account == signer, col(table.deadline) >= at)
    )
    count: int = session.execute(statement).scalar_one()
    return count


def live_count_in(
    session: Session, chain_id: int, table: type[SignedListing] | type[SignedOffer], community: str, *, at: int
) -> int:
    """The same of a community."""
    statement = (
        select(func.count())
        .select_from(table)
        .where(col(table.chain_id) == chain_id, col(table.community) == community, col(table.deadline) >= at)
    )
    count: int = session.execute(statement).scalar_one()
    return count


def counter_of(session: Session, chain_id: int, market: str, account: str) -> int:
    """What the next signatures of an account name."""
    row = session.get(Counter, (chain_id, market, account))
    return row.counter if row else 0


def funds_of(session: Session, chain_id: int, market: str, account: str) -> int:
    """Native coins that the market holds for an account, for its offers."""
    row = session.get(Funds, (chain_id, market, account))
    return row.amount if row else 0


def royalties_waiting(session: Session, chain_id: int, market: str, contracts: Contracts) -> dict[str, int]:
    """Native royalties of sales without a page, which wait to be paid out to the community, by collection."""
    rows = (
        session.get(Till, (chain_id, market, each, ZERO_ADDRESS)) for each in (contracts.badges, contracts.membership)
    )
    return {row.collection: row.royalties for row in rows if row is not None and row.royalties}


def sales_of(
    session: Session,
    chain_id: int,
    contracts: Contracts,
    *,
    token_id: int | None = None,
    membership: bool = False,
    before: str | None = None,
) -> list[SaleView]:
    """The newest SALES sales, of one token (of a `membership`) or of all, behind the place `before`."""
    block, index = col(Resale.block_number), col(Resale.log_index)
    statement = select(Resale).where(col(Resale.chain_id) == chain_id)
    if token_id is None:
        statement = statement.where(col(Resale.community) == contracts.community)
    else:
        collection = contracts.membership if membership else contracts.badges
        statement = statement.where(col(Resale.collection) == collection, col(Resale.token_id) == token_id)
    if before is not None:
        number, log_index = _place(before)
        statement = statement.where(or_(block < number, and_(block == number, index < log_index)))
    rows = session.execute(statement.order_by(block.desc(), index.desc()).limit(SALES)).scalars()
    return [_sale(row, contracts) for row in rows]


def _standing(chain_id: int, market: str, contracts: Contracts, at: int) -> Any:
    """Listings that the mirror has nothing against: not spent, of today's counter, their token not moved or expired."""
    listing = SignedListing
    badge = and_(
        col(BadgeLedger.chain_id) == chain_id,
        col(BadgeLedger.contract) == contracts.membership,
        col(BadgeLedger.badge) == col(listing.badge),
        col(BadgeLedger.minted),
    )
    token = and_(
        col(AchievementToken.chain_id) == chain_id,
        col(AchievementToken.contract) == contracts.badges,
        col(AchievementToken.token_id) == col(listing.token_id),
    )
    held = and_(
        col(Membership.chain_id) == chain_id,
        col(Membership.contract) == contracts.membership,
        col(Membership.token_id) == col(listing.membership),
    )
    return (
        select(listing)
        .outerjoin(Spent, _spent_by(chain_id, market, col(listing.seller), col(listing.digest)))
        .outerjoin(Counter, _counter_of(chain_id, market, col(listing.seller)))
        .outerjoin(BadgeLedger, badge)
        .outerjoin(AchievementToken, token)
        .outerjoin(Membership, held)
        .where(
            col(listing.chain_id) == chain_id,
            col(listing.community) == contracts.community,
            col(listing.currency).in_(currencies_of(contracts)),
            col(listing.starts_at) <= at,
            col(listing.deadline) >= at,
            col(Spent.digest).is_(None),
            or_(
                col(Counter.counter) == col(listing.counter),
                and_(col(Counter.counter).is_(None), col(listing.counter) == 0),
            ),
            or_(col(listing.membership) == 0, col(Membership.expires_at) > at),
            _of_each("owner", "holder") == col(listing.seller),
            _of_each("transfer_count", "transfer_count") == col(listing.transfer_count),
        )
    )


def _of_each(of_badge: str, of_membership: str) -> ColumnElement[Any]:
    """The column of whichever token a listing is about."""
    return func.coalesce(
        getattr(BadgeLedger, of_badge), getattr(AchievementToken, of_badge), getattr(Membership, of_membership)
    )


def _spent_by(chain_id: int, market: str, account: Any, digest: Any) -> ColumnElement[bool]:
    return and_(
        col(Spent.chain_id) == chain_id,
        col(Spent.contract) == market,
        col(Spent.account) == account,
        col(Spent.digest) == digest,
    )


def _counter_of(chain_id: int, market: str, account: Any) -> ColumnElement[bool]:
    return and_(col(Counter.chain_id) == chain_id, col(Counter.contract) == market, col(Counter.account) == account)


def _place(text: str) -> tuple[int, int]:
    number, _, index = text.partition("-")
    if not (number.isdecimal() and index.isdecimal() and len(text) < 32):
        raise Malformed("A place in the list is <block>-<log>.")
    return int(number), int(index)


def _present(address: str) -> str | None:
    return None if address == ZERO_ADDRESS else address


def _listing(row: SignedListing) -> ListingView:
    return ListingView(seller=row.seller, buyer=_present(row.buyer), membership=row.membership, **_signed(row))


def _offer(row: SignedOffer) -> OfferView:
    return OfferView(buyer=row.buyer, level=row.level, **_signed(row))


def _signed(row: SignedListing | SignedOffer) -> dict[str, Any]:
    same = {each.name: getattr(row, each.name) for each in fields(SignedView)}
    return {**same, "currency": _present(row.currency)}


def _sale(row: Resale, contracts: Contracts) -> SaleView:
    return SaleView(
        token_id=row.token_id,
        is_membership=row.collection == contracts.membership,
        seller=row.seller,
        recipient=row.recipient,
        currency=_present(row.currency),
        price=row.price,
        royalty=row.royalty,
        tx_hash=row.tx_hash,
        at=row.at,
        place=f"{row.block_number}-{row.log_index}",
    )
