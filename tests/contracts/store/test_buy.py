"""IStore.buy"""

from typing import Any

import pytest

from tests.factories.communities import PRICE
from tests.factories.contracts import NATIVE
from tests.factories.stores import FOR_GOOD, Shop, divide, payment

MOST = 2**24 - 1


def test_buy_gives_a_license_and_divides_the_payment(shop: Shop) -> None:
    product = shop.list()

    receipt = shop.buy(product)

    assert receipt.only("LicenseBought") == {
        "productId": product,
        "recipient": shop.member,
        "payer": shop.member,
        "membershipId": shop.ids[shop.member],
        "version": 1,
        "quantity": 1,
        "validUntil": FOR_GOOD,
        "units": 1,
        "payment": payment(shop, PRICE),
    }
    assert receipt.only("TransferSingle") == {
        "operator": shop.member,
        "from": NATIVE,
        "to": shop.member,
        "id": product,
        "amount": 1,
    }
    assert (shop.held(shop.member, product), shop.valid_until(shop.member, product)) == (1, FOR_GOOD)
    assert shop.product(product)["units"] == 1
    assert shop.shares() == divide(PRICE, 500, 1_000)


def test_buy_moves_exactly_the_price(shop: Shop) -> None:
    product = shop.list()
    shop.fund(shop.member, PRICE)
    places = (shop.member, shop.store.address, shop.world.membership.address)
    before = [shop.world.balance(place) for place in places]

    purchase, value = shop.purchase(product), 0 if shop.world.token else PRICE
    shop.chain.send(shop.store.buy, purchase, sender=shop.member, value=value)

    badge, creator, community = divide(PRICE, 500, 1_000)
    after = [shop.world.balance(place) for place in places]
    assert [new - old for old, new in zip(before, after, strict=True)] == [-PRICE, creator + community, badge]


def test_buy_adds_to_what_was_sold_before(shop: Shop) -> None:
    product = shop.list()
    shop.buy(product)

    bought = shop.buy(product, quantity=3).only("LicenseBought")

    one, three = divide(PRICE, 500, 1_000), divide(3 * PRICE, 500, 1_000)
    totals = (bought["payment"]["payeeTotal"], bought["payment"]["communityTotal"])
    assert totals == (one[1] + three[1], one[2] + three[2])
    assert (bought["quantity"], bought["units"], shop.held(shop.member, product)) == (3, 4, 4)
    assert shop.shares() == (one[0] + three[0], *totals)


def test_buy_by_an_account_that_is_no_member_pays_no_badge(shop: Shop) -> None:
    product = shop.list()

    bought = shop.buy(product, sender=shop.stranger).only("LicenseBought")

    assert bought["membershipId"] == 0
    assert bought["payment"] == payment(shop, PRICE, rate=0)
    assert shop.shares() == divide(PRICE, 0, 1_000)


def test_buy_by_a_member_who_was_not_invited_pays_no_badge(shop: Shop) -> None:
    product = shop.list()

    bought = shop.buy(product, sender=shop.inviter).only("LicenseBought")

    assert bought["membershipId"] == shop.ids[shop.inviter]
    assert bought["payment"] == payment(shop, PRICE, rate=0)


def test_buy_for_another_gives_the_license_to_the_recipient(shop: Shop) -> None:
    product = shop.list()

    bought = shop.buy(product, sender=shop.stranger, recipient=shop.member).only("LicenseBought")

    assert (bought["payer"], bought["recipient"]) == (shop.stranger, shop.member)
    assert (shop.held(shop.member, product), shop.held(shop.stranger, product)) == (1, 0)


def test_buy_for_another_pays_the_badge_of_the_recipient(shop: Shop) -> None:
    product = shop.list()

    shop.buy(product, sender=shop.stranger, recipient=shop.member)

    assert shop.shares() == divide(PRICE, 500, 1_000)


def test_buy_by_an_invited_member_for_nobodys_guest_pays_no_badge(shop: Shop) -> None:
    product = shop.list()

    shop.buy(product, recipient=shop.stranger)

    assert shop.shares() == divide(PRICE, 0, 1_000)


def test_buy_pays_the_badge_also_when_the_membership_has_expired(shop: Shop) -> None:
    product = shop.list()
    shop.chain.advance(400 * 86_400)

    shop.buy(product)

    assert shop.shares() == divide(PRICE, 500, 1_000)


def test_buy_of_what_is_free_costs_nothing(shop: Shop) -> None:
    product = shop.list(price=0)

    bought = shop.buy(product).only("LicenseBought")

    assert bought["payment"] == payment(shop, 0)
    assert shop.shares() == (0, 0, 0)
    assert shop.store.isLicensed(shop.member, product)


