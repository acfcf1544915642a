"""The indexer's feed as the backend reads it: how far the mirror is, and what changed, in order.

A consumer's cursor advances in the same transaction as the jobs and rows that its changes cause.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import BigInteger, select
from sqlmodel import Field, Session, col

from backend import clock
from backend.db import AppTable, insert_into
from backend.problems import Unavailable
from indexer.tables.chain import Block, Change, Checkpoint

STALE_SECONDS = 60
"""An indexed head that no node confirmed for so long is not trusted to open a gate."""


class FeedCursor(AppTable, table=True):
    """How far a consumer has read the feed of a chain."""

    __tablename__ = "feed_cursors"

    consumer: str = Field(primary_key=True)
    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    seq: int = Field(default=0, sa_type=BigInteger)


class MirrorStale(Unavailable):
    """No node has confirmed the indexed head for STALE_SECONDS: nobody can say who holds what now."""

    slug = "mirror-stale"
    title = "The chain cannot be read right now"


@dataclass(frozen=True)
class Tip:
    """The newest indexed block (-1: none yet), and the node's newest when it was last asked.

    `final_number` is the newest block that no reorg can undo (-1: none yet); `confirmed_at` is when a node last said
    that this block is its newest (unix seconds; 0: not yet).
    """

    chain_id: int
    number: int = -1
    hash: str = ""
    timestamp: int = 0
    final_number: int = -1
    head_number: int = 0
    confirmed_at: float = 0.0

    @property
    def status(self) -> Literal["fresh", "reading", "away"]:
        """`fresh`: gates are decided. Else blocks are still being read, or no node confirms what was read."""
        silence = clock.now() - self.confirmed_at
        if abs(silence) <= STALE_SECONDS:  # a confirmation from the future: the clock was set back, and proves nothing
            return "fresh"
        return "reading" if self.number < self.head_number else "away"


Consumer = Callable[[Session, Sequence[Change]], None]


def newest(session: Session, chain_id: int) -> Tip:
    """How far the mirror is, be it nowhere."""
    row = session.execute(select(Checkpoint).where(col(Checkpoint.chain_id) == chain_id)).scalar_one_or_none()
    if row is None:
        return Tip(chain_id)
    return Tip(chain_id, row.number, row.hash, row.timestamp, row.final_number, row.head_number, row.confirmed_at)


def tip(session: Session, chain_id: int) -> Tip:
    """The newest indexed block, however old. Raises MirrorStale when nothing was indexed yet."""
    found = newest(session, chain_id)
    if found.number < 0:
        raise MirrorStale("Nothing of the chain has been indexed yet.")
    return found


def fresh_tip(session: Session, chain_id: int) -> Tip:
    """The newest indexed block, which a node confirmed within the last minute. Raises MirrorStale."""
    newest = tip(session, chain_id)
    if newest.status != "fresh":
        raise MirrorStale(
            f"No node has confirmed block {newest.number} within {STALE_SECONDS} seconds.",
            block=newest.number,
            confirmed_at=int(newest.confirmed_at),
        )
    return newest


def time_of(newest: Tip) -> int:
    """The time that decisions are made at: the wall clock or the newest block's, whichever is later."""
    return max(clock.now(), newest.timestamp)


def time_at(session: Session, chain_id: int) -> int:
    """As `time_of`, for what does not depend on holdings; the wall clock while nothing is indexed."""
    try:
        return time_of(tip(session, chain_id))
    except MirrorStale:
        return clock.now()


def block_hash(session: Session, chain_id: int, number: int) -> str | None:
    """The canonical hash of an indexed block, if it is still kept."""
    statement = select(col(Block.hash)).where(col(Block.chain_id) == chain_id, col(Block.number) == number)
    found: str | None = session.execute(statement).scalar_one_or_none()
    return found


def newest_change(session: Session, chain_id: int) -> int:
    """Sequence number of the newest change; 0 if there is none."""
    statement = (
        select(col(Change.seq)).where(col(Change.chain_id) == chain_id).order_by(col(Change.seq).desc()).limit(1)
    )
    return session.execute(statement).scalar_one_or_none() or 0


def changes_after(session: Session, chain_id: int, seq: int, *, limit: int = 1000) -> Sequence[Change]:
    """The next changes in order."""
    statement = select(Change).where(col(Change.chain_id) == chain_id, col(Change.seq) > seq)
    return session.execute(statement.order_by(col(Change.seq)).limit(limit)).scalars().all()


def has_news(session: Session, consumer: str, chain_id: int) -> bool:
    """Whether there are changes that the consumer has not seen."""
    return newest_change(session, chain_id) > _seen(session, consumer, chain_id, lock=False)


def consume(session: Session, name: str, consumer: Consumer, chain_id: int) -> int:
    """The consumer has seen the next changes, and its cursor stands behind them; returns how many it were."""
    changes = changes_after(session, chain_id, _seen(session, name, chain_id, lock=True))
    if not changes:
        return 0
    consumer(session, changes)
    moved = insert_into(session, FeedCursor).values(consumer=name, chain_id=chain_id, seq=changes[-1].seq)
    session.execute(moved.on_conflict_do_update(index_elements=["consumer", "chain_id"], set_={"seq": changes[-1].seq}))
    return len(changes)


def _seen(session: Session, consumer: str, chain_id: int, *, lock: bool) -> int:
    statement = select(col(FeedCursor.seq)).where(
        col(FeedCursor.consumer) == consumer, col(FeedCursor.chain_id) == chain_id
    )
    return session.execute(statement.with_for_update() if lock else statement).scalar_one_or_none() or 0
