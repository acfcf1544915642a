"""Delegations and session keys: what the block alone proves, and that no byte of it can be changed."""

from contextlib import suppress
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from backend.dag_cbor import CID, decode_dag_cbor, encode_dag_cbor
from backend.identity import siwe
from backend.identity.delegation import (
    P256_ORDER,
    DelegationWrong,
    compressed,
    delegation_block,
    granted_key,
    key_resource,
    p256_sign,
    read_delegation,
    verify_p256,
)
from backend.identity.signature import Proof, SignatureWrong
from tests.factories.identity import DAY, NOW, challenge, delegated, message_for, session_key, sign

WALLET = Account.from_key(b"\x11" * 32)
KEY = session_key()
POINT = compressed(KEY.public_key())
CID_TEXT, BLOCK = delegated(WALLET, KEY)
FIELDS: dict[str, Any] = decode_dag_cbor(BLOCK)  # type: ignore[assignment]
EXPIRY = NOW + 30 * DAY


def cid_of(block: bytes) -> str:
    return CID.cidv1_dag_cbor_sha256_32_from(block).encode()


def read_with(**fields: Any) -> Any:
    """The delegation of a block with other fields, under its own CID."""
    block = encode_dag_cbor({**FIELDS, **fields})
    return read_delegation(cid_of(block), block)


def signed_with(resources: tuple[str, ...], **changes: Any) -> dict[str, Any]:
    """Fields of a delegation whose message, rightly signed, carries these resources."""
    message = message_for(challenge(WALLET), resources=resources, **changes)
    return {"message": message, "signature": sign(WALLET, message)}


def test_read_delegation_gives_what_the_wallet_granted() -> None:
    delegation = read_delegation(CID_TEXT, BLOCK)

    assert delegation.account == WALLET.address.lower()
    assert (delegation.public_key, delegation.issued_at, delegation.expires_at) == (POINT, NOW, EXPIRY)
    assert (delegation.domain, delegation.chain_id) == ("koinon.test:8000", 31337)
    assert (delegation.proof, delegation.as_of, delegation.cid) == ("proved", None, CID_TEXT)


@given(st.integers(0, len(BLOCK) - 1), st.integers(1, 255))
def test_read_delegation_refuses_the_block_when_any_byte_changed(place: int, change: int) -> None:
    altered = BLOCK[:place] + bytes([BLOCK[place] ^ change]) + BLOCK[place + 1 :]

    with pytest.raises(DelegationWrong):
        read_delegation(CID_TEXT, altered)
    with pytest.raises(DelegationWrong):
        read_delegation(cid_of(altered), altered)


@given(st.binary(max_size=200))
def test_read_delegation_never_fails_otherwise(block: bytes) -> None:
    with pytest.raises(DelegationWrong):
        read_delegation(cid_of(block), block)


def test_read_delegation_refuses_a_second_encoding_of_the_same_fields() -> None:
    one = BLOCK.index(b"\x61v\x01")
    longer = BLOCK[: one + 2] + b"\x18\x01" + BLOCK[one + 3 :]

    with pytest.raises(DelegationWrong):
        read_delegation(cid_of(longer), longer)


@pytest.mark.parametrize(
    "fields",
    [
        {"v": 2},
        {"v": True},
        {"v": "1"},
        {"more": 1},
        {"message": FIELDS["message"].encode()},
        {"message": FIELDS["message"].replace(f"{EXPIRY}:write", f"{EXPIRY + 1}:write")},
        {"signature": FIELDS["signature"].hex()},
        {"signature": FIELDS["signature"][:64] + bytes([FIELDS["signature"][64] - 27])},
        {"signature": b""},
        {"signature": b"\1" * 9000},
        {"scheme": "eip712"},
        {"scheme": "eip1271"},
        {"scheme": "erc6492", "as_of": [[31337, 5, b"\1" * 32]]},
        {"as_of": []},
        {"as_of": [[31337, 5, b"\1" * 32]]},
    ],
)
def test_read_delegation_refuses_other_fields(fields: dict[str, Any]) -> None:
    with pytest.raises(DelegationWrong):
        read_with(**fields)


def test_read_delegation_says_attested_when_only_a_contract_can_tell() -> None:
    delegation = read_with(scheme="eip1271", signature=b"", as_of=[[31337, 5, b"\1" * 32]])

    assert (delegation.proof, delegation.as_of) == ("attested", ((31337, 5, b"\1" * 32),))


@pytest.mark.parametrize(
    "as_of",
    [
        None,
        [],
        [[1, 5, b"\1" * 32]],
        [[31337, -1, b"\1" * 32]],
        [[31337, 5, b"\1" * 31]],
        [[31337, 5]],
        [[31337, True, b"\1" * 32]],
        [[31337, 5, b"\1" * 32], [31337, 6, b"\1" * 32]],
        {"chain": 31337},
    ],
)
def test_read_delegation_refuses_a_contracts_word_without_its_block(as_of: Any) -> None:
    with pytest.raises(DelegationWrong):
        read_with(scheme="eip1271", signature=b"", as_of=as_of)


