"""Badges as ERC-721 tokens: transfers, approvals, the count of transfers, and locked ones (ERC-5192)"""

from typing import Any

import pytest
from eth_utils.crypto import keccak

from tests.factories.badges import create, credit, granted, minted
from tests.factories.communities import World
from tests.factories.contracts import NATIVE, Chain, Receipt

MOST_TRANSFERS = 2**64 - 1


def transfer(world: World, token: int, **changes: Any) -> Receipt:
    """From the member to the other, by the member."""
    return world.chain.send(
        world.badges.transferFrom,
        changes.get("source", world.member),
        changes.get("recipient", world.other),
        token,
        sender=changes.get("sender", world.member),
        value=changes.get("value", 0),
    )


def safe_transfer(world: World, token: int, recipient: str, *, value: int = 0) -> Receipt:
    arguments = (world.member, recipient, token, b"")
    return world.chain.send(world.badges.safeTransferFrom, *arguments, sender=world.member, value=value)


def token_of(world: World, kind: str) -> int:
    """A new token of the member."""
    if kind == "badge":
        return minted(world)
    return granted(world, create(world, locked=kind == "locked"), world.member)


either = pytest.mark.parametrize("kind", ["badge", "achievement"])


@either
def test_transfer_hands_over_and_counts(native: World, kind: str) -> None:
    token = token_of(native, kind)

    receipt = transfer(native, token)

    assert receipt.names() == ["Transfer"]
    assert receipt.only("Transfer") == {"from": native.member, "to": native.other, "id": token}
    assert (native.badges.ownerOf(token), native.badges.transferCountOf(token)) == (native.other, 1)
    assert (native.badges.balanceOf(native.member), native.badges.balanceOf(native.other)) == (0, 1)


@either
def test_transfer_back_and_to_oneself_count_on(native: World, kind: str) -> None:
    token = token_of(native, kind)

    transfer(native, token)
    transfer(native, token, source=native.other, recipient=native.member, sender=native.other)
    transfer(native, token, recipient=native.member)

    assert native.badges.transferCountOf(token) == 3


def test_transfer_of_a_badge_moves_its_income_and_nothing_of_the_membership(native: World) -> None:
    badge = minted(native)
    credit(native, badge, 1_000)
    before = native.chain.read(native.membership.ledgerOf, badge)

    transfer(native, badge, recipient=native.stranger)
    paid = native.chain.send(native.membership.claim, [badge], native.stranger, sender=native.stranger)

    assert (paid.only("BadgeClaimed")["amount"], before["income"]) == (1_000, 1_000)
    assert native.membership.ownerOf(badge) == native.member


@either
def test_transfer_by_an_approved_account_clears_the_approval(native: World, kind: str) -> None:
    token = token_of(native, kind)
    native.chain.send(native.badges.approve, native.stranger, token, sender=native.member)
    assert native.badges.getApproved(token) == native.stranger

    transfer(native, token, sender=native.stranger)

    assert native.badges.getApproved(token) == NATIVE


@either
def test_transfer_by_an_operator(native: World, kind: str) -> None:
    token = token_of(native, kind)
    native.chain.send(native.badges.setApprovalForAll, native.stranger, True, sender=native.member)

    transfer(native, token, sender=native.stranger)

    assert native.badges.ownerOf(token) == native.other


@either
def test_safe_transfer_hands_over_to_a_contract_that_accepts(ledger: Chain, native: World, kind: str) -> None:
    token = token_of(native, kind)
    account = ledger.deploy("HostileAccount")

    safe_transfer(native, token, account.address)

    assert (native.badges.ownerOf(token), native.badges.transferCountOf(token)) == (account.address, 1)


@either
def test_safe_transfer_reverts_when_the_recipient_takes_no_tokens(native: World, kind: str) -> None:
    token = token_of(native, kind)

    with native.chain.reverts("TransferToNonERC721ReceiverImplementer"):
        safe_transfer(native, token, native.community.address)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"sender": "stranger"}, "NotOwnerNorApproved"),
        ({"source": "stranger"}, "TransferFromIncorrectOwner"),
        ({"recipient": NATIVE}, "TransferToZeroAddress"),
    ],
)
@either
def test_transfer_reverts_by_the_rules_of_erc721(native: World, kind: str, changes: dict[str, str], error: str) -> None:
    token = token_of(native, kind)
    arguments = {key: native.stranger if value == "stranger" else value for key, value in changes.items()}

    with native.chain.reverts(error):
        transfer(native, token, **arguments)


def test_transfer_reverts_when_there_is_no_such_token(native: World) -> None:
    with native.chain.reverts("TokenDoesNotExist"):
        transfer(native, 1)


@either
def test_transfer_reverts_when_coins_come_with_it(native: World, kind: str) -> None:
    token = token_of(native, kind)

    with native.chain.reverts("ValueMismatch", value=1, due=0):
        transfer(native, token, value=1)
    with native.chain.reverts("ValueMismatch", value=1, due=0):
        safe_transfer(native, token, native.other, value=1)
    with native.chain.reverts("ValueMismatch", value=1, due=0):
        native.chain.send(native.badges.approve, native.other, token, sender=native.member, value=1)


@either
def test_transfer_reverts_at_the_last_count(native: World, kind: str) -> None:
    token = token_of(native, kind)
    slot = owner_slot(token)
    word = int(native.chain.rpc("eth_getStorageAt", native.badges.address, slot, "latest"), 16)
    full = word | MOST_TRANSFERS << 160
    native.chain.rpc("anvil_setStorageAt", native.badges.address, slot, f"0x{full:064x}")
    assert native.badges.transferCountOf(token) == MOST_TRANSFERS

    with native.chain.reverts("Panic", code=0x11):
        transfer(native, token)


def test_transfer_reverts_when_the_token_is_locked(native: World) -> None:
    locked = token_of(native, "locked")

    with native.chain.reverts("TokenLocked", tokenId=locked):
        transfer(native, locked)
    with native.chain.reverts("TokenLocked", tokenId=locked):
        transfer(native, locked, recipient=native.member)
    with native.chain.reverts("TokenLocked", tokenId=locked):
        safe_transfer(native, locked, native.other)


def test_transfer_by_an_operator_reverts_when_the_token_is_locked(native: World) -> None:
    locked = token_of(native, "locked")
    native.chain.send(native.badges.setApprovalForAll, native.stranger, True, sender=native.member)

    with native.chain.reverts("TokenLocked", tokenId=locked):
        transfer(native, locked, sender=native.stranger)


def test_approve_reverts_when_the_token_is_locked(native: World) -> None:
    locked = token_of(native, "locked")

    with native.chain.reverts("TokenLocked", tokenId=locked):
        native.chain.send(native.badges.approve, native.other, locked, sender=native.member)


@pytest.mark.parametrize("caller", ["other", "stranger"])
@either
def test_approve_reverts_when_the_caller_may_not(native: World, kind: str, caller: str) -> None:
    token = token_of(native, kind)

    with native.chain.reverts("NotOwnerNorApproved"):
        native.chain.send(native.badges.approve, native.other, token, sender=getattr(native, caller))


def owner_slot(token: int) -> str:
    """Where Solady's ERC721 keeps a token's owner and extra data."""
    seed = keccak(token.to_bytes(32, "big")[:28] + bytes.fromhex("7d882553"))
    return f"0x{(int.from_bytes(seed, 'big') + 2 * token) % 2**256:064x}"
