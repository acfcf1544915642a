"""Earning over time, for any history of payments and settlements of one membership"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.contracts import Chain

START = 1_800_000_000
MOST = 2**96 - 1
LONGEST = 2 * 365 * 86_400

Step = tuple[int, int, int, int]  # seconds since the step before, payment (0: settle only), to earn it, of membership

properties = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
gaps = st.one_of(st.integers(0, 100), st.integers(0, LONGEST))
lengths = st.integers(1, LONGEST)
amounts = st.one_of(st.integers(1, 100), st.integers(1, MOST // 8))
payments: st.SearchStrategy[Step] = st.tuples(gaps, amounts, lengths, lengths)
settlements: st.SearchStrategy[Step] = st.tuples(gaps, st.just(0), st.just(0), st.just(0))
histories = st.lists(st.one_of(payments, settlements), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def harness(ledger: Chain) -> Any:
    return ledger.deploy("EarningHarness")


def play(ledger: Chain, harness: Any, steps: list[Step]) -> tuple[int, dict[str, Any]]:
    """What was earned, and the state after the last step."""
    at, timed = START, []
    for gap, payment, length, extension in steps:
        at += gap
        timed.append((at, payment, length, extension, 0))
    played = ledger.read(harness.play, timed)
    return played["earned"], played["state"]


def model(steps: list[Step]) -> tuple[int, int]:
    """Earned and unearned by the documentation: linear up to `earned_at`, rounded up, all of it from then on."""
    at, earned, unearned, settled_at, earned_at, expires_at = START, 0, 0, 0, 0, 0
    for gap, payment, length, extension in steps:
        at += gap
        due = unearned if at >= earned_at else -(-unearned * (at - settled_at) // (earned_at - settled_at))
        earned, unearned, settled_at = earned + due, unearned - due, at
        if payment:
            expires_at = max(expires_at, at) + extension
            unearned += payment
            earned_at = min(expires_at, max(at, earned_at) + length)
    return earned, unearned


@properties
@given(steps=histories)
def test_earning_follows_the_documented_formula(ledger: Chain, harness: Any, steps: list[Step]) -> None:
    earned, state = play(ledger, harness, steps)

    assert (earned, state["unearned"]) == model(steps)


@properties
@given(steps=histories)
def test_every_unit_paid_is_earned_or_unearned(ledger: Chain, harness: Any, steps: list[Step]) -> None:
    earned, state = play(ledger, harness, steps)

    assert earned + state["unearned"] == sum(payment for _, payment, _, _ in steps)


@properties
@given(steps=histories)
def test_everything_is_earned_in_the_end(ledger: Chain, harness: Any, steps: list[Step]) -> None:
    earned, state = play(ledger, harness, [*steps, (len(steps) * LONGEST, 0, 0, 0)])

    assert (earned, state["unearned"]) == (sum(payment for _, payment, _, _ in steps), 0)


@properties
@given(steps=histories, cuts=st.lists(st.tuples(st.integers(0, 7), st.floats(0, 1)), max_size=6))
def test_frequency_of_settling_moves_at_most_a_unit_each(
    ledger: Chain, harness: Any, steps: list[Step], cuts: list[tuple[int, float]]
) -> None:
    """More settlements, put anywhere between the steps, let the community earn a little sooner, and never less."""
    cut = list(steps)
    for place, share in cuts:
        gap, payment, length, extension = cut[place % len(cut)]
        before = int(gap * share)
        cut[place % len(cut) : place % len(cut) + 1] = [(before, 0, 0, 0), (gap - before, payment, length, extension)]

    plain, _ = play(ledger, harness, steps)
    often, _ = play(ledger, harness, cut)

    assert 0 <= often - plain <= len(cuts)


@properties
@given(
    state=st.fixed_dictionaries(
        {
            "expiresAt": st.integers(0, 2**40 - 1),
            "tierId": st.integers(0, 2**16 - 1),
            "badge": st.integers(0, 2**40 - 1),
            "unearned": st.integers(0, 2**96 - 1),
            "settledAt": st.integers(0, 2**36 - 1),
            "earnedAt": st.integers(0, 2**36 - 1),
            "rate": st.integers(0, 2**12 - 1),
            "countAt": st.integers(0, 2**24 - 1),
            "transferCount": st.integers(0, 2**16 - 1),
            "flags": st.integers(0, 15),
        }
    )
)
def test_packing_keeps_every_field_apart(ledger: Chain, harness: Any, state: dict[str, int]) -> None:
    assert ledger.read(harness.repack, state) == state
