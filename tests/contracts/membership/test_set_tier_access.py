"""IMembershipOffice.setTierAccess"""

from typing import Any

import pytest

from tests.factories.communities import MONTHLY, PRICE, World, community_of, tier
from tests.factories.contracts import Chain, Receipt
from tests.factories.memberships import GRACE, ISSUER, give_role, issue, join_by, join_with, leaf_of, listed

NOBODY = b"\0" * 32


def set_access(world: World, **changes: Any) -> Receipt:
    return world.chain.send(
        world.membership.setTierAccess,
        changes.get("tier_id", MONTHLY),
        changes.get("invited", False),
        changes.get("root", NOBODY),
        changes.get("bps", 0),
        sender=changes.get("sender", world.founder),
    )


def test_set_tier_access_changes_who_may_join_and_nothing_else(world: World) -> None:
    before = world.tier(MONTHLY)
    root, _ = listed(*world.chain.accounts[6:8])

    receipt = set_access(world, invited=True, root=root, bps=2_000)

    after = before | {"invitationOnly": True, "allowRoot": root, "inviteeDiscountBps": 2_000}
    assert receipt.names() == ["TierSet"]
    assert receipt.only("TierSet") == {"tierId": MONTHLY, "tier": after}
    assert world.tier(MONTHLY) == after


def test_set_tier_access_can_be_taken_back(native: World) -> None:
    before = native.tier(MONTHLY)
    set_access(native, invited=True, root=leaf_of(native.other), bps=1)

    set_access(native)

    assert native.tier(MONTHLY) == before
    assert native.join()


def test_set_tier_access_keeps_pause_window_notice_and_soulbound(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(saleEnd=ledger.now + 10, soulbound=True)])
    ledger.send(world.membership.setTierPaused, MONTHLY, True, sender=world.founder)
    ledger.send(world.membership.setTierPrice, MONTHLY, 2 * PRICE, sender=world.founder)
    before = world.tier(MONTHLY)

    set_access(world, invited=True)

    assert world.tier(MONTHLY) == before | {"invitationOnly": True}


def test_tier_with_list_and_invitation_takes_both(native: World) -> None:
    root, proofs = listed(native.member, native.other)
    set_access(native, invited=True, root=root)

    with native.chain.reverts("VoucherNeeded", tierId=MONTHLY):
        join_with(native, proof=proofs[native.member])
    with native.chain.reverts("NotAllowed", tierId=MONTHLY, account=native.member):
        join_with(native, **issue(native))
    assert join_with(native, proof=proofs[native.member], **issue(native)).events


def test_members_renew_though_the_tier_was_closed(native: World) -> None:
    token_id = native.join()
    set_access(native, invited=True, root=leaf_of(native.other))
    native.chain.advance(30 * 86_400 + GRACE - 1)

    assert native.renew(token_id).events


@pytest.mark.parametrize(("bps", "price"), [(0, PRICE), (1, PRICE - PRICE // 10_000), (2_000, PRICE * 4 // 5)])
def test_invitees_discount_acts_on_joins_by_a_badge(native: World, bps: int, price: int) -> None:
    badge = native.join(sender=native.other)
    set_access(native, bps=bps)

    assert native.state(join_by(native, badge, price=price))["unearned"] == price
    assert native.send_join(sender=native.stranger).only("MembershipJoined")["amount"] == PRICE


def test_set_tier_access_reverts_when_the_discount_is_too_high(native: World) -> None:
    with native.chain.reverts("TierParamsInvalid", tierId=MONTHLY):
        set_access(native, bps=2_001)


def test_create_tier_reverts_when_the_discount_is_too_high(native: World) -> None:
    with native.chain.reverts("TierParamsInvalid", tierId=5):
        native.chain.send(native.membership.createTier, tier(inviteeDiscountBps=2_001), sender=native.founder)


def test_set_tier_access_reverts_when_tier_is_unknown(native: World) -> None:
    with native.chain.reverts("TierUnknown", tierId=9):
        set_access(native, tier_id=9)


def test_set_tier_access_reverts_when_the_caller_is_not_the_owner(native: World) -> None:
    for caller in (native.stranger, give_role(native, native.other, ISSUER | 3)):
        with native.chain.reverts("NotOwner", caller=caller):
            set_access(native, sender=caller)
