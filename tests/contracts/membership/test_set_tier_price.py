"""IMembership.setTierPrice"""

import pytest

from tests.factories.communities import FREE, MONTHLY, NOTICE, PRICE, World
from tests.factories.contracts import Receipt


def set_price(world: World, price: int, *, sender: str = "", tier_id: int = MONTHLY) -> Receipt:
    return world.chain.send(world.membership.setTierPrice, tier_id, price, sender=sender or world.founder)


def prices(world: World) -> tuple[int, int, int]:
    tier = world.tier(MONTHLY)
    return tier["price"], tier["renewalPrice"], tier["noticeEnds"]


def test_set_tier_price_raises_joins_at_once_and_renewals_after_the_notice(native: World) -> None:
    ends = native.chain.now + NOTICE

    tier = set_price(native, 2 * PRICE).only("TierSet")["tier"]

    assert (tier["price"], tier["renewalPrice"], tier["noticeEnds"]) == (2 * PRICE, PRICE, ends)
    native.chain.set_time(ends - 1)
    assert prices(native) == (2 * PRICE, PRICE, ends)
    native.chain.set_time(ends)
    assert prices(native) == (2 * PRICE, 2 * PRICE, 0)


def test_set_tier_price_lowers_both_at_once(native: World) -> None:
    set_price(native, PRICE // 2)

    assert prices(native) == (PRICE // 2, PRICE // 2, 0)


def test_set_tier_price_to_what_it_is_starts_no_notice(native: World) -> None:
    set_price(native, PRICE)
    assert prices(native) == (PRICE, PRICE, 0)

    set_price(native, 2 * PRICE)

    assert prices(native) == (2 * PRICE, PRICE, native.chain.now + NOTICE)


def test_set_tier_price_may_fall_during_a_notice_without_ending_it(native: World) -> None:
    ends = native.chain.now + NOTICE
    set_price(native, 3 * PRICE)

    set_price(native, 2 * PRICE)

    assert prices(native) == (2 * PRICE, PRICE, ends)


@pytest.mark.parametrize("price", [PRICE, PRICE // 2, 0])
def test_set_tier_price_that_falls_to_the_old_price_ends_the_notice(native: World, price: int) -> None:
    set_price(native, 3 * PRICE)

    set_price(native, price)

    assert prices(native) == (price, price, 0)


def test_set_tier_price_may_rise_again_once_the_notice_has_ended(native: World) -> None:
    set_price(native, 2 * PRICE)
    native.chain.advance(NOTICE)

    set_price(native, 3 * PRICE)

    assert prices(native) == (3 * PRICE, 2 * PRICE, native.chain.now + NOTICE)


def test_set_tier_price_of_a_free_tier_charges_renewals_after_the_notice(native: World) -> None:
    token_id = native.join(FREE)

    set_price(native, PRICE, tier_id=FREE)

    assert native.membership.renewalPrice(token_id) == 0
    native.chain.advance(NOTICE)
    assert native.membership.renewalPrice(token_id) == PRICE


def test_set_tier_price_reverts_when_a_rise_is_pending(native: World) -> None:
    ends = native.chain.now + NOTICE
    set_price(native, 2 * PRICE)
    native.chain.advance(NOTICE - 1)

    with native.chain.reverts("PriceRisePending", tierId=MONTHLY, noticeEnds=ends):
        set_price(native, 2 * PRICE + 1)


def test_set_tier_price_reverts_when_tier_is_unknown(native: World) -> None:
    with native.chain.reverts("TierUnknown", tierId=9):
        set_price(native, 1, tier_id=9)


def test_set_tier_price_reverts_when_the_caller_is_not_the_owner(native: World) -> None:
    with native.chain.reverts("NotOwner", caller=native.stranger):
        set_price(native, 1, sender=native.stranger)
