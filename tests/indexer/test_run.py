"""Steps of the loop: what is applied, when the head is confirmed, and what a failure leaves behind."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from indexer.checkpoint import CHANGES, CHECKPOINTS
from indexer.errors import FatalError, RetryableError
from indexer.events.community import OwnershipTransferred
from indexer.events.token import Transfer
from indexer.rpc import Call
from indexer.run import HEAD_SPAN
from indexer.tables.chain import Block, Checkpoint, Log
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Community, Home, OwnerChange
from indexer.tables.crowdsale import Sale
from indexer.tables.membership import Membership, Tier
from indexer.tables.token import TokenHolder
from tests.factories.events import log_of
from tests.factories.mirror import DEPLOYMENT, NOW, Mirror, mirroring, new_indexer
from tests.fakes.chain import FakeBlock, FakeChain, FakeLog
from tests.fakes.contracts import FACTORY, FakeCommunity, account
from tests.fakes.suite import SALE, TOKEN, sale_made

ALICE = account(1)
ROOTS = [contract.address for contract in DEPLOYMENT.contracts.values()]
"""What is known before any block."""


def seqs(mirror: Mirror) -> list[int]:
    with mirror.connection.begin():
        return list(mirror.connection.execute(select(CHANGES.c.seq).order_by(CHANGES.c.seq)).scalars())


def test_an_empty_chain_leaves_no_checkpoint(mirror: Mirror) -> None:
    assert mirror.indexer.step() is True
    assert mirror.rows(Checkpoint) == []


def test_a_community_and_its_first_member_in_one_range_are_both_seen(mirror: Mirror) -> None:
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    mirror.chain.mine(*community.join(ALICE, 1, at=0))

    assert mirror.indexer.step() is True
    assert mirror.row(Community)["address"] == community.address
    assert mirror.row(Membership)["holder"] == ALICE
    assert mirror.rows(Tier)[0]["seats"] == 1
    assert len(mirror.rows(Log)) == 7


def test_a_member_who_joins_in_the_very_block_of_the_opening_is_seen(mirror: Mirror) -> None:
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open(), *community.join(ALICE, 1, at=0))

    mirror.catch_up()

    assert mirror.row(Membership)["holder"] == ALICE


def test_communities_of_several_blocks_are_applied_in_order(mirror: Mirror) -> None:
    first, second = FakeCommunity(1), FakeCommunity(2)
    mirror.chain.mine(*first.open())
    mirror.chain.mine(*second.open(), *first.join(ALICE, 1, at=0))
    mirror.chain.mine(*first.renew(1, ALICE))

    mirror.catch_up()

    assert [row["epoch"] for row in mirror.rows(Home)] == [1, 1]
    assert len(mirror.rows(OwnerChange)) == 4
    assert mirror.row(Membership)["block_number"] == 3


def test_a_sale_that_is_made_and_used_in_the_range_of_the_opening_is_seen(mirror: Mirror) -> None:
    community = FakeCommunity(1)
    minted = log_of(TOKEN, Transfer(ZERO_ADDRESS, ALICE, 5))
    mirror.chain.mine(*community.open(), sale_made(community), minted)

    assert mirror.indexer.step() is True
    assert mirror.row(Sale)["address"] == SALE
    assert mirror.row(TokenHolder)["balance"] == 5


def test_an_indexer_that_is_started_anew_knows_the_sales_of_before(mirror: Mirror) -> None:
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open(), sale_made(community))
    mirror.catch_up()
    mirror.indexer = new_indexer(mirror.connection, mirror.rpc, mirror.clock)

    mirror.chain.mine(log_of(TOKEN, Transfer(ZERO_ADDRESS, ALICE, 5)))
    mirror.catch_up()

    assert mirror.row(TokenHolder)["balance"] == 5


def test_the_tables_forget_a_sale_that_a_reorg_took_back(mirror: Mirror) -> None:
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    mirror.chain.mine(sale_made(community))
    mirror.catch_up()

    mirror.chain.fork(1)
    mirror.chain.mine()
    mirror.chain.mine(log_of(TOKEN, Transfer(ZERO_ADDRESS, ALICE, 5)))  # now a stranger's
    mirror.catch_up()

    assert mirror.rows(Sale) == mirror.rows(TokenHolder) == []


def test_only_logs_that_are_read_are_stored(mirror: Mirror) -> None:
    """The topic of ERC-721's Transfer is asked of all contracts, and read of Badges alone."""
    community = FakeCommunity(1)
    [transfer] = community.move_badge(5, ZERO_ADDRESS, ALICE)
    mirror.chain.mine(*community.open())
    mirror.chain.mine(FakeLog(community.membership, transfer.topics, transfer.data))
    mirror.catch_up()

    assert {row["block_number"] for row in mirror.rows(Log)} == {1}


def test_logs_of_strangers_are_not_stored(mirror: Mirror) -> None:
    mirror.chain.mine(*FakeCommunity(9).open()[1:])

    mirror.catch_up()

    assert mirror.rows(Log) == []


