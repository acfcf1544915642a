"""IStore.setPrice"""

from tests.factories.communities import PRICE
from tests.factories.stores import Shop


def test_set_price_changes_what_sales_cost(shop: Shop) -> None:
    product = shop.list()
    before = shop.product(product)

    receipt = shop.chain.send(shop.store.setPrice, product, 2 * PRICE, sender=shop.creator)

    after = before | {"price": 2 * PRICE}
    assert receipt.only("ProductSet") == {"productId": product, "creator": shop.creator, "product": after}
    assert shop.product(product) == after
    assert shop.buy(product).only("LicenseBought")["payment"]["amount"] == 2 * PRICE


def test_set_price_holds_for_renewals_too(shop: Shop) -> None:
    product = shop.plugin()
    shop.buy(product)

    shop.chain.send(shop.store.setPrice, product, 2 * PRICE, sender=shop.creator)

    assert shop.buy(product).only("LicenseBought")["payment"]["amount"] == 2 * PRICE


def test_set_price_reverts_when_the_caller_is_not_the_creator(coins: Shop) -> None:
    product = coins.list()

    for caller in (coins.founder, coins.stranger):
        with coins.chain.reverts("NotCreator", productId=product, caller=caller):
            coins.chain.send(coins.store.setPrice, product, 1, sender=caller)


def test_set_price_reverts_when_the_product_is_unknown(coins: Shop) -> None:
    with coins.chain.reverts("ProductUnknown", productId=1):
        coins.chain.send(coins.store.setPrice, 1, 1, sender=coins.creator)
