"""The last applied block of a chain, and which blocks are final."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from indexer.tables.chain import Block, Change, Checkpoint, Log, Undo

CHECKPOINTS: Table = Checkpoint.__table__  # type: ignore[attr-defined]
BLOCKS: Table = Block.__table__  # type: ignore[attr-defined]
LOGS: Table = Log.__table__  # type: ignore[attr-defined]
UNDO: Table = Undo.__table__  # type: ignore[attr-defined]
CHANGES: Table = Change.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Place:
    """A checkpoint. `confirmed_at` is wall clock in unix seconds, 0 while catching up."""

    number: int
    hash: str
    timestamp: int
    final_number: int
    head_number: int
    confirmed_at: float


def load_place(connection: Connection, chain_id: int) -> Place | None:
    """The checkpoint of a chain, or None before its first range."""
    row = connection.execute(select(CHECKPOINTS).where(CHECKPOINTS.c.chain_id == chain_id)).mappings().one_or_none()
    return None if row is None else Place(**{name: value for name, value in row.items() if name != "chain_id"})


def save_place(connection: Connection, chain_id: int, place: Place | None) -> None:
    """The checkpoint is `place`; None: nothing is indexed."""
    connection.execute(delete(CHECKPOINTS).where(CHECKPOINTS.c.chain_id == chain_id))
    if place is not None:
        connection.execute(insert(CHECKPOINTS).values(chain_id=chain_id, **_values(place)))


def confirm_place(connection: Connection, chain_id: int, place: Place) -> None:
    """The same block, confirmed again: only the node's view of it changes."""
    values = {name: value for name, value in _values(place).items() if name not in {"number", "hash", "timestamp"}}
    connection.execute(update(CHECKPOINTS).where(CHECKPOINTS.c.chain_id == chain_id).values(**values))


def _values(place: Place) -> dict[str, Any]:
    return {name: getattr(place, name) for name in Place.__slots__}


def forget_undo(connection: Connection, chain_id: int, *, since: int, final_number: int) -> None:
    """What only a reorg of blocks from `since` to `final_number` would need is gone.

    The final block itself stays, as the deepest common ancestor, and so do blocks with logs. The newest change stays,
    so that its number is not given twice.
    """
    connection.execute(delete(UNDO).where(UNDO.c.chain_id == chain_id, UNDO.c.block_number <= final_number))
    logs = select(LOGS.c.log_index).where(LOGS.c.chain_id == chain_id, LOGS.c.block_number == BLOCKS.c.number)
    passed = BLOCKS.c.number.between(since, final_number - 1)
    connection.execute(delete(BLOCKS).where(BLOCKS.c.chain_id == chain_id, passed, ~logs.exists()))
    newest = select(func.max(CHANGES.c.seq)).where(CHANGES.c.chain_id == chain_id).scalar_subquery()
    heads = (CHANGES.c.kind == "block") & CHANGES.c.block_number.between(since, final_number - 1)
    connection.execute(delete(CHANGES).where(CHANGES.c.chain_id == chain_id, heads, CHANGES.c.seq < newest))
