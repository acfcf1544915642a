"""Counted from the mirror: how many members there were each day, who left, what was paid and what is earned of it.

The number of statements is the same for any community. Sums of money are made in Python, since SQLite has no integers
of 256 bits; only rows that still hold unearned money, and payments of the shown days, are read for them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlmodel import Session, col

from backend.membership.queries import RENEWAL_GRACE, earned_of
from indexer.tables.badges import BadgeLedger
from indexer.tables.crowdsale import Sale
from indexer.tables.membership import Earnings, Ending, Grant, Membership, Payment, Settlement

DAY = 86_400
WHOLE = 10_000
_DAY = literal_column(str(DAY), Integer)  # a parameter would be another one in GROUP BY, for PostgreSQL


@dataclass(frozen=True)
class Stays:
    """Of `members` at the start of 30 days, `lost` let it lapse in them and did not come back within the grace.

    The days end a grace ago, so that all of it can be known; `in_grace` have lapsed since and may still renew.
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
    """A crowdsale as its community's owner sees it; base units, unix seconds."""

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
    """Memberships whose settlement would book the most, and how much for the community."""

    token_ids: Sequence[int]
    amount: int


def _events(chain_id: int, contract: str) -> CTE:
    """Each change of a membership's expiry with the one after it and the expiry before it.

    `ended`: cancelled, revoked or burned at that moment.
    """
    parts: list[Select[Any, Any, Any, Any, Any, Any]] = []
    changes: Sequence[tuple[type[Payment | Grant | Ending], int, bool]] = (
        (Payment, Payment.expires_at, False),
        (Grant, Grant.expires_at, False),
        (Ending, Ending.at, True),
    )
    for table, expires_at, ended in changes:
        parts.append(
            select(
                col(table.token_id).label("token_id"),
                col(table.at).label("at"),
                col(table.block_number).label("block_number"),
                col(table.log_index).label("log_index"),
                col(expires_at).label("expires_at"),
                literal(int(ended), Integer).label("ended"),
            ).where(col(table.chain_id) == chain_id, col(table.contract) == contract)
        )
    every = union_all(*parts).subquery()
    order = (every.c.block_number, every.c.log_index)
    return select(
        every.c.at,
        every.c.expires_at,
        every.c.ended,
        func.lead(every.c.at).over(partition_by=every.c.token_id, order_by=order).label("next_at"),
        func.lag(every.c.expires_at).over(partition_by=every.c.token_id, order_by=order).label("was_until"),
    ).cte("events")


