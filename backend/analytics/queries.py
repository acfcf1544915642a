"""Counted from the mirror: how many members there were each day, who left, what was paid and what is earned of it.

All of it are sums of the days that the indexer keeps, so that it takes as long as a community has days, however many
members; only memberships whose money is all earned in the course of today are looked at one by one. Sums of money are
made in Python, since SQLite has no integers of 256 bits.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlmodel import Session, col

from backend.crowdsale.tables import SaleWords
from backend.membership.queries import earned_of
from backend.renewals.queries import to_settle
from indexer.tables.badges import BadgeLedger
from indexer.tables.columns import DAY, EARNING_UNIT, RENEWAL_GRACE
from indexer.tables.crowdsale import Sale
from indexer.tables.membership import EarningDay, Earnings, Ending, Membership, MembershipDay, is_unsettled

WHOLE = 10_000


@dataclass(frozen=True)
class DaySums:
    """What happened on a day; names and units as in the mirror's `MembershipDay`."""

    joined: int
    started: int
    ended: int
    returned: int
    payers: int
    invited: int
    counted: int
    paid: int
    tips: int
    refunded: int
    badge_shares: int

    @property
    def net(self) -> int:
        return self.started - self.ended


Days = Mapping[int, DaySums]
"""By day since 1970, UTC; days on which nothing happened are left out."""


@dataclass(frozen=True)
class Unbooked:
    """Paid money that no settlement has booked: due to the community and to badges, and what time has yet to earn."""

    due: int
    due_badges: int
    to_come: int


@dataclass(frozen=True)
class Stays:
    """Of `members` at the start of 30 whole days, `lost` let it lapse in them and did not come back within the grace.

    The days end a grace ago, so that all of it can be known; `in_grace` have lapsed within it and may still renew.
    """

    since: int
    until: int
    members: int
    lost: int
    in_grace: int

    @property
    def rate_bps(self) -> int:
        """The part that was lost, 1/10 000."""
        return self.lost * WHOLE // self.members if self.members else 0


@dataclass(frozen=True)
class Income:
    """Money of the memberships, base units. Booked: the contract has settled it; due: time has earned it since.

    paid = refunded + tips + booked to the community + booked to badges + unbooked (due and to come).
    """

    paid: int
    tips: int
    refunded: int
    booked: int
    booked_badges: int
    due: int
    due_badges: int
    to_come: int
    withdrawn: int
    store_booked: int
    store_withdrawn: int

    @property
    def earned(self) -> int:
        """The community's, with what no settlement has booked yet."""
        return self.booked + self.due

    @property
    def unbooked(self) -> int:
        """What the contract calls unearned until somebody settles."""
        return self.due + self.due_badges + self.to_come


@dataclass(frozen=True)
class Funnel:
    """From members who ever paid, and so can invite, to invited members that count for a badge's level."""

    can_invite: int
    have_invited: int
    invited: int
    counted: int


@dataclass(frozen=True)
class SaleView:
    """A crowdsale as its community's owner sees it; base units, unix seconds. `name`: what the owner calls it, else
    that of its token; empty for memberships without either."""

    address: str
    asset: int
    name: str
    goal: int
    cap: int
    raised: int
    released: int
    starts_at: int
    ends_at: int
    finalized_at: int
    stopped_at: int


@dataclass(frozen=True)
class Settleable:
    """Memberships to be settled next, and how much that would book for the community."""

    token_ids: Sequence[int]
    amount: int


def days_of(session: Session, chain_id: int, contract: str) -> Days:
    """The sums of every day on which something happened or will end, over all tiers."""
    columns = [col(getattr(MembershipDay, field.name)) for field in fields(DaySums)]
    statement = select(col(MembershipDay.day), *columns).where(
        col(MembershipDay.chain_id) == chain_id, col(MembershipDay.contract) == contract
    )
    tiers: dict[int, list[Sequence[int]]] = {}
    for day, *sums in session.execute(statement):
        tiers.setdefault(day, []).append(sums)
    return {day: DaySums(*map(sum, zip(*sums, strict=True))) for day, sums in tiers.items()}


def members_by_day(days: Days, shown: range, *, now: int) -> list[int]:
    """How many memberships were valid when each of these days ended; on the last of them, today, they are `now`."""
    members = sum(sums.net for day, sums in days.items() if day < shown.start)
    found = []
    for day in shown[:-1]:
        members += days[day].net if day in days else 0
        found.append(members)
    return [*found, now]


def stays(session: Session, chain_id: int, contract: str, days: Days, *, most: int, at: int) -> Stays:
    """Who left in the last days, `most` of them, whose grace is over."""
    until = (at - RENEWAL_GRACE) // DAY
    since = until - most
    return Stays(
        since=since * DAY,
        until=until * DAY,
        members=sum(sums.net for day, sums in days.items() if day < since),
        lost=sum(sums.ended - sums.returned for day, sums in days.items() if since <= day < until),
        in_grace=_in_grace(session, chain_id, contract, at=at),
    )


