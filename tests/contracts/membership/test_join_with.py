"""IMembershipDesk.joinWith: as a join, with consent, permit, seats, signed bindings. Others: _voucher, allow_list"""

from typing import Any

import pytest

from tests.factories.communities import CHOSEN, DAY, FREE, MONTH, MONTHLY, PRICE, RELEASED, World, community_of, tier
from tests.factories.contracts import NATIVE, Chain
from tests.factories.memberships import (
    NEVER,
    SEAT_GRACE,
    consent,
    digest_of,
    join_with,
    money_of,
    permit,
    sign,
    transfer,
)


@pytest.fixture(scope="session")
def signable(ledger: Chain, factory: Any) -> World:
    """A community whose currency takes signed allowances."""
    return community_of(ledger, factory, token=ledger.deploy("PermitToken"))


@pytest.fixture
def full(ledger: Chain, factory: Any) -> tuple[World, int]:
    """A tier whose one seat is held by a membership that expired: and that one's id."""
    world = community_of(ledger, factory, tiers=[tier(cap=1), tier()])
    token_id = world.join(sender=world.other)
    ledger.advance(MONTH + SEAT_GRACE)
    return world, token_id


def test_join_with_nothing_more_is_a_join(world: World) -> None:
    start = world.chain.now

    receipt = join_with(world, periods=2)

    joined = receipt.only("MembershipJoined")
    state = {
        "expiresAt": start + 2 * MONTH,
        "tierId": MONTHLY,
        "badge": 0,
        "unearned": 2 * PRICE,
        "settledAt": start,
        "earnedAt": start + 2 * MONTH,
        "rate": 0,
        "countAt": 0,
        "transferCount": 0,
        "flags": CHOSEN,
    }
    token_id = joined["tokenId"]
    assert joined == {
        "tokenId": (MONTHLY << 24) + 1,
        "holder": world.member,
        "tierId": MONTHLY,
        "payer": world.member,
        "amount": 2 * PRICE,
        "periods": 2,
        "state": state,
    }
    assert receipt.only("SubscriptionUpdate") == {"tokenId": token_id, "expiration": start + 2 * MONTH}
    assert world.state(token_id) == state
    assert (world.membership.ownerOf(token_id), world.tier(MONTHLY)["seats"]) == (world.member, 1)
    assert consent(world, token_id) == (0, 0, 0)


def test_join_with_for_another_gives_a_membership(world: World) -> None:
    joined = join_with(world, sender=world.stranger, recipient=world.member).only("MembershipJoined")

    assert (joined["holder"], joined["payer"], joined["state"]["flags"]) == (world.member, world.stranger, 0)


@pytest.mark.parametrize(
    ("arguments", "error", "details"),
    [
        ({"tier_id": 9, "price": PRICE}, "TierUnknown", {"tierId": 9}),
        ({"periods": 0}, "PeriodsInvalid", {"periods": 0}),
        ({"price": PRICE - 1}, "PriceMismatch", {"expected": PRICE - 1, "price": PRICE}),
        ({"value": PRICE + 1}, "ValueMismatch", {"value": PRICE + 1, "due": PRICE}),
        ({"badge": 7}, "BadgeUnknown", {"badge": 7}),
    ],
)
def test_join_with_reverts_as_a_join_does(
    native: World, arguments: dict[str, Any], error: str, details: dict[str, int]
) -> None:
    with native.chain.reverts(error, **details):
        join_with(native, funds=0, **arguments)


def test_join_with_reverts_when_the_currency_is_not_the_expected_one(world: World) -> None:
    with world.chain.reverts("CurrencyMismatch", expected=world.founder, currency=world.currency):
        join_with(world, currency=world.founder, funds=PRICE)


def test_join_with_reverts_when_the_recipient_is_a_member(world: World) -> None:
    world.join()

    with world.chain.reverts("AlreadyMember", account=world.member):
        join_with(world, sender=world.other, recipient=world.member)


def test_join_with_reverts_when_a_free_tier_is_given_to_another(native: World) -> None:
    with native.chain.reverts("GiftNotPaid", tierId=FREE):
        join_with(native, FREE, recipient=native.other)


def test_join_with_reverts_when_the_tier_is_paused(native: World) -> None:
    native.chain.send(native.membership.setTierPaused, MONTHLY, True, sender=native.founder)

    with native.chain.reverts("TierPaused", tierId=MONTHLY):
        join_with(native)


