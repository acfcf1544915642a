"""The shared fixtures keep what they promise."""

from pathlib import Path

import psycopg
import pytest

from tests.fixtures.anvil import Anvil
from tests.fixtures.postgres import DatabaseMaker, Postgres
from tests.fixtures.process import start


def test_anvil_starts_with_genesis_only(anvil: Anvil) -> None:
    assert (anvil.head, len(anvil.accounts), anvil.rpc("eth_chainId")) == (0, 10, hex(anvil.chain_id))


def test_anvil_time_is_the_one_set(anvil: Anvil) -> None:
    later = anvil.time + 30 * 86_400

    anvil.set_time(later)

    assert anvil.time == later


def test_anvil_revert_restores_the_snapshot(anvil: Anvil) -> None:
    snapshot = anvil.snapshot()
    anvil.mine(3)

    anvil.revert(snapshot)

    assert anvil.head == 0


def test_anvil_reorg_replaces_the_newest_blocks_and_their_transactions(anvil: Anvil) -> None:
    sender, receiver = anvil.accounts[:2]
    balance = anvil.rpc("eth_getBalance", receiver, "latest")
    anvil.mine(2)
    anvil.send({"from": sender, "to": receiver, "value": "0x1"})
    before = [anvil.block(number)["hash"] for number in range(4)]

    anvil.reorg(2)

    after = [anvil.block(number)["hash"] for number in range(4)]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, True, False, False]
    assert anvil.rpc("eth_getBalance", receiver, "latest") == balance


def test_postgres_database_is_fresh(postgres: Postgres) -> None:
    first = postgres.create()
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE once (id int)")
    template = first.rpartition("?")[0].rpartition("/")[2]

    with psycopg.connect(postgres.create()) as empty, psycopg.connect(postgres.create(template)) as copy:
        assert empty.execute("SELECT to_regclass('once')").fetchone() == (None,)
        assert copy.execute("SELECT to_regclass('once')").fetchone() == ("once",)


def test_database_is_offered_on_both_engines(database: str, data_folder: Path) -> None:
    assert database == f"sqlite:///{data_folder}/mirror.db" or database.startswith("postgresql://")


def test_make_database_gives_another_each_time(make_database: DatabaseMaker) -> None:
    assert make_database() != make_database()


def test_start_tells_what_a_program_printed_before_it_ended(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no such thing"):
        start(["sh", "-c", "echo no such thing; exit 3"], until="ready", log=tmp_path / "log")
