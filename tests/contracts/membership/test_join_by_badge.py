"""IMembership.join through a badge: who is bound to what, and what an invitee saves (E11, E13, E14)"""

from typing import Any

import pytest

from tests.factories.communities import CHOSEN, DAY, FREE, LIFE, MONTH, MONTHLY, PRICE, World, community_of, tier
from tests.factories.contracts import NO_LEDGER, Chain
from tests.factories.memberships import HOUR, gift, invited, join_by, ledger_of, pay, transfer


@pytest.fixture
def friendly(ledger: Chain, factory: Any) -> World:
    """A tier whose invitees save 10 %."""
    return community_of(ledger, factory, tiers=[tier(inviteeDiscountBps=1_000), tier(price=101, inviteeDiscountBps=1)])


def test_join_by_a_badge_binds_for_good(world: World) -> None:
    badge = world.join(sender=world.other)
    start = world.chain.now
    arguments = (MONTHLY, 2, PRICE, world.currency, world.member, badge)

    receipt = pay(world, world.membership.join, *arguments, amount=2 * PRICE)

    joined = receipt.only("MembershipJoined")
    assert joined["state"] == {
        "expiresAt": start + 2 * MONTH,
        "tierId": MONTHLY,
        "badge": badge,
        "unearned": 2 * PRICE,
        "settledAt": start,
        "earnedAt": start + 2 * MONTH,
        "rate": 500,
        "countAt": -(-(start + 14 * DAY) // HOUR),
        "transferCount": 0,
        "flags": CHOSEN,
    }
    assert world.state(joined["tokenId"]) == joined["state"]
    assert receipt.only("BadgeLedgerSet") == {"badge": badge, "amount": 0, "ledger": NO_LEDGER | {"used": 1}}


def test_second_join_by_a_badge_fixes_nothing_anew(native: World) -> None:
    badge, _ = invited(native)
    arguments = (MONTHLY, 1, PRICE, native.currency, native.stranger, badge)

    receipt = pay(native, native.membership.join, *arguments, amount=PRICE, sender=native.stranger)

    assert "BadgeLedgerSet" not in receipt.names()


def test_every_paid_membership_can_invite_at_once(native: World) -> None:
    """Also one that was given, one for life, and one that was itself invited: no transaction is needed before."""
    first = gift(native, native.other)
    second = native.state(join_by(native, first, tier_id=LIFE))
    third = join_by(native, (LIFE << 24) + 1, sender=native.founder)

    assert second["badge"] == first
    assert native.state(third)["badge"] == (LIFE << 24) + 1


def test_expired_member_can_invite(native: World) -> None:
    badge = native.join(sender=native.other)
    native.chain.advance(10 * MONTH)

    assert native.state(join_by(native, badge))["badge"] == badge


def test_join_of_a_free_tier_by_a_badge_binds(native: World) -> None:
    """Gather first, charge later: the inviter is known when the first payment comes."""
    badge = native.join(sender=native.other)
    token_id = join_by(native, badge, tier_id=FREE)

    state = native.state(token_id)
    assert (state["badge"], state["countAt"], state["rate"], state["flags"]) == (badge, 0, 0, CHOSEN)
    native.chain.send(native.membership.setTierPrice, FREE, PRICE, sender=native.founder)
    native.chain.advance(MONTH)
    renewed = native.renew(token_id).only("MembershipRenewed")["state"]
    assert (renewed["rate"], renewed["countAt"]) == (500, -(-(native.chain.now + 14 * DAY) // HOUR))


@pytest.mark.parametrize(
    ("period", "wait"), [(HOUR, HOUR), (DAY, DAY), (14 * DAY, 14 * DAY), (MONTH, 14 * DAY), (0, 14 * DAY)]
)
def test_member_counts_a_period_or_two_weeks_after_its_first_payment(
    ledger: Chain, factory: Any, period: int, wait: int
) -> None:
    world = community_of(ledger, factory, tiers=[tier(periodSeconds=period)])
    _, token_id = invited(world)

    assert world.state(token_id)["countAt"] == -(-(ledger.now + wait) // HOUR)


def test_invitee_saves_the_discount_of_its_tier(friendly: World) -> None:
    badge = friendly.join(sender=friendly.other)

    assert friendly.state(join_by(friendly, badge, periods=3, price=PRICE * 9 // 10))["unearned"] == 3 * PRICE * 9 // 10


def test_invitees_discount_rounds_the_price_up(friendly: World) -> None:
    badge = friendly.join(sender=friendly.other)

    assert friendly.state(join_by(friendly, badge, tier_id=2, price=101))["unearned"] == 101


def test_invitee_pays_the_full_price_from_the_second_payment_on(friendly: World) -> None:
    _, token_id = invited(friendly, price=PRICE * 9 // 10)

    assert friendly.renew(token_id).only("MembershipRenewed")["amount"] == PRICE


def test_join_by_a_badge_reverts_at_the_full_price(friendly: World) -> None:
    badge = friendly.join(sender=friendly.other)

    with friendly.chain.reverts("PriceMismatch", expected=PRICE, price=PRICE * 9 // 10):
        join_by(friendly, badge, price=PRICE)
    with friendly.chain.reverts("PriceMismatch", expected=PRICE * 9 // 10, price=PRICE):
        join_by(friendly, 0, price=PRICE * 9 // 10)


def test_join_reverts_when_the_badge_is_of_no_paid_membership(native: World) -> None:
    free = native.join(FREE, sender=native.other)

    for badge in (free, 99, 2**40 - 1):
        with native.chain.reverts("BadgeUnknown", badge=badge):
            join_by(native, badge)


def test_join_reverts_when_a_badge_is_chosen_for_another(native: World) -> None:
    badge = native.join(sender=native.other)

    with native.chain.reverts("BadgeNotChosen", badge=badge, recipient=native.member):
        native.chain.send(
            native.membership.join,
            MONTHLY,
            1,
            PRICE,
            native.currency,
            native.member,
            badge,
            sender=native.stranger,
            value=PRICE,
        )


# Self-referral: a second wallet of the same person is the economics' job, not the contract's


def test_join_reverts_when_the_joiner_owns_the_badge(native: World) -> None:
    badge = native.join(sender=native.other)
    native.chain.send(native.badges.mint, badge, sender=native.other)
    native.chain.send(native.badges.transferFrom, native.other, native.member, badge, sender=native.other)

    with native.chain.reverts("SelfReferral", badge=badge, account=native.member):
        join_by(native, badge)


def test_join_by_a_badge_that_the_joiner_sold_is_no_self_referral(native: World) -> None:
    badge = native.join(sender=native.member)
    native.chain.send(native.badges.mint, badge, sender=native.member)
    native.chain.send(native.badges.transferFrom, native.member, native.other, badge, sender=native.member)
    native.chain.send(native.membership.burn, badge, native.member, sender=native.member)

    assert native.state(join_by(native, badge))["badge"] == badge


def test_holder_of_an_unminted_badge_is_its_owner(native: World) -> None:
    badge = native.join(sender=native.other)
    transfer(native, badge, native.other, native.stranger)

    with native.chain.reverts("SelfReferral", badge=badge, account=native.stranger):
        native.chain.send(native.membership.burn, badge, native.stranger, sender=native.stranger)
        join_by(native, badge, sender=native.stranger)
    assert native.state(join_by(native, badge, sender=native.other))["badge"] == badge
    assert ledger_of(native, badge)["used"]
