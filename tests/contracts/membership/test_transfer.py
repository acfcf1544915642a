"""ERC-721 transfers of memberships"""

from typing import Any

import pytest
from eth_utils.crypto import keccak

from tests.factories.communities import DAILY, DAY, LIFE, MONTH, PRICE, World
from tests.factories.contracts import NATIVE, Receipt


def transfer(world: World, token_id: int, **changes: Any) -> Receipt:
    return world.chain.send(
        world.membership.transferFrom,
        changes.get("source", world.member),
        changes.get("recipient", world.other),
        token_id,
        sender=changes.get("sender", world.member),
        value=changes.get("value", 0),
    )


def test_transfer_moves_time_and_money_with_the_token(world: World) -> None:
    token_id = world.join(periods=2)
    before = world.state(token_id)
    world.chain.advance(10 * DAY)

    receipt = transfer(world, token_id)

    state = before | {"transferCount": 1, "flags": 0}  # the receiver has not chosen the badge
    assert receipt.only("MembershipMoved") == {
        "tokenId": token_id,
        "from": world.member,
        "to": world.other,
        "state": state,
    }
    assert world.state(token_id) == state
    assert (world.membership.ownerOf(token_id), world.membership.balanceOf(world.member)) == (world.other, 0)
    assert world.balance(world.membership.address) == 2 * PRICE


def test_transfer_leaves_nothing_of_the_membership_with_the_giver(world: World) -> None:
    token_id = world.join()
    transfer(world, token_id)
    start = world.chain.now

    again = world.send_join().only("MembershipJoined")["state"]

    assert (again["unearned"], again["settledAt"], again["transferCount"]) == (PRICE, start, 0)
    assert world.state(token_id)["unearned"] == PRICE


def test_transfer_back_keeps_counting(native: World) -> None:
    token_id = native.join()
    transfer(native, token_id)
    transfer(native, token_id, source=native.other, recipient=native.member, sender=native.other)

    assert native.state(token_id)["transferCount"] == 2


def test_transfer_of_a_membership_for_life_is_possible(native: World) -> None:
    token_id = native.join(LIFE)

    transfer(native, token_id)

    assert native.membership.ownerOf(token_id) == native.other


def test_transfer_by_an_approved_account_clears_the_approval(native: World) -> None:
    token_id = native.join()
    native.chain.send(native.membership.approve, native.stranger, token_id, sender=native.member)

    transfer(native, token_id, sender=native.stranger)

    assert native.membership.getApproved(token_id) == NATIVE


def test_safe_transfer_hands_over_to_a_contract_that_accepts(native: World) -> None:
    token_id = native.join()
    account = native.chain.deploy("HostileAccount")

    native.chain.send(
        native.membership.safeTransferFrom, native.member, account.address, token_id, b"", sender=native.member
    )

    assert native.membership.ownerOf(token_id) == account.address


def test_safe_transfer_reverts_when_the_recipient_takes_no_tokens(native: World) -> None:
    token_id = native.join()

    with native.chain.reverts("TransferToNonERC721ReceiverImplementer"):
        native.chain.send(
            native.membership.safeTransferFrom,
            native.member,
            native.community.address,
            token_id,
            b"",
            sender=native.member,
        )


def test_transfer_reverts_when_the_membership_has_expired(world: World) -> None:
    token_id = world.join()
    expires_at = world.chain.now + MONTH
    world.chain.set_time(expires_at)

    with world.chain.reverts("MembershipExpired", tokenId=token_id, expiresAt=expires_at):
        transfer(world, token_id)


def test_transfer_reverts_when_the_tier_is_soulbound(native: World) -> None:
    token_id = native.join(DAILY)

    with native.chain.reverts("TierSoulbound", tierId=DAILY):
        transfer(native, token_id)


def test_transfer_reverts_when_the_recipient_has_one(native: World) -> None:
    token_id = native.join()
    native.join(sender=native.other)

    with native.chain.reverts("AlreadyMember", account=native.other):
        transfer(native, token_id)


def test_transfer_reverts_when_the_recipient_is_the_holder(native: World) -> None:
    token_id = native.join()

    with native.chain.reverts("AlreadyMember", account=native.member):
        transfer(native, token_id, recipient=native.member)


def test_transfer_reverts_when_coins_come_with_it(native: World) -> None:
    token_id = native.join()

    with native.chain.reverts("ValueMismatch", value=1, due=0):
        transfer(native, token_id, value=1)


def test_approve_reverts_when_coins_come_with_it(native: World) -> None:
    token_id = native.join()

    with native.chain.reverts("ValueMismatch", value=1, due=0):
        native.chain.send(native.membership.approve, native.other, token_id, sender=native.member, value=1)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"sender": "stranger"}, "NotOwnerNorApproved"),
        ({"source": "stranger"}, "TransferFromIncorrectOwner"),
        ({"recipient": NATIVE}, "TransferToZeroAddress"),
    ],
)
def test_transfer_reverts_by_the_rules_of_erc721(native: World, changes: dict[str, str], error: str) -> None:
    token_id = native.join()
    arguments = {key: native.stranger if value == "stranger" else value for key, value in changes.items()}

    with native.chain.reverts(error):
        transfer(native, token_id, **arguments)


def test_transfer_reverts_at_the_last_count(native: World) -> None:
    token_id = native.join()
    slot = aux_slot(native.member)
    word = int(native.chain.rpc("eth_getStorageAt", native.membership.address, slot, "latest"), 16)
    full = word | (0xFFFF << 36)  # balance 32 bits, flags 4, then transferCount
    native.chain.rpc("anvil_setStorageAt", native.membership.address, slot, f"0x{full:064x}")
    assert native.state(token_id)["transferCount"] == 0xFFFF

    with native.chain.reverts("TransfersUsedUp"):
        transfer(native, token_id)


def aux_slot(account: str) -> str:
    """Where Solady's ERC721 keeps an account's balance and aux data."""
    return "0x" + keccak(bytes.fromhex(account[2:]) + bytes.fromhex("0a5a2e7a00000000")).hex()
