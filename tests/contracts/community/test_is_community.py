"""ICommunityFactory.isCommunity: nothing is stored, an address proves itself"""

from typing import Any

import pytest
from eth_utils.address import to_checksum_address

from tests.factories.communities import World, community_of, factory_of, opening
from tests.factories.contracts import Chain

MIMIC = to_checksum_address("0x" + "5e" * 20)
CLONE = 45  # bytes before a clone's arguments


def code_of(chain: Chain, address: str) -> bytes:
    return bytes.fromhex(str(chain.rpc("eth_getCode", address, "latest"))[2:])


def set_code(chain: Chain, code: bytes) -> None:
    chain.rpc("anvil_setCode", MIMIC, "0x" + code.hex())


def test_is_community_of_every_opening(native: World, tokened: World, factory: Any) -> None:
    token_id = native.join(sender=native.founder)
    child = community_of(native.chain, factory, parent=native.community.address, parentMembership=token_id)

    assert [factory.isCommunity(each.community.address) for each in (native, tokened, child)] == [True] * 3


@pytest.mark.parametrize("who", ["membership", "badges", "store", "factory", "token"])
def test_is_community_of_no_other_contract(tokened: World, factory: Any, who: str) -> None:
    assert not factory.isCommunity(getattr(tokened, who).address)


def test_is_community_of_nobody_and_of_no_account(native: World, factory: Any) -> None:
    assert not factory.isCommunity("0x" + "00" * 20)
    assert not factory.isCommunity(native.stranger)


def test_is_community_not_of_the_implementation(native: World, factory: Any) -> None:
    implementation = "0x" + code_of(native.chain, native.community.address)[10:30].hex()

    assert len(code_of(native.chain, implementation)) > CLONE + 52
    assert not factory.isCommunity(native.chain.at("Community", implementation).address)


def test_is_community_of_another_factory_only_there(ledger: Chain, factory: Any) -> None:
    other = factory_of(ledger)
    world = community_of(ledger, other)

    assert (factory.isCommunity(world.community.address), other.isCommunity(world.community.address)) == (False, True)


def test_copy_of_a_community_is_none(native: World, factory: Any) -> None:
    """The very same code and arguments, at an address that the factory never gave."""
    chain = native.chain
    set_code(chain, code_of(chain, native.community.address))
    mimic = chain.at("Community", MIMIC)

    assert mimic.currency() == native.community.currency()
    assert not factory.isCommunity(MIMIC)
    with chain.reverts("ParentUnknown", parent=MIMIC):
        chain.send(factory.open, opening(parent=MIMIC), sender=native.member)


@pytest.mark.parametrize("size", [1, 23, CLONE - 1, CLONE, CLONE + 1, CLONE + 51, CLONE + 52, CLONE + 72, 24_576])
def test_short_and_long_code_is_no_community(ledger: Chain, factory: Any, size: int) -> None:
    """23 bytes: an account that lends itself code (EIP-7702)."""
    set_code(ledger, b"\xfe" * size)

    assert not factory.isCommunity(MIMIC)


def test_account_with_delegated_code_is_refused_as_a_parent_by_name(native: World, factory: Any) -> None:
    set_code(native.chain, bytes.fromhex("ef0100" + "11" * 20))

    with native.chain.reverts("ParentUnknown", parent=MIMIC):
        native.chain.send(factory.open, opening(parent=MIMIC), sender=native.member)
