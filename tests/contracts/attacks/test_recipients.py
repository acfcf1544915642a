"""Recipients that revert, burn gas or re-enter, on everything that moves money (I12)"""

from typing import Any

import pytest

from tests.factories.communities import MONTH, MONTHLY, PRICE, World, community_of
from tests.factories.contracts import NATIVE, Reverted
from tests.factories.hostile import ACCEPTS, BURNS_GAS, CALLS_BACK, REVERTS, act, call_back, misbehave
from tests.factories.memberships import agree, attempt, join_by, prepay


@pytest.mark.parametrize("mode", [REVERTS, BURNS_GAS])
def test_recipient_that_refuses_blocks_nobody_else(native: World, factory: Any, account: Any, mode: int) -> None:
    world = community_of(native.chain, factory, operator=account.address, operatorBps=500)
    world.earn()
    misbehave(world.chain, account, mode)

    with world.chain.reverts("ETHTransferFailed"):
        world.collect(account.address)
    assert world.collect(world.founder).only("Collected")["amount"] == PRICE * 95 // 100
    misbehave(world.chain, account, ACCEPTS)
    assert world.collect(account.address).only("Collected")["amount"] == PRICE // 20


def test_recipient_that_reenters_is_paid_once(native: World, factory: Any, account: Any) -> None:
    world = community_of(native.chain, factory, operator=account.address, operatorBps=500)
    world.earn()
    again = bytes(world.community.collect.encode_input(world.membership.address, account.address))
    misbehave(world.chain, account, CALLS_BACK, world.community.address, again)

    world.collect(account.address)

    assert not account.succeeded()
    assert world.chain.decode_error(bytes(account.answer())).name == "Reentrancy"
    assert world.balance(account.address) == PRICE // 20


