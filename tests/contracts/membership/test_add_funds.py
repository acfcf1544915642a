"""IMembershipHolder.addFunds, IMembership.fundsOf"""

import pytest

from tests.factories.communities import MONTH, PRICE, World
from tests.factories.memberships import agree, prepay, renew_for, transfer


def test_add_funds_keeps_coins_for_an_account(native: World) -> None:
    before = native.balance(native.stranger)

    receipt = native.chain.send(native.membership.addFunds, native.member, sender=native.stranger, value=PRICE)

    assert [(event.name, event.fields) for event in receipt.events] == [
        ("FundsSet", {"account": native.member, "funds": PRICE})
    ]
    assert native.membership.fundsOf(native.member) == PRICE
    assert (before - native.balance(native.stranger), native.balance(native.membership.address)) == (PRICE, PRICE)


def test_add_funds_adds_up(native: World) -> None:
    for account in (native.member, native.member, native.other):
        prepay(native, PRICE, account)

    assert (native.membership.fundsOf(native.member), native.membership.fundsOf(native.other)) == (2 * PRICE, PRICE)


def test_funds_are_no_earnings(native: World) -> None:
    prepay(native, PRICE)

    assert native.earned() == 0
    with native.chain.reverts("NothingDue", source=native.membership.address, account=native.founder):
        native.collect(native.founder)


def test_funds_stay_with_the_account_when_the_membership_goes(native: World) -> None:
    """The new holder's renewals do not draw on them, though it consents."""
    token_id = native.join()
    prepay(native, PRICE)
    transfer(native, token_id, native.member, native.other)
    agree(native, token_id, sender=native.other)
    native.chain.advance(MONTH)

    with native.chain.reverts("RenewalImpossible", tokenId=token_id, status=10):
        renew_for(native, token_id)
    assert native.membership.fundsOf(native.member) == PRICE


@pytest.mark.parametrize("value", [0, 1])
def test_add_funds_reverts_in_a_community_paid_in_a_token(tokened: World, value: int) -> None:
    with tokened.chain.reverts("CurrencyMismatch", expected="0x" + "00" * 20, currency=tokened.currency):
        tokened.chain.send(tokened.membership.addFunds, tokened.member, sender=tokened.member, value=value)
