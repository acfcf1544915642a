"""What can be asked about a store: frozen values from the mirror, and how a payment is divided.

Amounts are base units of the community's currency, times unix seconds, shares 1/10 000.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from backend.problems import NotFound
from indexer.tables.badges import BadgeLedger, BadgeRates
from indexer.tables.columns import FOR_LIFE
from indexer.tables.community import Community
from indexer.tables.membership import Earnings, Membership
from indexer.tables.store import CreatorLedger, License, Product, Purchase, StorePolicy, Tip

Kind = Literal["other", "course", "file", "ticket", "plugin"]
ProductState = Literal["on-sale", "sold-out", "delisted", "retired"]
KINDS: Sequence[Kind] = ("other", "course", "file", "ticket", "plugin")
PAGE = 20
WHOLE = 10_000
FIRST_COMMUNITY_BPS = 1_000
"""Of a store whose owner has set no policy (IStore)."""
MOST_GRACE = 7 * 86_400
MOST_AHEAD = 730 * 86_400


@dataclass(frozen=True)
class Policy:
    """Of products that are listed from now on."""

    community_bps: int
    members_may_list: bool


@dataclass(frozen=True)
class Split:
    """How a payment is divided: the three add up to it."""

    badge: int
    payee: int
    community: int


@dataclass(frozen=True)
class ProductView:
    """A product at `at`. `period_seconds` 0: licenses for good, which can be passed on."""

    chain_id: int
    contract: str
    id: int
    creator: str
    payout: str
    price: int
    cap: int
    units: int
    period_seconds: int
    retires_at: int
    version: int
    community_bps: int
    royalty_bps: int
    kind: Kind
    delisted: bool
    barred: bool
    label: str
    digest: str
    listed_at: int
    at: int

    @property
    def state(self) -> ProductState:
        """Whether somebody without a license can buy one now."""
        if self.retires_at:
            return "retired"
        if self.delisted or self.barred:
            return "delisted"
        return "sold-out" if self.left == 0 else "on-sale"

    @property
    def left(self) -> int | None:
        return max(self.cap - self.units, 0) if self.cap else None

    @property
    def grace_seconds(self) -> int:
        """After its expiry, in which a license keeps its seat and can be renewed whatever is on sale."""
        return min(self.period_seconds, MOST_GRACE)

    def most_periods(self, valid_until: int) -> int:
        """How many periods a license that is paid until then can be extended by now."""
        limit = self.at + max(self.period_seconds + 86_400, MOST_AHEAD)
        return max((limit - max(valid_until, self.at)) // self.period_seconds, 0) if self.period_seconds else 0


@dataclass(frozen=True)
class LicenseView:
    """What an account holds of a product."""

    community: str
    product: ProductView
    units: int
    valid_until: int
    released: bool

    @property
    def for_good(self) -> bool:
        return not self.product.period_seconds

    @property
    def valid(self) -> bool:
        return self.units > 0 and self.product.at < self.valid_until

    @property
    def renewable(self) -> bool:
        """Whether the next period can be bought now."""
        product = self.product
        if self.for_good or (product.retires_at and product.at >= product.retires_at):
            return False
        late = product.at >= self.valid_until + product.grace_seconds
        if late and product.state in ("retired", "delisted"):
            return False
        needs_seat = self.released
        return not (needs_seat and product.left == 0) and product.most_periods(self.valid_until) > 0


@dataclass(frozen=True)
class LedgerView:
    """What sales and tips have credited to an account, and what of it was paid out."""

    credited: int
    claimed: int

    @property
    def due(self) -> int:
        return self.credited - self.claimed


@dataclass(frozen=True)
class SaleLine:
    """A purchase or a tip, and how it was divided."""

    kind: Literal["purchase", "tip"]
    account: str
    payer: str
    quantity: int
    amount: int
    split: Split
    at: int


def split_of(amount: int, *, badge_bps: int, community_bps: int) -> Split:
    """As SplitLib: badge and payee get floors, the community what remains."""
    badge = amount * badge_bps // WHOLE
    payee = (amount - badge) * (WHOLE - community_bps) // WHOLE
    return Split(badge, payee, amount - badge - payee)


def policy_of(session: Session, chain_id: int, contract: str) -> Policy:
    row = session.get(StorePolicy, (chain_id, contract))
    return Policy(row.community_bps, row.members_may_list) if row else Policy(FIRST_COMMUNITY_BPS, True)


def products_of(
    session: Session, chain_id: int, contract: str, *, at: int, before: int | None = None, shown_to: str | None = None
) -> list[ProductView]:
    """PAGE products, the newest first, below the id `before`. What is off sale is shown to its creator only."""
    statement = select(Product).where(col(Product.chain_id) == chain_id, col(Product.contract) == contract)
    listed = and_(col(Product.delisted).is_(False), col(Product.barred).is_(False))
    statement = statement.where(or_(listed, col(Product.creator) == shown_to) if shown_to else listed)
    if before is not None:
        statement = statement.where(col(Product.product_id) < before)
    ordered = statement.order_by(col(Product.product_id).desc()).limit(PAGE)
    return [_product(row, at) for row in session.execute(ordered).scalars()]


def product_of(session: Session, chain_id: int, contract: str, product_id: int, *, at: int) -> ProductView:
    """One product, whether it is on sale or not. Raises NotFound."""
    row = session.get(Product, (chain_id, contract, product_id))
    if row is None:
        raise NotFound("There is no such product.")
    return _product(row, at)


def license_of(session: Session, community: str, product: ProductView, account: str) -> LicenseView | None:
    """What the account holds of the product; None when it never held any."""
    row = session.get(License, (product.chain_id, product.contract, product.id, account))
    return _license(row, community, product) if row else None


def licenses_of(
    session: Session, chain_id: int, account: str, *, at: int, after: tuple[str, int] | None = None
) -> list[LicenseView]:
    """PAGE licenses that a wallet holds in all communities; `after`: store and product of the last one before."""
    statement = (
        select(License, Product, col(Community.address))
        .join(
            Product,
            and_(
                col(Product.chain_id) == col(License.chain_id),
                col(Product.contract) == col(License.contract),
                col(Product.product_id) == col(License.product_id),
            ),
        )
        .join(Community, and_(col(Community.chain_id) == chain_id, col(Community.store) == col(License.contract)))
        .where(col(License.chain_id) == chain_id, col(License.account) == account, col(License.units) > 0)
        .order_by(col(License.contract), col(License.product_id))
        .limit(PAGE)
    )
    if after is not None:
        contract, number = after
        same = and_(col(License.contract) == contract, col(License.product_id) > number)
        statement = statement.where(or_(col(License.contract) > contract, same))
    return [_license(row, community, _product(product, at)) for row, product, community in session.execute(statement)]


def free_seat(session: Session, product: ProductView) -> str | None:
    """An account whose license of a sold-out product expired so long ago that its seat can be taken."""
    if not product.period_seconds or product.left != 0:
        return None
    statement = select(col(License.account)).where(
        col(License.chain_id) == product.chain_id,
        col(License.contract) == product.contract,
        col(License.product_id) == product.id,
        col(License.released).is_(False),
        col(License.valid_until) <= product.at - product.grace_seconds,
    )
    return session.execute(statement.order_by(col(License.account)).limit(1)).scalar_one_or_none()


def badge_bps_of(session: Session, chain_id: int, membership: str, account: str) -> int:
    """The part of the badge that the account's membership is bound to; 0 without one."""
    statement = select(col(Membership.badge)).where(
        col(Membership.chain_id) == chain_id, col(Membership.contract) == membership, col(Membership.holder) == account
    )
    badge = session.execute(statement).scalar_one_or_none()
    if not badge:
        return 0
    ledger = session.get(BadgeLedger, (chain_id, membership, badge))
    version, level = (ledger.version, ledger.level) if ledger and ledger.used else (None, ledger.level if ledger else 0)
    rates = select(BadgeRates).where(col(BadgeRates.chain_id) == chain_id, col(BadgeRates.contract) == membership)
    if version is not None:
        rates = rates.where(col(BadgeRates.version) == version)
    row = session.execute(rates.order_by(col(BadgeRates.version).desc()).limit(1)).scalar_one_or_none()
    return (row.bronze_bps, row.silver_bps, row.gold_bps)[level] if row else 0


