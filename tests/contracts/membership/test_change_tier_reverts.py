"""IMembershipHolder.changeTier: every reason why not"""

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
from tests.factories.contracts import Chain
from tests.factories.memberships import TRIPLE, YEARLY, change_tier


def test_change_tier_reverts_from_paid_to_free(world: World) -> None:
    token_id = world.join()

    for _ in range(2):
        with world.chain.reverts("TierIsFree", tierId=FREE):
            change_tier(world, token_id, FREE, 1, amount=0)
        world.chain.advance(MONTH)  # also when nothing is unearned any more


def test_change_tier_reverts_to_free_while_money_is_unearned(native: World) -> None:
    """Also when the tier that was paid costs nothing by now."""
    token_id = native.join()
    native.chain.send(native.membership.setTierPrice, MONTHLY, 0, sender=native.founder)

    with native.chain.reverts("TierIsFree", tierId=FREE):
        change_tier(native, token_id, FREE, 1, amount=0)


def test_change_tier_reverts_beyond_the_limit(grown: World) -> None:
    token_id = grown.join(YEARLY)
    grown.chain.send(grown.membership.setTierPrice, MONTHLY, PRICE // 10, sender=grown.founder)
    now = grown.chain.now

    with grown.chain.reverts("PaidTooFarAhead", expiresAt=now + 100 * MONTH, limit=now + 2 * YEAR):
        change_tier(grown, token_id, MONTHLY)


@pytest.mark.parametrize("periods", [0, 2])
def test_change_tier_to_life_takes_one_period(native: World, periods: int) -> None:
    token_id = native.join()

    with native.chain.reverts("PeriodsInvalid", periods=periods):
        change_tier(native, token_id, LIFE, periods, amount=9 * PRICE)


@pytest.mark.parametrize("source", [MONTHLY, FREE])
def test_change_tier_reverts_when_it_buys_no_time(native: World, source: int) -> None:
    """Nothing is unearned and nothing is paid: a membership of no second would take a seat for a month."""
    native.chain.send(native.membership.createTier, tier(cap=1), sender=native.founder)
    token_id = native.join(source)
    native.chain.advance(MONTH)

    with native.chain.reverts("PeriodsInvalid", periods=0):
        change_tier(native, token_id, TRIPLE)
    assert native.tier(TRIPLE)["seats"] == 0


def test_change_tier_reverts_when_dust_buys_no_time(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(price=MONTH), tier(price=MONTH * MONTH)])
    token_id = world.join()
    ledger.advance(MONTH - 1)
    assert world.membership.unearnedOf(token_id) == 1

    with ledger.reverts("PeriodsInvalid", periods=0):
        change_tier(world, token_id, 2)


def test_change_tier_reverts_into_the_same_tier(native: World) -> None:
    token_id = native.join()

    with native.chain.reverts("MembershipMismatch", tokenId=token_id, tierId=MONTHLY):
        change_tier(native, token_id, MONTHLY)


def test_change_tier_reverts_into_an_unknown_tier(native: World) -> None:
    token_id = native.join()

    for tier_id in (0, 9):
        with native.chain.reverts("TierUnknown", tierId=tier_id):
            change_tier(native, token_id, tier_id, price=0)


def test_change_tier_reverts_into_a_paused_tier(grown: World) -> None:
    token_id = grown.join()
    grown.chain.send(grown.membership.setTierPaused, TRIPLE, True, sender=grown.founder)

    with grown.chain.reverts("TierPaused", tierId=TRIPLE):
        change_tier(grown, token_id, TRIPLE)


def test_change_tier_reverts_into_a_retiring_tier(native: World) -> None:
    token_id, retires_at = native.join(), native.chain.now + NOTICE
    native.chain.send(native.membership.retireTier, LIFE, retires_at, sender=native.founder)

    with native.chain.reverts("TierRetired", tierId=LIFE, retiresAt=retires_at):
        change_tier(native, token_id, LIFE, 1, amount=9 * PRICE)


