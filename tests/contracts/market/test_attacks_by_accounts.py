"""Accounts that refuse their coins, burn gas, starve or re-enter: sellers, buyers and pages"""

from typing import Any

import pytest

from tests.factories.communities import PRICE
from tests.factories.contracts import NATIVE, Chain
from tests.factories.hostile import BURNS_GAS, CALLS_BACK, REVERTS, act, answer, misbehave
from tests.factories.market import Stall, split


def test_seller_that_reenters_is_paid_once(coins: Stall, wallet: Any, held: dict[str, Any]) -> None:
    """While it is being paid it buys, accepts, pays out and withdraws."""
    market, world = coins.market, coins.world
    coins.chain.send(market.addFunds, wallet.address, sender=coins.stranger, value=PRICE)
    offer = coins.offer(tokenId=0, minAccrued=0)
    coins.deposit(coins.buyer, PRICE)
    attempts = [
        market.buy.encode_input(held, b"", wallet.address, 0),
        market.accept.encode_input(offer, coins.sign(offer), coins.badge, 0),
        market.payOut.encode_input(world.badges.address, world.membership.address, [coins.page]),
        market.withdrawFunds.encode_input(wallet.address, PRICE),
    ]

    for payload in attempts:
        with coins.chain.undone():
            misbehave(coins.chain, wallet, CALLS_BACK, market.address, bytes(payload))
            coins.buy(held, signature=b"")
            assert answer(coins.chain, wallet) == "Reentrancy"
            assert coins.chain.balance(wallet.address) == split(PRICE)[2]
            assert coins.owner(world.badges, coins.badge) == coins.buyer


@pytest.mark.parametrize("mode", [REVERTS, BURNS_GAS])
def test_seller_that_refuses_its_coins_blocks_nobody(
    coins: Stall, wallet: Any, held: dict[str, Any], mode: int
) -> None:
    proceeds = split(PRICE)[2]
    misbehave(coins.chain, wallet, mode)

    receipt = coins.buy(held, signature=b"")

    assert receipt.only("FundsSet") == {"account": wallet.address, "funds": proceeds}
    assert coins.owner(coins.world.badges, coins.badge) == coins.buyer
    before = coins.chain.balance(coins.friend)
    act(coins.chain, wallet, coins.market.withdrawFunds, coins.friend, proceeds)
    assert coins.chain.balance(coins.friend) - before == proceeds


@pytest.mark.parametrize("mode", [REVERTS, BURNS_GAS])
def test_accepting_seller_that_refuses_its_coins_finds_them_here(coins: Stall, wallet: Any, mode: int) -> None:
    coins.transfer(coins.world.badges, coins.badge, coins.seller, wallet.address)
    act(coins.chain, wallet, coins.world.badges.approve, coins.market.address, coins.badge)
    misbehave(coins.chain, wallet, mode)
    offer = coins.offer()
    coins.deposit(coins.buyer, PRICE)

    act(coins.chain, wallet, coins.market.accept, offer, coins.sign(offer), coins.badge, 0)

    assert coins.funds(wallet.address) == split(PRICE)[2]


def test_buyer_cannot_starve_the_sellers_wallet(coins: Stall, wallet: Any, held: dict[str, Any], ledger: Chain) -> None:
    """With little gas the wallet could not take its coins: then nothing is sold. A sale pays it at once."""
    buyer = ledger.deploy("HostileAccount")
    misbehave(coins.chain, wallet, CALLS_BACK, NATIVE)
    call = bytes(coins.market.buy.encode_input(held, b"", NATIVE, 0))
    outcomes = set()

    for gas in range(20_000, 300_000, 2_000):
        with coins.chain.undone():
            coins.chain.send(buyer.starve, coins.market.address, call, gas, sender=coins.stranger, value=PRICE)
            sold = coins.owner(coins.world.badges, coins.badge) == buyer.address
            outcomes.add((sold, coins.chain.balance(wallet.address), coins.funds(wallet.address)))

    assert outcomes == {(False, 0, 0), (True, split(PRICE)[2], 0)}


@pytest.mark.parametrize("mode", [REVERTS, BURNS_GAS])
def test_page_that_refuses_its_fee_does_not_keep_the_royalty(coins: Stall, wallet: Any, mode: int) -> None:
    royalty, fee, _ = split(PRICE)
    misbehave(coins.chain, wallet, mode)
    coins.buy(coins.listing(feeRecipient=wallet.address))
    world = coins.world

    coins.chain.send(
        coins.market.payOut, world.badges.address, world.membership.address, [wallet.address], sender=coins.stranger
    )

    assert coins.chain.balance(world.community.address) == royalty
    assert coins.funds(wallet.address) == fee


def test_royalties_scattered_over_many_pages_are_paid_at_once(coins: Stall) -> None:
    """Sellers name a page of their own each, so that collecting a royalty would cost more than it brings."""
    pages, world = [f"0x{number:040x}" for number in range(2**80, 2**80 + 5)], coins.world
    owners = [coins.seller, coins.buyer]
    for count, page in enumerate(pages):
        coins.approve(world.badges, coins.badge, owners[0])
        coins.buy(coins.listing(seller=owners[0], transferCount=count, feeRecipient=page), sender=owners[1])
        owners.reverse()

    receipt = coins.chain.send(
        coins.market.payOut, world.badges.address, world.membership.address, pages, sender=coins.stranger
    )

    assert coins.chain.balance(world.community.address) == len(pages) * split(PRICE)[0]
    assert receipt.names() == ["TillPaidOut"] * len(pages)


def test_page_that_reenters_is_paid_once(coins: Stall, wallet: Any) -> None:
    world, market = coins.world, coins.market
    coins.buy(coins.listing(feeRecipient=wallet.address))
    key = (world.badges.address, world.membership.address, [wallet.address])
    misbehave(coins.chain, wallet, CALLS_BACK, market.address, bytes(market.payOut.encode_input(*key)))

    coins.chain.send(market.payOut, *key, sender=coins.stranger)

    assert answer(coins.chain, wallet) == "Reentrancy"
    assert coins.chain.balance(wallet.address) == split(PRICE)[1]


def test_withdrawing_account_that_reenters_is_paid_once(coins: Stall, wallet: Any) -> None:
    market = coins.market
    coins.deposit(coins.buyer, PRICE)  # of somebody else
    coins.chain.send(market.addFunds, wallet.address, sender=coins.stranger, value=PRICE)
    misbehave(
        coins.chain, wallet, CALLS_BACK, market.address, bytes(market.withdrawFunds.encode_input(wallet.address, PRICE))
    )

    act(coins.chain, wallet, market.withdrawFunds, wallet.address, PRICE)

    assert answer(coins.chain, wallet) == "Reentrancy"
    assert (coins.chain.balance(wallet.address), coins.funds(coins.buyer)) == (PRICE, PRICE)


def test_buyer_that_refuses_tokens_gets_its_badge_without_a_call(coins: Stall, wallet: Any) -> None:
    """No hook: nobody is called between the move and the payment."""
    misbehave(coins.chain, wallet, REVERTS)
    listing = coins.listing()

    act(coins.chain, wallet, coins.market.buy, listing, coins.sign(listing), NATIVE, 0, value=PRICE)

    assert coins.owner(coins.world.badges, coins.badge) == wallet.address
