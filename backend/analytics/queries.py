"""Counted from the mirror: how many members there were each day, who left, what was paid and what is earned of it.

Almost all of it are sums of the days that the indexer keeps, so that it takes as long as a community has days, however
many members. Only what time has earned since the last settlement rests on each membership with unearned money. Sums of
money are made in Python, since SQLite has no integers of 256 bits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from heapq import nlargest
from typing import NamedTuple

from sqlalchemy import exists, func, or_, select
from sqlmodel import Session, col

from backend.membership.queries import earned_of
from indexer.tables.badges import BadgeLedger
from indexer.tables.columns import DAY, RENEWAL_GRACE
from indexer.tables.crowdsale import Sale
from indexer.tables.membership import Earnings, Ending, Membership, MembershipDay

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

    def __add__(self, other: "DaySums") -> "DaySums":
        return DaySums(*map(sum, zip(astuple(self), astuple(other), strict=True)))


Days = Mapping[int, DaySums]
"""By day since 1970, UTC; days on which nothing happened are left out."""


class Unearned(NamedTuple):
    """Money of a membership that is not booked. `rate`: the badge's part of it, 1/10 000."""

    token_id: int
    amount: int
    settled_at: int
    earned_at: int
    rate: int


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


def days_of(session: Session, chain_id: int, contract: str) -> Days:
    """The sums of every day on which something happened or will end, over all tiers."""
    columns = [col(getattr(MembershipDay, field.name)) for field in fields(DaySums)]
    statement = select(col(MembershipDay.day), *columns).where(
        col(MembershipDay.chain_id) == chain_id, col(MembershipDay.contract) == contract
    )
    found: dict[int, DaySums] = {}
    for day, *sums in session.execute(statement):
        found[day] = found[day] + DaySums(*sums) if day in found else DaySums(*sums)
    return found


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


def income(
    session: Session, chain_id: int, contract: str, store: str, days: Days, unearned: Iterable[Unearned], *, at: int
) -> Income:
    """All money that memberships ever brought, and where it stands at `at`."""
    booked, withdrawn = _earnings(session, chain_id, contract)
    store_booked, store_withdrawn = _earnings(session, chain_id, store)
    due = due_badges = to_come = 0
    for each in unearned:
        earned = earned_of(each.amount, each.settled_at, each.earned_at, at=at)
        share = earned * each.rate // WHOLE
        due, due_badges, to_come = due + earned - share, due_badges + share, to_come + each.amount - earned
    return Income(
        paid=sum(sums.paid for sums in days.values()),
        tips=sum(sums.tips for sums in days.values()),
        refunded=sum(sums.refunded for sums in days.values()),
        booked=booked,
        booked_badges=sum(sums.badge_shares for sums in days.values()),
        due=due,
        due_badges=due_badges,
        to_come=to_come,
        withdrawn=withdrawn,
        store_booked=store_booked,
        store_withdrawn=store_withdrawn,
    )


def settleable(unearned: Iterable[Unearned], *, at: int, most: int) -> Settleable:
    """The memberships that a settlement would not skip and that have the most to book."""
    found = []
    for each in unearned:
        if each.settled_at + DAY <= at or each.earned_at <= at:
            earned = earned_of(each.amount, each.settled_at, each.earned_at, at=at)
            found.append((earned - earned * each.rate // WHOLE, each.token_id))
    largest = nlargest(most, found)
    return Settleable([token_id for _, token_id in largest], sum(amount for amount, _ in largest))


def unearned_of(session: Session, chain_id: int, contract: str) -> list[Unearned]:
    """Every membership whose money is not all booked."""
    held = Membership
    statement = select(
        col(held.token_id), col(held.unearned), col(held.settled_at), col(held.earned_at), col(held.rate)
    ).where(col(held.chain_id) == chain_id, col(held.contract) == contract, col(held.unearned) > 0)
    return [Unearned(*row) for row in session.execute(statement)]


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
