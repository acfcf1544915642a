"""The rows that one block range reads and writes, each with its image before a block that is not final changed it."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from indexer.errors import FatalError
from indexer.tables.base import MirrorTable
from indexer.tables.bulk import Bulk, Key, Row
from indexer.tables.chain import Undo

Model = type[MirrorTable]
Wanted = tuple[Model, Key]


class Rows:
    """Rows of one chain within one transaction: read in bulk, changed in memory, written by `flush`.

    A key is the primary key without chain_id. `start_block` comes before the first change of each block.
    """

    def __init__(self, connection: Connection, chain_id: int) -> None:
        self._connection = connection
        self._chain_id = chain_id
        self._bulks: dict[Model, Bulk] = {}
        self._rows: dict[Model, dict[Key, Row | None]] = {}
        self._changed: dict[Model, dict[Key, None]] = {}
        self._appended: dict[Model, list[Row]] = {}
        self._undo: dict[tuple[int, Model, Key], str | None] = {}
        self._block_number = -1
        self._final = False
        self._told: set[tuple[int, str, str]] = set()
        self.changes: list[tuple[int, str, str]] = []
        """Block number, kind, and ids as JSON text."""

    def start_block(self, number: int, *, final: bool) -> None:
        """Later changes belong to block `number`; a final block needs no undo rows."""
        self._block_number, self._final = number, final
        self._told.clear()

    def prefetch(self, wanted: Iterable[Wanted]) -> None:
        """Reads many rows with one statement per table. Those that do not exist are remembered as such."""
        missing: dict[Model, dict[Key, None]] = {}
        for model, key in wanted:
            if key not in self._rows.setdefault(model, {}):
                missing.setdefault(model, {})[key] = None
        for model, keys in missing.items():
            found = self.bulk(model).read(list(keys))
            self._rows[model].update((key, found.get(key)) for key in keys)

    def find(self, model: Model, key: Key) -> Row | None:
        """The row, or None. Change it by `put` or `change` only."""
        rows = self._rows.setdefault(model, {})
        if key not in rows:
            self.prefetch([(model, key)])
        return rows[key]

    def get(self, model: Model, key: Key) -> Row:
        """The row, which an earlier event must have made. Raises FatalError when none did."""
        row = self.find(model, key)
        if row is None:
            raise FatalError(
                f"Block {self._block_number} changes {model.__name__} {key}, which no event made: the node left out "
                "logs of earlier blocks. Index anew from a sound node."
            )
        return row

    def put(self, model: Model, **row: Any) -> None:
        """The row exists with exactly these values (all columns but chain_id)."""
        key = self.bulk(model).key_of(row)
        before = self.find(model, key)
        self._keep_image(model, key, before)
        self._rows[model][key] = row
        self._changed.setdefault(model, {})[key] = None

    def append(self, model: Model, **row: Any) -> None:
        """A row whose key cannot exist yet, such as one of this very log, is added without a look at the table."""
        self._keep_image(model, self.bulk(model).key_of(row), None)
        self._appended.setdefault(model, []).append(row)

    def change(self, model: Model, key: Key, **values: Any) -> Row:
        """The existing row has these values in the columns named. Returns the row as it is now."""
        after = self.get(model, key) | values
        self.put(model, **after)
        return after

    def remove(self, model: Model, key: Key) -> None:
        """There is no row with this key, whether there was one or not. Not for tables that `append` fills."""
        before = self.find(model, key)
        if before is None:
            return
        self._keep_image(model, key, before)
        self._rows[model][key] = None
        self._changed.setdefault(model, {})[key] = None

    def tell(self, kind: str, **ids: object) -> None:
        """The feed of changes gets an entry for the current block, unless it has the very same one."""
        change = (self._block_number, kind, json.dumps(ids))
        if change not in self._told:
            self._told.add(change)
            self.changes.append(change)

    def flush(self) -> None:
        """All rows and undo rows are written."""
        for model, keys in self._changed.items():
            rows = self._rows[model]
            self.bulk(model).delete([key for key in keys if rows[key] is None])
            self.bulk(model).upsert([row for key in keys if (row := rows[key]) is not None])
        for model, appended in self._appended.items():
            self.bulk(model).insert(appended)
        self.bulk(Undo).insert(
            [
                {
                    "block_number": number,
                    "table_name": model.__tablename__,
                    "row_key": json.dumps(key),
                    "image": image,
                }
                for (number, model, key), image in self._undo.items()
            ]
        )
        self._changed.clear()
        self._appended.clear()
        self._undo.clear()

    def bulk(self, model: Model) -> Bulk:
        if model not in self._bulks:
            self._bulks[model] = Bulk(model, self._connection, self._chain_id)
        return self._bulks[model]

    def _keep_image(self, model: Model, key: Key, before: Row | None) -> None:
        place = (self._block_number, model, key)
        if not self._final and place not in self._undo:
            self._undo[place] = None if before is None else json.dumps(before, sort_keys=True)
