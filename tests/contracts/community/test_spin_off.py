"""A member with a valid membership opens a child community with an agreed parent share (E19)"""

from typing import Any

import pytest

from tests.factories.communities import MONTH, PRICE, World, community_of, opening, tier
from tests.factories.contracts import NATIVE

CAP = 1000  # bps
WHOLE = 10_000


def spin_off(parent: World, token_id: int, *, sender: str = "", **changes: Any) -> World:
    return community_of(
        parent.chain,
        parent.factory,
        sender=sender or parent.member,
        parent=parent.community.address,
        parentMembership=token_id,
        **changes,
    )


def test_member_opens_a_child_and_owns_it(native: World) -> None:
    child = spin_off(native, native.join(), parentBps=CAP)

    assert child.community.owner() == native.member
    assert tuple(child.community.parent()) == (native.community.address, CAP)


def test_parent_share_is_nothing_unless_agreed(native: World) -> None:
    child = spin_off(native, native.join())
    child.earn(sender=child.other)

    assert tuple(child.community.parent()) == (native.community.address, 0)
    assert child.due(native.community.address) == 0
    assert child.due(native.member) == PRICE


def test_parent_share_is_capped(native: World) -> None:
    token_id = native.join()

    with native.chain.reverts("ParentShareTooHigh", bps=CAP + 1, capBps=CAP):
        spin_off(native, token_id, parentBps=CAP + 1)


@pytest.mark.parametrize("case", ["none", "expired", "of another", "unknown"])
def test_founder_must_be_a_valid_member_of_the_parent(native: World, case: str) -> None:
    token_id = {"none": 0, "unknown": (1 << 24) + 999}.get(case) or native.join()
    if case == "expired":
        native.chain.advance(MONTH)
    founder = native.other if case == "of another" else native.member
    token_id = 0 if case == "none" else token_id

    with native.chain.reverts("ParentMembershipMissing", parent=native.community.address, founder=founder):
        spin_off(native, token_id, sender=founder)


def test_membership_counts_to_its_last_second(native: World) -> None:
    token_id = native.join()
    native.chain.advance(MONTH - 1)

    assert spin_off(native, token_id).community.owner() == native.member


def test_child_outlives_its_founders_membership(native: World) -> None:
    child = spin_off(native, native.join(), parentBps=CAP)
    native.chain.advance(MONTH)
    child.earn(sender=child.other)

    assert child.due(native.community.address) == PRICE // 10


def test_membership_of_the_sibling_does_not_open_a_child_of_another(native: World, tokened: World) -> None:
    """The token exists in one community; the parent that is named is the other."""
    token_id = tokened.join()

    with native.chain.reverts("ParentMembershipMissing", parent=native.community.address, founder=native.member):
        spin_off(native, token_id)


@pytest.mark.parametrize("bps", [1, 333, CAP])
@pytest.mark.parametrize("price", [1, 9_999, 10_007])
def test_parent_share_is_paid_to_the_last_wei(native: World, bps: int, price: int) -> None:
    """What is collected adds up to what was paid, less the unit that no share has made whole."""
    child = spin_off(native, native.join(), parentBps=bps, tiers=[tier(price=price)])
    for sender in (child.other, child.stranger, child.operator):
        child.earn(sender=sender)
    earned, parent = 3 * price, native.community.address

    paid = sum(child.collect(each).only("Collected")["amount"] for each in (parent, native.member) if child.due(each))

    waiting = 1 if earned * bps % WHOLE else 0
    assert child.chain.balance(parent) == earned * bps // WHOLE
    assert (paid, child.balance(child.membership.address)) == (earned - waiting, waiting)


def test_parent_share_goes_one_hop_per_withdrawal(native: World) -> None:
    """Of a grandchild's income the child gets its share, and of that share the parent gets its own."""
    child = spin_off(native, native.join(), parentBps=CAP)
    grandchild = spin_off(child, child.join(sender=child.other), sender=child.other, parentBps=CAP)
    grandchild.earn(sender=child.stranger)

    grandchild.collect(child.community.address)
    assert native.due(native.founder, NATIVE) == 0
    child.collect(native.community.address, NATIVE)
    native.collect(native.founder, NATIVE)

    assert child.due(native.member, NATIVE) == PRICE // 10 * 9 // 10
    assert native.chain.balance(native.community.address) == 0


def test_child_with_another_currency_pays_its_parent_in_that_currency(native: World, token: Any) -> None:
    child = spin_off(native, native.join(), parentBps=CAP, token=token)
    child.earn(sender=child.other)
    child.collect(native.community.address)
    before = native.chain.balance(native.founder, token.address)

    collected = native.collect(native.founder, token.address).only("Collected")

    assert (collected["currency"], collected["amount"]) == (token.address, PRICE // 10)
    assert native.chain.balance(native.founder, token.address) - before == PRICE // 10


def test_parent_that_does_not_exist_is_refused_before_its_membership_is_asked(native: World) -> None:
    with native.chain.reverts("ParentUnknown", parent=native.membership.address):
        params = opening(parent=native.membership.address, parentMembership=native.join())
        native.chain.send(native.factory.open, params, sender=native.member)
