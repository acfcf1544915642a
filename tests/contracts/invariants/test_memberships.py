"""Random histories of memberships, badges and shares, beside the shadow of a community. `README.md` lists what holds

A failure prints the history that broke an invariant, and with KOINON_SEED the seed that it printed comes back.
"""

import os
from collections import Counter
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.contracts.invariants.arena import Arena
from tests.contracts.invariants.checks import EVERY_EIGHTH, EVERY_STEP, LAST
from tests.contracts.invariants.governing import Governings
from tests.contracts.invariants.play import SEEDS, handlers_of
from tests.contracts.invariants.playing import check_floors, play, show

EXAMPLES, STEPS = 256, 64
# Of 256 histories: a quarter of what is usual, or less, for Hypothesis draws what other modules hold, too; what is not
# named here succeeds 20 times at least.
FLOORS = {
    "(badge kept at a return)": 10,
    "(gold badges)": 4,
    "(recipient calls back)": 3,
    "approve keeper": 20,
    "cancel subscription": 10,
    "claim": 20,
    "collect of the parent": 6,
    "collect of the store": 15,
    "donate": 20,
    "gift with binding": 20,
    "hand over": 15,
    "join by used voucher": 6,
    "join taking a seat": 5,
    "release seat": 12,
    "renew by keeper": 20,
    "renew subscription": 10,
    "replace operator": 20,
    "retire": 20,
    "sweep": 20,
    "withdraw funds": 20,
    "withdraw voucher": 20,
}
REFUSED = {"claim twice"}  # always


def machine(arena: Arena) -> Any:
    """A machine whose counters are its own."""
    known = handlers_of(Governings)

    class Memberships(Governings):
        names = known
        checks, dear_checks, last_checks = EVERY_STEP, EVERY_EIGHTH, LAST
        successes: ClassVar[Counter[str]] = Counter()
        refusals: ClassVar[Counter[str]] = Counter()

        @rule(name=st.sampled_from(known), seed=SEEDS)
        def step(self, name: str, seed: int) -> None:
            self.step_of(name, seed)

    Memberships.arena = arena
    return Memberships


def test_invariants_hold_in_random_histories(arena: Arena, capsys: pytest.CaptureFixture[str]) -> None:
    examples = int(os.environ.get("KOINON_EXAMPLES", EXAMPLES))
    played = machine(arena)

    play(played, examples=examples, steps=STEPS)

    if examples < EXAMPLES:
        return
    check_floors(played, FLOORS, examples / EXAMPLES, never=REFUSED)
    with capsys.disabled():
        show(played, f"{examples} histories of memberships")


@pytest.mark.deep
def test_invariants_hold_in_many_random_histories(arena: Arena) -> None:
    """KOINON_DEEP_EXAMPLES: how many, by default half an hour's; KOINON_SEED: of which seed, by default a new one."""
    examples = int(os.environ.get("KOINON_DEEP_EXAMPLES", "10000"))
    played = machine(arena)

    play(played, examples=examples, steps=2 * STEPS, seed=int(os.environ.get("KOINON_SEED", "0")) or None)

    check_floors(played, FLOORS, examples / EXAMPLES, never=REFUSED)
