"""Whether a wallet signed a digest: an EOA by its key (EIP-191, EIP-712), a contract wallet by its code
(ERC-6492 before it is deployed, EIP-1271 after).
"""

import secrets
from dataclasses import dataclass
from typing import Any, Literal

import coincurve
from eth_abi.abi import encode
from eth_abi.exceptions import EncodingError
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError
from siwe.siwe import EIP6492_MAGIC_SUFFIX, EIP6492_VALIDATOR_BYTECODE

from backend.chain import CallFailed, Chain
from backend.problems import Malformed, Problem

Scheme = Literal["eip191", "erc6492", "eip1271"]
AsOf = tuple[int, int, bytes]
"""Chain id, block number and block hash: where a contract was asked."""

SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
MAX_SIGNATURE_BYTES = 8 * 1024
"""A passkey's signature inside a multisig inside an ERC-6492 wrapper takes about 3 KiB."""
ERC6492_MAGIC = bytes.fromhex(EIP6492_MAGIC_SUFFIX)
"""What a signature of a wallet that is not deployed yet ends with."""
_MAGIC_1271 = bytes.fromhex("1626ba7e").ljust(32, b"\0")
_VALIDATOR = bytes.fromhex(EIP6492_VALIDATOR_BYTECODE.removeprefix("0x"))


class SignatureWrong(Problem):
    """The wallet did not sign this."""

    slug, title, status = "signature-wrong", "The signature is not of this wallet", 401


@dataclass(frozen=True)
class Proof:
    """A wallet's signature that was found right.

    `signature` is the one form that is kept: 65 bytes r‖s‖v, v 27 or 28, for an EOA, the given bytes for a contract.
    `as_of` is where a contract was asked; None for an EOA, whose signature needs no chain.
    """

    how: Literal["eoa", "contract"]
    scheme: Scheme
    signature: bytes
    as_of: AsOf | None


def personal_digest(message: bytes) -> bytes:
    """What a wallet signs for `personal_sign` (EIP-191, version 0x45)."""
    return keccak(b"\x19Ethereum Signed Message:\n" + str(len(message)).encode() + message)


def typed_digest(typed: dict[str, Any]) -> bytes:
    """What a wallet signs for `eth_signTypedData_v4` (EIP-712). `Malformed` when types and message differ."""
    try:
        signable = encode_typed_data(full_message=typed)
    except (EncodingError, ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Malformed("The typed data is not what EIP-712 asks for.") from error
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def canonical(signature: bytes) -> bytes:
    """The 65 bytes r‖s‖v, v 27 or 28, of an ECDSA signature; `SignatureWrong` for any other.

    Taken: 65 bytes with v 27, 28, 0 or 1, and 64 bytes of EIP-2098. A high s (EIP-2) is refused: with it, everybody
    could make a second signature from a first.
    """
    if len(signature) == 64:
        s = signature[32] & 0x7F
        signature = signature[:32] + bytes([s]) + signature[33:] + bytes([27 + (signature[32] >> 7)])
    if len(signature) != 65 or signature[64] not in (0, 1, 27, 28):
        raise SignatureWrong("A signature of an account has 64 or 65 bytes.")
    r, s_value = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64])
    if not 0 < r < SECP256K1_ORDER or not 0 < s_value <= SECP256K1_ORDER // 2:
        raise SignatureWrong("The signature is not in its one lawful form (low s).")
    return signature[:64] + bytes([27 + signature[64] % 27])


def recover(digest: bytes, signature: bytes) -> str:
    """The address whose key signed the digest. `SignatureWrong` when no key can have."""
    raw = canonical(signature)
    try:
        key = coincurve.PublicKey.from_signature_and_message(raw[:64] + bytes([raw[64] - 27]), digest, hasher=None)
    except ValueError as error:
        raise SignatureWrong("No key made this signature.") from error
    return "0x" + keccak(key.format(compressed=False)[1:])[12:].hex()


def verify_wallet(chain: Chain, address: str, *, digest: bytes, signature: bytes) -> Proof:
    """`address` signed the digest: by its key, else by its code at the newest block.

    `SignatureWrong` when it did not, `ChainUnavailable` when only the chain could tell and does not answer.
    """
    if len(signature) > MAX_SIGNATURE_BYTES:
        raise SignatureWrong(f"A signature has at most {MAX_SIGNATURE_BYTES} bytes.")
    if _is_of_key(address, digest=digest, signature=signature):
        return Proof("eoa", "eip191", canonical(signature), None)
    chain.check()
    head = chain.head()
    as_of = (chain.chain_id, head.number, bytes.fromhex(head.hash[2:]))
    if signature.endswith(ERC6492_MAGIC):
        _ask_undeployed(chain, address, digest=digest, signature=signature, block=head.number)
        return Proof("contract", "erc6492", signature, as_of)
    _ask_contract(chain, address, digest=digest, signature=signature, block=head.number)
    return Proof("contract", "eip1271", signature, as_of)


def _is_of_key(address: str, *, digest: bytes, signature: bytes) -> bool:
    try:
        return recover(digest, signature) == address
    except SignatureWrong:
        return False


def _ask_undeployed(chain: Chain, address: str, *, digest: bytes, signature: bytes, block: int) -> None:
    """The universal validator of ERC-6492, run but never deployed, returns one byte 1."""
    arguments = encode(["address", "bytes32", "bytes"], [address, digest, signature])
    try:
        answer = chain.call(None, _VALIDATOR + arguments, block, sender=_nobody())
    except CallFailed as error:
        raise SignatureWrong("The wallet's contract refuses the signature.") from error
    if answer != b"\x01":
        raise SignatureWrong("The wallet's contract refuses the signature.")


def _ask_contract(chain: Chain, address: str, *, digest: bytes, signature: bytes, block: int) -> None:
    """`isValidSignature` returns its selector. An account without code returns nothing, and so proves nothing."""
    arguments = encode(["bytes32", "bytes"], [digest, signature])
    try:
        answer = chain.call(address, _MAGIC_1271[:4] + arguments, block, sender=_nobody())
    except CallFailed as error:
        raise SignatureWrong("The wallet's contract refuses the signature.") from error
    if answer[:32] != _MAGIC_1271:
        raise SignatureWrong("The account did not sign this.")


def _nobody() -> str:
    """Who asks a contract: an account that it cannot know. Some wallets check nothing when `tx.origin` is zero or
    another address that only fee estimates come from.
    """
    return "0x" + secrets.token_hex(20)
