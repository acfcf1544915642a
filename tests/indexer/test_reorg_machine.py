"""For any history with forks the tables are those of the winning chain alone, and the journal gives them too."""

import copy
import itertools
import shutil
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.database import open_engine, writer
from indexer.events.community import (
    KeySet,
    ManifestPublished,
    OperatorAnnounced,
    OwnershipTransferred,
    RolesSet,
    SharesSet,
    Split,
)
from indexer.events.membership import VoucherUsed
from indexer.rebuild import rebuild
from indexer.schema import prepare
from tests.factories.mirror import DECODER, DEPLOYMENT, mirroring
from tests.fakes.chain import FakeChain, FakeLog
from tests.fakes.contracts import FakeCommunity, account
from tests.fixtures.postgres import Postgres

World = list[FakeCommunity]
Step = Callable[[World, int, int, int], list[FakeLog]]
"""World, two small numbers and the time -> the logs of one transaction, and the world after it."""


def _opened(world: World, a: int, b: int, at: int) -> list[FakeLog]:
    world.append(FakeCommunity(len(world) + 1, founder=account(a)))
    return world[-1].open()


def _joined(world: World, a: int, b: int, at: int) -> list[FakeLog]:
    community = world[a % len(world)]
    return community.join(account(a), 1 + b % 2, at=at, badge=b // 4 if community.members else 0)


def _member(step: Callable[[FakeCommunity, int, int], list[FakeLog]]) -> Step:
    def act(world: World, a: int, b: int, at: int) -> list[FakeLog]:
        community = world[a % len(world)]
        if not community.members:
            return community.join(account(a), 1, at=at)
        return step(community, sorted(community.members)[b % len(community.members)], a)

    return act


def _hub(step: Callable[[FakeCommunity, int, int], object]) -> Step:
    def act(world: World, a: int, b: int, at: int) -> list[FakeLog]:
        community = world[a % len(world)]
        return [community.hub(step(community, a, b))]

    return act


STEPS: list[Step] = [
    _opened,
    _joined,
    _joined,
    _member(lambda community, token_id, a: community.renew(token_id, account(a))),
    _member(lambda community, token_id, a: community.move(token_id, account(a))),
    _member(lambda community, token_id, a: community.settle(token_id) + community.withdraw()),
    _member(lambda community, token_id, a: community.settle(token_id, counts=a % 2 == 0)),
    _member(lambda community, token_id, a: community.change_tier(token_id, 1 + a % 2)),
    _member(lambda community, token_id, a: community.grant_more(token_id)),
    _member(lambda community, token_id, a: community.cancel(token_id, at=1_000 + a)),
    _member(lambda community, token_id, a: community.revoke(token_id, at=1_000 + a)),
    _member(lambda community, token_id, a: community.burn(token_id, at=1_000 + a)),
    _member(lambda community, token_id, a: community.release(token_id)),
    _member(lambda community, token_id, a: community.agree(token_id, periods_left=a)),
    _member(lambda community, token_id, a: community.disagree(token_id)),
    _member(lambda community, token_id, a: community.set_ledger(token_id, amount=a)),
    _member(lambda community, token_id, a: community.claim(token_id, account(a))),
    _member(
        lambda community, token_id, a: [community.token(VoucherUsed("0x" + f"{a:02x}" * 32, account(a), token_id, 1))]
    ),
    _member(lambda community, token_id, a: community.set_price(1 + a % 2, 1000 + a)),
    _hub(lambda community, a, b: KeySet(account(a), "0x" + f"{b:02x}" * 32, 2**40 - 1 if a % 2 else 0)),
    _hub(lambda community, a, b: RolesSet(account(a), b)),
    _hub(lambda community, a, b: SharesSet(account(a), a, account(b), b, (Split(account(a), 1 + b),), a)),
    _hub(lambda community, a, b: OperatorAnnounced(account(a), a, b)),
    _hub(lambda community, a, b: OwnershipTransferred(community.founder, account(b))),
    _hub(lambda community, a, b: ManifestPublished(2**64 - 1 - a, "0x" + f"{b:02x}" * 32, 1, account(a))),
]

action = st.tuples(st.integers(0, len(STEPS) - 1), st.integers(0, 7), st.integers(0, 7))
block = st.lists(action, max_size=4)
Actions = list[tuple[int, int, int]]
Fork = tuple[int, list[Actions], bool]
"""Depth, the blocks mined then, and whether the indexer looks before the next fork."""


def forks_up_to(depth: int, blocks: int) -> st.SearchStrategy[list[Fork]]:
    return st.lists(st.tuples(st.integers(0, depth), st.lists(block, max_size=blocks), st.booleans()), max_size=6)


class History:
    """A chain with the state of its contracts after each block, so that a fork goes on from the right one."""

    def __init__(self, final_depth: int) -> None:
        self.chain = FakeChain(final_depth=final_depth)
        self.worlds: list[World] = [[]]
        self.mine([(0, 0, 0)])

    def mine(self, actions: Actions) -> None:
        world = copy.deepcopy(self.worlds[-1])
        at = self.chain.head.timestamp
        logs = [log for which, a, b in actions for log in STEPS[which if world else 0](world, a, b, at)]
        self.chain.mine(*logs)
        self.worlds.append(world)

    def fork(self, depth: int, blocks: list[Actions], *, deepest: int) -> None:
        depth = min(depth, deepest)
        if depth:
            self.chain.fork(depth)
            del self.worlds[len(self.worlds) - depth :]
        for actions in blocks:
            self.mine(actions)
        while len(self.worlds) < 2:  # the factory's first community is always there
            self.mine([(0, 0, 0)])


def _check(url: Callable[[], str], forks: list[Fork], *, final_depth: int = 12) -> None:
    history = History(final_depth)
    with mirroring(url(), history.chain) as mirror:
        mirror.catch_up()
        for depth, blocks, looks in forks:
            place = mirror.indexer.place
            final = 0 if place is None else place.final_number
            history.fork(depth, blocks, deepest=history.chain.head.number - final)
            if looks:
                history.mine([])  # a chain wins by growing
                mirror.catch_up()
        history.mine([])
        mirror.catch_up()
        followed = mirror.tables()
        with mirroring(url(), history.chain) as fresh:
            fresh.catch_up()

            assert followed == fresh.tables()
        rebuild(mirror.connection, [DEPLOYMENT], decoder=DECODER)
        assert followed == mirror.tables()


@pytest.fixture(scope="module")
def new_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Makes SQLite databases with empty tables."""
    folder, names = tmp_path_factory.mktemp("histories"), itertools.count()
    with writer(open_engine(f"sqlite:///{folder / 'empty.db'}"), []) as connection:
        prepare(connection)

    def make() -> str:
        path = folder / f"{next(names) % 2}.db"
        for old in folder.glob(f"{path.name}*"):
            old.unlink()
        shutil.copy(folder / "empty.db", path)
        return f"sqlite:///{path}"

    return make


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(forks=forks_up_to(12, 8))
def test_tables_equal_those_of_the_winning_chain_on_sqlite(new_file: Callable[[], str], forks: list[Fork]) -> None:
    _check(new_file, forks)


@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
@given(forks=forks_up_to(12, 8))
def test_tables_equal_those_of_the_winning_chain_on_postgresql(postgres: Postgres, forks: list[Fork]) -> None:
    made: list[str] = []

    def make() -> str:
        made.append(postgres.create())
        return made[-1]

    _check(make, forks)
    for url in made:
        postgres.drop(url)


@pytest.mark.deep
@settings(max_examples=1_000, suppress_health_check=[HealthCheck.too_slow])
@given(forks=forks_up_to(64, 24))
def test_tables_equal_those_of_the_winning_chain_in_a_thousand_histories(
    new_file: Callable[[], str], forks: list[Fork]
) -> None:
    _check(new_file, forks, final_depth=64)