def test_buy_of_what_is_free_is_for_oneself_and_one_at_a_time(coins: Shop) -> None:
    product = coins.list(price=0)

    with coins.chain.reverts("GiftNotPaid", productId=product):
        coins.buy(product, recipient=coins.stranger)
    with coins.chain.reverts("QuantityInvalid", quantity=2, most=1):
        coins.buy(product, quantity=2)


def test_buy_of_dust_rounds_to_payee_and_community(shop: Shop) -> None:
    """One base unit: no badge and no creator gets a part of it, so the community has it."""
    product = shop.list(price=1)

    shop.buy(product)

    assert shop.shares() == (0, 0, 1)


def test_buy_up_to_the_cap_is_accepted(coins: Shop) -> None:
    product = coins.list(cap=5)
    coins.buy(product, quantity=2)

    assert coins.buy(product, quantity=3).only("LicenseBought")["units"] == 5
    with coins.chain.reverts("ProductSoldOut", productId=product, quantity=1, left=0):
        coins.buy(product)


def test_buy_reverts_beyond_the_cap(coins: Shop) -> None:
    product = coins.list(cap=5)
    coins.buy(product, quantity=2)

    with coins.chain.reverts("ProductSoldOut", productId=product, quantity=4, left=3):
        coins.buy(product, quantity=4)


def test_buy_reverts_when_the_product_is_unknown(coins: Shop) -> None:
    purchase = coins.purchase(coins.list()) | {"productId": 9}

    with coins.chain.reverts("ProductUnknown", productId=9):
        coins.chain.send(coins.store.buy, purchase, sender=coins.member, value=PRICE)


@pytest.mark.parametrize("price", [0, PRICE - 1, PRICE + 1])
def test_buy_reverts_when_price_is_not_the_expected_one(shop: Shop, price: int) -> None:
    product = shop.list()

    with shop.chain.reverts("PriceMismatch", expected=price, price=PRICE):
        shop.buy(product, price=price)


@pytest.mark.parametrize("version", [0, 2])
def test_buy_reverts_when_version_is_not_the_expected_one(coins: Shop, version: int) -> None:
    product = coins.list()

    with coins.chain.reverts("VersionMismatch", expected=version, version=1):
        coins.buy(product, version=version)


def test_buy_reverts_when_currency_is_not_the_expected_one(shop: Shop) -> None:
    product = shop.list()

    with shop.chain.reverts("CurrencyMismatch", expected=shop.founder, currency=shop.world.currency):
        shop.buy(product, currency=shop.founder)


@pytest.mark.parametrize("value", [0, PRICE - 1, PRICE + 1])
def test_buy_reverts_when_value_is_not_the_price(coins: Shop, value: int) -> None:
    product = coins.list()

    with coins.chain.reverts("ValueMismatch", value=value, due=PRICE):
        coins.buy(product, value=value)


def test_buy_reverts_when_coins_come_with_a_token_payment(tokens: Shop) -> None:
    product = tokens.list()

    with tokens.chain.reverts("ValueMismatch", value=1, due=0):
        tokens.buy(product, value=1)


def test_buy_reverts_when_the_allowance_is_too_small(tokens: Shop) -> None:
    product = tokens.list()

    with tokens.chain.reverts("TransferFromFailed"):
        tokens.buy(product, funds=PRICE - 1)


def test_buy_reverts_for_a_quantity_of_none(coins: Shop) -> None:
    product = coins.list()

    with coins.chain.reverts("QuantityInvalid", quantity=0, most=MOST):
        coins.buy(product, quantity=0)


def test_buy_reverts_when_the_payment_does_not_fit(tokens: Shop) -> None:
    product = tokens.list(price=2**96 - 1)

    with tokens.chain.reverts("PaymentTooLarge", amount=2 * (2**96 - 1), most=2**96 - 1):
        tokens.buy(product, quantity=2)


def test_buy_of_the_largest_payment_is_divided(tokens: Shop) -> None:
    product = tokens.list(price=2**96 - 1)

    tokens.buy(product)

    assert tokens.shares() == divide(2**96 - 1, 500, 1_000)


def test_buy_reverts_when_nobody_is_the_recipient(coins: Shop) -> None:
    product = coins.list()

    with coins.chain.reverts("BalanceQueryForZeroAddress"):
        coins.buy(product, recipient=NATIVE)


def test_buy_for_a_contract_that_knows_no_licenses_reverts(coins: Shop, ledger: Any) -> None:
    """ERC-1155 asks the recipient; only its own purchase fails."""
    product = coins.list()
    deaf = ledger.deploy("SplitHarness").address

    with coins.chain.reverts("TransferToNonERC1155ReceiverImplementer"):
        coins.buy(product, recipient=deaf)
    coins.buy(product)
