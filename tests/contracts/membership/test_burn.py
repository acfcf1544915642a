"""IMembershipHolder.burn, and what a wallet keeps of what it burned"""

from typing import Any

import pytest

from tests.factories.communities import (
    CHOSEN,
    COUNTED,
    DAY,
    FREE,
    LIFE,
    MONTH,
    MONTHLY,
    PRICE,
    YEAR,
    World,
    community_of,
    tier,
)
from tests.factories.contracts import NATIVE, NO_LEDGER, Chain, Receipt
from tests.factories.memberships import (
    SEAT_GRACE,
    agree,
    earned_of,
    gain,
    gift,
    invited,
    join_by,
    join_with,
    ledger_of,
    transfer,
)


def burn(world: World, token_id: int, to: str = "", *, sender: str = "") -> Receipt:
    sender = sender or world.member
    return world.chain.send(world.membership.burn, token_id, to or sender, sender=sender)


def test_burn_pays_what_is_unearned_and_the_token_is_no_more(world: World) -> None:
    token_id = world.join(periods=2)
    world.chain.advance(10 * DAY)
    refund = 2 * PRICE - earned_of(2 * PRICE, 10 * DAY, 2 * MONTH)

    got, receipt = gain(world, world.stranger, lambda: burn(world, token_id, world.stranger))

    assert got == refund
    assert receipt.only("MembershipBurned") == {
        "tokenId": token_id,
        "holder": world.member,
        "to": world.stranger,
        "refund": refund,
        "badge": 0,
        "counted": False,
    }
    assert receipt.only("MembershipSettled")["earned"] == 2 * PRICE - refund
    assert receipt.only("SubscriptionUpdate") == {"tokenId": token_id, "expiration": world.chain.now}
    assert (world.membership.balanceOf(world.member), world.tier(MONTHLY)["seats"]) == (0, 0)
    assert not world.membership.isValid(token_id)
    assert (world.earned(), world.balance(world.membership.address)) == (2 * PRICE - refund, 2 * PRICE - refund)
    with world.chain.reverts("TokenDoesNotExist"):
        world.state(token_id)


def test_burn_mints_the_memberships_own_badge_to_the_holder(world: World) -> None:
    """Members whom it invited go on earning for it: the badge must not vanish with the membership."""
    badge, _ = invited(world, sender=world.stranger)

    receipt = burn(world, badge, sender=world.other)

    minted = NO_LEDGER | {"used": 1, "minted": 1}
    assert receipt.only("BadgeLedgerSet") == {"badge": badge, "amount": 0, "ledger": minted}
    assert world.badges.ownerOf(badge) == world.other
    assert world.membership.badgeOwnerOf(badge) == world.other
    assert ledger_of(world, badge)["minted"]


def test_badge_of_a_burned_membership_earns_and_is_claimed(world: World) -> None:
    badge, token_id = invited(world)
    burn(world, badge, sender=world.other)
    world.chain.advance(MONTH)
    world.settle(token_id)

    claim = world.membership.claim
    got, _ = gain(world, world.other, lambda: world.chain.send(claim, [badge], world.other, sender=world.other))

    assert got == PRICE * 500 // 10_000


def test_burn_leaves_a_minted_badge_to_its_owner(native: World) -> None:
    badge, _ = invited(native, sender=native.stranger)
    native.chain.send(native.badges.mint, badge, sender=native.other)
    native.chain.send(native.badges.transferFrom, native.other, native.founder, badge, sender=native.other)

    receipt = burn(native, badge, sender=native.other)

    assert "BadgeLedgerSet" not in receipt.names()
    assert native.membership.badgeOwnerOf(badge) == native.founder


def test_burn_of_what_was_never_paid_mints_no_badge(native: World) -> None:
    token_id = native.join(FREE)

    receipt = burn(native, token_id)

    assert receipt.only("MembershipBurned")["refund"] == 0
    assert "BadgeLedgerSet" not in receipt.names()
    assert native.membership.badgeOwnerOf(token_id) == NATIVE


def test_burn_answers_the_refund(world: World) -> None:
    reader = world.chain.accounts[0]
    token_id = world.join(sender=reader)
    world.chain.advance(15 * DAY)

    assert world.chain.read(world.membership.burn, token_id, reader) == PRICE // 2


def test_burn_of_an_expired_membership_pays_nothing(native: World) -> None:
    token_id = native.join()
    native.chain.advance(3 * MONTH)

    assert gain(native, native.member, lambda: burn(native, token_id))[0] == 0
    assert native.earned() == PRICE


