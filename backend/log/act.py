"""What an author signs: the Act, version 1. Pure.

An act is a dag-cbor map; its id is the CID of the map without `sig`. CIDs of things that can be erased or that are
ids rather than blocks (`subject`, `base`, `body.cid`) are text, so that pinning a log recursively never asks for a
block that its author erased; `key` is a link (docs/decisions/0003).
"""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

from backend.dag_cbor import CID, DagCborError, StrictCID, decode_dag_cbor, encode_dag_cbor

MAX_ACT_BYTES = 16 * 1024
COMMIT_SLICE = 1024 * 1024
SIGNING_PREFIX = b"koinon/act/1\0"
_REQUIRED = {"v", "community", "kind", "author", "key", "n", "at", "data", "sig"}
_OPTIONAL = {"subject", "base", "body"}
_UINT40 = 1 << 40


class ActMalformed(ValueError):
    """The bytes are not a well-formed act; the message says where."""


@dataclass(frozen=True)
class Body:
    """A block of words that an act names. `size` and `commit` speak of the plain body, `cid` of the stored block."""

    cid: str
    size: int
    commit: bytes

    def encode(self) -> dict[str, Any]:
        return {"cid": self.cid, "size": self.size, "commit": self.commit}


@dataclass(frozen=True)
class Act:
    """One thing that an author did, in whose name nobody else can have done it.

    `author` and `community` are lower-case addresses; `at` unix seconds by the author's clock; `n` counts the acts of
    this `key` (of this author's wallet when `key` is None) in this community from 1 without a gap.
    """

    chain_id: int
    community: str
    kind: str
    author: str
    key: str | None
    n: int
    at: int
    data: dict[str, Any]
    subject: str | None = None
    base: str | None = None
    body: Body | None = None
    sig: bytes = b""

    @cached_property
    def unsigned(self) -> bytes:
        """The dag-cbor bytes that the signature covers."""
        return encode_dag_cbor(self._fields())

    @cached_property
    def id(self) -> str:
        """CID of the act without its signature: the name by which later acts speak of it."""
        return CID.cidv1_dag_cbor_sha256_32_from(self.unsigned).encode()

    @cached_property
    def block(self) -> bytes:
        """The dag-cbor bytes of the signed act, as a record links it."""
        return encode_dag_cbor({**self._fields(), "sig": self.sig})

    @property
    def cid(self) -> str:
        """CID of the signed block."""
        return CID.cidv1_dag_cbor_sha256_32_from(self.block).encode()

    @property
    def signing_bytes(self) -> bytes:
        """What a session key signs (P-256, SHA-256)."""
        return SIGNING_PREFIX + self.unsigned

    def signed(self, sig: bytes) -> "Act":
        return replace(self, sig=sig)

    def _fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "v": 1,
            "community": [self.chain_id, bytes.fromhex(self.community[2:])],
            "kind": self.kind,
            "author": bytes.fromhex(self.author[2:]),
            "key": CID.decode(self.key) if self.key else None,
            "n": self.n,
            "at": self.at,
            "data": self.data,
        }
        optional = {"subject": self.subject, "base": self.base, "body": self.body.encode() if self.body else None}
        return fields | {name: value for name, value in optional.items() if value is not None}


def typed_data(act: Act) -> dict[str, Any]:
    """The EIP-712 message by which a wallet signs a *govern* act, readable in the wallet's own window.

    `data` is the act's data as JSON with sorted keys and no spaces; `act` the digest of the act's id.
    """
    return {
        "domain": {
            "name": "Koinon",
            "version": "1",
            "chainId": act.chain_id,
            "verifyingContract": act.community,
        },
        "primaryType": "GovernAct",
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "GovernAct": [
                {"name": "kind", "type": "string"},
                {"name": "data", "type": "string"},
                {"name": "n", "type": "uint256"},
                {"name": "at", "type": "uint256"},
                {"name": "act", "type": "bytes32"},
            ],
        },
        "message": {
            "kind": act.kind,
            "data": json.dumps(act.data, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
            "n": act.n,
            "at": act.at,
            "act": "0x" + sha256(act.unsigned).hexdigest(),
        },
    }