def test_recipient_that_reenters_for_the_owner_changes_no_sum(native: World, factory: Any, account: Any) -> None:
    world = community_of(native.chain, factory, operator=account.address, operatorBps=500)
    world.earn()
    before = world.balance(world.founder)
    other = bytes(world.community.collect.encode_input(world.membership.address, world.founder))
    misbehave(world.chain, account, CALLS_BACK, world.community.address, other)

    world.collect(account.address)

    assert not account.succeeded()
    world.collect(world.founder)
    assert (world.balance(account.address), world.balance(world.founder) - before) == (PRICE // 20, PRICE * 95 // 100)


def test_contract_that_receives_a_membership_gets_no_call_at_join(native: World, account: Any) -> None:
    misbehave(native.chain, account, REVERTS)

    token_id = native.join(recipient=account.address)

    assert native.membership.ownerOf(token_id) == account.address


def test_receiver_that_reenters_can_only_move_what_it_holds(native: World, account: Any) -> None:
    token_id = native.join()
    onwards = bytes(native.membership.transferFrom.encode_input(account.address, native.other, token_id))
    misbehave(native.chain, account, CALLS_BACK, native.membership.address, onwards)

    native.chain.send(
        native.membership.safeTransferFrom, native.member, account.address, token_id, b"", sender=native.member
    )

    assert native.membership.ownerOf(token_id) == native.other
    assert native.state(token_id)["transferCount"] == 2
    assert native.state(token_id)["unearned"] == PRICE


# Everything that sends coins: the recipient is a member, an inviter and a keeper

WITHDRAWN, REFUND = PRICE // 7, PRICE
PAYOUTS = ("cancel", "burn", "cancelSubscription", "claim", "withdrawFunds")


@pytest.fixture
def member(native: World, account: Any) -> tuple[World, int]:
    """The account holds a membership that was paid and is unearned, whose badge has earned, and has funds."""
    badge = native.join(recipient=account.address)
    token_id = join_by(native, badge)
    native.chain.advance(MONTH)
    native.settle(badge, token_id)
    native.renew(badge, sender=native.stranger)
    prepay(native, WITHDRAWN, account.address)
    return native, badge


def payout(world: World, badge: int, name: str, account: Any) -> tuple[Any, ...]:
    """The method and its arguments, and what it pays, by which the account is paid."""
    to, share = account.address, PRICE * 500 // 10_000
    return {
        "cancel": (world.membership.cancel, (badge, to), REFUND),
        "burn": (world.membership.burn, (badge, to), REFUND),
        "cancelSubscription": (world.membership.cancelSubscription, (badge,), REFUND),
        "claim": (world.membership.claim, ([badge], to), share),
        "withdrawFunds": (world.membership.withdrawFunds, (to, WITHDRAWN), WITHDRAWN),
    }[name]


def owed(world: World, *accounts: str) -> int:
    """All that the Membership owes, by I1, to members of the monthly tier, badges, these accounts and the community."""
    tokens = [token_id for token_id in range((1 << 24) + 1, (1 << 24) + 5) if exists(world, token_id)]
    unearned = sum(int(world.state(token_id)["unearned"]) for token_id in tokens)
    badges = sum(int(world.membership.accruedOf(badge)) for badge in range((1 << 24) + 1, (1 << 24) + 5))
    earned = world.chain.read(world.membership.earnings)
    funds = sum(int(world.membership.fundsOf(account)) for account in accounts)
    return unearned + badges + int(earned["earnedTotal"] - earned["withdrawnTotal"]) + funds


def exists(world: World, token_id: int) -> bool:
    return not isinstance(
        attempt(lambda: world.chain.send(world.membership.stateOf, token_id, sender=world.stranger)), Reverted
    )


@pytest.mark.parametrize("mode", [REVERTS, BURNS_GAS])
@pytest.mark.parametrize("name", PAYOUTS)
def test_account_that_refuses_coins_loses_nothing_and_blocks_nobody(
    member: tuple[World, int], account: Any, name: str, mode: int
) -> None:
    world, badge = member
    method, arguments, due = payout(world, badge, name, account)
    before = world.state(badge), owed(world, account.address)
    misbehave(world.chain, account, mode)

    with pytest.raises(Reverted) as caught:
        act(world.chain, account, method, *arguments)
    assert caught.value.name == "ExecutionFailed"
    assert world.chain.decode_error(caught.value.arguments["reason"]).name == "ETHTransferFailed"
    assert (world.state(badge), owed(world, account.address)) == before

    other = world.join(sender=world.other)
    world.chain.send(world.membership.cancel, other, world.other, sender=world.other)
    world.collect(world.founder)
    misbehave(world.chain, account, ACCEPTS)
    act(world.chain, account, method, *arguments)
    assert world.balance(account.address) == due


@pytest.mark.parametrize("name", ["cancel", "burn", "claim", "withdrawFunds"])
def test_account_that_refuses_coins_can_have_them_sent_elsewhere(
    member: tuple[World, int], account: Any, name: str
) -> None:
    world, badge = member
    method, arguments, due = payout(world, badge, name, account)
    elsewhere = tuple(world.other if value == account.address else value for value in arguments)
    misbehave(world.chain, account, REVERTS)
    before = world.balance(world.other)

    act(world.chain, account, method, *elsewhere)

    assert world.balance(world.other) - before == due


@pytest.mark.parametrize("inner", [*PAYOUTS, "renew", "transfer", "join", "collect", "addFunds"])
@pytest.mark.parametrize("outer", PAYOUTS)
def test_account_that_reenters_is_paid_what_it_is_owed_once(
    member: tuple[World, int], account: Any, outer: str, inner: str
) -> None:
    """While it is paid it calls again, for the same or anything else: what it gets was its own."""
    world, badge = member
    membership, to = world.membership, account.address
    method, arguments, due = payout(world, badge, outer, account)
    if inner in PAYOUTS:
        again, with_what, more = payout(world, badge, inner, account)
    else:
        more = 0
        again, with_what = {
            "renew": (membership.renew, (badge, 1, 0, NATIVE)),
            "transfer": (membership.transferFrom, (to, world.other, badge)),
            "join": (membership.join, (MONTHLY, 1, 0, NATIVE, to, 0)),
            "collect": (world.community.collect, (membership.address, world.founder)),
            "addFunds": (membership.addFunds, (to,)),
        }[inner]
    founder = world.balance(world.founder)
    call_back(world.chain, account, CALLS_BACK, again, *with_what)

    act(world.chain, account, method, *arguments)

    refunds = {"cancel", "burn", "cancelSubscription"}
    both = 0 if inner == outer or {inner, outer} <= refunds else more
    called = bool(account.succeeded())
    assert world.balance(to) == due + both * called
    assert world.balance(world.founder) - founder == (2 * PRICE - PRICE // 20) * called * (inner == "collect")
    assert world.balance(membership.address) == owed(world, to)


def test_sweep_to_an_account_that_refuses_blocks_nobody(tokened: World, account: Any) -> None:
    tokened.chain.rpc("anvil_setBalance", tokened.membership.address, hex(PRICE))
    misbehave(tokened.chain, account, REVERTS)

    with tokened.chain.reverts("ETHTransferFailed"):
        tokened.chain.send(tokened.membership.sweep, NATIVE, account.address, sender=tokened.founder)
    assert tokened.chain.send(tokened.membership.sweep, NATIVE, tokened.founder, sender=tokened.founder).only("Swept")


def test_refusing_inviter_stops_no_payment_of_its_members(native: World, account: Any) -> None:
    """Nothing is pushed to a badge: it could not even tell that it earns."""
    badge = native.join(recipient=account.address)
    misbehave(native.chain, account, REVERTS)

    token_id = join_by(native, badge)
    native.chain.advance(MONTH)
    native.renew(token_id)

    assert native.membership.accruedOf(badge) == PRICE * 500 // 10_000


def test_refusing_member_stops_no_revocation(native: World, account: Any) -> None:
    token_id = native.join(recipient=account.address)
    misbehave(native.chain, account, REVERTS)

    native.chain.send(native.membership.revoke, token_id, sender=native.founder)

    assert native.membership.fundsOf(account.address) == PRICE


def test_refusing_keeper_stops_no_renewal(native: World, account: Any) -> None:
    token_id = native.join()
    agree(native, token_id)
    prepay(native, PRICE)
    native.chain.advance(MONTH)
    misbehave(native.chain, account, REVERTS)

    act(native.chain, account, native.membership.renewFor, token_id, PRICE // 50)

    assert native.membership.fundsOf(account.address) == PRICE // 50
