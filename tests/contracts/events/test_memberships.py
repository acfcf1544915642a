"""Memberships, badges' ledgers, funds, consents and shares: known from events alone, after random histories"""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from scripts.solc import artifacts
from tests.contracts.events.recording import RecordingEvm
from tests.contracts.events.replica import differences, rebuilt
from tests.contracts.invariants import arena as stage
from tests.contracts.invariants.arena import Arena
from tests.contracts.invariants.governing import Governings
from tests.contracts.invariants.play import SEEDS, handlers_of
from tests.contracts.invariants.playing import play

EXAMPLES, STEPS = 40, 48


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "Evm", RecordingEvm)
        yield Arena(artifacts())


def agrees(history: Any) -> None:
    chain: RecordingEvm = history.chain
    assert differences(chain, rebuilt(chain)) == []


def machine(arena: Arena) -> Any:
    known = handlers_of(Governings)

    class Memberships(Governings):
        names = known
        checks, dear_checks, last_checks = (), (), (agrees,)
        successes: ClassVar[Counter[str]] = Counter()
        refusals: ClassVar[Counter[str]] = Counter()

        @rule(name=st.sampled_from(known), seed=SEEDS)
        def step(self, name: str, seed: int) -> None:
            self.step_of(name, seed)

    Memberships.arena = arena
    return Memberships


def test_views_say_nothing_that_events_do_not(arena: Arena) -> None:
    played = machine(arena)

    play(played, examples=int(os.environ.get("KOINON_EXAMPLES", EXAMPLES)), steps=STEPS)

    assert played.successes


@pytest.mark.deep
def test_views_say_nothing_that_events_do_not_in_many_histories(arena: Arena) -> None:
    play(machine(arena), examples=2_000, steps=2 * STEPS)
