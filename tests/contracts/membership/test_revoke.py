"""IMembershipOffice.revoke"""

import pytest

from tests.factories.communities import DAY, FREE, LIFE, MONTH, MONTHLY, PRICE, YEAR, World
from tests.factories.contracts import Receipt
from tests.factories.memberships import (
    GRANTER,
    ISSUER,
    agree,
    consent,
    earned_of,
    gain,
    give_role,
    invited,
    ledger_of,
    transfer,
)


def revoke(world: World, token_id: int, *, sender: str = "") -> Receipt:
    return world.chain.send(world.membership.revoke, token_id, sender=sender or world.founder)


def test_revoke_credits_what_is_unearned_to_the_holder(world: World) -> None:
    token_id = world.join(periods=2)
    before = world.state(token_id)
    now = world.chain.advance(10 * DAY)
    refund = 2 * PRICE - earned_of(2 * PRICE, 10 * DAY, 2 * MONTH)

    receipt = revoke(world, token_id)

    state = before | {"expiresAt": now, "unearned": 0, "settledAt": now, "earnedAt": now}
    assert receipt.only("MembershipRevoked") == {
        "tokenId": token_id,
        "holder": world.member,
        "by": world.founder,
        "refund": refund,
        "state": state,
    }
    assert receipt.only("FundsSet") == {"account": world.member, "funds": refund}
    assert receipt.only("SubscriptionUpdate") == {"tokenId": token_id, "expiration": now}
    assert receipt.only("MetadataUpdate") == {"_tokenId": token_id}
    assert receipt.only("MembershipSettled")["earned"] == 2 * PRICE - refund
    assert (world.state(token_id), world.earned()) == (state, 2 * PRICE - refund)
    assert world.membership.fundsOf(world.member) == refund
    assert world.balance(world.membership.address) == 2 * PRICE
    assert not world.membership.isValid(token_id)
    assert (world.membership.ownerOf(token_id), world.tier(MONTHLY)["seats"]) == (world.member, 1)


def test_refund_of_a_revoked_membership_is_pulled(world: World) -> None:
    token_id = world.join()
    revoke(world, token_id)

    got, _ = gain(
        world,
        world.member,
        lambda: world.chain.send(world.membership.withdrawFunds, world.member, PRICE, sender=world.member),
    )

    assert got == PRICE


def test_revoke_pays_the_holder_of_the_day(native: World) -> None:
    token_id = native.join()
    transfer(native, token_id, native.member, native.other)

    revoke(native, token_id)

    assert (native.membership.fundsOf(native.member), native.membership.fundsOf(native.other)) == (0, PRICE)


def test_revoke_takes_the_unearned_part_of_the_badge_with_it(world: World) -> None:
    badge, token_id = invited(world)
    world.chain.advance(15 * DAY)

    revoke(world, token_id)

    assert world.membership.accruedOf(badge) == PRICE // 2 * 500 // 10_000
    assert world.membership.fundsOf(world.member) == PRICE // 2


def test_revoked_member_that_does_not_count_yet_never_will(native: World) -> None:
    badge, token_id = invited(native)
    native.chain.advance(14 * DAY - 1)

    state = revoke(native, token_id).only("MembershipRevoked")["state"]

    native.chain.advance(MONTH)
    native.settle(token_id)
    assert (state["countAt"], ledger_of(native, badge)["counted"]) == (0, 0)


def test_revoked_member_that_counted_goes_on_counting(native: World) -> None:
    badge, token_id = invited(native)
    native.chain.advance(15 * DAY)

    revoke(native, token_id)

    assert ledger_of(native, badge)["counted"] == 1


def test_revoke_of_a_free_membership_credits_nothing(native: World) -> None:
    token_id = native.join(FREE)

    receipt = revoke(native, token_id)

    assert receipt.only("MembershipRevoked")["refund"] == 0
    assert "FundsSet" not in receipt.names()


def test_revoke_for_life_while_it_is_being_earned(native: World) -> None:
    token_id = native.join(LIFE)
    native.chain.advance(YEAR - 1)

    refund = revoke(native, token_id).only("MembershipRevoked")["refund"]

    assert refund == 10 * PRICE - earned_of(10 * PRICE, YEAR - 1, YEAR)
    assert not native.membership.isValid(token_id)


def test_revoke_for_life_reverts_once_it_is_earned(native: World) -> None:
    token_id = native.join(LIFE)
    native.chain.advance(YEAR)

    for _ in range(2):
        with native.chain.reverts("MembershipEarned", tokenId=token_id):
            revoke(native, token_id)
        native.settle(token_id)


def test_revoke_ends_consent(native: World) -> None:
    token_id = native.join()
    agree(native, token_id)

    ended = revoke(native, token_id).only("AutoRenewSet")

    assert (ended["holder"], ended["tierId"], ended["consent"]["periodsLeft"]) == (native.member, 0, 0)
    native.renew(token_id)
    assert consent(native, token_id) == (0, 0, 0)


def test_revoked_member_may_come_back_by_paying(native: World) -> None:
    """Whoever must not come back needs a tier with a list: E4."""
    badge, token_id = invited(native)
    now = native.chain.advance(DAY)
    revoke(native, token_id)

    state = native.renew(token_id).only("MembershipRenewed")["state"]

    assert (state["expiresAt"], state["unearned"], state["badge"]) == (now + MONTH, PRICE, badge)


def test_revoke_by_a_granter(native: World) -> None:
    token_id = native.join()
    granter = give_role(native, native.stranger, GRANTER)

    assert revoke(native, token_id, sender=granter).only("MembershipRevoked")["by"] == granter


@pytest.mark.parametrize("role", [0, 1, ISSUER, 8])
def test_revoke_reverts_when_the_caller_is_no_granter(native: World, role: int) -> None:
    token_id, caller = native.join(), give_role(native, native.stranger, role)

    with native.chain.reverts("RoleMissing", caller=caller, role=GRANTER):
        revoke(native, token_id, sender=caller)


def test_revoke_reverts_when_the_membership_has_expired(native: World) -> None:
    token_id = native.join()
    expires_at = native.chain.advance(MONTH)

    with native.chain.reverts("MembershipExpired", tokenId=token_id, expiresAt=expires_at):
        revoke(native, token_id)


def test_revoke_reverts_twice(native: World) -> None:
    token_id = native.join()
    revoke(native, token_id)

    with native.chain.reverts("MembershipExpired", tokenId=token_id, expiresAt=native.chain.now):
        revoke(native, token_id)


def test_revoke_reverts_when_the_membership_does_not_exist(native: World) -> None:
    with native.chain.reverts("TokenDoesNotExist"):
        revoke(native, 1)