def members_by_day(session: Session, chain_id: int, contract: str, *, days: range, at: int) -> list[int]:
    """How many memberships were valid when each of these days (since 1970, UTC) ended; today: at `at`."""
    events = _events(chain_id, contract)
    until = case(
        (and_(events.c.next_at.is_not(None), events.c.next_at < events.c.expires_at), events.c.next_at),
        else_=events.c.expires_at,
    )
    lasting = events.c.ended == 0
    starts = select(events.c.at // _DAY, func.count()).where(lasting).group_by(events.c.at // _DAY)
    ends = select(until // _DAY, func.count()).where(lasting, until <= at).group_by(until // _DAY)
    net: Counter[int] = Counter()
    for day, count in session.execute(starts).all():
        net[int(day)] += count
    for day, count in session.execute(ends).all():
        net[int(day)] -= count
    members = sum(count for day, count in net.items() if day < days.start)
    found = []
    for day in days:
        members += net[day]
        found.append(members)
    return found


def stays(session: Session, chain_id: int, contract: str, *, days: int, at: int) -> Stays:
    """Who left in the last days whose grace is over."""
    until = at - RENEWAL_GRACE
    since = until - days * DAY
    events = _events(chain_id, contract)
    lapsed_at = case((events.c.ended == 1, events.c.at), else_=events.c.expires_at)
    ran_out = or_(events.c.next_at.is_(None), events.c.next_at > events.c.expires_at)
    lapses = or_(
        and_(events.c.ended == 1, events.c.was_until > events.c.at),
        and_(events.c.ended == 0, ran_out, events.c.expires_at > events.c.at),
    )
    gone = or_(events.c.next_at.is_(None), events.c.next_at > lapsed_at + RENEWAL_GRACE)
    valid_then = and_(
        events.c.ended == 0,
        events.c.at <= since,
        events.c.expires_at > since,
        or_(events.c.next_at.is_(None), events.c.next_at > since),
    )
    waiting = and_(lapses, lapsed_at >= until, lapsed_at <= at, events.c.next_at.is_(None), events.c.ended == 0)
    counted = select(
        _count(valid_then),
        _count(and_(lapses, gone, lapsed_at >= since, lapsed_at < until)),
        _count(waiting),
    ).select_from(events)
    members, lost, in_grace = session.execute(counted).one()
    return Stays(since, until, members or 0, lost or 0, in_grace or 0)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def joins_by_day(session: Session, chain_id: int, contract: str, *, days: range) -> list[int]:
    """How many became members on each of these days."""
    day = col(Payment.at) // _DAY
    statement = select(day, func.count()).where(
        col(Payment.chain_id) == chain_id,
        col(Payment.contract) == contract,
        col(Payment.kind) == "join",
        col(Payment.at) >= days.start * DAY,
    )
    found = {int(key): count for key, count in session.execute(statement.group_by(day)).all()}
    return [found.get(each, 0) for each in days]


def paid_by_day(session: Session, chain_id: int, contract: str, *, days: range) -> list[int]:
    """What was paid for memberships on each of these days, base units."""
    statement = select(col(Payment.at), col(Payment.amount)).where(
        col(Payment.chain_id) == chain_id,
        col(Payment.contract) == contract,
        col(Payment.at) >= days.start * DAY,
        col(Payment.amount) > 0,
    )
    sums: Counter[int] = Counter()
    for at, amount in session.execute(statement).all():
        sums[at // DAY] += amount
    return [sums[day] for day in days]


def income(session: Session, chain_id: int, contract: str, store: str, *, at: int) -> Income:
    """All money that memberships ever brought, and where it stands at `at`."""
    booked, withdrawn = _earnings(session, chain_id, contract)
    store_booked, store_withdrawn = _earnings(session, chain_id, store)
    payments = _amounts(session, select(col(Payment.amount), col(Payment.tip)), Payment, chain_id, contract)
    refunds = _amounts(session, select(col(Ending.refund), literal(0, Integer)), Ending, chain_id, contract)
    shares = _amounts(session, select(col(Settlement.badge_share), literal(0, Integer)), Settlement, chain_id, contract)
    due = due_badges = to_come = 0
    for unearned, settled_at, earned_at, rate in session.execute(_unearned(chain_id, contract)).all():
        earned = earned_of(unearned, settled_at, earned_at, at=at)
        share = earned * rate // WHOLE
        due, due_badges, to_come = due + earned - share, due_badges + share, to_come + unearned - earned
    return Income(
        paid=sum(amount for amount, _ in payments),
        tips=sum(tip for _, tip in payments),
        refunded=sum(amount for amount, _ in refunds),
        booked=booked,
        booked_badges=sum(share for share, _ in shares),
        due=due,
        due_badges=due_badges,
        to_come=to_come,
        withdrawn=withdrawn,
        store_booked=store_booked,
        store_withdrawn=store_withdrawn,
    )


def settleable(session: Session, chain_id: int, contract: str, *, at: int, most: int) -> Settleable:
    """The memberships that a settlement would not skip and that have the most to book."""
    statement = (
        _unearned(chain_id, contract)
        .add_columns(col(Membership.token_id))
        .where(or_(col(Membership.settled_at) + DAY <= at, col(Membership.earned_at) <= at))
    )
    found = []
    for unearned, settled_at, earned_at, rate, token_id in session.execute(statement).all():
        earned = earned_of(unearned, settled_at, earned_at, at=at)
        found.append((earned - earned * rate // WHOLE, token_id))
    largest = sorted(found, reverse=True)[:most]
    return Settleable([token_id for _, token_id in largest], sum(amount for amount, _ in largest))


def _unearned(chain_id: int, contract: str) -> Select[int, int, int, int]:
    return select(
        col(Membership.unearned), col(Membership.settled_at), col(Membership.earned_at), col(Membership.rate)
    ).where(col(Membership.chain_id) == chain_id, col(Membership.contract) == contract, col(Membership.unearned) > 0)


def _earnings(session: Session, chain_id: int, contract: str) -> tuple[int, int]:
    row = session.get(Earnings, (chain_id, contract))
    return (row.earned_total, row.withdrawn_total) if row else (0, 0)


def _amounts(
    session: Session,
    statement: Select[int, int],
    table: type[Payment] | type[Ending] | type[Settlement],
    chain_id: int,
    contract: str,
) -> Sequence[tuple[int, int]]:
    here = statement.where(col(table.chain_id) == chain_id, col(table.contract) == contract)
    return [(first, second) for first, second in session.execute(here).all()]


def funnel(session: Session, chain_id: int, contract: str) -> Funnel:
    """How far invitations got."""
    memberships = (col(Membership.chain_id) == chain_id, col(Membership.contract) == contract)
    can, invited, counted = session.execute(
        select(
            _count(col(Membership.earned_at) > 0),
            _count(col(Membership.badge) != 0),
            _count(and_(col(Membership.badge) != 0, col(Membership.counted))),
        ).where(*memberships)
    ).one()
    used = select(func.count()).where(
        col(BadgeLedger.chain_id) == chain_id,
        col(BadgeLedger.contract) == contract,
        or_(col(BadgeLedger.counted) > 0, col(BadgeLedger.volume) > 0, col(BadgeLedger.used)),
    )
    return Funnel(can or 0, session.execute(used).scalar_one(), invited or 0, counted or 0)


def sales_of(session: Session, chain_id: int, community: str) -> list[SaleView]:
    """The crowdsales of a community, the newest first."""
    statement = select(Sale).where(col(Sale.chain_id) == chain_id, col(Sale.community) == community)
    return [
        SaleView(
            address=row.address,
            asset=row.asset,
            name=row.token_name,
            goal=row.goal,
            cap=row.cap,
            raised=row.raised,
            released=row.released,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            finalized_at=row.finalized_at,
            stopped_at=row.stopped_at,
        )
        for row in session.execute(statement.order_by(col(Sale.made_at).desc(), col(Sale.address))).scalars()
    ]
