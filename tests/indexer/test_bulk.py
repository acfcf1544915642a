"""Bulk statements and SQLAlchemy's types agree on every value, on both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite

from indexer.database import open_engine, writer
from indexer.schema import prepare
from indexer.tables import metadata
from indexer.tables.bulk import COPY_FROM, Bulk, Row
from indexer.tables.columns import Address, Uint64, Uint256
from indexer.tables.community import Community
from indexer.tables.membership import Earnings, Tier
from tests.factories.mirror import rows_of
from tests.fakes.chain import CHAIN_ID
from tests.fakes.contracts import account

MANY = COPY_FROM + 1


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    with writer(open_engine(database), [CHAIN_ID]) as connection:
        prepare(connection)
        yield connection


def earnings(number: int, *, earned_total: int = 0) -> Row:
    return {"contract": account(number), "earned_total": earned_total, "withdrawn_total": 2**256 - 1}


def tier(number: int) -> Row:
    row: Row = dict.fromkeys([column for column in Tier.model_fields if column != "chain_id"], 7)
    row |= {"contract": account(1), "tier_id": number, "label": "Gold ü", "allow_root": "0x" + "ab" * 32}
    return row | {"paused": True, "soulbound": False, "invitation_only": True, "price": 2**96 - 1, "renewal_price": 0}


@pytest.mark.parametrize("count", [0, 1, MANY])
def test_insert_writes_what_the_typed_table_reads(connection: Connection, count: int) -> None:
    rows = [tier(number) for number in range(1, count + 1)]

    with connection.begin():
        Bulk(Tier, connection, CHAIN_ID).insert(rows)

    assert rows_of(connection, Tier) == rows


@pytest.mark.parametrize("count", [0, 1, MANY])
def test_upsert_replaces_rows_and_adds_new_ones(connection: Connection, count: int) -> None:
    bulk = Bulk(Earnings, connection, CHAIN_ID)
    with connection.begin():
        bulk.insert([earnings(0), earnings(MANY + 5)])
    rows = [earnings(number, earned_total=number) for number in range(count)]

    for _ in range(2):  # the second time PostgreSQL's staging table exists
        with connection.begin():
            bulk.upsert(rows)

    kept = [earnings(MANY + 5)] if count else [earnings(0), earnings(MANY + 5)]
    assert rows_of(connection, Earnings) == rows + kept


@pytest.mark.parametrize("count", [1, 5_001])
def test_read_gives_the_rows_that_exist(connection: Connection, count: int) -> None:
    bulk = Bulk(Tier, connection, CHAIN_ID)
    with connection.begin():
        bulk.insert([tier(2)])
        Bulk(Tier, connection, CHAIN_ID + 1).insert([tier(1)])

        found = bulk.read([(account(1), number) for number in range(1, count + 2)])

    assert found == {(account(1), 2): tier(2)}


def test_delete_removes_rows_of_its_chain_only(connection: Connection) -> None:
    with connection.begin():
        for chain_id in (CHAIN_ID, CHAIN_ID + 1):
            Bulk(Earnings, connection, chain_id).insert([earnings(1), earnings(2)])

        Bulk(Earnings, connection, CHAIN_ID).delete([(account(1),)])

    assert [row["contract"] for row in rows_of(connection, Earnings)] == [account(2), account(1), account(2)]


def test_a_missing_value_stays_missing(connection: Connection) -> None:
    row: Row = dict.fromkeys([column for column in Community.model_fields if column != "chain_id"], 0)
    columns = metadata.tables["mirror.communities"].columns
    row |= {column.name: account(3) for column in columns if isinstance(column.type, Address)}
    row |= {"name": "n", "symbol": "s", "home_uri": "u", "manifest_digest": None, "manifest_sequence": 2**64 - 1}

    with connection.begin():
        bulk = Bulk(Community, connection, CHAIN_ID)
        bulk.insert([row])

        assert bulk.read([(account(3),)]) == {(account(3),): row}
    assert rows_of(connection, Community) == [row]


@pytest.mark.parametrize(
    ("type_", "value"),
    [(Uint64(), 2**64 * 10), (Uint256(), -1), (Uint256(), 10**78), (Address(), "0x00"), (Address(), "zz" * 21)],
)
def test_a_value_that_does_not_fit_is_refused(type_: Address | Uint64, value: object) -> None:
    with pytest.raises(ValueError, match=r"is not a 0x text|does not fit|non-hexadecimal"):
        type_.process_bind_param(value, sqlite.dialect())  # type: ignore[arg-type]


@pytest.mark.parametrize("type_", [Uint64(), Uint256(), Address()])
def test_no_value_is_no_value(type_: Address | Uint64) -> None:
    assert type_.process_bind_param(None, sqlite.dialect()) is None
    assert type_.process_result_value(None, sqlite.dialect()) is None
