"""Recipients that refuse, burn gas or call back, and currencies that misbehave"""

from typing import Any

import pytest

from tests.factories.communities import World, community_of
from tests.factories.contracts import NATIVE, Chain
from tests.factories.crowdsales import (
    CAP,
    CLIFF,
    COIN,
    GOAL,
    RESTRICTED,
    TIER_MONEY,
    VESTING,
    Sale,
    open_sale,
    with_tier,
)

HONEST, RETURNS_FALSE, LIES_TRUE, TAKES_FEE, GIVES_MORE, TOKEN_CALLS_BACK = range(6)
ACCEPTS, REVERTS, BURNS_GAS, CALLS_BACK = range(4)
ETH_TRANSFER_FAILED = bytes.fromhex("b12d13eb")  # ETHTransferFailed()


def misbehave(chain: Chain, contract: Any, mode: int, target: str = NATIVE, payload: bytes = b"") -> None:
    chain.send(contract.misbehave, mode, target, payload, sender=chain.accounts[9])


def act(sale: Sale, account: Any, method: str, *arguments: Any, value: int = 0) -> Any:
    """The hostile account calls the sale."""
    call = getattr(sale.contract, method).encode_input(*arguments)
    return sale.chain.send(account.execute, sale.address, bytes(call), sender=sale.stranger, value=value)


def join_as(sale: Sale, account: Any, amount: int) -> None:
    """The hostile account contributes native coins."""
    act(sale, account, "contribute", amount, sale.terms["steps"][-1][1], NATIVE, account.address, 0, value=amount)


# Recipients


@pytest.mark.parametrize("mode", [REVERTS, BURNS_GAS])
def test_contributor_that_refuses_coins_blocks_only_itself(native: World, account: Any, mode: int) -> None:
    sale = open_sale(native)
    join_as(sale, account, COIN)
    sale.contribute(COIN)
    native.chain.set_time(sale.terms["endsAt"])
    misbehave(native.chain, account, mode)

    with native.chain.reverts("ExecutionFailed", reason=ETH_TRANSFER_FAILED):
        act(sale, account, "claimRefund", NATIVE)
    assert sale.refund().only("ContributionRefunded")["amount"] == COIN
    before = sale.balance(sale.third)
    act(sale, account, "claimRefund", sale.third)
    assert (sale.balance(sale.third), sale.balance()) == (before + COIN, 0)


@pytest.mark.parametrize("method", ["claimRefund", "withdrawFunds", "finalize", "release", "contribute"])
def test_contributor_that_calls_back_is_refunded_once(native: World, account: Any, method: str) -> None:
    """Whatever it calls while its refund arrives."""
    sale = open_sale(native)
    join_as(sale, account, COIN)
    sale.contribute(COIN)
    native.chain.set_time(sale.terms["endsAt"])
    arguments = {
        "claimRefund": [NATIVE],
        "withdrawFunds": [NATIVE],
        "contribute": [0, 1, NATIVE, account.address, 0],
    }.get(method, [])
    misbehave(
        native.chain, account, CALLS_BACK, sale.address, bytes(getattr(sale.contract, method).encode_input(*arguments))
    )

    act(sale, account, "claimRefund", NATIVE)

    assert not account.succeeded()
    assert (native.chain.balance(account.address), sale.balance()) == (COIN, COIN)


def test_contributor_that_calls_back_after_a_stop_is_refunded_once(native: World, account: Any) -> None:
    sale = open_sale(native)
    join_as(sale, account, GOAL)
    sale.contribute(GOAL)
    sale.finish()
    sale.vote()
    misbehave(native.chain, account, CALLS_BACK, sale.address, bytes(sale.contract.claimRefund.encode_input(NATIVE)))

    act(sale, account, "claimRefund", NATIVE)

    assert not account.succeeded()
    assert (native.chain.balance(account.address), sale.balance()) == (GOAL, GOAL)


def test_owner_of_funds_that_calls_back_is_paid_once(native: World, account: Any) -> None:
    sale = open_sale(native)
    join_as(sale, account, CAP + COIN)
    misbehave(native.chain, account, CALLS_BACK, sale.address, bytes(sale.contract.withdrawFunds.encode_input(NATIVE)))

    act(sale, account, "withdrawFunds", NATIVE)

    assert not account.succeeded()
    assert (native.chain.balance(account.address), sale.balance()) == (COIN, CAP)


@pytest.mark.parametrize("code", ["0x5f5ffd", "0x5b5f56"], ids=["reverts", "burns gas"])
def test_community_that_takes_no_money_stops_no_contributor(ledger: Chain, factory: Any, code: str) -> None:
    """A false community that refuses the release can hinder neither the vote nor a refund nor a claim."""
    sale = open_sale(community_of(ledger, factory))
    sale.reach()
    ledger.advance(CLIFF)
    ledger.rpc("anvil_setCode", sale.world.community.address, code)

    with ledger.reverts("ETHTransferFailed"):
        sale.release()
    sale.claim()
    sale.vote()
    sale.refund()
    sale.refund(sale.other)

    assert sale.balance() >= 2 * GOAL * CLIFF // VESTING


# Currencies


