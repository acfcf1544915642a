"""The for-life rug, refunds at another price, money that is gone, seats held for nothing (E2, E3)"""

from typing import Any

import pytest

from tests.factories.communities import (
    DAY,
    FOR_LIFE,
    LIFE,
    MONTH,
    MONTHLY,
    NOTICE,
    PRICE,
    YEAR,
    World,
    community_of,
    tier,
)
from tests.factories.contracts import Chain
from tests.factories.memberships import (
    SEAT_GRACE,
    attempt,
    change_tier,
    earned_of,
    gain,
    gift,
    invited,
    join_by,
    join_with,
    transfer,
)


def cancel(world: World, token_id: int, account: str) -> int:
    """The refund."""
    method = world.membership.cancel
    return gain(world, account, lambda: world.chain.send(method, token_id, account, sender=account))[0]


# For-life rug: sold for good, earned, revoked, sold again


def test_founder_cannot_revoke_what_was_sold_for_life_and_is_earned(world: World) -> None:
    token_id = world.join(LIFE)
    world.chain.advance(YEAR)
    world.settle(token_id)
    world.collect(world.founder)

    with world.chain.reverts("MembershipEarned", tokenId=token_id):
        world.chain.send(world.membership.revoke, token_id, sender=world.founder)
    world.chain.advance(50 * YEAR)
    assert world.membership.isValid(token_id)


