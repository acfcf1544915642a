"""Projected tables are made anew from the journal: on demand, and when their shape is another one."""

import pytest
from sqlalchemy import text, update

from indexer import schema
from indexer.errors import FatalError
from indexer.rebuild import rebuild
from indexer.schema import SHAPES, indexed_chains, prepare
from indexer.tables.chain import Block, Change, Undo
from indexer.tables.membership import Membership
from tests.factories.mirror import DECODER, DEPLOYMENT, Mirror
from tests.fakes.chain import CHAIN_ID
from tests.fakes.contracts import FakeCommunity, account


@pytest.fixture
def community(mirror: Mirror) -> FakeCommunity:
    """Opened in block 1, with five members, of whom the last three are not final."""
    community = FakeCommunity(1)
    mirror.chain.final_depth = 3
    mirror.chain.mine(*community.open())
    for number in range(5):
        mirror.chain.mine(*community.join(account(number), 1, at=0), *community.renew(1, account(0)))
    mirror.catch_up()
    return community


def test_rebuild_gives_the_same_rows_undo_rows_and_feed(mirror: Mirror, community: FakeCommunity) -> None:
    before = mirror.tables(), mirror.rows(Undo), mirror.rows(Change)
    with mirror.connection.begin():
        mirror.connection.execute(text("DELETE FROM memberships"))
        mirror.connection.execute(text("UPDATE tiers SET seats = 99"))

    assert rebuild(mirror.connection, [DEPLOYMENT], decoder=DECODER) == 16

    after = mirror.tables(), mirror.rows(Undo), mirror.rows(Change)
    assert after == before
    assert len(mirror.rows(Undo)) > 0


def test_a_rebuilt_table_can_be_followed_and_undone(mirror: Mirror, community: FakeCommunity) -> None:
    rebuild(mirror.connection, [DEPLOYMENT], decoder=DECODER)

    mirror.chain.fork(2)
    mirror.chain.mine()
    mirror.chain.mine()
    mirror.chain.mine()
    mirror.catch_up()

    assert len(mirror.rows(Membership)) == 3
    assert len(mirror.rows(Block)) >= 3


def test_rebuild_in_small_ranges_gives_the_same_rows(
    mirror: Mirror, community: FakeCommunity, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = mirror.tables()
    monkeypatch.setattr("indexer.rebuild.LOGS_PER_RANGE", 2)

    rebuild(mirror.connection, [DEPLOYMENT], decoder=DECODER)

    assert mirror.tables() == before


def test_rebuild_of_an_empty_journal_gives_empty_tables(mirror: Mirror) -> None:
    assert rebuild(mirror.connection, [DEPLOYMENT], decoder=DECODER) == 0
    assert all(not rows for rows in mirror.tables().values())


def test_a_failed_rebuild_changes_nothing(
    mirror: Mirror, community: FakeCommunity, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = mirror.tables()
    monkeypatch.setattr("indexer.rebuild.record_shapes", lambda _: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        rebuild(mirror.connection, [DEPLOYMENT], decoder=DECODER)

    assert mirror.tables() == before
    mirror.chain.mine(*community.join(account(9), 1, at=0))
    mirror.catch_up()
    assert len(mirror.rows(Membership)) == 6


def test_prepare_knows_a_projection_that_writes_other_rows(
    mirror: Mirror, community: FakeCommunity, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prepare(mirror.connection) is True

    monkeypatch.setattr(schema, "REVISION", 99)
    assert prepare(mirror.connection) is False
    assert indexed_chains(mirror.connection) == [CHAIN_ID]
    rebuild(mirror.connection, [DEPLOYMENT], decoder=DECODER)
    assert prepare(mirror.connection) is True


def test_a_table_of_an_old_shape_is_replaced(mirror: Mirror, community: FakeCommunity) -> None:
    before = mirror.tables()
    with mirror.connection.begin():
        mirror.connection.execute(text("ALTER TABLE memberships DROP COLUMN rate"))
        mirror.connection.execute(update(SHAPES).where(SHAPES.c.table_name == "memberships").values(hash="old"))

    assert prepare(mirror.connection) is False
    rebuild(mirror.connection, [DEPLOYMENT], decoder=DECODER)

    assert mirror.tables() == before


def test_prepare_refuses_a_journal_of_another_shape(mirror: Mirror) -> None:
    with mirror.connection.begin():
        mirror.connection.execute(update(SHAPES).where(SHAPES.c.table_name == "logs").values(hash="old"))

    with pytest.raises(FatalError, match="Table logs was made by another version of koinon: index into a new database"):
        prepare(mirror.connection)
