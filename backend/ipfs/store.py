"""The seam: what every block store does, and what works over any of them.

Tests replace a store by another; the embedded store, a Kubo node and the double of one pass the same tests.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Protocol

from backend.dag_cbor import CID, decode_dag_cbor
from backend.ipfs import unixfs
from backend.ipfs.cid import (
    BLOCK_LIMIT,
    DAG_PB,
    RAW,
    Block,
    cid_of,
    codec_of,
    dag_cid,
    matches,
    parse_cid,
    raw_cid,
    with_codec,
)

__all__ = [
    "BLOCK_LIMIT",
    "CID",
    "Block",
    "BlockCorrupt",
    "BlockMissing",
    "BlockSource",
    "BlockStore",
    "Pin",
    "StoreError",
    "StoreFull",
    "StoreUnavailable",
    "blocks_of",
    "cat",
    "check",
    "check_name",
    "cid_of",
    "codec_of",
    "dag_block",
    "dag_cid",
    "delete_tree",
    "file_size",
    "links",
    "parse_cid",
    "raw_block",
    "raw_cid",
    "reader",
    "walk",
    "with_codec",
]

DAG_CBOR_LIMIT = 1024 * 1024  # bytes; larger ones are refused before they are decoded
NAME_LIMIT = 190  # bytes of a pin's name; Kubo's limit of 255 less a CID, which a second name of a root carries there
KEPT_NODES = 4  # of a file that is read by ranges
DEPTH_LIMIT = 32  # levels of a file; 1024 ** 4 leaves of 1 MiB fit in 4


class StoreError(Exception):
    """A store could not do what was asked; nothing was left half done."""


class BlockMissing(StoreError):
    """The store does not hold the block."""

    def __init__(self, cid: CID) -> None:
        super().__init__(f"block {cid.encode()} is missing")
        self.cid = cid


class BlockCorrupt(StoreError):
    """The bytes, or the structure that they claim, are not what the CID promises."""

    def __init__(self, cid: CID, reason: str = "its bytes do not hash to it") -> None:
        super().__init__(f"block {cid.encode()}: {reason}")
        self.cid = cid


class StoreUnavailable(StoreError):
    """The store cannot answer now; the same call may succeed later."""


class StoreFull(StoreError):
    """There is no room for the block."""


@dataclass(frozen=True, slots=True)
class Pin:
    root: CID
    name: str


class BlockSource(Protocol):
    """Where checked blocks come from."""

    def get(self, cid: CID) -> bytes:
        """The block's bytes, which hash to the CID. Errors: BlockMissing, BlockCorrupt, StoreUnavailable."""


class BlockStore(BlockSource, Protocol):
    """Blocks by CID, and the roots whose blocks are kept."""

    def has(self, cid: CID) -> bool:
        """Whether the store holds the block itself; its bytes are not checked. Errors: StoreUnavailable."""

    def put(self, block: Block) -> None:
        """The block is kept durably. Errors: BlockCorrupt when it lies, StoreFull, StoreUnavailable."""

    def delete(self, cid: CID) -> None:
        """The store no longer holds the block; deleting what is missing is no error.

        Errors: StoreError where a pin still holds it and the store obeys that (Kubo does, the embedded store does not).
        """

    def pin(self, root: CID, name: str) -> None:
        """Every block below the root is held, intact and durable, and stays so. Errors: all of `get`."""

    def unpin(self, root: CID, name: str) -> None:
        """This name no longer keeps the root; unpinning what is not pinned is no error."""

    def pins(self, prefix: str = "") -> list[Pin]:
        """The pins whose name starts with the prefix, by name and root."""


def check(cid: CID, data: bytes) -> None:
    """The bytes are the block of this CID and within the size limit. Errors: BlockCorrupt."""
    if len(data) > BLOCK_LIMIT:
        raise BlockCorrupt(cid, f"{len(data)} bytes exceed the limit of {BLOCK_LIMIT}")
    try:
        intact = matches(cid, data)
    except ValueError as error:
        raise BlockCorrupt(cid, str(error)) from error
    if not intact:
        raise BlockCorrupt(cid)


def check_name(name: str) -> None:
    """The name can be given to a pin in every store: printable ASCII without spaces. Raises ValueError."""
    if len(name) > NAME_LIMIT or not re.fullmatch(r"[!-~]+", name):
        raise ValueError(f"a pin's name has 1 to {NAME_LIMIT} characters from ! to ~, not {name!r}")


def raw_block(data: bytes) -> Block:
    return Block(raw_cid(data), data)


def dag_block(data: bytes) -> Block:
    """The block of dag-cbor bytes."""
    return Block(dag_cid(data), data)


def links(cid: CID, data: bytes) -> list[CID]:
    """The CIDs that a checked block names, in order, with repetitions. Errors: BlockCorrupt."""
    codec = codec_of(cid)
    if codec == RAW:
        return []
    try:
        found = unixfs.links_of(data) if codec == DAG_PB else _dag_cbor_links(data)
        for each in found:
            codec_of(each)
    except (ValueError, RecursionError) as error:
        raise BlockCorrupt(cid, str(error)) from error
    return found


