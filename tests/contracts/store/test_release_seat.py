"""IStore.releaseSeat"""

import pytest

from tests.factories.communities import DAY, MONTH, YEAR
from tests.factories.stores import Shop

HOUR = 3_600


@pytest.mark.parametrize(("period", "grace"), [(MONTH, 7 * DAY), (YEAR, 7 * DAY), (HOUR, HOUR)])
def test_release_seat_frees_it_after_the_grace(coins: Shop, period: int, grace: int) -> None:
    product = coins.plugin(periodSeconds=period, cap=1)
    coins.buy(product)
    free_from = coins.chain.now + period + grace
    coins.chain.set_time(free_from - 1)
    with coins.chain.reverts("SeatTaken", productId=product, account=coins.member, freeFrom=free_from):
        coins.chain.send(coins.store.releaseSeat, product, coins.member, sender=coins.stranger)
    coins.chain.advance(1)

    receipt = coins.chain.send(coins.store.releaseSeat, product, coins.member, sender=coins.stranger)

    assert receipt.only("LicenseSeatReleased") == {"productId": product, "account": coins.member, "units": 0}
    assert (coins.product(product)["units"], coins.held(coins.member, product)) == (0, 1)
    assert coins.valid_until(coins.member, product) == free_from - grace
    coins.buy(product, sender=coins.stranger)


def test_release_seat_makes_coming_back_a_new_sale(coins: Shop) -> None:
    product = coins.plugin(cap=1)
    coins.buy(product)
    coins.chain.advance(MONTH + 7 * DAY)
    coins.chain.send(coins.store.releaseSeat, product, coins.member, sender=coins.stranger)
    with coins.chain.undone():
        receipt = coins.buy(product)
        assert receipt.only("LicenseBought")["units"] == 1
        assert "TransferSingle" not in receipt.names()  # the token stayed with the account
        with coins.chain.reverts("ProductSoldOut", productId=product, quantity=1, left=0):
            coins.buy(product, sender=coins.stranger)

    coins.buy(product, sender=coins.stranger)

    with coins.chain.reverts("ProductSoldOut", productId=product, quantity=1, left=0):
        coins.buy(product)


def test_release_seat_of_who_came_back_starts_anew(coins: Shop) -> None:
    """A license bought again holds its seat as the first one did: renewing takes no second, and it can lapse again."""
    product = coins.plugin(cap=1)
    for _ in range(2):
        coins.buy(product)
        coins.buy(product)
        assert coins.product(product)["units"] == 1
        coins.chain.advance(2 * MONTH + 7 * DAY)
        coins.chain.send(coins.store.releaseSeat, product, coins.member, sender=coins.stranger)
        assert coins.product(product)["units"] == 0


def test_release_seat_leaves_a_delisted_product_closed_to_who_lost_it(coins: Shop) -> None:
    product = coins.plugin(cap=1)
    coins.buy(product)
    coins.chain.advance(MONTH + 7 * DAY)
    coins.chain.send(coins.store.releaseSeat, product, coins.member, sender=coins.stranger)
    coins.chain.send(coins.store.setListed, product, False, sender=coins.creator)

    with coins.chain.reverts("ProductDelisted", productId=product):
        coins.buy(product)


def test_release_seat_works_once(coins: Shop) -> None:
    product = coins.plugin(cap=2)
    coins.buy(product)
    coins.buy(product, sender=coins.stranger)
    coins.chain.advance(YEAR)
    coins.chain.send(coins.store.releaseSeat, product, coins.member, sender=coins.stranger)

    with coins.chain.reverts("SeatUnknown", productId=product, account=coins.member):
        coins.chain.send(coins.store.releaseSeat, product, coins.member, sender=coins.stranger)
    assert coins.product(product)["units"] == 1


def test_release_seat_reverts_when_there_is_none(coins: Shop) -> None:
    product, good = coins.plugin(), coins.list()
    coins.buy(good)

    for each, account in ((product, coins.member), (good, coins.member)):
        with coins.chain.reverts("SeatUnknown", productId=each, account=account):
            coins.chain.send(coins.store.releaseSeat, each, account, sender=coins.stranger)
    with coins.chain.reverts("ProductUnknown", productId=99):
        coins.chain.send(coins.store.releaseSeat, 99, coins.member, sender=coins.stranger)
