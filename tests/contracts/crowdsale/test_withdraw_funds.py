"""ICrowdsale.withdrawFunds"""

import pytest

from tests.factories.crowdsales import CAP, COIN, Sale


@pytest.fixture
def clipped(native_sale: Sale) -> Sale:
    """The backer sent two coins too many."""
    native_sale.contribute(CAP + 2 * COIN)
    return native_sale


def test_funds_are_paid_to_their_owner(clipped: Sale) -> None:
    before = clipped.balance(clipped.backer)

    receipt = clipped.chain.send(clipped.contract.withdrawFunds, "0x" + "00" * 20, sender=clipped.backer)

    assert receipt.only("FundsSet") == {"account": clipped.backer, "funds": 0}
    assert clipped.balance(clipped.backer) == before + 2 * COIN
    assert (clipped.funds_of(), clipped.balance()) == (0, CAP)


def test_funds_go_where_their_owner_says(clipped: Sale) -> None:
    before = clipped.balance(clipped.third)

    clipped.chain.send(clipped.contract.withdrawFunds, clipped.third, sender=clipped.backer)

    assert clipped.balance(clipped.third) == before + 2 * COIN


def test_funds_stay_through_finalization_and_stop(clipped: Sale) -> None:
    clipped.finalize()
    clipped.vote()
    clipped.refund()

    clipped.chain.send(clipped.contract.withdrawFunds, clipped.backer, sender=clipped.backer)

    assert clipped.balance() == 0


def test_withdrawal_reverts_the_second_time(clipped: Sale) -> None:
    clipped.chain.send(clipped.contract.withdrawFunds, clipped.backer, sender=clipped.backer)

    with clipped.chain.reverts("NothingToWithdraw", account=clipped.backer):
        clipped.chain.send(clipped.contract.withdrawFunds, clipped.backer, sender=clipped.backer)


def test_withdrawal_reverts_without_funds(clipped: Sale) -> None:
    with clipped.chain.reverts("NothingToWithdraw", account=clipped.stranger):
        clipped.chain.send(clipped.contract.withdrawFunds, clipped.backer, sender=clipped.stranger)
