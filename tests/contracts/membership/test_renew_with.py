"""IMembershipDesk.renewWith: a badge chosen at one's own first payment, permit. Allow-lists: test_allow_list.py"""

from typing import Any

import pytest

from tests.factories.communities import CHOSEN, DAY, FREE, MONTH, PRICE, World, community_of
from tests.factories.contracts import NO_LEDGER, Chain
from tests.factories.memberships import (
    HOUR,
    earned_of,
    gift,
    invited,
    join_by,
    permit,
    renew_with,
    transfer,
)

BRONZE_RATE = 500


def test_renew_with_nothing_more_is_a_renewal(world: World) -> None:
    token_id = world.join()
    before, start = world.state(token_id), world.chain.now
    world.chain.advance(10 * DAY)

    receipt = renew_with(world, token_id, 2)

    earned = earned_of(PRICE, 10 * DAY, MONTH)
    state = before | {
        "expiresAt": start + 3 * MONTH,
        "unearned": 3 * PRICE - earned,
        "settledAt": world.chain.now,
        "earnedAt": start + 3 * MONTH,
    }
    assert receipt.only("MembershipRenewed") == {
        "tokenId": token_id,
        "holder": world.member,
        "payer": world.member,
        "amount": 2 * PRICE,
        "tip": 0,
        "periods": 2,
        "state": state,
    }
    assert receipt.only("MembershipSettled")["earned"] == earned
    assert receipt.only("SubscriptionUpdate") == {"tokenId": token_id, "expiration": start + 3 * MONTH}
    assert receipt.only("MetadataUpdate") == {"_tokenId": token_id}
    assert (world.state(token_id), world.earned()) == (state, earned)


