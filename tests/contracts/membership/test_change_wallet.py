"""IMembershipHolder.changeWallet"""

from typing import Any

import pytest

from tests.factories.communities import DAILY, DAY, MONTH, MONTHLY, PRICE, World
from tests.factories.contracts import NATIVE, Receipt
from tests.factories.memberships import NEVER, SEAT_GRACE, agree, consent, invited, join_by, sign, transfer

EMPTY = b""


def agreement(world: World, token: int, signer: str, **changes: Any) -> bytes:
    """The signer's word that the member's token goes to `other`."""
    fields = {
        "token_id": token,
        "holder": world.member,
        "to": world.other,
        "count": world.state(token)["transferCount"],
        "deadline": NEVER,
    }
    domain = {key: changes.pop(key) for key in ("chain_id", "contract") if key in changes}
    return sign(world, signer, "WalletChange", *(fields | changes).values(), **domain)


def change_wallet(world: World, token_id: int, *signatures: bytes, **changes: Any) -> Receipt:
    return world.chain.send(
        world.membership.changeWallet,
        token_id,
        changes.get("to", world.other),
        changes.get("deadline", NEVER),
        *signatures,
        sender=changes.get("sender", world.member),
    )


def test_change_wallet_called_by_the_holder_with_the_recipients_signature(world: World) -> None:
    token_id = world.join(periods=2)
    before = world.state(token_id)
    world.chain.advance(10 * DAY)

    receipt = change_wallet(world, token_id, EMPTY, agreement(world, token_id, world.other))

    state = before | {"transferCount": 1, "flags": 0}
    assert receipt.only("MembershipMoved") == {
        "tokenId": token_id,
        "from": world.member,
        "to": world.other,
        "state": state,
    }
    assert world.state(token_id) == state
    assert (world.membership.ownerOf(token_id), world.membership.balanceOf(world.member)) == (world.other, 0)
    assert world.balance(world.membership.address) == 2 * PRICE


def test_change_wallet_called_by_the_recipient_with_the_holders_signature(native: World) -> None:
    token_id = native.join()

    change_wallet(native, token_id, agreement(native, token_id, native.member), EMPTY, sender=native.other)

    assert native.membership.ownerOf(token_id) == native.other


def test_change_wallet_called_by_anybody_with_both_signatures(native: World) -> None:
    token_id = native.join()
    signatures = [agreement(native, token_id, account) for account in (native.member, native.other)]

    change_wallet(native, token_id, *signatures, sender=native.stranger)

    assert native.membership.ownerOf(token_id) == native.other


def test_change_wallet_of_a_soulbound_membership(native: World) -> None:
    token_id = native.join(DAILY)

    change_wallet(native, token_id, EMPTY, agreement(native, token_id, native.other))

    assert native.membership.ownerOf(token_id) == native.other


def test_change_wallet_of_an_expired_membership(native: World) -> None:
    token_id = native.join()
    native.chain.advance(2 * MONTH)

    change_wallet(native, token_id, EMPTY, agreement(native, token_id, native.other))

    assert native.membership.ownerOf(token_id) == native.other


def test_change_wallet_takes_a_released_seat_along(native: World) -> None:
    token_id = native.join()
    native.chain.advance(MONTH + SEAT_GRACE)
    native.chain.send(native.membership.releaseSeat, token_id, sender=native.stranger)

    change_wallet(native, token_id, EMPTY, agreement(native, token_id, native.other))
    native.renew(token_id, sender=native.other)

    assert native.tier(MONTHLY)["seats"] == 1


def test_change_wallet_keeps_the_badge(native: World) -> None:
    badge = native.join(sender=native.founder)
    token_id = join_by(native, badge)

    change_wallet(native, token_id, EMPTY, agreement(native, token_id, native.other))

    assert native.state(token_id)["badge"] == badge


def test_change_wallet_ends_consent_and_approval(native: World) -> None:
    token_id = native.join()
    agree(native, token_id)
    native.chain.send(native.membership.approve, native.stranger, token_id, sender=native.member)

    change_wallet(native, token_id, EMPTY, agreement(native, token_id, native.other))

    assert consent(native, token_id) == (0, 0, 0)
    assert native.membership.getApproved(token_id) == NATIVE


def test_change_wallet_by_a_contract_wallet(native: World) -> None:
    """Its owner's key signs for it (EIP-1271)."""
    wallet = native.chain.deploy("WalletMock", native.stranger)
    token_id = native.join()
    signature = agreement(native, token_id, native.stranger, to=wallet.address)

    change_wallet(native, token_id, EMPTY, signature, to=wallet.address)

    assert native.membership.ownerOf(token_id) == wallet.address


