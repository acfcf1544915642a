"""A wallet lends its name to a session key: the signed SIWE message as a block that anybody can check. Pure.

`{v: 1, message, signature, scheme, as_of}`; the block's CID is the `key` of the acts that the session key signs.
The message carries exactly one resource `urn:koinon:key:1:<base64url of the compressed P-256 key>:<expiry>:write`.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from backend.dag_cbor import CID, StrictCID, decode_dag_cbor, encode_dag_cbor
from backend.identity import siwe
from backend.identity.signature import (
    ERC6492_MAGIC,
    MAX_SIGNATURE_BYTES,
    Proof,
    SignatureWrong,
    canonical,
    personal_digest,
    recover,
)
from backend.problems import Problem

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
MAX_BLOCK_BYTES = siwe.MAX_CHARACTERS + MAX_SIGNATURE_BYTES + 256
READ_DELEGATIONS_KEPT = 512
_RESOURCE = re.compile(r"urn:koinon:key:1:([A-Za-z0-9_-]{44}):([1-9][0-9]{0,11}):write")
_FIELDS = {"v", "message", "signature", "scheme", "as_of"}


class DelegationWrong(Problem):
    """The block, or the message in it, delegates nothing."""

    slug, title, status = "delegation-wrong", "This does not delegate a session key", 401


@dataclass(frozen=True)
class Delegation:
    """What a wallet granted. Whoever uses it compares `domain` with the home's of that epoch, and `chain_id`.

    `public_key` is the session key, P-256, compressed (33 bytes). `expires_at` is exclusive. `proof` is *proved* when
    the block alone shows that the wallet signed (an EOA), *attested* when only a contract at block `as_of` can.
    """

    cid: str
    account: str
    public_key: bytes
    issued_at: int
    expires_at: int
    domain: str
    chain_id: int
    proof: Literal["proved", "attested"]
    as_of: tuple[tuple[int, int, bytes], ...] | None


def key_resource(public_key: bytes, expires_at: int) -> str:
    """The resource of a SIWE message that delegates to `public_key` until `expires_at`."""
    return f"urn:koinon:key:1:{base64.urlsafe_b64encode(public_key).decode()}:{expires_at}:write"


def granted_key(message: siwe.SiweMessage) -> tuple[bytes, int] | None:
    """The session key and the expiry that the message grants; None when it has no resource at all.

    `DelegationWrong` for any other resource: what we do not understand, nobody shall believe to have signed here.
    """
    if not message.resources:
        return None
    match = _RESOURCE.fullmatch(message.resources[0])
    if len(message.resources) != 1 or match is None:
        raise DelegationWrong("A sign-in message may carry one resource, a session key's, and no other.")
    public_key = base64.urlsafe_b64decode(match[1])
    _load(public_key)
    expires_at = int(match[2])
    ends = message.issued_at + siwe.MAX_LIFE_SECONDS
    if not message.issued_at < expires_at <= min(ends, message.expires_at or ends):
        raise DelegationWrong("A session key expires after its message was issued, with the message, within 30 days.")
    return public_key, expires_at


def delegation_block(message: str, proof: Proof) -> tuple[str, bytes]:
    """CID and bytes of the delegation that the wallet's proof makes of the message."""
    fields: dict[str, Any] = {"v": 1, "message": message, "signature": proof.signature, "scheme": proof.scheme}
    block = encode_dag_cbor({**fields, "as_of": None if proof.as_of is None else [list(proof.as_of)]})
    return CID.cidv1_dag_cbor_sha256_32_from(block).encode(), block


@lru_cache(maxsize=READ_DELEGATIONS_KEPT)
def read_delegation(cid: str, data: bytes) -> Delegation:
    """The delegation in the block, with everything checked that needs no node. `DelegationWrong` says what is not so.

    It takes 10 ms, so the last ones are kept: an author's acts come many with one key. Neither the clock nor
    revocation is looked at: at what time it must hold is the caller's question.
    """
    fields = _decode(cid, data)
    try:
        message = siwe.parse(fields["message"])
        granted = granted_key(message)
    except siwe.SignInRefused as error:
        raise DelegationWrong(error.detail) from error
    if granted is None:
        raise DelegationWrong("The message carries no session key.")
    if message.uri not in (f"https://{message.domain}", f"http://{message.domain}"):
        raise DelegationWrong("The message's address and domain differ.")
    as_of = _as_of(fields["as_of"], message.chain_id) if fields["scheme"] != "eip191" else None
    if as_of is None:
        _check_key_signature(message, fields)
    public_key, expires_at = granted
    return Delegation(
        cid=cid,
        account=message.address,
        public_key=public_key,
        issued_at=message.issued_at,
        expires_at=expires_at,
        domain=message.domain,
        chain_id=message.chain_id,
        proof="proved" if as_of is None else "attested",
        as_of=as_of,
    )


