"""Attacks on the money and the places of others, each played through the public face"""

from typing import Any

import pytest

from tests.factories.communities import DAY, FREE, MONTH, MONTHLY, NOTICE, PRICE, YEAR, World, community_of, factory_of
from tests.factories.contracts import NATIVE, Chain

HONEST, RETURNS_FALSE, LIES_TRUE, TAKES_FEE, GIVES_MORE, TOKEN_CALLS_BACK = range(6)
ACCEPTS, REVERTS, BURNS_GAS, CALLS_BACK = range(4)


@pytest.fixture
def hostile(ledger: Chain, factory: Any) -> World:
    """A community whose currency misbehaves as a test tells it."""
    return community_of(ledger, factory, token=ledger.deploy("HostileToken"))


@pytest.fixture
def account(ledger: Chain) -> Any:
    """A contract that reacts to what it is sent as a test tells it."""
    return ledger.deploy("HostileAccount")


def misbehave(world: World, contract: Any, mode: int, target: str = NATIVE, payload: bytes = b"") -> None:
    world.chain.send(contract.misbehave, mode, target, payload, sender=world.stranger)


def earn(world: World) -> int:
    token_id = world.join()
    world.chain.advance(MONTH)
    world.settle(token_id)
    return token_id


# Tokens


def test_false_returning_token_buys_nothing(hostile: World) -> None:
    misbehave(hostile, hostile.token, RETURNS_FALSE)

    with hostile.chain.reverts("TransferFromFailed"):
        hostile.join()


def test_lying_token_buys_nothing(hostile: World) -> None:
    misbehave(hostile, hostile.token, LIES_TRUE)

    with hostile.chain.reverts("TransferShort", received=0, due=PRICE):
        hostile.join()


