"""Attacks on what others sell, buy and earn in a store, each played through the public face"""

from typing import Any

import pytest

from tests.factories.communities import PRICE, community_of
from tests.factories.contracts import NATIVE, Chain
from tests.factories.stores import Shop, divide, shop_of

HONEST, RETURNS_FALSE, LIES_TRUE, TAKES_FEE, GIVES_MORE, TOKEN_CALLS_BACK = range(6)
ACCEPTS, REVERTS, BURNS_GAS, CALLS_BACK = range(4)


@pytest.fixture(scope="module")
def hostile(ledger: Chain, factory: Any) -> Shop:
    """A store whose currency misbehaves as a test tells it."""
    return shop_of(community_of(ledger, factory, token=ledger.deploy("HostileToken")))


def misbehave(shop: Shop, contract: Any, mode: int, target: str = NATIVE, payload: bytes = b"") -> None:
    shop.chain.send(contract.misbehave, mode, target, payload, sender=shop.stranger)


def answer(shop: Shop, contract: Any) -> str:
    """The error with which the last call back ended."""
    assert not contract.succeeded()
    return shop.chain.decode_error(bytes(contract.answer())).name


# Badges


def test_member_cannot_drop_its_referrer_by_naming_no_membership(shop: Shop) -> None:
    product = shop.list()

    with shop.chain.reverts("MembershipNotNamed", account=shop.member):
        shop.buy(product, membershipId=0)
    with shop.chain.reverts("MembershipNotNamed", account=shop.member):
        shop.tip(PRICE, membershipId=0)


def test_member_cannot_drop_its_referrer_by_naming_anothers_membership(shop: Shop) -> None:
    product = shop.list()
    foreign = shop.ids[shop.inviter]

    with shop.chain.reverts("MembershipMismatch", membershipId=foreign, account=shop.member):
        shop.buy(product, membershipId=foreign)
    with shop.chain.reverts("MembershipMismatch", membershipId=foreign, account=shop.member):
        shop.tip(PRICE, membershipId=foreign)


def test_member_cannot_drop_its_referrer_by_naming_what_does_not_exist(shop: Shop) -> None:
    product = shop.list()

    with shop.chain.reverts("TokenDoesNotExist"):
        shop.buy(product, membershipId=999)


def test_sponsor_cannot_drop_the_referrer_of_the_recipient(shop: Shop) -> None:
    product = shop.list()

    with shop.chain.reverts("MembershipNotNamed", account=shop.member):
        shop.buy(product, sender=shop.stranger, recipient=shop.member, membershipId=0)
    foreign = shop.ids[shop.inviter]
    with shop.chain.reverts("MembershipMismatch", membershipId=foreign, account=shop.member):
        shop.buy(product, sender=shop.inviter, recipient=shop.member, membershipId=foreign)


def test_stranger_cannot_pay_a_friends_badge_by_naming_a_membership(shop: Shop) -> None:
    product = shop.list()
    foreign = shop.ids[shop.member]

    with shop.chain.reverts("MembershipMismatch", membershipId=foreign, account=shop.stranger):
        shop.buy(product, sender=shop.stranger, membershipId=foreign)


def test_membership_given_just_before_a_purchase_costs_a_retry_and_no_more(coins: Shop) -> None:
    """Somebody makes the buyer a member while its purchase as a stranger waits; such a gift binds to no badge."""
    product = coins.list()
    world = coins.world
    token_id = world.join(sender=coins.inviter, recipient=coins.stranger)

    with coins.chain.reverts("MembershipNotNamed", account=coins.stranger):
        coins.buy(product, sender=coins.stranger)
    bought = coins.buy(product, sender=coins.stranger, membershipId=token_id).only("LicenseBought")

    assert bought["payment"]["badge"] == 0


def test_payer_cannot_starve_the_credit_of_the_badge_of_gas(coins: Shop, account: Any) -> None:
    """Whatever gas a payer leaves to a purchase, it fails whole or pays the badge."""
    product = coins.list()
    data = bytes(coins.store.buy.encode_input(coins.purchase(product)))
    outcomes = set()
    for gas in range(40_000, 240_000, 2_500):
        with coins.chain.undone():
            starved = (account.starve, coins.store.address, data, gas)
            coins.chain.send(*starved, sender=coins.stranger, value=PRICE)
            outcomes.add((coins.held(coins.member, product), coins.accrued(), coins.holdings()))

    badge, creator, community = divide(PRICE, 500, 1_000)
    assert outcomes == {(0, 0, 0), (1, badge, creator + community)}


