"""IStore.setPayout"""

from tests.factories.communities import PRICE
from tests.factories.contracts import NATIVE
from tests.factories.stores import Shop, divide


def test_set_payout_credits_later_sales_to_another_account(coins: Shop) -> None:
    product = coins.list()
    coins.buy(product)
    before = coins.product(product)
    share = coins.credited(coins.creator)

    receipt = coins.chain.send(coins.store.setPayout, product, coins.stranger, sender=coins.creator)
    coins.buy(product)

    after = before | {"payout": coins.stranger}
    assert receipt.only("ProductSet") == {"productId": product, "creator": coins.creator, "product": after}
    assert (coins.credited(coins.creator), coins.credited(coins.stranger)) == (share, share)


def test_set_payout_to_the_community_gives_it_all_but_the_badge_share(shop: Shop) -> None:
    product = shop.list()
    shop.chain.send(shop.store.setPayout, product, shop.world.community.address, sender=shop.creator)

    payment = shop.buy(product).only("LicenseBought")["payment"]

    badge, _, _ = divide(PRICE, 500, 0)
    assert (payment["badgeShare"], payment["payeeShare"], payment["communityShare"]) == (badge, 0, PRICE - badge)
    assert (payment["payee"], payment["payeeTotal"]) == (shop.world.community.address, 0)
    assert shop.shares() == (badge, 0, PRICE - badge)


def test_set_payout_back_restores_the_frozen_share(coins: Shop) -> None:
    product = coins.list(payout=coins.world.community.address)
    coins.chain.send(coins.store.setPolicy, 5_000, True, sender=coins.founder)

    coins.chain.send(coins.store.setPayout, product, coins.creator, sender=coins.creator)
    coins.buy(product)

    assert coins.shares() == divide(PRICE, 500, 1_000)


def test_set_payout_reverts_to_nobody(coins: Shop) -> None:
    product = coins.list()

    with coins.chain.reverts("AccountMissing"):
        coins.chain.send(coins.store.setPayout, product, NATIVE, sender=coins.creator)


def test_set_payout_reverts_when_the_caller_is_not_the_creator(coins: Shop) -> None:
    product = coins.list()

    for caller in (coins.founder, coins.stranger):
        with coins.chain.reverts("NotCreator", productId=product, caller=caller):
            coins.chain.send(coins.store.setPayout, product, caller, sender=caller)
