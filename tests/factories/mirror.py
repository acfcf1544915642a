"""An indexer that follows a fake chain into a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from indexer.checkpoint import CHANGES
from indexer.database import open_engine, writer
from indexer.decoder import Decoder
from indexer.deployments import Contract, Deployment, load_abi
from indexer.events import EVENTS
from indexer.run import Indexer
from indexer.schema import prepare
from indexer.source import Source
from indexer.tables import PROJECTED, SCHEMA, metadata
from indexer.tables.base import MirrorTable
from tests.fakes.chain import CHAIN_ID, FakeChain, FakeRpc
from tests.fakes.contracts import FACTORY, MARKET, SALES

DECODER = Decoder({name: load_abi(name) for name in EVENTS})
SINGLETONS = {"CommunityFactory": FACTORY, "CrowdsaleFactory": SALES, "Market": MARKET}
DEPLOYMENT = Deployment(CHAIN_ID, {name: Contract(address, 1) for name, address in SINGLETONS.items()})
NOW = 1_800_000_000.0

Tables = dict[str, list[tuple[Any, ...]]]


class Clock:
    """Wall clock that only a test moves, in unix seconds."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Mirror:
    """A fake chain and an indexer that follows it."""

    chain: FakeChain
    rpc: FakeRpc
    connection: Connection
    indexer: Indexer
    clock: Clock

    def catch_up(self) -> None:
        """The tables are at the chain's head, which is confirmed."""
        while not (self.indexer.step() and self.at_head):
            pass

    @property
    def at_head(self) -> bool:
        return self.indexer.place is None or self.indexer.place.hash == self.chain.head.hash

    def rows(self, model: type[MirrorTable]) -> list[dict[str, Any]]:
        """All rows of a table in the order of its key, without chain_id."""
        return rows_of(self.connection, model)

    def row(self, model: type[MirrorTable]) -> dict[str, Any]:
        """The only row of a table."""
        [row] = self.rows(model)
        return row

    def feed(self) -> list[tuple[str, dict[str, object]]]:
        """Kinds and ids of the changes in the newest block."""
        newest = select(CHANGES.c.kind, CHANGES.c.ids).where(CHANGES.c.block_number == self.chain.head.number)
        with self.connection.begin():
            return [(kind, ids) for kind, ids in self.connection.execute(newest.order_by(CHANGES.c.seq))]

    def tables(self) -> Tables:
        """Every projected table as sorted rows."""
        with self.connection.begin():
            return tables_in(self.connection)


def rows_of(connection: Connection, model: type[MirrorTable]) -> list[dict[str, Any]]:
    """All rows of a table in the order of its key, without chain_id."""
    with connection.begin():
        return rows_in(connection, model)


def rows_in(connection: Connection, model: type[MirrorTable]) -> list[dict[str, Any]]:
    """The same within a transaction."""
    table = metadata.tables[f"{SCHEMA}.{model.__tablename__}"]
    found = connection.execute(select(table).order_by(*table.primary_key)).mappings()
    return [{name: value for name, value in row.items() if name != "chain_id"} for row in found]


def tables_in(connection: Connection) -> Tables:
    """Every projected table as sorted rows, within a transaction."""
    return {
        str(model.__tablename__): sorted((tuple(row.values()) for row in rows_in(connection, model)), key=repr)
        for model in PROJECTED
    }


@contextmanager
def mirroring(url: str, chain: FakeChain) -> Iterator[Mirror]:
    """An indexer writes to the database at `url` while the block runs."""
    with writer(open_engine(url), [CHAIN_ID]) as connection:
        prepare(connection)
        rpc, clock = FakeRpc(chain), Clock()
        indexer = new_indexer(connection, rpc, clock)
        yield Mirror(chain, rpc, connection, indexer, clock)


def new_indexer(connection: Connection, rpc: FakeRpc, clock: Clock) -> Indexer:
    source = Source(rpc, topics=DECODER.topics)
    return Indexer(connection, source, deployment=DEPLOYMENT, decoder=DECODER, clock=clock)
