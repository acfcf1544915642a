"""IStore.setListed"""

import pytest

from tests.factories.communities import DAY, MONTH
from tests.factories.stores import Shop


def set_listed(shop: Shop, product: int, listed: bool, *, sender: str) -> None:
    shop.chain.send(shop.store.setListed, product, listed, sender=sender)


def test_set_listed_stops_new_sales(coins: Shop) -> None:
    product = coins.list()
    before = coins.product(product)

    receipt = coins.chain.send(coins.store.setListed, product, False, sender=coins.creator)

    after = before | {"delisted": True}
    assert receipt.only("ProductSet") == {"productId": product, "creator": coins.creator, "product": after}
    assert coins.product(product) == after
    with coins.chain.reverts("ProductDelisted", productId=product):
        coins.buy(product)


def test_set_listed_reopens_sales(coins: Shop) -> None:
    product = coins.list()
    set_listed(coins, product, False, sender=coins.creator)

    set_listed(coins, product, True, sender=coins.creator)

    assert coins.buy(product).only("LicenseBought")["units"] == 1


def test_set_listed_by_the_owner_bars_a_product_whatever_its_creator_does(coins: Shop) -> None:
    product = coins.list()

    set_listed(coins, product, False, sender=coins.founder)
    set_listed(coins, product, True, sender=coins.creator)

    assert (coins.product(product)["delisted"], coins.product(product)["barred"]) == (False, True)
    with coins.chain.reverts("ProductDelisted", productId=product):
        coins.buy(product)
    set_listed(coins, product, True, sender=coins.founder)
    coins.buy(product)


def test_set_listed_by_the_owner_cannot_sell_what_the_creator_delisted(coins: Shop) -> None:
    product = coins.list()
    set_listed(coins, product, False, sender=coins.creator)

    set_listed(coins, product, True, sender=coins.founder)

    with coins.chain.reverts("ProductDelisted", productId=product):
        coins.buy(product)


def test_set_listed_by_an_owner_who_is_the_creator_does_both(coins: Shop) -> None:
    product = coins.list(sender=coins.founder)

    set_listed(coins, product, False, sender=coins.founder)

    assert (coins.product(product)["delisted"], coins.product(product)["barred"]) == (True, True)
    set_listed(coins, product, True, sender=coins.founder)
    assert (coins.product(product)["delisted"], coins.product(product)["barred"]) == (False, False)


@pytest.mark.parametrize("by_owner", [False, True])
def test_set_listed_leaves_licenses_and_their_renewal(coins: Shop, by_owner: bool) -> None:
    product = coins.plugin()
    coins.buy(product)
    start = coins.chain.now

    set_listed(coins, product, False, sender=coins.founder if by_owner else coins.creator)
    coins.buy(product)

    assert coins.valid_until(coins.member, product) == start + 2 * MONTH
    with coins.chain.reverts("ProductDelisted", productId=product):
        coins.buy(product, sender=coins.stranger)


def test_set_listed_lets_licensees_renew_for_a_week_after_the_expiry(coins: Shop) -> None:
    product = coins.plugin()
    coins.buy(product)
    set_listed(coins, product, False, sender=coins.creator)
    coins.chain.advance(MONTH + 7 * DAY - 1)
    with coins.chain.undone():
        coins.buy(product)

    coins.chain.advance(1)

    with coins.chain.reverts("ProductDelisted", productId=product):
        coins.buy(product)


def test_set_listed_reverts_for_others(coins: Shop) -> None:
    product = coins.list()

    with coins.chain.reverts("NotCreator", productId=product, caller=coins.stranger):
        set_listed(coins, product, False, sender=coins.stranger)


def test_set_listed_reverts_when_the_product_is_unknown(coins: Shop) -> None:
    with coins.chain.reverts("ProductUnknown", productId=7):
        set_listed(coins, 7, False, sender=coins.founder)