def test_token_with_a_fee_is_refused(hostile: World) -> None:
    misbehave(hostile, hostile.token, TAKES_FEE)

    with hostile.chain.reverts("TransferShort", received=PRICE - PRICE // 100, due=PRICE):
        hostile.join()


def test_token_that_gives_more_is_refused(hostile: World) -> None:
    misbehave(hostile, hostile.token, GIVES_MORE)

    with hostile.chain.reverts("TransferShort", received=PRICE + 1, due=PRICE):
        hostile.join()


def test_misbehaving_token_cannot_renew(hostile: World) -> None:
    token_id = hostile.join()
    misbehave(hostile, hostile.token, LIES_TRUE)

    with hostile.chain.reverts("TransferShort", received=0, due=PRICE):
        hostile.renew(token_id)


def test_token_without_return_value_pays_and_is_paid_out(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, token=ledger.deploy("NoReturnToken"))
    earn(world)

    world.collect(world.founder)

    assert world.balance(world.founder) == PRICE


def test_false_returning_token_cannot_swallow_a_collection(hostile: World) -> None:
    earn(hostile)
    misbehave(hostile, hostile.token, RETURNS_FALSE)

    with hostile.chain.reverts("TransferFailed"):
        hostile.collect(hostile.founder)
    misbehave(hostile, hostile.token, HONEST)
    assert hostile.collect(hostile.founder).only("Collected")["amount"] == PRICE


def test_one_arrival_cannot_pay_two_joins(hostile: World) -> None:
    """The token calls back into a join for the attacker's second wallet while the first payment is being pulled."""
    token, membership = hostile.token, hostile.membership
    with hostile.chain.impersonated(token.address):
        hostile.fund(token.address, PRICE)
    inner = bytes(membership.join.encode_input(MONTHLY, 1, PRICE, token.address, hostile.other, 0))
    misbehave(hostile, token, TOKEN_CALLS_BACK, membership.address, inner)

    hostile.join()

    assert not token.succeeded()
    assert hostile.chain.decode_error(bytes(token.answer())).name == "Reentrancy"
    assert (hostile.membership.balanceOf(hostile.other), hostile.balance(membership.address)) == (0, PRICE)


def test_nothing_is_collected_in_the_middle_of_a_payment(hostile: World) -> None:
    earn(hostile)
    collect = bytes(hostile.community.collect.encode_input(hostile.membership.address, hostile.founder))
    misbehave(hostile, hostile.token, TOKEN_CALLS_BACK, hostile.community.address, collect)

    hostile.join(sender=hostile.other)

    assert not hostile.token.succeeded()
    assert hostile.chain.decode_error(bytes(hostile.token.answer())).name == "Reentrancy"
    assert hostile.balance(hostile.membership.address) == 2 * PRICE


# Recipients


@pytest.mark.parametrize("mode", [REVERTS, BURNS_GAS])
def test_recipient_that_refuses_blocks_nobody_else(native: World, factory: Any, account: Any, mode: int) -> None:
    world = community_of(native.chain, factory, operator=account.address, operatorBps=500)
    earn(world)
    misbehave(world, account, mode)

    with world.chain.reverts("ETHTransferFailed"):
        world.collect(account.address)
    assert world.collect(world.founder).only("Collected")["amount"] == PRICE * 95 // 100
    misbehave(world, account, ACCEPTS)
    assert world.collect(account.address).only("Collected")["amount"] == PRICE // 20


def test_recipient_that_reenters_is_paid_once(native: World, factory: Any, account: Any) -> None:
    world = community_of(native.chain, factory, operator=account.address, operatorBps=500)
    earn(world)
    again = bytes(world.community.collect.encode_input(world.membership.address, account.address))
    misbehave(world, account, CALLS_BACK, world.community.address, again)

    world.collect(account.address)

    assert not account.succeeded()
    assert world.chain.decode_error(bytes(account.answer())).name == "Reentrancy"
    assert world.balance(account.address) == PRICE // 20


def test_recipient_that_reenters_for_the_owner_changes_no_sum(native: World, factory: Any, account: Any) -> None:
    world = community_of(native.chain, factory, operator=account.address, operatorBps=500)
    earn(world)
    before = world.balance(world.founder)
    other = bytes(world.community.collect.encode_input(world.membership.address, world.founder))
    misbehave(world, account, CALLS_BACK, world.community.address, other)

    world.collect(account.address)

    assert not account.succeeded()
    world.collect(world.founder)
    assert (world.balance(account.address), world.balance(world.founder) - before) == (PRICE // 20, PRICE * 95 // 100)


def test_contract_that_receives_a_membership_gets_no_call_at_join(native: World, account: Any) -> None:
    misbehave(native, account, REVERTS)

    token_id = native.join(recipient=account.address)

    assert native.membership.ownerOf(token_id) == account.address


def test_receiver_that_reenters_can_only_move_what_it_holds(native: World, account: Any) -> None:
    token_id = native.join()
    onwards = bytes(native.membership.transferFrom.encode_input(account.address, native.other, token_id))
    misbehave(native, account, CALLS_BACK, native.membership.address, onwards)

    native.chain.send(
        native.membership.safeTransferFrom, native.member, account.address, token_id, b"", sender=native.member
    )

    assert native.membership.ownerOf(token_id) == native.other
    assert native.state(token_id)["transferCount"] == 2
    assert native.state(token_id)["unearned"] == PRICE


# Prices and places


def test_founder_cannot_raise_the_price_under_a_waiting_payment(native: World) -> None:
    native.chain.send(native.membership.setTierPrice, MONTHLY, 2 * PRICE, sender=native.founder)

    with native.chain.reverts("PriceMismatch", expected=PRICE, price=2 * PRICE):
        native.chain.send(
            native.membership.join, MONTHLY, 1, PRICE, NATIVE, native.member, 0, sender=native.member, value=PRICE
        )


def test_pause_is_no_price_rise(native: World) -> None:
    """A founder pauses the tier and raises its price: members go on renewing at the old one through the notice."""
    token_id = native.join()
    native.chain.send(native.membership.setTierPaused, MONTHLY, True, sender=native.founder)
    native.chain.send(native.membership.setTierPrice, MONTHLY, 100 * PRICE, sender=native.founder)
    native.chain.advance(NOTICE - 1)

    assert native.renew(token_id).only("MembershipRenewed")["amount"] == PRICE


def test_pause_beside_retirement_keeps_the_notice(native: World) -> None:
    token_id = native.join()
    native.chain.send(native.membership.setTierPaused, MONTHLY, True, sender=native.founder)
    native.chain.send(native.membership.retireTier, MONTHLY, native.chain.now + NOTICE, sender=native.founder)
    native.chain.advance(NOTICE - 1)

    assert native.renew(token_id).only("MembershipRenewed")["amount"] == PRICE


def test_old_price_cannot_be_stockpiled_for_decades(native: World) -> None:
    """The announced rise is years away from nobody: paid time ends two years ahead, by join and renewals together."""
    token_id = native.join(periods=12)
    native.chain.send(native.membership.setTierPrice, MONTHLY, 2 * PRICE, sender=native.founder)
    native.renew(token_id, 12)
    now = native.chain.now

    with native.chain.reverts("PaidTooFarAhead", expiresAt=now + 25 * MONTH, limit=now + 2 * YEAR):
        native.renew(token_id)


def test_free_membership_cannot_be_forced_on_a_wallet_to_block_its_join(native: World) -> None:
    """One membership per wallet: whoever fills the place of another would keep it out."""
    with native.chain.reverts("GiftNotPaid", tierId=FREE):
        native.send_join(FREE, sender=native.stranger, recipient=native.member)


def test_free_renewals_by_a_stranger_do_not_put_off_what_was_paid(native: World) -> None:
    """The price falls to nothing: free periods that anybody can add must not stretch the earning of earlier money."""
    token_id = native.join()
    native.chain.send(native.membership.setTierPrice, MONTHLY, 0, sender=native.founder)
    earned_at = native.state(token_id)["earnedAt"]

    native.renew(token_id, 20, sender=native.stranger)

    assert native.state(token_id)["earnedAt"] == earned_at
    native.chain.advance(MONTH)
    native.settle(token_id)
    assert native.earned() == PRICE


def test_stranger_can_neither_shorten_nor_empty_a_membership(native: World) -> None:
    token_id = native.join()
    native.chain.advance(3 * DAY)
    expires_at, unearned = native.state(token_id)["expiresAt"], int(native.membership.unearnedOf(token_id))

    native.settle(token_id)
    native.renew(token_id, sender=native.stranger)

    assert native.state(token_id)["expiresAt"] == expires_at + MONTH
    assert native.membership.unearnedOf(token_id) == unearned + PRICE


# Parents


def test_fake_parent_is_refused(native: World, factory: Any, account: Any) -> None:
    """A contract that only looks like a community, and a clone of another factory."""
    foreign = community_of(native.chain, factory_of(native.chain))
    token_id = foreign.join()

    for parent in (account.address, foreign.community.address):
        with native.chain.reverts("ParentUnknown", parent=parent):
            community_of(
                native.chain, factory, sender=native.member, parent=parent, parentMembership=token_id, parentBps=1000
            )


def test_worthless_token_cannot_disturb_the_community(native: World, factory: Any) -> None:
    """Anybody may send a community any token and have it divided; while it is sent it calls for a share twice."""
    world = community_of(native.chain, factory, operator=native.operator, operatorBps=500)
    earn(world)
    bad = native.chain.deploy("HostileToken")
    native.chain.send(bad.mint, world.community.address, 1000, sender=world.stranger)
    collect = bytes(world.community.collect.encode_input(bad.address, world.operator))
    misbehave(world, bad, TOKEN_CALLS_BACK, world.community.address, collect)

    world.collect(world.founder, bad.address)

    assert not bad.succeeded()
    assert (bad.balanceOf(world.founder), bad.balanceOf(world.community.address)) == (950, 50)
    assert world.community.dueOf(world.membership.address, world.founder) == PRICE * 95 // 100
