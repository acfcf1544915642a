"""Where the lines of a sale's pictures run: the schedule of release and vesting, and the stairs of prices. Pure.

Coordinates are of an SVG of WIDTH by HEIGHT; the template draws them, so that colours follow the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.crowdsale.arithmetic import WHOLE, vested
from backend.crowdsale.sale import SaleView, Terms

WIDTH, HEIGHT = 640, 160
QUARTERS = (2_500, 5_000, 7_500, WHOLE)


@dataclass(frozen=True)
class Moment:
    """From `after` seconds after the schedule's start on, `bps` are released and vested."""

    after: int
    bps: int


@dataclass(frozen=True)
class SchedulePicture:
    """`line`: of what is let go, level from a stop on; `done`: as far as it has come; `now`: x of the time, or of the
    stop, None before the start."""

    line: str
    done: str
    now: int | None
    moments: Sequence[Moment]


@dataclass(frozen=True)
class Stair:
    """A price as a block: as wide as what is raised at it, as high as it is; `filled` wide is raised."""

    x: int
    y: int
    width: int
    height: int
    filled: int


def schedule_of(sale: SaleView) -> SchedulePicture:
    """The schedule of a sale of tokens."""
    terms = sale.terms
    duration = terms.vesting_seconds
    cliff = WIDTH * terms.cliff_seconds // duration if duration else 0
    jump = HEIGHT - HEIGHT * terms.cliff_seconds // duration if duration else 0
    line = f"M0 {HEIGHT}H{cliff}V{jump}L{WIDTH} 0"
    if not sale.finalized_at:
        return SchedulePicture(line, "", None, _moments(terms))
    passed = max(min((sale.stopped_at or sale.at) - sale.finalized_at, duration), 0)
    now = WIDTH * passed // duration if duration else WIDTH
    reached = HEIGHT - HEIGHT * sale.vested_bps // WHOLE
    done = f"M0 {HEIGHT}H{cliff}V{jump}L{now} {reached}V{HEIGHT}Z" if sale.vested_bps else ""
    if sale.stopped_at:
        way = f"M0 {HEIGHT}H{cliff}V{jump}L{now} {reached}" if sale.vested_bps else f"M0 {HEIGHT}"
        stop = Moment(sale.stopped_at - sale.finalized_at, sale.vested_bps)
        before = [moment for moment in _moments(terms) if moment.after < stop.after]
        return SchedulePicture(f"{way}H{WIDTH}", done, now, [*before, stop])
    return SchedulePicture(line, done, now, _moments(terms))


def stairs_of(sale: SaleView) -> list[Stair]:
    """The prices of a sale; the highest is as high as the picture."""
    stairs, start, steps = [], 0, sale.terms.steps
    for step in steps:
        x, end = WIDTH * start // sale.terms.cap, WIDTH * step.up_to // sale.terms.cap
        height = max(HEIGHT * step.price // steps[-1].price, 12)
        raised = min(max(sale.raised - start, 0), step.up_to - start)
        filled = (end - x) * raised // (step.up_to - start)
        stairs.append(Stair(x, HEIGHT - height, end - x, height, filled))
        start = step.up_to
    return stairs


def _moments(terms: Terms) -> list[Moment]:
    """When the cliff ends, and when each quarter is reached."""
    duration, cliff = terms.vesting_seconds, terms.cliff_seconds
    if duration == 0:
        return [Moment(0, WHOLE)]
    times = {-(-duration * share // WHOLE) for share in QUARTERS}
    times = {cliff, *(time for time in times if time > cliff)} if cliff else times
    return [Moment(time, vested(WHOLE, start=1, cliff=cliff, duration=duration, at=1 + time)) for time in sorted(times)]
