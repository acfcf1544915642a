"""An account's notices and choices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.identity.people import people
from backend.notices.tables import KINDS, Notice, NoticeChoice
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Community

PAGE = 30


@dataclass(frozen=True)
class NoticeView:
    id: int
    kind: str
    community: str
    community_name: str
    currency: str | None
    params: Mapping[str, Any]
    path: str
    at: int
    unread: bool


@dataclass(frozen=True)
class Choices:
    """`on`: the kinds that are told. `address` is for mail, which comes once it is `confirmed`."""

    on: Sequence[str]
    address: str
    confirmed: bool


def notices_of(session: Session, chain_id: int, account: str, *, before: int | None = None) -> list[NoticeView]:
    """The newest notices, or those older than `before` (an id)."""
    same = (col(Community.chain_id) == chain_id) & (col(Community.address) == col(Notice.community))
    statement = (
        select(Notice, col(Community.name), col(Community.currency))
        .join(Community, same)
        .where(col(Notice.chain_id) == chain_id, col(Notice.account) == account)
    )
    if before is not None:
        statement = statement.where(col(Notice.id) < before)
    found = session.execute(statement.order_by(col(Notice.id).desc()).limit(PAGE)).all()
    return [
        NoticeView(
            id=row.id or 0,
            kind=row.kind,
            community=row.community,
            community_name=name,
            currency=None if currency == ZERO_ADDRESS else currency,
            params=row.params,
            path=row.path,
            at=row.at,
            unread=row.read_at is None,
        )
        for row, name, currency in found
    ]


def unread_count(session: Session, chain_id: int, account: str) -> int:
    statement = (
        select(func.count())
        .select_from(Notice)
        .where(col(Notice.chain_id) == chain_id, col(Notice.account) == account, col(Notice.read_at).is_(None))
    )
    return int(session.execute(statement).scalar_one())


def choices_of(session: Session, account: str) -> Choices:
    row = session.get(NoticeChoice, account)
    if row is None:
        return Choices(KINDS, "", confirmed=False)
    on = tuple(kind for kind in KINDS if kind not in row.off)
    return Choices(on, row.address, confirmed=row.confirmed_at is not None)


def author_of(session: Session, chain_id: int, community: str, params: Mapping[str, Any]) -> str:
    """The name there of the account that did it; empty where none is known."""
    author = str(params.get("author", ""))
    known = people(session, chain_id, [author], community=community) if author else {}
    return known[author].name if author in known else ""
