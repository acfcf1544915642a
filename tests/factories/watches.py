"""The backend's table of watches, as an indexer finds it, on either database."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

COLUMNS = """chain_id BIGINT, community {bytes}, asset VARCHAR, account {bytes}, ages BOOLEAN, needed_at BIGINT"""
Need = tuple[str, str, bool]
"""Asset, account, whether the balance changes without a transfer."""


class NeededBalances:
    """Writes the table as the backend would, in the database of a mirror."""

    def __init__(self, url: str, chain_id: int) -> None:
        self._url, self._chain_id = make_url(url), chain_id
        self.community = "0x" + "c0" * 20

    def need(self, *needs: Need, at: int) -> None:
        """These balances are needed since `at`, unix seconds."""
        rows = [
            (self._chain_id, bytes.fromhex(self.community[2:]), asset, bytes.fromhex(account[2:]), ages, at)
            for asset, account, ages in needs
        ]
        self._run("INSERT INTO {table} VALUES ({marks})", rows)

    def forget(self) -> None:
        """Nothing is needed any more."""
        self._run("DELETE FROM {table}", [()])

    def _run(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        if self._url.get_backend_name() == "sqlite":
            with sqlite3.connect(Path(str(self._url.database)).parent / "app.db") as file:
                file.execute("PRAGMA journal_mode=WAL")
                file.execute(f"CREATE TABLE IF NOT EXISTS watches ({COLUMNS.format(bytes='BLOB')})")
                file.executemany(statement.format(table="watches", marks=",".join("?" * 6)), rows)
            file.close()
            return
        engine = create_engine(self._url.set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS app"))
            connection.execute(text(f"CREATE TABLE IF NOT EXISTS app.watches ({COLUMNS.format(bytes='BYTEA')})"))
            for row in rows:
                connection.exec_driver_sql(statement.format(table="app.watches", marks=",".join(["%s"] * 6)), row)
        engine.dispose()