def test_renew_with_badge_binds_a_member_that_was_given_its_first_time(world: World) -> None:
    badge = world.join(sender=world.other)
    token_id = gift(world)
    given = world.state(token_id)
    assert (given["badge"], given["flags"], given["rate"]) == (0, 0, 0)
    start = world.chain.advance(10 * DAY)

    receipt = renew_with(world, token_id, badge=badge)

    left = PRICE - earned_of(PRICE, 10 * DAY, MONTH)
    state = receipt.only("MembershipRenewed")["state"]
    assert state == given | {
        "expiresAt": given["expiresAt"] + MONTH,
        "badge": badge,
        "unearned": left + PRICE,
        "settledAt": start,
        "earnedAt": given["earnedAt"] + MONTH,
        "rate": PRICE * BRONZE_RATE // (left + PRICE),  # the sponsor's money pays no badge
        "countAt": -(-(start + 14 * DAY) // HOUR),
        "flags": CHOSEN,
    }
    assert world.state(token_id) == state
    assert receipt.only("BadgeLedgerSet") == {"badge": badge, "amount": 0, "ledger": NO_LEDGER | {"used": 1}}


def test_renew_with_badge_leaves_what_was_earned_before_to_the_community(world: World) -> None:
    badge = world.join(sender=world.other)
    token_id = gift(world)
    world.chain.advance(10 * DAY)

    settled = renew_with(world, token_id, badge=badge).only("MembershipSettled")

    assert (settled["badge"], settled["badgeShare"]) == (0, 0)
    assert world.membership.accruedOf(badge) == 0


def test_free_member_chooses_its_badge_when_it_pays_first(native: World) -> None:
    badge = native.join(sender=native.other)
    token_id = native.join(FREE)
    native.chain.send(native.membership.setTierPrice, FREE, PRICE, sender=native.founder)
    native.chain.advance(MONTH)

    state = renew_with(native, token_id, badge=badge).only("MembershipRenewed")["state"]

    assert (state["badge"], state["rate"]) == (badge, BRONZE_RATE)


def test_receiver_of_an_unbound_membership_chooses_at_its_own_first_payment(native: World) -> None:
    badge = native.join(sender=native.other)
    token_id = native.join(sender=native.founder)
    transfer(native, token_id, native.founder, native.member)

    assert renew_with(native, token_id, badge=badge).only("MembershipRenewed")["state"]["badge"] == badge


def test_renew_with_reverts_when_the_holder_paid_before(native: World) -> None:
    """Badge 0 was its choice."""
    badge = native.join(sender=native.other)
    token_id = native.join()

    with native.chain.reverts("BadgeNotChosen", badge=badge, recipient=native.member):
        renew_with(native, token_id, badge=badge)


def test_renew_with_reverts_when_the_holder_renewed_without_a_badge(native: World) -> None:
    badge = native.join(sender=native.other)
    token_id = gift(native)
    native.renew(token_id)

    with native.chain.reverts("BadgeNotChosen", badge=badge, recipient=native.member):
        renew_with(native, token_id, badge=badge)


def test_renew_with_reverts_when_another_names_a_badge(native: World) -> None:
    badge = native.join(sender=native.other)
    token_id = gift(native)

    with native.chain.reverts("BadgeNotChosen", badge=badge, recipient=native.member):
        renew_with(native, token_id, badge=badge, sender=native.stranger)


def test_renewal_by_a_sponsor_leaves_the_choice_to_the_holder(native: World) -> None:
    badge = native.join(sender=native.other)
    token_id = gift(native)
    native.renew(token_id, sender=native.stranger)

    assert renew_with(native, token_id, badge=badge).only("MembershipRenewed")["state"]["badge"] == badge


def test_renew_with_reverts_when_nothing_is_paid(native: World) -> None:
    badge = native.join(sender=native.other)
    token_id = native.join(FREE)

    with native.chain.reverts("BadgeNotChosen", badge=badge, recipient=native.member):
        renew_with(native, token_id, badge=badge, price=0)


def test_renew_with_reverts_when_the_membership_is_bound(native: World) -> None:
    badge, token_id = invited(native)
    second = join_by(native, badge, sender=native.stranger)

    for other in (badge, second):
        with native.chain.reverts("BadgeAlreadyBound", tokenId=token_id, badge=badge):
            renew_with(native, token_id, badge=other)


def test_renew_with_reverts_when_the_badge_does_not_exist(native: World) -> None:
    token_id = gift(native)
    free = native.join(FREE, sender=native.other)

    for badge in (99, free):
        with native.chain.reverts("BadgeUnknown", badge=badge):
            renew_with(native, token_id, badge=badge)


def test_renew_with_reverts_when_the_holder_owns_the_badge(native: World) -> None:
    token_id = gift(native)

    with native.chain.reverts("SelfReferral", badge=token_id, account=native.member):
        renew_with(native, token_id, badge=token_id)


@pytest.mark.parametrize(
    ("arguments", "error", "details"),
    [
        ({"periods": 0}, "PeriodsInvalid", {"periods": 0}),
        ({"price": PRICE + 1}, "PriceMismatch", {"expected": PRICE + 1, "price": PRICE}),
        ({"value": PRICE - 1}, "ValueMismatch", {"value": PRICE - 1, "due": PRICE}),
    ],
)
def test_renew_with_reverts_as_a_renewal_does(
    native: World, arguments: dict[str, Any], error: str, details: dict[str, int]
) -> None:
    token_id = native.join()

    with native.chain.reverts(error, **details):
        renew_with(native, token_id, **arguments)


def test_renew_with_reverts_when_the_currency_is_not_the_expected_one(world: World) -> None:
    token_id = world.join()

    with world.chain.reverts("CurrencyMismatch", expected=world.founder, currency=world.currency):
        renew_with(world, token_id, currency=world.founder, funds=PRICE)


def test_renew_with_reverts_when_the_membership_does_not_exist(native: World) -> None:
    with native.chain.reverts("TokenDoesNotExist"):
        renew_with(native, 1)


def test_renew_with_permit_needs_no_approval_before(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, token=ledger.deploy("PermitToken"))
    token_id = world.join()
    ledger.send(world.token.mint, world.member, PRICE, sender=world.member)

    renewed = renew_with(world, token_id, permit=permit(world, world.member, PRICE), funds=0)

    assert renewed.only("MembershipRenewed")["amount"] == PRICE
    assert (world.balance(world.member), world.balance(world.membership.address)) == (0, 2 * PRICE)


def test_renew_with_permit_of_the_sponsor_pays(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, token=ledger.deploy("PermitToken"))
    token_id = world.join()
    ledger.send(world.token.mint, world.stranger, PRICE, sender=world.stranger)
    signed = permit(world, world.stranger, PRICE)

    renewed = renew_with(world, token_id, permit=signed, funds=0, sender=world.stranger).only("MembershipRenewed")

    assert (renewed["payer"], renewed["holder"]) == (world.stranger, world.member)


def test_renew_with_reverts_when_the_permit_is_the_holders(ledger: Chain, factory: Any) -> None:
    """A permit acts for the caller: nobody pays with an allowance that somebody else signed."""
    world = community_of(ledger, factory, token=ledger.deploy("PermitToken"))
    token_id = world.join()
    ledger.send(world.token.mint, world.member, PRICE, sender=world.member)

    with ledger.reverts("TransferFromFailed"):
        renew_with(world, token_id, permit=permit(world, world.member, PRICE), funds=0, sender=world.stranger)
