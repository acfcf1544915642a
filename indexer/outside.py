"""Balances of tokens that are none of ours, where a gate needs them (B15).

Each is asked of its contract once, at the indexed block, and follows the token's transfer logs from there on. A token
that reverts, lies or talks nonsense makes its own balances unknown, and is asked again later, more and more seldom;
it never stops the indexer.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select

from indexer.checkpoint import Place
from indexer.errors import RetryableError
from indexer.events import RawLog
from indexer.journal import NewChange, append_changes
from indexer.rpc import Call, NodeError, Rpc
from indexer.source import Fetched, read_log
from indexer.tables.outside import END_OF_BLOCK, OutsideBalance
from indexer.transfers import Holder, Move, Untold, balance_told, changes_of, filters, moves_in, question
from indexer.watches import Watch, Watches

BALANCES: Table = OutsideBalance.__table__  # type: ignore[attr-defined]
ASKED_AT_ONCE = 100
LOGS_PER_TOKEN = 5_000
"""Of one range: a token that logs more is asked anew instead."""
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 1_800.0
"""Seconds until a token that did not answer sensibly is asked again."""
OVERLAP_SECONDS = 60
"""The backend's transactions end in another order than that of their times, and its clock is another one."""
AFRESH_SECONDS = 600
"""Until all watches are read again: only so are those missed that are gone."""
UINT256 = (1 << 256) - 1

Row = dict[str, Any]


@dataclass(slots=True)
class _Known:
    value: int
    asked_at: float


@dataclass(slots=True)
class _Watched:
    communities: set[str] = field(default_factory=set)
    ages: bool = False
    needed_at: int = 0


@dataclass(slots=True)
class Moves:
    """What a range of blocks says: (log, its moves or None when they make no sense) by standard and contract; and of
    which of these it says nothing that can be followed."""

    logs: dict[tuple[str, str], list[tuple[RawLog, list[Move] | None]]] = field(default_factory=dict)
    untold: set[tuple[str, str]] = field(default_factory=set)