def test_change_wallet_signature_works_up_to_its_deadline(native: World) -> None:
    token_id, deadline = native.join(), native.chain.now
    signature = agreement(native, token_id, native.other, deadline=deadline)

    with native.chain.undone():
        change_wallet(native, token_id, EMPTY, signature, deadline=deadline)
    native.chain.advance(1)
    with native.chain.reverts("SignatureExpired", deadline=deadline):
        change_wallet(native, token_id, EMPTY, signature, deadline=deadline)


def test_change_wallet_signature_never_works_again(native: World) -> None:
    """The token came back: whoever kept both signatures moves nothing."""
    token_id = native.join()
    signatures = [agreement(native, token_id, account) for account in (native.member, native.other)]
    change_wallet(native, token_id, *signatures, sender=native.stranger)
    transfer(native, token_id, native.other, native.member)

    with native.chain.reverts("SignatureInvalid", account=native.member):
        change_wallet(native, token_id, *signatures, sender=native.stranger)
    assert native.membership.ownerOf(token_id) == native.member


def test_change_wallet_signature_dies_with_a_transfer(native: World) -> None:
    token_id = native.join()
    signature = agreement(native, token_id, native.other)
    transfer(native, token_id, native.member, native.founder)
    transfer(native, token_id, native.founder, native.member)

    with native.chain.reverts("SignatureInvalid", account=native.other):
        change_wallet(native, token_id, EMPTY, signature)


@pytest.mark.parametrize(
    "changes",
    [
        {"token_id": 5},
        {"holder": "stranger"},
        {"to": "stranger"},
        {"count": 1},
        {"deadline": NEVER - 1},
        {"chain_id": 1},
        {"contract": "0x" + "11" * 20},
    ],
    ids=str,
)
def test_change_wallet_reverts_when_something_else_was_signed(native: World, changes: dict[str, Any]) -> None:
    token_id = native.join()
    changes = {key: native.stranger if value == "stranger" else value for key, value in changes.items()}

    with native.chain.reverts("SignatureInvalid", account=native.other):
        change_wallet(native, token_id, EMPTY, agreement(native, token_id, native.other, **changes))


def test_change_wallet_reverts_when_the_holder_did_not_sign(native: World) -> None:
    token_id = native.join()
    by_other = agreement(native, token_id, native.other)

    for signature in (EMPTY, by_other):
        with native.chain.reverts("SignatureInvalid", account=native.member):
            change_wallet(native, token_id, signature, EMPTY, sender=native.other)
        with native.chain.reverts("SignatureInvalid", account=native.member):
            change_wallet(native, token_id, signature, by_other, sender=native.stranger)


def test_change_wallet_reverts_when_the_recipient_did_not_sign(native: World) -> None:
    """Nobody's one place is filled against its will."""
    token_id = native.join()

    with native.chain.reverts("SignatureInvalid", account=native.other):
        change_wallet(native, token_id, EMPTY, agreement(native, token_id, native.member))


def test_change_wallet_reverts_when_the_recipient_has_one(native: World) -> None:
    token_id = native.join()
    native.join(sender=native.other)

    with native.chain.reverts("AlreadyMember", account=native.other):
        change_wallet(native, token_id, EMPTY, agreement(native, token_id, native.other))


def test_change_wallet_reverts_to_the_holder_itself(native: World) -> None:
    token_id = native.join()

    with native.chain.reverts("AlreadyMember", account=native.member):
        change_wallet(native, token_id, EMPTY, EMPTY, to=native.member)


def test_change_wallet_reverts_to_nobody(native: World) -> None:
    token_id = native.join()

    with native.chain.reverts("BalanceQueryForZeroAddress"):
        change_wallet(native, token_id, EMPTY, EMPTY, to=NATIVE)


def test_change_wallet_reverts_when_the_membership_does_not_exist(native: World) -> None:
    with native.chain.reverts("TokenDoesNotExist"):
        change_wallet(native, 1, EMPTY, EMPTY)


def test_old_wallet_is_free_after_a_change(native: World) -> None:
    badge, token_id = invited(native, sender=native.stranger)
    fields = (token_id, native.stranger, native.member, 0, NEVER)
    signature = sign(native, native.member, "WalletChange", *fields)
    change_wallet(native, token_id, EMPTY, signature, to=native.member, sender=native.stranger)

    again = native.send_join(sender=native.stranger).only("MembershipJoined")["state"]

    assert (again["badge"], native.state(token_id)["badge"]) == (0, badge)