def test_backfill_keeps_blocks_with_logs_and_the_last_one(database: str) -> None:
    chain, community = FakeChain(final_depth=2), FakeCommunity(1)
    chain.mine(*community.open())
    chain.mine()
    chain.mine(*community.join(ALICE, 1, at=0))
    for _ in range(4):
        chain.mine()
    with mirroring(database, chain) as mirror:
        assert mirror.indexer.step() is False

        blocks = mirror.rows(Block)
        assert [block["number"] for block in blocks] == [1, 3, 5]
        assert [block["parent_hash"] is None for block in blocks] == [False, True, False]
        assert mirror.row(Checkpoint)["confirmed_at"] == 0


def test_backfill_halves_its_range_when_the_node_wants_it(database: str) -> None:
    chain, community = FakeChain(final_depth=0), FakeCommunity(1)
    chain.mine(*community.open())
    for number in range(30):
        chain.mine(*community.join(account(number), 1, at=0))
    chain.most_logs = 6
    with mirroring(database, chain) as mirror:
        mirror.catch_up()

        assert len(mirror.rows(Membership)) == 30


def test_ranges_near_the_head_are_short_and_keep_every_block(database: str) -> None:
    chain = FakeChain(final_depth=1000)
    for _ in range(HEAD_SPAN + 5):
        chain.mine()
    with mirroring(database, chain) as mirror:
        assert mirror.indexer.step() is False
        assert len(mirror.rows(Block)) == HEAD_SPAN
        assert mirror.indexer.step() is True
        assert len(mirror.rows(Block)) == HEAD_SPAN + 5


def test_the_head_is_confirmed_when_it_is_applied(mirror: Mirror) -> None:
    block = mirror.chain.mine()

    mirror.catch_up()

    assert mirror.row(Checkpoint) == {
        "number": 1,
        "hash": block.hash,
        "timestamp": block.timestamp,
        "final_number": 0,
        "head_number": 1,
        "confirmed_at": NOW,
    }


@pytest.mark.parametrize(("seconds", "confirmed"), [(0.4, NOW), (0.6, NOW + 0.6), (-3600, NOW - 3600)])
def test_an_unmoved_head_is_confirmed_again_after_a_while(mirror: Mirror, seconds: float, confirmed: float) -> None:
    mirror.chain.mine()
    mirror.catch_up()
    mirror.clock.now += seconds

    assert mirror.indexer.step() is True

    assert mirror.row(Checkpoint)["confirmed_at"] == confirmed


def test_a_lagging_node_confirms_nothing_and_undoes_nothing(mirror: Mirror) -> None:
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    mirror.chain.mine(*community.join(ALICE, 1, at=0))
    mirror.catch_up()
    mirror.clock.now += 10

    mirror.chain.fork(1)  # the same chain, one block ago
    assert mirror.indexer.step() is True

    assert mirror.row(Checkpoint)["confirmed_at"] == NOW
    assert len(mirror.rows(Membership)) == 1


def test_a_node_far_behind_the_final_block_is_only_lagging(database: str) -> None:
    chain = FakeChain(final_depth=2)
    for _ in range(9):
        chain.mine()
    with mirroring(database, chain) as mirror:
        mirror.catch_up()

        chain.fork(7)
        with pytest.raises(RetryableError, match="The node is at block 2, but block 7 was final already"):
            mirror.indexer.step()

        assert mirror.row(Checkpoint)["number"] == 9


def test_final_never_falls_when_a_node_says_less(mirror: Mirror) -> None:
    mirror.chain.final_depth = 1
    for _ in range(5):
        mirror.chain.mine()
    mirror.catch_up()

    mirror.chain.final_depth = 64
    mirror.chain.mine()
    mirror.catch_up()

    assert mirror.row(Checkpoint)["final_number"] == 4


def test_a_chain_that_changes_between_two_answers_is_read_again(mirror: Mirror) -> None:
    community = FakeCommunity(1)
    opening = community.open()
    mirror.chain.mine(*opening)

    def fork_before_the_children_are_asked(calls: Sequence[Call]) -> None:
        method, params = calls[0]
        if method == "eth_getLogs" and params[0]["address"] != ROOTS:
            mirror.rpc.before_call = lambda _: None
            mirror.chain.fork(1)
            mirror.chain.mine()

    mirror.rpc.before_call = fork_before_the_children_are_asked
    with pytest.raises(RetryableError, match="The chain changed at block 1"):
        mirror.indexer.step()
    mirror.catch_up()

    assert mirror.rows(Community) == []
    assert mirror.rpc.calls[-2][1][0]["address"] == ROOTS


def test_a_head_that_moves_while_it_is_read_is_not_confirmed(mirror: Mirror) -> None:
    mirror.chain.mine()

    def replace_the_head(calls: Sequence[Call]) -> None:
        if calls[0][0] == "eth_getLogs":
            mirror.rpc.before_call = lambda _: None
            mirror.chain.fork(1)
            mirror.chain.mine()

    mirror.rpc.before_call = replace_the_head
    mirror.indexer.step()

    assert mirror.row(Checkpoint)["hash"] == mirror.chain.head.hash
    assert mirror.row(Checkpoint)["confirmed_at"] == 0


