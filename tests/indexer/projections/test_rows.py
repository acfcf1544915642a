"""Rows of one range: read once, changed in memory, written with the images from before each block."""

import json

import pytest

from indexer.errors import FatalError
from indexer.projections.rows import Rows
from indexer.tables.chain import Undo
from indexer.tables.membership import Earnings
from tests.factories.mirror import Mirror
from tests.fakes.chain import CHAIN_ID
from tests.fakes.contracts import account

KEY = (account(1),)


def row(earned: int) -> dict[str, object]:
    return {"contract": account(1), "earned_total": earned, "withdrawn_total": 0}


@pytest.fixture
def rows(mirror: Mirror) -> Rows:
    """Earnings of one contract are stored; block 5 has begun."""
    with mirror.connection.begin():
        first = Rows(mirror.connection, CHAIN_ID)
        first.start_block(4, final=True)
        first.put(Earnings, **row(1))
        first.flush()
    rows = Rows(mirror.connection, CHAIN_ID)
    rows.start_block(5, final=False)
    return rows


def test_prefetch_does_not_undo_a_change_in_memory(mirror: Mirror, rows: Rows) -> None:
    with mirror.connection.begin():
        rows.change(Earnings, KEY, earned_total=2)

        rows.prefetch([(Earnings, KEY), (Earnings, (account(2),))])

        assert rows.find(Earnings, KEY) == row(2)
        assert rows.find(Earnings, (account(2),)) is None


def test_each_block_keeps_the_image_from_before_its_first_change(mirror: Mirror, rows: Rows) -> None:
    with mirror.connection.begin():
        rows.change(Earnings, KEY, earned_total=2)
        rows.change(Earnings, KEY, earned_total=3)
        rows.start_block(6, final=False)
        rows.change(Earnings, KEY, earned_total=4)
        rows.put(Earnings, **row(9) | {"contract": account(2)})
        rows.flush()

    images = {(undo["block_number"], undo["row_key"]): undo["image"] for undo in mirror.rows(Undo)}
    assert json.loads(images[5, json.dumps(KEY)]) == row(1)
    assert json.loads(images[6, json.dumps(KEY)]) == row(3)
    assert images[6, json.dumps([account(2)])] is None


def test_a_final_block_keeps_no_image(mirror: Mirror, rows: Rows) -> None:
    with mirror.connection.begin():
        rows.start_block(6, final=True)
        rows.change(Earnings, KEY, earned_total=2)
        rows.flush()

    assert mirror.rows(Undo) == []
    assert mirror.row(Earnings) == row(2)


def test_a_removed_row_is_gone_and_its_image_kept(mirror: Mirror, rows: Rows) -> None:
    with mirror.connection.begin():
        rows.remove(Earnings, KEY)
        rows.remove(Earnings, (account(2),))
        gone = rows.find(Earnings, KEY)
        rows.flush()

    assert gone is None
    assert mirror.rows(Earnings) == []
    [undo] = mirror.rows(Undo)
    assert json.loads(undo["image"]) == row(1)


def test_a_row_can_be_made_again_after_it_was_removed(mirror: Mirror, rows: Rows) -> None:
    with mirror.connection.begin():
        rows.remove(Earnings, KEY)
        rows.put(Earnings, **row(7))
        rows.flush()

    assert mirror.row(Earnings) == row(7)


def test_get_refuses_a_row_that_nothing_made(mirror: Mirror, rows: Rows) -> None:
    with mirror.connection.begin(), pytest.raises(FatalError, match="Block 5 changes Earnings"):
        rows.get(Earnings, (account(2),))
