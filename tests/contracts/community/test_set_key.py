"""ICommunity.setKey"""

import pytest

from tests.factories.communities import World

KEY = b"\xee" * 32


@pytest.mark.parametrize(("key", "until"), [(KEY, 2**40 - 1), (KEY, 0), (b"\0" * 32, 0)], ids=["give", "revoke", "all"])
def test_set_key_by_anybody_is_announced_for_the_caller(native: World, key: bytes, until: int) -> None:
    receipt = native.chain.send(native.community.setKey, key, until, sender=native.stranger)

    assert receipt.only("KeySet") == {"account": native.stranger, "keyHash": key, "until": until}
