"""ICrowdsale.quote"""

import pytest

from tests.factories.communities import PRICE, World
from tests.factories.crowdsales import CAP, COIN, STEPS, UNIT, Sale, open_sale

FIRST, SECOND = STEPS[0][1], STEPS[1][1]


@pytest.mark.parametrize(
    ("raised", "amount", "quoted"),
    [
        (0, COIN, (COIN, 1000 * UNIT, FIRST)),
        (0, 50 * COIN, (50 * COIN, 50_000 * UNIT, FIRST)),
        (0, 51 * COIN, (51 * COIN, 50_500 * UNIT, SECOND)),
        (50 * COIN, COIN, (COIN, 500 * UNIT, SECOND)),
        (CAP - COIN, 9 * COIN, (COIN, 500 * UNIT, SECOND)),
        (CAP, COIN, (0, 0, 0)),
        (0, 0, (0, 0, 0)),
        (0, 2**256 - 1, (CAP, 75_000 * UNIT, SECOND)),
    ],
)
def test_quote_is_what_a_contribution_would_get(
    sale: Sale, raised: int, amount: int, quoted: tuple[int, int, int]
) -> None:
    if raised:
        sale.contribute(raised, sender=sale.other)

    assert tuple(sale.chain.read(sale.contract.quote, amount).values()) == quoted


def test_quote_of_periods(periods: Sale) -> None:
    assert tuple(periods.chain.read(periods.contract.quote, 7 * PRICE).values()) == (7 * PRICE, 7, PRICE)
    with periods.chain.reverts("PeriodsNotWhole", amount=7 * PRICE + 1, price=PRICE):
        periods.chain.read(periods.contract.quote, 7 * PRICE + 1)


def test_quote_takes_from_each_step_what_is_left_of_it(native: World) -> None:
    sale = open_sale(native, steps=((20 * COIN, FIRST), (50 * COIN, SECOND), (CAP, 2 * SECOND)))
    sale.contribute(5 * COIN, sender=sale.other)

    quoted = tuple(sale.chain.read(sale.contract.quote, 65 * COIN).values())

    assert quoted == (65 * COIN, (15 * 1000 + 30 * 500 + 20 * 250) * UNIT, 2 * SECOND)
