"""IStore.buy, of licenses with a period"""

import pytest

from tests.factories.communities import DAY, MONTH, PRICE, YEAR
from tests.factories.contracts import NATIVE
from tests.factories.stores import Shop, divide, payment

HOUR = 3_600


def test_buy_licenses_the_account_for_the_periods_paid(shop: Shop) -> None:
    product = shop.plugin()
    start = shop.chain.now

    receipt = shop.buy(product, quantity=2)

    assert receipt.only("LicenseBought") == {
        "productId": product,
        "recipient": shop.member,
        "payer": shop.member,
        "membershipId": shop.ids[shop.member],
        "version": 1,
        "quantity": 2,
        "validUntil": start + 2 * MONTH,
        "units": 1,
        "payment": payment(shop, 2 * PRICE),
    }
    assert receipt.only("TransferSingle")["amount"] == 1
    assert (shop.held(shop.member, product), shop.product(product)["units"]) == (1, 1)
    assert shop.valid_until(shop.member, product) == start + 2 * MONTH


def test_buy_again_extends_from_the_expiry(shop: Shop) -> None:
    product = shop.plugin()
    start = shop.chain.now
    shop.buy(product)
    shop.chain.advance(10 * DAY)

    receipt = shop.buy(product)

    assert receipt.only("LicenseBought")["validUntil"] == start + 2 * MONTH
    assert "TransferSingle" not in receipt.names()
    assert (shop.held(shop.member, product), shop.product(product)["units"]) == (1, 1)
    one = divide(PRICE, 500, 1_000)
    assert shop.shares() == tuple(2 * share for share in one)


@pytest.mark.parametrize("gap", [0, 100 * DAY])
def test_buy_after_the_expiry_extends_from_now(coins: Shop, gap: int) -> None:
    product = coins.plugin()
    coins.buy(product)
    coins.chain.advance(MONTH + gap)
    assert not coins.store.isLicensed(coins.member, product)

    coins.buy(product)

    assert coins.valid_until(coins.member, product) == coins.chain.now + MONTH
    assert (coins.held(coins.member, product), coins.product(product)["units"]) == (1, 1)


def test_buy_for_another_extends_the_license_of_the_recipient(shop: Shop) -> None:
    product = shop.plugin()
    start = shop.chain.now
    shop.buy(product)

    shop.buy(product, sender=shop.stranger, recipient=shop.member)

    assert shop.valid_until(shop.member, product) == start + 2 * MONTH
    assert shop.valid_until(shop.stranger, product) == 0
    assert shop.shares()[0] == 2 * divide(PRICE, 500, 1_000)[0]


def test_buy_reverts_beyond_two_years(coins: Shop) -> None:
    product = coins.plugin()
    coins.buy(product, quantity=24)
    now = coins.chain.now

    with coins.chain.reverts("PaidTooFarAhead", validUntil=now + 25 * MONTH, limit=now + 2 * YEAR):
        coins.buy(product)
    assert coins.valid_until(coins.member, product) == now + 24 * MONTH


def test_buy_of_a_period_longer_than_two_years_may_pay_one(coins: Shop) -> None:
    product = coins.plugin(periodSeconds=3 * YEAR)
    now = coins.chain.now

    with coins.chain.reverts("PaidTooFarAhead", validUntil=now + 6 * YEAR, limit=now + 3 * YEAR + DAY):
        coins.buy(product, quantity=2)
    coins.buy(product)
    coins.chain.advance(DAY)
    coins.buy(product, sender=coins.stranger)


def test_buy_with_a_century_as_period_and_the_largest_quantity_does_not_overflow(coins: Shop) -> None:
    century = 36_500 * DAY
    product = coins.plugin(periodSeconds=century, price=1)
    now, most = coins.chain.now, 2**24 - 1

    with coins.chain.reverts("PaidTooFarAhead", validUntil=now + most * century, limit=now + century + DAY):
        coins.buy(product, quantity=most)
    coins.buy(product)
    assert coins.valid_until(coins.member, product) == now + century


def test_buy_takes_one_seat_per_account(coins: Shop) -> None:
    product = coins.plugin(cap=2)
    coins.buy(product, quantity=5)
    coins.buy(product)
    coins.buy(product, sender=coins.inviter)

    with coins.chain.reverts("ProductSoldOut", productId=product, quantity=1, left=0):
        coins.buy(product, sender=coins.stranger)
    coins.buy(product)
    assert coins.product(product)["units"] == 2


def test_buy_after_the_expiry_keeps_a_seat_that_nobody_released(coins: Shop) -> None:
    product = coins.plugin(cap=1)
    coins.buy(product)
    coins.chain.advance(YEAR)

    coins.buy(product)

    assert coins.product(product)["units"] == 1


def test_buy_of_free_periods_goes_one_by_one(coins: Shop) -> None:
    product = coins.plugin(price=0)
    start = coins.chain.now

    coins.buy(product)
    coins.buy(product)

    assert coins.valid_until(coins.member, product) == start + 2 * MONTH
    with coins.chain.reverts("GiftNotPaid", productId=product):
        coins.buy(product, recipient=coins.stranger)


def test_transfer_of_a_license_with_a_period_reverts(coins: Shop) -> None:
    product, good = coins.plugin(), coins.list()
    coins.buy(product)
    coins.buy(good)
    member, other = coins.member, coins.stranger

    with coins.chain.reverts("LicenseBound", productId=product):
        coins.chain.send(coins.store.safeTransferFrom, member, other, product, 1, b"", sender=member)
    with coins.chain.reverts("LicenseBound", productId=product):
        ids, amounts = [good, product], [1, 1]
        coins.chain.send(coins.store.safeBatchTransferFrom, member, other, ids, amounts, b"", sender=member)
    coins.chain.advance(MONTH)
    with coins.chain.reverts("LicenseBound", productId=product):
        coins.chain.send(coins.store.safeTransferFrom, member, NATIVE, product, 1, b"", sender=member)
