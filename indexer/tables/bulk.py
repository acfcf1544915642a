"""Reads and writes many rows of one table in one statement, past the ORM.

A row is a dict of Python values by column, without `chain_id`, which every statement is bound to; JSON is text here.
What SQLAlchemy's types would do per value is done by position, only where a column needs it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

from sqlalchemy import Boolean, Connection, Table
from sqlalchemy.types import BigInteger, Integer, SmallInteger

from indexer.tables.base import MirrorTable
from indexer.tables.columns import Address, Hash32, Uint64, Uint256, digits_of, text_of

Row = dict[str, Any]
Key = tuple[Any, ...]
CHUNK = 5_000  # keys per SELECT; SQLite allows 32,766 variables
COPY_FROM = 50  # rows from which PostgreSQL's COPY is worth its extra statements
POSTGRES_TYPES = {Address: "bytea", Hash32: "bytea", Uint64: "numeric", Uint256: "numeric", BigInteger: "bigint"}
POSTGRES_TYPES |= {Integer: "integer", SmallInteger: "smallint"}


class Bulk:
    """Statements for the rows of one chain in one table."""

    def __init__(self, model: type[MirrorTable], connection: Connection, chain_id: int) -> None:
        table: Table = model.__table__  # type: ignore[attr-defined]
        self._connection = connection
        self._chain_id = chain_id
        self._sqlite = connection.dialect.name == "sqlite"
        self.columns = [column.name for column in table.columns if column.name != "chain_id"]
        self.keys = [column.name for column in table.primary_key if column.name != "chain_id"]
        self._name = table.name  # the writer's connection looks in schema `mirror` first
        types = {column.name: column.type for column in table.columns}
        self._binders = self._positions(self.columns, types, self._binder)
        self._key_binders = self._positions(self.keys, types, self._binder)
        self._loaders = self._positions(self.columns, types, self._loader)
        self._key_types = [POSTGRES_TYPES.get(type(types[name]), "text") for name in self.keys]
        self._values: Callable[[Row], tuple[Any, ...]] = itemgetter(*self.columns)
        self._key: Callable[[Row], Key] = itemgetter(*self.keys)

    def _positions(
        self, names: list[str], types: dict[str, Any], choose: Callable[[Any], Callable[[Any], Any] | None]
    ) -> list[tuple[int, Callable[[Any], Any]]]:
        chosen = [(index, choose(types[name])) for index, name in enumerate(names)]
        return [(index, function) for index, function in chosen if function is not None]

    def _binder(self, kind: Any) -> Callable[[Any], Any] | None:
        if isinstance(kind, Address | Hash32):
            return lambda value: None if value is None else bytes.fromhex(value[2:])
        if isinstance(kind, Uint64 | Uint256):
            digits = kind.digits
            return (lambda value: digits_of(value, digits)) if self._sqlite else Decimal
        return None

    def _loader(self, kind: Any) -> Callable[[Any], Any] | None:
        if isinstance(kind, Address | Hash32):
            return lambda value: None if value is None else text_of(value)
        if isinstance(kind, Boolean):
            return bool
        return int if isinstance(kind, Uint64 | Uint256) else None

    def key_of(self, row: Row) -> Key:
        return self._key(row) if len(self.keys) > 1 else (row[self.keys[0]],)

    def read(self, keys: Sequence[Key]) -> dict[Key, Row]:
        """The rows that exist among `keys`."""
        found: dict[Key, Row] = {}
        for start in range(0, len(keys), CHUNK):
            bound = [_converted(key, self._key_binders) for key in keys[start : start + CHUNK]]
            for row in self._select(bound):
                found[self.key_of(row)] = row
        return found

    def _select(self, keys: list[list[Any]]) -> Iterator[Row]:
        columns = ", ".join(f"t.{name}" for name in self.columns)
        match = " AND ".join(f"t.{name} = k.{name}" for name in self.keys)
        names = ", ".join(self.keys)
        if self._sqlite:
            # CROSS JOIN keeps the order: each key is looked up in the table's index.
            marks = "(" + ", ".join("?" * len(self.keys)) + ")"
            source = f"(VALUES {', '.join([marks] * len(keys))})"
            sql = f"WITH k({names}) AS {source} SELECT {columns} FROM k CROSS JOIN {self._name} t"  # noqa: S608
            bound: tuple[Any, ...] = (*(value for key in keys for value in key), self._chain_id)
        else:
            arrays = ", ".join(f"%s::{kind}[]" for kind in self._key_types)
            sql = f"SELECT {columns} FROM unnest({arrays}) AS k({names}) JOIN {self._name} t"  # noqa: S608
            bound = (*(list(values) for values in zip(*keys, strict=True)), self._chain_id)
        mark = "?" if self._sqlite else "%s"
        tail = f" WHERE t.chain_id = {mark} AND {match}" if self._sqlite else f" ON t.chain_id = {mark} AND {match}"
        for values in self._connection.exec_driver_sql(sql + tail, bound):
            yield dict(zip(self.columns, _converted(values, self._loaders), strict=True))

    def insert(self, rows: Sequence[Row]) -> None:
        """Adds rows whose keys are new."""
        if not self._sqlite and len(rows) >= COPY_FROM:
            self._copy(self._name, rows)
        else:
            self._many(f"{self._into} VALUES ({self._marks})", self._bound(rows))

    def upsert(self, rows: Sequence[Row]) -> None:
        """Adds rows or puts them in the place of those with their keys. Each key at most once."""
        changed = [name for name in self.columns if name not in self.keys]
        values = ", ".join(f"{name} = excluded.{name}" for name in changed)
        conflict = f" ON CONFLICT (chain_id, {', '.join(self.keys)}) DO UPDATE SET {values}"
        if not self._sqlite and len(rows) >= COPY_FROM:
            staged = f"pg_temp.staged_{self._name}"
            self._connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {staged} (LIKE {self._name})")
            self._copy(staged, rows)
            self._connection.exec_driver_sql(f"{self._into} SELECT {self._all_columns} FROM {staged}{conflict}")  # noqa: S608
            self._connection.exec_driver_sql(f"TRUNCATE {staged}")
        else:
            self._many(f"{self._into} VALUES ({self._marks}){conflict}", self._bound(rows))

    def delete(self, keys: Sequence[Key]) -> None:
        mark = "?" if self._sqlite else "%s"
        match = " AND ".join(f"{name} = {mark}" for name in ("chain_id", *self.keys))
        bound = [(self._chain_id, *_converted(key, self._key_binders)) for key in keys]
        self._many(f"DELETE FROM {self._name} WHERE {match}", bound)  # noqa: S608

    @property
    def _into(self) -> str:
        return f"INSERT INTO {self._name} ({self._all_columns})"

    @property
    def _all_columns(self) -> str:
        return ", ".join(("chain_id", *self.columns))

    @property
    def _marks(self) -> str:
        return ", ".join(["?" if self._sqlite else "%s"] * (1 + len(self.columns)))

    def _bound(self, rows: Iterable[Row]) -> list[tuple[Any, ...]]:
        return [(self._chain_id, *_converted(self._values(row), self._binders)) for row in rows]

    def _many(self, sql: str, bound: list[tuple[Any, ...]]) -> None:
        if bound:
            self._connection.exec_driver_sql(sql, bound)

    def _copy(self, into: str, rows: Sequence[Row]) -> None:
        cursor = self._connection.connection.cursor()
        with cursor.copy(f"COPY {into} ({self._all_columns}) FROM STDIN") as copy:
            for bound in self._bound(rows):
                copy.write_row(bound)
        cursor.close()


def _converted(values: Sequence[Any], functions: list[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    converted = list(values)
    for index, function in functions:
        converted[index] = function(converted[index])
    return converted