def test_burn_for_life_pays_what_is_unearned(native: World) -> None:
    token_id = native.join(LIFE)
    native.chain.advance(YEAR // 2)

    assert gain(native, native.member, lambda: burn(native, token_id))[0] == 5 * PRICE


def test_burn_frees_the_seat_once(native: World) -> None:
    token_id = native.join()
    native.join(sender=native.other)
    native.chain.advance(MONTH + SEAT_GRACE)
    native.chain.send(native.membership.releaseSeat, token_id, sender=native.stranger)

    burn(native, token_id)

    assert native.tier(MONTHLY)["seats"] == 1


def test_burn_ends_consent(native: World) -> None:
    token_id = native.join()
    agree(native, token_id)

    assert burn(native, token_id).only("AutoRenewSet")["tierId"] == 0


def test_burn_of_a_soulbound_membership_makes_room(native: World) -> None:
    token_id = native.join(4)

    burn(native, token_id)

    assert native.join() == (MONTHLY << 24) + 1


# What the wallet keeps


def test_wallet_keeps_the_badge_that_it_chose(world: World) -> None:
    badge, token_id = invited(world)

    burned = burn(world, token_id).only("MembershipBurned")

    assert (burned["badge"], burned["counted"]) == (badge, False)
    state = world.send_join().only("MembershipJoined")["state"]
    assert (state["badge"], state["rate"], state["flags"]) == (badge, 500, CHOSEN)
    assert state["countAt"] == -(-(world.chain.now + 14 * DAY) // 3600)


def test_wallet_cannot_name_another_badge_when_it_comes_back(native: World) -> None:
    badge, token_id = invited(native)
    other = native.join(sender=native.stranger)
    burn(native, token_id)

    token_id = join_by(native, other)
    assert native.state(token_id)["badge"] == badge
    burn(native, token_id)
    assert join_with(native, badge=other).only("MembershipJoined")["state"]["badge"] == badge


def test_wallet_pays_the_full_price_when_it_comes_back(ledger: Chain, factory: Any) -> None:
    """The discount is for a first payment through a badge."""
    world = community_of(ledger, factory, tiers=[tier(inviteeDiscountBps=1_000)])
    badge, token_id = invited(world, price=PRICE * 9 // 10)
    burn(world, token_id)

    for named in (0, badge):
        with ledger.reverts("PriceMismatch", expected=PRICE * 9 // 10, price=PRICE):
            join_by(world, named, price=PRICE * 9 // 10)
    assert join_by(world, badge, price=PRICE)


def test_wallet_that_counted_does_not_count_again(native: World) -> None:
    badge, token_id = invited(native)
    native.chain.advance(MONTH)

    burned = burn(native, token_id).only("MembershipBurned")

    assert (burned["badge"], burned["counted"]) == (badge, True)
    token_id = native.join()
    assert (native.state(token_id)["flags"], native.state(token_id)["countAt"]) == (CHOSEN | COUNTED, 0)
    native.chain.advance(MONTH)
    native.settle(token_id)
    assert ledger_of(native, badge)["counted"] == 1


def test_wallet_keeps_its_badge_however_often_it_burns(native: World) -> None:
    badge, token_id = invited(native)

    for _ in range(3):
        burn(native, token_id)
        token_id = native.join()

    assert native.state(token_id)["badge"] == badge


def test_wallet_keeps_its_badge_when_it_is_given_a_membership(native: World) -> None:
    badge, token_id = invited(native)
    burn(native, token_id)

    assert native.state(gift(native))["badge"] == badge


def test_wallet_keeps_its_badge_though_it_owns_it_by_now(native: World) -> None:
    """Self-referral is refused when a badge is chosen, not when it is kept."""
    badge, token_id = invited(native)
    native.chain.send(native.badges.mint, badge, sender=native.other)
    native.chain.send(native.badges.transferFrom, native.other, native.member, badge, sender=native.other)
    burn(native, token_id)

    assert native.state(native.join())["badge"] == badge


def test_binding_that_was_only_received_is_dropped(native: World) -> None:
    _, token_id = invited(native, sender=native.stranger)
    transfer(native, token_id, native.stranger, native.member)

    assert burn(native, token_id).only("MembershipBurned")["badge"] == 0
    second = native.join(sender=native.founder)
    assert native.state(join_by(native, second))["badge"] == second


def test_wallet_that_chose_no_badge_is_free_when_it_comes_back(native: World) -> None:
    badge = native.join(sender=native.other)
    token_id = native.join()

    burn(native, token_id)

    assert native.state(join_by(native, badge))["badge"] == badge


def test_wallet_keeps_its_badge_beside_money_of_others(native: World) -> None:
    """The memory lies in the word where a member's money lies: none of it is taken for the other."""
    _, token_id = invited(native)
    burn(native, token_id)

    state = native.send_join().only("MembershipJoined")["state"]

    assert (state["unearned"], state["transferCount"], state["settledAt"]) == (PRICE, 0, native.chain.now)


# Reverts


@pytest.mark.parametrize("caller", ["stranger", "founder"])
def test_burn_reverts_when_the_caller_is_not_the_holder(native: World, caller: str) -> None:
    token_id = native.join()
    account = getattr(native, caller)
    native.chain.send(native.membership.approve, account, token_id, sender=native.member)

    with native.chain.reverts("NotHolder", tokenId=token_id, caller=account):
        burn(native, token_id, sender=account)


def test_burn_reverts_twice(native: World) -> None:
    token_id = native.join()
    burn(native, token_id)

    with native.chain.reverts("TokenDoesNotExist"):
        burn(native, token_id)


def test_burned_membership_cannot_be_renewed_settled_or_transferred(native: World) -> None:
    token_id = native.join(periods=2)
    burn(native, token_id)

    with native.chain.reverts("TokenDoesNotExist"):
        native.renew(token_id)
    with native.chain.reverts("TokenDoesNotExist"):
        transfer(native, token_id, native.member, native.other)
    assert native.settle(token_id).events == []