def test_founder_that_revokes_for_life_early_pays_back_what_is_unearned(world: World) -> None:
    token_id = world.join(LIFE)
    world.chain.advance(YEAR // 4)

    world.chain.send(world.membership.revoke, token_id, sender=world.founder)

    assert world.membership.fundsOf(world.member) == 10 * PRICE * 3 // 4


@pytest.mark.parametrize("act", ["pause", "retire", "price", "access", "label"])
def test_founder_cannot_end_a_membership_for_life_by_other_means(native: World, act: str) -> None:
    token_id = native.join(LIFE)
    before = native.state(token_id)
    method, *arguments = {
        "pause": (native.membership.setTierPaused, LIFE, True),
        "retire": (native.membership.retireTier, LIFE, native.chain.now + NOTICE),
        "price": (native.membership.setTierPrice, LIFE, 1_000 * PRICE),
        "access": (native.membership.setTierAccess, LIFE, True, b"\1" * 32, 0),
        "label": (native.membership.setTierLabel, LIFE, b"Ended".ljust(32, b"\0")),
    }[act]

    native.chain.send(method, *arguments, sender=native.founder)
    native.chain.advance(10 * YEAR)

    assert native.membership.isValid(token_id)
    assert native.state(token_id) == before


def test_nobody_prolongs_the_earning_of_a_membership_for_life(native: World) -> None:
    """Then it could be revoked for longer: no payment, grant or change by another reaches it."""
    token_id = native.join(LIFE)
    earned_at = native.state(token_id)["earnedAt"]
    limit = native.chain.now + 2 * YEAR

    with native.chain.reverts("PaidTooFarAhead", expiresAt=FOR_LIFE, limit=limit):
        native.chain.send(native.membership.grant, [(native.member, LIFE, DAY, token_id)], sender=native.founder)
    with native.chain.reverts("PaidTooFarAhead", expiresAt=FOR_LIFE, limit=limit):
        native.renew(token_id, sender=native.founder)
    assert native.state(token_id)["earnedAt"] == earned_at


# Refunds at another price than was paid


@pytest.mark.parametrize("now", [0, 1, PRICE // 2, 100 * PRICE], ids=str)
def test_refund_is_of_what_was_paid_whatever_the_price_is_now(world: World, now: int) -> None:
    token_id = world.join(periods=2)
    world.chain.send(world.membership.setTierPrice, MONTHLY, now, sender=world.founder)
    world.chain.advance(MONTH)

    assert cancel(world, token_id, world.member) == PRICE


def test_refund_of_a_cheap_month_after_a_dear_one(native: World) -> None:
    token_id = native.join()
    native.chain.send(native.membership.setTierPrice, MONTHLY, PRICE // 10, sender=native.founder)
    native.renew(token_id)

    assert cancel(native, token_id, native.member) == PRICE + PRICE // 10


def test_member_cannot_profit_from_joining_low_and_cancelling_high(native: World) -> None:
    native.chain.send(native.membership.setTierPrice, MONTHLY, PRICE // 100, sender=native.founder)
    token_id = native.join()
    native.chain.send(native.membership.setTierPrice, MONTHLY, PRICE, sender=native.founder)
    native.join(sender=native.other)

    assert cancel(native, token_id, native.member) == PRICE // 100


def test_member_cannot_turn_grants_into_money(native: World) -> None:
    """Neither by cancelling nor by a change of tier."""
    token_id = native.join()
    native.chain.send(native.membership.grant, [(native.member, MONTHLY, YEAR, token_id)], sender=native.founder)
    with native.chain.undone():
        assert cancel(native, token_id, native.member) == PRICE
    native.chain.send(native.membership.createTier, tier(price=PRICE // 10), sender=native.founder)
    change_tier(native, token_id, 5)

    assert cancel(native, token_id, native.member) == PRICE


def test_change_of_tier_and_cancelling_pay_no_more_than_was_paid(native: World) -> None:
    for price in (3, PRICE * 7, PRICE // 9):
        native.chain.send(native.membership.createTier, tier(price=price), sender=native.founder)
    token_id = native.join()
    for target in (6, 7, 6, MONTHLY):
        native.chain.advance(3_600)
        change_tier(native, token_id, target)

    refund = cancel(native, token_id, native.member)

    assert refund <= PRICE - earned_of(PRICE, 4 * 3_600, MONTH)
    assert refund + native.earned() == PRICE


# The money is gone


def test_everybody_can_cancel_after_everything_was_withdrawn(world: World) -> None:
    """Founder, badge and keepers take all they can at any time: each refund is there."""
    badge = world.join(sender=world.other, periods=3)
    tokens = {world.other: badge}
    for number, account in enumerate((world.member, world.stranger, world.chain.accounts[6]), 1):
        tokens[account] = join_by(world, badge, sender=account, periods=number)
    for passed in (DAY, 13 * DAY, MONTH):
        world.chain.advance(passed)
        world.settle(*tokens.values())
        world.collect(world.founder)
        world.chain.send(world.membership.claim, [badge], world.other, sender=world.other)

    for account, token_id in tokens.items():
        if world.membership.isValid(token_id):
            left = int(world.membership.unearnedOf(token_id))
            assert cancel(world, token_id, account) == left
    world.settle(*tokens.values())
    attempt(lambda: world.collect(world.founder))
    attempt(lambda: world.chain.send(world.membership.claim, [badge], world.other, sender=world.other))
    assert world.balance(world.membership.address) <= len(tokens)  # what division has not made whole


def test_founder_cannot_withdraw_what_is_unearned(world: World) -> None:
    world.join(periods=24)
    world.chain.advance(DAY)

    with world.chain.reverts("NothingDue", source=world.membership.address, account=world.founder):
        world.collect(world.founder)
    community = world.community.address
    with world.chain.impersonated(community), world.chain.reverts("EarningsExceeded", amount=1, left=0):
        world.chain.send(world.membership.withdrawEarnings, world.founder, 1, sender=community)


def test_badge_owner_cannot_claim_what_is_unearned(world: World) -> None:
    badge, _ = invited(world, periods=24)

    with world.chain.reverts("NothingToClaim", badge=badge):
        world.chain.send(world.membership.claim, [badge], world.other, sender=world.other)


def test_sponsor_cannot_take_its_gift_back(world: World) -> None:
    token_id = gift(world)

    with world.chain.reverts("NotHolder", tokenId=token_id, caller=world.stranger):
        cancel(world, token_id, world.stranger)
    assert cancel(world, token_id, world.member) == PRICE


def test_seller_cannot_take_the_money_along(world: World) -> None:
    """A transfer moves the unearned money with the token: whoever paid for it has no claim left."""
    token_id = world.join(periods=12)
    transfer(world, token_id, world.member, world.other)

    with world.chain.reverts("NotHolder", tokenId=token_id, caller=world.member):
        cancel(world, token_id, world.member)
    assert cancel(world, token_id, world.other) == 12 * PRICE


# Seats held for nothing


def test_seats_are_not_taken_by_empty_memberships(ledger: Chain, factory: Any) -> None:
    """Free members move to a tier with few seats, and bring nothing."""
    world = community_of(ledger, factory, tiers=[tier(cap=2), tier(price=0)])
    for account in ledger.accounts[6:8]:
        token_id = world.join(2, sender=account)
        with ledger.reverts("PeriodsInvalid", periods=0):
            change_tier(world, token_id, MONTHLY, sender=account)

    assert world.join()


def test_seats_that_were_cancelled_at_once_can_be_taken_a_month_later(ledger: Chain, factory: Any) -> None:
    """Who joins and cancels gets its money back and leaves a shell that counts. Its seat is free for a join then."""
    world = community_of(ledger, factory, tiers=[tier(cap=2)])
    squatters = ledger.accounts[6:8]
    shells = [world.join(sender=account) for account in squatters]
    for account, token_id in zip(squatters, shells, strict=True):
        assert cancel(world, token_id, account) == PRICE
    with ledger.reverts("TierSoldOut", tierId=MONTHLY, cap=2):
        world.join()

    ledger.advance(SEAT_GRACE)
    for account, token_id in zip((world.member, world.stranger), shells, strict=True):
        assert join_with(world, sender=account, released_id=token_id).only("MembershipJoined")
    for account, token_id in zip(squatters, shells, strict=True):
        with ledger.reverts("TierSoldOut", tierId=MONTHLY, cap=2):
            world.renew(token_id, sender=account)