def test_badge_at_the_highest_rate_takes_its_part_of_a_sale_of_which_the_community_wants_nothing(
    ledger: Chain, factory: Any
) -> None:
    """The creator pays the whole badge: at most 30 %, by the cap of rates."""
    rates = (3_000, 3_000, 3_000, 1, 1, 0)
    shop = shop_of(community_of(ledger, factory, rates=rates))
    shop.chain.send(shop.store.setPolicy, 0, True, sender=shop.founder)
    product = shop.list(price=10_001)

    shop.buy(product)

    assert shop.shares() == (3_000, 7_001, 0)


# Prices, versions, supply


def test_price_raised_under_a_waiting_purchase_takes_nothing(shop: Shop) -> None:
    product = shop.list()
    shop.chain.send(shop.store.setPrice, product, 2 * PRICE, sender=shop.creator)

    with shop.chain.reverts("PriceMismatch", expected=PRICE, price=2 * PRICE):
        shop.buy(product, price=PRICE)


def test_version_swapped_under_a_waiting_purchase_sells_nothing(shop: Shop) -> None:
    product = shop.list()
    purchase = shop.purchase(product)
    shop.chain.send(
        shop.store.publishVersion, product, b"An empty book".ljust(32, b"\0"), b"\2" * 32, sender=shop.creator
    )

    with shop.chain.reverts("VersionMismatch", expected=1, version=2):
        shop.buy(product, version=purchase["version"])


def test_two_buyers_race_for_the_last_unit_and_one_keeps_its_money(shop: Shop) -> None:
    product = shop.list(cap=1)
    shop.fund(shop.stranger, PRICE)
    before = shop.world.balance(shop.stranger)
    shop.buy(product)
    purchase, value = shop.purchase(product, recipient=shop.stranger), 0 if shop.world.token else PRICE

    with shop.chain.reverts("ProductSoldOut", productId=product, quantity=1, left=0):
        shop.chain.send(shop.store.buy, purchase, sender=shop.stranger, value=value)
    assert shop.world.balance(shop.stranger) == before


def test_free_tickets_cannot_be_grabbed_or_used_up_in_one_go(coins: Shop) -> None:
    product = coins.list(price=0, cap=1_000)

    with coins.chain.reverts("QuantityInvalid", quantity=1_000, most=1):
        coins.buy(product, sender=coins.stranger, quantity=1_000)


def test_cheap_units_cannot_use_up_the_counter_of_a_product_without_cap(coins: Shop) -> None:
    product = coins.list(price=1)

    for _ in range(3):
        coins.buy(product, quantity=2**24 - 1)

    assert coins.product(product)["units"] == 3 * (2**24 - 1)
    assert coins.product(product)["units"] * 5_000_000 < 2**48


def test_raised_policy_does_not_reach_what_is_listed(coins: Shop) -> None:
    product = coins.list()

    coins.chain.send(coins.store.setPolicy, 5_000, True, sender=coins.founder)
    coins.buy(product)

    assert coins.shares() == divide(PRICE, 500, 1_000)


def test_founder_cannot_collect_what_creators_are_due(shop: Shop) -> None:
    shop.tip(PRICE)
    shop.world.collect(shop.founder, str(shop.store.address))

    with shop.chain.reverts("NothingDue", source=shop.store.address, account=shop.founder):
        shop.world.collect(shop.founder, str(shop.store.address))
    shop.claim()

    assert shop.holdings() == 0


def test_bound_license_cannot_be_lent_by_approval(coins: Shop) -> None:
    product = coins.plugin()
    coins.buy(product)
    coins.chain.send(coins.store.setApprovalForAll, coins.stranger, True, sender=coins.member)

    with coins.chain.reverts("LicenseBound", productId=product):
        move = (coins.store.safeTransferFrom, coins.member, coins.stranger, product, 1, b"")
        coins.chain.send(*move, sender=coins.stranger)
