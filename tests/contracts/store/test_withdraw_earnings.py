"""IStore.withdrawEarnings, and what the Community makes of it"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories.communities import PRICE, community_of
from tests.factories.contracts import NATIVE, Chain
from tests.factories.stores import Shop, divide, shop_of

_, SHARE, INCOME = divide(PRICE, 500, 1_000)


@pytest.fixture
def as_community(shop: Shop) -> Iterator[str]:
    """The community's address, which can send transactions meanwhile."""
    address = str(shop.world.community.address)
    with shop.chain.impersonated(address):
        yield address


def test_withdraw_earnings_pays_the_income_of_the_community(shop: Shop, as_community: str) -> None:
    shop.tip(PRICE)
    before = shop.world.balance(shop.stranger)

    receipt = shop.chain.send(shop.store.withdrawEarnings, shop.stranger, INCOME - 1, sender=as_community)

    assert receipt.only("EarningsWithdrawn") == {
        "to": shop.stranger,
        "amount": INCOME - 1,
        "withdrawnTotal": INCOME - 1,
    }
    assert shop.world.balance(shop.stranger) - before == INCOME - 1
    assert tuple(shop.store.earnings()) == (INCOME, INCOME - 1)
    assert shop.holdings() == SHARE + 1


def test_withdraw_earnings_reverts_beyond_the_income(shop: Shop, as_community: str) -> None:
    """What creators are due is not the community's."""
    shop.tip(PRICE)

    with shop.chain.reverts("EarningsExceeded", amount=INCOME + 1, left=INCOME):
        shop.chain.send(shop.store.withdrawEarnings, shop.stranger, INCOME + 1, sender=as_community)
    shop.chain.send(shop.store.withdrawEarnings, shop.stranger, INCOME, sender=as_community)
    with shop.chain.reverts("EarningsExceeded", amount=1, left=0):
        shop.chain.send(shop.store.withdrawEarnings, shop.stranger, 1, sender=as_community)


def test_withdraw_earnings_reverts_to_nobody(shop: Shop, as_community: str) -> None:
    shop.tip(PRICE)

    with shop.chain.reverts("AccountMissing"):
        shop.chain.send(shop.store.withdrawEarnings, NATIVE, 1, sender=as_community)


def test_withdraw_earnings_reverts_when_the_caller_is_not_the_community(coins: Shop) -> None:
    for caller in (coins.founder, coins.stranger):
        with coins.chain.reverts("NotCommunity", caller=caller):
            coins.chain.send(coins.store.withdrawEarnings, caller, 0, sender=caller)


def test_collect_pays_the_owner_the_income_of_the_store(shop: Shop) -> None:
    shop.tip(PRICE)
    before = shop.world.balance(shop.founder)

    collected = shop.world.collect(shop.founder, str(shop.store.address)).only("Collected")

    assert (collected["source"], collected["amount"]) == (shop.store.address, INCOME)
    assert shop.world.balance(shop.founder) - before == INCOME
    assert shop.holdings() == SHARE


def test_collect_divides_the_income_of_the_store_among_operator_and_owner(ledger: Chain, factory: Any) -> None:
    """The operator's commission is of what the badge and the creator leave, not of the sale."""
    shop = shop_of(community_of(ledger, factory, operator=ledger.accounts[2], operatorBps=500))
    shop.tip(PRICE)
    store, before = str(shop.store.address), shop.world.balance(shop.world.operator)

    shop.world.collect(shop.world.operator, store)
    shop.world.collect(shop.founder, store)

    assert shop.world.balance(shop.world.operator) - before == INCOME // 20
    assert shop.holdings() == SHARE
