"""Currencies that lie, take, give or call back"""

from typing import Any

import pytest

from tests.factories.communities import MONTH, MONTHLY, PRICE, community_of
from tests.factories.contracts import NATIVE, Chain
from tests.factories.hostile import (
    GIVES_MORE,
    LIES_TRUE,
    RETURNS_FALSE,
    TAKES_FEE,
    TOKEN_CALLS_BACK,
    answer,
    misbehave,
)
from tests.factories.market import Stall, split, stall_of


@pytest.fixture(scope="module")
def hostile(ledger: Chain, factory: Any, market: Any) -> Stall:
    """Before a community whose currency misbehaves as a test tells it."""
    return stall_of(community_of(ledger, factory, token=ledger.deploy("HostileToken")), market)


@pytest.mark.parametrize(
    ("mode", "error", "received"),
    [
        (RETURNS_FALSE, "TransferFromFailed", None),
        (LIES_TRUE, "TransferShort", 0),
        (TAKES_FEE, "TransferShort", split(PRICE)[2] * 99 // 100 + 1),
        (GIVES_MORE, "TransferShort", split(PRICE)[2] + 1),
    ],
)
@pytest.mark.parametrize("way", ["buy", "accept"])
def test_misbehaving_token_buys_nothing(hostile: Stall, mode: int, error: str, received: int | None, way: str) -> None:
    listing, offer = hostile.listing(), hostile.offer()
    hostile.fund(hostile.buyer, PRICE)
    misbehave(hostile.chain, hostile.world.token, mode)
    proceeds = split(PRICE)[2]
    received = proceeds - proceeds // 100 if mode == TAKES_FEE else received
    arguments = {} if received is None else {"received": received, "due": proceeds}

    with hostile.chain.reverts(error, **arguments):
        if way == "buy":
            hostile.buy(listing, funds=0)
        else:
            hostile.accept(offer, funds=0)
    assert hostile.owner(hostile.world.badges, hostile.badge) == hostile.seller


def test_token_without_return_value_pays_everybody(ledger: Chain, factory: Any, market: Any) -> None:
    """As USDT."""
    stall = stall_of(community_of(ledger, factory, token=ledger.deploy("NoReturnToken")), market)
    royalty, fee, proceeds = split(PRICE)
    before = stall.world.balance(stall.seller)

    stall.buy()

    assert stall.world.balance(stall.seller) - before == proceeds
    assert stall.balances(stall.world.community.address, stall.page) == [royalty, fee]


def test_token_that_reenters_cannot_let_one_arrival_pay_two_sales(hostile: Stall) -> None:
    world, market = hostile.world, hostile.market
    other = hostile.another_badge(hostile.friend)
    inner = hostile.listing(seller=hostile.friend, tokenId=other, minAccrued=0)
    listing, offer = hostile.listing(), hostile.offer(tokenId=0, minAccrued=0)
    attempts = [
        market.buy.encode_input(inner, hostile.sign(inner), NATIVE, 0),
        market.accept.encode_input(offer, hostile.sign(offer), other, 0),
        market.withdrawFunds.encode_input(world.token.address, 0),
    ]

    for payload in attempts:
        with hostile.chain.undone():
            hostile.fund(hostile.buyer, PRICE)
            misbehave(hostile.chain, world.token, TOKEN_CALLS_BACK, market.address, bytes(payload))
            hostile.buy(listing, funds=0)
            assert answer(hostile.chain, world.token) == "Reentrancy"
            assert hostile.owner(world.badges, other) == hostile.friend


def test_token_that_reenters_cannot_have_an_offer_accepted_twice(hostile: Stall) -> None:
    market, token = hostile.market, hostile.world.token
    offer = hostile.offer(tokenId=0, minAccrued=0)
    other = hostile.another_badge(hostile.friend)
    hostile.fund(hostile.buyer, 2 * PRICE)
    again = market.accept.encode_input(offer, hostile.sign(offer), other, 0)
    misbehave(hostile.chain, token, TOKEN_CALLS_BACK, market.address, bytes(again))

    hostile.accept(offer, funds=0)

    assert answer(hostile.chain, token) == "Reentrancy"
    assert hostile.owner(hostile.world.badges, other) == hostile.friend


def test_claim_from_inside_a_payment_takes_nothing_from_the_buyer(hostile: Stall) -> None:
    """The seller's token calls back while the buyer pays: the badge, and what it accrued, are the buyer's already."""
    world, income = hostile.world, hostile.income
    payload = world.membership.claim.encode_input([hostile.badge], hostile.seller)
    hostile.fund(hostile.buyer, PRICE)
    misbehave(hostile.chain, world.token, TOKEN_CALLS_BACK, world.membership.address, bytes(payload))

    hostile.buy(funds=0)

    assert not world.token.succeeded()
    assert hostile.income == income
    assert hostile.owner(world.badges, hostile.badge) == hostile.buyer


def test_month_passes_and_nothing_is_lost(stall: Stall) -> None:
    """Income of the badge that falls due after the sale is the buyer's."""
    later = stall.join(stall.stranger, badge=stall.badge, tier_id=MONTHLY)
    stall.buy()
    stall.chain.advance(MONTH)
    stall.world.settle(later)
    due, before = stall.income, stall.world.balance(stall.buyer)

    stall.chain.send(stall.world.membership.claim, [stall.badge], stall.buyer, sender=stall.buyer)

    assert stall.world.balance(stall.buyer) - before == due > 0
