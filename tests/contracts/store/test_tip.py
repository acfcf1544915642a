"""IStore.tip and tipWith"""

import pytest

from tests.factories.communities import PRICE
from tests.factories.contracts import NATIVE
from tests.factories.stores import NO_PERMIT, Shop, divide, payment

SUBJECT = b"\x09" * 32


def test_tip_is_divided_like_a_sale(shop: Shop) -> None:
    receipt = shop.tip(PRICE, subject=SUBJECT)

    assert receipt.only("Tipped") == {
        "payee": shop.creator,
        "payer": shop.member,
        "productId": 0,
        "membershipId": shop.ids[shop.member],
        "subject": SUBJECT,
        "payment": payment(shop, PRICE),
    }
    assert "TransferSingle" not in receipt.names()
    assert shop.shares() == divide(PRICE, 500, 1_000)


def test_tip_moves_exactly_the_amount(shop: Shop) -> None:
    before = shop.world.balance(shop.world.membership.address)

    shop.tip(12_345)

    badge, creator, community = divide(12_345, 500, 1_000)
    assert shop.holdings() == creator + community
    assert shop.world.balance(shop.world.membership.address) - before == badge


def test_tip_by_an_account_that_is_no_member_pays_no_badge(shop: Shop) -> None:
    shop.tip(PRICE, sender=shop.stranger)

    assert shop.shares() == divide(PRICE, 0, 1_000)


def test_tip_without_a_product_takes_the_policy_of_today(coins: Shop) -> None:
    coins.chain.send(coins.store.setPolicy, 0, True, sender=coins.founder)

    coins.tip(PRICE)

    assert coins.shares() == divide(PRICE, 500, 0)


def test_tip_for_a_product_takes_the_shares_of_the_product(coins: Shop) -> None:
    product = coins.list()
    coins.chain.send(coins.store.setPolicy, 5_000, True, sender=coins.founder)

    tipped = coins.tip(PRICE, productId=product).only("Tipped")

    assert (tipped["productId"], tipped["payment"]) == (product, payment(coins, PRICE))
    assert coins.product(product)["units"] == 0


def test_tip_for_a_product_goes_to_its_payout_account(coins: Shop) -> None:
    product = coins.list(payout=coins.stranger)

    coins.tip(PRICE, productId=product, payee=coins.stranger)

    assert coins.credited(coins.stranger) == divide(PRICE, 500, 1_000)[1]


def test_tip_for_a_delisted_product_is_accepted(coins: Shop) -> None:
    product = coins.list()
    coins.chain.send(coins.store.setListed, product, False, sender=coins.creator)

    coins.tip(PRICE, productId=product)

    assert coins.credited(coins.creator) == divide(PRICE, 500, 1_000)[1]


def test_tip_for_the_owner_needs_no_membership_of_the_owner(coins: Shop) -> None:
    coins.tip(PRICE, payee=coins.founder)

    assert coins.credited(coins.founder) == divide(PRICE, 500, 1_000)[1]


def test_tip_for_the_community_is_its_income(shop: Shop) -> None:
    shop.tip(PRICE, payee=shop.world.community.address)

    badge, _, rest = divide(PRICE, 500, 10_000)
    assert shop.shares() == (badge, 0, rest)
    assert shop.credited(shop.world.community.address) == 0


def test_tip_before_the_first_listing_is_accepted(coins: Shop) -> None:
    assert coins.store.productCount() == 0

    coins.tip(PRICE)

    assert coins.shares() == divide(PRICE, 500, 1_000)


def test_tip_with_nothing_is_tip(shop: Shop) -> None:
    shop.fund(shop.member, PRICE)
    value = 0 if shop.world.token else PRICE

    receipt = shop.chain.send(
        shop.store.tipWith, shop.tip_of(shop.member, PRICE), NO_PERMIT, sender=shop.member, value=value
    )

    assert receipt.only("Tipped")["payment"] == payment(shop, PRICE)


def test_tip_reverts_for_a_payee_whom_nobody_knows(coins: Shop) -> None:
    for payee in (coins.stranger, NATIVE):
        with coins.chain.reverts("PayeeUnknown", payee=payee):
            coins.tip(PRICE, payee=payee)


def test_tip_reverts_when_the_product_pays_another(coins: Shop) -> None:
    product = coins.list(payout=coins.stranger)

    with coins.chain.reverts("PayeeMismatch", expected=coins.creator, payee=coins.stranger):
        coins.tip(PRICE, productId=product)


def test_tip_reverts_when_the_product_is_unknown(coins: Shop) -> None:
    with coins.chain.reverts("ProductUnknown", productId=3):
        coins.tip(PRICE, productId=3)


def test_tip_reverts_for_nothing(coins: Shop) -> None:
    with coins.chain.reverts("TipEmpty"):
        coins.tip(0)


@pytest.mark.parametrize("value", [0, PRICE - 1, PRICE + 1])
def test_tip_reverts_when_value_is_not_the_amount(coins: Shop, value: int) -> None:
    with coins.chain.reverts("ValueMismatch", value=value, due=PRICE):
        coins.tip(PRICE, value=value)


def test_tip_reverts_when_currency_is_not_the_expected_one(shop: Shop) -> None:
    with shop.chain.reverts("CurrencyMismatch", expected=shop.founder, currency=shop.world.currency):
        shop.tip(PRICE, currency=shop.founder)


def test_tip_reverts_when_the_allowance_is_too_small(tokens: Shop) -> None:
    with tokens.chain.reverts("TransferFromFailed"):
        tokens.tip(PRICE, funds=PRICE - 1)
