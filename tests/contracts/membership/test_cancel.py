"""IMembershipHolder.cancel and cancelSubscription (ERC-5643)"""

from tests.factories.communities import DAY, FREE, LIFE, MONTH, MONTHLY, PRICE, YEAR, World
from tests.factories.contracts import Receipt
from tests.factories.memberships import GRACE, agree, consent, earned_of, gain, gift, invited, ledger_of, transfer


def cancel(world: World, token_id: int, to: str = "", *, sender: str = "") -> Receipt:
    sender = sender or world.member
    return world.chain.send(world.membership.cancel, token_id, to or sender, sender=sender)


def test_cancel_pays_what_is_unearned_and_leaves_the_shell(world: World) -> None:
    token_id = world.join(periods=2)
    before = world.state(token_id)
    now = world.chain.advance(10 * DAY)
    refund = 2 * PRICE - earned_of(2 * PRICE, 10 * DAY, 2 * MONTH)

    got, receipt = gain(world, world.stranger, lambda: cancel(world, token_id, world.stranger))

    state = before | {"expiresAt": now, "unearned": 0, "settledAt": now, "earnedAt": now}
    assert got == refund
    assert receipt.only("MembershipCancelled") == {
        "tokenId": token_id,
        "holder": world.member,
        "to": world.stranger,
        "refund": refund,
        "state": state,
    }
    assert receipt.only("MembershipSettled")["earned"] == 2 * PRICE - refund
    assert receipt.only("SubscriptionUpdate") == {"tokenId": token_id, "expiration": now}
    assert receipt.only("MetadataUpdate") == {"_tokenId": token_id}
    assert (world.state(token_id), world.earned()) == (state, 2 * PRICE - refund)
    assert world.balance(world.membership.address) == 2 * PRICE - refund
    assert (world.membership.ownerOf(token_id), world.tier(MONTHLY)["seats"]) == (world.member, 1)
    assert not world.membership.isValid(token_id)


def test_cancel_at_once_pays_everything_back(world: World) -> None:
    token_id = world.join()

    got, receipt = gain(world, world.member, lambda: cancel(world, token_id))

    assert got == PRICE
    assert "MembershipSettled" not in receipt.names()


def test_cancel_answers_the_refund(world: World) -> None:
    reader = world.chain.accounts[0]
    token_id = world.join(sender=reader)
    world.chain.advance(15 * DAY)

    assert world.chain.read(world.membership.cancel, token_id, reader) == PRICE // 2


def test_cancel_pays_the_holder_also_what_a_sponsor_paid(world: World) -> None:
    token_id = gift(world)

    assert gain(world, world.member, lambda: cancel(world, token_id))[0] == PRICE


def test_cancel_pays_the_holder_of_the_day(native: World) -> None:
    token_id = native.join()
    transfer(native, token_id, native.member, native.other)

    assert gain(native, native.other, lambda: cancel(native, token_id, sender=native.other))[0] == PRICE


def test_cancel_after_all_was_withdrawn_that_was_earned(world: World) -> None:
    token_id = world.join(periods=2)
    world.chain.advance(MONTH)
    world.settle(token_id)
    world.collect(world.founder)

    assert gain(world, world.member, lambda: cancel(world, token_id))[0] == PRICE
    assert world.balance(world.membership.address) == 0


