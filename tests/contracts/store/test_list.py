"""IStore.list"""

from typing import Any

import pytest

from tests.factories.communities import MONTH, PRICE
from tests.factories.contracts import NATIVE
from tests.factories.stores import DIGEST, FILE, LABEL, PLUGIN, Shop

HOUR = 3_600
CENTURY = 36_500 * 86_400


def test_list_puts_a_product_on_sale(coins: Shop) -> None:
    receipt = coins.send_list(cap=10, royaltyBps=1_000)

    product = {
        "creator": coins.creator,
        "payout": coins.creator,
        "price": PRICE,
        "cap": 10,
        "units": 0,
        "periodSeconds": 0,
        "retiresAt": 0,
        "version": 1,
        "communityBps": 1_000,
        "royaltyBps": 1_000,
        "kind": FILE,
        "delisted": False,
        "barred": False,
        "label": LABEL,
        "digest": DIGEST,
    }
    assert receipt.only("ProductSet") == {"productId": 1, "creator": coins.creator, "product": product}
    assert receipt.only("URI") == {"id": 1, "value": coins.store.uri(1)}
    assert coins.product(1) == product
    assert coins.store.productCount() == 1


def test_list_numbers_products(coins: Shop) -> None:
    assert [coins.list(), coins.plugin(), coins.list()] == [1, 2, 3]
    assert coins.store.productCount() == 3


def test_list_by_the_owner_needs_no_membership(coins: Shop) -> None:
    product = coins.list(sender=coins.founder, membership_id=0)

    assert coins.product(product)["creator"] == coins.founder


def test_list_freezes_the_share_of_the_community(coins: Shop) -> None:
    first = coins.list()
    coins.chain.send(coins.store.setPolicy, 5_000, True, sender=coins.founder)

    second = coins.list()

    assert [coins.product(each)["communityBps"] for each in (first, second)] == [1_000, 5_000]


def test_list_reverts_when_the_creator_expected_another_share(coins: Shop) -> None:
    params = coins.params()
    coins.chain.send(coins.store.setPolicy, 5_000, True, sender=coins.founder)

    with coins.chain.reverts("CommunityShareMismatch", expected=1_000, communityBps=5_000):
        coins.chain.send(coins.store.list, params, coins.ids[coins.creator], sender=coins.creator)


def test_list_reverts_without_a_membership(coins: Shop) -> None:
    for membership_id in (0, coins.ids[coins.creator], 12345):
        with coins.chain.reverts("MembershipInvalid", membershipId=membership_id, account=coins.stranger):
            coins.list(sender=coins.stranger, membership_id=membership_id)


def test_list_reverts_when_the_membership_has_expired(coins: Shop) -> None:
    coins.chain.advance(MONTH - 1)
    coins.list()
    coins.chain.advance(1)

    with coins.chain.reverts("MembershipInvalid", membershipId=coins.ids[coins.creator], account=coins.creator):
        coins.list()


def test_list_reverts_for_members_when_listing_is_closed(coins: Shop) -> None:
    coins.chain.send(coins.store.setPolicy, 1_000, False, sender=coins.founder)

    for membership_id in (0, coins.ids[coins.creator]):
        with coins.chain.reverts("ListingClosed", caller=coins.creator):
            coins.list(membership_id=membership_id)
    assert coins.list(sender=coins.founder) == 1


@pytest.mark.parametrize(
    ("changes", "error", "arguments"),
    [
        ({"label": b"\0" * 32}, "LabelMissing", {}),
        ({"digest": b"\0" * 32}, "DigestMissing", {}),
        ({"payout": NATIVE}, "AccountMissing", {}),
        ({"royaltyBps": 1_001}, "RoyaltyTooHigh", {"bps": 1_001, "capBps": 1_000}),
        ({"royaltyBps": 1, "periodSeconds": MONTH}, "RoyaltyTooHigh", {"bps": 1, "capBps": 0}),
        (
            {"periodSeconds": HOUR - 1},
            "PeriodOutOfRange",
            {"periodSeconds": HOUR - 1, "least": HOUR, "most": CENTURY},
        ),
        (
            {"periodSeconds": CENTURY + 1},
            "PeriodOutOfRange",
            {"periodSeconds": CENTURY + 1, "least": HOUR, "most": CENTURY},
        ),
    ],
)
def test_list_reverts_when_the_product_makes_no_sense(
    coins: Shop, changes: dict[str, Any], error: str, arguments: dict[str, Any]
) -> None:
    with coins.chain.reverts(error, **arguments):
        coins.list(**changes)


@pytest.mark.parametrize("period", [HOUR, CENTURY])
def test_list_takes_the_shortest_and_the_longest_period(coins: Shop, period: int) -> None:
    product = coins.product(coins.list(kind=PLUGIN, periodSeconds=period))

    assert (product["kind"], product["periodSeconds"]) == (PLUGIN, period)


def test_list_on_the_implementation_reverts(coins: Shop) -> None:
    """Behind the clones there is no community: nobody can list there, and nothing can be sold."""
    bare = coins.chain.deploy("Store")

    with coins.chain.reverts("unknown", data=b""):
        coins.chain.send(bare.list, coins.params(), 0, sender=coins.founder)
    with coins.chain.reverts("ProductUnknown", productId=1):
        coins.chain.send(bare.buy, coins.purchase(coins.list()), sender=coins.member, value=PRICE)
