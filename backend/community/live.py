"""What changed, as server-sent events: a topic and an id, never content; pages fetch again through their gates.

One listener per process polls the feed and the logs that somebody watches, every POLL_SECONDS, and hands each watcher
its events by a bounded queue; who cannot keep up is disconnected and comes back with `Last-Event-ID`.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi.concurrency import run_in_threadpool
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from backend.db import Database
from backend.feed import changes_after, newest_change
from backend.log.tables import LogHead, LogRecord

POLL_SECONDS = 0.1
QUEUE = 256
REPLAY = 1000
KEEPALIVE_SECONDS = 15
WATCHERS = 2000
"""Of one process: who comes later sees pages that do not change by themselves."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """`id` is `<source>:<seq>`, source being `chain` or `log`."""

    id: str
    topic: str
    subject: str

    def encode(self) -> str:
        """The event in the format of the HTML standard §9.2."""
        return f"id: {self.id}\nevent: {self.topic}\ndata: {json.dumps({'topic': self.topic, 'id': self.subject})}\n\n"


@dataclass(eq=False)
class Watcher:
    """Somebody who looks at one community. `chain` and `log` are the newest numbers that it was told."""

    community: str
    chain: int
    log: int
    queue: asyncio.Queue[Event] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    lost: bool = False


class Listener:
    """Tells watchers of one process what changes on one chain."""

    def __init__(self, database: Database, chain_id: int) -> None:
        self._database, self._chain_id = database, chain_id
        self._watchers: set[Watcher] = set()
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Polls while the block runs."""
        self._task = asyncio.create_task(self._poll())
        try:
            yield
        finally:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def full(self) -> bool:
        """Whether nobody more can watch."""
        return len(self._watchers) >= WATCHERS

    async def watch(self, community: str, last_event_id: str | None) -> AsyncIterator[str]:
        """The community's events from now on, or from the last one that a reader saw; comments keep it alive."""
        watcher = Watcher(community, *await run_in_threadpool(self._start, community, last_event_id))
        self._watchers.add(watcher)
        try:
            yield "retry: 1000\n\n"
            while not watcher.lost:
                try:
                    yield (await asyncio.wait_for(watcher.queue.get(), KEEPALIVE_SECONDS)).encode()
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self._watchers.discard(watcher)

    def _start(self, community: str, last_event_id: str | None) -> tuple[int, int]:
        source, _, number = (last_event_id or "").partition(":")
        with self._database.reading() as session:
            chain, log = newest_change(session, self._chain_id), _newest_record(session, self._chain_id, community)
        if source == "chain" and number.isdecimal():
            chain = max(min(int(number), chain), chain - REPLAY)
        if source == "log" and number.isdecimal():
            log = max(min(int(number), log), log - REPLAY)
        return chain, log

    async def _poll(self) -> None:
        while True:
            watchers = list(self._watchers)
            if watchers:
                try:
                    news = await run_in_threadpool(self._news, watchers)
                except SQLAlchemyError:
                    logger.exception("the feed could not be read; watchers are told later")
                    news = []
                for watcher, event in news:
                    _tell(watcher, event)
            await asyncio.sleep(POLL_SECONDS)

    def _news(self, watchers: list[Watcher]) -> list[tuple[Watcher, Event]]:
        with self._database.reading() as session:
            return [
                *self._chain_news(session, watchers),
                *self._log_news(session, watchers),
            ]

    def _chain_news(self, session: Session, watchers: list[Watcher]) -> list[tuple[Watcher, Event]]:
        news = []
        oldest = min(watcher.chain for watcher in watchers)
        for change in changes_after(session, self._chain_id, oldest, limit=REPLAY):
            for watcher in watchers:
                if change.seq <= watcher.chain:
                    continue
                watcher.chain = change.seq
                if change.ids.get("community") == watcher.community:
                    subject = str(change.ids.get("token_id") or change.ids.get("tier_id") or "")
                    news.append((watcher, Event(f"chain:{change.seq}", change.kind, subject)))
        return news

    def _log_news(self, session: Session, watchers: list[Watcher]) -> list[tuple[Watcher, Event]]:
        """One question says which logs grew, however many are watched; then one for each of those."""
        news = []
        heads = select(col(LogHead.community), col(LogHead.seq)).where(
            col(LogHead.chain_id) == self._chain_id,
            col(LogHead.community).in_({watcher.community for watcher in watchers}),
        )
        for community, newest in session.execute(heads).all():
            here = [watcher for watcher in watchers if watcher.community == community and watcher.log < newest]
            if not here:
                continue
            for row in self._records(session, community, after=min(watcher.log for watcher in here)):
                for watcher in here:
                    if row.seq > watcher.log:
                        watcher.log = row.seq
                        news.append((watcher, Event(f"log:{row.seq}", row.kind.partition(".")[0], row.act_id)))
        return news

    def _records(self, session: Session, community: str, *, after: int) -> Sequence[LogRecord]:
        statement = select(LogRecord).where(
            col(LogRecord.chain_id) == self._chain_id,
            col(LogRecord.community) == community,
            col(LogRecord.seq) > after,
        )
        return session.execute(statement.order_by(col(LogRecord.seq)).limit(REPLAY)).scalars().all()


def _tell(watcher: Watcher, event: Event) -> None:
    try:
        watcher.queue.put_nowait(event)
    except asyncio.QueueFull:
        watcher.lost = True


def _newest_record(session: Session, chain_id: int, community: str) -> int:
    statement = select(func.max(col(LogRecord.seq))).where(
        col(LogRecord.chain_id) == chain_id, col(LogRecord.community) == community
    )
    return session.execute(statement).scalar_one_or_none() or 0