def test_cancel_takes_the_unearned_part_of_the_badge_with_it(world: World) -> None:
    badge, token_id = invited(world)
    world.chain.advance(15 * DAY)

    got, _ = gain(world, world.member, lambda: cancel(world, token_id))

    assert (got, world.membership.accruedOf(badge)) == (PRICE // 2, PRICE // 2 * 500 // 10_000)
    assert world.state(token_id)["badge"] == badge


def test_cancel_for_life_pays_back_within_the_year_and_ends_it(native: World) -> None:
    token_id = native.join(LIFE)
    native.chain.advance(YEAR // 2)

    assert gain(native, native.member, lambda: cancel(native, token_id))[0] == 5 * PRICE
    assert not native.membership.isValid(token_id)


def test_cancel_of_what_is_earned_pays_nothing(native: World) -> None:
    free, lifelong = native.join(FREE, sender=native.other), native.join(LIFE)
    native.chain.advance(DAY)

    assert gain(native, native.other, lambda: cancel(native, free, sender=native.other))[0] == 0
    native.chain.advance(YEAR)
    assert gain(native, native.member, lambda: cancel(native, lifelong))[0] == 0


def test_cancel_ends_consent(native: World) -> None:
    token_id = native.join()
    agree(native, token_id)

    ended = cancel(native, token_id).only("AutoRenewSet")

    assert (ended["holder"], ended["tierId"]) == (native.member, 0)
    assert consent(native, token_id) == (0, 0, 0)


def test_cancel_before_it_counts_counts_for_nothing(native: World) -> None:
    badge, token_id = invited(native)
    native.chain.advance(14 * DAY - 1)

    assert cancel(native, token_id).only("MembershipCancelled")["state"]["countAt"] == 0
    native.chain.advance(MONTH)
    native.settle(token_id)
    assert ledger_of(native, badge)["counted"] == 0


def test_cancel_after_it_counts_keeps_counting(native: World) -> None:
    badge, token_id = invited(native)
    native.chain.advance(15 * DAY)

    settled = cancel(native, token_id).only("MembershipSettled")

    assert (settled["ledger"]["counted"], ledger_of(native, badge)["counted"]) == (1, 1)


def test_cancelled_member_comes_back_by_renewal_with_its_badge(native: World) -> None:
    badge, token_id = invited(native)
    now = native.chain.advance(DAY)
    cancel(native, token_id)

    state = native.renew(token_id).only("MembershipRenewed")["state"]

    assert (state["expiresAt"], state["badge"], state["rate"]) == (now + MONTH, badge, 500)
    assert state["countAt"] == -(-(now + 14 * DAY) // 3600)


def test_cancelled_member_comes_back_late_by_the_rules_of_a_join(native: World) -> None:
    token_id = native.join()
    cancel(native, token_id)
    native.chain.send(native.membership.setTierPaused, MONTHLY, True, sender=native.founder)
    native.chain.advance(GRACE)

    with native.chain.reverts("TierPaused", tierId=MONTHLY):
        native.renew(token_id)


def test_cancel_reverts_when_the_membership_has_expired(native: World) -> None:
    token_id = native.join()
    expires_at = native.chain.advance(MONTH)

    with native.chain.reverts("MembershipExpired", tokenId=token_id, expiresAt=expires_at):
        cancel(native, token_id)


def test_cancel_reverts_twice(native: World) -> None:
    token_id = native.join()
    cancel(native, token_id)

    with native.chain.reverts("MembershipExpired", tokenId=token_id, expiresAt=native.chain.now):
        cancel(native, token_id)


def test_cancel_reverts_when_the_caller_is_not_the_holder(native: World) -> None:
    token_id = native.join()
    native.chain.send(native.membership.approve, native.stranger, token_id, sender=native.member)

    for caller in (native.stranger, native.founder):
        with native.chain.reverts("NotHolder", tokenId=token_id, caller=caller):
            cancel(native, token_id, sender=caller)


def test_cancel_reverts_when_the_membership_does_not_exist(native: World) -> None:
    with native.chain.reverts("TokenDoesNotExist"):
        cancel(native, 1)


# ERC-5643


def test_cancel_subscription_pays_the_holder(world: World) -> None:
    token_id = world.join()

    got, receipt = gain(
        world,
        world.member,
        lambda: world.chain.send(world.membership.cancelSubscription, token_id, sender=world.member),
    )

    cancelled = receipt.only("MembershipCancelled")
    assert (got, cancelled["to"], cancelled["refund"]) == (PRICE, world.member, PRICE)
    assert receipt.only("SubscriptionUpdate") == {"tokenId": token_id, "expiration": world.chain.now}


def test_cancel_subscription_reverts_when_the_caller_is_not_the_holder(native: World) -> None:
    token_id = native.join()

    with native.chain.reverts("NotHolder", tokenId=token_id, caller=native.stranger):
        native.chain.send(native.membership.cancelSubscription, token_id, sender=native.stranger)


def test_cancel_subscription_reverts_when_coins_come_with_it(native: World) -> None:
    token_id = native.join()

    with native.chain.reverts("ValueMismatch", value=1, due=0):
        native.chain.send(native.membership.cancelSubscription, token_id, sender=native.member, value=1)


def test_cancel_subscription_reverts_when_the_membership_has_expired(native: World) -> None:
    token_id = native.join()
    expires_at = native.chain.advance(MONTH)

    with native.chain.reverts("MembershipExpired", tokenId=token_id, expiresAt=expires_at):
        native.chain.send(native.membership.cancelSubscription, token_id, sender=native.member)