# Consent


def test_join_with_consent_lets_keepers_renew(world: World) -> None:
    receipt = join_with(world, consent=(2 * PRICE, 12, world.chain.now + 400 * DAY))

    token_id = receipt.only("MembershipJoined")["tokenId"]
    given = {"maxPrice": 2 * PRICE, "periodsLeft": 12, "until": world.chain.now + 400 * DAY}
    assert receipt.only("AutoRenewSet") == {
        "tokenId": token_id,
        "holder": world.member,
        "tierId": MONTHLY,
        "consent": given,
    }
    assert consent(world, token_id) == tuple(given.values())


def test_join_with_consent_for_no_period_gives_none(native: World) -> None:
    receipt = join_with(native, consent=(2 * PRICE, 0, NEVER))

    assert "AutoRenewSet" not in receipt.names()
    assert consent(native, receipt.only("MembershipJoined")["tokenId"]) == (0, 0, 0)


def test_join_with_reverts_when_consent_is_given_for_another(native: World) -> None:
    """A sponsor cannot let keepers draw on the recipient's money."""
    with native.chain.reverts("NotHolder", tokenId=(MONTHLY << 24) + 1, caller=native.stranger):
        join_with(native, sender=native.stranger, recipient=native.member, consent=(PRICE, 1, NEVER))


# Permit


def test_join_with_permit_needs_no_approval_before(signable: World) -> None:
    signable.chain.send(signable.token.mint, signable.member, PRICE, sender=signable.member)

    joined = join_with(signable, funds=0, permit=permit(signable, signable.member, PRICE)).only("MembershipJoined")

    assert joined["amount"] == PRICE
    assert (signable.balance(signable.member), signable.balance(signable.membership.address)) == (0, PRICE)
    assert signable.token.allowance(signable.member, signable.membership.address) == 0


def test_join_with_permit_that_somebody_used_before_succeeds(signable: World) -> None:
    """Whoever sees the transaction waiting can hand in its permit first: the allowance is there all the same."""
    token, member = signable.token, signable.member
    signable.chain.send(token.mint, member, PRICE, sender=member)
    signed = permit(signable, member, PRICE)
    spender = signable.membership.address
    signable.chain.send(token.permit, member, spender, *signed, sender=signable.stranger)

    joined = join_with(signable, funds=0, permit=signed).only("MembershipJoined")

    assert (joined["holder"], signable.balance(member), token.nonces(member)) == (member, 0, 1)


@pytest.mark.parametrize("fault", ["expired", "of another", "for less"])
def test_join_with_permit_that_fails_pays_by_the_allowance_that_there_is(signable: World, fault: str) -> None:
    signed = {
        "expired": permit(signable, signable.member, PRICE, deadline=signable.chain.now - 1),
        "of another": permit(signable, signable.other, PRICE),
        "for less": permit(signable, signable.member, PRICE, nonce=1),
    }[fault]
    signable.fund(signable.member, PRICE)

    assert join_with(signable, funds=0, permit=signed).only("MembershipJoined")["amount"] == PRICE


def test_join_with_reverts_when_the_permit_fails_and_nothing_was_approved(signable: World) -> None:
    signable.chain.send(signable.token.mint, signable.member, PRICE, sender=signable.member)

    with signable.chain.reverts("TransferFromFailed"):
        join_with(signable, funds=0, permit=permit(signable, signable.other, PRICE))


def test_join_with_permit_of_a_token_that_knows_none_pays_by_allowance(tokened: World) -> None:
    assert join_with(tokened, permit=(PRICE, NEVER, 27, b"\1" * 32, b"\2" * 32)).only("MembershipJoined")


def test_join_with_permit_in_native_coins_is_passed_over(native: World) -> None:
    assert join_with(native, permit=(PRICE, NEVER, 27, b"\1" * 32, b"\2" * 32)).only("MembershipJoined")


# Seats


def test_join_with_released_seat_takes_it(full: tuple[World, int]) -> None:
    world, token_id = full
    with world.chain.reverts("TierSoldOut", tierId=MONTHLY, cap=1):
        join_with(world)

    receipt = join_with(world, released_id=token_id)

    released = receipt.only("SeatReleased")
    old = world.state(token_id)
    assert released == {"tokenId": token_id, "tierId": MONTHLY, "seats": 0, "state": money_of(old)}
    assert old["flags"] & RELEASED
    assert world.tier(MONTHLY)["seats"] == 1
    assert world.membership.ownerOf(token_id) == world.other


