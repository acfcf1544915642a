"""Content-addressed archives: CAR v1 (IPLD specification), written and read as streams in constant memory."""

from collections.abc import Iterable, Iterator, Sequence

from backend.dag_cbor import CID, decode_dag_cbor, encode_dag_cbor
from backend.ipfs.cid import strict_cid
from backend.ipfs.store import BLOCK_LIMIT, Block, BlockCorrupt, check
from backend.ipfs.unixfs import Readable

MEDIA_TYPE = "application/vnd.ipld.car"
HEADER_LIMIT = 1024 * 1024  # bytes
CID_SIZE = 36  # of every CID that is accepted


class CarBroken(Exception):
    """The bytes are not a CAR v1 within the limits, or one of its blocks does not hash to its CID."""


def write_car(roots: Sequence[CID], blocks: Iterable[Block]) -> Iterator[bytes]:
    """The archive in pieces: a header, then a piece per block."""
    header = encode_dag_cbor({"roots": list(roots), "version": 1})
    yield _varint(len(header)) + header
    for block in blocks:
        yield _varint(CID_SIZE + len(block.data)) + block.cid.cid_bytes + block.data


def read_car(stream: Readable) -> tuple[list[CID], Iterator[Block]]:
    """The roots at once, and each block as it is read, checked against its CID.

    Errors: CarBroken, from the iterator too. Blocks given before it are sound. Nothing says that all blocks below the
    roots came: who needs them walks the roots.
    """
    size = _read_varint(stream)
    if size is None or size > HEADER_LIMIT:
        raise CarBroken("no header of a sound size")
    try:
        header = decode_dag_cbor(_read(stream, size), cid_ctor=strict_cid)
    except ValueError as error:
        raise CarBroken("the header is no dag-cbor") from error
    if not isinstance(header, dict) or set(header) != {"roots", "version"} or header["version"] != 1:
        raise CarBroken("not the header of a CAR v1")
    roots = header["roots"]
    if not isinstance(roots, list) or not all(isinstance(root, CID) for root in roots):
        raise CarBroken("the roots are no list of CIDs")
    return [root for root in roots if isinstance(root, CID)], _blocks(stream)


def _blocks(stream: Readable) -> Iterator[Block]:
    while (size := _read_varint(stream)) is not None:
        if not CID_SIZE <= size <= CID_SIZE + BLOCK_LIMIT:
            raise CarBroken(f"a section of {size} bytes")
        block = Block(CID(_read(stream, CID_SIZE)), _read(stream, size - CID_SIZE))
        try:
            check(block.cid, block.data)
        except BlockCorrupt as error:
            raise CarBroken(str(error)) from error
        yield block


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varint(stream: Readable) -> int | None:
    """The next length, or nothing at the stream's end. Lengths above 2 ** 28 and padded ones are refused."""
    number = 0
    for shift in range(0, 28, 7):
        byte = stream.read(1)
        if not byte:
            if shift:
                raise CarBroken("the stream ends inside a length")
            return None
        number |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            if shift and not byte[0]:
                raise CarBroken("a length is not minimal")
            return number
    raise CarBroken("a length is too long")


def _read(stream: Readable, size: int) -> bytes:
    """Exactly `size` bytes: a socket's stream may give them in parts."""
    parts, missing = [], size
    while missing:
        part = stream.read(missing)
        if not part:
            raise CarBroken("the stream is cut off")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
