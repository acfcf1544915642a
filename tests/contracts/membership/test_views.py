"""What Membership answers: validity, prices, ERC-721 metadata, interfaces"""

from typing import Any

import pytest

from tests.factories.communities import FOR_LIFE, LIFE, MONTH, MONTHLY, NOTICE, PRICE, World, community_of
from tests.factories.contracts import Chain, Reverted


def test_is_valid_until_the_second_before_expiry(native: World) -> None:
    token_id = native.join()
    native.chain.advance(MONTH - 1)

    assert native.membership.isValid(token_id)
    native.chain.advance(1)
    assert not native.membership.isValid(token_id)


def test_is_valid_is_false_for_what_does_not_exist(native: World) -> None:
    assert not native.membership.isValid(1)


def test_expires_at_is_the_expiry(native: World) -> None:
    token_id, lifelong = native.join(), native.join(LIFE, sender=native.other)

    assert (native.membership.expiresAt(token_id), native.membership.expiresAt(lifelong)) == (
        native.chain.now + MONTH,
        FOR_LIFE,
    )


@pytest.mark.parametrize("view", ["stateOf", "expiresAt", "renewalPrice", "unearnedOf", "ownerOf", "tokenURI"])
def test_views_revert_when_the_membership_does_not_exist(native: World, view: str) -> None:
    with native.chain.reverts("TokenDoesNotExist"):
        native.chain.send(getattr(native.membership, view), 1, sender=native.stranger)


def test_tier_of_reverts_when_tier_is_unknown(native: World) -> None:
    with native.chain.reverts("TierUnknown", tierId=0):
        native.chain.send(native.membership.tierOf, 0, sender=native.stranger)


def test_unearned_of_falls_with_time(world: World) -> None:
    token_id = world.join()
    world.chain.advance(MONTH // 4)

    assert world.membership.unearnedOf(token_id) == PRICE * 3 // 4


def test_arguments_of_the_clone_are_what_was_opened(world: World) -> None:
    membership = world.membership

    assert (membership.community(), membership.currency()) == (world.community.address, world.currency)
    assert (membership.noticeSeconds(), membership.name(), membership.symbol()) == (NOTICE, "Test Community", "TEST")


@pytest.mark.parametrize(("name", "symbol"), [("x", "y"), ("n" * 64, "s" * 16), ("Κοινόν 🎈", "κοι")])
def test_name_and_symbol_are_kept_whole(ledger: Chain, factory: Any, name: str, symbol: str) -> None:
    world = community_of(ledger, factory, name=name, symbol=symbol)

    assert (world.membership.name(), world.membership.symbol()) == (name, symbol)


@pytest.mark.parametrize(
    ("interface", "known"),
    [
        ("0x01ffc9a7", True),
        ("0x80ac58cd", True),
        ("0x5b5e139f", True),
        ("0xffffffff", False),
        ("0x8c65f84d", True),
        ("0x49064906", True),
        ("0x2a55205a", True),
    ],
    ids=["ERC-165", "ERC-721", "ERC-721 metadata", "invalid", "ERC-5643", "ERC-4906", "ERC-2981"],
)
def test_supports_interface(native: World, interface: str, known: bool) -> None:
    assert native.membership.supportsInterface(interface) is known


def test_renewal_price_is_the_tiers(native: World) -> None:
    token_id = native.join(LIFE)

    assert native.membership.renewalPrice(token_id) == 10 * PRICE


def test_renewal_price_reverts_with_the_reason(native: World) -> None:
    token_id = native.join()
    native.chain.send(native.membership.setTierPaused, MONTHLY, True, sender=native.founder)
    native.chain.advance(3 * MONTH)

    with pytest.raises(Reverted, match="TierPaused"):
        native.chain.send(native.membership.renewalPrice, token_id, sender=native.stranger)
