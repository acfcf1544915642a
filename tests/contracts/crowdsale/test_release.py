"""ICrowdsale.release"""

import pytest

from tests.factories.communities import PRICE, World
from tests.factories.crowdsales import CLIFF, GOAL, VESTING, Sale, open_sale


def test_release_sends_the_community_what_the_schedule_let_go(sale: Sale) -> None:
    sale.reach()
    sale.chain.advance(100 * 86_400)
    community = sale.world.community.address

    receipt = sale.release()

    amount = 2 * GOAL * 100 * 86_400 // VESTING
    assert receipt.only("Released") == {
        "community": community,
        "amount": amount,
        "released": amount,
        "by": sale.stranger,
    }
    assert (sale.balance(community), sale.balance()) == (amount, 2 * GOAL - amount)
    assert (sale.totals()["released"], sale.releasable()) == (amount, 0)


def test_released_money_is_divided_like_all_that_a_community_receives(sale: Sale) -> None:
    sale.reach()
    sale.chain.advance(VESTING)
    sale.release()

    collected = sale.world.collect(sale.founder, sale.world.currency).only("Collected")

    assert (collected["amount"], collected["account"]) == (2 * GOAL, sale.founder)


@pytest.mark.parametrize(
    ("seconds", "released"),
    [
        (CLIFF, 2 * GOAL * CLIFF // VESTING),
        (VESTING - 1, 2 * GOAL * (VESTING - 1) // VESTING),
        (VESTING, 2 * GOAL),
        (9 * VESTING, 2 * GOAL),
    ],
)
def test_release_follows_the_schedule(sale: Sale, seconds: int, released: int) -> None:
    sale.reach()
    sale.chain.advance(seconds)

    assert sale.releasable() == released
    assert sale.release().only("Released")["released"] == released


def test_releases_add_up_to_what_one_would_have_given(sale: Sale) -> None:
    sale.reach()
    for seconds in (CLIFF, 1, 12_345, 86_400):
        sale.chain.advance(seconds)
        sale.release()

    assert sale.totals()["released"] == 2 * GOAL * (CLIFF + 1 + 12_345 + 86_400) // VESTING


def test_everything_is_released_at_once_without_a_schedule(native: World) -> None:
    sale = open_sale(native, cliffSeconds=0, vestingSeconds=0)
    sale.reach()

    assert sale.release().only("Released")["amount"] == 2 * GOAL


@pytest.mark.parametrize("seconds", [0, 1, CLIFF - 1])
def test_release_reverts_before_the_cliff(sale: Sale, seconds: int) -> None:
    sale.reach()
    sale.chain.advance(seconds)

    with sale.chain.reverts("NothingToRelease"):
        sale.release()


def test_release_reverts_before_finalization(sale: Sale) -> None:
    sale.contribute(GOAL)
    sale.chain.set_time(sale.terms["endsAt"] + 9 * VESTING)

    with sale.chain.reverts("NothingToRelease"):
        sale.release()


def test_release_reverts_when_the_goal_was_missed(sale: Sale) -> None:
    sale.contribute(GOAL - 1)
    sale.chain.set_time(sale.terms["endsAt"])

    with sale.chain.reverts("NothingToRelease"):
        sale.release()


def test_release_reverts_when_all_was_released(sale: Sale) -> None:
    sale.reach()
    sale.chain.advance(VESTING)
    sale.release()

    with sale.chain.reverts("NothingToRelease"):
        sale.release()


def test_release_after_a_stop_is_what_was_due_at_that_instant(sale: Sale) -> None:
    sale.reach()
    sale.chain.advance(CLIFF)
    sale.vote()
    sale.chain.advance(VESTING)

    assert sale.release().only("Released")["amount"] == 2 * GOAL * CLIFF // VESTING
    with sale.chain.reverts("NothingToRelease"):
        sale.release()


def test_tier_money_is_never_released(tiered: Sale) -> None:
    tiered.reach()
    tiered.chain.advance(VESTING)

    assert tiered.release().only("Released")["amount"] == 2 * GOAL - 2 * 12 * PRICE


def test_money_of_memberships_is_never_released(periods: Sale) -> None:
    periods.reach()
    periods.chain.advance(VESTING)

    with periods.chain.reverts("NothingToRelease"):
        periods.release()
