"""Following goes on through every trouble that passes, and stops at those that do not."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from indexer.config import Settings
from indexer.database import open_engine, reader, writer
from indexer.errors import FatalError, RetryableError
from indexer.follow import ONCE_ATTEMPTS, follow, open_decoder, open_source, prepare_tables, rebuild_all
from indexer.rpc import Rpc
from indexer.run import Indexer
from indexer.schema import SHAPES
from indexer.tables.membership import Membership
from tests.factories.mirror import NOW, rows_in
from tests.fakes.chain import CHAIN_ID, FakeChain, FakeNode, serving
from tests.fakes.contracts import FACTORY, FakeCommunity, account
from tests.fixtures.postgres import Postgres


class Stop(threading.Event):
    """Waiting is free, and happens at most so often."""

    def __init__(self, *, after: int = 200) -> None:
        super().__init__()
        self.left = after
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        self.left -= 1
        if self.left <= 0:
            self.set()
        return self.is_set()


@pytest.fixture
def community() -> FakeCommunity:
    return FakeCommunity(1)


@pytest.fixture
def node(chain: FakeChain, community: FakeCommunity) -> Iterator[FakeNode]:
    chain.mine(*community.open())
    chain.mine(*community.join(account(1), 1, at=0))
    with serving(chain) as node:
        yield node


@pytest.fixture
def settings(node: FakeNode, database: str, tmp_path: Path) -> Settings:
    contracts = {"CommunityFactory": {"address": FACTORY, "first_block": 1}}
    (tmp_path / f"{CHAIN_ID}.json").write_text(json.dumps({"chain_id": CHAIN_ID, "contracts": contracts}))
    return Settings(database=database, rpc=node.url, chain_id=CHAIN_ID, deployments=tmp_path)


@pytest.fixture
def said() -> list[str]:
    return []


def run(settings: Settings, said: list[str], *, once: bool = True, stop: Stop | None = None, watch: Any = None) -> Stop:
    stop = stop or Stop()
    follow(settings, once=once, stop=stop, clock=lambda: NOW, report=said.append, watch=watch)
    return stop


def holders(settings: Settings) -> list[str]:
    with reader(open_engine(settings.database_url)) as connection:
        return [row["holder"] for row in rows_in(connection, Membership)]


def test_once_ends_at_the_head(settings: Settings, said: list[str]) -> None:
    run(settings, said)

    assert holders(settings) == [account(1)]
    assert said == []


def test_following_goes_on_until_stopped(
    settings: Settings, said: list[str], node: FakeNode, community: FakeCommunity
) -> None:
    def mine_one_more(indexer: Indexer, _rpc: Rpc) -> None:
        if indexer.counts.ranges == 1 and node.chain.head.number == 2:
            node.chain.mine(*community.join(account(2), 1, at=0))

    stop = run(settings, said, once=False, stop=Stop(after=3), watch=mine_one_more)

    assert holders(settings) == [account(1), account(2)]
    assert stop.waits == [0.1] * 3


def test_following_waits_while_the_node_is_away_and_says_so_once(
    settings: Settings, said: list[str], node: FakeNode
) -> None:
    broken = [lambda _r, _a: (500, b"")] * 12
    node.faults = [None, None, *broken]

    run(settings, said)

    assert holders(settings) == [account(1)]
    assert len(said) == 2
    assert "answered HTTP 500 without JSON. Waiting." in said[0]
    assert said[1] == "It works again."


def test_once_gives_up_when_the_node_stays_away(settings: Settings, said: list[str], node: FakeNode) -> None:
    node.faults = [None, None, *[lambda _r, _a: (500, b"")] * 1000]

    with pytest.raises(RetryableError, match="HTTP 500"):
        run(settings, said)

    assert len(node.requests) == 2 + 4 * ONCE_ATTEMPTS


def test_following_reconnects_when_the_database_drops_it(settings: Settings, said: list[str], node: FakeNode) -> None:
    if settings.database.startswith("sqlite"):
        pytest.skip("SQLite has no server to lose")

    def drop(indexer: Indexer, _rpc: Rpc) -> None:
        if not said:
            with psycopg.connect(settings.database, autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
            node.chain.mine()

    run(settings, said, once=False, stop=Stop(after=8), watch=drop)

    with reader(open_engine(settings.database)) as connection:
        assert len(rows_in(connection, Membership)) == 1
    assert said[0].startswith("The database failed: ")
    assert said[1] == "It works again."


def test_once_gives_up_when_the_database_stays_away(
    postgres: Postgres, settings: Settings, said: list[str], node: FakeNode
) -> None:
    if settings.database.startswith("sqlite"):
        pytest.skip("SQLite has no server to lose")
    node.chain.final_depth = 1  # so that the head is reached in two steps

    with pytest.raises(RetryableError, match="The database does not answer"):
        run(settings, said, watch=lambda _indexer, _rpc: postgres.drop(settings.database))

    assert said[0].startswith("The database failed: ")


def test_waiting_for_the_database_ends_when_stopped(
    postgres: Postgres, settings: Settings, said: list[str], node: FakeNode
) -> None:
    if settings.database.startswith("sqlite"):
        pytest.skip("SQLite has no server to lose")

    def drop_and_go_on(_indexer: Indexer, _rpc: Rpc) -> None:
        postgres.drop(settings.database)
        node.chain.mine()

    stop = run(settings, said, once=False, stop=Stop(after=4), watch=drop_and_go_on)

    assert stop.waits == [0.1, 0.2, 0.4, 0.8]
    assert len(said) == 2


def test_waiting_for_the_node_ends_when_stopped(settings: Settings, said: list[str], node: FakeNode) -> None:
    def break_the_node(_indexer: Indexer, _rpc: Rpc) -> None:
        node.faults = [lambda _r, _a: (500, b"")] * 1000

    run(settings, said, once=False, stop=Stop(after=20), watch=break_the_node)

    assert holders(settings) == [account(1)]


def test_a_second_indexer_stops_at_once(settings: Settings, said: list[str]) -> None:
    prepare_tables(open_engine(settings.database_url), settings)

    with writer(open_engine(settings.database_url), [CHAIN_ID]), pytest.raises(FatalError, match="Another indexer of"):
        run(settings, said)

    run(settings, said)
    assert holders(settings) == [account(1)]


def test_an_indexer_of_another_chain_may_write_beside(settings: Settings, said: list[str]) -> None:
    with writer(open_engine(settings.database_url), [CHAIN_ID + 1]):
        run(settings, said)

    assert holders(settings) == [account(1)]


def test_another_shape_is_rebuilt_at_the_start(settings: Settings, said: list[str]) -> None:
    run(settings, said)
    engine = open_engine(settings.database_url)
    with writer(engine, []) as connection, connection.begin():
        connection.execute(SHAPES.update().where(SHAPES.c.table_name == "memberships").values(hash="old"))
        connection.exec_driver_sql("DELETE FROM memberships")

    run(settings, said)

    assert holders(settings) == [account(1)]


def test_rebuild_all_needs_no_node(settings: Settings, said: list[str], node: FakeNode) -> None:
    run(settings, said)
    asked = len(node.requests)

    assert rebuild_all(open_engine(settings.database_url), settings) == 7
    assert len(node.requests) == asked


def test_an_unreachable_node_is_fatal_at_the_start(settings: Settings, said: list[str]) -> None:
    away = settings.model_copy(update={"rpc": "http://127.0.0.1:1"})

    with pytest.raises(FatalError, match=r"does not answer .* Start the node or fix KOINON_RPC"):
        run(away, said)


def test_an_unreachable_database_is_fatal_at_the_start(settings: Settings, tmp_path: Path) -> None:
    engine = open_engine(f"postgresql://nobody@/none?host={tmp_path}")

    with pytest.raises(FatalError, match=r"The database does not answer: .* Start it or fix KOINON_DATABASE"):
        prepare_tables(engine, settings)


def test_a_stale_deployment_is_fatal(settings: Settings, node: FakeNode) -> None:
    node.chain.has_code = False

    with pytest.raises(FatalError, match="the chain was started anew"):
        open_source(settings, open_decoder(), stop=threading.Event())