def test_join_with_reverts_when_the_named_seat_is_not_free_yet(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(cap=1)])
    token_id = world.join(sender=world.other)
    free_from = ledger.now + MONTH + SEAT_GRACE
    ledger.set_time(free_from - 1)

    with ledger.reverts("MembershipNotExpired", tokenId=token_id, freeFrom=free_from):
        join_with(world, released_id=token_id)


def test_join_with_reverts_when_the_named_seat_is_in_another_tier(full: tuple[World, int]) -> None:
    world, _ = full
    token_id = world.join(2, sender=world.stranger)
    world.chain.advance(MONTH + SEAT_GRACE)

    with world.chain.reverts("TierSoldOut", tierId=MONTHLY, cap=1):
        join_with(world, released_id=token_id)


def test_join_with_reverts_when_the_named_membership_does_not_exist(native: World) -> None:
    with native.chain.reverts("TokenDoesNotExist"):
        join_with(native, released_id=99)


# The signature of a gift's recipient


def binding(world: World, badge: int, *, deadline: int = NEVER, signer: str = "", **changes: Any) -> tuple[int, bytes]:
    values = {"recipient": world.member, "tier_id": MONTHLY, "badge": badge, "deadline": deadline} | changes
    return deadline, sign(world, signer or world.member, "Binding", *values.values())


def test_gift_binds_to_the_badge_that_its_recipient_signed_for(world: World) -> None:
    badge = world.join(sender=world.other)

    receipt = join_with(
        world, sender=world.stranger, recipient=world.member, badge=badge, binding=binding(world, badge)
    )

    state = receipt.only("MembershipJoined")["state"]
    assert (state["badge"], state["rate"], state["flags"]) == (badge, 500, CHOSEN)
    assert receipt.only("BadgeLedgerSet")["badge"] == badge


def test_binding_signature_works_up_to_its_deadline(native: World) -> None:
    badge = native.join(sender=native.other)
    deadline = native.chain.now
    signed = binding(native, badge, deadline=deadline)

    with native.chain.undone():
        assert join_with(native, sender=native.stranger, recipient=native.member, badge=badge, binding=signed).events
    native.chain.advance(1)
    with native.chain.reverts("SignatureExpired", deadline=deadline):
        join_with(native, sender=native.stranger, recipient=native.member, badge=badge, binding=signed)


def test_binding_signature_works_once(native: World) -> None:
    """The recipient burned the gift: nobody binds it a second time by the old signature."""
    badge = native.join(sender=native.other)
    signed = binding(native, badge)
    gift: dict[str, Any] = {"sender": native.stranger, "recipient": native.member, "badge": badge, "binding": signed}
    token_id = join_with(native, **gift).only("MembershipJoined")["tokenId"]
    transfer(native, token_id, native.member, native.founder)

    digest = digest_of(native, "Binding", native.member, MONTHLY, badge, NEVER)
    with native.chain.reverts("VoucherUsedUp", digest=digest, uses=1):
        join_with(native, **gift)


@pytest.mark.parametrize(
    "changes", [{"signer": "stranger"}, {"tier_id": FREE}, {"badge": 1}, {"recipient": NATIVE}], ids=str
)
def test_gift_reverts_when_the_recipient_signed_something_else(native: World, changes: dict[str, Any]) -> None:
    badge = native.join(sender=native.other)
    changes = {key: native.stranger if value == "stranger" else value for key, value in changes.items()}
    signed = binding(native, **{"badge": badge, **changes})

    with native.chain.reverts("SignatureInvalid", account=native.member):
        join_with(native, sender=native.stranger, recipient=native.member, badge=badge, binding=signed)


def test_gift_reverts_when_the_recipient_did_not_sign(native: World) -> None:
    badge = native.join(sender=native.other)

    with native.chain.reverts("BadgeNotChosen", badge=badge, recipient=native.member):
        join_with(native, sender=native.stranger, recipient=native.member, badge=badge)


def test_join_with_own_badge_needs_no_signature(native: World) -> None:
    badge = native.join(sender=native.other)

    assert join_with(native, badge=badge).only("MembershipJoined")["state"]["badge"] == badge
