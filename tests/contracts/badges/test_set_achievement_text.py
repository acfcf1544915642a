"""IBadges.setAchievementText"""

from tests.factories.badges import create, grant, state, token_id
from tests.factories.communities import World
from tests.factories.contracts import Receipt


def set_text(world: World, achievement_id: int, description: str, uri: str, *, sender: str = "") -> Receipt:
    return world.chain.send(
        world.badges.setAchievementText, achievement_id, description, uri, sender=sender or world.founder
    )


def test_set_achievement_text_changes_nothing_else(native: World) -> None:
    achievement_id = create(native, cap=3, locked=True, description="d" * 400, uri="ipfs://x")
    grant(native, achievement_id, native.member, native.other)
    before = state(native, achievement_id)

    receipt = set_text(native, achievement_id, "Short.", "https://home.example")

    after = before | {"description": "Short.", "uri": "https://home.example"}
    assert receipt.only("AchievementSet") == {"achievementId": achievement_id, "achievement": after}
    assert state(native, achievement_id) == after


def test_set_achievement_text_tells_that_all_tokens_changed(native: World) -> None:
    achievement_id = create(native)
    grant(native, achievement_id, native.member, native.other)

    receipt = set_text(native, achievement_id, "New.", "")

    first, last = token_id(achievement_id, 1), token_id(achievement_id, 2)
    assert receipt.only("BatchMetadataUpdate") == {"_fromTokenId": first, "_toTokenId": last}


def test_set_achievement_text_tells_of_no_tokens_when_there_are_none(native: World) -> None:
    assert set_text(native, create(native), "New.", "").names() == ["AchievementSet"]


def test_set_achievement_text_reverts_when_the_caller_is_not_the_owner(native: World) -> None:
    with native.chain.reverts("NotOwner", caller=native.member):
        set_text(native, create(native), "", "", sender=native.member)


def test_set_achievement_text_reverts_when_there_is_no_such_achievement(native: World) -> None:
    with native.chain.reverts("AchievementUnknown", achievementId=1):
        set_text(native, 1, "", "")


def test_set_achievement_text_reverts_when_the_description_is_too_long(native: World) -> None:
    with native.chain.reverts("AchievementTextTooLong", length=501, most=500):
        set_text(native, create(native), "d" * 501, "")


def test_set_achievement_text_reverts_when_the_uri_has_another_scheme(native: World) -> None:
    with native.chain.reverts("AchievementUriInvalid", uri="data:text/html,x"):
        set_text(native, create(native), "", "data:text/html,x")
