"""The page's sums are those of the written rules (ECONOMY.md), which the contract's own tests hold too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.crowdsale.arithmetic import TOKEN, Step, buy, cost, for_sale, vested
from tests.factories import crowdsale_model as model

COIN = 10**18
STEPS = [Step(50 * COIN, COIN // 1000), Step(100 * COIN, COIN // 500)]
PERIODS = [Step(300, 1), Step(500, 2)]


@given(raised=st.integers(0, 100 * COIN), amount=st.integers(1, 200 * COIN))
def test_buy_gives_what_the_rules_say_and_no_more_than_the_cap(raised: int, amount: int) -> None:
    bought = buy(STEPS, raised, amount, periods=False)

    assert bought.taken == min(amount, 100 * COIN - raised)
    expected = model.buy([(step.up_to, step.price) for step in STEPS], raised, bought.taken, TOKEN)
    assert bought.amount == expected


def test_buy_says_the_price_of_the_last_step_that_it_touches() -> None:
    assert buy(STEPS, 0, 50 * COIN, periods=False).price == COIN // 1000
    assert buy(STEPS, 0, 50 * COIN + 1, periods=False).price == COIN // 500
    assert buy(STEPS, 100 * COIN, 1, periods=False) == buy(STEPS, 100 * COIN, COIN, periods=False)


@pytest.mark.parametrize(
    ("raised", "amount", "whole"), [(0, 3, True), (299, 3, True), (299, 2, False), (300, 1, False)]
)
def test_buy_tells_a_part_of_a_period(raised: int, amount: int, whole: bool) -> None:
    assert buy(PERIODS, raised, amount, periods=True).whole is whole


@given(
    total=st.integers(0, 2**96),
    cliff=st.integers(0, 1000),
    more=st.integers(0, 1000),
    at=st.integers(0, 4000),
)
def test_vested_follows_the_one_schedule(total: int, cliff: int, more: int, at: int) -> None:
    duration = cliff + more

    got = vested(total, start=1000, cliff=cliff, duration=duration, at=at)

    assert got == (model.vested(total, 1000, cliff, duration, at) if at >= 1000 else 0)


def test_nothing_has_vested_before_the_schedule_began() -> None:
    assert vested(COIN, start=0, cliff=0, duration=0, at=10**9) == 0


@given(raised=st.integers(0, 500), count=st.integers(1, 500))
def test_cost_buys_exactly_the_periods_or_all_that_the_cap_leaves(raised: int, count: int) -> None:
    raised -= raised % 2 if raised > 300 else 0  # periods are whole
    amount = cost(PERIODS, raised, count)

    bought = buy(PERIODS, raised, amount, periods=True)
    assert (bought.taken, bought.whole) == (amount, True)
    assert bought.amount == count or (bought.amount < count and raised + amount == 500)


def test_for_sale_is_what_filling_the_cap_buys() -> None:
    assert for_sale(STEPS) == buy(STEPS, 0, 100 * COIN, periods=False).amount
