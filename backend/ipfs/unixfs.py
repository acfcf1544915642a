"""Files as blocks: UnixFS of profile `unixfs-v1-2025` (IPIP-499), written and read. Pure.

CIDv1, raw leaves of 1 MiB, at most 1024 links per node, balanced: the same bytes get the same CID as from
`ipfs add` with that profile. Directories can be walked (`links_of`) but are neither written nor listed: Koinon names
its files in dag-cbor blocks.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from backend.dag_cbor import CID
from backend.ipfs.cid import DAG_PB, RAW, Block, cid_of, codec_of

RAW_TYPE, FILE_TYPE = 0, 2  # DataType of unixfs.proto
PARTS = 1024  # pieces of a chunk that wait to be joined: a source that gives single bytes must not cost a view for each
SIZE_LIMIT = 2**50  # bytes of a file; keeps sums of strangers' sizes small


class Readable(Protocol):
    """A stream; it may give fewer bytes than asked for, and gives none at its end."""

    def read(self, size: int, /) -> bytes: ...


Source = bytes | Readable | Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Profile:
    """How a file is cut: bytes per leaf, links per node."""

    chunk: int
    links: int


V1_2025 = Profile(chunk=1024 * 1024, links=1024)


@dataclass(frozen=True, slots=True)
class Child:
    """A subtree: `size` bytes of the file lie in it."""

    cid: CID
    size: int


@dataclass(frozen=True, slots=True)
class FileNode:
    """A node of a file: its own bytes come first, then its children's."""

    size: int
    data: bytes
    children: tuple[Child, ...]


@dataclass(frozen=True, slots=True)
class _Link:
    cid: CID
    size: int  # bytes of the file below
    weight: int  # bytes of all blocks below: dag-pb's Tsize


def import_file(source: Source, put: Callable[[Block], None], *, profile: Profile = V1_2025) -> CID:
    """Every block of the file was given to `put`, leaves in order and each node after what it links; the root's CID.

    Memory is constant: one leaf, and one node per level.
    """
    levels: list[list[_Link]] = [[]]
    for chunk in chunks_of(source, profile.chunk):
        block = Block(cid_of(chunk, codec=RAW), chunk)
        put(block)
        _add(levels, 0, _Link(block.cid, len(chunk), len(chunk)), put=put, width=profile.links)
    level = 0
    while level < len(levels) - 1 or len(levels[level]) > 1:
        _close(levels, level, put=put, width=profile.links)
        level += 1
    return levels[level][0].cid


def hash_file(source: Source) -> CID:
    """The CID that `import_file` would give; nothing is kept."""
    return import_file(source, lambda _: None)


def _add(levels: list[list[_Link]], level: int, link: _Link, *, put: Callable[[Block], None], width: int) -> None:
    if level == len(levels):
        levels.append([])
    if len(levels[level]) == width:
        _close(levels, level, put=put, width=width)
    levels[level].append(link)


def _close(levels: list[list[_Link]], level: int, *, put: Callable[[Block], None], width: int) -> None:
    """The node of a level's links is put, and linked one level higher."""
    links, levels[level] = levels[level], []
    data = _encode_node(links)
    block = Block(cid_of(data, codec=DAG_PB), data)
    put(block)
    size, weight = sum(each.size for each in links), sum(each.weight for each in links) + len(data)
    _add(levels, level + 1, _Link(block.cid, size, weight), put=put, width=width)


def chunks_of(source: Source, size: int) -> Iterator[bytes]:
    """The bytes in pieces of exactly `size`, the last one shorter or, for no bytes at all, empty."""
    parts: list[memoryview] = []
    held, empty = 0, True
    for piece in _pieces(source, size):
        rest = memoryview(piece)
        while held + len(rest) >= size:  # copied once, at the cut
            cut = size - held
            yield b"".join([*parts, rest[:cut]]) if parts or cut < len(piece) else piece
            parts, held, rest, empty = [], 0, rest[cut:], False
        if rest:
            parts.append(rest)
            held += len(rest)
        if len(parts) > PARTS:
            parts = [memoryview(b"".join(parts))]
    if parts or empty:
        yield b"".join(parts)


