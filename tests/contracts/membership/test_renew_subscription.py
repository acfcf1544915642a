"""IMembershipDesk.renewSubscription and IMembershipHolder.isRenewable (ERC-5643)"""

from typing import Any

import pytest

from tests.factories.communities import (
    DAY,
    FREE,
    LIFE,
    MONTH,
    MONTHLY,
    NOTICE,
    PRICE,
    YEAR,
    World,
    community_of,
    tier,
)
from tests.factories.contracts import NATIVE, Chain, Receipt
from tests.factories.memberships import GRACE, SEAT_GRACE, TRIAL, issue, join_with, leaf_of, pay


def renew_subscription(world: World, token_id: int, duration: int, value: int, *, sender: str = "") -> Receipt:
    method = world.membership.renewSubscription
    return pay(world, method, token_id, duration, amount=value, sender=sender, value=value)


def renewable(world: World, token_id: int) -> bool:
    return bool(world.membership.isRenewable(token_id))


def test_renew_subscription_extends_by_the_duration(native: World) -> None:
    token_id = native.join()
    before = native.state(token_id)

    receipt = renew_subscription(native, token_id, 2 * MONTH, 2 * PRICE)

    expires_at = before["expiresAt"] + 2 * MONTH
    state = before | {"expiresAt": expires_at, "unearned": 3 * PRICE, "earnedAt": expires_at}
    assert receipt.only("MembershipRenewed") == {
        "tokenId": token_id,
        "holder": native.member,
        "payer": native.member,
        "amount": 2 * PRICE,
        "tip": 0,
        "periods": 2,
        "state": state,
    }
    assert receipt.only("SubscriptionUpdate") == {"tokenId": token_id, "expiration": expires_at}
    assert (native.state(token_id), native.membership.expiresAt(token_id)) == (state, expires_at)


def test_renew_subscription_by_anybody(native: World) -> None:
    token_id = native.join()

    renewed = renew_subscription(native, token_id, MONTH, PRICE, sender=native.stranger).only("MembershipRenewed")

    assert (renewed["payer"], renewed["holder"]) == (native.stranger, native.member)


def test_renew_subscription_of_a_free_membership(world: World) -> None:
    token_id = world.join(FREE)
    if world.token:
        with world.chain.reverts("CurrencyMismatch", expected=NATIVE, currency=world.currency):
            renew_subscription(world, token_id, MONTH, 0)
    else:
        assert renew_subscription(world, token_id, MONTH, 0).only("MembershipRenewed")["amount"] == 0


def test_renew_subscription_reverts_in_a_community_paid_in_a_token(tokened: World) -> None:
    """It names no price, and an allowance guards none."""
    token_id = tokened.join()
    tokened.fund(tokened.member, PRICE)

    with tokened.chain.reverts("CurrencyMismatch", expected=NATIVE, currency=tokened.currency):
        tokened.chain.send(tokened.membership.renewSubscription, token_id, MONTH, sender=tokened.member)


@pytest.mark.parametrize("duration", [0, 1, MONTH - 1, MONTH + 1, 65_536 * MONTH], ids=str)
def test_renew_subscription_reverts_when_the_duration_is_no_number_of_periods(native: World, duration: int) -> None:
    token_id = native.join()

    with native.chain.reverts("PeriodsInvalid", periods=duration):
        renew_subscription(native, token_id, duration, 0)


def test_renew_subscription_reverts_when_the_membership_is_for_life(native: World) -> None:
    token_id = native.join(LIFE)

    with native.chain.reverts("PeriodsInvalid", periods=MONTH):
        renew_subscription(native, token_id, MONTH, 10 * PRICE)


@pytest.mark.parametrize("value", [0, PRICE - 1, PRICE + 1])
def test_renew_subscription_reverts_when_the_value_is_not_the_price(native: World, value: int) -> None:
    token_id = native.join()

    with native.chain.reverts("ValueMismatch", value=value, due=PRICE):
        renew_subscription(native, token_id, MONTH, value)


def test_renew_subscription_reverts_when_paid_too_far_ahead(native: World) -> None:
    token_id, now = native.join(), native.chain.now

    with native.chain.reverts("PaidTooFarAhead", expiresAt=now + 25 * MONTH, limit=now + 2 * YEAR):
        renew_subscription(native, token_id, 24 * MONTH, 24 * PRICE)


def test_renew_subscription_reverts_when_the_tier_has_retired(native: World) -> None:
    token_id, retires_at = native.join(), native.chain.now + NOTICE
    native.chain.send(native.membership.retireTier, MONTHLY, retires_at, sender=native.founder)
    native.chain.set_time(retires_at)

    with native.chain.reverts("TierRetired", tierId=MONTHLY, retiresAt=retires_at):
        renew_subscription(native, token_id, MONTH, PRICE)


