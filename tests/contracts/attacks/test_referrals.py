"""Attacks on who earns by whom: binding squat, frozen renewals, shed referrers (E4, E14)"""

from typing import Any

import pytest

from tests.factories.communities import DAY, LIFE, MONTH, MONTHLY, PRICE, World, community_of, tier
from tests.factories.contracts import Chain
from tests.factories.memberships import (
    NEVER,
    agree,
    change_tier,
    gain,
    gift,
    invited,
    join_by,
    join_with,
    ledger_of,
    pay,
    prepay,
    renew_for,
    renew_with,
    sign,
    transfer,
)

SHARE = PRICE * 500 // 10_000


def give_badge(world: World, badge: int, to: str) -> None:
    """The inviter mints its badge and gives it away."""
    world.chain.send(world.badges.mint, badge, sender=world.other)
    world.chain.send(world.badges.transferFrom, world.other, to, badge, sender=world.other)


# Binding squat: prospects are given a cheap period that binds them to the attacker's badge


def test_binding_squat_by_a_gift_is_refused(world: World) -> None:
    attacker, victim = world.other, world.member
    badge = world.join(sender=attacker)
    arguments = (MONTHLY, 1, PRICE, world.currency, victim, badge)

    with world.chain.reverts("BadgeNotChosen", badge=badge, recipient=victim):
        pay(world, world.membership.join, *arguments, amount=PRICE, sender=attacker)
    with world.chain.reverts("BadgeNotChosen", badge=badge, recipient=victim):
        join_with(world, sender=attacker, recipient=victim, badge=badge)


def test_binding_squat_by_a_signature_of_the_attacker_is_refused(native: World) -> None:
    badge = native.join(sender=native.other)
    signature = sign(native, native.other, "Binding", native.member, MONTHLY, badge, NEVER)

    with native.chain.reverts("SignatureInvalid", account=native.member):
        join_with(native, sender=native.other, recipient=native.member, badge=badge, binding=(NEVER, signature))


def test_gift_of_a_squatter_leaves_its_victim_free(world: World) -> None:
    """The gift binds to nothing; the victim's own first payment goes to whoever really invited it."""
    world.join(sender=world.other)
    inviter = world.join(sender=world.founder)
    token_id = world.join(sender=world.other, recipient=world.member)

    state = renew_with(world, token_id, badge=inviter).only("MembershipRenewed")["state"]

    assert state["badge"] == inviter


def test_squatter_cannot_use_up_its_victims_choice_by_paying_again(native: World) -> None:
    inviter = native.join(sender=native.founder)
    token_id = native.join(sender=native.other, recipient=native.member)
    for _ in range(3):
        native.renew(token_id, sender=native.other)

    assert renew_with(native, token_id, badge=inviter).only("MembershipRenewed")["state"]["badge"] == inviter


def test_squatter_that_transfers_a_bound_membership_binds_nobody_for_good(native: World) -> None:
    """No consent is asked for a transfer: the victim burns what it got, is paid for it, and joins as it likes."""
    badge, token_id = invited(native, sender=native.stranger)
    inviter = native.join(sender=native.founder)
    transfer(native, token_id, native.stranger, native.member)

    burn = native.membership.burn
    got, receipt = gain(
        native, native.member, lambda: native.chain.send(burn, token_id, native.member, sender=native.member)
    )

    assert (got, receipt.only("MembershipBurned")["badge"]) == (PRICE, 0)
    assert native.state(join_by(native, inviter))["badge"] == inviter != badge