@pytest.mark.parametrize(
    ("mode", "error", "arguments"),
    [
        (RETURNS_FALSE, "TransferFromFailed", {}),
        (LIES_TRUE, "TransferShort", {"received": 0, "due": COIN}),
        (TAKES_FEE, "TransferShort", {"received": COIN - COIN // 100, "due": COIN}),
        (GIVES_MORE, "TransferShort", {"received": COIN + 1, "due": COIN}),
    ],
)
def test_misbehaving_token_contributes_nothing(
    hostile: World, mode: int, error: str, arguments: dict[str, int]
) -> None:
    sale = open_sale(hostile)
    misbehave(hostile.chain, hostile.token, mode)

    with hostile.chain.reverts(error, **arguments):
        sale.contribute(COIN)
    assert sale.totals()["raised"] == 0


def test_one_arrival_cannot_count_for_two_contributions(hostile: World) -> None:
    """The token calls back into a contribution of the attacker's second wallet while the first is being pulled."""
    sale, token = open_sale(hostile), hostile.token
    with hostile.chain.impersonated(token.address):
        sale.fund(token.address, COIN)
    price = sale.terms["steps"][-1][1]
    inner = bytes(sale.contract.contribute.encode_input(COIN, price, token.address, sale.third, 0))
    misbehave(hostile.chain, token, TOKEN_CALLS_BACK, sale.address, inner)

    sale.contribute(COIN)

    assert not token.succeeded()
    assert hostile.chain.decode_error(bytes(token.answer())).name == "Reentrancy"
    assert (sale.totals()["raised"], sale.balance()) == (COIN, COIN)


def test_nothing_leaves_in_the_middle_of_a_refund(hostile: World) -> None:
    """The token calls for the release while a refund is on its way: one payment at a time."""
    sale, token = open_sale(hostile), hostile.token
    sale.reach()
    sale.chain.advance(CLIFF)
    sale.vote()
    misbehave(hostile.chain, token, TOKEN_CALLS_BACK, sale.address, bytes(sale.contract.release.encode_input()))

    sale.refund()

    assert hostile.chain.decode_error(bytes(token.answer())).name == "Reentrancy"
    assert sale.totals()["released"] == 0


def test_nothing_leaves_in_the_middle_of_a_claim_of_a_membership(hostile: World) -> None:
    """The token calls for the release while the membership contract pulls the price."""
    sale, token = open_sale(hostile, **with_tier()), hostile.token
    sale.reach()
    sale.chain.advance(CLIFF)
    misbehave(hostile.chain, token, TOKEN_CALLS_BACK, sale.address, bytes(sale.contract.release.encode_input()))

    sale.join(12)

    assert hostile.chain.decode_error(bytes(token.answer())).name == "Reentrancy"
    assert (sale.totals()["released"], sale.balance(hostile.membership.address)) == (0, TIER_MONEY)


def test_false_returning_token_swallows_no_refund_and_no_release(hostile: World) -> None:
    sale = open_sale(hostile)
    sale.reach()
    sale.chain.advance(CLIFF)
    misbehave(hostile.chain, hostile.token, RETURNS_FALSE)

    with hostile.chain.reverts("TransferFailed"):
        sale.release()
    sale.vote()
    with hostile.chain.reverts("TransferFailed"):
        sale.refund()
    misbehave(hostile.chain, hostile.token, HONEST)

    sale.release()
    sale.refund()
    sale.refund(sale.other)
    assert 0 <= sale.balance() <= 2


def test_token_without_return_value_goes_the_whole_way(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, token=ledger.deploy("NoReturnToken"))
    sale = open_sale(world, **with_tier())
    sale.reach()
    ledger.advance(CLIFF)

    sale.release()
    sale.join(12)
    sale.vote()
    sale.refund()

    assert world.balance(world.membership.address) == TIER_MONEY
    assert world.balance(sale.backer) == sale.terms["goal"] * 12 // 10 - TIER_MONEY - sale_part(sale)


def sale_part(sale: Sale) -> int:
    """What of the backer's contribution was released at the stop, rounded up."""
    own, scheduled = 12 * COIN - TIER_MONEY, 20 * COIN - 2 * TIER_MONEY
    released = scheduled * CLIFF // VESTING
    return own - own * (scheduled - released) // scheduled


def test_income_cannot_be_claimed_out_of_a_distribution_in_the_middle(hostile: World) -> None:
    sale = open_sale(hostile, RESTRICTED, vestingSeconds=0, cliffSeconds=0, lockupSeconds=0)
    sale.attest(sale.backer)
    sale.contribute(GOAL)
    sale.finish()
    sale.claim()
    token, income = hostile.token, sale.token
    hostile.chain.send(token.mint, sale.stranger, COIN, sender=sale.stranger)
    hostile.chain.send(token.approve, income.address, COIN, sender=sale.stranger)
    inner = bytes(income.claimIncome.encode_input(sale.backer, sale.backer))
    misbehave(hostile.chain, token, TOKEN_CALLS_BACK, income.address, inner)

    hostile.chain.send(income.distribute, COIN, token.address, sender=sale.stranger)

    assert not token.succeeded()
    assert hostile.chain.decode_error(bytes(token.answer())).name == "Reentrancy"
    assert hostile.balance(income.address) == COIN
