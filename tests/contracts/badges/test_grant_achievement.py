"""IBadges.grantAchievement"""

import pytest

from tests.factories.badges import create, grant, state, token_id
from tests.factories.communities import World
from tests.factories.contracts import NATIVE, Chain


def test_grant_achievement_makes_a_token_for_each_recipient(native: World) -> None:
    achievement_id = create(native)
    first = token_id(achievement_id, 1)

    receipt = grant(native, achievement_id, native.member, native.other)

    assert receipt.names() == ["Transfer", "Unlocked", "Transfer", "Unlocked", "AchievementGranted"]
    event = receipt.only("AchievementGranted")
    assert [each.lower() for each in event.pop("recipients")] == [native.member.lower(), native.other.lower()]
    assert event == {"achievementId": achievement_id, "by": native.founder, "firstTokenId": first, "made": 2}
    assert [native.badges.ownerOf(first + i) for i in range(2)] == [native.member, native.other]
    assert (native.badges.locked(first), native.badges.transferCountOf(first)) == (False, 0)
    assert state(native, achievement_id)["made"] == 2


def test_grant_achievement_of_a_locked_one_says_that_it_is_locked(native: World) -> None:
    achievement_id = create(native, locked=True)

    receipt = grant(native, achievement_id, native.member)

    assert receipt.names() == ["Transfer", "Locked", "AchievementGranted"]
    assert receipt.only("Locked") == {"tokenId": token_id(achievement_id, 1)}
    assert native.badges.locked(token_id(achievement_id, 1))


def test_grant_achievement_goes_on_counting(native: World) -> None:
    one, two = create(native), create(native)
    grant(native, one, native.member)
    grant(native, two, native.member)

    receipt = grant(native, one, native.member)

    assert receipt.only("AchievementGranted")["firstTokenId"] == token_id(one, 2)
    assert native.badges.balanceOf(native.member) == 3


def test_grant_achievement_by_a_granter(native: World) -> None:
    achievement_id = create(native)
    native.chain.send(native.community.setRoles, native.other, 2, sender=native.founder)

    receipt = grant(native, achievement_id, native.member, sender=native.other)

    assert receipt.only("AchievementGranted")["by"] == native.other


def test_grant_achievement_to_nobody_makes_nothing(native: World) -> None:
    achievement_id = create(native, cap=1)

    receipt = grant(native, achievement_id)

    assert receipt.names() == ["AchievementGranted"]
    assert state(native, achievement_id)["made"] == 0


def test_grant_achievement_is_blocked_by_no_recipient(ledger: Chain, native: World) -> None:
    """Contracts that refuse, burn gas or cannot hold tokens at all."""
    refuses, burns = ledger.deploy("HostileAccount"), ledger.deploy("HostileAccount")
    ledger.send(refuses.misbehave, 1, NATIVE, b"", sender=native.stranger)
    ledger.send(burns.misbehave, 2, NATIVE, b"", sender=native.stranger)

    grant(native, create(native), refuses.address, burns.address, native.store.address, native.member)

    assert native.badges.balanceOf(native.member) == 1


def test_grant_achievement_up_to_the_cap(native: World) -> None:
    achievement_id = create(native, cap=3)
    grant(native, achievement_id, native.member)

    grant(native, achievement_id, native.member, native.other)

    assert state(native, achievement_id)["made"] == 3


def test_grant_achievement_reverts_above_the_cap(native: World) -> None:
    achievement_id = create(native, cap=3)
    grant(native, achievement_id, native.member, native.other)

    with native.chain.reverts("AchievementCapExceeded", achievementId=achievement_id, amount=2, left=1):
        grant(native, achievement_id, native.member, native.other)
    assert state(native, achievement_id)["made"] == 2


@pytest.mark.parametrize("role", [1, 4, 8])
def test_grant_achievement_reverts_when_the_caller_has_another_role(native: World, role: int) -> None:
    achievement_id = create(native)
    native.chain.send(native.community.setRoles, native.other, role, sender=native.founder)

    with native.chain.reverts("RoleMissing", caller=native.other, role=2):
        grant(native, achievement_id, native.member, sender=native.other)


def test_grant_achievement_reverts_when_there_is_no_such_achievement(native: World) -> None:
    with native.chain.reverts("AchievementUnknown", achievementId=1):
        grant(native, 1, native.member)


def test_grant_achievement_reverts_when_a_recipient_is_nobody(native: World) -> None:
    with native.chain.reverts("TransferToZeroAddress"):
        grant(native, create(native), native.member, NATIVE)
