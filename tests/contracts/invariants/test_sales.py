"""Random histories of crowdsales of every kind, and of the tokens that they sell"""

import os
from collections import Counter
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.contracts.invariants.arena import Arena
from tests.contracts.invariants.play import SEEDS, handlers_of
from tests.contracts.invariants.playing import check_floors, play, show
from tests.contracts.invariants.sale_checks import EVERY_EIGHTH, EVERY_STEP, LAST
from tests.contracts.invariants.sale_machine import Sales

EXAMPLES, STEPS = 256, 64
# Of as many histories: a third of what is usual, or less; what is not named here succeeds 20 times at least.
FLOORS = {
    "(token calls back)": 3,
    "(token cheats)": 12,
    "claim income": 10,
    "distribute": 30,
    "finalize": 30,
    "freeze or thaw": 15,
    "vote": 20,
    "withdraw funds": 10,
}


def machine(arena: Arena) -> Any:
    """A machine whose counters are its own."""
    known = handlers_of(Sales)

    class Crowdsales(Sales):
        names = known
        checks, dear_checks, last_checks = EVERY_STEP, EVERY_EIGHTH, LAST
        successes: ClassVar[Counter[str]] = Counter()
        refusals: ClassVar[Counter[str]] = Counter()

        @rule(name=st.sampled_from(known), seed=SEEDS)
        def step(self, name: str, seed: int) -> None:
            self.step_of(name, seed)

    Crowdsales.arena = arena
    return Crowdsales


def test_sales_hold_their_invariants_in_random_histories(arena: Arena, capsys: pytest.CaptureFixture[str]) -> None:
    examples = int(os.environ.get("KOINON_EXAMPLES", EXAMPLES))
    played = machine(arena)

    play(played, examples=examples, steps=STEPS)

    if examples < EXAMPLES:
        return
    check_floors(played, FLOORS, examples / EXAMPLES)
    with capsys.disabled():
        show(played, f"{examples} histories of sales")


@pytest.mark.deep
def test_sales_hold_their_invariants_in_many_random_histories(arena: Arena) -> None:
    examples = int(os.environ.get("KOINON_DEEP_EXAMPLES", "5000"))
    played = machine(arena)

    play(played, examples=examples, steps=2 * STEPS, seed=int(os.environ.get("KOINON_SEED", "0")) or None)
