"""IMembershipOffice.setTierLabel"""

import base64
import json

from tests.factories.communities import LIFE, MONTHLY, World
from tests.factories.contracts import Receipt

LABEL = "Κοινόν".encode().ljust(32, b"\0")


def rename(world: World, tier_id: int = MONTHLY, label: bytes = LABEL, *, sender: str = "") -> Receipt:
    return world.chain.send(world.membership.setTierLabel, tier_id, label, sender=sender or world.founder)


def test_set_tier_label_renames_the_tier(world: World) -> None:
    before = world.tier(MONTHLY)

    receipt = rename(world)

    assert receipt.only("TierSet") == {"tierId": MONTHLY, "tier": before | {"label": LABEL}}
    assert world.tier(MONTHLY) == before | {"label": LABEL}


def test_set_tier_label_tells_that_every_token_of_the_tier_changed(native: World) -> None:
    token_id = native.join(LIFE)

    update = rename(native, LIFE).only("BatchMetadataUpdate")

    assert update == {"_fromTokenId": LIFE << 24, "_toTokenId": (LIFE + 1 << 24) - 1}
    assert update["_fromTokenId"] <= token_id <= update["_toTokenId"]


def test_set_tier_label_shows_in_the_metadata(native: World) -> None:
    token_id = native.join()

    rename(native)

    body = json.loads(base64.b64decode(str(native.membership.tokenURI(token_id)).partition(",")[2]))
    assert "Κοινόν" in [attribute["value"] for attribute in body["attributes"]]


def test_set_tier_label_reverts_when_it_is_empty(native: World) -> None:
    with native.chain.reverts("TierParamsInvalid", tierId=MONTHLY):
        rename(native, label=b"\0" * 32)


def test_set_tier_label_reverts_when_tier_is_unknown(native: World) -> None:
    with native.chain.reverts("TierUnknown", tierId=9):
        rename(native, 9)


def test_set_tier_label_reverts_when_the_caller_is_not_the_owner(native: World) -> None:
    with native.chain.reverts("NotOwner", caller=native.stranger):
        rename(native, sender=native.stranger)
