"""Random histories of the market, among memberships and badges that go on living"""

import os
from collections import Counter
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.contracts.invariants.arena import Arena
from tests.contracts.invariants.checks import (
    badges_belong_to_whom_they_should,
    balance_covers_all_that_is_owed,
    ledgers_are_as_documented,
    memberships_are_as_documented,
    owners_and_seats_agree,
)
from tests.contracts.invariants.play import SEEDS, handlers_of
from tests.contracts.invariants.playing import check_floors, play, show
from tests.contracts.invariants.trade_checks import deposits_are_as_documented, market_holds_what_it_owes
from tests.contracts.invariants.trading import Trades

EXAMPLES, STEPS = 256, 64
# What makes badges, income and memberships to trade; all else of a community is in test_memberships.py.
BESIDE = {
    *("join", "join_by_badge", "renew", "cancel", "transfer", "settle", "collect", "wait", "change_temper"),
    *("mint_badge", "give_badge", "claim"),
}
# Of as many histories: a third of what is usual, or less; what is not named here succeeds 20 times at least.
FLOORS = {
    "(badge kept at a return)": 0,
    "(gold badges)": 8,
    "(recipient calls back)": 5,
    "(token calls back)": 10,
    "(token cheats)": 15,
    "accept an offer": 30,
    "buy a badge": 20,
    "buy a membership": 20,
    "cancel subscription": 5,
    "pay out": 6,
    "withdraw a deposit": 5,
}


def machine(arena: Arena) -> Any:
    """A machine whose counters are its own."""
    beside = {name for name in dir(Trades) if name in BESIDE}
    known = [name for name in handlers_of(Trades) if name in beside or name in vars(Trades)]

    class Market(Trades):
        names = known
        checks = (market_holds_what_it_owes, balance_covers_all_that_is_owed)
        dear_checks = (
            deposits_are_as_documented,
            memberships_are_as_documented,
            ledgers_are_as_documented,
            badges_belong_to_whom_they_should,
            owners_and_seats_agree,
        )
        successes: ClassVar[Counter[str]] = Counter()
        refusals: ClassVar[Counter[str]] = Counter()

        @rule(name=st.sampled_from(known), seed=SEEDS)
        def step(self, name: str, seed: int) -> None:
            self.step_of(name, seed)

    Market.arena = arena
    return Market


def test_market_holds_its_invariants_in_random_histories(arena: Arena, capsys: pytest.CaptureFixture[str]) -> None:
    examples = int(os.environ.get("KOINON_EXAMPLES", EXAMPLES))
    played = machine(arena)

    play(played, examples=examples, steps=STEPS)

    if examples < EXAMPLES:
        return
    check_floors(played, FLOORS, examples / EXAMPLES, never={"claim twice"})
    with capsys.disabled():
        show(played, f"{examples} histories of the market")


@pytest.mark.deep
def test_market_holds_its_invariants_in_many_random_histories(arena: Arena) -> None:
    examples = int(os.environ.get("KOINON_DEEP_EXAMPLES", "5000"))
    played = machine(arena)

    play(played, examples=examples, steps=2 * STEPS, seed=int(os.environ.get("KOINON_SEED", "0")) or None)
