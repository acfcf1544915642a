"""Charts as shapes: where lines and bars run in a box of 1000 × 100 units that pages stretch to any width."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 1000, 100


@dataclass(frozen=True)
class Bar:
    """A bar from the ground up; units of the box."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    """`line` and `area` are paths; `top` is the value at the upper edge, in the unit of the values."""

    line: str
    area: str
    bars: Sequence[Bar]
    top: int
    newest: int


def chart_of(values: Sequence[int]) -> Chart:
    """The shapes of a row of values that are not negative, the oldest first."""
    top = round_up(max(values, default=0))
    step = WIDTH / max(len(values), 1)
    points = [((index + 0.5) * step, HEIGHT - HEIGHT * value / top) for index, value in enumerate(values)]
    line = "M" + "L".join(f"{x:.1f} {y:.2f}" for x, y in points) if points else ""
    area = f"{line}L{points[-1][0]:.1f} {HEIGHT}L{points[0][0]:.1f} {HEIGHT}z" if points else ""
    bars = [
        Bar(round(x - step * 0.4, 1), round(y, 2), round(step * 0.8, 1), round(HEIGHT - y, 2))
        for x, y in points
        if y < HEIGHT
    ]
    return Chart(line, area, bars, top if any(values) else 0, values[-1] if values else 0)


def round_up(value: int) -> int:
    """The next of 1, 2, 4, 5, 8 and 10 times a power of ten: a round number for the upper edge."""
    unit: int = 10 ** max(len(str(value)) - 1, 0)
    return next(unit * each for each in (1, 2, 4, 5, 8, 10) if unit * each >= max(value, 1))