def _in_grace(session: Session, chain_id: int, contract: str, *, at: int) -> int:
    """Memberships that ran out within the grace, and were not ended by anybody."""
    ended = exists().where(
        col(Ending.chain_id) == chain_id,
        col(Ending.contract) == contract,
        col(Ending.token_id) == col(Membership.token_id),
        col(Ending.at) == col(Membership.expires_at),
    )
    statement = select(func.count()).where(
        col(Membership.chain_id) == chain_id,
        col(Membership.contract) == contract,
        col(Membership.expires_at) >= at - RENEWAL_GRACE,
        col(Membership.expires_at) <= at,
        ~ended,
    )
    count: int = session.execute(statement).scalar_one()
    return count


def income(session: Session, chain_id: int, contract: str, store: str, days: Days, *, at: int) -> Income:
    """All money that memberships ever brought, and where it stands at `at`."""
    booked, withdrawn = _earnings(session, chain_id, contract)
    store_booked, store_withdrawn = _earnings(session, chain_id, store)
    unbooked = unbooked_of(session, chain_id, contract, at=at)
    return Income(
        paid=sum(sums.paid for sums in days.values()),
        tips=sum(sums.tips for sums in days.values()),
        refunded=sum(sums.refunded for sums in days.values()),
        booked=booked,
        booked_badges=sum(sums.badge_shares for sums in days.values()),
        due=unbooked.due,
        due_badges=unbooked.due_badges,
        to_come=unbooked.to_come,
        withdrawn=withdrawn,
        store_booked=store_booked,
        store_withdrawn=store_withdrawn,
    )


def unbooked_of(session: Session, chain_id: int, contract: str, *, at: int) -> Unbooked:
    """What time has earned at `at` since settlements, and what it has not.

    The sum is exact. What is due of it may differ from what the contract would book by less than a base unit for each
    membership, since the contract rounds each by itself.
    """
    today = at // DAY
    here = (col(EarningDay.chain_id) == chain_id, col(EarningDay.contract) == contract)
    unearned = due = due_badges = 0
    for row in session.execute(select(EarningDay).where(*here)).scalars():
        unearned += row.unearned
        if row.day < today:
            earned = row.unearned
        elif row.day > today:
            earned = min(row.unearned, -(-(row.speed * at - row.base) // EARNING_UNIT))
        else:
            continue
        due += earned
        due_badges += earned * row.rate // WHOLE
    ends = col(Membership.earned_at)
    for earned, badge in _earned(session, chain_id, contract, ends >= today * DAY, ends < (today + 1) * DAY, at=at):
        due += earned
        due_badges += badge
    return Unbooked(due - due_badges, due_badges, unearned - due)


def _earned(
    session: Session, chain_id: int, contract: str, *which: ColumnElement[bool], at: int
) -> Iterator[tuple[int, int]]:
    """What a settlement of each of these memberships would book, and the badge's part of it."""
    held = Membership
    statement = select(col(held.unearned), col(held.settled_at), col(held.earned_at), col(held.rate)).where(
        col(held.chain_id) == chain_id, col(held.contract) == contract, is_unsettled(col(held.unearned)), *which
    )
    for unearned, settled_at, earned_at, rate in session.execute(statement):
        earned = earned_of(unearned, settled_at, earned_at, at=at)
        yield earned, earned * rate // WHOLE


def settleable(session: Session, chain_id: int, contract: str, *, at: int, most: int) -> Settleable:
    """The memberships that wait the longest for a settlement, and what it would book of them."""
    token_ids = to_settle(session, chain_id, contract, at=at, since=at - DAY, limit=most)
    booked = _earned(session, chain_id, contract, col(Membership.token_id).in_(token_ids), at=at)
    return Settleable(token_ids, sum(earned - badge for earned, badge in booked))


def _earnings(session: Session, chain_id: int, contract: str) -> tuple[int, int]:
    row = session.get(Earnings, (chain_id, contract))
    return (row.earned_total, row.withdrawn_total) if row else (0, 0)


def funnel(session: Session, chain_id: int, contract: str, days: Days) -> Funnel:
    """How far invitations got."""
    used = select(func.count()).where(
        col(BadgeLedger.chain_id) == chain_id,
        col(BadgeLedger.contract) == contract,
        or_(col(BadgeLedger.counted) > 0, col(BadgeLedger.volume) > 0, col(BadgeLedger.used)),
    )
    return Funnel(
        can_invite=sum(sums.payers for sums in days.values()),
        have_invited=session.execute(used).scalar_one(),
        invited=sum(sums.invited for sums in days.values()),
        counted=sum(sums.counted for sums in days.values()),
    )


def sales_of(session: Session, chain_id: int, community: str) -> list[SaleView]:
    """The crowdsales of a community, the newest first."""
    words = and_(
        col(SaleWords.chain_id) == chain_id,
        col(SaleWords.community) == community,
        col(SaleWords.sale) == col(Sale.address),
    )
    statement = (
        select(Sale, col(SaleWords.title))
        .outerjoin(SaleWords, words)
        .where(col(Sale.chain_id) == chain_id, col(Sale.community) == community)
    )
    return [
        SaleView(
            address=row.address,
            asset=row.asset,
            name=title or row.token_name,
            goal=row.goal,
            cap=row.cap,
            raised=row.raised,
            released=row.released,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            finalized_at=row.finalized_at,
            stopped_at=row.stopped_at,
        )
        for row, title in session.execute(statement.order_by(col(Sale.made_at).desc(), col(Sale.address)))
    ]
