"""IStore.setPolicy"""

import pytest

from tests.factories.communities import PRICE
from tests.factories.stores import Shop, divide


def test_policy_is_a_tenth_for_the_community_until_one_is_set(coins: Shop) -> None:
    assert coins.policy() == {"communityBps": 1_000, "membersMayList": True}


@pytest.mark.parametrize(("bps", "may"), [(0, True), (5_000, False), (1, True)])
def test_set_policy_holds_for_what_is_listed_from_now_on(coins: Shop, bps: int, may: bool) -> None:
    old = coins.list()

    receipt = coins.chain.send(coins.store.setPolicy, bps, may, sender=coins.founder)

    assert receipt.only("PolicySet") == {"communityBps": bps, "membersMayList": may}
    assert coins.policy() == {"communityBps": bps, "membersMayList": may}
    assert coins.product(old)["communityBps"] == 1_000
    coins.buy(old)
    assert coins.shares() == divide(PRICE, 500, 1_000)


def test_set_policy_of_nothing_leaves_the_community_dust_only(shop: Shop) -> None:
    shop.chain.send(shop.store.setPolicy, 0, True, sender=shop.founder)
    product = shop.list(price=9_999)

    shop.buy(product)

    assert shop.shares() == (499, 9_500, 0)


def test_set_policy_reverts_above_half(coins: Shop) -> None:
    with coins.chain.reverts("CommunityShareTooHigh", bps=5_001, capBps=5_000):
        coins.chain.send(coins.store.setPolicy, 5_001, True, sender=coins.founder)


def test_set_policy_reverts_when_the_caller_is_not_the_owner(coins: Shop) -> None:
    for caller in (coins.creator, coins.stranger):
        with coins.chain.reverts("NotOwner", caller=caller):
            coins.chain.send(coins.store.setPolicy, 0, True, sender=caller)
