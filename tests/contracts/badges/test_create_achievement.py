"""IBadges.createAchievement"""

from typing import Any

import pytest

from tests.factories.badges import ISSUER, LABEL, achievement, create, state
from tests.factories.communities import World
from tests.factories.contracts import NATIVE, Receipt


def send(world: World, *, sender: str = "", **changes: Any) -> Receipt:
    params = tuple(achievement(**changes).values())
    return world.chain.send(world.badges.createAchievement, params, sender=sender or world.founder)


def test_create_achievement_writes_all_that_was_stated(native: World) -> None:
    params = achievement(
        cap=100,
        locked=True,
        issuer=ISSUER.address,
        allowance=20,
        description="Was there when it began.",
        uri="https://home.example/first-light",
    )

    event = send(native, **params).only("AchievementSet")

    assert event == {"achievementId": 1, "achievement": params | {"made": 0}}
    assert state(native, 1) == params | {"made": 0}
    assert native.badges.achievementCount() == 1


def test_create_achievement_counts_from_one_in_each_community(native: World, hosted: World) -> None:
    assert (create(native), create(native), create(hosted)) == (1, 2, 1)


@pytest.mark.parametrize("uri", ["", "ipfs://bafy/", "https://x", "https://" + "u" * 192])
def test_create_achievement_takes_a_uri_that_browsers_may_open(native: World, uri: str) -> None:
    assert state(native, create(native, uri=uri))["uri"] == uri


def test_create_achievement_takes_the_longest_description(native: World) -> None:
    assert state(native, create(native, description="d" * 500))["description"] == "d" * 500


def test_create_achievement_may_have_an_issuer_without_allowance(native: World) -> None:
    assert state(native, create(native, issuer=ISSUER.address))["allowance"] == 0


@pytest.mark.parametrize("caller", ["member", "granter"])
def test_create_achievement_reverts_when_the_caller_is_not_the_owner(native: World, caller: str) -> None:
    native.chain.send(native.community.setRoles, native.other, 2, sender=native.founder)
    account = native.other if caller == "granter" else native.member

    with native.chain.reverts("NotOwner", caller=account):
        send(native, sender=account)


@pytest.mark.parametrize("label", [b"\0" * 32, b"\0" + b"x" * 31])
def test_create_achievement_reverts_when_the_label_is_empty(native: World, label: bytes) -> None:
    with native.chain.reverts("AchievementInvalid", label=label, issuer=NATIVE, allowance=0):
        send(native, label=label)


def test_create_achievement_reverts_when_nobody_has_the_allowance(native: World) -> None:
    with native.chain.reverts("AchievementInvalid", label=LABEL, issuer=NATIVE, allowance=1):
        send(native, allowance=1)


def test_create_achievement_reverts_when_the_issuer_is_the_owner(native: World) -> None:
    with native.chain.reverts("IssuerIsOwner", issuer=native.founder):
        send(native, issuer=native.founder, allowance=1)


def test_create_achievement_reverts_when_the_description_is_too_long(native: World) -> None:
    with native.chain.reverts("AchievementTextTooLong", length=501, most=500):
        send(native, description="d" * 501)


def test_create_achievement_reverts_when_the_uri_is_too_long(native: World) -> None:
    with native.chain.reverts("AchievementTextTooLong", length=201, most=200):
        send(native, uri="https://" + "u" * 193)


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "http://x.example", "HTTPS://x", " https://x", "https:/", "x"])
def test_create_achievement_reverts_when_the_uri_has_another_scheme(native: World, uri: str) -> None:
    with native.chain.reverts("AchievementUriInvalid", uri=uri):
        send(native, uri=uri)
