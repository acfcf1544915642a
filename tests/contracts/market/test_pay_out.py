"""IMarket.payOut"""

from typing import Any

import pytest

from tests.factories.communities import PRICE, community_of
from tests.factories.contracts import NATIVE, Receipt
from tests.factories.market import Stall, split, stall_of


def pay_out(stall: Stall, *pages: str) -> Receipt:
    key = stall.world.badges.address, stall.world.membership.address
    return stall.chain.send(stall.market.payOut, *key, list(pages), sender=stall.stranger)


def paid(receipt: Receipt) -> list[dict[str, Any]]:
    return [event.fields for event in receipt.events if event.name == "TillPaidOut"]


def sell_again(stall: Stall, page: str) -> Receipt:
    """The buyer sells what it bought, through another page."""
    stall.approve(stall.world.badges, stall.badge, stall.buyer)
    listing = stall.listing(seller=stall.buyer, transferCount=1, feeRecipient=page, minProceeds=0)
    return stall.buy(listing, sender=stall.friend)


def test_pay_out_pays_community_and_page(coins: Stall) -> None:
    royalty, fee, _ = split(PRICE)
    coins.buy()
    community, before = coins.world.community.address, coins.chain.balance(coins.page)

    receipt = pay_out(coins, coins.page)

    assert receipt.only("TillPaidOut") == {
        "collection": coins.world.badges.address,
        "membership": coins.world.membership.address,
        "feeRecipient": coins.page,
        "royalties": royalty,
        "fees": fee,
    }
    assert (coins.chain.balance(community), coins.chain.balance(coins.page) - before) == (royalty, fee)
    assert (coins.till(), coins.chain.balance(coins.market.address)) == ((0, 0), 0)


def test_pay_out_of_several_pages_pays_the_community_once(coins: Stall) -> None:
    royalty, fee, _ = split(PRICE)
    coins.buy()
    sell_again(coins, NATIVE)
    before = coins.chain.balance(coins.page)

    receipt = pay_out(coins, coins.page, coins.stranger, NATIVE, coins.page)

    assert [(each["feeRecipient"], each["royalties"], each["fees"]) for each in paid(receipt)] == [
        (coins.page, royalty, fee),
        (NATIVE, royalty, 0),
    ]
    assert coins.chain.balance(coins.world.community.address) == 2 * royalty
    assert coins.chain.balance(coins.page) - before == fee
    assert coins.chain.balance(coins.market.address) == 0


def test_pay_out_gives_the_community_money_that_it_divides(coins: Stall) -> None:
    coins.buy()
    pay_out(coins, coins.page)

    collected = coins.world.collect(coins.world.founder, NATIVE).only("Collected")

    assert collected["amount"] == split(PRICE)[0]


def test_pay_out_where_the_community_takes_no_royalty(coins: Stall, factory: Any) -> None:
    stall = stall_of(community_of(coins.chain, factory, royaltyBps=0), coins.market)
    stall.buy()

    receipt = pay_out(stall, stall.page)

    assert (receipt.only("TillPaidOut")["royalties"], receipt.only("TillPaidOut")["fees"]) == (0, split(PRICE)[1])


def test_pay_out_empties_a_till_that_fills_again(coins: Stall) -> None:
    coins.buy()
    pay_out(coins, coins.page)

    receipt = sell_again(coins, coins.page)

    assert "TillOpened" not in receipt.names()
    assert coins.till() == split(PRICE)[:2]


@pytest.mark.parametrize("sold", [False, True])
def test_pay_out_reverts_when_nothing_waits(stall: Stall, sold: bool) -> None:
    world = stall.world
    if sold:
        stall.buy()
    if sold and not world.token:
        pay_out(stall, stall.page)

    for pages in ([], [stall.page], [stall.page, NATIVE]):
        with stall.chain.reverts("TillsEmpty", collection=world.badges.address, membership=world.membership.address):
            pay_out(stall, *pages)
