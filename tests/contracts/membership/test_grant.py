"""IMembershipOffice.grant"""

from typing import Any

import pytest

from tests.factories.communities import (
    CHOSEN,
    DAY,
    FOR_LIFE,
    FREE,
    LIFE,
    MONTH,
    MONTHLY,
    NOTICE,
    PRICE,
    RELEASED,
    YEAR,
    World,
    community_of,
    tier,
)
from tests.factories.contracts import NATIVE, Chain, Receipt
from tests.factories.memberships import GRANTER, ISSUER, SEAT_GRACE, earned_of, give_role, invited, join_with


def grant(world: World, *grants: tuple[str, int, int, int], sender: str = "") -> Receipt:
    """Recipient, tier, seconds, token id or 0."""
    return world.chain.send(world.membership.grant, list(grants), sender=sender or world.founder)


def test_grant_makes_a_member_without_payment(world: World) -> None:
    start = world.chain.now

    receipt = grant(world, (world.member, MONTHLY, 10 * DAY, 0))

    token_id = (MONTHLY << 24) + 1
    state = {
        "expiresAt": start + 10 * DAY,
        "tierId": MONTHLY,
        "badge": 0,
        "unearned": 0,
        "settledAt": start,
        "earnedAt": 0,
        "rate": 0,
        "countAt": 0,
        "transferCount": 0,
        "flags": 0,
    }
    assert receipt.only("MembershipJoined") == {
        "tokenId": token_id,
        "holder": world.member,
        "tierId": MONTHLY,
        "payer": world.founder,
        "amount": 0,
        "periods": 0,
        "state": state,
    }
    assert receipt.only("MembershipGranted") == {
        "tokenId": token_id,
        "holder": world.member,
        "by": world.founder,
        "state": state,
    }
    assert receipt.only("SubscriptionUpdate") == {"tokenId": token_id, "expiration": start + 10 * DAY}
    assert (world.state(token_id), world.tier(MONTHLY)["seats"]) == (state, 1)
    assert world.membership.ownerOf(token_id) == world.member
    assert world.balance(world.membership.address) == 0


def test_grant_to_a_member_extends_its_time_and_nothing_else(world: World) -> None:
    token_id = world.join()
    before = world.state(token_id)
    world.chain.advance(10 * DAY)

    receipt = grant(world, (world.member, MONTHLY, 5 * DAY, token_id))

    state = before | {"expiresAt": before["expiresAt"] + 5 * DAY}  # I19: not even settled
    assert receipt.only("MembershipGranted") == {
        "tokenId": token_id,
        "holder": world.member,
        "by": world.founder,
        "state": state,
    }
    assert receipt.only("SubscriptionUpdate")["expiration"] == state["expiresAt"]
    assert receipt.only("MetadataUpdate") == {"_tokenId": token_id}
    assert world.state(token_id) == state
    assert world.membership.unearnedOf(token_id) == PRICE - earned_of(PRICE, 10 * DAY, MONTH)


def test_grant_to_an_expired_member_begins_now(native: World) -> None:
    token_id = native.join()
    now = native.chain.advance(3 * MONTH)

    state = grant(native, (native.member, MONTHLY, DAY, token_id)).only("MembershipGranted")["state"]

    assert (state["expiresAt"], state["unearned"]) == (now + DAY, PRICE)  # its old money is earned all the same
    assert native.settle(token_id).only("MembershipSettled")["earned"] == PRICE


def test_grants_come_in_batches(world: World) -> None:
    token_id = world.join(sender=world.other)
    grants = [(world.member, MONTHLY, DAY, 0), (world.other, MONTHLY, DAY, token_id), (world.stranger, LIFE, DAY, 0)]

    receipt = grant(world, *grants)

    granted = [event.fields for event in receipt.events if event.name == "MembershipGranted"]
    assert [each["holder"] for each in granted] == [world.member, world.other, world.stranger]
    assert [each["state"]["tierId"] for each in granted] == [MONTHLY, MONTHLY, LIFE]


def test_grant_of_nothing_does_nothing(native: World) -> None:
    assert grant(native).events == []


def test_grant_by_a_granter(native: World) -> None:
    granter = give_role(native, native.stranger, GRANTER)

    assert grant(native, (native.member, MONTHLY, DAY, 0), sender=granter).only("MembershipGranted")["by"] == granter


def test_grant_does_not_mind_pause_dates_lists_vouchers_and_retirement(native: World) -> None:
    params = tier(saleEnd=native.chain.now + 1, allowRoot=b"\1" * 32, invitationOnly=True, soulbound=True)
    native.chain.send(native.membership.createTier, params, sender=native.founder)
    native.chain.send(native.membership.setTierPaused, 5, True, sender=native.founder)
    native.chain.send(native.membership.retireTier, 5, native.chain.now + NOTICE, sender=native.founder)
    native.chain.advance(NOTICE)

    assert grant(native, (native.member, 5, DAY, 0)).only("MembershipGranted")


def test_granted_time_in_a_tier_for_life_ends(native: World) -> None:
    token_id = grant(native, (native.member, LIFE, DAY, 0)).only("MembershipGranted")["tokenId"]
    native.chain.advance(DAY)

    assert not native.membership.isValid(token_id)
    assert native.renew(token_id).only("MembershipRenewed")["state"]["expiresAt"] == FOR_LIFE


