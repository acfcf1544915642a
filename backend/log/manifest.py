"""The manifest: one block by which chain and block store give back the whole log. Its digest is anchored. Pure.

`pages` are links to lists of record CIDs; `wraps`, `keyring` and `roots` are text, since what they name may be erased
or replaced (docs/decisions/0003).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backend.dag_cbor import CID, DagCborError, StrictCID, decode_dag_cbor, encode_dag_cbor
from backend.log.record import AsOf, Head, RecordMalformed, read_as_of, read_head

PAGE = 512
"""Record CIDs in one page; all pages but the last are full, so that they never change."""
WRAPS_PAGE = 4096


class ManifestMalformed(ValueError):
    """The bytes are not a manifest or one of its parts."""


@dataclass(frozen=True)
class Manifest:
    """State of a community's log at `head`, whose judgements rest on `index_block`. `sequence` counts manifests."""

    format: str
    epoch: int
    sequence: int
    prev: str | None
    head: Head
    pages: tuple[str, ...]
    index_block: AsOf
    wraps: tuple[str, ...]
    keyring: str | None
    roots: tuple[str, ...]

    @cached_property
    def block(self) -> bytes:
        return encode_dag_cbor(
            {
                "v": 1,
                "format": self.format,
                "community": [self.head.chain_id, bytes.fromhex(self.head.community[2:])],
                "epoch": self.epoch,
                "sequence": self.sequence,
                "prev": self.prev,
                "head": self.head.encode(),
                "pages": [CID.decode(page) for page in self.pages],
                "index_block": self.index_block.encode(),
                "wraps": list(self.wraps),
                "keyring": self.keyring,
                "roots": list(self.roots),
            }
        )

    @cached_property
    def cid(self) -> str:
        return CID.cidv1_dag_cbor_sha256_32_from(self.block).encode()


@dataclass(frozen=True)
class WrapEntry:
    """The wrapped content key of one item."""

    item: str
    kek: str
    wrapped: bytes


def build_pages(records: Sequence[str]) -> list[bytes]:
    """Blocks that list these record CIDs in order."""
    return [
        encode_dag_cbor([CID.decode(record) for record in records[start : start + PAGE]])
        for start in range(0, len(records), PAGE)
    ]


def build_wraps(entries: Sequence[WrapEntry]) -> list[bytes]:
    """Blocks of wrapped content keys, by item."""
    ordered = sorted(entries, key=lambda entry: entry.item)
    return [
        encode_dag_cbor(
            [[bytes.fromhex(each.item), each.kek, each.wrapped] for each in ordered[start : start + WRAPS_PAGE]]
        )
        for start in range(0, len(ordered), WRAPS_PAGE)
    ]


def parse_page(data: bytes) -> list[str]:
    """The record CIDs of a page. Raises ManifestMalformed."""
    entries = _decoded(data)
    if not isinstance(entries, list) or not all(isinstance(each, CID) for each in entries):
        raise ManifestMalformed("a page lists links to records")
    return [each.encode() for each in entries]


def parse_wraps(data: bytes) -> list[WrapEntry]:
    """The wrapped keys of a page. Raises ManifestMalformed."""
    try:
        return [WrapEntry(item.hex(), str(kek), bytes(wrapped)) for item, kek, wrapped in _decoded(data)]
    except (TypeError, ValueError, AttributeError) as error:
        raise ManifestMalformed("a page of wraps lists [item, kek, wrapped key]") from error


def parse_manifest(data: bytes) -> Manifest:
    """The manifest in these bytes. Raises ManifestMalformed unless they are its canonical encoding."""
    fields: Any = _decoded(data)
    try:
        manifest = Manifest(
            format=fields["format"],
            epoch=fields["epoch"],
            sequence=fields["sequence"],
            prev=fields["prev"],
            head=read_head(fields["head"]),
            pages=tuple(page.encode() for page in fields["pages"]),
            index_block=read_as_of(fields["index_block"]),
            wraps=tuple(fields["wraps"]),
            keyring=fields["keyring"],
            roots=tuple(fields["roots"]),
        )
        if manifest.block == data:
            return manifest
    except (RecordMalformed, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ManifestMalformed(f"not a manifest: {error}") from error
    raise ManifestMalformed("the manifest is not in canonical dag-cbor")


def _decoded(data: bytes) -> Any:
    try:
        return decode_dag_cbor(data, cid_ctor=StrictCID)
    except (DagCborError, ValueError, RecursionError) as error:
        raise ManifestMalformed(f"not dag-cbor: {error}") from error
