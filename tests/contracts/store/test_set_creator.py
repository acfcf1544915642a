"""IStore.setCreator"""

from tests.factories.contracts import NATIVE
from tests.factories.stores import Shop


def test_set_creator_hands_the_product_over(coins: Shop) -> None:
    product = coins.list()
    before = coins.product(product)

    receipt = coins.chain.send(coins.store.setCreator, product, coins.stranger, sender=coins.creator)

    after = before | {"creator": coins.stranger}
    assert receipt.only("ProductSet") == {"productId": product, "creator": coins.stranger, "product": after}
    assert coins.product(product) == after
    coins.chain.send(coins.store.setPrice, product, 1, sender=coins.stranger)
    with coins.chain.reverts("NotCreator", productId=product, caller=coins.creator):
        coins.chain.send(coins.store.setPrice, product, 2, sender=coins.creator)


def test_set_creator_leaves_the_money_where_it_went(coins: Shop) -> None:
    product = coins.list()
    coins.buy(product)
    share = coins.due(coins.creator)

    coins.chain.send(coins.store.setCreator, product, coins.stranger, sender=coins.creator)
    coins.buy(product)

    assert (coins.due(coins.creator), coins.due(coins.stranger)) == (2 * share, 0)


def test_set_creator_reverts_to_nobody(coins: Shop) -> None:
    product = coins.list()

    with coins.chain.reverts("AccountMissing"):
        coins.chain.send(coins.store.setCreator, product, NATIVE, sender=coins.creator)


def test_set_creator_reverts_when_the_caller_is_not_the_creator(coins: Shop) -> None:
    product = coins.list()

    for caller in (coins.founder, coins.stranger):
        with coins.chain.reverts("NotCreator", productId=product, caller=caller):
            coins.chain.send(coins.store.setCreator, product, caller, sender=caller)