def _dag_cbor_links(data: bytes) -> list[CID]:
    if len(data) > DAG_CBOR_LIMIT:
        raise ValueError(f"{len(data)} bytes exceed the limit of {DAG_CBOR_LIMIT} for dag-cbor")
    found: list[CID] = []

    def collect(cid_bytes: bytes) -> CID:
        found.append(CID(cid_bytes))
        return found[-1]

    decode_dag_cbor(data, cid_ctor=collect)
    return found


def blocks_of(store: BlockSource, root: CID) -> Iterator[Block]:
    """Each block at or below the root once, parents first, read and checked before it is given.

    Errors: those of `get`, and BlockCorrupt for a block that cannot be read. A chain of any length is walked:
    what is kept in memory is a CID per block.
    """
    seen, waiting = {root}, [root]
    while waiting:
        cid = waiting.pop()
        data = store.get(cid)
        found = links(cid, data)
        yield Block(cid, data)
        fresh = [each for each in dict.fromkeys(found) if each not in seen]
        seen.update(fresh)
        waiting.extend(reversed(fresh))


def walk(store: BlockSource, root: CID) -> Iterator[CID]:
    """The CIDs of `blocks_of`: every one was read and checked."""
    return (block.cid for block in blocks_of(store, root))


def delete_tree(store: BlockStore, root: CID, *, keep: Iterable[CID] = ()) -> int:
    """The root and every block below it are deleted, the root last so that a repeated call finds the rest; how many.

    What other roots share goes too, unless `keep` names it. A store keeps bytes, not codecs: a block is kept under
    every CID of its hash. Blocks already gone are passed over.
    Errors: those of `delete`; StoreUnavailable and BlockCorrupt of `get`, when what lies below a node is unknown.
    """
    kept = {cid.cid_bytes[4:] for cid in keep}
    found: dict[CID, None] = {}
    waiting = [root]
    while waiting:
        cid = waiting.pop()
        if cid in found or cid.cid_bytes[4:] in kept:
            continue
        found[cid] = None
        if codec_of(cid) != RAW:
            with suppress(BlockMissing):
                waiting.extend(links(cid, store.get(cid)))
    for cid in reversed(found):
        store.delete(cid)
    return len(found)


def file_size(store: BlockSource, root: CID) -> int:
    """Bytes of the file at the root. Errors: those of `get`, BlockCorrupt when it is no file."""
    return _node(store, root).size


def cat(store: BlockSource, root: CID, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """The bytes [start, start + length) of the file at the root, a piece per block, cut at the file's end.

    Only the blocks of the range and those above them are read. Errors: those of `get`; BlockCorrupt when the root
    is no file or a node lies about the sizes below it; ValueError for a negative range.
    """
    return _cat(partial(_node, store), root, start=start, end=_end(start, length))


def reader(store: BlockSource, root: CID) -> Callable[[int, int], bytes]:
    """A function (start, length) -> bytes over the file at the root, for `keys.cipher.open_range`.

    It keeps what it read last, so that neighbouring ranges read a block once.
    """
    node_of = lru_cache(KEPT_NODES)(partial(_node, store))
    return lambda start, length: b"".join(_cat(node_of, root, start=start, end=_end(start, length)))


def _end(start: int, length: int | None) -> int | None:
    if start < 0 or (length is not None and length < 0):
        raise ValueError("a range has no negative start or length")
    return None if length is None else start + length


def _cat(node_of: Callable[[CID], unixfs.FileNode], root: CID, *, start: int, end: int | None) -> Iterator[bytes]:
    waiting: list[tuple[CID, int, int | None, int]] = [(root, 0, None, 0)]  # CID, its offset, promised size, depth
    while waiting:
        cid, offset, promised, depth = waiting.pop()
        node = node_of(cid)
        if promised is not None and node.size != promised:
            raise BlockCorrupt(cid, f"holds {node.size} bytes of the file, its parent says {promised}")
        if depth > DEPTH_LIMIT:
            raise BlockCorrupt(cid, f"lies deeper than {DEPTH_LIMIT} levels")
        piece = node.data[max(start - offset, 0) : None if end is None else max(end - offset, 0)]
        if piece:
            yield piece
        offset += len(node.data)
        below: list[tuple[CID, int, int | None, int]] = []
        for child in node.children:
            # A child of no bytes is never read: a few nodes that link each other a thousand times would not end.
            if child.size and offset + child.size > start and (end is None or offset < end):
                below.append((child.cid, offset, child.size, depth + 1))
            offset += child.size
        waiting.extend(reversed(below))


def _node(store: BlockSource, cid: CID) -> unixfs.FileNode:
    data = store.get(cid)
    if codec_of(cid) == RAW:
        return unixfs.FileNode(len(data), data, ())
    try:
        if codec_of(cid) != DAG_PB:
            raise ValueError("is not a file")
        return unixfs.file_node(data)
    except ValueError as error:
        raise BlockCorrupt(cid, str(error)) from error
