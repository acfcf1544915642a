"""IMarket.payOut"""

from tests.factories.communities import PRICE
from tests.factories.contracts import NATIVE
from tests.factories.market import Stall, split


def pay_out(stall: Stall, page: str) -> dict[str, object]:
    world = stall.world
    receipt = stall.chain.send(
        stall.market.payOut, world.badges.address, world.membership.address, page, sender=stall.stranger
    )
    return receipt.only("TillPaidOut")


def test_pay_out_pays_community_and_page(coins: Stall) -> None:
    royalty, fee, _ = split(PRICE)
    coins.buy()
    community, before = coins.world.community.address, coins.chain.balance(coins.page)

    paid = pay_out(coins, coins.page)

    assert paid == {
        "collection": coins.world.badges.address,
        "membership": coins.world.membership.address,
        "feeRecipient": coins.page,
        "community": community,
        "royalties": royalty,
        "fees": fee,
    }
    assert (coins.chain.balance(community), coins.chain.balance(coins.page) - before) == (royalty, fee)
    assert (coins.till(), coins.chain.balance(coins.market.address)) == ((0, 0), 0)


def test_pay_out_of_sales_without_a_page(coins: Stall) -> None:
    coins.buy(coins.listing(feeRecipient=NATIVE, feeBps=0))

    paid = pay_out(coins, NATIVE)

    assert (paid["royalties"], paid["fees"]) == (split(PRICE)[0], 0)


def test_pay_out_gives_the_community_money_that_it_divides(coins: Stall) -> None:
    coins.buy()
    pay_out(coins, coins.page)

    collected = coins.world.collect(coins.world.founder, NATIVE).only("Collected")

    assert collected["amount"] == split(PRICE)[0]


def test_pay_out_empties_a_till_that_fills_again(coins: Stall) -> None:
    coins.buy()
    pay_out(coins, coins.page)
    coins.approve(coins.world.badges, coins.badge, coins.buyer)

    receipt = coins.buy(coins.listing(seller=coins.buyer, transferCount=1), sender=coins.friend)

    assert "TillOpened" not in receipt.names()
    assert coins.till() == split(PRICE)[:2]


def test_pay_out_reverts_when_nothing_waits(stall: Stall) -> None:
    world = stall.world
    key = {"collection": world.badges.address, "membership": world.membership.address, "feeRecipient": stall.page}

    with stall.chain.reverts("TillEmpty", **key):
        pay_out(stall, stall.page)
    stall.buy()
    if not world.token:
        pay_out(stall, stall.page)
    with stall.chain.reverts("TillEmpty", **key):
        pay_out(stall, stall.page)