def _pieces(source: Source, size: int) -> Iterator[bytes]:
    if isinstance(source, bytes):
        for start in range(0, len(source), size):
            yield source[start : start + size]
    elif isinstance(source, Iterable) and not hasattr(source, "read"):  # a file is an iterable too, of lines
        yield from source
    else:
        yield from iter(partial(source.read, size), b"")


def _encode_node(links: list[_Link]) -> bytes:
    """dag-pb of a UnixFS file node without bytes of its own (unixfs.proto, merkledag.proto)."""
    node = bytearray()
    meta = bytearray((0x08, FILE_TYPE, 0x18)) + _varint(sum(each.size for each in links))
    for each in links:
        meta += b"\x20" + _varint(each.size)
        link = b"\x0a\x24" + each.cid.cid_bytes + b"\x12\x00\x18" + _varint(each.weight)
        node += b"\x12" + _varint(len(link)) + link
    return bytes(node + b"\x0a" + _varint(len(meta)) + meta)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def file_node(data: bytes) -> FileNode:
    """The file node of a dag-pb block. Raises ValueError for anything else, and for sizes that do not add up."""
    found, meta = _decode_node(data)
    kind: int | None = None
    own, size, sizes = b"", None, []
    for field, value in _fields(meta):
        if field == 1 and kind is None and isinstance(value, int):
            kind = value
        elif field == 2 and isinstance(value, bytes):
            own = value
        elif field == 3 and isinstance(value, int):
            size = value
        elif field == 4 and isinstance(value, int):
            sizes.append(value)
        elif field not in (7, 8):  # mode and mtime say nothing about the bytes
            raise ValueError(f"unknown field {field} in a UnixFS node")
    if kind not in (RAW_TYPE, FILE_TYPE):
        raise ValueError("is not a file")
    if len(sizes) != len(found):
        raise ValueError(f"{len(found)} links but {len(sizes)} block sizes")
    total = len(own) + sum(sizes)
    if total > SIZE_LIMIT or size not in (total, None if not found else total):
        raise ValueError(f"says {size} bytes, its parts make {total}")
    return FileNode(total, own, tuple(Child(cid, each) for cid, each in zip(found, sizes, strict=True)))


def links_of(data: bytes) -> list[CID]:
    """The CIDs that a dag-pb block links, in order. Raises ValueError when it is not canonical dag-pb."""
    return _decode_node(data)[0]


def _decode_node(data: bytes) -> tuple[list[CID], bytes]:
    """The links and the data field of canonical dag-pb: links first, data last, nothing else (IPLD dag-pb spec)."""
    found: list[CID] = []
    meta: bytes | None = None
    for field, value in _fields(data):
        if meta is not None or not isinstance(value, bytes) or field not in (1, 2):
            raise ValueError("not canonical dag-pb")
        if field == 1:
            meta = value
        else:
            found.append(_decode_link(value))
    return found, meta or b""


def _decode_link(data: bytes) -> CID:
    if data[:2] == b"\x0a\x24" and data[38:41] == b"\x12\x00\x18" and _read_varint(data, 41)[1] == len(data):
        cid = CID(data[2:38])  # as every importer writes it: large files have a thousand of them
        codec_of(cid)
        return cid
    fields = list(_fields(data))
    if [field for field, _ in fields] not in ([1], [1, 2], [1, 3], [1, 2, 3]) or not isinstance(fields[0][1], bytes):
        raise ValueError("not a canonical dag-pb link")
    cid = CID(fields[0][1])
    codec_of(cid)
    return cid


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The (number, value) fields of a protobuf message: varints and byte strings. Raises ValueError for other types."""
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        value, at = _read_varint(data, at)
        if key & 7 == 0:
            yield key >> 3, value
        elif key & 7 == 2:
            if at + value > len(data):
                raise ValueError("a field ends after its message")
            yield key >> 3, data[at : at + value]
            at += value
        else:
            raise ValueError(f"wire type {key & 7} is not used here")


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 63, 7):
        if at >= len(data):
            raise ValueError("a number is cut off")
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            if byte == 0 and shift:
                raise ValueError("a number is not minimal")
            return number, at
    raise ValueError("a number is too long")
