"""What the home writes: the Record that places an act, and the signed Head that is its receipt. Pure.

Records form one hash chain per community. A head is signed by the home's secp256k1 key, whose address the community
contract names for the epoch; two heads with one (epoch, seq) prove that a home lied.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backend.dag_cbor import CID, DagCborError, StrictCID, decode_dag_cbor, encode_dag_cbor

HEAD_PREFIX = b"koinon/head/1\0"


class RecordMalformed(ValueError):
    """The bytes are not a well-formed record or head."""


def digest_of(cid: str) -> str:
    """The sha2-256 in a CIDv1 as 0x text: what a contract stores of it."""
    return "0x" + StrictCID.decode(cid).cid_bytes[4:].hex()


def dag_cid_of(digest: str) -> str:
    """The CID of the dag-cbor block with this sha2-256."""
    return CID(CID.CIDV1_DAG_CBOR_SHA256_32_PFX + bytes.fromhex(digest[2:])).encode()


@dataclass(frozen=True)
class AsOf:
    """The block that a judgement rests on."""

    chain_id: int
    number: int
    hash: str

    def encode(self) -> list[Any]:
        return [self.chain_id, self.number, bytes.fromhex(self.hash[2:])]


def read_as_of(value: Any) -> AsOf:
    chain_id, number, digest = value
    if type(chain_id) is not int or type(number) is not int or type(digest) is not bytes or len(digest) != 32:
        raise RecordMalformed("as_of is a list of [chain id, number, hash]")
    return AsOf(chain_id, number, "0x" + digest.hex())


@dataclass(frozen=True)
class Record:
    """Place `seq` of a community's log holds this act. `at` is the home's time in unix seconds; `seq` starts at 1."""

    epoch: int
    seq: int
    prev: str | None
    act: str
    at: int
    as_of: tuple[AsOf, ...]

    @cached_property
    def block(self) -> bytes:
        return encode_dag_cbor(
            {
                "v": 1,
                "epoch": self.epoch,
                "seq": self.seq,
                "prev": CID.decode(self.prev) if self.prev else None,
                "act": CID.decode(self.act),
                "at": self.at,
                "as_of": [place.encode() for place in self.as_of],
            }
        )

    @cached_property
    def cid(self) -> str:
        return CID.cidv1_dag_cbor_sha256_32_from(self.block).encode()


@dataclass(frozen=True)
class Head:
    """The newest record, by the word of the home."""

    chain_id: int
    community: str
    epoch: int
    seq: int
    record: str
    at: int
    sig: bytes = b""

    @property
    def signing_bytes(self) -> bytes:
        """What the home's key signs as an EIP-191 personal message."""
        return HEAD_PREFIX + encode_dag_cbor(self._fields())

    def encode(self) -> dict[str, Any]:
        """The map that a manifest embeds."""
        return {**self._fields(), "sig": self.sig}

    def _fields(self) -> dict[str, Any]:
        return {
            "v": 1,
            "community": [self.chain_id, bytes.fromhex(self.community[2:])],
            "epoch": self.epoch,
            "seq": self.seq,
            "record": CID.decode(self.record),
            "at": self.at,
        }


def parse_record(data: bytes) -> Record:
    """The record in these bytes. Raises RecordMalformed unless they are its canonical encoding."""
    try:
        fields: Any = decode_dag_cbor(data, cid_ctor=StrictCID)
        record = Record(
            epoch=fields["epoch"],
            seq=fields["seq"],
            prev=fields["prev"].encode() if fields["prev"] is not None else None,
            act=fields["act"].encode(),
            at=fields["at"],
            as_of=tuple(read_as_of(place) for place in fields["as_of"]),
        )
        if record.block == data:
            return record
    except (DagCborError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RecordMalformed(f"not a record: {error}") from error
    raise RecordMalformed("the record is not in canonical dag-cbor")


def read_head(fields: Any) -> Head:
    """The head that this map of a manifest or an answer holds. Raises RecordMalformed."""
    try:
        head = Head(
            chain_id=fields["community"][0],
            community="0x" + fields["community"][1].hex(),
            epoch=fields["epoch"],
            seq=fields["seq"],
            record=fields["record"].encode(),
            at=fields["at"],
            sig=fields["sig"],
        )
        if fields == head.encode():
            return head
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise RecordMalformed(f"not a head: {error}") from error
    raise RecordMalformed("a head has other fields than expected")
