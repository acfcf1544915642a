"""Badges, store, market and crowdsales: known from events alone, after random calls at all of them"""

import os
from collections import Counter
from functools import cache
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts.solc import artifacts
from tests.contracts.events.awarding import Awarding
from tests.contracts.events.completeness import check_events, check_views
from tests.contracts.events.playing import Belonging, Governing, actions_of
from tests.contracts.events.raising import Raising
from tests.contracts.events.recording import RecordingEvm
from tests.contracts.events.replica import differences, rebuilt
from tests.contracts.events.shopping import Shopping
from tests.contracts.events.trading import Trading
from tests.factories.communities import World, community_of, factory_of

HISTORIES = 150
DEEP = int(os.environ.get("KOINON_DEEP_EXAMPLES", "2000"))
FLOOR = 10  # successes of every action, and times that every event was met, in all histories together
SEEDS = st.integers(0, 2**32 - 1)
CONTRACTS = ("Community", "Badges", "Market", "Crowdsale", "CommunityToken", "Store")  # whose every event must be met
VOUCHERS = "voucherOf"  # test_memberships.py asks it


class Everything(Belonging, Governing, Shopping, Awarding, Trading, Raising):
    done: ClassVar[Counter[str]] = Counter()  # type: ignore[misc]
    refused: ClassVar[Counter[str]] = Counter()  # type: ignore[misc]
    seen: ClassVar[Counter[tuple[str, str]]] = Counter()  # contract and event
    asked: ClassVar[Counter[tuple[str, str]]] = Counter()  # contract and view

    def __init__(self, world: World, chain: RecordingEvm, market: Any) -> None:
        Trading.__init__(self, world, chain, market)
        Raising.__init__(self, world, chain)


@cache
def stage() -> tuple[RecordingEvm, dict[str, World], str]:
    chain = RecordingEvm(artifacts())
    factory = factory_of(chain)
    token = chain.deploy("MockToken", "Test Dollar", "TUSD", 6)
    market = chain.deploy("Market", factory.address)
    offices: dict[str, Any] = {"operator": chain.accounts[2], "operatorBps": 500}
    worlds = {
        "native": community_of(chain, factory, **offices),
        "erc20": community_of(chain, factory, token=token, **offices),
    }
    return chain, worlds, market.address


def play(currency: str, steps: list[tuple[str, int]]) -> None:
    chain, worlds, market = stage()
    with chain.undone():
        since = len(chain.journal)
        everything = Everything(worlds[currency], chain, chain.at("Market", market))
        for name in ("join", "join", "offer", "create_achievement", "open_sale"):
            everything.step(name, len(chain.journal))
        for name, seed in steps:
            everything.step(name, seed)
        replica = rebuilt(chain, [market], since=since)
        Everything.seen.update(replica.seen)
        assert differences(chain, replica, Everything.asked) == []


ACTIONS = actions_of(Everything)
# Few kinds of actions in each history: what is done again and again adds up.
some = st.lists(st.sampled_from(ACTIONS), min_size=6, max_size=16, unique=True)
histories = some.flatmap(lambda names: st.lists(st.tuples(st.sampled_from(names), SEEDS), min_size=30, max_size=60))
currencies = st.sampled_from(["native", "erc20"])


def drawn(number: int) -> tuple[str, list[tuple[str, int]]]:
    """The history of this number, which never changes. Hypothesis would draw some actions almost never."""
    dice = Random(number)
    names = dice.sample(ACTIONS, dice.randint(6, 16))
    steps = [(dice.choice(names), dice.getrandbits(32)) for _ in range(dice.randint(30, 60))]
    return dice.choice(["native", "erc20"]), steps


def test_views_say_nothing_that_events_do_not() -> None:
    for number in range(HISTORIES):
        play(*drawn(number))

    poor = {name: Everything.done[name] for name in ACTIONS if Everything.done[name] < FLOOR}
    assert not poor, f"{poor}; refused: {Everything.refused}"
    check_events(Everything.seen, CONTRACTS, FLOOR)
    assert all(Everything.seen["Membership", name] >= FLOOR for name in ("Approval", "ApprovalForAll"))
    check_views(Everything.asked, ("Membership", *CONTRACTS), VOUCHERS)


@pytest.mark.deep
@settings(max_examples=DEEP, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(currencies, histories)
def test_views_say_nothing_that_events_do_not_in_many_histories(currency: str, steps: list[tuple[str, int]]) -> None:
    play(currency, steps)
