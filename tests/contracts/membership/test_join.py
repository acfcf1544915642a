"""IMembership.join"""

from typing import Any

import pytest

from tests.factories.communities import (
    CHOSEN,
    DAILY,
    DAY,
    FOR_LIFE,
    FREE,
    LIFE,
    MONTH,
    MONTHLY,
    PRICE,
    YEAR,
    World,
    community_of,
    tier,
)
from tests.factories.contracts import NATIVE, Chain, Receipt


def join(world: World, tier_id: int = MONTHLY, periods: int = 1, **changes: Any) -> Receipt:
    """Joins with exactly these arguments; the payment is funded for the stated price."""
    sender = changes.get("sender", world.member)
    price = changes.get("price", PRICE)
    world.fund(sender, changes.get("funds", price * periods))
    return world.chain.send(
        world.membership.join,
        tier_id,
        periods,
        price,
        changes.get("currency", world.currency),
        changes.get("recipient", sender),
        changes.get("badge", 0),
        sender=sender,
        value=changes.get("value", 0 if world.token else price * periods),
    )


def test_join_makes_a_member_whose_payment_is_wholly_unearned(world: World) -> None:
    start = world.chain.now

    receipt = world.send_join(MONTHLY, 2)

    joined = receipt.only("MembershipJoined")
    state = {
        "expiresAt": start + 2 * MONTH,
        "tierId": MONTHLY,
        "badge": 0,
        "unearned": 2 * PRICE,
        "settledAt": start,
        "earnedAt": start + 2 * MONTH,
        "rate": 0,
        "countAt": 0,
        "transferCount": 0,
        "flags": CHOSEN,
    }
    assert joined == {
        "tokenId": (MONTHLY << 24) + 1,
        "holder": world.member,
        "tierId": MONTHLY,
        "payer": world.member,
        "amount": 2 * PRICE,
        "periods": 2,
        "state": state,
    }
    assert receipt.names().count("Transfer") == (2 if world.token else 1)
    assert world.state(joined["tokenId"]) == state
    assert (world.membership.ownerOf(joined["tokenId"]), world.membership.balanceOf(world.member)) == (world.member, 1)
    assert (world.balance(world.membership.address), world.earned()) == (2 * PRICE, 0)
    assert world.tier(MONTHLY)["seats"] == 1


def test_join_takes_exactly_the_price_from_the_payer(world: World) -> None:
    world.fund(world.member, 3 * PRICE)
    before = world.balance(world.member)

    world.send_join(MONTHLY, 3)

    funded = 3 * PRICE if world.token else 0  # `send_join` mints the price to the payer
    assert world.balance(world.member) == before + funded - 3 * PRICE


def test_join_for_another_makes_the_recipient_the_holder(world: World) -> None:
    joined = world.send_join(sender=world.other, recipient=world.member).only("MembershipJoined")

    assert (joined["holder"], joined["payer"]) == (world.member, world.other)
    assert world.membership.ownerOf(joined["tokenId"]) == world.member


def test_join_of_a_free_tier_costs_nothing(world: World) -> None:
    joined = world.send_join(FREE).only("MembershipJoined")

    assert (joined["amount"], joined["state"]["unearned"]) == (0, 0)
    assert world.membership.isValid(joined["tokenId"])


def test_join_for_life_never_expires_and_is_earned_within_a_year(world: World) -> None:
    start = world.chain.now

    state = world.send_join(LIFE).only("MembershipJoined")["state"]

    assert (state["expiresAt"], state["earnedAt"]) == (FOR_LIFE, start + YEAR)


def test_join_earns_within_the_earning_time_when_that_is_shorter(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(earningSeconds=10 * DAY)])

    state = world.send_join(MONTHLY, 2).only("MembershipJoined")["state"]

    assert state["earnedAt"] == ledger.now + 20 * DAY


def test_join_numbers_memberships_within_their_tier(native: World) -> None:
    tokens = [
        native.join(sender=native.member),
        native.join(DAILY, sender=native.other),
        native.join(sender=native.founder),
    ]

    assert tokens == [(MONTHLY << 24) + 1, (DAILY << 24) + 1, (MONTHLY << 24) + 2]


def test_join_up_to_two_years_ahead_is_accepted(native: World) -> None:
    state = native.send_join(MONTHLY, 24).only("MembershipJoined")["state"]

    assert state["expiresAt"] == native.chain.now + 24 * MONTH


def test_join_reverts_when_tier_is_unknown(native: World) -> None:
    with native.chain.reverts("TierUnknown", tierId=9):
        join(native, 9)


def test_join_reverts_when_tier_is_paused(native: World) -> None:
    native.chain.send(native.membership.setTierPaused, MONTHLY, True, sender=native.founder)

    with native.chain.reverts("TierPaused", tierId=MONTHLY):
        join(native)


@pytest.mark.parametrize("offset", [-1, 10 * DAY], ids=["before the start", "at the end"])
def test_join_reverts_when_tier_is_not_on_sale(ledger: Chain, factory: Any, offset: int) -> None:
    start, end = ledger.now + DAY, ledger.now + 11 * DAY
    world = community_of(ledger, factory, tiers=[tier(saleStart=start, saleEnd=end)])
    ledger.set_time(start + offset)

    with ledger.reverts("TierNotOnSale", tierId=MONTHLY, saleStart=start, saleEnd=end):
        join(world)