def verify_p256(public_key: bytes, message: bytes, signature: bytes) -> None:
    """The key (33 bytes) signed the message: ECDSA, P-256, SHA-256, r‖s of 64 bytes, low s; else `SignatureWrong`."""
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    if len(signature) != 64 or not 0 < r < P256_ORDER or not 0 < s <= P256_ORDER // 2:
        raise SignatureWrong("A session key's signature has 64 bytes and a low s.")
    try:
        _load(public_key).verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
    except InvalidSignature as error:
        raise SignatureWrong("The session key did not sign this.") from error


def p256_sign(private_key: EllipticCurvePrivateKey, message: bytes) -> bytes:
    """64 bytes r‖s with low s that `verify_p256` accepts."""
    r, s = decode_dss_signature(private_key.sign(message, ECDSA(SHA256())))
    return r.to_bytes(32) + min(s, P256_ORDER - s).to_bytes(32)


def compressed(public_key: EllipticCurvePublicKey) -> bytes:
    """The 33 bytes by which a session key is named."""
    return public_key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def _load(public_key: bytes) -> EllipticCurvePublicKey:
    if len(public_key) != 33:
        raise DelegationWrong("A session key is a compressed P-256 point of 33 bytes.")
    try:
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public_key)
    except ValueError as error:
        raise DelegationWrong("The session key is not a point of P-256.") from error


def _decode(cid: str, data: bytes) -> dict[str, Any]:
    """The block's fields, each of its type; the block is the one that the CID names, in its one lawful encoding."""
    if len(data) > MAX_BLOCK_BYTES or CID.cidv1_dag_cbor_sha256_32_from(data).encode() != cid:
        raise DelegationWrong("The block is not the one that its CID names.")
    try:
        fields: Any = decode_dag_cbor(data, cid_ctor=StrictCID)
        lawful = encode_dag_cbor(fields) == data
    except (ValueError, TypeError, binascii.Error) as error:
        raise DelegationWrong("The block is not dag-cbor.") from error
    if not lawful or not isinstance(fields, dict) or set(fields) != _FIELDS:
        raise DelegationWrong("The block is not a delegation.")
    types = {"v": int, "message": str, "signature": bytes, "scheme": str}
    if any(type(fields[name]) is not kind for name, kind in types.items()) or fields["v"] != 1:
        raise DelegationWrong("The block is not a delegation of version 1.")
    wrapped = fields["signature"].endswith(ERC6492_MAGIC)
    schemes = ("erc6492",) if wrapped else ("eip191", "eip1271")
    if fields["scheme"] not in schemes or len(fields["signature"]) > MAX_SIGNATURE_BYTES:
        raise DelegationWrong("The block's signature is not of the scheme that it names.")
    return fields


def _check_key_signature(message: siwe.SiweMessage, fields: dict[str, Any]) -> None:
    """An EOA signed the message, and the block holds its signature in the one form that is kept."""
    signature: bytes = fields["signature"]
    try:
        signer = recover(personal_digest(message.text.encode()), signature)
    except SignatureWrong as error:
        raise DelegationWrong(error.detail) from error
    if signer != message.address or signature != canonical(signature) or fields["as_of"] is not None:
        raise DelegationWrong("The wallet did not sign this delegation.")


def _as_of(field: Any, chain_id: int) -> tuple[tuple[int, int, bytes], ...]:
    """Where the contract was asked: one block, of the chain that the message names."""
    if not isinstance(field, list) or len(field) != 1 or not isinstance(field[0], list) or len(field[0]) != 3:
        raise DelegationWrong("A contract's signature names the block at which it was asked.")
    chain, number, block_hash = field[0]
    if type(chain) is not int or chain != chain_id or type(number) is not int or number < 0:
        raise DelegationWrong("The block at which the contract was asked is of another chain.")
    if not isinstance(block_hash, bytes) or len(block_hash) != 32:
        raise DelegationWrong("A block's hash has 32 bytes.")
    return ((chain, number, block_hash),)
