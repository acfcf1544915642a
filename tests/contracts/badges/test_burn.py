"""IBadges.burn"""

import pytest

from tests.factories.badges import create, grant, granted, minted, state, token_id
from tests.factories.communities import World
from tests.factories.contracts import NATIVE


@pytest.mark.parametrize("locked", [False, True])
def test_burn_ends_an_achievement_of_the_caller(native: World, locked: bool) -> None:
    token = granted(native, create(native, locked=locked), native.member)

    receipt = native.chain.send(native.badges.burn, token, sender=native.member)

    assert receipt.only("Transfer") == {"from": native.member, "to": NATIVE, "id": token}
    assert native.badges.balanceOf(native.member) == 0
    for view in (native.badges.ownerOf, native.badges.locked, native.badges.transferCountOf):
        with native.chain.reverts("TokenDoesNotExist"):
            native.chain.send(view, token, sender=native.stranger)


def test_burn_leaves_nothing_behind_a_locked_token(native: World) -> None:
    token = granted(native, create(native, locked=True), native.member)
    native.chain.send(native.badges.burn, token, sender=native.member)

    with native.chain.reverts("TokenDoesNotExist"):
        native.chain.send(native.badges.transferFrom, native.member, native.other, token, sender=native.member)
    with native.chain.reverts("TokenDoesNotExist"):
        native.chain.send(native.badges.approve, native.other, token, sender=native.member)


def test_burn_makes_no_room_under_the_cap(native: World) -> None:
    achievement_id = create(native, cap=1)
    native.chain.send(native.badges.burn, granted(native, achievement_id, native.member), sender=native.member)

    with native.chain.reverts("AchievementCapExceeded", achievementId=achievement_id, amount=1, left=0):
        grant(native, achievement_id, native.member)
    assert state(native, achievement_id)["made"] == 1


def test_burn_frees_no_id(native: World) -> None:
    achievement_id = create(native)
    native.chain.send(native.badges.burn, granted(native, achievement_id, native.member), sender=native.member)

    assert granted(native, achievement_id, native.member) == token_id(achievement_id, 2)


@pytest.mark.parametrize("caller", ["founder", "other", "stranger"])
def test_burn_reverts_when_the_caller_is_not_the_holder(native: World, caller: str) -> None:
    """Not the owner, not a granter, and not a market that the holder approved."""
    token = granted(native, create(native), native.member)
    native.chain.send(native.community.setRoles, native.other, 15, sender=native.founder)
    native.chain.send(native.badges.setApprovalForAll, native.stranger, True, sender=native.member)

    with native.chain.reverts("NotHolder", tokenId=token, caller=getattr(native, caller)):
        native.chain.send(native.badges.burn, token, sender=getattr(native, caller))


def test_burn_reverts_for_a_referral_badge(native: World) -> None:
    badge = minted(native)

    with native.chain.reverts("BadgeNotBurnable", tokenId=badge):
        native.chain.send(native.badges.burn, badge, sender=native.member)


def test_burn_reverts_when_there_is_no_such_token(native: World) -> None:
    with native.chain.reverts("TokenDoesNotExist"):
        native.chain.send(native.badges.burn, 1, sender=native.member)
