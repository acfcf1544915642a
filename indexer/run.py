"""The loop: each step applies one block range in one transaction, or takes blocks back, or confirms the head."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import itemgetter

from sqlalchemy import Connection

from indexer.apply import apply_logs, learn, read_among
from indexer.checkpoint import Place, confirm_place, forget_undo, load_place, save_place
from indexer.database import analyze
from indexer.decoder import Decoder
from indexer.deployments import Deployment
from indexer.errors import FatalError, RetryableError
from indexer.events import Header
from indexer.journal import append_changes, keep_blocks, keep_logs
from indexer.outside import Moves, Outside
from indexer.projections.rows import Rows
from indexer.registry import Registry, load_registry
from indexer.reorg import applied_hashes, common_ancestor, undo_above
from indexer.source import Fetched, Head, RangeTooLarge, Source, Span

HEAD_SPAN = 100  # blocks per range above the final block, whose headers are all kept
ANALYSE_FROM = 1_000  # logs since the start, and twice as many each time
CONFIRM_SECONDS = 0.5  # between two confirmations of a head that does not move


@dataclass(slots=True)
class Counts:
    """What happened since the start; shown as progress and metrics."""

    logs: int = 0
    reorgs: int = 0
    ranges: int = 0


class Indexer:
    """Mirrors one chain through `connection`, its only writer. `clock()` is wall clock in unix seconds."""

    def __init__(
        self,
        connection: Connection,
        source: Source,
        *,
        deployment: Deployment,
        decoder: Decoder,
        clock: Callable[[], float],
    ) -> None:
        self._connection = connection
        self._source = source
        self._deployment = deployment
        self._decoder = decoder
        self._clock = clock
        self._span = Span()
        self._registry = Registry()
        self._outside = Outside(connection, source.rpc, chain_id=deployment.chain_id, clock=clock)
        self._contradictions = 0
        self._analyse_at = ANALYSE_FROM
        self.place: Place | None = None
        self.counts = Counts()
        self._load()

    @property
    def chain_id(self) -> int:
        return self._deployment.chain_id

    def _load(self) -> None:
        with self._connection.begin():
            self.place = load_place(self._connection, self.chain_id)
            self._registry = load_registry(self._connection, self._deployment)
            self._outside.load()

    def step(self, *, until: int | None = None) -> bool:
        """One transaction at most brings the tables nearer to the node's head (or to block `until`).

        Returns whether there is nothing more to do now. Raises RetryableError or FatalError with nothing half done.
        """
        asked_at = self._clock()
        head = self._source.head()
        goal = head.header.number if until is None else min(until, head.header.number)
        try:
            if until is None and self.place is not None and head.header.number - self.place.number <= HEAD_SPAN:
                self._outside.ask(self.place)
            if goal > self._applied:
                return self._advance(head, goal, asked_at)
            if until is not None:
                return True
            return self._stand(head, asked_at)
        except RetryableError:
            self._load()  # the registry forgets what the failed range had told it
            raise

    @property
    def _applied(self) -> int:
        return self._deployment.first_block - 1 if self.place is None else self.place.number

    def _final(self, head: Head) -> int:
        """Highest final block: what was final once stays so, whatever a lagging node says."""
        return head.final_number if self.place is None else max(self.place.final_number, head.final_number)

    def _stand(self, head: Head, asked_at: float) -> bool:
        """The node has nothing new: its head is ours, or it lags, or the chain was replaced."""
        place = self.place
        if place is None:
            return True
        if head.header.hash == place.hash:
            self._confirm(place, head, asked_at)
            return True
        with self._connection.begin():
            known = applied_hashes(self._connection, self.chain_id, place).get(head.header.number)
        if known == head.header.hash:
            self._source.rpc.set_aside()  # it lags: ask another one; the head stays unconfirmed meanwhile
            return True
        if head.header.number < place.final_number:
            self._source.rpc.set_aside()
            raise RetryableError(
                f"The node is at block {head.header.number}, but block {place.final_number} was final already: it "
                "lags far behind, or its chain was started anew (then delete the mirror and index again)."
            )
        return self._take_back(place)

    def _confirm(self, place: Place, head: Head, asked_at: float) -> None:
        self._contradictions = 0
        if 0 <= asked_at - place.confirmed_at < CONFIRM_SECONDS:  # below 0 the clock was set back
            return
        final = self._final(head)
        confirmed = replace(place, final_number=final, head_number=head.header.number, confirmed_at=asked_at)
        with self._connection.begin():
            if final > place.final_number:
                forget_undo(self._connection, self.chain_id, since=place.final_number, final_number=final)
            confirm_place(self._connection, self.chain_id, confirmed)
        self.place = confirmed

    def _advance(self, head: Head, goal: int, asked_at: float) -> bool:
        first, final = self._applied + 1, self._final(head)
        bulk = first <= final
        span = self._span.blocks if bulk else min(self._span.blocks, HEAD_SPAN)
        last = min(first + span - 1, goal, final if bulk else goal)
        try:
            fetched = self._source.fetch(first, last, self._registry.addresses, all_headers=not bulk)
            if self.place is not None and fetched.headers[first].parent_hash != self.place.hash:
                return self._take_back(self.place)
            self._fetch_children(fetched, first, last, all_headers=not bulk)
            fetched.logs = read_among(fetched.logs, decoder=self._decoder, registry=self._registry)
            moves = self._outside.fetch(fetched, first, last)
        except RangeTooLarge:
            self._span.shrink()
            return False
        newest = fetched.headers[last]
        confirmed = newest.hash == head.header.hash
        confirmed_at = asked_at if confirmed else 0.0 if self.place is None else self.place.confirmed_at
        place = Place(newest.number, newest.hash, newest.timestamp, final, head.header.number, confirmed_at)
        self._apply(fetched, moves, place, every_block=not bulk, at_head=confirmed or not bulk)
        self._span.learn(len(fetched.logs))
        return confirmed or last == goal

    def _fetch_children(self, fetched: Fetched, first: int, last: int, *, all_headers: bool) -> None:
        """The range also has the logs of contracts that it made itself."""
        new = learn(fetched.logs, decoder=self._decoder, registry=self._registry)
        if not new:
            return
        more = self._source.fetch(first, last, new, all_headers=all_headers)
        if more.headers[last].hash != fetched.headers[last].hash:
            raise RetryableError(f"The chain changed at block {last} while it was read.")
        fetched.merge(more)

    def _apply(self, fetched: Fetched, moves: Moves, place: Place, *, every_block: bool, at_head: bool) -> None:
        connection, chain_id = self._connection, self.chain_id
        with connection.begin():
            keep_blocks(connection, chain_id, _blocks(fetched, place.number, every=every_block))
            keep_logs(connection, chain_id, fetched.logs)
            rows = Rows(connection, chain_id)
            apply_logs(
                rows,
                fetched.logs,
                times=fetched.times,
                decoder=self._decoder,
                registry=self._registry,
                final_number=place.final_number,
            )
            rows.flush()
            changes = [(number, kind, ids, False) for number, kind, ids in rows.changes]
            told = self._outside.apply(moves, place.number)
            changes = sorted([*changes, *told], key=itemgetter(0)) if told else changes
            if at_head:
                changes.append((place.number, "block", "{}", False))
            append_changes(connection, chain_id, changes)
            if self.place is not None and (not every_block or place.final_number > self.place.final_number):
                since = min(self.place.number, self.place.final_number)
                forget_undo(connection, chain_id, since=since, final_number=min(place.final_number, place.number))
            save_place(connection, chain_id, place)
        self.place = place
        self._contradictions = 0
        self.counts.ranges += 1
        self.counts.logs += len(fetched.logs)
        if self.counts.logs >= self._analyse_at:
            analyze(self._connection)
            self._analyse_at = 2 * self.counts.logs

    def _take_back(self, place: Place) -> bool:
        with self._connection.begin():
            hashes = applied_hashes(self._connection, self.chain_id, place)
        try:
            ancestor = common_ancestor(hashes, place, self._source.headers)
        except FatalError as error:
            raise self._contradicted(error) from error
        if ancestor == place.number:
            self._source.rpc.set_aside()
            raise RetryableError(f"The node contradicts itself about block {ancestor}.")
        with self._connection.begin():
            undo_above(self._connection, self.chain_id, ancestor, place=place)
        self.counts.reorgs += 1
        self._load()
        return False

    def _contradicted(self, error: FatalError) -> FatalError | RetryableError:
        """What to raise when a node denies a final block: the error itself once every endpoint did in a row."""
        self._contradictions += 1
        if self._contradictions >= self._source.rpc.endpoint_count:
            return error
        self._source.rpc.set_aside()
        return RetryableError(str(error))


def _blocks(fetched: Fetched, last: int, *, every: bool) -> list[Header]:
    """The blocks to keep: all of them near the head, else those with logs and the last one."""
    if every:
        return list(fetched.headers.values())
    with_logs = {log.block_number: log.block_hash for log in fetched.logs}
    blocks = [
        fetched.headers.get(number) or Header(number, hash_, "", fetched.times[number], 0)
        for number, hash_ in with_logs.items()
    ]
    return blocks if last in with_logs else [*blocks, fetched.headers[last]]
