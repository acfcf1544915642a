"""IMembership.setTierPaused"""

from tests.factories.communities import DAILY, MONTHLY, World


def test_set_tier_paused_stops_and_reopens_joins(native: World) -> None:
    paused = native.chain.send(native.membership.setTierPaused, DAILY, True, sender=native.founder).only("TierSet")

    assert (paused["tierId"], paused["tier"]["paused"], paused["tier"]["soulbound"]) == (DAILY, True, True)
    with native.chain.reverts("TierPaused", tierId=DAILY):
        native.join(DAILY)
    reopened = native.chain.send(native.membership.setTierPaused, DAILY, False, sender=native.founder).only("TierSet")
    assert (reopened["tier"]["paused"], reopened["tier"]["soulbound"]) == (False, True)
    assert native.join(DAILY) > 0


def test_set_tier_paused_leaves_other_tiers_alone(native: World) -> None:
    native.chain.send(native.membership.setTierPaused, DAILY, True, sender=native.founder)

    assert native.join(MONTHLY) > 0


def test_set_tier_paused_reverts_when_tier_is_unknown(native: World) -> None:
    with native.chain.reverts("TierUnknown", tierId=9):
        native.chain.send(native.membership.setTierPaused, 9, True, sender=native.founder)


def test_set_tier_paused_reverts_when_the_caller_is_not_the_owner(native: World) -> None:
    with native.chain.reverts("NotOwner", caller=native.stranger):
        native.chain.send(native.membership.setTierPaused, MONTHLY, True, sender=native.stranger)
