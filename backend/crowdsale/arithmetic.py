"""The sums of a crowdsale, as its contract does them (StepLib, VestingLib, CrowdsaleBooks): so a page needs no node.

Integers throughout, in base units; every division rounds down, as on chain. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

TOKEN = 10**18
"""Base units of one whole token."""
WHOLE = 10_000


@dataclass(frozen=True)
class Step:
    """`price` of a whole token, or of a period, until `up_to` has been raised."""

    up_to: int
    price: int


@dataclass(frozen=True)
class Bought:
    """What a contribution takes and buys. `price`: of the last step that it touches; `whole` False: some period would
    be paid in part, which the contract refuses."""

    taken: int
    amount: int
    price: int
    whole: bool


def buy(steps: Sequence[Step], raised: int, amount: int, *, periods: bool) -> Bought:
    """What `amount` buys after `raised`: its parts at the prices of the steps into which they fall, up to the cap."""
    taken = min(amount, max(steps[-1].up_to - raised, 0))
    left, bought, price, whole = taken, 0, 0, True
    for step in steps:
        if left == 0 or raised >= step.up_to:
            continue
        price = step.price
        part = min(step.up_to - raised, left)
        whole = whole and not (periods and part % price)
        bought += part * (1 if periods else TOKEN) // price
        raised, left = raised + part, left - part
    return Bought(taken, bought, price, whole)


def cost(steps: Sequence[Step], raised: int, count: int) -> int:
    """What `count` periods cost after `raised`, or as many of them as the cap leaves."""
    total = 0
    for step in steps:
        part = min(count, max(step.up_to - raised, 0) // step.price)
        total, raised, count = total + part * step.price, raised + part * step.price, count - part
    return total


def for_sale(steps: Sequence[Step]) -> int:
    """The most tokens that all contributions together can buy."""
    total = start = 0
    for step in steps:
        total += (step.up_to - start) * TOKEN // step.price
        start = step.up_to
    return total


def vested(total: int, *, start: int, cliff: int, duration: int, at: int) -> int:
    """What of `total` the schedule has let go: nothing before the cliff, then linear from the start."""
    if start == 0 or at < start + cliff:
        return 0
    if at >= start + duration:
        return total
    return total * (at - start) // duration