def test_change_tier_reverts_into_a_tier_that_is_not_on_sale(native: World) -> None:
    start = native.chain.now + DAY
    native.chain.send(native.membership.createTier, tier(saleStart=start), sender=native.founder)
    token_id = native.join()

    with native.chain.reverts("TierNotOnSale", tierId=TRIPLE, saleStart=start, saleEnd=0):
        change_tier(native, token_id, TRIPLE)


def test_change_tier_reverts_into_a_tier_by_invitation(native: World) -> None:
    native.chain.send(native.membership.createTier, tier(invitationOnly=True), sender=native.founder)
    token_id = native.join()

    with native.chain.reverts("VoucherNeeded", tierId=TRIPLE):
        change_tier(native, token_id, TRIPLE)


def test_change_tier_leaves_a_retired_tier(native: World) -> None:
    """Members of a tier that ended go on elsewhere with what they paid."""
    token_id = native.join(periods=3)
    native.chain.send(native.membership.retireTier, MONTHLY, native.chain.now + NOTICE, sender=native.founder)
    native.chain.advance(NOTICE)

    assert change_tier(native, token_id, LIFE, 1, amount=8 * PRICE).events


def test_change_tier_reverts_when_the_price_is_not_the_expected_one(world: World) -> None:
    token_id = world.join()

    with world.chain.reverts("PriceMismatch", expected=PRICE, price=10 * PRICE):
        change_tier(world, token_id, LIFE, 1, price=PRICE)


def test_change_tier_reverts_when_the_currency_is_not_the_expected_one(world: World) -> None:
    token_id = world.join(periods=12)

    with world.chain.reverts("CurrencyMismatch", expected=world.founder, currency=world.currency):
        change_tier(world, token_id, LIFE, 1, currency=world.founder, amount=0)


@pytest.mark.parametrize("value", [0, 9 * PRICE - 1])
def test_change_tier_reverts_when_the_value_is_too_small(native: World, value: int) -> None:
    token_id = native.join()

    with native.chain.reverts("ValueMismatch", value=value, due=9 * PRICE):
        change_tier(native, token_id, LIFE, 1, amount=9 * PRICE, value=value)


def test_change_tier_reverts_when_more_coins_come_than_periods_cost(native: World) -> None:
    """Only what falls with time may be overpaid."""
    native.chain.send(native.membership.createTier, tier(price=3 * PRICE), sender=native.founder)
    token_id = native.join()

    with native.chain.reverts("ValueMismatch", value=3 * PRICE + 1, due=3 * PRICE):
        change_tier(native, token_id, TRIPLE, 1, amount=3 * PRICE, value=3 * PRICE + 1)


def test_change_tier_reverts_when_coins_come_with_a_token_payment(tokened: World) -> None:
    token_id = tokened.join(periods=12)

    with tokened.chain.reverts("ValueMismatch", value=1, due=0):
        change_tier(tokened, token_id, LIFE, 1, amount=0, value=1)


def test_change_tier_reverts_when_the_allowance_is_too_small(tokened: World) -> None:
    token_id = tokened.join()

    with tokened.chain.reverts("TransferFromFailed"):
        change_tier(tokened, token_id, LIFE, 1, funds=9 * PRICE - 1)


def test_change_tier_reverts_when_the_caller_is_not_the_holder(world: World) -> None:
    """Not an approved account either: it would spend the holder's time."""
    token_id = world.join()
    world.chain.send(world.membership.approve, world.stranger, token_id, sender=world.member)

    for caller in (world.stranger, world.founder):
        with world.chain.reverts("NotHolder", tokenId=token_id, caller=caller):
            change_tier(world, token_id, LIFE, 1, amount=0, sender=caller)


def test_change_tier_reverts_when_the_membership_does_not_exist(native: World) -> None:
    with native.chain.reverts("TokenDoesNotExist"):
        change_tier(native, 1, LIFE, 1, amount=0)
