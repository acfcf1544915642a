"""IStore.sweep"""

import pytest

from tests.factories.communities import PRICE
from tests.factories.contracts import NATIVE, Chain
from tests.factories.stores import Shop

TREASURER = 1


def test_sweep_sends_foreign_tokens_where_the_treasurer_says(shop: Shop, ledger: Chain) -> None:
    foreign = ledger.deploy("MockToken", "Foreign", "FOR", 18)
    shop.chain.send(foreign.mint, shop.store.address, 100, sender=shop.stranger)
    shop.chain.send(shop.world.community.setRoles, shop.member, TREASURER, sender=shop.founder)

    receipt = shop.chain.send(shop.store.sweep, foreign.address, shop.stranger, sender=shop.member)

    assert receipt.only("Swept") == {"token": foreign.address, "to": shop.stranger, "amount": 100}
    assert (foreign.balanceOf(shop.stranger), foreign.balanceOf(shop.store.address)) == (100, 0)


def test_sweep_sends_stray_coins_of_a_token_store(tokens: Shop) -> None:
    tokens.chain.rpc("anvil_setBalance", tokens.store.address, hex(7))
    before = tokens.chain.balance(tokens.stranger)

    tokens.chain.send(tokens.store.sweep, NATIVE, tokens.stranger, sender=tokens.founder)

    assert tokens.chain.balance(tokens.stranger) - before == 7


def test_sweep_never_touches_the_currency(shop: Shop) -> None:
    shop.tip(PRICE)

    with shop.chain.reverts("CurrencyNotSwept", currency=shop.world.currency):
        shop.chain.send(shop.store.sweep, shop.world.currency, shop.founder, sender=shop.founder)


@pytest.mark.parametrize("role", [0, 14])
def test_sweep_reverts_when_the_caller_is_no_treasurer(tokens: Shop, role: int) -> None:
    tokens.chain.send(tokens.world.community.setRoles, tokens.stranger, role, sender=tokens.founder)

    with tokens.chain.reverts("RoleMissing", caller=tokens.stranger, role=TREASURER):
        tokens.chain.send(tokens.store.sweep, NATIVE, tokens.stranger, sender=tokens.stranger)
