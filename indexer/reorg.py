"""Takes back the rows of blocks that are no longer part of the chain."""

import json
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, Table, delete, select

from indexer.checkpoint import BLOCKS, LOGS, UNDO, Place, save_place
from indexer.errors import FatalError
from indexer.events import Header
from indexer.journal import append_changes, live_changes
from indexer.tables import ASKED, PROJECTED
from indexer.tables.base import MirrorTable
from indexer.tables.bulk import Bulk, Key, Row

STEP = 32  # headers asked for at once on the way down
MODELS: dict[str, type[MirrorTable]] = {str(model.__tablename__): model for model in PROJECTED}

AskHeaders = Callable[[Sequence[int]], list[Header | None]]


def applied_hashes(connection: Connection, chain_id: int, place: Place) -> dict[int, str]:
    """Number -> hash of the applied blocks that a reorg may reach: the newest final one and all above."""
    chosen = select(BLOCKS.c.number, BLOCKS.c.hash).where(BLOCKS.c.chain_id == chain_id)
    reachable = chosen.where(BLOCKS.c.number.between(min(place.final_number, place.number), place.number))
    return {row.number: row.hash for row in connection.execute(reachable)}


def common_ancestor(hashes: dict[int, str], place: Place, ask: AskHeaders) -> int | None:
    """The highest applied block that is still part of the node's chain; None when none is, and none was final.

    Raises FatalError when a final block is gone.
    """
    numbers = sorted(hashes, reverse=True)
    for start in range(0, len(numbers), STEP):
        asked = numbers[start : start + STEP]
        for number, header in zip(asked, ask(asked), strict=True):
            if header is not None and header.hash == hashes[number]:
                return number
    if numbers[-1] <= place.final_number:
        raise FatalError(
            f"Block {numbers[-1]}, which was final, is not part of the node's chain any more. Either the node is "
            "wrong, or the chain was replaced (a development chain started anew?): then delete the mirror and index "
            "again."
        )
    return None


def undo_above(connection: Connection, chain_id: int, ancestor: int | None, *, place: Place) -> int:
    """Rows, journal and checkpoint are as they were when `ancestor` was the last block. Returns how many rows changed.

    The feed gets a `removed` entry for each change taken back, newest first.
    """
    above = -1 if ancestor is None else ancestor
    restored = _restore(connection, chain_id, above)
    taken_back = [(number, kind, ids, True) for number, kind, ids in live_changes(connection, chain_id, above=above)]
    append_changes(connection, chain_id, taken_back)
    asked: list[Table] = [model.__table__ for model in ASKED]  # type: ignore[attr-defined]
    by_block = [(table, table.c.block_number) for table in (LOGS, UNDO, *asked)]
    for table, column in [*by_block, (BLOCKS, BLOCKS.c.number)]:
        connection.execute(delete(table).where(table.c.chain_id == chain_id, column > above))
    save_place(connection, chain_id, _place_at(connection, chain_id, ancestor, place))
    return restored


def _restore(connection: Connection, chain_id: int, above: int) -> int:
    """Each row has its oldest image above `above` again."""
    chosen = select(UNDO.c.table_name, UNDO.c.row_key, UNDO.c.image)
    newest_first = chosen.where(UNDO.c.chain_id == chain_id, UNDO.c.block_number > above).order_by(
        UNDO.c.block_number.desc()
    )
    images: dict[str, dict[Key, str | None]] = {}
    for table_name, row_key, image in connection.execute(newest_first):
        images.setdefault(table_name, {})[tuple(json.loads(row_key))] = image  # the oldest one stays
    for table_name, by_key in images.items():
        bulk = Bulk(MODELS[table_name], connection, chain_id)
        bulk.delete([key for key, image in by_key.items() if image is None])
        rows: list[Row] = [json.loads(image) for image in by_key.values() if image is not None]
        bulk.upsert(rows)
    return sum(map(len, images.values()))


def _place_at(connection: Connection, chain_id: int, ancestor: int | None, place: Place) -> Place | None:
    if ancestor is None:
        return None
    block = connection.execute(select(BLOCKS).where(BLOCKS.c.chain_id == chain_id, BLOCKS.c.number == ancestor)).one()
    return Place(
        number=ancestor,
        hash=block.hash,
        timestamp=block.timestamp,
        final_number=place.final_number,
        head_number=place.head_number,
        confirmed_at=place.confirmed_at,
    )
