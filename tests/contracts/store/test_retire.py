"""IStore.retire"""

from tests.factories.communities import DAY, MONTH, NOTICE
from tests.factories.stores import Shop


def test_retire_ends_sales_at_once_and_renewals_later(coins: Shop) -> None:
    product = coins.plugin()
    coins.buy(product)
    before = coins.product(product)
    retires_at = coins.chain.now + NOTICE

    receipt = coins.chain.send(coins.store.retire, product, retires_at, sender=coins.creator)

    after = before | {"retiresAt": retires_at}
    assert receipt.only("ProductSet") == {"productId": product, "creator": coins.creator, "product": after}
    assert coins.product(product) == after
    with coins.chain.reverts("ProductRetired", productId=product, retiresAt=retires_at):
        coins.buy(product, sender=coins.stranger)
    coins.chain.set_time(retires_at - 1)
    coins.buy(product)
    coins.chain.advance(1)
    with coins.chain.reverts("ProductRetired", productId=product, retiresAt=retires_at):
        coins.buy(product)


def test_retire_ends_renewals_of_the_expired_earlier(coins: Shop) -> None:
    product = coins.plugin(periodSeconds=DAY)
    coins.buy(product)
    retires_at = coins.chain.now + NOTICE
    coins.chain.send(coins.store.retire, product, retires_at, sender=coins.creator)

    coins.chain.advance(2 * DAY)

    with coins.chain.reverts("ProductRetired", productId=product, retiresAt=retires_at):
        coins.buy(product)


def test_retire_leaves_paid_time(coins: Shop) -> None:
    product = coins.plugin()
    coins.buy(product, quantity=3)
    until = coins.valid_until(coins.member, product)

    coins.chain.send(coins.store.retire, product, coins.chain.now + NOTICE, sender=coins.creator)
    coins.chain.set_time(until - 1)

    assert coins.store.isLicensed(coins.member, product)


def test_retire_ends_sales_for_good(coins: Shop) -> None:
    product = coins.list()
    retires_at = coins.chain.now + NOTICE
    coins.chain.send(coins.store.retire, product, retires_at, sender=coins.creator)

    coins.chain.send(coins.store.setListed, product, True, sender=coins.creator)

    with coins.chain.reverts("ProductRetired", productId=product, retiresAt=retires_at):
        coins.buy(product)
    with coins.chain.reverts("ProductRetired", productId=product, retiresAt=retires_at):
        coins.chain.send(coins.store.retire, product, retires_at + MONTH, sender=coins.creator)


def test_retire_reverts_within_the_notice(coins: Shop) -> None:
    product = coins.plugin()
    least = coins.chain.now + NOTICE

    with coins.chain.reverts("RetirementTooSoon", productId=product, retiresAt=least - 1, least=least):
        coins.chain.send(coins.store.retire, product, least - 1, sender=coins.creator)


def test_retire_reverts_when_the_caller_is_not_the_creator(coins: Shop) -> None:
    product = coins.plugin()

    for caller in (coins.founder, coins.stranger):
        with coins.chain.reverts("NotCreator", productId=product, caller=caller):
            coins.chain.send(coins.store.retire, product, 2**40 - 1, sender=caller)
