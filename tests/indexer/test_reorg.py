"""Blocks are taken back row by row, never below a final one, and the feed tells."""

import copy

import pytest
from sqlalchemy import insert, select

from indexer.checkpoint import BLOCKS, CHANGES, UNDO
from indexer.errors import FatalError
from indexer.tables.chain import Block, Log, Undo
from indexer.tables.community import Community
from indexer.tables.holdings import HoldingChange
from indexer.tables.membership import Membership, Payment, Tier
from tests.factories.mirror import Mirror, mirroring
from tests.fakes.chain import CHAIN_ID, FakeChain
from tests.fakes.contracts import FakeCommunity, account

ALICE, BOB = account(1), account(2)


@pytest.fixture
def community(mirror: Mirror) -> FakeCommunity:
    """Opened in block 1, and indexed."""
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    mirror.catch_up()
    return community


def changes_of(mirror: Mirror) -> list[tuple[int, str, bool]]:
    with mirror.connection.begin():
        chosen = select(CHANGES.c.block_number, CHANGES.c.kind, CHANGES.c.removed).order_by(CHANGES.c.seq)
        return [tuple(row) for row in mirror.connection.execute(chosen)]


def test_a_join_that_a_reorg_removes_leaves_no_row(mirror: Mirror, community: FakeCommunity) -> None:
    before = mirror.tables()
    mirror.chain.mine(*community.join(ALICE, 1, at=0))
    mirror.catch_up()

    mirror.chain.fork(1)
    for _ in range(2):
        mirror.chain.mine()
    mirror.catch_up()

    assert mirror.tables() == before
    assert [block["number"] for block in mirror.rows(Block)] == [0, 1, 2, 3][1:]
    assert {log["block_number"] for log in mirror.rows(Log)} == {1}
    assert mirror.indexer.counts.reorgs == 1


def test_a_join_that_a_reorg_restores_is_there_again(mirror: Mirror, community: FakeCommunity) -> None:
    logs = community.join(ALICE, 1, at=0)
    mirror.chain.mine(*logs)
    mirror.catch_up()

    mirror.chain.fork(1)
    mirror.chain.mine()
    mirror.catch_up()
    removed = mirror.rows(Membership)
    mirror.chain.mine(*logs)
    mirror.catch_up()

    assert removed == []
    assert mirror.row(Membership)["block_number"] == 3
    assert mirror.row(Payment)["block_number"] == 3
    assert [row["block_number"] for row in mirror.rows(HoldingChange)] == [3]


def test_a_row_gets_the_image_from_before_the_oldest_removed_block(mirror: Mirror, community: FakeCommunity) -> None:
    prices = [5, 6, 7, 8]
    for price in prices:
        mirror.chain.mine(*community.set_price(1, price))
    mirror.catch_up()

    mirror.chain.fork(3)
    for _ in range(3):
        mirror.chain.mine()
    mirror.catch_up()

    assert mirror.rows(Tier)[0]["price"] == 5


def test_a_community_that_a_reorg_removes_is_forgotten_and_can_come_back(
    mirror: Mirror, community: FakeCommunity
) -> None:
    other = FakeCommunity(2)
    opening = other.open()
    mirror.chain.mine(*opening)
    mirror.catch_up()

    mirror.chain.fork(1)
    mirror.chain.mine(*other.join(ALICE, 1, at=0))  # nobody opened it on this chain: these are a stranger's logs
    mirror.catch_up()
    alone = [row["address"] for row in mirror.rows(Community)]
    mirror.chain.mine(*opening)
    mirror.chain.mine(*other.join(BOB, 1, at=0))
    mirror.catch_up()

    assert alone == [community.address]
    assert [row["address"] for row in mirror.rows(Community)] == [community.address, other.address]
    assert mirror.row(Membership)["holder"] == BOB


def test_the_feed_tells_what_was_removed_newest_first(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.join(ALICE, 1, at=0))
    mirror.chain.mine(*community.set_price(1, 5))
    mirror.catch_up()
    start = len(changes_of(mirror))

    mirror.chain.fork(2)
    for _ in range(3):
        mirror.chain.mine()
    mirror.catch_up()

    assert changes_of(mirror)[start:] == [
        (3, "block", True),
        (3, "tier", True),
        (2, "membership", True),
        (4, "block", False),
    ]


def test_a_change_is_removed_once_even_when_reorgs_follow_each_other(mirror: Mirror, community: FakeCommunity) -> None:
    for depth in (1, 2, 3):
        mirror.chain.fork(depth - 1)  # all but the opening
        for _ in range(depth):
            mirror.chain.mine(*community.set_price(1, depth))
        mirror.catch_up()

    live: dict[int, int] = {}
    for number, kind, removed in changes_of(mirror):
        if kind == "tier" and number > 1:
            live[number] = live.get(number, 0) + (-1 if removed else 1)
            assert live[number] in {0, 1}
    assert live == {2: 1, 3: 1, 4: 1}


def test_a_reorg_of_64_blocks_is_undone(database: str) -> None:
    chain, community = FakeChain(final_depth=70), FakeCommunity(1)
    chain.mine(*community.open())
    for number in range(64):
        chain.mine(*community.join(account(number), 1, at=0))
    with mirroring(database, chain) as mirror:
        mirror.catch_up()

        chain.fork(64)
        for _ in range(65):
            chain.mine()
        mirror.catch_up()

        assert mirror.rows(Membership) == []
        assert mirror.rows(Tier)[0]["seats"] == 0


