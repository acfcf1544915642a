"""Currencies that lie, take a fee or call back"""

from typing import Any

import pytest

from tests.factories.communities import MONTH, MONTHLY, PRICE, World, community_of, tier
from tests.factories.contracts import Chain
from tests.factories.hostile import (
    GIVES_MORE,
    HONEST,
    LIES_TRUE,
    RETURNS_FALSE,
    TAKES_FEE,
    TOKEN_CALLS_BACK,
    answer,
    call_back,
    misbehave,
)
from tests.factories.memberships import NO_PERMIT, agree, extras_of, join_by


def test_false_returning_token_buys_nothing(hostile: World) -> None:
    misbehave(hostile.chain, hostile.token, RETURNS_FALSE)

    with hostile.chain.reverts("TransferFromFailed"):
        hostile.join()


def test_lying_token_buys_nothing(hostile: World) -> None:
    misbehave(hostile.chain, hostile.token, LIES_TRUE)

    with hostile.chain.reverts("TransferShort", received=0, due=PRICE):
        hostile.join()


def test_token_with_a_fee_is_refused(hostile: World) -> None:
    misbehave(hostile.chain, hostile.token, TAKES_FEE)

    with hostile.chain.reverts("TransferShort", received=PRICE - PRICE // 100, due=PRICE):
        hostile.join()


def test_token_that_gives_more_is_refused(hostile: World) -> None:
    misbehave(hostile.chain, hostile.token, GIVES_MORE)

    with hostile.chain.reverts("TransferShort", received=PRICE + 1, due=PRICE):
        hostile.join()


def test_misbehaving_token_cannot_renew(hostile: World) -> None:
    token_id = hostile.join()
    misbehave(hostile.chain, hostile.token, LIES_TRUE)

    with hostile.chain.reverts("TransferShort", received=0, due=PRICE):
        hostile.renew(token_id)


def test_token_without_return_value_pays_and_is_paid_out(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, token=ledger.deploy("NoReturnToken"))
    world.earn()

    world.collect(world.founder)

    assert world.balance(world.founder) == PRICE


def test_false_returning_token_cannot_swallow_a_collection(hostile: World) -> None:
    hostile.earn()
    misbehave(hostile.chain, hostile.token, RETURNS_FALSE)

    with hostile.chain.reverts("TransferFailed"):
        hostile.collect(hostile.founder)
    misbehave(hostile.chain, hostile.token, HONEST)
    assert hostile.collect(hostile.founder).only("Collected")["amount"] == PRICE


def test_one_arrival_cannot_pay_two_joins(hostile: World) -> None:
    """The token calls back into a join for the attacker's second wallet while the first payment is being pulled."""
    token, membership = hostile.token, hostile.membership
    with hostile.chain.impersonated(token.address):
        hostile.fund(token.address, PRICE)
    inner = bytes(membership.join.encode_input(MONTHLY, 1, PRICE, token.address, hostile.other, 0))
    misbehave(hostile.chain, token, TOKEN_CALLS_BACK, membership.address, inner)

    hostile.join()

    assert not token.succeeded()
    assert hostile.chain.decode_error(bytes(token.answer())).name == "Reentrancy"
    assert (hostile.membership.balanceOf(hostile.other), hostile.balance(membership.address)) == (0, PRICE)


def test_nothing_is_collected_in_the_middle_of_a_payment(hostile: World) -> None:
    hostile.earn()
    collect = bytes(hostile.community.collect.encode_input(hostile.membership.address, hostile.founder))
    misbehave(hostile.chain, hostile.token, TOKEN_CALLS_BACK, hostile.community.address, collect)

    hostile.join(sender=hostile.other)

    assert not hostile.token.succeeded()
    assert hostile.chain.decode_error(bytes(hostile.token.answer())).name == "Reentrancy"
    assert hostile.balance(hostile.membership.address) == 2 * PRICE


# Every call that pulls a payment, and every one that pays out

PULLS = ("joinWith", "renew", "renewWith", "giftMany", "changeTier", "renewFor")
PAYS = ("cancel", "burn", "cancelSubscription", "claim", "withdrawFunds")


def pulled(world: World, name: str) -> tuple[Any, tuple[Any, ...], str]:
    """A call by which the member, or for the last one a keeper, lets the Membership pull one price; and who calls."""
    token_id = world.join()
    world.chain.send(world.membership.createTier, tier(), sender=world.founder)
    agree(world, token_id)
    world.chain.advance(MONTH)
    world.fund(world.member, PRICE)
    membership, payment = world.membership, (1, PRICE, world.currency)
    return {
        "joinWith": (membership.joinWith, (MONTHLY, *payment, world.other, 0, extras_of()), world.member),
        "renew": (membership.renew, (token_id, *payment), world.member),
        "renewWith": (membership.renewWith, (token_id, *payment, 0, [], NO_PERMIT), world.member),
        "giftMany": (membership.giftMany, (MONTHLY, *payment, [world.other]), world.member),
        "changeTier": (membership.changeTier, (token_id, 5, *payment, 0, []), world.member),
        "renewFor": (membership.renewFor, (token_id, 0), world.stranger),
    }[name]


def paid(world: World, name: str) -> tuple[Any, tuple[Any, ...]]:
    """A call by which the other, an inviter with funds and unearned money, is paid."""
    first = world.join(sender=world.other)
    world.chain.send(world.membership.revoke, first, sender=world.founder)
    world.renew(first, 2, sender=world.other)
    token_id = join_by(world, first)
    world.chain.advance(MONTH)
    world.settle(first, token_id)
    membership, other = world.membership, world.other
    return {
        "cancel": (membership.cancel, (first, other)),
        "burn": (membership.burn, (first, other)),
        "cancelSubscription": (membership.cancelSubscription, (first,)),
        "claim": (membership.claim, ([first], other)),
        "withdrawFunds": (membership.withdrawFunds, (other, PRICE)),
    }[name]


@pytest.mark.parametrize(
    ("mode", "error", "received"),
    [
        (RETURNS_FALSE, "TransferFromFailed", None),
        (LIES_TRUE, "TransferShort", 0),
        (TAKES_FEE, "TransferShort", PRICE - PRICE // 100),
        (GIVES_MORE, "TransferShort", PRICE + 1),
    ],
    ids=["returns false", "lies", "takes a fee", "gives more"],
)
@pytest.mark.parametrize("name", PULLS)
def test_misbehaving_token_pays_for_nothing(
    hostile: World, name: str, mode: int, error: str, received: int | None
) -> None:
    method, arguments, caller = pulled(hostile, name)
    before = hostile.tier(MONTHLY), hostile.state((MONTHLY << 24) + 1)
    misbehave(hostile.chain, hostile.token, mode)

    details = {} if received is None else {"received": received, "due": PRICE}
    with hostile.chain.reverts(error, **details):
        hostile.chain.send(method, *arguments, sender=caller)
    assert (hostile.tier(MONTHLY), hostile.state((MONTHLY << 24) + 1)) == before


@pytest.mark.parametrize("inner", ["collect", "cancel", "claim", "withdrawFunds"])
@pytest.mark.parametrize("name", PULLS)
def test_nothing_leaves_in_the_middle_of_any_payment(hostile: World, name: str, inner: str) -> None:
    """The token itself is a member, an inviter and has funds; while a payment is being pulled it asks for its money."""
    token, membership = hostile.token, hostile.membership
    own = hostile.join(sender=hostile.founder, recipient=token.address)
    hostile.chain.send(membership.revoke, own, sender=hostile.founder)
    hostile.renew(own, 3, sender=hostile.founder)
    bound = join_by(hostile, own, sender=hostile.chain.accounts[6])
    method, arguments, caller = pulled(hostile, name)
    hostile.settle(own, bound)
    inside = {
        "collect": (hostile.community.collect, (membership.address, hostile.founder)),
        "cancel": (membership.cancel, (own, token.address)),
        "claim": (membership.claim, ([own], token.address)),
        "withdrawFunds": (membership.withdrawFunds, (token.address, PRICE)),
    }[inner]
    held = hostile.balance(membership.address)
    call_back(hostile.chain, token, TOKEN_CALLS_BACK, inside[0], *inside[1])

    hostile.chain.send(method, *arguments, sender=caller)

    assert answer(hostile.chain, token) == "Reentrancy"
    assert hostile.balance(membership.address) == held + PRICE


@pytest.mark.parametrize("name", PAYS)
def test_false_returning_token_swallows_no_payout(hostile: World, name: str) -> None:
    """The call reverts, and nothing of it is written down: it can be made again when the token behaves."""
    method, arguments = paid(hostile, name)
    before = hostile.state((MONTHLY << 24) + 1), hostile.balance(hostile.membership.address)
    misbehave(hostile.chain, hostile.token, RETURNS_FALSE)

    with hostile.chain.reverts("TransferFailed"):
        hostile.chain.send(method, *arguments, sender=hostile.other)
    assert (hostile.state((MONTHLY << 24) + 1), hostile.balance(hostile.membership.address)) == before
    misbehave(hostile.chain, hostile.token, HONEST)
    hostile.chain.send(method, *arguments, sender=hostile.other)
    assert hostile.balance(hostile.other) > 0


@pytest.mark.parametrize("name", PAYS)
def test_token_without_return_value_pays_out(ledger: Chain, factory: Any, name: str) -> None:
    world = community_of(ledger, factory, token=ledger.deploy("NoReturnToken"))
    method, arguments = paid(world, name)

    ledger.send(method, *arguments, sender=world.other)

    assert world.balance(world.other) > 0


@pytest.mark.parametrize("name", PULLS)
def test_token_without_return_value_pays_for_everything(ledger: Chain, factory: Any, name: str) -> None:
    world = community_of(ledger, factory, token=ledger.deploy("NoReturnToken"))
    method, arguments, caller = pulled(world, name)
    held = world.balance(world.membership.address)

    ledger.send(method, *arguments, sender=caller)

    assert world.balance(world.membership.address) - held == PRICE


@pytest.mark.parametrize("name", PAYS)
def test_nothing_leaves_twice_in_one_payout(hostile: World, name: str) -> None:
    """While the token sends, it calls for a share of the community: guarded, since the balance is not yet less."""
    method, arguments = paid(hostile, name)
    founder = hostile.balance(hostile.founder)
    call_back(
        hostile.chain,
        hostile.token,
        TOKEN_CALLS_BACK,
        hostile.community.collect,
        hostile.membership.address,
        hostile.founder,
    )

    hostile.chain.send(method, *arguments, sender=hostile.other)

    assert answer(hostile.chain, hostile.token) == "Reentrancy"
    assert hostile.balance(hostile.founder) == founder
