"""One long history for each currency: 10,000 payments, refunds and withdrawals, and each contract keeps what it owes"""

from random import Random

import pytest

from tests.contracts.invariants.arena import Arena
from tests.contracts.invariants.checks import (
    EVERY_EIGHTH,
    balance_covers_all_that_is_owed,
    everybody_can_leave,
    lifetime_books_balance,
    memberships_are_as_documented,
)
from tests.contracts.invariants.machine import History
from tests.contracts.invariants.test_memberships import machine

SEED = 2_026
MOVES = 10_000
# Handlers, and how often beside others; the prices are those of the arena, which no share divides.
PAYMENTS = {"join": 5, "join_by_badge": 8, "renew": 10, "renew_by_keeper": 3, "change_tier": 6, "give": 2, "tip": 4}
REFUNDS = {"cancel": 8, "burn": 1, "revoke": 3}
WITHDRAWALS = {"claim": 5, "collect": 8, "collect_received": 2, "withdraw_funds": 2}
OTHERS = {"settle": 10, "wait": 10, "set_price": 1, "split": 1, "set_auto_renew": 2, "transfer": 1, "give_badge": 1}


def moves_of(history: History) -> int:
    """Successful payments, refunds and withdrawals."""
    others = {"settle", "wait", "set price", "set splits", "set auto-renewal", "transfer", "give badge"}
    return sum(times for name, times in history.successes.items() if name not in others and name[0] != "(")


@pytest.mark.parametrize("currency", ["native", "erc20"])
def test_contracts_keep_exactly_what_they_owe_after_ten_thousand_moves_of_money(arena: Arena, currency: str) -> None:
    history: History = machine(arena)()
    history.begin(currency=currency, temper=0)
    weights = PAYMENTS | REFUNDS | WITHDRAWALS | OTHERS
    names, often = list(weights), list(weights.values())
    choices = Random(SEED)
    try:
        while moves_of(history) < MOVES:
            history.step_of(choices.choices(names, often)[0], choices.randrange(2**16))
            history.steps += 1
            balance_covers_all_that_is_owed(history)
            if history.steps % 64 == 0:
                for check in (memberships_are_as_documented, lifetime_books_balance, *EVERY_EIGHTH):
                    check(history)

        check_siblings(history)
        everybody_can_leave(history)
    finally:
        history.chain.revert(history.snapshot)


def check_siblings(history: History) -> None:
    """The Store and the parent hold what they owe, too."""
    world, shadow = history.world, history.shadow
    assert world.balance(world.store.address) == shadow.store_earned - shadow.store_withdrawn
    paid = sum(shadow.parent.taken.values()) + shadow.parent.taken_by_owners
    assert world.balance(history.arena.parent.address) == shadow.parent_earned - paid
    assert world.balance(world.community.address) == 0