def test_renew_subscription_after_the_grace_obeys_the_rules_of_a_join(native: World) -> None:
    token_id = native.join()
    native.chain.send(native.membership.setTierAccess, MONTHLY, False, leaf_of(native.other), 0, sender=native.founder)
    native.chain.advance(MONTH + GRACE)

    with native.chain.reverts("NotAllowed", tierId=MONTHLY, account=native.member):
        renew_subscription(native, token_id, MONTH, PRICE)


def test_renew_subscription_reverts_when_the_membership_does_not_exist(native: World) -> None:
    with native.chain.reverts("TokenDoesNotExist"):
        renew_subscription(native, 1, MONTH, PRICE)


# isRenewable: whether one period can be added now


def test_membership_is_renewable(world: World) -> None:
    token_id = world.join()

    for _ in range(3):
        assert renewable(world, token_id)
        world.chain.advance(MONTH)


def test_what_does_not_exist_is_not_renewable(native: World) -> None:
    token_id = native.join()
    native.chain.send(native.membership.burn, token_id, native.member, sender=native.member)

    assert (renewable(native, 99), renewable(native, token_id)) == (False, False)


def test_membership_for_life_is_not_renewable(native: World) -> None:
    assert not renewable(native, native.join(LIFE))


def test_trial_of_a_tier_for_life_is_renewable(native: World) -> None:
    trial = issue(native, tier_id=LIFE, kind=TRIAL, value=DAY)
    token_id = join_with(native, LIFE, 0, price=0, **trial).only("MembershipJoined")["tokenId"]

    assert renewable(native, token_id)


def test_membership_is_renewable_until_its_tier_retires(native: World) -> None:
    token_id, retires_at = native.join(), native.chain.now + NOTICE
    native.chain.send(native.membership.retireTier, MONTHLY, retires_at, sender=native.founder)

    native.chain.set_time(retires_at - 1)
    assert renewable(native, token_id)
    native.chain.advance(1)
    assert not renewable(native, token_id)


def test_membership_of_a_paused_tier_is_renewable_up_to_the_grace(native: World) -> None:
    token_id = native.join()
    native.chain.send(native.membership.setTierPaused, MONTHLY, True, sender=native.founder)

    native.chain.advance(MONTH + GRACE - 1)
    assert renewable(native, token_id)
    native.chain.advance(1)
    assert not renewable(native, token_id)


def test_membership_is_not_renewable_after_grace_and_sale(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(saleEnd=ledger.now + DAY)])
    token_id = world.join()

    ledger.advance(MONTH + GRACE - 1)
    assert renewable(world, token_id)
    ledger.advance(1)
    assert not renewable(world, token_id)


def test_membership_is_renewable_after_the_grace_within_the_sale(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(saleEnd=ledger.now + 10 * YEAR), tier(saleStart=1)])
    tokens = [world.join(), world.join(2, sender=world.other)]
    ledger.advance(YEAR)

    assert [renewable(world, token_id) for token_id in tokens] == [True, True]


def test_granted_membership_is_not_renewable_late_before_the_sale(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(saleStart=ledger.now + YEAR)])
    ledger.send(world.membership.grant, [(world.member, MONTHLY, DAY, 0)], sender=world.founder)
    token_id = (MONTHLY << 24) + 1

    ledger.advance(DAY + GRACE - 1)
    assert renewable(world, token_id)
    ledger.advance(1)
    assert not renewable(world, token_id)


def test_membership_of_a_retiring_tier_is_not_renewable_after_the_grace(native: World) -> None:
    token_id, retires_at = native.join(), native.chain.now + YEAR
    native.chain.send(native.membership.retireTier, MONTHLY, retires_at, sender=native.founder)

    native.chain.advance(MONTH + GRACE)
    assert not renewable(native, token_id)
    with native.chain.reverts("TierRetired", tierId=MONTHLY, retiresAt=retires_at):
        native.renew(token_id)


def test_membership_of_a_listed_tier_is_not_renewable_without_proof_after_the_grace(native: World) -> None:
    token_id = native.join()
    native.chain.send(native.membership.setTierAccess, MONTHLY, False, b"\1" * 32, 0, sender=native.founder)

    native.chain.advance(MONTH + GRACE - 1)
    assert renewable(native, token_id)
    native.chain.advance(1)
    assert not renewable(native, token_id)


def test_membership_that_is_paid_to_the_limit_is_not_renewable(native: World) -> None:
    token_id = native.join(periods=24)

    assert not renewable(native, token_id)
    native.chain.advance(25 * MONTH - 2 * YEAR - 1)
    assert not renewable(native, token_id)
    native.chain.advance(1)
    assert renewable(native, token_id)
    assert native.renew(token_id).events


def test_membership_whose_seat_is_taken_is_not_renewable(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(cap=1)])
    token_id = world.join()
    ledger.advance(MONTH + SEAT_GRACE)
    ledger.send(world.membership.releaseSeat, token_id, sender=world.stranger)

    assert renewable(world, token_id)
    world.join(sender=world.other)
    assert not renewable(world, token_id)
