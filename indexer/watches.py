"""The backend's table `watches`: which balances of outside tokens its gates need. Read here, never written.

On SQLite it lies in `app.db` beside `mirror.db`; on PostgreSQL in schema `app` of the same database.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from indexer.tables.columns import text_of
from indexer.transfers import Holder

APP = "app.db"
_CHOSEN = (
    "SELECT asset, account, community, ages, needed_at FROM {table} WHERE chain_id = {chain} AND needed_at >= {at}"
)


@dataclass(frozen=True, slots=True)
class Watch:
    """`ages`: the balance changes without a transfer. `needed_at`: unix seconds, of the backend's clock."""

    holder: Holder
    community: str
    ages: bool
    needed_at: int


class Watches:
    """Reads the table for one chain. `connection` is the writer's, for PostgreSQL."""

    def __init__(self, connection: Connection, chain_id: int) -> None:
        self._connection, self._chain_id = connection, chain_id
        self._sqlite: sqlite3.Connection | None = None

    def since(self, needed_at: int) -> list[Watch] | None:
        """What has been needed since; None while the table is not there or cannot be read."""
        rows = self._from_file(needed_at) if self._connection.dialect.name == "sqlite" else self._from_schema(needed_at)
        return None if rows is None else [_watch(*row) for row in rows]

    def close(self) -> None:
        if self._sqlite is not None:
            self._sqlite.close()
            self._sqlite = None

    def _from_schema(self, needed_at: int) -> list[Any] | None:
        chosen = text(_CHOSEN.format(table="app.watches", chain=":chain", at=":at"))
        with self._connection.begin():
            if self._connection.execute(text("SELECT to_regclass('app.watches')")).scalar_one() is None:
                return None
            return list(self._connection.execute(chosen, {"chain": self._chain_id, "at": needed_at}))

    def _from_file(self, needed_at: int) -> list[Any] | None:
        path = Path(str(self._connection.engine.url.database)).resolve().parent / APP
        try:
            if self._sqlite is None:
                if not path.exists():
                    return None
                self._sqlite = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1, check_same_thread=False)
            chosen = _CHOSEN.format(table="watches", chain="?", at="?")
            return self._sqlite.execute(chosen, (self._chain_id, needed_at)).fetchall()
        except sqlite3.Error:  # not migrated yet, or locked for a moment
            self.close()
            return None


def _watch(asset: str, account: bytes, community: bytes, ages: int, needed_at: int) -> Watch:
    return Watch(Holder(asset, text_of(account)), text_of(community), bool(ages), needed_at)
