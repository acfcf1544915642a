"""Memberships, badges' ledgers, funds, consents and shares: known from events alone, after random histories"""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from scripts.solc import artifacts
from tests.contracts.events.completeness import check_events
from tests.contracts.events.membership import MembershipPart
from tests.contracts.events.recording import RecordingEvm
from tests.contracts.events.replica import differences, rebuilt
from tests.contracts.invariants import arena as stage
from tests.contracts.invariants.arena import Arena
from tests.contracts.invariants.governing import Governings
from tests.contracts.invariants.play import SEEDS, handlers_of
from tests.contracts.invariants.playing import check_floors, play
from tests.contracts.invariants.test_memberships import EXAMPLES as THEIR_EXAMPLES
from tests.contracts.invariants.test_memberships import FLOORS, REFUSED
from tests.contracts.invariants.test_memberships import STEPS as THEIR_STEPS

EXAMPLES, STEPS = 128, 64
SHARE = EXAMPLES * STEPS / (THEIR_EXAMPLES * THEIR_STEPS) / 2  # their floors are of many more histories
# The first changes nothing; the second needs luck, and writes what "join by voucher" does.
NEVER = {*REFUSED, "(recipient calls back)", "join by used voucher"}
APPROVALS = ("Approval", "ApprovalForAll")  # test_suite.py meets them
EVENT_FLOOR = 10  # times that every event was met, in all histories together


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "Evm", RecordingEvm)
        yield Arena(artifacts())


def agrees(history: Any) -> None:
    chain: RecordingEvm = history.chain
    replica = rebuilt(chain, since=history.snapshot[-1])
    history.seen.update(replica.seen)
    assert differences(chain, replica) == []
    membership = replica.parts[history.membership.address]
    assert isinstance(membership, MembershipPart)
    for voucher, _ in history.vouchers:  # what was signed stands nowhere on the chain: events name its digest
        digest = history.digest(voucher)
        said = chain.read(history.membership.voucherOf, voucher.fields)
        assert said == {"digest": digest, "used": membership.uses.get(digest, 0)}


def machine(arena: Arena) -> Any:
    known = handlers_of(Governings)

    class Memberships(Governings):
        names = known
        checks, dear_checks, last_checks = (), (), (agrees,)
        successes: ClassVar[Counter[str]] = Counter()
        refusals: ClassVar[Counter[str]] = Counter()
        seen: ClassVar[Counter[tuple[str, str]]] = Counter()

        @rule(name=st.sampled_from(known), seed=SEEDS)
        def step(self, name: str, seed: int) -> None:
            self.step_of(name, seed)

    Memberships.arena = arena
    return Memberships


def test_views_say_nothing_that_events_do_not(arena: Arena) -> None:
    played = machine(arena)

    play(played, examples=EXAMPLES, steps=STEPS)

    check_floors(played, FLOORS, SHARE, never=NEVER)
    check_events(played.seen, ["Membership"], EVENT_FLOOR, *APPROVALS)


@pytest.mark.deep
def test_views_say_nothing_that_events_do_not_in_many_histories(arena: Arena) -> None:
    """KOINON_DEEP_EXAMPLES: how many; KOINON_SEED: of which seed, by default a new one."""
    examples = int(os.environ.get("KOINON_DEEP_EXAMPLES", "2000"))

    play(machine(arena), examples=examples, steps=2 * STEPS, seed=int(os.environ.get("KOINON_SEED", "0")) or None)
