"""Compares the tables with a fresh index of the same blocks."""

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from indexer.checkpoint import Place, load_place
from indexer.database import open_engine, reader, writer
from indexer.decoder import Decoder
from indexer.deployments import Deployment
from indexer.errors import FatalError, RetryableError
from indexer.run import Indexer
from indexer.schema import prepare
from indexer.source import Source
from indexer.tables import PROJECTED, SCHEMA, metadata
from indexer.tables.chain import Log

EXAMPLES = 5
ATTEMPTS = 2  # failed steps, each of which has tried several times
TABLES = [metadata.tables[f"{SCHEMA}.{model.__tablename__}"] for model in (Log, *PROJECTED)]


@dataclass(slots=True)
class Difference:
    """Rows of a table that a fresh index has and ours has not, the other way round, or whose values differ."""

    rows: int = 0
    missing: int = 0
    extra: int = 0
    different: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not (self.missing or self.extra or self.different)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`ok` when every table equals a fresh index up to block `number`."""

    ok: bool
    chain_id: int
    number: int
    hash: str
    tables: dict[str, Difference]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def verify(
    connection: Connection, source: Source, *, deployment: Deployment, decoder: Decoder, clock: Callable[[], float]
) -> Verdict:
    """What differs between the tables that `connection` sees (in one snapshot) and the node's chain.

    Raises FatalError when nothing is indexed yet, RetryableError when the node does not give a whole answer.
    """
    place = load_place(connection, deployment.chain_id)
    if place is None:
        raise FatalError("Nothing is indexed yet: run `python -m indexer run --once` first.")
    with tempfile.TemporaryDirectory(prefix="koinon-verify-") as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'fresh.db'}")
        with writer(engine, [deployment.chain_id]) as fresh:
            prepare(fresh)
            indexer = Indexer(fresh, source, deployment=deployment, decoder=decoder, clock=clock)
            reached = _index(indexer, place)
        with reader(engine) as fresh:
            tables = {table.name: compare(table, connection, fresh, deployment.chain_id) for table in TABLES}
    same_block = reached is not None and reached.hash == place.hash
    ok = same_block and all(difference.ok for difference in tables.values())
    return Verdict(ok=ok, chain_id=deployment.chain_id, number=place.number, hash=place.hash, tables=tables)


def _index(indexer: Indexer, place: Place) -> Place | None:
    failures = 0
    while True:
        try:
            if indexer.step(until=place.number):
                return indexer.place
        except RetryableError:
            failures += 1
            if failures == ATTEMPTS:
                raise


def compare(table: Table, ours: Connection, fresh: Connection, chain_id: int) -> Difference:
    """How our rows of a chain differ from the fresh ones."""
    keys = [column.name for column in table.primary_key]
    expected = {tuple(row[key] for key in keys): hash(tuple(row.values())) for row in _rows(table, fresh, chain_id)}
    difference = Difference()
    for row in _rows(table, ours, chain_id):
        key = tuple(row[name] for name in keys)
        difference.rows += 1
        if key not in expected:
            difference.extra += 1
        elif expected.pop(key) != hash(tuple(row.values())):
            difference.different += 1
        else:
            continue
        _note(difference, key)
    difference.missing = len(expected)
    for key in list(expected)[:EXAMPLES]:
        _note(difference, key)
    return difference


def _note(difference: Difference, key: tuple[Any, ...]) -> None:
    if len(difference.examples) < EXAMPLES:
        difference.examples.append("/".join(map(str, key)))


def _rows(table: Table, connection: Connection, chain_id: int) -> Any:
    chosen = select(table).where(table.c.chain_id == chain_id)
    return connection.execution_options(yield_per=1_000).execute(chosen).mappings()
