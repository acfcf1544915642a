"""IMembership.createTier and initialize"""

from typing import Any

import pytest

from tests.factories.communities import DAY, MONTH, PRICE, YEAR, World, tier
from tests.factories.contracts import NATIVE

FIVE = 5  # the next id: a new community of the tests has four tiers


def test_create_tier_makes_the_next_one(native: World) -> None:
    params = tier(cap=7, saleStart=5, saleEnd=2**40 - 1, soulbound=True, earningSeconds=2 * DAY)

    made = native.chain.send(native.membership.createTier, params, sender=native.founder).only("TierSet")

    expected = {
        "label": params["label"],
        "price": PRICE,
        "renewalPrice": PRICE,
        "noticeEnds": 0,
        "periodSeconds": MONTH,
        "earningSeconds": 2 * DAY,
        "cap": 7,
        "seats": 0,
        "saleStart": 5,
        "saleEnd": 2**40 - 1,
        "retiresAt": 0,
        "inviteeDiscountBps": 0,
        "allowRoot": b"\0" * 32,
        "paused": False,
        "soulbound": True,
        "invitationOnly": False,
    }
    assert made == {"tierId": FIVE, "tier": expected}
    assert {**native.tier(FIVE), "label": params["label"], "allowRoot": b"\0" * 32} == expected
    assert native.membership.tierCount() == FIVE


@pytest.mark.parametrize(
    ("changes", "earning"),
    [
        ({}, MONTH),
        ({"periodSeconds": 0}, YEAR),
        ({"periodSeconds": 0, "earningSeconds": 2 * YEAR}, 2 * YEAR),
        ({"periodSeconds": 3600}, 3600),
        ({"periodSeconds": DAY, "earningSeconds": DAY}, DAY),
        ({"periodSeconds": 100 * YEAR}, 100 * YEAR),
        ({"price": 2**96 - 1}, MONTH),
        ({"cap": 2**24 - 1}, MONTH),
    ],
)
def test_create_tier_accepts_the_edges(native: World, changes: dict[str, Any], earning: int) -> None:
    native.chain.send(native.membership.createTier, tier(**changes), sender=native.founder)

    made = native.tier(FIVE)
    assert made["earningSeconds"] == earning
    assert {key: made[key] for key in changes if key != "earningSeconds"} == {
        key: value for key, value in changes.items() if key != "earningSeconds"
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"label": b"\0" * 32},
        {"periodSeconds": 3599},
        {"periodSeconds": 100 * YEAR + 1},
        {"earningSeconds": DAY - 1},
        {"earningSeconds": MONTH + 1},
        {"periodSeconds": 3600, "earningSeconds": DAY},
        {"periodSeconds": 0, "earningSeconds": 2 * YEAR + 1},
        {"cap": 2**24},
        {"saleStart": 10, "saleEnd": 10},
        {"saleStart": 10, "saleEnd": 9},
    ],
)
def test_create_tier_reverts_when_a_parameter_is_unsound(native: World, changes: dict[str, Any]) -> None:
    with native.chain.reverts("TierParamsInvalid", tierId=FIVE):
        native.chain.send(native.membership.createTier, tier(**changes), sender=native.founder)


def test_create_tier_reverts_when_the_caller_is_not_the_owner(native: World) -> None:
    with native.chain.reverts("NotOwner", caller=native.stranger):
        native.chain.send(native.membership.createTier, tier(), sender=native.stranger)


@pytest.mark.parametrize("name", ["Community", "Membership"])
def test_initialize_reverts_on_clone_and_implementation(native: World, factory: Any, name: str) -> None:
    clone = native.membership if name == "Membership" else native.community
    setup = (native.stranger, native.membership.address, native.stranger, 0, 0, "https://evil.example", native.stranger)

    first = [tuple(tier().values())] if name == "Membership" else setup

    implementation = (
        native.chain.deploy(name, native.stranger) if name == "Membership" else native.chain.deploy(name, NATIVE, 0)
    )
    for contract in (clone, implementation):
        with native.chain.reverts("AlreadyInitialized"):
            native.chain.send(contract.initialize, first, sender=native.stranger)
