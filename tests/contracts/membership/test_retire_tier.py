"""IMembership.retireTier"""

from tests.factories.communities import MONTHLY, NOTICE, YEAR, World


def test_retire_tier_announces_when_renewals_end(native: World) -> None:
    retires_at = native.chain.now + YEAR

    tier = native.chain.send(native.membership.retireTier, MONTHLY, retires_at, sender=native.founder).only("TierSet")

    assert (tier["tierId"], tier["tier"]["retiresAt"]) == (MONTHLY, retires_at)
    assert native.tier(MONTHLY)["retiresAt"] == retires_at


def test_retire_tier_reverts_within_the_notice(native: World) -> None:
    least = native.chain.now + NOTICE

    with native.chain.reverts("RetirementTooSoon", tierId=MONTHLY, retiresAt=least - 1, least=least):
        native.chain.send(native.membership.retireTier, MONTHLY, least - 1, sender=native.founder)
    native.chain.send(native.membership.retireTier, MONTHLY, least, sender=native.founder)


def test_retire_tier_reverts_when_it_was_announced_before(native: World) -> None:
    retires_at = native.chain.now + NOTICE
    native.chain.send(native.membership.retireTier, MONTHLY, retires_at, sender=native.founder)

    with native.chain.reverts("TierRetired", tierId=MONTHLY, retiresAt=retires_at):
        native.chain.send(native.membership.retireTier, MONTHLY, retires_at + 1, sender=native.founder)


def test_retire_tier_reverts_when_tier_is_unknown(native: World) -> None:
    with native.chain.reverts("TierUnknown", tierId=9):
        native.chain.send(native.membership.retireTier, 9, native.chain.now + YEAR, sender=native.founder)


def test_retire_tier_reverts_when_the_caller_is_not_the_owner(native: World) -> None:
    with native.chain.reverts("NotOwner", caller=native.stranger):
        native.chain.send(native.membership.retireTier, MONTHLY, native.chain.now + YEAR, sender=native.stranger)
