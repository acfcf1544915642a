"""What is kept for good: blocks, raw logs, and the feed of changes."""

import json
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, Table, func, select, text

from indexer.events import Header, RawLog
from indexer.tables.bulk import Bulk
from indexer.tables.chain import Block, Change, Log

LOGS: Table = Log.__table__  # type: ignore[attr-defined]
BLOCKS: Table = Block.__table__  # type: ignore[attr-defined]
CHANGES: Table = Change.__table__  # type: ignore[attr-defined]
CHANNEL = "koinon_changes"

NewChange = tuple[int, str, str, bool]
"""Block number, kind, ids as JSON text, removed."""


def keep_blocks(connection: Connection, chain_id: int, headers: Sequence[Header]) -> None:
    """A header without `parent_hash` was not asked for: its block has logs, and they told the rest."""
    rows = [
        {
            "number": header.number,
            "hash": header.hash,
            "parent_hash": header.parent_hash or None,
            "timestamp": header.timestamp,
        }
        for header in headers
    ]
    Bulk(Block, connection, chain_id).insert(rows)


def keep_logs(connection: Connection, chain_id: int, logs: Sequence[RawLog]) -> None:
    Bulk(Log, connection, chain_id).insert([log._asdict() for log in logs])


def stored_logs(connection: Connection, chain_id: int, *, first: int, last: int) -> list[RawLog]:
    """The logs of these blocks, both included, in order."""
    columns = [LOGS.c[name] for name in RawLog._fields]
    chosen = select(*columns).where(LOGS.c.chain_id == chain_id, LOGS.c.block_number.between(first, last))
    ordered = chosen.order_by(LOGS.c.block_number, LOGS.c.log_index)
    return [RawLog(*row) for row in connection.execute(ordered)]


def stored_times(connection: Connection, chain_id: int, *, first: int, last: int) -> dict[int, int]:
    """Block number -> unix seconds, of the stored blocks among these."""
    chosen = select(BLOCKS.c.number, BLOCKS.c.timestamp)
    within = chosen.where(BLOCKS.c.chain_id == chain_id, BLOCKS.c.number.between(first, last))
    return {row.number: row.timestamp for row in connection.execute(within)}


def block_ranges(connection: Connection, chain_id: int, *, logs_per_range: int) -> Iterator[tuple[int, int]]:
    """Ranges of blocks that cover all stored logs, of about so many logs each."""
    counted = select(LOGS.c.block_number, func.count()).where(LOGS.c.chain_id == chain_id)
    first, last, logs = None, 0, 0
    for number, count in connection.execute(counted.group_by(LOGS.c.block_number).order_by(LOGS.c.block_number)):
        first = number if first is None else first
        last, logs = number, logs + count
        if logs >= logs_per_range:
            yield first, last
            first, logs = None, 0
    if first is not None:
        yield first, last


def append_changes(connection: Connection, chain_id: int, changes: Iterable[NewChange]) -> None:
    """The feed ends with these changes, and PostgreSQL's listeners hear of the last number when they are committed."""
    newest = connection.execute(select(func.max(CHANGES.c.seq)).where(CHANGES.c.chain_id == chain_id)).scalar_one()
    seq = newest or 0
    rows = [
        {"seq": seq + index, "block_number": number, "kind": kind, "ids": ids, "removed": removed}
        for index, (number, kind, ids, removed) in enumerate(changes, start=1)
    ]
    if not rows:
        return
    Bulk(Change, connection, chain_id).insert(rows)
    if connection.dialect.name == "postgresql":
        notify = text("SELECT pg_notify(:channel, :payload)")
        connection.execute(notify, {"channel": CHANNEL, "payload": str(seq + len(rows))})


def live_changes(connection: Connection, chain_id: int, *, above: int) -> list[tuple[int, str, str]]:
    """Changes of blocks above `above` that no reorg has taken back yet, newest first."""
    chosen = select(CHANGES.c.block_number, CHANGES.c.kind, CHANGES.c.ids, CHANGES.c.removed)
    ordered = chosen.where(CHANGES.c.chain_id == chain_id, CHANGES.c.block_number > above).order_by(CHANGES.c.seq)
    live: list[tuple[int, str, str]] = []
    for number, kind, ids, removed in connection.execute(ordered):
        if removed:
            # A reorg takes back everything above its ancestor, newest first: this entry is always the newest left.
            live.pop()
        else:
            live.append((number, kind, json.dumps(ids)))
    return live[::-1]