def test_squatter_gains_no_invitees_discount_by_gifts(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(inviteeDiscountBps=2_000)])
    badge = world.join(sender=world.other)

    with ledger.reverts("BadgeNotChosen", badge=badge, recipient=world.member):
        join_with(world, sender=world.other, recipient=world.member, badge=badge, price=PRICE * 4 // 5)
    with ledger.reverts("PriceMismatch", expected=PRICE * 4 // 5, price=PRICE):
        join_with(world, sender=world.other, recipient=world.member, price=PRICE * 4 // 5)


# A badge is given to its own bound member, or to whom it may freeze


@pytest.mark.parametrize("owner", ["member", "stranger", "founder", "community", "membership", "badges"])
def test_badge_that_moves_freezes_no_renewal(world: World, owner: str) -> None:
    """Self-referral is refused at the join only: afterwards nobody asks who owns the badge."""
    badge, token_id = invited(world, periods=2)
    agree(world, token_id)
    found = getattr(world, owner)
    give_badge(world, badge, found if isinstance(found, str) else found.address)
    world.chain.advance(MONTH)

    world.settle(token_id)
    world.renew(token_id)
    world.renew(token_id, sender=world.stranger)
    world.chain.set_time(world.state(token_id)["expiresAt"])
    prepay(world, PRICE)
    renew_for(world, token_id)
    change_tier(world, token_id, LIFE, 1, amount=10 * PRICE - world.state(token_id)["unearned"])
    cancel = world.membership.cancel
    got, _ = gain(world, world.member, lambda: world.chain.send(cancel, token_id, world.member, sender=world.member))

    assert got == 10 * PRICE
    assert world.membership.accruedOf(badge) == 4 * SHARE


def test_member_that_was_given_its_own_badge_earns_by_itself_from_then_on(native: World) -> None:
    """It bought or got an income: its own payments are part of it."""
    badge, token_id = invited(native)
    give_badge(native, badge, native.member)
    native.chain.advance(MONTH)
    native.settle(token_id)
    claim = native.membership.claim

    got, _ = gain(native, native.member, lambda: native.chain.send(claim, [badge], native.member, sender=native.member))

    assert got == SHARE


def test_unminted_badge_of_a_burned_membership_freezes_nothing(native: World) -> None:
    badge, token_id = invited(native)
    native.chain.send(native.membership.burn, badge, native.other, sender=native.other)
    native.chain.advance(MONTH)

    assert native.renew(token_id).only("MembershipRenewed")["state"]["badge"] == badge


# Shedding the referrer


def by_cancelling(world: World, token_id: int) -> int:
    world.chain.send(world.membership.cancel, token_id, world.member, sender=world.member)
    world.renew(token_id)
    return token_id


def by_cancelling_and_coming_back_late(world: World, token_id: int) -> int:
    world.chain.send(world.membership.cancel, token_id, world.member, sender=world.member)
    world.chain.advance(6 * MONTH)
    world.renew(token_id)
    return token_id


def by_burning(world: World, token_id: int) -> int:
    world.chain.send(world.membership.burn, token_id, world.member, sender=world.member)
    return world.join()


def by_burning_and_naming_a_friend(world: World, token_id: int) -> int:
    world.chain.send(world.membership.burn, token_id, world.member, sender=world.member)
    return join_by(world, world.join(sender=world.founder))


def by_burning_and_being_given_another(world: World, token_id: int) -> int:
    world.chain.send(world.membership.burn, token_id, world.member, sender=world.member)
    token_id = gift(world)
    world.renew(token_id)
    return token_id


def by_burning_through_a_free_tier(world: World, token_id: int) -> int:
    for _ in range(2):
        world.chain.send(world.membership.burn, token_id, world.member, sender=world.member)
        token_id = world.join(2)
    change_tier(world, token_id, MONTHLY, 1, amount=PRICE)
    return token_id


def by_expiring(world: World, token_id: int) -> int:
    world.chain.advance(10 * MONTH)
    world.renew(token_id)
    return token_id


def by_changing_its_tier(world: World, token_id: int) -> int:
    change_tier(world, token_id, LIFE, 1, amount=9 * PRICE)
    return token_id


def by_moving_away_and_back(world: World, token_id: int) -> int:
    transfer(world, token_id, world.member, world.stranger)
    transfer(world, token_id, world.stranger, world.member)
    return token_id


def by_a_new_wallet(world: World, token_id: int) -> int:
    fields = (token_id, world.member, world.stranger, 0, NEVER)
    signature = sign(world, world.stranger, "WalletChange", *fields)
    world.chain.send(
        world.membership.changeWallet, token_id, world.stranger, NEVER, b"", signature, sender=world.member
    )
    return token_id


def by_being_revoked(world: World, token_id: int) -> int:
    world.chain.send(world.membership.revoke, token_id, sender=world.founder)
    world.renew(token_id)
    return token_id


def by_a_grant(world: World, token_id: int) -> int:
    world.chain.send(world.membership.grant, [(world.member, MONTHLY, DAY, token_id)], sender=world.founder)
    return token_id


def by_a_sponsor(world: World, token_id: int) -> int:
    world.renew(token_id, sender=world.stranger)
    return token_id


def by_losing_its_seat(world: World, token_id: int) -> int:
    world.chain.advance(3 * MONTH)
    world.chain.send(world.membership.releaseSeat, token_id, sender=world.stranger)
    world.renew(token_id)
    return token_id


WAYS = [
    by_cancelling,
    by_cancelling_and_coming_back_late,
    by_burning,
    by_burning_and_naming_a_friend,
    by_burning_and_being_given_another,
    by_burning_through_a_free_tier,
    by_expiring,
    by_changing_its_tier,
    by_moving_away_and_back,
    by_a_new_wallet,
    by_being_revoked,
    by_a_grant,
    by_a_sponsor,
    by_losing_its_seat,
]


@pytest.mark.parametrize("way", WAYS, ids=[way.__name__ for way in WAYS])
def test_member_cannot_shed_its_referrer(native: World, way: Any) -> None:
    """I7: whatever it does with its wallet, its payments go on earning for the badge that it chose."""
    badge, token_id = invited(native)

    token_id = way(native, token_id)

    assert native.state(token_id)["badge"] == badge
    before = ledger_of(native, badge)["income"]
    if native.state(token_id)["tierId"] != LIFE:
        native.renew(token_id, sender=native.founder)
    native.chain.set_time(max(native.chain.now, native.state(token_id)["earnedAt"]))
    native.settle(token_id)
    assert ledger_of(native, badge)["income"] - before >= SHARE


def test_member_cannot_replace_its_referrer_by_a_renewal(native: World) -> None:
    badge, token_id = invited(native)
    other = native.join(sender=native.founder)

    with native.chain.reverts("BadgeAlreadyBound", tokenId=token_id, badge=badge):
        renew_with(native, token_id, badge=other)


def test_approved_friend_cannot_burn_or_change_for_the_member(native: World) -> None:
    """An approval moves a membership; what ends or changes it is the holder's alone."""
    _, token_id = invited(native)
    native.chain.send(native.membership.setApprovalForAll, native.stranger, True, sender=native.member)

    for method, arguments in (
        (native.membership.burn, (token_id, native.stranger)),
        (native.membership.cancel, (token_id, native.stranger)),
        (native.membership.changeTier, (token_id, LIFE, 1, 10 * PRICE, native.currency, 0, [])),
    ):
        with native.chain.reverts("NotHolder", tokenId=token_id, caller=native.stranger):
            native.chain.send(method, *arguments, sender=native.stranger)


# A referrer who is the buyer


def test_buyer_cannot_refer_itself(world: World) -> None:
    badge = world.join(sender=world.other)
    give_badge(world, badge, world.member)

    with world.chain.reverts("SelfReferral", badge=badge, account=world.member):
        join_by(world, badge)


def test_payer_cannot_refer_the_recipient_by_its_own_badge(native: World) -> None:
    """Also when the recipient signed for it: who pays must not earn by it."""
    badge = native.join(sender=native.other)
    signature = sign(native, native.member, "Binding", native.member, MONTHLY, badge, NEVER)

    with native.chain.reverts("SelfReferral", badge=badge, account=native.other):
        join_with(native, sender=native.other, recipient=native.member, badge=badge, binding=(NEVER, signature))


def test_recipient_cannot_be_referred_by_its_own_badge(native: World) -> None:
    """It bought the badge, and signs for it; somebody else pays."""
    badge = native.join(sender=native.other)
    give_badge(native, badge, native.member)
    signature = sign(native, native.member, "Binding", native.member, MONTHLY, badge, NEVER)

    with native.chain.reverts("SelfReferral", badge=badge, account=native.member):
        join_with(native, sender=native.stranger, recipient=native.member, badge=badge, binding=(NEVER, signature))


def test_buyer_cannot_lend_its_badge_for_the_join_and_profit_twice(native: World) -> None:
    """A friend holds the badge during the join: a second wallet. It earns the badge's share, and nothing more."""
    badge = native.join(sender=native.other)
    give_badge(native, badge, native.stranger)
    native.chain.send(native.membership.burn, badge, native.other, sender=native.other)
    token_id = join_by(native, badge, sender=native.other)
    native.chain.send(native.badges.transferFrom, native.stranger, native.other, badge, sender=native.stranger)
    native.chain.advance(MONTH)
    native.settle(token_id)

    assert native.membership.accruedOf(badge) == SHARE
    assert native.earned() == PRICE - SHARE


def test_one_wallet_cannot_be_two_members(native: World) -> None:
    invited(native)

    with native.chain.reverts("AlreadyMember", account=native.member):
        pay(native, native.membership.join, MONTHLY, 1, PRICE, native.currency, native.member, 0, amount=PRICE)
