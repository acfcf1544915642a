"""The members of a community as its owner lists them: found by address or number, by tier and state, page by page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, and_, false, literal, select, tuple_
from sqlmodel import Session, col

from indexer.tables.columns import FOR_LIFE
from indexer.tables.membership import Membership, Tier

PAGE = 50
State = Literal["valid", "expired", "all"]


@dataclass(frozen=True)
class PersonView:
    """A membership with its holder; amounts in base units, times unix seconds."""

    token_id: int
    holder: str
    tier_id: int
    tier: str
    expires_at: int
    joined_at: int
    unearned: int
    settled_at: int
    earned_at: int
    badge: int
    expired: bool

    @property
    def for_life(self) -> bool:
        return self.expires_at == FOR_LIFE


@dataclass(frozen=True)
class Wanted:
    """Which members a list shows. `words`: a part of an address from its beginning on, or of a token's number."""

    words: str = ""
    tier_id: int | None = None
    state: State = "valid"


@dataclass(frozen=True)
class Page:
    """`after`: where the next page begins, None on the last."""

    people: Sequence[PersonView]
    after: str | None


def people_of(
    session: Session,
    chain_id: int,
    contract: str,
    wanted: Wanted,
    *,
    at: int,
    after: str | None = None,
    limit: int = PAGE,
) -> Page:
    """A page of members: valid ones by who ends next, others by who ended last, so that an index gives any page."""
    statement = (
        select(Membership, col(Tier.label))
        .join(
            Tier,
            and_(
                col(Tier.chain_id) == col(Membership.chain_id),
                col(Tier.contract) == col(Membership.contract),
                col(Tier.tier_id) == col(Membership.tier_id),
            ),
        )
        .where(col(Membership.chain_id) == chain_id, col(Membership.contract) == contract)
        .where(*_conditions(wanted, at))
    )
    soonest = wanted.state == "valid"  # who ends next; else who ended last
    place = tuple_(col(Membership.expires_at), col(Membership.token_id))
    if after is not None:
        then = tuple_(*map(literal, map(int, after.split("-"))))
        statement = statement.where(place > then if soonest else place < then)
    columns = (col(Membership.expires_at), col(Membership.token_id))
    order = columns if soonest else tuple(each.desc() for each in columns)
    rows = session.execute(statement.order_by(*order).limit(limit + 1)).all()
    people = [_person(row, label, at) for row, label in rows[:limit]]
    more = len(rows) > limit
    return Page(people, f"{people[-1].expires_at}-{people[-1].token_id}" if more else None)


def holders_among(
    session: Session, chain_id: int, contract: str, accounts: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Token and tier of each of these accounts that holds a membership, expired or not."""
    statement = select(col(Membership.holder), col(Membership.token_id), col(Membership.tier_id)).where(
        col(Membership.chain_id) == chain_id,
        col(Membership.contract) == contract,
        col(Membership.holder).in_(accounts),
    )
    return {holder: (token, tier) for holder, token, tier in session.execute(statement).all()}


def _conditions(wanted: Wanted, at: int) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.tier_id is not None:
        found.append(col(Membership.tier_id) == wanted.tier_id)
    if wanted.state == "valid":
        found.append(col(Membership.expires_at) > at)
    elif wanted.state == "expired":
        found.append(col(Membership.expires_at) <= at)
    words = wanted.words.strip().lower()
    if words:
        found.append(_matches(words))
    return found


def _matches(words: str) -> ColumnElement[bool]:
    """By the number of a membership, or the first digits of an address."""
    if re.fullmatch(r"#[0-9]{1,15}", words):
        return col(Membership.token_id) == int(words[1:])
    digits = words.removeprefix("0x")
    if not re.fullmatch(r"[0-9a-f]{1,40}", digits):
        return false()
    least, most = digits.ljust(40, "0"), digits.ljust(40, "f")
    return col(Membership.holder).between("0x" + least, "0x" + most)


def _person(row: Membership, tier: str, at: int) -> PersonView:
    return PersonView(
        token_id=row.token_id,
        holder=row.holder,
        tier_id=row.tier_id,
        tier=tier,
        expires_at=row.expires_at,
        joined_at=row.joined_at,
        unearned=row.unearned,
        settled_at=row.settled_at,
        earned_at=row.earned_at,
        badge=row.badge,
        expired=row.expires_at <= at,
    )
