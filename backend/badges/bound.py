"""Who is bound to a badge, what they pay, and what their time has earned for it and no settlement has seen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from backend.badges.queries import WHOLE, Key
from backend.badges.sums import added, sums
from indexer.tables.membership import Membership

ENDING_SECONDS = 30 * 86_400
SETTLE_SECONDS = 86_400
"""What was settled within so long is not settled again, unless it is due whole."""
SETTLED_AT_ONCE = 40
"""Memberships that one transaction settles."""


@dataclass(frozen=True)
class Bound:
    """The members that are bound to a badge. `to_come`: its share of what they paid and time has not earned or no
    settlement has seen; less when somebody cancels."""

    members: int = 0
    paying: int = 0
    ending: int = 0
    to_come: int = 0


@dataclass(frozen=True)
class Settling:
    """Memberships whose settlement would credit a badge now, and what it would get of them together."""

    token_ids: tuple[int, ...] = ()
    share: int = 0


def bound_to(session: Session, chain_id: int, badges: Iterable[Key], *, at: int) -> Mapping[Key, Bound]:
    """Who is bound to each of these badges; one question, whatever their number."""
    keys = set(badges)
    if not keys:
        return {}
    paying = and_(col(Membership.expires_at) > at, col(Membership.earned_at) > at)
    statement = (
        select(
            col(Membership.contract),
            col(Membership.badge),
            col(Membership.rate),
            func.count(),
            func.count().filter(paying),
            func.count().filter(paying, col(Membership.expires_at) <= at + ENDING_SECONDS),
            *sums(session, Membership.unearned),
        )
        .where(
            col(Membership.chain_id) == chain_id,
            col(Membership.contract).in_({contract for contract, _ in keys}),
            col(Membership.badge).in_({badge for _, badge in keys}),
        )
        .group_by(col(Membership.contract), col(Membership.badge), col(Membership.rate))
    )
    found: dict[Key, Bound] = {}
    for contract, badge, rate, members, paying_members, ending, *unearned in session.execute(statement).all():
        before = found.get((contract, badge), Bound())
        found[contract, badge] = Bound(
            before.members + members,
            before.paying + paying_members,
            before.ending + ending,
            before.to_come + added(unearned) * rate // WHOLE,
        )
    return {key: found.get(key, Bound()) for key in keys}


def settlings_for(session: Session, chain_id: int, badges: Iterable[Key], *, at: int) -> Mapping[Key, Settling]:
    """For each badge the bound members that were settled longest ago, as far as they are due, and what that brings."""
    keys = set(badges)
    place = func.row_number().over(
        partition_by=(col(Membership.contract), col(Membership.badge)),
        order_by=(col(Membership.settled_at), col(Membership.token_id)),
    )
    ranked = (
        select(Membership, place.label("place"))
        .where(
            col(Membership.chain_id) == chain_id,
            col(Membership.contract).in_({contract for contract, _ in keys}),
            col(Membership.badge).in_({badge for _, badge in keys}),
            col(Membership.settled_at) > 0,
            col(Membership.settled_at) < at,
            or_(col(Membership.unearned) > 0, and_(col(Membership.count_at) > 0, col(Membership.count_at) <= at)),
        )
        .subquery()
    )
    row_of = aliased(Membership, ranked)
    due: dict[Key, list[Membership]] = {}
    statement = select(row_of).where(ranked.c.place <= SETTLED_AT_ONCE).order_by(ranked.c.place)
    for row in session.execute(statement).scalars() if keys else ():
        if _is_due(row, at):
            due.setdefault((row.contract, row.badge), []).append(row)
    return {
        key: Settling(
            tuple(row.token_id for row in due.get(key, ())), sum(_share_due(row, at) for row in due.get(key, ()))
        )
        for key in keys
    }


def _is_due(row: Membership, at: int) -> bool:
    """As `Membership.settle` decides: something is unearned and not settled within a day, or the member now counts."""
    early = at < row.settled_at + SETTLE_SECONDS and at < row.earned_at
    return (row.unearned > 0 and not early) or 0 < row.count_at <= at


def _share_due(row: Membership, at: int) -> int:
    """The badge's part of what time has earned since the last settlement, as `EarningLib` rounds it."""
    if at >= row.earned_at:
        earned = row.unearned
    else:
        length = row.earned_at - row.settled_at
        earned = -(-row.unearned * (at - row.settled_at) // length)
    return earned * row.rate // WHOLE