def ledger_of(session: Session, chain_id: int, contract: str, account: str) -> LedgerView:
    """Nothing yet is all zeros."""
    row = session.get(CreatorLedger, (chain_id, contract, account))
    return LedgerView(row.credited, row.claimed) if row else LedgerView(0, 0)


def income_of(session: Session, chain_id: int, contract: str) -> tuple[int, int]:
    """The community's income from its store: ever earned, and withdrawn of it."""
    row = session.get(Earnings, (chain_id, contract))
    return (row.earned_total, row.withdrawn_total) if row else (0, 0)


def purchases_of(session: Session, product: ProductView) -> list[SaleLine]:
    """The newest PAGE purchases of a product."""
    statement = select(Purchase).where(
        col(Purchase.chain_id) == product.chain_id,
        col(Purchase.contract) == product.contract,
        col(Purchase.product_id) == product.id,
    )
    newest = (col(Purchase.block_number).desc(), col(Purchase.log_index).desc())
    return [
        SaleLine(
            kind="purchase",
            account=row.recipient,
            payer=row.payer,
            quantity=row.quantity,
            amount=row.amount,
            split=Split(row.badge_share, row.payee_share, row.community_share),
            at=row.at,
        )
        for row in session.execute(statement.order_by(*newest).limit(PAGE)).scalars()
    ]


def tips_to(session: Session, chain_id: int, contract: str, payee: str) -> list[SaleLine]:
    """The newest PAGE tips that an account got."""
    statement = select(Tip).where(col(Tip.chain_id) == chain_id, col(Tip.contract) == contract, col(Tip.payee) == payee)
    newest = (col(Tip.block_number).desc(), col(Tip.log_index).desc())
    return [
        SaleLine(
            kind="tip",
            account=row.payee,
            payer=row.payer,
            quantity=1,
            amount=row.amount,
            split=Split(row.badge_share, row.payee_share, row.community_share),
            at=row.at,
        )
        for row in session.execute(statement.order_by(*newest).limit(PAGE)).scalars()
    ]


def _product(row: Product, at: int) -> ProductView:
    return ProductView(
        chain_id=row.chain_id,
        contract=row.contract,
        id=row.product_id,
        creator=row.creator,
        payout=row.payout,
        price=row.price,
        cap=row.cap,
        units=row.units,
        period_seconds=row.period_seconds,
        retires_at=row.retires_at,
        version=row.version,
        community_bps=row.community_bps,
        royalty_bps=row.royalty_bps,
        kind=KINDS[row.kind],
        delisted=row.delisted,
        barred=row.barred,
        label=row.label,
        digest=row.digest,
        listed_at=row.listed_at,
        at=at,
    )


def _license(row: License, community: str, product: ProductView) -> LicenseView:
    return LicenseView(community, product, row.units, min(row.valid_until, FOR_LIFE), row.released)
