"""IBadges.mintFor, which only the Membership calls"""

import pytest

from tests.factories.badges import credit, minted
from tests.factories.communities import World
from tests.factories.contracts import NATIVE


def test_burning_a_membership_makes_its_badge_a_token_of_the_holder(world: World) -> None:
    badge = world.join()

    receipt = world.chain.send(world.membership.burn, badge, world.member, sender=world.member)

    moves = [event.fields for event in receipt.events if event.name == "Transfer" and "id" in event.fields]
    assert moves[-1] == {"from": NATIVE, "to": world.member, "id": badge}
    assert receipt.only("Unlocked") == {"tokenId": badge}
    assert (world.badges.ownerOf(badge), world.badges.transferCountOf(badge)) == (world.member, 0)


def test_claiming_income_makes_the_badge_a_token_of_the_holder(world: World) -> None:
    badge = world.join()
    credit(world, badge, 1_000)

    receipt = world.chain.send(world.membership.claim, [badge], world.member, sender=world.member)

    assert receipt.only("Unlocked") == {"tokenId": badge}
    assert world.badges.ownerOf(badge) == world.member


def test_the_owner_of_the_token_gets_the_income_after_the_membership_moved(world: World) -> None:
    badge = minted(world)
    world.chain.send(world.membership.transferFrom, world.member, world.other, badge, sender=world.member)
    credit(world, badge, 1_000)

    with world.chain.reverts("NotBadgeOwner", badge=badge, caller=world.other):
        world.chain.send(world.membership.claim, [badge], world.other, sender=world.other)
    world.chain.send(world.membership.claim, [badge], world.stranger, sender=world.member)

    assert world.chain.read(world.membership.ledgerOf, badge)["claimed"] == 1_000


@pytest.mark.parametrize("caller", ["founder", "member", "stranger"])
def test_mint_for_reverts_when_the_caller_is_not_the_membership(native: World, caller: str) -> None:
    badge = native.join()

    with native.chain.reverts("NotMembership", caller=getattr(native, caller)):
        native.chain.send(native.badges.mintFor, badge, native.member, sender=getattr(native, caller))


def test_mint_for_reverts_for_the_membership_of_another_community(native: World, hosted: World) -> None:
    other = hosted.membership.address

    with native.chain.impersonated(other), native.chain.reverts("NotMembership", caller=other):
        native.chain.send(native.badges.mintFor, 1, native.member, sender=other)


def test_mint_for_never_makes_a_badge_twice(native: World) -> None:
    badge = minted(native)
    membership = native.membership.address

    with native.chain.impersonated(membership), native.chain.reverts("TokenAlreadyExists"):
        native.chain.send(native.badges.mintFor, badge, native.other, sender=membership)
