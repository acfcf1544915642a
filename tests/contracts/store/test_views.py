"""What a Store answers to wallets, markets and pages"""

import base64
import json

import pytest

from tests.factories.communities import MONTH, PRICE
from tests.factories.stores import DIGEST, FOR_GOOD, Shop


@pytest.mark.parametrize("digest", [DIGEST, b"\xff" * 32, b"\0" * 31 + b"\1", bytes(range(32))])
def test_uri_is_the_cid_of_the_metadata(coins: Shop, digest: bytes) -> None:
    product = coins.list(digest=digest)

    expected = "b" + base64.b32encode(b"\x01\x55\x12\x20" + digest).decode().lower().rstrip("=")
    assert coins.store.uri(product) == f"ipfs://{expected}"


def test_uri_reverts_when_the_product_is_unknown(coins: Shop) -> None:
    with coins.chain.reverts("ProductUnknown", productId=1):
        coins.chain.read(coins.store.uri, 1)


def test_contract_uri_names_the_community(coins: Shop) -> None:
    prefix, text = str(coins.store.contractURI()).split(",", 1)

    assert prefix == "data:application/json;base64"
    assert json.loads(base64.b64decode(text)) == {"name": "Test Community: store"}


@pytest.mark.parametrize(
    ("interface", "supported"),
    [("01ffc9a7", True), ("d9b67a26", True), ("0e89341c", True), ("2a55205a", True), ("80ac58cd", False)],
    ids=["ERC-165", "ERC-1155", "ERC-1155 metadata", "ERC-2981", "ERC-721"],
)
def test_supports_interface(coins: Shop, interface: str, supported: bool) -> None:
    assert coins.store.supportsInterface(bytes.fromhex(interface)) is supported


def test_royalty_goes_to_the_payout_account(coins: Shop) -> None:
    product, plugin = coins.list(royaltyBps=250, payout=coins.stranger), coins.plugin()

    assert tuple(coins.store.royaltyInfo(product, 10_001)) == (coins.stranger, 250)
    assert tuple(coins.store.royaltyInfo(plugin, 10_001)) == (coins.creator, 0)


def test_royalty_reverts_when_the_product_is_unknown(coins: Shop) -> None:
    with coins.chain.reverts("ProductUnknown", productId=5):
        coins.chain.read(coins.store.royaltyInfo, 5, PRICE)


def test_license_of_says_until_when(coins: Shop) -> None:
    good, plugin = coins.list(), coins.plugin()
    start = coins.chain.now
    assert [coins.valid_until(coins.member, each) for each in (good, plugin, 9)] == [0, 0, 0]

    coins.buy(good)
    coins.buy(plugin)

    assert coins.valid_until(coins.member, good) == FOR_GOOD
    assert coins.valid_until(coins.member, plugin) == start + MONTH


def test_is_licensed_ends_with_the_second_of_the_expiry(coins: Shop) -> None:
    plugin = coins.plugin()
    coins.buy(plugin)

    coins.chain.advance(MONTH - 1)
    assert coins.store.isLicensed(coins.member, plugin)
    coins.chain.advance(1)
    assert not coins.store.isLicensed(coins.member, plugin)


def test_product_of_reverts_when_the_product_is_unknown(coins: Shop) -> None:
    with coins.chain.reverts("ProductUnknown", productId=0):
        coins.chain.read(coins.store.productOf, 0)


def test_store_knows_its_siblings(shop: Shop) -> None:
    siblings = (shop.store.community(), shop.store.membership(), shop.store.currency())

    assert siblings == (shop.world.community.address, shop.world.membership.address, shop.world.currency)
    shop.list()
    assert shop.store.membership() == shop.world.membership.address
