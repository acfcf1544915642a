"""ICrowdsale.finalize, and the states of a sale"""

import pytest

from tests.factories.communities import PRICE, World
from tests.factories.crowdsales import (
    CAP,
    COIN,
    FINALIZED,
    GOAL,
    LOCKUP,
    MEMBERSHIP,
    MISSED,
    OPEN,
    PLANNED,
    REACHED,
    RESTRICTED,
    STOPPED,
    Sale,
    open_sale,
)


def test_anybody_finalizes_a_sale_that_ended_with_its_goal(sale: Sale) -> None:
    sale.contribute(GOAL)
    sale.chain.set_time(sale.terms["endsAt"])

    receipt = sale.finalize()

    now = sale.chain.now
    assert receipt.only("CrowdsaleFinalized") == {
        "finalizedAt": now,
        "raised": GOAL,
        "scheduled": GOAL,
        "by": sale.stranger,
    }
    assert sale.totals()["finalizedAt"] == now
    assert (sale.status(), sale.balance()) == (FINALIZED, GOAL)


def test_full_sale_is_finalized_before_its_end(sale: Sale) -> None:
    sale.contribute(CAP)

    sale.finalize()

    assert sale.totals()["finalizedAt"] == sale.chain.now < sale.terms["endsAt"]


def test_tier_money_is_not_scheduled(tiered: Sale) -> None:
    tiered.contribute(CAP)

    finalized = tiered.finalize().only("CrowdsaleFinalized")

    assert (finalized["raised"], finalized["scheduled"]) == (CAP, CAP - 12 * PRICE)


def test_nothing_of_a_sale_of_memberships_is_scheduled(periods: Sale) -> None:
    periods.contribute(500 * PRICE)

    assert periods.finalize().only("CrowdsaleFinalized")["scheduled"] == 0


def test_lockup_begins_when_a_restricted_sale_is_finalized(restricted: Sale) -> None:
    restricted.contribute(CAP)
    assert restricted.token.lockedUntil() == 0

    receipt = restricted.finalize()

    assert receipt.only("LockupSet") == {"lockedUntil": restricted.chain.now + LOCKUP}
    assert restricted.token.lockedUntil() == restricted.chain.now + LOCKUP


def test_restricted_sale_without_lockup_is_finalized(native: World) -> None:
    sale = open_sale(native, RESTRICTED, lockupSeconds=0)
    sale.attest(sale.backer)
    sale.contribute(CAP)

    assert sale.finalize().names() == ["CrowdsaleFinalized"]


def test_finalize_reverts_before_the_end(sale: Sale) -> None:
    sale.contribute(CAP - 1)
    sale.chain.set_time(sale.terms["endsAt"] - 1)

    with sale.chain.reverts("CrowdsaleNotOver", endsAt=sale.terms["endsAt"]):
        sale.finalize()


@pytest.mark.parametrize("raised", [0, GOAL - 1])
def test_finalize_reverts_when_the_goal_was_missed(sale: Sale, raised: int) -> None:
    if raised:
        sale.contribute(raised)
    sale.chain.set_time(sale.terms["endsAt"])

    with sale.chain.reverts("GoalMissed", raised=raised, goal=GOAL):
        sale.finalize()


def test_finalize_reverts_the_second_time(sale: Sale) -> None:
    """Else anybody could begin the schedule again."""
    at = sale.reach()
    sale.chain.advance(1)

    with sale.chain.reverts("CrowdsaleAlreadyFinalized", finalizedAt=at):
        sale.finalize()


def test_sale_goes_through_its_states(native: World) -> None:
    sale = open_sale(native, startsAt=native.chain.now + 1)
    assert sale.status() == PLANNED
    native.chain.advance(1)
    assert sale.status() == OPEN
    sale.contribute(GOAL)
    assert sale.status() == OPEN
    native.chain.set_time(sale.terms["endsAt"])
    assert sale.status() == REACHED
    sale.finalize()
    assert sale.status() == FINALIZED
    sale.vote()
    assert sale.status() == STOPPED


def test_sale_that_ends_without_its_goal_is_missed(sale: Sale) -> None:
    sale.contribute(GOAL - 1)
    sale.chain.set_time(sale.terms["endsAt"])

    assert sale.status() == MISSED


def test_full_sale_is_reached_before_its_end(sale: Sale) -> None:
    sale.contribute(CAP)

    assert sale.status() == REACHED


def test_cap_that_is_the_goal_is_reached(native: World) -> None:
    sale = open_sale(native, MEMBERSHIP, goal=500 * PRICE)
    sale.contribute(500 * PRICE)

    sale.finalize()

    assert sale.status() == FINALIZED


def test_contribution_after_finalization_reverts(sale: Sale) -> None:
    sale.reach()

    with sale.chain.reverts("CrowdsaleNotOpen", startsAt=sale.terms["startsAt"], endsAt=sale.terms["endsAt"]):
        sale.contribute(COIN)
