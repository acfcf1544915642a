"""IMembership.renew"""

from typing import Any

import pytest

from tests.factories.communities import (
    CHOSEN,
    DAY,
    FOR_LIFE,
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
from tests.factories.contracts import Chain, Receipt

GRACE = 7 * DAY


def renew(world: World, token_id: int, periods: int = 1, **changes: Any) -> Receipt:
    """Renews with exactly these arguments; the payment is funded for the stated price."""
    price = changes.get("price", PRICE)
    sender = changes.get("sender", world.member)
    world.fund(sender, changes.get("funds", price * periods))
    return world.chain.send(
        world.membership.renew,
        token_id,
        periods,
        price,
        changes.get("currency", world.currency),
        sender=sender,
        value=changes.get("value", 0 if world.token else price * periods),
    )


def set_price(world: World, price: int) -> None:
    world.chain.send(world.membership.setTierPrice, MONTHLY, price, sender=world.founder)


def test_renew_adds_periods_to_the_expiry_and_settles_first(world: World) -> None:
    start = world.chain.now
    token_id = world.join()
    now = world.chain.advance(MONTH // 3)

    receipt = renew(world, token_id, 2)

    unearned = PRICE - (PRICE + 2) // 3 + 2 * PRICE  # what was earned is rounded up
    state = world.state(token_id)
    assert state == {
        "expiresAt": start + 3 * MONTH,
        "tierId": MONTHLY,
        "badge": 0,
        "unearned": unearned,
        "settledAt": now,
        "earnedAt": start + 3 * MONTH,
        "rate": 0,
        "countAt": 0,
        "transferCount": 0,
        "flags": CHOSEN,
    }
    assert receipt.only("MembershipRenewed") == {
        "tokenId": token_id,
        "holder": world.member,
        "payer": world.member,
        "amount": 2 * PRICE,
        "tip": 0,
        "periods": 2,
        "state": state,
    }
    settled = receipt.only("MembershipSettled")
    assert (settled["earned"], settled["badgeShare"], settled["earnedTotal"]) == (
        3 * PRICE - unearned,
        0,
        world.earned(),
    )
    assert world.balance(world.membership.address) == 3 * PRICE


def test_renew_of_an_expired_membership_begins_now(world: World) -> None:
    token_id = world.join()
    now = world.chain.advance(MONTH + 3 * DAY)

    state = renew(world, token_id).only("MembershipRenewed")["state"]

    assert (state["expiresAt"], state["earnedAt"], state["unearned"]) == (now + MONTH, now + MONTH, PRICE)
    assert world.earned() == PRICE


def test_renew_by_a_stranger_extends_the_holders_membership(world: World) -> None:
    token_id = world.join()

    renewed = renew(world, token_id, sender=world.stranger).only("MembershipRenewed")

    assert (renewed["holder"], renewed["payer"]) == (world.member, world.stranger)
    assert world.membership.ownerOf(token_id) == world.member


def test_renew_of_a_free_membership_costs_nothing(world: World) -> None:
    token_id = world.join(FREE)

    renewed = renew(world, token_id, price=0).only("MembershipRenewed")

    assert (renewed["amount"], renewed["state"]["expiresAt"]) == (0, world.chain.now + 2 * MONTH)


def test_renew_in_a_paused_tier_goes_on(native: World) -> None:
    token_id = native.join()
    native.chain.send(native.membership.setTierPaused, MONTHLY, True, sender=native.founder)
    native.chain.advance(MONTH + GRACE - 1)

    assert renew(native, token_id).only("MembershipRenewed")["tokenId"] == token_id


def test_renew_pays_the_old_price_until_the_notice_ends(native: World) -> None:
    token_id = native.join()
    set_price(native, 2 * PRICE)
    native.chain.advance(NOTICE - 1)

    assert renew(native, token_id).only("MembershipRenewed")["amount"] == PRICE
    with native.chain.reverts("PriceMismatch", expected=2 * PRICE, price=PRICE):
        renew(native, token_id, price=2 * PRICE)


def test_renew_pays_the_new_price_once_the_notice_has_ended(native: World) -> None:
    token_id = native.join()
    set_price(native, 2 * PRICE)
    native.chain.advance(NOTICE)

    with native.chain.reverts("PriceMismatch", expected=PRICE, price=2 * PRICE):
        renew(native, token_id)
    assert renew(native, token_id, price=2 * PRICE).only("MembershipRenewed")["amount"] == 2 * PRICE


def test_renew_pays_a_lower_price_at_once(native: World) -> None:
    token_id = native.join()
    set_price(native, PRICE // 2)

    assert renew(native, token_id, price=PRICE // 2).only("MembershipRenewed")["amount"] == PRICE // 2


def test_renew_after_the_grace_pays_the_price_of_a_join(native: World) -> None:
    token_id = native.join()
    native.chain.advance(MONTH + GRACE - 1)
    set_price(native, 2 * PRICE)

    assert native.membership.renewalPrice(token_id) == PRICE
    native.chain.advance(1)
    assert renew(native, token_id, price=2 * PRICE).only("MembershipRenewed")["amount"] == 2 * PRICE


def test_renew_after_the_grace_reverts_when_tier_is_paused(native: World) -> None:
    token_id = native.join()
    native.chain.send(native.membership.setTierPaused, MONTHLY, True, sender=native.founder)
    native.chain.advance(MONTH + GRACE)

    with native.chain.reverts("TierPaused", tierId=MONTHLY):
        renew(native, token_id)


def test_renew_after_the_grace_reverts_when_the_sale_has_ended(ledger: Chain, factory: Any) -> None:
    end = ledger.now + DAY
    world = community_of(ledger, factory, tiers=[tier(saleEnd=end)])
    token_id = world.join()
    ledger.advance(MONTH)
    renew(world, token_id)
    ledger.advance(MONTH + GRACE)

    with ledger.reverts("TierNotOnSale", tierId=MONTHLY, saleStart=0, saleEnd=end):
        renew(world, token_id)


def test_renew_goes_on_until_the_tier_retires(native: World) -> None:
    token_id = native.join(periods=2)
    retires_at = native.chain.now + NOTICE
    native.chain.send(native.membership.retireTier, MONTHLY, retires_at, sender=native.founder)
    native.chain.set_time(retires_at - 1)

    renew(native, token_id)
    native.chain.advance(1)
    with native.chain.reverts("TierRetired", tierId=MONTHLY, retiresAt=retires_at):
        renew(native, token_id)


def test_renew_reverts_when_the_membership_does_not_exist(native: World) -> None:
    with native.chain.reverts("TokenDoesNotExist"):
        renew(native, 1)


def test_renew_reverts_when_currency_is_not_the_expected_one(world: World) -> None:
    token_id = world.join()

    with world.chain.reverts("CurrencyMismatch", expected=world.founder, currency=world.currency):
        renew(world, token_id, currency=world.founder)


@pytest.mark.parametrize("value", [0, PRICE - 1, PRICE + 1])
def test_renew_reverts_when_value_is_not_the_price(native: World, value: int) -> None:
    token_id = native.join()

    with native.chain.reverts("ValueMismatch", value=value, due=PRICE):
        renew(native, token_id, value=value)


def test_renew_reverts_when_coins_come_with_a_token_payment(tokened: World) -> None:
    token_id = tokened.join()

    with tokened.chain.reverts("ValueMismatch", value=1, due=0):
        renew(tokened, token_id, value=1)


def test_renew_reverts_when_the_allowance_is_too_small(tokened: World) -> None:
    token_id = tokened.join()

    with tokened.chain.reverts("TransferFromFailed"):
        renew(tokened, token_id, funds=PRICE - 1)


def test_renew_reverts_when_no_period_is_paid(native: World) -> None:
    token_id = native.join()

    with native.chain.reverts("PeriodsInvalid", periods=0):
        renew(native, token_id, 0)


def test_renew_reverts_when_paid_more_than_two_years_ahead(native: World) -> None:
    token_id = native.join(periods=24)
    now = native.chain.now

    with native.chain.reverts("PaidTooFarAhead", expiresAt=now + 25 * MONTH, limit=now + 2 * YEAR):
        renew(native, token_id)


def test_renew_reverts_when_the_membership_is_for_life(native: World) -> None:
    token_id = native.join(LIFE)
    now = native.chain.now

    with native.chain.reverts("PaidTooFarAhead", expiresAt=FOR_LIFE, limit=now + 2 * YEAR):
        renew(native, token_id, price=10 * PRICE)


def test_renew_reverts_when_the_payment_does_not_fit(ledger: Chain, factory: Any, token: Any) -> None:
    price = 2**96 - 1
    world = community_of(ledger, factory, token=token, tiers=[tier(price=price)])
    token_id = world.join()

    with ledger.reverts("PaymentTooLarge", amount=price, most=0):
        renew(world, token_id, price=price)
