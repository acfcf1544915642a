"""For any history with forks the tables are those of the winning chain alone, and the journal gives them too."""

import copy
import itertools
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

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
from indexer.events.crowdsale import Contributed
from indexer.events.membership import VoucherUsed
from indexer.events.store import LicenseBought, ProductSet, TransferSingle
from indexer.events.token import Transfer
from indexer.events.words import CONTRIBUTION, RAISED
from indexer.rebuild import rebuild
from indexer.schema import prepare
from indexer.tables.columns import DAY, EARNING_UNIT, FOR_LIFE, ZERO_ADDRESS
from indexer.tables.membership import EarningDay, Membership, MembershipDay
from indexer.tables.renewals import Consent
from tests.factories.events import log_of
from tests.factories.mirror import DECODER, DEPLOYMENT, Mirror, mirroring
from tests.fakes.chain import FakeChain, FakeLog
from tests.fakes.contracts import FakeCommunity, account, packed
from tests.fakes.suite import CREATOR, payment, product, sale_made
from tests.fixtures.postgres import Postgres

World = list[FakeCommunity]
Step = Callable[[World, int, int, int], list[FakeLog]]
"""World, two small numbers and the time -> the logs of one transaction, and the world after it."""


def _opened(world: World, a: int, b: int, at: int) -> list[FakeLog]:
    world.append(FakeCommunity(len(world) + 1, founder=account(a)))
    return world[-1].open()


def _joined(world: World, a: int, b: int, at: int) -> list[FakeLog]:
    community = world[a % len(world)]
    badge = min([*community.members, *community.ledgers], default=0) if b > 3 else 0
    return community.join(account(a), 1 + b % 2, at=at, badge=badge)


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


def _badge_given(community: FakeCommunity, badge: int, to: str) -> list[FakeLog]:
    """A minted badge goes on from whoever holds the membership, as far as the mirror minds."""
    minted = badge in community.ledgers and community.ledgers[badge].minted
    return community.move_badge(badge, community.members[badge].holder, to) if minted else []


def _credited(community: FakeCommunity, token_id: int, a: int) -> list[FakeLog]:
    """Money and times nearly as large as their words can hold, in any order: the whole price is a tip."""
    state = community.members[token_id]
    most, late = (1 << 88) - 1, (1 << 36) - 1  # 256 of the former fit the totals of a contract
    community.members[token_id] = replace(
        state, unearned=most >> 12 * a, settled_at=late >> 2 * a, earned_at=late >> 5 * (a % 3), rate=500 * a
    )
    return community.renew(token_id, account(a), tip=community.tiers[state.tier_id - 1].price)


def _bought(world: World, a: int, b: int, at: int) -> list[FakeLog]:
    """A product is set anew, bought, and passed on."""
    community, buyer, other = world[a % len(world)], account(a), account(b)
    events = (
        ProductSet(1, CREATOR, product(units=b)),
        LicenseBought(1, buyer, other, 0, 1, 1, FOR_LIFE, b + 1, payment(payee_total=at, community_total=at)),
        TransferSingle(buyer, ZERO_ADDRESS, buyer, 1, 1),
        TransferSingle(buyer, buyer, other, 1, b % 2),
    )
    return [log_of(community.store, event) for event in events]


def _sold(world: World, a: int, b: int, at: int) -> list[FakeLog]:
    """A sale is made, and its token given away at once."""
    community = world[a % len(world)]
    community.serial += 1
    number = 100_000 * community.number + community.serial
    sale, token = account(number), account(50_000 + number)
    words = packed(CONTRIBUTION, amount=a, bought=b), packed(RAISED, amount=a)
    return [
        sale_made(community, sale=sale, token=token),
        log_of(sale, Contributed(account(a), account(b), a, b, *words)),
        log_of(token, Transfer(ZERO_ADDRESS, account(a), b)),
        log_of(token, Transfer(account(a), account(b), b)),
    ]


STEPS: list[Step] = [
    _opened,
    _joined,
    _joined,
    _member(lambda community, token_id, a: community.renew(token_id, account(a))),
    _member(_credited),
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
    _member(lambda community, token_id, a: _badge_given(community, token_id, account(a))),
    _bought,
    _sold,
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
        _check_days(mirror)
        with mirroring(url(), history.chain) as fresh:
            fresh.catch_up()

            assert followed == fresh.tables()
        rebuild(mirror.connection, [DEPLOYMENT], decoder=DECODER)
        assert followed == mirror.tables()


def _check_days(mirror: Mirror) -> None:
    """The sums of days are those of the memberships and consents that there are."""
    money: Counter[tuple[object, ...]] = Counter()
    agreed: Counter[tuple[object, ...]] = Counter()
    consents = {(row["contract"], row["token_id"]): row for row in mirror.rows(Consent)}
    ends: dict[tuple[object, object], object] = dict.fromkeys(consents)
    for row in mirror.rows(Membership):
        contract, amount, since, until = (row[name] for name in ("contract", "unearned", "settled_at", "earned_at"))
        speed = amount * EARNING_UNIT // (until - since) if until > since else 0
        key = contract, until // DAY, row["rate"]
        money.update({(*key, "unearned"): amount, (*key, "speed"): speed, (*key, "base"): speed * since})
        consent = consents.get((contract, row["token_id"]))
        same = consent and (consent["holder"], consent["tier_id"]) == (row["holder"], row["tier_id"])
        if same and row["expires_at"] < FOR_LIFE:
            agreed[contract, row["tier_id"], row["expires_at"] // DAY] += 1
            ends[contract, row["token_id"]] = row["expires_at"]
    assert ends == {key: consent["expires_at"] for key, consent in consents.items()}
    names = ("unearned", "speed", "base")
    days = mirror.rows(EarningDay)
    assert +money == +Counter(
        {(day["contract"], day["day"], day["rate"], name): day[name] for day in days for name in names}
    )
    places = {(day["contract"], day["tier_id"], day["day"]): day["agreed"] for day in mirror.rows(MembershipDay)}
    assert agreed == {place: count for place, count in places.items() if count}


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