def test_granted_member_chooses_a_badge_at_its_first_payment(native: World) -> None:
    """Until then it has none of its own, and none to invite with."""
    token_id = grant(native, (native.member, MONTHLY, DAY, 0)).only("MembershipGranted")["tokenId"]

    assert native.membership.badgeOwnerOf(token_id) == NATIVE
    assert native.renew(token_id).only("MembershipRenewed")["state"]["flags"] == CHOSEN
    assert native.membership.badgeOwnerOf(token_id) == native.member


def test_grant_brings_a_wallet_its_old_badge_back(native: World) -> None:
    badge, token_id = invited(native)
    native.chain.send(native.membership.burn, token_id, native.member, sender=native.member)

    state = grant(native, (native.member, MONTHLY, DAY, 0)).only("MembershipGranted")["state"]

    assert (state["badge"], state["countAt"], state["rate"]) == (badge, 0, 0)


def test_grant_counts_nothing_for_the_badge(native: World) -> None:
    badge = native.join(sender=native.other)
    token_id = join_with(native, FREE, badge=badge).only("MembershipJoined")["tokenId"]
    grant(native, (native.member, FREE, 100 * DAY, token_id))
    native.chain.advance(100 * DAY)

    assert native.settle(token_id).events == []
    assert native.chain.read(native.membership.ledgerOf, badge)["counted"] == 0


def test_grant_takes_a_released_seat_again(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(cap=1)])
    token_id = world.join()
    ledger.advance(MONTH + SEAT_GRACE)
    ledger.send(world.membership.releaseSeat, token_id, sender=world.stranger)
    assert world.state(token_id)["flags"] & RELEASED

    state = grant(world, (world.member, MONTHLY, DAY, token_id)).only("MembershipGranted")["state"]

    assert (state["flags"], world.tier(MONTHLY)["seats"]) == (CHOSEN, 1)


def test_grant_reverts_when_the_released_seat_is_taken(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(cap=1)])
    token_id = world.join()
    ledger.advance(MONTH + SEAT_GRACE)
    join_with(world, sender=world.other, released_id=token_id)

    with ledger.reverts("TierSoldOut", tierId=MONTHLY, cap=1):
        grant(world, (world.member, MONTHLY, DAY, token_id))


def test_grant_reverts_when_all_seats_are_taken(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(cap=1)])
    world.join(sender=world.other)

    with ledger.reverts("TierSoldOut", tierId=MONTHLY, cap=1):
        grant(world, (world.member, MONTHLY, DAY, 0))


def test_grant_reverts_beyond_the_limit_of_paid_time(native: World) -> None:
    now = native.chain.now
    token_id = grant(native, (native.member, MONTHLY, 2 * YEAR, 0)).only("MembershipGranted")["tokenId"]

    with native.chain.reverts("PaidTooFarAhead", expiresAt=now + 2 * YEAR + 1, limit=now + 2 * YEAR):
        grant(native, (native.member, MONTHLY, 1, token_id))
    with native.chain.reverts("PaidTooFarAhead", expiresAt=now + 2 * YEAR + 1, limit=now + 2 * YEAR):
        grant(native, (native.other, MONTHLY, 2 * YEAR + 1, 0))


def test_grant_reverts_when_the_membership_is_for_life(native: World) -> None:
    token_id = native.join(LIFE)

    with native.chain.reverts("PaidTooFarAhead", expiresAt=FOR_LIFE, limit=native.chain.now + 2 * YEAR):
        grant(native, (native.member, LIFE, 1, token_id))


@pytest.mark.parametrize("role", [0, 1, ISSUER, 8])
def test_grant_reverts_when_the_caller_is_no_granter(native: World, role: int) -> None:
    caller = give_role(native, native.stranger, role)

    with native.chain.reverts("RoleMissing", caller=caller, role=GRANTER):
        grant(native, (native.member, MONTHLY, DAY, 0), sender=caller)


def test_grant_reverts_when_the_recipient_is_a_member(native: World) -> None:
    native.join()

    with native.chain.reverts("AlreadyMember", account=native.member):
        grant(native, (native.other, MONTHLY, DAY, 0), (native.member, MONTHLY, DAY, 0))
    assert native.membership.balanceOf(native.other) == 0


def test_grant_reverts_when_the_membership_is_not_the_recipients(native: World) -> None:
    token_id = native.join()

    with native.chain.reverts("NotHolder", tokenId=token_id, caller=native.other):
        grant(native, (native.other, MONTHLY, DAY, token_id))


def test_grant_reverts_when_the_membership_is_of_another_tier(native: World) -> None:
    token_id = native.join()

    with native.chain.reverts("MembershipMismatch", tokenId=token_id, tierId=MONTHLY):
        grant(native, (native.member, FREE, DAY, token_id))


def test_grant_reverts_when_the_membership_does_not_exist(native: World) -> None:
    with native.chain.reverts("TokenDoesNotExist"):
        grant(native, (native.member, MONTHLY, DAY, 1))


def test_grant_reverts_when_the_tier_is_unknown(native: World) -> None:
    with native.chain.reverts("TierUnknown", tierId=9):
        grant(native, (native.member, 9, DAY, 0))