def commit_of(salt: bytes, plain: bytes) -> bytes:
    """SHA-256 over the salt and the SHA-256 of each 1 MiB slice of the plain body: what its author signs."""
    slices = (plain[start : start + COMMIT_SLICE] for start in range(0, max(len(plain), 1), COMMIT_SLICE))
    return sha256(salt + b"".join(sha256(piece).digest() for piece in slices)).digest()


def parse_act(data: bytes) -> Act:
    """The act in these bytes, which must be exactly its canonical encoding. Raises ActMalformed."""
    if len(data) > MAX_ACT_BYTES:
        raise ActMalformed(f"an act has at most {MAX_ACT_BYTES} bytes, this has {len(data)}")
    try:
        fields = decode_dag_cbor(data, cid_ctor=StrictCID)
    except (DagCborError, ValueError, RecursionError) as error:
        raise ActMalformed(f"not dag-cbor: {error}") from error
    if not isinstance(fields, dict) or not _REQUIRED <= set(fields) <= _REQUIRED | _OPTIONAL:
        raise ActMalformed("an act is a map with v, community, kind, author, key, n, at, data and sig")
    act = _read(fields)
    if act.block != data:
        raise ActMalformed("the act is not in canonical dag-cbor")
    return act


def _read(fields: dict[str, Any]) -> Act:
    if fields["v"] != 1:
        raise ActMalformed(f"version {fields['v']!r} is not known")
    community = _typed(fields["community"], list, "community")
    if len(community) != 2:
        raise ActMalformed("community is [chain id, address]")
    key = fields["key"]
    if key is not None and not (isinstance(key, CID) and key.is_cidv1_dag_cbor_sha256_32()):
        raise ActMalformed("key must be null or link a delegation")
    return Act(
        chain_id=_uint(community[0], "community"),
        community=_address(community[1], "community"),
        kind=_typed(fields["kind"], str, "kind"),
        author=_address(fields["author"], "author"),
        key=key.encode() if key is not None else None,
        n=_uint(fields["n"], "n"),
        at=_uint(fields["at"], "at"),
        data=_typed(fields["data"], dict, "data"),
        subject=_cid_text(fields["subject"], "subject") if "subject" in fields else None,
        base=_cid_text(fields["base"], "base") if "base" in fields else None,
        body=read_body(fields["body"]) if "body" in fields else None,
        sig=_typed(fields["sig"], bytes, "sig"),
    )


def read_body(value: object) -> Body:
    """The body that this map names. Raises ActMalformed."""
    fields = _typed(value, dict, "body")
    if set(fields) != {"cid", "size", "commit"}:
        raise ActMalformed("a body has cid, size and commit")
    commit = _typed(fields["commit"], bytes, "commit")
    if len(commit) != 32:
        raise ActMalformed("commit has 32 bytes")
    return Body(_cid_text(fields["cid"], "body.cid"), _uint(fields["size"], "body.size"), commit)


def _typed(value: Any, kind: type, name: str) -> Any:
    if type(value) is not kind:
        raise ActMalformed(f"{name} must be of type {kind.__name__}")
    return value


def _uint(value: Any, name: str) -> int:
    number: int = _typed(value, int, name)
    if not 0 <= number < _UINT40:
        raise ActMalformed(f"{name} must be from 0 to 2^40 - 1")
    return number


def _address(value: Any, name: str) -> str:
    raw: bytes = _typed(value, bytes, name)
    if len(raw) != 20:
        raise ActMalformed(f"{name} has 20 bytes")
    return "0x" + raw.hex()


def _cid_text(value: Any, name: str) -> str:
    text: str = _typed(value, str, name)
    try:
        if StrictCID.decode(text).encode() == text:
            return text
    except ValueError as error:
        raise ActMalformed(f"{name} is not a CID: {error}") from error
    raise ActMalformed(f"{name} is not a base32 CIDv1")
