"""What Badges answers: names, interfaces, royalties, and nothing about what does not exist"""

from functools import reduce
from operator import xor
from typing import Any

import pytest
from eth_utils.crypto import keccak

from tests.factories.badges import create, granted, minted
from tests.factories.communities import World, community_of
from tests.factories.contracts import NATIVE, Chain

INTERFACES = {
    "ERC-165": ("supportsInterface(bytes4)",),
    "ERC-721": (
        "balanceOf(address)",
        "ownerOf(uint256)",
        "approve(address,uint256)",
        "getApproved(uint256)",
        "setApprovalForAll(address,bool)",
        "isApprovedForAll(address,address)",
        "transferFrom(address,address,uint256)",
        "safeTransferFrom(address,address,uint256)",
        "safeTransferFrom(address,address,uint256,bytes)",
    ),
    "ERC-721 metadata": ("name()", "symbol()", "tokenURI(uint256)"),
    "ERC-2981": ("royaltyInfo(uint256,uint256)",),
    "ERC-5192": ("locked(uint256)",),
}


def interface_id(signatures: tuple[str, ...]) -> bytes:
    """ERC-165: the selectors, added without carry."""
    return reduce(xor, (int.from_bytes(keccak(text=each)[:4], "big") for each in signatures)).to_bytes(4, "big")


@pytest.mark.parametrize("name", INTERFACES)
def test_supports_interface_that_it_has(native: World, name: str) -> None:
    assert native.badges.supportsInterface(interface_id(INTERFACES[name]))


@pytest.mark.parametrize(
    ("known", "name"),
    [("0x01ffc9a7", "ERC-165"), ("0x80ac58cd", "ERC-721"), ("0x2a55205a", "ERC-2981"), ("0xb45a3c0e", "ERC-5192")],
)
def test_interface_ids_are_those_of_the_standards(known: str, name: str) -> None:
    assert interface_id(INTERFACES[name]).hex() == known[2:]


def test_supports_interface_of_erc4906_which_has_only_events(native: World) -> None:
    assert native.badges.supportsInterface(bytes.fromhex("49064906"))


@pytest.mark.parametrize("unknown", ["ffffffff", "00000000", "8c65f84d", "d9b67a26"])
def test_supports_no_other_interface(native: World, unknown: str) -> None:
    assert not native.badges.supportsInterface(bytes.fromhex(unknown))


def test_arguments_of_the_clone_are_what_was_opened(world: World) -> None:
    assert (world.badges.community(), world.badges.membership()) == (
        world.community.address,
        world.membership.address,
    )


@pytest.mark.parametrize(("name", "symbol"), [("x", "y"), ("n" * 64, "s" * 16), ("Κοινόν 🎈", "κοι")])
def test_name_and_symbol_are_those_of_the_community(ledger: Chain, factory: Any, name: str, symbol: str) -> None:
    world = community_of(ledger, factory, name=name, symbol=symbol)

    assert (world.badges.name(), world.badges.symbol()) == (f"{name} Badges", f"{symbol}-B")


def test_domain_is_that_of_the_clone(native: World) -> None:
    domain = native.chain.read(native.badges.eip712Domain)

    assert (domain["name"], domain["version"]) == ("Koinon Badges", "1")
    assert domain["verifyingContract"] == native.badges.address


@pytest.mark.parametrize(
    ("price", "amount"), [(0, 0), (19, 0), (20, 1), (10**18, 5 * 10**16), (2**256 - 1, (2**256 - 1) // 20)]
)
def test_royalty_is_the_communitys(world: World, price: int, amount: int) -> None:
    badge = minted(world)

    answer = world.chain.read(world.badges.royaltyInfo, badge, price)

    assert answer == {"receiver": world.community.address, "amount": amount}


def test_royalty_can_be_none(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, royaltyBps=0)

    assert ledger.read(world.badges.royaltyInfo, 1, 10**18) == {"receiver": world.community.address, "amount": 0}


@pytest.mark.parametrize("view", ["ownerOf", "getApproved", "tokenURI", "transferCountOf", "locked"])
def test_views_revert_when_the_token_does_not_exist(native: World, view: str) -> None:
    badge = native.join()  # a badge, but no token yet

    for token in (badge, 1 << 40 | 1):
        with native.chain.reverts("TokenDoesNotExist"):
            native.chain.send(getattr(native.badges, view), token, sender=native.stranger)


def test_image_of_reverts_when_the_achievement_token_does_not_exist(native: World) -> None:
    achievement_id = create(native)

    with native.chain.reverts("TokenDoesNotExist"):
        native.chain.send(native.badges.imageOf, achievement_id << 40 | 1, sender=native.stranger)


def test_achievement_of_reverts_when_it_is_unknown(native: World) -> None:
    with native.chain.reverts("AchievementUnknown", achievementId=1):
        native.chain.send(native.badges.achievementOf, 1, sender=native.stranger)


def test_balance_of_nobody_reverts(native: World) -> None:
    with native.chain.reverts("BalanceQueryForZeroAddress"):
        native.chain.send(native.badges.balanceOf, NATIVE, sender=native.stranger)


def test_ids_of_badges_and_achievements_never_meet(native: World) -> None:
    badge, token = minted(native), granted(native, create(native), native.member)

    assert badge < 2**40 <= token
    assert native.badges.balanceOf(native.member) == 2
