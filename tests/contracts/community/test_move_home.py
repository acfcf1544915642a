"""ICommunity.moveHome"""

import pytest

from tests.factories.communities import World
from tests.factories.contracts import NATIVE, Receipt

URI = "https://a-new-home-with-a-name-longer-than-one-word.example/path"
KEY = "0x" + "22" * 20
BASE = b"\xcd" * 32


def move(world: World, sequence: int = 0, *, key: str = KEY, sender: str = "") -> Receipt:
    return world.chain.send(world.community.moveHome, URI, key, BASE, sequence, sender=sender or world.founder)


def test_move_home_starts_the_next_epoch(native: World) -> None:
    receipt = move(native, 42)

    assert receipt.only("HomeMoved") == {
        "epoch": 2,
        "uri": URI,
        "homeKey": KEY,
        "baseDigest": BASE,
        "sequence": 42,
    }
    assert tuple(native.community.home()) == (2, URI, KEY)


def test_move_home_is_named_in_later_manifests(native: World) -> None:
    move(native)

    published = native.chain.send(native.community.publishManifest, BASE, 1, sender=native.founder)

    assert published.only("ManifestPublished")["epoch"] == 2


@pytest.mark.parametrize("sequence", [42, 43])
def test_move_home_may_begin_where_the_last_move_did(native: World, sequence: int) -> None:
    move(native, 42)

    assert move(native, sequence).only("HomeMoved")["epoch"] == 3


def test_move_home_reverts_when_it_would_drop_what_the_last_move_kept(native: World) -> None:
    move(native, 42)

    with native.chain.reverts("BaseSequenceStale", given=41, base=42):
        move(native, 41)


def test_move_home_reverts_without_a_key(native: World) -> None:
    with native.chain.reverts("HomeKeyMissing"):
        move(native, key=NATIVE)


def test_move_home_reverts_when_the_caller_is_not_the_owner(native: World) -> None:
    native.chain.send(native.community.setRoles, native.stranger, 15, sender=native.founder)

    with native.chain.reverts("NotOwner", caller=native.stranger):
        move(native, sender=native.stranger)
