"""IMarket.addFunds and withdrawFunds"""

from contextlib import suppress

from tests.factories.communities import PRICE
from tests.factories.contracts import Reverted
from tests.factories.market import Stall


def test_add_funds_holds_coins_for_an_account(coins: Stall) -> None:
    chain, market = coins.chain, coins.market
    chain.send(market.addFunds, coins.buyer, sender=coins.buyer, value=PRICE)

    receipt = chain.send(market.addFunds, coins.buyer, sender=coins.stranger, value=1)

    assert receipt.only("FundsSet") == {"account": coins.buyer, "funds": PRICE + 1}
    assert (coins.funds(coins.buyer), chain.balance(market.address)) == (PRICE + 1, PRICE + 1)


def test_add_funds_of_nothing_changes_nothing(coins: Stall) -> None:
    assert coins.chain.send(coins.market.addFunds, coins.buyer, sender=coins.buyer).names() == []


def test_withdraw_funds_pays_them_to_any_account(coins: Stall) -> None:
    coins.deposit(coins.buyer, PRICE)
    before = coins.chain.balance(coins.friend)

    receipt = coins.chain.send(coins.market.withdrawFunds, coins.friend, PRICE - 1, sender=coins.buyer)

    assert receipt.only("FundsSet") == {"account": coins.buyer, "funds": 1}
    assert coins.chain.balance(coins.friend) - before == PRICE - 1
    assert coins.funds(coins.buyer) == coins.chain.balance(coins.market.address) == 1


def test_withdraw_funds_reverts_when_there_are_less(coins: Stall) -> None:
    coins.deposit(coins.buyer, PRICE)

    with coins.chain.reverts("FundsTooLow", account=coins.buyer, amount=PRICE + 1, funds=PRICE):
        coins.chain.send(coins.market.withdrawFunds, coins.buyer, PRICE + 1, sender=coins.buyer)


def test_withdraw_funds_reverts_for_anybody_else(coins: Stall) -> None:
    coins.deposit(coins.buyer, PRICE)

    with coins.chain.reverts("FundsTooLow", account=coins.stranger, amount=1, funds=0):
        coins.chain.send(coins.market.withdrawFunds, coins.stranger, 1, sender=coins.stranger)


def test_withdraw_funds_reverts_when_the_recipient_refuses(coins: Stall) -> None:
    coins.deposit(coins.buyer, PRICE)

    with coins.chain.reverts("ETHTransferFailed"):
        coins.chain.send(coins.market.withdrawFunds, coins.market.address, PRICE, sender=coins.buyer)
    assert coins.funds(coins.buyer) == PRICE


def test_market_takes_no_coins_that_belong_to_nobody(coins: Stall) -> None:
    payment = {"from": coins.stranger, "to": coins.market.address, "value": "0x1", "gasPrice": "0x0"}

    with suppress(Reverted):  # anvil says it in the receipt
        coins.chain.rpc("eth_sendTransactionSync", payment)

    assert coins.chain.balance(coins.market.address) == 0