class Outside:
    """The outside balances of one chain. Only the indexer's one writer uses it."""

    def __init__(self, connection: Connection, rpc: Rpc, *, chain_id: int, clock: Callable[[], float]) -> None:
        self._connection, self._rpc, self._chain_id, self._clock = connection, rpc, chain_id, clock
        self._watches = Watches(connection, chain_id)
        self._known: dict[Holder, _Known] = {}
        self._watched: dict[Holder, _Watched] = {}
        self._pending: dict[Holder, None] = {}
        self._read_to: int | None = None
        self._afresh_at = 0.0
        self._pauses: dict[Holder, tuple[float, float]] = {}  # seconds, and until when

    def load(self) -> None:
        """What is known is what the tables say, within a transaction. Watches are read again."""
        place = func.row_number().over(
            partition_by=[BALANCES.c.account, BALANCES.c.asset],
            order_by=[BALANCES.c.block_number.desc(), BALANCES.c.log_index.desc()],
        )
        numbered = select(BALANCES, place.label("place")).where(BALANCES.c.chain_id == self._chain_id).subquery()
        columns = [numbered.c[name] for name in ("asset", "account", "value", "asked_at")]
        newest = select(*columns).where(numbered.c.place == 1, numbered.c.value.is_not(None))
        self._known = {
            Holder(asset, account): _Known(value, asked_at)
            for asset, account, value, asked_at in self._connection.execute(newest)
        }
        self._watched, self._pending, self._read_to = {}, {}, None

    def fetch(self, fetched: Fetched, first: int, last: int) -> Moves:
        """What the transfers of these blocks changed for accounts whose balances are known.

        Raises RetryableError when the chain changed meanwhile, or the node is away; never for what a token says.
        """
        groups: dict[tuple[str, str], list[str]] = {}
        for holder in self._known:
            groups.setdefault((holder.standard, holder.contract), []).append(holder.account)
        if not groups:
            return Moves()
        asked: list[tuple[tuple[str, str], Call]] = [
            (group, ("eth_getLogs", [_wanted(group[1], topics, first, last)]))
            for group, accounts in groups.items()
            for topics in filters(group[0], sorted(set(accounts)))
        ]
        header: Call = ("eth_getBlockByNumber", [hex(last), False])
        *answers, newest = self._rpc.call([*(call for _, call in asked), header], lenient=True)
        _require_block(newest, last, fetched.headers[last].hash)
        moves = Moves()
        for (group, _), answer in zip(asked, answers, strict=True):
            self._read(moves, group, answer, fetched, first=first, last=last)
        return moves

    def _read(
        self, moves: Moves, group: tuple[str, str], answer: Any, fetched: Fetched, *, first: int, last: int
    ) -> None:
        logs = moves.logs.setdefault(group, [])
        if not isinstance(answer, list) or len(logs) + len(answer) > LOGS_PER_TOKEN:
            moves.untold.add(group)
            return
        seen = {(log.block_number, log.log_index) for log, _ in logs}
        for entry in answer:
            try:
                log, _ = read_log(entry)
            except RetryableError:
                moves.untold.add(group)
                return
            header = fetched.headers.get(log.block_number)
            if header is not None and header.hash != log.block_hash:
                raise RetryableError(f"The chain changed at block {log.block_number} while it was read.")
            if log.address != group[1] or not first <= log.block_number <= last:
                moves.untold.add(group)
            elif (log.block_number, log.log_index) not in seen:
                logs.append((log, _moves(group[0], log)))
        logs.sort(key=lambda each: (each[0].block_number, each[0].log_index))

    def apply(self, moves: Moves, last: int) -> list[NewChange]:
        """The rows of the range, within its transaction. Returns what the feed tells of them, by block."""
        rows: list[Row] = []
        by_group: dict[tuple[str, str], dict[str, list[Holder]]] = {}
        for holder in self._known:
            accounts = by_group.setdefault((holder.standard, holder.contract), {})
            accounts.setdefault(holder.account, []).append(holder)
        for group, accounts in by_group.items():
            if group in moves.untold:
                rows += [self._forget(each, last, END_OF_BLOCK) for holders in accounts.values() for each in holders]
                continue
            for log, moved in moves.logs.get(group, ()):
                rows += self._follow(log, moved, accounts)
        return self._save(rows)

    def _follow(self, log: RawLog, moved: list[Move] | None, holders: dict[str, list[Holder]]) -> Iterable[Row]:
        """What a log changes; `holders` are those of its contract, by account."""
        touched = holders if moved is None else {account for from_, to, _, _ in moved for account in (from_, to)}
        for holder in [holder for account in touched for holder in holders.get(account, ())]:
            known = self._known.get(holder)
            if known is None:
                continue
            value = -1 if moved is None else known.value + changes_of(holder, moved)
            if not 0 <= value <= UINT256:
                yield self._forget(holder, log.block_number, log.log_index)
            elif value != known.value:
                self._known[holder] = _Known(value, known.asked_at)
                yield self._row(holder, log.block_number, log.log_index, value, known.asked_at)

    def ask(self, place: Place) -> None:
        """Balances that are needed and not known, or not known freshly, are those at this block.

        Raises RetryableError when the node is away.
        """
        self._read_watches()
        now = self._clock()
        lost = [] if self._read_to is None else [holder for holder in self._known if holder not in self._watched]
        due = [holder for holder in self._pending if self._pauses.get(holder, (0.0, 0.0))[1] <= now][:ASKED_AT_ONCE]
        if not lost and not due:
            return
        calls: list[Call] = [("eth_call", [question(holder), hex(place.number)]) for holder in due]
        header: Call = ("eth_getBlockByNumber", [hex(place.number), False])
        *answers, newest = self._rpc.call([*calls, header], lenient=True)
        try:
            _require_block(newest, place.number, place.hash)
        except RetryableError:
            return  # the blocks were replaced: the next range finds out
        rows = [self._forget(holder, place.number, END_OF_BLOCK) for holder in lost]
        rows += [
            row
            for holder, answer in zip(due, answers, strict=True)
            if (row := self._answered(holder, answer, place.number, now)) is not None
        ]
        with self._connection.begin():
            append_changes(self._connection, self._chain_id, self._save(rows))

    def _answered(self, holder: Holder, answer: Any, block: int, now: float) -> Row | None:
        try:
            value = _value(holder, answer)
        except Untold:
            seconds = min(LONGEST_PAUSE, 4 * self._pauses.get(holder, (FIRST_PAUSE / 4, 0.0))[0])
            self._pauses[holder] = seconds, now + seconds
            return self._forget(holder, block, END_OF_BLOCK) if holder in self._known else None
        self._pauses.pop(holder, None)
        self._pending.pop(holder, None)
        self._known[holder] = _Known(value, now)
        return self._row(holder, block, END_OF_BLOCK, value, now)

    def _read_watches(self) -> None:
        if self._clock() >= self._afresh_at:
            self._watched, self._pending, self._read_to = {}, {}, None
        found = self._watches.since(0 if self._read_to is None else self._read_to - OVERLAP_SECONDS)
        if found is None:
            return
        if self._read_to is None:
            self._afresh_at = self._clock() + AFRESH_SECONDS
        for watch in found:
            self._note(watch)
        self._read_to = max([self._read_to or 0, *(watch.needed_at for watch in found)])

    def _note(self, watch: Watch) -> None:
        watched = self._watched.setdefault(watch.holder, _Watched())
        watched.communities.add(watch.community)
        watched.ages, watched.needed_at = watched.ages or watch.ages, max(watched.needed_at, watch.needed_at)
        known = self._known.get(watch.holder)
        if known is None or (watched.ages and watched.needed_at > known.asked_at):
            self._pending[watch.holder] = None

    def _forget(self, holder: Holder, block: int, index: int) -> Row:
        """From here on the balance is not known; it is asked for again while it is needed."""
        self._known.pop(holder, None)
        if holder in self._watched:
            self._pending[holder] = None
        return self._row(holder, block, index, None, 0.0)

    def _row(self, holder: Holder, block: int, index: int, value: int | None, asked_at: float) -> Row:
        key = {"account": holder.account, "asset": holder.asset, "block_number": block, "log_index": index}
        return {"chain_id": self._chain_id, **key, "value": value, "asked_at": asked_at}

    def _save(self, rows: Sequence[Row]) -> list[NewChange]:
        changes: list[NewChange] = []
        for row in rows:
            if row["log_index"] == END_OF_BLOCK:  # it may have been asked at this block before
                key = [BALANCES.c[column.name] == row[column.name] for column in BALANCES.primary_key]
                self._connection.execute(delete(BALANCES).where(*key))
            watched = self._watched.get(Holder(row["asset"], row["account"]), _Watched())
            for community in sorted(watched.communities):
                ids = {"community": community, "account": row["account"], "asset": row["asset"]}
                changes.append((row["block_number"], "balance", json.dumps(ids), False))
        if rows:
            self._connection.execute(insert(BALANCES), list(rows))
        return sorted(changes, key=lambda change: change[0])


def _wanted(contract: str, topics: list[Any], first: int, last: int) -> dict[str, Any]:
    return {"address": [contract], "topics": topics, "fromBlock": hex(first), "toBlock": hex(last)}


def _moves(standard: str, log: RawLog) -> list[Move] | None:
    try:
        return moves_in(standard, log)
    except Untold:
        return None


def _value(holder: Holder, answer: Any) -> int:
    if isinstance(answer, NodeError):
        if holder.standard == "erc721" and holder.token_id is not None and "revert" in str(answer).lower():
            return 0  # ERC-721: nobody owns it, not yet or no longer
        raise Untold(str(answer))
    return balance_told(holder, answer)


def _require_block(answer: Any, number: int, hash_: str) -> None:
    if isinstance(answer, NodeError):
        raise answer
    if not isinstance(answer, dict) or str(answer.get("hash")).lower() != hash_:
        raise RetryableError(f"The chain changed at block {number} while it was read.")
