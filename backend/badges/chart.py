"""Income by month as bars: numbers for a picture that the page draws in SVG, beside the table that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.badges.income import Income, MonthIncome

WIDTH, HEIGHT, GAP = 360, 96, 6
LEAST = 2
"""Units of height of a bar that is not nothing."""


@dataclass(frozen=True)
class Bar:
    """One month: a rectangle in units of the picture."""

    month: MonthIncome
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    width: int
    height: int
    bars: Sequence[Bar]


def chart_of(income: Income) -> Chart:
    """The bars of an income; the highest month reaches the top."""
    step = WIDTH / len(income.months)
    highest = income.highest or 1
    bars = []
    for index, month in enumerate(income.months):
        height = max(month.amount * HEIGHT / highest, LEAST) if month.amount else 0
        bars.append(Bar(month, index * step + GAP / 2, HEIGHT - height, step - GAP, height))
    return Chart(WIDTH, HEIGHT, bars)