@pytest.mark.parametrize(
    "resources",
    [
        (),
        (key_resource(POINT, EXPIRY), key_resource(POINT, EXPIRY)),
        (key_resource(POINT, EXPIRY), key_resource(compressed(session_key(8).public_key()), EXPIRY)),
        (key_resource(POINT, EXPIRY), "https://example.com/terms"),
        ("https://example.com/terms",),
        (key_resource(POINT, EXPIRY) + "#more",),
        (key_resource(POINT, EXPIRY) + ":admin",),
        (key_resource(POINT, EXPIRY).replace(":write", ":govern"),),
        (key_resource(POINT, EXPIRY).replace(":write", ""),),
        (key_resource(POINT, EXPIRY).replace("key:1", "key:2"),),
        (key_resource(POINT, EXPIRY).upper(),),
        (key_resource(POINT, EXPIRY + 1),),
        (key_resource(POINT, NOW),),
        (key_resource(POINT, EXPIRY).replace(f":{EXPIRY}", f":0{EXPIRY}"),),
        (key_resource(POINT, EXPIRY).replace(f":{EXPIRY}", f":+{EXPIRY}"),),
        (key_resource(POINT[:-1], EXPIRY),),
        (key_resource(b"\4" + POINT[1:], EXPIRY),),
        (key_resource(b"\0" * 33, EXPIRY),),
        (key_resource(b"\2" + b"\xff" * 32, EXPIRY),),
    ],
)
def test_read_delegation_refuses_messages_that_grant_something_else(resources: tuple[str, ...]) -> None:
    with pytest.raises(DelegationWrong):
        read_with(**signed_with(resources))


def test_read_delegation_refuses_a_key_that_outlives_its_message() -> None:
    with pytest.raises(DelegationWrong):
        read_with(**signed_with((key_resource(POINT, NOW + 3601),), expires_at=NOW + 3600))


def test_granted_key_is_none_when_the_message_only_signs_in() -> None:
    assert granted_key(siwe.parse(message_for(challenge(WALLET)))) is None


def test_read_delegation_refuses_a_message_whose_domain_and_address_differ() -> None:
    message = FIELDS["message"].replace("URI: http://koinon.test:8000", "URI: http://evil.test")

    with pytest.raises(DelegationWrong):
        read_with(message=message, signature=sign(WALLET, message))


def test_read_delegation_refuses_another_wallets_signature() -> None:
    stranger = Account.from_key(b"\x12" * 32)

    with pytest.raises(DelegationWrong):
        read_with(signature=sign(stranger, FIELDS["message"]))


def test_delegation_block_keeps_one_form_of_an_eoas_signature() -> None:
    cid, block = delegation_block(FIELDS["message"], Proof("eoa", "eip191", FIELDS["signature"], None))

    assert (cid, block) == (CID_TEXT, BLOCK)


@given(st.integers(1, P256_ORDER - 1), st.binary(max_size=100))
def test_verify_p256_accepts_what_p256_sign_made(secret: int, message: bytes) -> None:
    key = session_key(secret)

    signature = p256_sign(key, message)

    verify_p256(compressed(key.public_key()), message, signature)


SIGNED = b"koinon/act/1\0something"
P256_SIGNATURE = p256_sign(KEY, SIGNED)


@given(st.integers(0, 63), st.integers(1, 255))
def test_verify_p256_refuses_when_any_byte_of_the_signature_changed(place: int, change: int) -> None:
    altered = P256_SIGNATURE[:place] + bytes([P256_SIGNATURE[place] ^ change]) + P256_SIGNATURE[place + 1 :]

    with pytest.raises(SignatureWrong):
        verify_p256(POINT, SIGNED, altered)


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_verify_p256_refuses_when_any_byte_of_the_message_changed(place: int, change: int) -> None:
    altered = SIGNED[:place] + bytes([SIGNED[place] ^ change]) + SIGNED[place + 1 :]

    with pytest.raises(SignatureWrong):
        verify_p256(POINT, altered, P256_SIGNATURE)


@given(st.integers(0, 32), st.integers(1, 255))
def test_verify_p256_refuses_when_any_byte_of_the_key_changed(place: int, change: int) -> None:
    altered = POINT[:place] + bytes([POINT[place] ^ change]) + POINT[place + 1 :]

    with pytest.raises((SignatureWrong, DelegationWrong)):
        verify_p256(altered, SIGNED, P256_SIGNATURE)


def test_verify_p256_refuses_a_high_s() -> None:
    s = P256_ORDER - int.from_bytes(P256_SIGNATURE[32:])

    with pytest.raises(SignatureWrong, match="low s"):
        verify_p256(POINT, SIGNED, P256_SIGNATURE[:32] + s.to_bytes(32))


@given(st.binary(max_size=66))
def test_verify_p256_never_fails_otherwise(signature: bytes) -> None:
    with suppress(SignatureWrong):
        verify_p256(POINT, SIGNED, signature)
