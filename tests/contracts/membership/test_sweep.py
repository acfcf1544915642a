"""IMembershipOffice.sweep"""

from typing import Any

import pytest

from tests.factories.communities import PRICE, World, community_of
from tests.factories.contracts import NATIVE, Chain, Receipt
from tests.factories.memberships import GRANTER, TREASURER, give_role

LOST = 12_345


@pytest.fixture
def stray(ledger: Chain) -> Any:
    """A token that is nobody's currency here."""
    return ledger.deploy("MockToken", "Stray", "STR", 18)


def sweep(world: World, token: str, *, sender: str = "", to: str = "") -> Receipt:
    return world.chain.send(world.membership.sweep, token, to or world.stranger, sender=sender or world.founder)


def test_sweep_sends_a_token_that_is_not_the_currency(world: World, stray: Any) -> None:
    world.join()
    world.chain.send(stray.mint, world.membership.address, LOST, sender=world.member)

    receipt = sweep(world, stray.address)

    assert receipt.only("Swept") == {"token": stray.address, "to": world.stranger, "amount": LOST}
    assert (stray.balanceOf(world.stranger), stray.balanceOf(world.membership.address)) == (LOST, 0)
    assert world.balance(world.membership.address) == PRICE


def test_sweep_answers_the_amount(native: World, stray: Any) -> None:
    treasurer = give_role(native, native.chain.accounts[0], TREASURER)
    native.chain.send(stray.mint, native.membership.address, LOST, sender=native.member)

    assert native.chain.read(native.membership.sweep, stray.address, treasurer) == LOST


def test_sweep_sends_native_coins_where_they_are_not_the_currency(tokened: World) -> None:
    """No call leaves them there; a contract that ends itself or a block's reward can."""
    tokened.chain.rpc("anvil_setBalance", tokened.membership.address, hex(LOST))
    before = tokened.chain.balance(tokened.stranger)

    receipt = sweep(tokened, NATIVE)

    assert receipt.only("Swept") == {"token": NATIVE, "to": tokened.stranger, "amount": LOST}
    assert tokened.chain.balance(tokened.stranger) - before == LOST


def test_sweep_of_a_token_without_return_value(ledger: Chain, native: World) -> None:
    token = ledger.deploy("NoReturnToken")
    ledger.send(token.mint, native.membership.address, LOST, sender=native.member)

    sweep(native, token.address)

    assert token.balanceOf(native.stranger) == LOST


def test_sweep_by_a_treasurer(native: World, stray: Any) -> None:
    native.chain.send(stray.mint, native.membership.address, LOST, sender=native.member)

    sweep(native, stray.address, sender=give_role(native, native.other, TREASURER))

    assert stray.balanceOf(native.stranger) == LOST


@pytest.mark.parametrize("role", [0, GRANTER, 4, 8])
def test_sweep_reverts_when_the_caller_is_no_treasurer(native: World, stray: Any, role: int) -> None:
    caller = give_role(native, native.stranger, role)

    with native.chain.reverts("RoleMissing", caller=caller, role=TREASURER):
        sweep(native, stray.address, sender=caller)


def test_sweep_reverts_when_it_is_the_currency(world: World) -> None:
    """Members' money lies in it."""
    world.join()

    with world.chain.reverts("CurrencyNotSwept", currency=world.currency):
        sweep(world, world.currency)
    assert world.balance(world.membership.address) == PRICE


def test_sweep_reverts_when_the_token_refuses(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory)
    token = ledger.deploy("HostileToken")
    ledger.send(token.mint, world.membership.address, LOST, sender=world.member)
    ledger.send(token.misbehave, 1, NATIVE, b"", sender=world.member)

    with ledger.reverts("TransferFailed"):
        sweep(world, token.address)


def test_sweep_moves_no_membership_and_no_badge(native: World) -> None:
    """Both contracts answer `balanceOf`; neither has a `transfer` that could be called."""
    native.join()

    for contract in (native.membership.address, native.badges.address):
        with native.chain.reverts("TransferFailed"):
            sweep(native, contract)
