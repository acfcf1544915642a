"""The embedded store's pins: one small SQLite file, a statement per change."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from backend.ipfs.store import CID, Pin, StoreFull, StoreUnavailable

TABLE = (
    "CREATE TABLE IF NOT EXISTS pins (name TEXT NOT NULL, root BLOB NOT NULL, PRIMARY KEY (name, root)) WITHOUT ROWID"
)
BUSY_SECONDS = 30
LAST = "\U0010ffff"  # sorts after every printable character


class PinTable:
    """Pins by name and root. A pin that was added is on disk; a connection lives as long as one call."""

    def __init__(self, path: Path, *, fsync: bool) -> None:
        self._path, self._fsync = path, fsync
        with self._open() as database:
            database.execute(TABLE)

    def add(self, pin: Pin) -> None:
        with self._open() as database:
            database.execute("INSERT OR IGNORE INTO pins VALUES (?, ?)", (pin.name, pin.root.cid_bytes))

    def remove(self, pin: Pin) -> None:
        with self._open() as database:
            database.execute("DELETE FROM pins WHERE name = ? AND root = ?", (pin.name, pin.root.cid_bytes))

    def list(self, prefix: str) -> "list[Pin]":
        with self._open() as database:
            rows = database.execute(
                "SELECT name, root FROM pins WHERE name >= ? AND name < ? ORDER BY name, root", (prefix, prefix + LAST)
            )
            return [Pin(CID(root), name) for name, root in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection in autocommit, with the rollback journal (no WAL: its file lock suits rare writes)."""
        try:
            with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)) as database:
                database.execute(f"PRAGMA synchronous = {'EXTRA' if self._fsync else 'OFF'}")
                yield database
        except sqlite3.Error as error:
            full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
            raise (StoreFull if full else StoreUnavailable)(f"{self._path}: {error}") from error
