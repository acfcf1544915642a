"""IMembershipHolder.withdrawFunds"""

from typing import Any

import pytest

from tests.factories.communities import MONTH, PRICE, World
from tests.factories.contracts import Receipt
from tests.factories.memberships import agree, gain, prepay, renew_for


def withdraw(world: World, amount: int, to: str = "", *, sender: str = "") -> Receipt:
    sender = sender or world.member
    return world.chain.send(world.membership.withdrawFunds, to or sender, amount, sender=sender)


@pytest.fixture
def refunded(world: World) -> World:
    """The member has funds of one price, from a membership that was revoked."""
    world.chain.send(world.membership.revoke, world.join(), sender=world.founder)
    return world


def test_withdraw_funds_pays_to_any_account(refunded: World) -> None:
    got, receipt = gain(refunded, refunded.stranger, lambda: withdraw(refunded, PRICE // 4, refunded.stranger))

    assert got == PRICE // 4
    assert receipt.only("FundsSet") == {"account": refunded.member, "funds": PRICE - PRICE // 4}
    assert refunded.membership.fundsOf(refunded.member) == PRICE - PRICE // 4


def test_withdraw_funds_to_the_last_unit(refunded: World) -> None:
    for amount in (PRICE - 1, 1):
        assert gain(refunded, refunded.member, lambda amount=amount: withdraw(refunded, amount))[0] == amount  # type: ignore[misc]

    assert refunded.membership.fundsOf(refunded.member) == 0
    assert refunded.balance(refunded.membership.address) == 0


def test_withdraw_funds_reverts_beyond_what_there_is(refunded: World) -> None:
    with refunded.chain.reverts("FundsTooLow", account=refunded.member, amount=PRICE + 1, funds=PRICE):
        withdraw(refunded, PRICE + 1)
    withdraw(refunded, PRICE)
    with refunded.chain.reverts("FundsTooLow", account=refunded.member, amount=1, funds=0):
        withdraw(refunded, 1)


def test_withdraw_funds_pays_only_ones_own(refunded: World) -> None:
    with refunded.chain.reverts("FundsTooLow", account=refunded.stranger, amount=1, funds=0):
        withdraw(refunded, 1, sender=refunded.stranger)


def test_prepaid_coins_can_be_taken_back(native: World) -> None:
    prepay(native, PRICE)

    assert gain(native, native.member, lambda: withdraw(native, PRICE))[0] == PRICE


def test_withdraw_funds_leaves_the_money_of_members(native: World) -> None:
    """What is prepaid lies beside what is unearned: neither pays for the other."""
    token_id = native.join()
    prepay(native, PRICE)
    withdraw(native, PRICE)
    agree(native, token_id)
    native.chain.advance(MONTH)

    with native.chain.reverts("RenewalImpossible", tokenId=token_id, status=10):
        renew_for(native, token_id)
    assert native.balance(native.membership.address) == PRICE


def test_withdraw_funds_reverts_when_the_recipient_refuses(native: World) -> None:
    prepay(native, PRICE)
    account: Any = native.chain.deploy("HostileAccount")
    native.chain.send(account.misbehave, 1, account.address, b"", sender=native.stranger)

    with native.chain.reverts("ETHTransferFailed"):
        withdraw(native, PRICE, account.address)
    assert native.membership.fundsOf(native.member) == PRICE
