"""Content identifiers: CIDv1, SHA-256, and only the three codecs that Koinon stores. Pure.

A CID is `backend.dag_cbor.CID`; this module makes, parses and checks them. Anything else (CIDv0, identity or other
hashes, other codecs) is refused: a stranger's block cannot bring an unchecked hash function or an inlined payload.
"""

import hashlib
from dataclasses import dataclass

from backend.dag_cbor import CID

RAW, DAG_PB, DAG_CBOR = 0x55, 0x70, 0x71  # multicodec table
BLOCK_LIMIT = 2 * 1024 * 1024  # bytes; Kubo (>= 0.40) and bitswap refuse larger blocks
_HEADS = {codec: bytes((1, codec, 0x12, 0x20)) for codec in (RAW, DAG_PB, DAG_CBOR)}
_CODECS = {head: codec for codec, head in _HEADS.items()}


@dataclass(frozen=True, slots=True)
class Block:
    cid: CID
    data: bytes


def cid_of(data: bytes, *, codec: int) -> CID:
    """The CIDv1 of a block of this codec."""
    return CID(_HEADS[codec] + hashlib.sha256(data).digest())


def raw_cid(data: bytes) -> CID:
    return cid_of(data, codec=RAW)


def dag_cid(data: bytes) -> CID:
    """The CID of dag-cbor bytes."""
    return cid_of(data, codec=DAG_CBOR)


def codec_of(cid: CID) -> int:
    """The codec of a CID that is CIDv1 with SHA-256. Raises ValueError for any other."""
    codec = _CODECS.get(cid.cid_bytes[:4])
    if codec is None or len(cid.cid_bytes) != 36:
        raise ValueError(f"not a CIDv1 with sha2-256 of raw, dag-pb or dag-cbor: {cid.cid_bytes[:40].hex()}")
    return codec


def with_codec(cid: CID, codec: int) -> CID:
    """The CID that names the same bytes as a block of this codec. Stores keep bytes: it is the same block to them."""
    return CID(_HEADS[codec] + cid.cid_bytes[4:])


def strict_cid(cid_bytes: bytes) -> CID:
    """The CID of these bytes, as `cid_ctor` for strangers' dag-cbor. Raises ValueError unless `codec_of` knows it."""
    cid = CID(cid_bytes)
    codec_of(cid)
    return cid


def parse_cid(text: str) -> CID:
    """The CID of its one canonical text (base32, lower case, no padding). Raises ValueError for any other text."""
    if len(text) != 59:
        raise ValueError("not a base32 CIDv1 with sha2-256")
    cid = CID.decode(text)
    codec_of(cid)
    if cid.encode() != text:
        raise ValueError("not the canonical base32 text of a CID")
    return cid


def matches(cid: CID, data: bytes) -> bool:
    """Whether the bytes hash to the CID. Raises ValueError for a CID that `codec_of` refuses."""
    codec_of(cid)
    return hashlib.sha256(data).digest() == cid.cid_bytes[4:]
