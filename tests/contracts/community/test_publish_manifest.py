"""ICommunity.publishManifest"""

import pytest

from tests.factories.communities import World
from tests.factories.contracts import Receipt

DIGEST = b"\xab" * 32
PUBLISHER = 8


def publish(world: World, sequence: int, *, digest: bytes = DIGEST, sender: str = "") -> Receipt:
    return world.chain.send(world.community.publishManifest, digest, sequence, sender=sender or world.founder)


def test_publish_manifest_by_the_owner_anchors_it(native: World) -> None:
    receipt = publish(native, 7)

    assert receipt.only("ManifestPublished") == {
        "sequence": 7,
        "digest": DIGEST,
        "epoch": 1,
        "publisher": native.founder,
    }
    sequence, digest = native.community.manifest()
    assert (sequence, bytes(digest)) == (7, DIGEST)


def test_publish_manifest_by_a_publisher_anchors_it(native: World) -> None:
    native.chain.send(native.community.setRoles, native.stranger, PUBLISHER, sender=native.founder)

    assert publish(native, 1, sender=native.stranger).only("ManifestPublished")["publisher"] == native.stranger


@pytest.mark.parametrize("roles", [0, 7])
def test_publish_manifest_reverts_without_the_role(native: World, roles: int) -> None:
    native.chain.send(native.community.setRoles, native.stranger, roles, sender=native.founder)

    with native.chain.reverts("RoleMissing", caller=native.stranger, role=PUBLISHER):
        publish(native, 1, sender=native.stranger)


@pytest.mark.parametrize("sequence", [0, 4, 5])
def test_publish_manifest_reverts_when_the_sequence_is_stale(native: World, sequence: int) -> None:
    publish(native, 5)

    with native.chain.reverts("ManifestSequenceStale", given=sequence, published=5):
        publish(native, sequence)


def test_publish_manifest_reverts_when_the_sequence_leaps(native: World) -> None:
    publish(native, 5)
    most = 5 + 2**32

    with native.chain.reverts("ManifestSequenceTooFar", given=most + 1, most=most):
        publish(native, most + 1)
    publish(native, most)


def test_publish_manifest_may_reach_the_last_number_and_no_further(native: World) -> None:
    """Which no community can: so the slot is written as if it had published 2**64 - 3."""
    slot = int(str(native.chain.rpc("eth_getStorageAt", native.community.address, "0x2", "latest")), 16)
    word = (slot & (2**160 - 1)) | (2**64 - 3) << 160
    native.chain.rpc("anvil_setStorageAt", native.community.address, "0x2", f"0x{word:064x}")

    assert publish(native, 2**64 - 1).only("ManifestPublished")["sequence"] == 2**64 - 1
    with native.chain.reverts("ManifestSequenceStale", given=2**64 - 1, published=2**64 - 1):
        publish(native, 2**64 - 1)


def test_publish_manifest_reverts_when_the_digest_is_empty(native: World) -> None:
    with native.chain.reverts("ManifestEmpty"):
        publish(native, 1, digest=b"\0" * 32)