def test_a_step_until_a_block_goes_no_further(mirror: Mirror) -> None:
    for _ in range(3):
        mirror.chain.mine()

    assert mirror.indexer.step(until=2) is True
    assert mirror.row(Checkpoint)["number"] == 2
    assert mirror.indexer.step(until=2) is True


def test_the_database_learns_its_tables_once_they_have_grown(
    engine: str, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "postgresql":
        return  # it learns them by itself
    monkeypatch.setattr("indexer.run.ANALYSE_FROM", 3)
    mirror.indexer = new_indexer(mirror.connection, mirror.rpc, mirror.clock)
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    for number in range(1, 4):
        mirror.chain.mine(*community.join(account(number), 1, at=1_000))
    mirror.catch_up()

    with mirror.connection.begin():
        known = mirror.connection.exec_driver_sql("SELECT stat FROM sqlite_stat1 WHERE tbl = 'memberships'").scalars()
        assert set(known) != set()


def test_a_new_indexer_goes_on_from_the_checkpoint(mirror: Mirror) -> None:
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    mirror.catch_up()
    numbers = seqs(mirror)

    mirror.indexer = new_indexer(mirror.connection, mirror.rpc, mirror.clock)
    mirror.chain.mine(*community.join(ALICE, 1, at=0))
    mirror.catch_up()

    assert mirror.row(Membership)["holder"] == ALICE
    assert seqs(mirror) == list(range(1, len(numbers) + 3))


def test_a_failure_while_writing_leaves_nothing_half_done(mirror: Mirror) -> None:
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    mirror.catch_up()
    before = mirror.tables(), mirror.rows(Log), mirror.rows(Checkpoint), seqs(mirror)
    with mirror.connection.begin():
        mirror.connection.exec_driver_sql(f"ALTER TABLE {CHECKPOINTS.name} RENAME TO hidden")

    mirror.chain.mine(*community.join(ALICE, 1, at=0))
    with pytest.raises(Exception, match=CHECKPOINTS.name):
        mirror.indexer.step()
    with mirror.connection.begin():
        mirror.connection.exec_driver_sql(f"ALTER TABLE hidden RENAME TO {CHECKPOINTS.name}")

    assert (mirror.tables(), mirror.rows(Log), mirror.rows(Checkpoint), seqs(mirror)) == before
    mirror.catch_up()
    assert mirror.row(Membership)["holder"] == ALICE


def test_a_node_that_contradicts_itself_is_asked_again_later(mirror: Mirror) -> None:
    mirror.chain.mine()
    mirror.catch_up()
    before = mirror.chain.head.hash

    def fork_while_logs_are_asked(calls: Sequence[Call]) -> None:
        """The next block's parent is another one only in this answer, as behind a proxy of several nodes."""
        if calls[0][0] == "eth_getLogs":
            mirror.rpc.before_call = go_back
            kept.append(mirror.chain.blocks)
            mirror.chain.blocks = mirror.chain.blocks[:-2]
            mirror.chain.fork(0)
            mirror.chain.mine()
            mirror.chain.mine()

    def go_back(_calls: Sequence[Call]) -> None:
        mirror.chain.blocks = kept[0]

    kept: list[list[FakeBlock]] = []
    mirror.chain.mine()
    mirror.rpc.before_call = fork_while_logs_are_asked
    with pytest.raises(RetryableError, match="The node contradicts itself about block 1"):
        mirror.indexer.step()

    assert mirror.row(Checkpoint)["hash"] == before
    assert mirror.indexer.counts.reorgs == 0
    mirror.catch_up()


def test_a_final_block_is_lost_only_when_every_endpoint_says_so(database: str) -> None:
    chain = FakeChain(final_depth=1)
    for _ in range(3):
        chain.mine()
    with mirroring(database, chain) as mirror:
        mirror.rpc.add_endpoint("http://127.0.0.1:2")
        mirror.catch_up()
        good = list(chain.blocks)

        chain.fork(2)
        for _ in range(3):
            chain.mine()
        with pytest.raises(RetryableError, match="which was final"):
            mirror.indexer.step()
        assert mirror.rpc.endpoint == "http://127.0.0.1:2"
        bad, chain.blocks = chain.blocks, good  # the second endpoint has the chain that we know
        mirror.clock.now += 1
        mirror.catch_up()
        chain.blocks = bad
        with pytest.raises(RetryableError, match="which was final"):
            mirror.indexer.step()
        with pytest.raises(FatalError, match="which was final"):
            mirror.indexer.step()


def test_an_event_of_another_contract_at_the_factory_is_not_read(mirror: Mirror) -> None:
    mirror.chain.mine(log_of(FACTORY, OwnershipTransferred(ALICE, ALICE)))

    mirror.catch_up()

    assert mirror.rows(Log) == []
    assert all(not rows for rows in mirror.tables().values())
