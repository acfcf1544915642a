"""What can be asked about tiers and memberships: frozen values from the mirror."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, func, or_, select, tuple_
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from backend.problems import NotFound
from indexer.tables.badges import BadgeLedger
from indexer.tables.columns import DAY, FOR_LIFE, RENEWAL_GRACE, ZERO_HASH
from indexer.tables.community import Community
from indexer.tables.membership import Ending, FormerMember, Membership, MembershipDay, Tier, Voucher
from indexer.tables.renewals import Consent, Funds

TierState = Literal["open", "invitation", "paused", "sold-out", "not-yet", "over", "retired"]
WHOLE = 10_000
PAGE = 20
"""Memberships of a wallet that a page shows."""
SEAT_GRACE = 30 * 86_400
"""Seconds after expiry from which on anybody may release the seat (TierLib.SEAT_GRACE)."""
MOST_EARLY, EARLY_PARTS = 86_400, 10
"""A keeper may renew from min(1 day, period / 10) before expiry on, until the grace is over (ECONOMY E9)."""


@dataclass(frozen=True)
class TierView:
    """A tier as somebody who wants to join or renew sees it. Amounts in base units of the community's currency."""

    id: int
    label: str
    price: int
    renewal_price: int
    notice_ends: int
    period_seconds: int
    cap: int
    seats: int
    sale_start: int
    sale_end: int
    soulbound: bool
    invitee_discount_bps: int
    """Off a first payment that is made through a badge, 1/10 000."""
    state: TierState
    """Whether somebody may join now. `invitation`: only with a voucher, or a place on the list."""
    allow_root: str = ZERO_HASH
    """Root of the list of those who may join; 0: everybody."""
    invitation_only: bool = False
    paused: bool = False
    retires_at: int = 0

    def price_through(self, badge: int, *, kept: int = 0) -> int:
        """What a period of a first payment costs: less through a badge, for who did not `keep` one. Rounded up."""
        off = self.invitee_discount_bps if badge and not kept else 0
        return -(-self.price * (WHOLE - off) // WHOLE)

    def price_for(self, expires_at: int, *, at: int) -> int:
        """What a period costs a membership with this expiry now."""
        return self.price if self.is_join(expires_at, at=at) else self.renewal_price

    def is_join(self, expires_at: int, *, at: int) -> bool:
        """Whether renewing this expiry is joining anew: the tier's price and list count."""
        return at >= expires_at + RENEWAL_GRACE

    @property
    def listed(self) -> bool:
        """Whether joining takes a place on a list."""
        return self.allow_root != ZERO_HASH

    @property
    def by_list(self) -> bool:
        """Whether who is on its list can join now, and nobody else."""
        return self.state == "invitation" and self.listed and not self.invitation_only

    @property
    def left(self) -> int | None:
        """Seats that are left; None when there is no limit."""
        return max(self.cap - self.seats, 0) if self.cap else None


@dataclass(frozen=True)
class MembershipView:
    """A membership that somebody holds. `expires_at` is exclusive."""

    community: str
    contract: str
    token_id: int
    holder: str
    tier_id: int
    expires_at: int
    joined_at: int
    expired: bool
    badge: int = 0
    """That it is bound to; 0 = none."""
    unearned: int = 0
    """Base units that were not earned when it was last settled, see `standing.unearned_at`."""
    settled_at: int = 0
    earned_at: int = 0
    """When all of `unearned` will be earned; 0 until the first payment."""
    transfer_count: int = 0
    ended: str = ""
    """Who ended it before its time: `cancel` or `burn` its holder, `revoke` the community; empty: nobody."""

    @property
    def for_life(self) -> bool:
        return self.expires_at == FOR_LIFE


@dataclass(frozen=True)
class ConsentView:
    """What a holder agreed to: renewals by keepers in this tier. `until` is inclusive."""

    tier_id: int
    max_price: int
    periods_left: int
    until: int


@dataclass(frozen=True)
class BadgeStanding:
    """A badge that can invite. `level`: 0 bronze, 1 silver, 2 gold."""

    badge: int
    owner: str
    level: int


def tiers_of(session: Session, chain_id: int, contract: str, *, at: int) -> list[TierView]:
    """The tiers of a membership contract by id."""
    statement = select(Tier).where(col(Tier.chain_id) == chain_id, col(Tier.contract) == contract)
    return [_tier(row, at) for row in session.execute(statement.order_by(col(Tier.tier_id))).scalars()]


def tiers_by_contract(
    session: Session, chain_id: int, contracts: Collection[str], *, at: int
) -> dict[str, list[TierView]]:
    """The tiers of several membership contracts, by contract and id."""
    found: dict[str, list[TierView]] = {contract: [] for contract in contracts}
    statement = select(Tier).where(col(Tier.chain_id) == chain_id, col(Tier.contract).in_(found))
    for row in session.execute(statement.order_by(col(Tier.contract), col(Tier.tier_id))).scalars():
        found[row.contract].append(_tier(row, at))
    return found


def tier_of(session: Session, chain_id: int, contract: str, tier_id: int, *, at: int) -> TierView:
    """One tier. Raises NotFound."""
    row = session.get(Tier, (chain_id, contract, tier_id))
    if row is None:
        raise NotFound("There is no such tier.")
    return _tier(row, at)


def free_seats(session: Session, chain_id: int, contract: str, tier_ids: Collection[int], *, at: int) -> dict[int, int]:
    """For each of these tiers the membership that ended first of those whose seat anybody may release now, if any."""
    if not tier_ids:
        return {}
    first = (
        select(col(Membership.token_id))
        .where(
            col(Membership.chain_id) == chain_id,
            col(Membership.contract) == contract,
            col(Membership.tier_id) == col(Tier.tier_id),
            col(Membership.expires_at) <= at - SEAT_GRACE,
            col(Membership.released).is_(False),
        )
        .order_by(col(Membership.expires_at), col(Membership.token_id))
        .limit(1)
        .correlate(Tier)
        .scalar_subquery()
    )
    statement = select(col(Tier.tier_id), first).where(
        col(Tier.chain_id) == chain_id, col(Tier.contract) == contract, col(Tier.tier_id).in_(tier_ids)
    )
    return {tier_id: token_id for tier_id, token_id in session.execute(statement) if token_id is not None}


def membership_of(session: Session, chain_id: int, contract: str, holder: str, *, at: int) -> MembershipView | None:
    """The membership that a wallet holds in one community, expired or not."""
    found = _memberships(session, chain_id, at, col(Membership.holder) == holder, col(Membership.contract) == contract)
    return found[0] if found else None


def holders_among(session: Session, chain_id: int, contract: str, accounts: Collection[str]) -> set[str]:
    """Those of these wallets that hold a membership of the contract, expired or not."""
    statement = select(col(Membership.holder)).where(
        col(Membership.chain_id) == chain_id,
        col(Membership.contract) == contract,
        col(Membership.holder).in_(accounts),
    )
    return set(session.execute(statement).scalars())


def membership_by_id(session: Session, chain_id: int, contract: str, token_id: int, *, at: int) -> MembershipView:
    """One membership. Raises NotFound."""
    key = (col(Membership.token_id) == token_id, col(Membership.contract) == contract)
    found = _memberships(session, chain_id, at, *key)
    if not found:
        raise NotFound("There is no such membership.")
    return found[0]


def memberships_by_id(
    session: Session, chain_id: int, contract: str, token_ids: Collection[int], *, at: int
) -> dict[int, MembershipView]:
    """Those of these memberships that there are, PAGE at most, by id."""
    key = (col(Membership.token_id).in_(token_ids), col(Membership.contract) == contract)
    return {each.token_id: each for each in _memberships(session, chain_id, at, *key)} if token_ids else {}


def memberships_of(
    session: Session, chain_id: int, holder: str, *, at: int, before: tuple[int, str] | None = None
) -> list[MembershipView]:
    """Memberships that a wallet holds, the newest first, PAGE at most: those after (joined_at, contract)."""
    where = [col(Membership.holder) == holder]
    if before is not None:
        joined, contract = col(Membership.joined_at), col(Membership.contract)
        where.append(or_(joined < before[0], and_(joined == before[0], contract > before[1])))
    return _memberships(session, chain_id, at, *where, limit=PAGE)


def consents_of(session: Session, chain_id: int, held: Sequence[MembershipView]) -> dict[tuple[str, int], ConsentView]:
    """The live consents of these memberships, by contract and token."""
    statement = select(Consent).where(
        col(Consent.chain_id) == chain_id,
        tuple_(col(Consent.contract), col(Consent.token_id)).in_([(each.contract, each.token_id) for each in held]),
    )
    return {
        (row.contract, row.token_id): ConsentView(row.tier_id, row.max_price, row.periods_left, row.until)
        for row in session.execute(statement).scalars()
    }


def funds_of(session: Session, chain_id: int, contracts: Collection[str], account: str) -> dict[str, int]:
    """What membership contracts hold for an account (base units), where it is anything."""
    statement = select(Funds).where(
        col(Funds.chain_id) == chain_id, col(Funds.account) == account, col(Funds.contract).in_(contracts)
    )
    return {row.contract: row.amount for row in session.execute(statement).scalars()}


def badge_standing(session: Session, chain_id: int, contract: str, badge: int) -> BadgeStanding | None:
    """Whose badge it is and its level; None for one that cannot invite: its membership was never paid."""
    ledger = session.get(BadgeLedger, (chain_id, contract, badge))
    if ledger is not None:
        return BadgeStanding(badge, ledger.owner, ledger.level)
    row = session.get(Membership, (chain_id, contract, badge))
    return BadgeStanding(badge, row.holder, 0) if row is not None and row.earned_at else None


def uses_of(session: Session, chain_id: int, contract: str, digest: str) -> int:
    """How many uses of a voucher are gone; 2**32 - 1 when it was withdrawn."""
    row = session.get(Voucher, (chain_id, contract, digest))
    return row.used if row else 0


def kept_badge(session: Session, chain_id: int, contract: str, account: str) -> int:
    """The badge that the wallet is bound to again when it joins: from a membership that it burned. 0 = none."""
    row = session.get(FormerMember, (chain_id, contract, account))
    return row.badge if row else 0


def had_members(session: Session, chain_id: int, contract: str, *, besides: str) -> bool:
    """Whether somebody else than `besides` ever held a membership here."""
    statement = select(col(Membership.token_id)).where(
        col(Membership.chain_id) == chain_id, col(Membership.contract) == contract, col(Membership.holder) != besides
    )
    return session.execute(statement.limit(1)).first() is not None


def member_count(chain_id: int, contract: Mapped[str], *, at: int) -> ColumnElement[int]:
    """How many memberships of the contract, a column of an outer query, have not expired: by the sums of its days, and
    by those whose time ends later today."""
    net, later = _counts(chain_id, contract, at)
    return cast(net.correlate(Community).scalar_subquery(), BigInteger) + later.correlate(Community).scalar_subquery()


def members_by_tier(session: Session, chain_id: int, contract: str, *, at: int) -> dict[int, int]:
    """How many memberships of each tier have not expired."""
    net, later = _counts(chain_id, contract, at)
    found: Counter[int] = Counter()
    for counted, tier in ((net, col(MembershipDay.tier_id)), (later, col(Membership.tier_id))):
        for count, tier_id in session.execute(counted.add_columns(tier).group_by(tier)):
            found[tier_id] += int(count)
    return dict(+found)


def _counts(chain_id: int, contract: Any, at: int) -> tuple[Select[int], Select[int]]:
    """Memberships that began less those whose time is over today, and those of the latter that are valid still."""
    day, today = MembershipDay, at // DAY
    net = select(func.coalesce(func.sum(col(day.started) - col(day.ended)), 0)).where(
        col(day.chain_id) == chain_id, col(day.contract) == contract, col(day.day) <= today
    )
    later = (
        select(func.count())
        .select_from(Membership)
        .where(
            col(Membership.chain_id) == chain_id,
            col(Membership.contract) == contract,
            col(Membership.expires_at) > at,
            col(Membership.expires_at) < (today + 1) * DAY,
        )
    )
    return net, later


def earned_of(unearned: int, settled_at: int, earned_at: int, *, at: int) -> int:
    """What a settlement at `at` would take of `unearned`: EarningLib's formula, rounded up."""
    if at >= earned_at:
        return unearned
    passed, whole = at - settled_at, earned_at - settled_at
    return min(unearned, -(-unearned * passed // whole)) if passed > 0 else 0


def _memberships(
    session: Session, chain_id: int, at: int, *where: ColumnElement[bool], limit: int = PAGE
) -> list[MembershipView]:
    statement = (
        select(Membership, col(Community.address))
        .join(
            Community, (col(Community.chain_id) == chain_id) & (col(Community.membership) == col(Membership.contract))
        )
        .where(col(Membership.chain_id) == chain_id, *where)
        .order_by(col(Membership.joined_at).desc(), col(Membership.contract))
        .limit(limit)
    )
    rows = session.execute(statement).all()
    ended = _endings(session, chain_id, [row for row, _ in rows if row.expires_at <= at])
    return [
        MembershipView(
            community=community,
            contract=row.contract,
            token_id=row.token_id,
            holder=row.holder,
            tier_id=row.tier_id,
            expires_at=row.expires_at,
            joined_at=row.joined_at,
            expired=row.expires_at <= at,
            badge=row.badge,
            unearned=row.unearned,
            settled_at=row.settled_at,
            earned_at=row.earned_at,
            transfer_count=row.transfer_count,
            ended=ended.get((row.contract, row.token_id, row.expires_at), ""),
        )
        for row, community in rows
    ]


def _endings(session: Session, chain_id: int, rows: Sequence[Membership]) -> dict[tuple[str, int, int], str]:
    """By what memberships were ended, by contract, token and second."""
    if not rows:
        return {}
    statement = select(Ending).where(
        col(Ending.chain_id) == chain_id,
        tuple_(col(Ending.contract), col(Ending.token_id)).in_([(row.contract, row.token_id) for row in rows]),
    )
    return {(row.contract, row.token_id, row.at): row.kind for row in session.execute(statement).scalars()}


def _tier(row: Tier, at: int) -> TierView:
    return TierView(
        id=row.tier_id,
        label=row.label,
        price=row.price,
        renewal_price=row.renewal_price if at < row.notice_ends else row.price,
        notice_ends=row.notice_ends,
        period_seconds=row.period_seconds,
        cap=row.cap,
        seats=row.seats,
        sale_start=row.sale_start,
        sale_end=row.sale_end,
        soulbound=row.soulbound,
        invitee_discount_bps=row.invitee_discount_bps,
        allow_root=row.allow_root,
        invitation_only=row.invitation_only,
        paused=row.paused,
        retires_at=row.retires_at,
        state=_state(row, at),
    )


def _state(row: Tier, at: int) -> TierState:
    if row.retires_at:  # joins end at once, renewals on that day
        return "retired"
    if row.paused:
        return "paused"
    if row.sale_start > at:
        return "not-yet"
    if row.sale_end and row.sale_end <= at:
        return "over"
    if row.cap and row.seats >= row.cap:
        return "sold-out"
    return "invitation" if row.invitation_only or row.allow_root != ZERO_HASH else "open"
