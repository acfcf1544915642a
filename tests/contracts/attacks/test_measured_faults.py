"""Faults that were measured in other systems (DESIGN §3), each of which must not be here

A key for a token that returns `false`, and a token without return value: test_tokens.py.
A badge seller that claims in the block before the sale: market/test_attacks.py.
"""

from typing import Any

import pytest

from tests.factories.communities import LIFE, MONTH, MONTHLY, NOTICE, PRICE, World
from tests.factories.contracts import Chain
from tests.factories.hostile import BURNS_GAS, CALLS_BACK, REVERTS, call_back, misbehave
from tests.factories.memberships import (
    agree,
    gain,
    invited,
    join_by,
    join_with,
    ledger_of,
    prepay,
    renew_for,
    transfer,
)

SHARE = PRICE * 500 // 10_000


def test_referrer_who_is_the_buyer_is_refused(world: World) -> None:
    """By the same wallet, as payer for another, and by a badge that it bought."""
    badge = world.join(sender=world.other)
    world.chain.send(world.badges.mint, badge, sender=world.other)
    world.chain.send(world.badges.transferFrom, world.other, world.member, badge, sender=world.other)

    with world.chain.reverts("SelfReferral", badge=badge, account=world.member):
        join_by(world, badge)
    with world.chain.reverts("SelfReferral", badge=badge, account=world.member):
        join_with(world, badge=badge)


@pytest.mark.parametrize("mode", [REVERTS, BURNS_GAS])
def test_referrer_that_cannot_receive_makes_no_purchase_revert(native: World, account: Any, mode: int) -> None:
    badge = native.join(recipient=account.address)
    misbehave(native.chain, account, mode)

    token_id = join_by(native, badge)
    native.chain.advance(MONTH)
    native.renew(token_id)
    native.chain.send(native.membership.cancel, token_id, native.member, sender=native.member)

    assert native.membership.accruedOf(badge) == SHARE


def test_referrer_that_calls_back_is_never_called(native: World, account: Any) -> None:
    badge = native.join(recipient=account.address)
    call_back(native.chain, account, CALLS_BACK, native.membership.addFunds, account.address)

    token_id = join_by(native, badge)
    native.chain.advance(MONTH)
    native.renew(token_id)

    assert (account.succeeded(), bytes(account.answer())) == (False, b"")


def test_members_own_renewal_keeps_the_referrer(world: World) -> None:
    badge, token_id = invited(world)
    world.chain.advance(MONTH)
    world.renew(token_id)
    world.chain.advance(MONTH)
    world.settle(token_id)

    assert (world.state(token_id)["badge"], world.membership.accruedOf(badge)) == (badge, 2 * SHARE)


def test_sponsors_renewal_pays_the_referrer(world: World) -> None:
    badge, token_id = invited(world)
    world.chain.advance(MONTH)
    world.renew(token_id, sender=world.stranger)
    world.chain.advance(MONTH)
    world.settle(token_id)

    assert world.membership.accruedOf(badge) == 2 * SHARE


def test_transfer_overwrites_no_rewards_of_the_receiver(world: World) -> None:
    """Of its badge, of its funds, and of what its own burned membership left: all stays with the receiver."""
    receiver = world.other
    badge, token_id = invited(world)
    world.chain.advance(MONTH)
    world.settle(token_id)
    world.chain.send(world.membership.burn, badge, receiver, sender=receiver)
    before = ledger_of(world, badge)
    world.renew(token_id)

    transfer(world, token_id, world.member, receiver)

    assert ledger_of(world, badge) == before
    claim = world.membership.claim
    assert gain(world, receiver, lambda: world.chain.send(claim, [badge], receiver, sender=receiver))[0] == SHARE


def test_transfer_overwrites_no_rewards_of_the_giver(world: World) -> None:
    badge, token_id = invited(world)
    world.chain.advance(MONTH)
    world.settle(token_id)
    world.chain.send(world.badges.mint, badge, sender=world.other)
    world.renew(badge, sender=world.other)

    transfer(world, badge, world.other, world.stranger)

    claim = world.membership.claim
    assert (
        gain(world, world.other, lambda: world.chain.send(claim, [badge], world.other, sender=world.other))[0] == SHARE
    )


def test_price_rise_does_not_silently_stop_renewals(world: World) -> None:
    """For a notice keepers renew at the old price; then they do within the consent, or there is a reason to show."""
    token_id = world.join()
    agree(world, token_id, most=PRICE)
    world.chain.send(world.membership.setTierPrice, MONTHLY, 2 * PRICE, sender=world.founder)
    world.chain.advance(NOTICE - 1)
    prepay(world, PRICE)
    assert renew_for(world, token_id).only("MembershipRenewed")["amount"] == PRICE

    world.chain.advance(MONTH)
    prepay(world, 2 * PRICE)
    status = world.chain.read(world.membership.renewalStatus, token_id)
    assert (status["status"], status["price"]) == (9, 2 * PRICE)
    agree(world, token_id, most=2 * PRICE)
    assert renew_for(world, token_id).only("MembershipRenewed")["amount"] == 2 * PRICE


@pytest.mark.parametrize("price", [0, PRICE // 3, 9 * PRICE], ids=str)
def test_refund_is_not_computed_from_todays_price(world: World, price: int) -> None:
    token_id = world.join(periods=3)
    world.chain.send(world.membership.setTierPrice, MONTHLY, price, sender=world.founder)
    world.chain.advance(MONTH)
    cancel = world.membership.cancel

    got, _ = gain(world, world.member, lambda: world.chain.send(cancel, token_id, world.member, sender=world.member))

    assert got == 2 * PRICE


def test_refund_does_not_fail_since_the_money_was_withdrawn(world: World) -> None:
    tokens = [world.join(sender=account, periods=2) for account in world.chain.accounts[6:9]]
    world.chain.advance(MONTH)
    world.settle(*tokens)
    world.collect(world.founder)
    cancel = world.membership.cancel

    for account, token_id in zip(world.chain.accounts[6:9], tokens, strict=True):
        assert gain(world, account, lambda a=account, t=token_id: world.chain.send(cancel, t, a, sender=a))[0] == PRICE  # type: ignore[misc]
    assert world.balance(world.membership.address) == 0


def test_membership_for_life_can_be_refunded_while_it_is_earned(ledger: Chain, native: World) -> None:
    token_id = native.join(LIFE)
    ledger.advance(73 * 86_400)

    cancel = native.membership.cancel
    got, _ = gain(native, native.member, lambda: ledger.send(cancel, token_id, native.member, sender=native.member))

    assert got == 8 * PRICE