def test_a_shorter_chain_is_a_reorg_too(mirror: Mirror, community: FakeCommunity) -> None:
    for number in range(3):
        mirror.chain.mine(*community.join(account(number), 1, at=0))
    mirror.catch_up()

    mirror.chain.fork(3)
    mirror.chain.mine()
    mirror.catch_up()

    assert mirror.rows(Membership) == []
    assert mirror.indexer.place is not None
    assert mirror.indexer.place.number == 2


def test_a_reorg_at_the_border_of_two_ranges_is_seen(mirror: Mirror, community: FakeCommunity) -> None:
    fork = copy.deepcopy(community)
    mirror.chain.mine(*community.join(ALICE, 1, at=0))
    mirror.catch_up()

    mirror.chain.fork(1)  # the last applied block is replaced, and the next range starts right above it
    mirror.chain.mine(*fork.join(BOB, 1, at=0))
    mirror.chain.mine(*fork.renew(1, BOB))
    mirror.catch_up()

    assert mirror.row(Membership)["holder"] == BOB
    assert [row["kind"] for row in mirror.rows(Payment)] == ["join", "renewal"]


def test_an_event_about_a_row_that_no_event_made_is_fatal(mirror: Mirror, community: FakeCommunity) -> None:
    community.join(ALICE, 1, at=0)  # which the node never tells
    mirror.chain.mine(*community.renew(1, ALICE))

    with pytest.raises(FatalError, match=r"Block 2 changes Membership .* which no event made: the node left out logs"):
        mirror.catch_up()

    assert mirror.rows(Payment) == []


def test_everything_is_undone_when_nothing_was_final(database: str) -> None:
    chain = FakeChain(final_depth=64)
    chain.mine(*FakeCommunity(1).open())
    with mirroring(database, chain) as mirror:
        mirror.catch_up()

        chain.fork(1)
        chain.mine()
        assert mirror.indexer.step() is False
        nothing = mirror.indexer.place, mirror.rows(Community)
        mirror.catch_up()

        assert nothing == (None, [])
        assert mirror.indexer.place is not None


def test_a_reorg_below_the_final_block_stops_with_the_reason(database: str) -> None:
    chain, community = FakeChain(final_depth=2), FakeCommunity(1)
    chain.mine(*community.open())
    for number in range(5):
        chain.mine(*community.join(account(number), 1, at=0))
    with mirroring(database, chain) as mirror:
        mirror.catch_up()
        before = mirror.tables()

        chain.fork(3)
        for _ in range(4):
            chain.mine()
        with pytest.raises(FatalError, match="Block 4, which was final, is not part of the node's chain any more"):
            mirror.catch_up()

        assert mirror.tables() == before


def test_a_replaced_chain_is_seen_in_backfill(database: str) -> None:
    chain = FakeChain(final_depth=0)
    chain.mine()
    with mirroring(database, chain) as mirror:
        mirror.catch_up()

        chain.fork(1)
        chain.mine()
        chain.mine()
        with pytest.raises(FatalError, match="Block 1, which was final"):
            mirror.catch_up()


def test_final_blocks_keep_no_undo_rows_and_only_blocks_with_logs(database: str) -> None:
    chain, community = FakeChain(final_depth=3), FakeCommunity(1)
    chain.mine(*community.open())
    with mirroring(database, chain) as mirror:
        for number in range(10):
            chain.mine(*(community.join(account(number), 1, at=0) if number % 4 == 0 else []))
            mirror.catch_up()

        assert chain.head.number == 11
        assert {row["block_number"] for row in mirror.rows(Undo)} == {10}
        assert [block["number"] for block in mirror.rows(Block)] == [1, 2, 6, 8, 9, 10, 11]
        kinds = [(number, kind) for number, kind, _ in changes_of(mirror) if kind == "block"]
        assert kinds == [(number, "block") for number in (8, 9, 10, 11)]


def test_the_newest_change_keeps_its_number_when_it_is_old(database: str) -> None:
    chain = FakeChain(final_depth=3)
    chain.mine()
    with mirroring(database, chain) as mirror:
        mirror.catch_up()
        for _ in range(50):
            chain.mine()
        mirror.catch_up()

        with mirror.connection.begin():
            seqs = list(mirror.connection.execute(select(CHANGES.c.seq).order_by(CHANGES.c.seq)).scalars())
        assert seqs == [1, 2]


def test_a_head_that_does_not_move_can_become_final(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.clock.now += 10
    mirror.chain.final_depth = 0

    mirror.catch_up()

    assert mirror.rows(Undo) == []
    assert mirror.indexer.place is not None
    assert mirror.indexer.place.final_number == 1


def test_undo_tables_are_of_this_chain_only(mirror: Mirror, community: FakeCommunity) -> None:
    other = {"chain_id": CHAIN_ID + 1, "number": 9, "hash": "0x" + "ab" * 32, "timestamp": 1}
    undo = {"chain_id": CHAIN_ID + 1, "block_number": 9, "table_name": "tiers", "row_key": "[]"}
    with mirror.connection.begin():
        mirror.connection.execute(insert(BLOCKS).values(**other))
        mirror.connection.execute(insert(UNDO).values(**undo))

    mirror.chain.fork(1)
    mirror.chain.mine()
    mirror.chain.mine()
    mirror.catch_up()

    assert [block["number"] for block in mirror.rows(Block)] == [1, 2, 9]
    assert [row["block_number"] for row in mirror.rows(Undo)] == [9]
