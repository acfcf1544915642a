"""IMembership.settle and the formulas of earning"""

from typing import Any

import pytest

from tests.factories.communities import DAY, FREE, LIFE, MONTH, PRICE, YEAR, World, community_of, tier
from tests.factories.contracts import NO_LEDGER, Chain


def earned_after(amount: int, passed: int, length: int) -> int:
    """What of an amount is earned, from the documentation: linear, rounded up, never more than all."""
    return amount if passed >= length else min(amount, -(-amount * passed // length))


def test_settle_moves_what_was_earned_to_the_community(world: World) -> None:
    token_id = world.join()
    before = world.state(token_id)
    now = world.chain.advance(10 * DAY + 1)

    settled = world.settle(token_id).only("MembershipSettled")

    earned = earned_after(PRICE, 10 * DAY + 1, MONTH)
    state = before | {"unearned": PRICE - earned, "settledAt": now}
    assert settled == {
        "tokenId": token_id,
        "badge": 0,
        "earned": earned,
        "badgeShare": 0,
        "earnedTotal": earned,
        "ledger": NO_LEDGER,
        "state": {name: value for name, value in state.items() if name not in ("expiresAt", "tierId", "badge")},
    }
    assert world.state(token_id) == state
    assert (world.earned(), world.membership.unearnedOf(token_id)) == (earned, PRICE - earned)
    assert world.balance(world.membership.address) == PRICE


@pytest.mark.parametrize("passed", [MONTH, MONTH + 1, 3 * YEAR])
def test_settle_earns_everything_once_it_is_due(world: World, passed: int) -> None:
    token_id = world.join()
    world.chain.advance(passed)

    world.settle(token_id)

    assert (world.earned(), world.state(token_id)["unearned"]) == (PRICE, 0)


def test_settle_skips_what_was_settled_within_a_day(native: World) -> None:
    token_id = native.join()
    native.chain.advance(DAY - 1)

    assert native.settle(token_id).events == []
    native.chain.advance(1)
    assert native.settle(token_id).names() == ["MembershipSettled"]


def test_settle_within_a_day_is_not_skipped_when_all_is_due(native: World) -> None:
    token_id = native.join()
    native.chain.advance(MONTH - 1)
    native.settle(token_id)
    native.chain.advance(1)

    assert native.settle(token_id).names() == ["MembershipSettled"]
    assert native.earned() == PRICE


def test_settle_skips_what_has_nothing_unearned(native: World) -> None:
    free, paid = native.join(FREE, sender=native.other), native.join()
    native.chain.advance(2 * MONTH)
    native.settle(paid)

    assert native.settle(free, paid).events == []


def test_settle_skips_what_does_not_exist(native: World) -> None:
    token_id = native.join()
    native.chain.advance(2 * DAY)

    receipt = native.settle(0, 99, token_id, 2**200)

    assert [event.fields["tokenId"] for event in receipt.events] == [token_id]


def test_settle_of_one_membership_twice_in_a_call_counts_it_once(native: World) -> None:
    token_id = native.join()
    native.chain.advance(2 * MONTH)

    assert native.settle(token_id, token_id).names() == ["MembershipSettled"]
    assert native.earned() == PRICE


def test_settle_of_many_adds_up(native: World) -> None:
    tokens = [native.join(sender=native.member), native.join(LIFE, sender=native.other)]
    native.chain.advance(YEAR // 2)

    totals = [event.fields["earnedTotal"] for event in native.settle(*tokens).events]

    assert totals == [PRICE, PRICE + 5 * PRICE]
    assert native.earned() == 6 * PRICE


def test_settle_after_a_transfer_earns_from_the_new_holder(native: World) -> None:
    token_id = native.join()
    native.chain.advance(10 * DAY)
    native.chain.send(native.membership.transferFrom, native.member, native.other, token_id, sender=native.member)

    native.settle(token_id)

    assert native.earned() == earned_after(PRICE, 10 * DAY, MONTH)


def test_payment_is_earned_over_what_is_left_and_what_is_new(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(earningSeconds=10 * DAY)])
    token_id = world.join()
    start = ledger.advance(5 * DAY)
    world.renew(token_id)

    state = world.state(token_id)

    assert (state["unearned"], state["earnedAt"]) == (PRICE // 2 + PRICE, start + 5 * DAY + 10 * DAY)


def test_earning_never_outlasts_the_membership(ledger: Chain) -> None:
    harness = ledger.deploy("EarningHarness")

    state = ledger.read(harness.play, [(ledger.now, PRICE, MONTH, DAY, 0)])["state"]  # earned over more than was bought

    assert state["earnedAt"] == state["expiresAt"] == ledger.now + DAY
