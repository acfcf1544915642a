"""EOA signatures: published vectors, round trips, then tampering."""

from contextlib import suppress
from typing import Any

import coincurve
import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from eth_typing import Hash32
from hypothesis import given
from hypothesis import strategies as st

from backend.chain import Chain, ChainUnavailable
from backend.identity.signature import (
    SECP256K1_ORDER,
    SignatureWrong,
    canonical,
    personal_digest,
    recover,
    typed_digest,
    verify_wallet,
)
from backend.problems import Malformed

WALLET: LocalAccount = Account.from_key(b"\x11" * 32)
DIGEST = personal_digest(b"Koinon")
SIGNATURE = bytes(WALLET.unsafe_sign_hash(Hash32(DIGEST)).signature)
ADDRESS = WALLET.address.lower()
secrets = st.integers(1, SECP256K1_ORDER - 1).map(lambda secret: secret.to_bytes(32))


def high_s(signature: bytes) -> bytes:
    """The other signature that the same key could have made: s negated, parity turned."""
    s = SECP256K1_ORDER - int.from_bytes(signature[32:64])
    return signature[:32] + s.to_bytes(32) + bytes([55 - signature[64]])


def compact(signature: bytes) -> bytes:
    """EIP-2098."""
    return signature[:32] + bytes([signature[32] | (signature[64] - 27) << 7]) + signature[33:64]


def test_recover_finds_the_signer_of_the_published_vectors_of_eip_2098() -> None:
    r = "68a020a209d3d56c46f38cc50a33f704f4a9a10a59377f8dd762ac66910e9b90"
    s = "7e865ad05c4035ab5792787d4a0297a43617ae897930a6fe4d822b8faea52064"
    long = bytes.fromhex(r + s + "1b")
    private = coincurve.PrivateKey(bytes.fromhex("1234567890" * 6 + "1234"))
    assert len(private.secret) == 32

    digest = personal_digest(b"Hello World")

    assert recover(digest, long) == Account.from_key(private.secret).address.lower()
    assert recover(digest, bytes.fromhex(r + s)) == recover(digest, long)


@given(secrets, st.binary(min_size=32, max_size=32))
def test_recover_finds_the_signer_in_every_form_of_the_signature(secret: bytes, digest: bytes) -> None:
    wallet = Account.from_key(secret)

    signature = bytes(wallet.unsafe_sign_hash(digest).signature)

    zero_based = signature[:64] + bytes([signature[64] - 27])
    for form in (signature, zero_based, compact(signature)):
        assert recover(digest, form) == wallet.address.lower()
        assert canonical(form) == signature


@given(st.integers(0, 64), st.integers(1, 255))
def test_recover_does_not_find_the_signer_when_any_byte_of_the_signature_changed(place: int, change: int) -> None:
    altered = SIGNATURE[:place] + bytes([SIGNATURE[place] ^ change]) + SIGNATURE[place + 1 :]
    if place == 64 and altered[64] in (0, 1) and altered[64] == SIGNATURE[64] - 27:
        return  # the same signature, written with v from 0

    with suppress(SignatureWrong):
        assert recover(DIGEST, altered) != ADDRESS


@given(st.integers(0, 31), st.integers(1, 255))
def test_recover_does_not_find_the_signer_when_any_byte_of_the_digest_changed(place: int, change: int) -> None:
    altered = DIGEST[:place] + bytes([DIGEST[place] ^ change]) + DIGEST[place + 1 :]

    assert recover(altered, SIGNATURE) != ADDRESS


def test_recover_refuses_a_high_s_which_libraries_accept() -> None:
    other = high_s(SIGNATURE)
    unchecked = coincurve.PublicKey.from_signature_and_message(
        other[:64] + bytes([other[64] - 27]), DIGEST, hasher=None
    )
    assert unchecked.format() == coincurve.PrivateKey(bytes(WALLET.key)).public_key.format()

    with pytest.raises(SignatureWrong, match="low s"):
        recover(DIGEST, other)


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        SIGNATURE[:63],
        SIGNATURE + b"\0",
        SIGNATURE[:64] + b"\x1d",
        SIGNATURE[:64] + b"\x02",
        b"\0" * 64 + b"\x1b",
        b"\0" * 32 + SIGNATURE[32:],
        SIGNATURE[:32] + b"\0" * 32 + b"\x1b",
        SECP256K1_ORDER.to_bytes(32) + SIGNATURE[32:],
        b"\xff" * 65,
        b"\xff" * 64,
    ],
)
def test_recover_refuses_what_is_no_signature(signature: bytes) -> None:
    with pytest.raises(SignatureWrong):
        recover(DIGEST, signature)


@given(st.binary(max_size=70))
def test_recover_never_fails_otherwise(signature: bytes) -> None:
    with suppress(SignatureWrong):
        assert len(recover(DIGEST, signature)) == 42


@given(st.binary(max_size=300))
def test_personal_digest_is_what_wallets_sign(message: bytes) -> None:
    signed = WALLET.sign_message(encode_defunct(message))

    assert bytes(signed.message_hash) == personal_digest(message)


def typed(**message: Any) -> dict[str, Any]:
    """The example of EIP-712."""
    person = [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}]
    return {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Person": person,
            "Mail": [
                {"name": "from", "type": "Person"},
                {"name": "to", "type": "Person"},
                {"name": "contents", "type": "string"},
            ],
        },
        "primaryType": "Mail",
        "domain": {
            "name": "Ether Mail",
            "version": "1",
            "chainId": 1,
            "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
        },
        "message": {
            "from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
            "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
            "contents": "Hello, Bob!",
            **message,
        },
    }


def test_typed_digest_is_the_published_one_of_eip_712() -> None:
    assert typed_digest(typed()).hex() == "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"


def test_typed_digest_refuses_a_message_that_its_types_do_not_fit() -> None:
    with pytest.raises(Malformed):
        typed_digest(typed(to={"name": "Bob", "wallet": "0x1234"}))
    with pytest.raises(Malformed):
        typed_digest({"types": {}})


def test_verify_wallet_proves_an_eoa_without_a_node(no_chain: Chain) -> None:
    proof = verify_wallet(no_chain, ADDRESS, digest=DIGEST, signature=compact(SIGNATURE))

    assert (proof.how, proof.scheme, proof.signature, proof.as_of) == ("eoa", "eip191", SIGNATURE, None)


def test_verify_wallet_says_that_the_chain_is_away_when_only_a_contract_could_have_signed(no_chain: Chain) -> None:
    with pytest.raises(ChainUnavailable) as caught:
        verify_wallet(no_chain, "0x" + "22" * 20, digest=DIGEST, signature=SIGNATURE)

    assert caught.value.status == 503


def test_verify_wallet_refuses_a_signature_that_is_too_long_before_it_asks(no_chain: Chain) -> None:
    with pytest.raises(SignatureWrong):
        verify_wallet(no_chain, ADDRESS, digest=DIGEST, signature=b"\1" * 8193)