@pytest.mark.parametrize("offset", [0, 10 * DAY - 1], ids=["at the start", "a second before the end"])
def test_join_succeeds_within_the_sale(ledger: Chain, factory: Any, offset: int) -> None:
    start, end = ledger.now + DAY, ledger.now + 11 * DAY
    world = community_of(ledger, factory, tiers=[tier(saleStart=start, saleEnd=end)])
    ledger.set_time(start + offset)

    assert join(world).only("MembershipJoined")["holder"] == world.member


def test_join_succeeds_after_a_start_without_an_end(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(saleStart=ledger.now + DAY)])
    ledger.advance(10 * YEAR)

    assert join(world).only("MembershipJoined")["holder"] == world.member


def test_join_reverts_when_seats_are_taken(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(cap=1)])
    world.join(sender=world.other)

    with ledger.reverts("TierSoldOut", tierId=MONTHLY, cap=1):
        join(world)


def test_join_reverts_when_tier_retires(native: World) -> None:
    retires_at = native.chain.now + MONTH
    native.chain.send(native.membership.retireTier, MONTHLY, retires_at, sender=native.founder)

    with native.chain.reverts("TierRetired", tierId=MONTHLY, retiresAt=retires_at):
        join(native)


def test_join_reverts_when_price_is_not_the_expected_one(world: World) -> None:
    with world.chain.reverts("PriceMismatch", expected=PRICE - 1, price=PRICE):
        join(world, price=PRICE - 1)


def test_join_reverts_when_currency_is_not_the_expected_one(world: World) -> None:
    with world.chain.reverts("CurrencyMismatch", expected=world.founder, currency=world.currency):
        join(world, currency=world.founder)


@pytest.mark.parametrize("value", [0, PRICE - 1, PRICE + 1])
def test_join_reverts_when_value_is_not_the_price(native: World, value: int) -> None:
    with native.chain.reverts("ValueMismatch", value=value, due=PRICE):
        join(native, value=value)


def test_join_reverts_when_coins_come_with_a_token_payment(tokened: World) -> None:
    with tokened.chain.reverts("ValueMismatch", value=1, due=0):
        join(tokened, value=1)


def test_join_reverts_when_the_allowance_is_too_small(tokened: World) -> None:
    with tokened.chain.reverts("TransferFromFailed"):
        join(tokened, funds=PRICE - 1)


@pytest.mark.parametrize(
    ("tier_id", "price", "periods"), [(MONTHLY, PRICE, 0), (LIFE, 10 * PRICE, 0), (LIFE, 10 * PRICE, 2)]
)
def test_join_reverts_when_periods_make_no_sense(native: World, tier_id: int, price: int, periods: int) -> None:
    with native.chain.reverts("PeriodsInvalid", periods=periods):
        join(native, tier_id, periods, price=price)


def test_join_reverts_when_paid_more_than_two_years_ahead(native: World) -> None:
    now = native.chain.now

    with native.chain.reverts("PaidTooFarAhead", expiresAt=now + 25 * MONTH, limit=now + 2 * YEAR):
        join(native, periods=25)


def test_join_for_a_period_longer_than_two_years_may_pay_one(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(periodSeconds=3 * YEAR)])
    limit = ledger.now + 3 * YEAR + DAY

    with ledger.reverts("PaidTooFarAhead", expiresAt=ledger.now + 6 * YEAR, limit=limit):
        join(world, periods=2)
    assert join(world).only("MembershipJoined")["state"]["expiresAt"] == ledger.now + 3 * YEAR


def test_join_reverts_when_the_recipient_is_a_member(world: World) -> None:
    world.join()

    with world.chain.reverts("AlreadyMember", account=world.member):
        join(world, sender=world.other, recipient=world.member)


def test_join_reverts_when_the_recipients_membership_has_expired(world: World) -> None:
    world.join()
    world.chain.advance(YEAR)

    with world.chain.reverts("AlreadyMember", account=world.member):
        join(world)


def test_join_reverts_when_a_badge_is_named(native: World) -> None:
    with native.chain.reverts("BadgeUnknown", badge=5):
        join(native, badge=5)


def test_join_reverts_when_a_free_tier_is_given_to_another(native: World) -> None:
    with native.chain.reverts("GiftNotPaid", tierId=FREE):
        join(native, FREE, price=0, recipient=native.other)


def test_join_reverts_when_nobody_is_the_recipient(native: World) -> None:
    with native.chain.reverts("BalanceQueryForZeroAddress"):
        join(native, recipient=NATIVE)


def test_join_reverts_when_the_payment_does_not_fit(ledger: Chain, factory: Any, token: Any) -> None:
    price = 2**96 - 1
    world = community_of(ledger, factory, token=token, tiers=[tier(price=price)])

    with ledger.reverts("PaymentTooLarge", amount=2 * price, most=price):
        join(world, price=price, periods=2)
