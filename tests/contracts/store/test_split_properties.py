"""How a payment is divided, for any payment, beside a model"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.contracts import Chain
from tests.factories.stores import divide

MOST = 2**96 - 1
MOST_RATE = 3_000
MOST_COMMUNITY_BPS = 10_000  # 5,000 by policy, all when the payee is the community

properties = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
amounts = st.one_of(st.integers(0, 30_000), st.integers(0, 10**12), st.integers(0, MOST))
rates = st.one_of(st.sampled_from([0, 1, 500, 1_000, 1_500, 3_000]), st.integers(0, MOST_RATE))
shares = st.one_of(st.sampled_from([0, 1, 1_000, 5_000, 10_000]), st.integers(0, MOST_COMMUNITY_BPS))


@pytest.fixture(scope="module")
def harness(ledger: Chain) -> Any:
    return ledger.deploy("SplitHarness")


def split(ledger: Chain, harness: Any, amount: int, rate: int, community_bps: int) -> tuple[int, int, int]:
    badge, payee, community = ledger.read(harness.split, amount, rate, community_bps).values()
    return badge, payee, community


@properties
@given(amount=amounts, rate=rates, community_bps=shares)
def test_split_follows_the_documented_formula(
    ledger: Chain, harness: Any, amount: int, rate: int, community_bps: int
) -> None:
    assert split(ledger, harness, amount, rate, community_bps) == divide(amount, rate, community_bps)


@properties
@given(amount=amounts, rate=rates, community_bps=shares)
def test_split_adds_up_to_the_payment(ledger: Chain, harness: Any, amount: int, rate: int, community_bps: int) -> None:
    assert sum(split(ledger, harness, amount, rate, community_bps)) == amount


@properties
@given(amount=amounts, rate=rates, community_bps=shares)
def test_split_takes_less_than_a_unit_from_badge_and_payee(
    ledger: Chain, harness: Any, amount: int, rate: int, community_bps: int
) -> None:
    """Both are rounded down, and what that leaves is the community's: at most two units."""
    badge, payee, community = split(ledger, harness, amount, rate, community_bps)

    assert 0 <= amount * rate - badge * 10_000 < 10_000
    assert 0 <= (amount - badge) * (10_000 - community_bps) - payee * 10_000 < 10_000
    assert community * 10_000 >= (amount - badge) * community_bps


@properties
@given(amount=st.integers(0, MOST - 1), rate=rates, community_bps=shares)
def test_split_of_a_unit_more_gives_nobody_less_but_the_community_a_unit(
    ledger: Chain, harness: Any, amount: int, rate: int, community_bps: int
) -> None:
    less = split(ledger, harness, amount, rate, community_bps)
    more = split(ledger, harness, amount + 1, rate, community_bps)

    assert more[0] - less[0] in (0, 1)
    assert more[0] + more[1] >= less[0] + less[1]
