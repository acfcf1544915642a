"""What can be asked about replies: frozen values that never hold a gated word."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.discussion.tables import Reply

MOST = 500
"""Replies of one post that a page shows: the first ones."""


@dataclass(frozen=True)
class ReplyView:
    """A reply without its words. `item` None: public. An erased reply keeps its place, not its words."""

    id: str
    post_id: str
    seq: int
    author: str
    at: int
    edited_at: int | None
    base: str
    cid: str
    commit: bytes
    item: str | None
    gate: str | None
    erased: bool


def replies_to(session: Session, chain_id: int, community: str, post_id: str) -> list[ReplyView]:
    """The replies to a post, oldest first."""
    statement = (
        select(Reply)
        .where(
            col(Reply.chain_id) == chain_id, col(Reply.community) == community.lower(), col(Reply.post_id) == post_id
        )
        .order_by(col(Reply.seq))
        .limit(MOST)
    )
    return [
        ReplyView(
            id=row.id,
            post_id=row.post_id,
            seq=row.seq,
            author=row.author,
            at=row.at,
            edited_at=row.edited_at,
            base=row.base,
            cid=row.cid,
            commit=row.commit,
            item=row.item,
            gate=row.gate,
            erased=row.erased,
        )
        for row in session.execute(statement).scalars()
    ]


def has_replied(session: Session, chain_id: int, community: str, post_id: str, author: str) -> bool:
    """Whether the account has a reply to this post that it did not erase."""
    statement = select(col(Reply.id)).where(
        col(Reply.chain_id) == chain_id,
        col(Reply.community) == community.lower(),
        col(Reply.post_id) == post_id,
        col(Reply.author) == author,
        col(Reply.erased).is_(False),
    )
    return session.execute(statement.limit(1)).first() is not None


def reply_counts(session: Session, chain_id: int, community: str, post_ids: list[str]) -> dict[str, int]:
    """How many replies, without erased ones, each of these posts has; posts without any are left out."""
    statement = (
        select(col(Reply.post_id), func.count())
        .where(
            col(Reply.chain_id) == chain_id,
            col(Reply.community) == community.lower(),
            col(Reply.post_id).in_(post_ids),
            col(Reply.erased).is_(False),
        )
        .group_by(col(Reply.post_id))
    )
    return dict(session.execute(statement).all())
