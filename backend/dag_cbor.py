"""DAG-CBOR (ipld.io/specs/codecs/dag-cbor), strict both ways: one value has one encoding, and no other is read. Pure.

Ours, since each package for it either needs a compiler to be installed, is unmaintained, or writes some byte strings
as links. The records of the log are small; bodies are single byte strings, which are copied in one piece.
"""

import base64
import hashlib
import math
import struct
from collections.abc import Callable

DEPTH_LIMIT = 128  # nested lists and maps; the records of Koinon have fewer than 8
LINK_TAG = 42
UNSIGNED, NEGATIVE, BYTES, TEXT, LIST, MAP, TAG, SIMPLE = range(8)
FLOAT64 = 27
SIMPLE_VALUES = {20: False, 21: True, 22: None}
SIMPLE_CODES = {value: code for code, value in SIMPLE_VALUES.items()}
LENGTHS = {24: 1, 25: 2, 26: 4, 27: 8}  # code in the first byte -> bytes of the number that follows
LEAST = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}  # smaller numbers must take the next smaller code


class DagCborError(ValueError):
    """The bytes are not DAG-CBOR, or not in its one canonical form."""


class CID:
    """A content identifier as bytes, unchecked. `encode` gives its base32 text."""

    CIDV1_DAG_CBOR_SHA256_32_PFX = b"\x01\x71\x12\x20"
    __slots__ = ("cid_bytes",)

    def __init__(self, cid_bytes: bytes) -> None:
        self.cid_bytes = cid_bytes

    @classmethod
    def cidv1_dag_cbor_sha256_32_from(cls, data: bytes) -> "CID":
        return cls(cls.CIDV1_DAG_CBOR_SHA256_32_PFX + hashlib.sha256(data).digest())

    @classmethod
    def decode(cls, text: str) -> "CID":
        """Of base32 text without padding. Raises ValueError."""
        if not text.startswith("b") or "=" in text:
            raise ValueError("not a base32 CID")
        digits = text[1:].upper()
        return cls(base64.b32decode(digits + "=" * (-len(digits) % 8)))

    def encode(self) -> str:
        return "b" + base64.b32encode(self.cid_bytes).decode().lower().rstrip("=")

    def is_cidv1_dag_cbor_sha256_32(self) -> bool:
        return len(self.cid_bytes) == 36 and self.cid_bytes.startswith(self.CIDV1_DAG_CBOR_SHA256_32_PFX)

    def __bytes__(self) -> bytes:
        return self.cid_bytes

    def __repr__(self) -> str:
        return f"CID({self.encode()})"

    def __hash__(self) -> int:
        return hash(self.cid_bytes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CID) and self.cid_bytes == other.cid_bytes


class StrictCID(CID):
    """A CID that is CIDv1 with SHA-256, for strangers' bytes. Raises ValueError for any other."""

    __slots__ = ()

    def __init__(self, cid_bytes: bytes) -> None:
        if len(cid_bytes) != 36 or cid_bytes[0] != 1 or cid_bytes[1] >= 0x80 or cid_bytes[2:4] != b"\x12\x20":
            raise ValueError("not a CIDv1 with sha2-256")
        super().__init__(cid_bytes)


DagCborTypes = str | bytes | int | bool | float | CID | list["DagCborTypes"] | dict[str, "DagCborTypes"] | None


def encode_dag_cbor(value: DagCborTypes) -> bytes:
    """Raises ValueError for what DAG-CBOR cannot hold (NaN, an integer past 64 bits), TypeError for another type."""
    parts: list[bytes] = []
    _write(value, parts, DEPTH_LIMIT)
    return b"".join(parts)


def decode_dag_cbor(data: bytes, cid_ctor: Callable[[bytes], CID] = CID) -> DagCborTypes:
    """The one value that these bytes encode; `cid_ctor` makes and judges its links. Raises ValueError."""
    reader = _Reader(data, cid_ctor)
    value = reader.value(DEPTH_LIMIT)
    if reader.at != len(data):
        raise DagCborError("bytes after the value")
    return value


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes((major << 5 | number,))
    for code, length in LENGTHS.items():
        if number < 1 << 8 * length:
            return bytes((major << 5 | code,)) + number.to_bytes(length)
    raise ValueError("an integer of more than 64 bits")


def _write(value: DagCborTypes, parts: list[bytes], depth: int) -> None:
    if value is None or isinstance(value, bool):
        parts.append(bytes((SIMPLE << 5 | SIMPLE_CODES[value],)))
    elif isinstance(value, int):
        parts.append(_head(UNSIGNED, value) if value >= 0 else _head(NEGATIVE, -1 - value))
    elif isinstance(value, str):
        text = value.encode()
        parts += (_head(TEXT, len(text)), text)
    elif isinstance(value, bytes):
        parts += (_head(BYTES, len(value)), value)
    elif isinstance(value, CID):
        parts += (_head(TAG, LINK_TAG), _head(BYTES, len(value.cid_bytes) + 1), b"\0", value.cid_bytes)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a float that is not a finite number")
        parts.append(struct.pack(">Bd", SIMPLE << 5 | FLOAT64, value))
    elif isinstance(value, list | dict):
        _write_many(value, parts, depth - 1)
    else:
        raise TypeError(f"DAG-CBOR has no {type(value).__name__}")


def _write_many(value: list[DagCborTypes] | dict[str, DagCborTypes], parts: list[bytes], depth: int) -> None:
    if depth < 0:
        raise ValueError("nested too deep")
    if isinstance(value, list):
        parts.append(_head(LIST, len(value)))
        for item in value:
            _write(item, parts, depth)
        return
    if not all(isinstance(key, str) for key in value):
        raise TypeError("the keys of a DAG-CBOR map are strings")
    parts.append(_head(MAP, len(value)))
    for key, item in sorted(((key.encode(), item) for key, item in value.items()), key=lambda pair: _order(pair[0])):
        parts += (_head(TEXT, len(key)), key)
        _write(item, parts, depth)


def _order(key: bytes) -> tuple[int, bytes]:
    """Map keys stand in the order of their encodings: the shorter first."""
    return len(key), key


class _Reader:
    """The bytes, and how far they are read."""

    def __init__(self, data: bytes, cid_ctor: Callable[[bytes], CID]) -> None:
        self.data = data
        self.at = 0
        self.cid_ctor = cid_ctor

    def value(self, depth: int) -> DagCborTypes:
        major, number = self._head()
        if major == UNSIGNED:
            return number
        if major == NEGATIVE:
            return -1 - number
        if major == BYTES:
            return self._take(number)
        if major == TEXT:
            return self._text(number)
        if major == TAG:
            return self._link(number)
        if major == SIMPLE:
            return self._simple(number)
        if depth == 0:
            raise DagCborError("nested too deep")
        if major == LIST:
            return [self.value(depth - 1) for _ in range(number)]
        return self._map(number, depth - 1)

    def _take(self, length: int) -> bytes:
        taken = self.data[self.at : self.at + length]
        if len(taken) != length:
            raise DagCborError("the bytes end within a value")
        self.at += length
        return taken

    def _head(self) -> tuple[int, int]:
        """Major type and number; for a float the code that says so, its eight bytes not yet taken."""
        major, code = divmod(self._take(1)[0], 32)
        if code < 24 or (major == SIMPLE and code == FLOAT64):
            return major, code
        if code not in LENGTHS or major == SIMPLE:
            raise DagCborError("a form that DAG-CBOR does not have")
        number = int.from_bytes(self._take(LENGTHS[code]))
        if number < LEAST[code]:
            raise DagCborError("a number in more bytes than it needs")
        return major, number

    def _text(self, length: int) -> str:
        try:
            return self._take(length).decode()
        except UnicodeDecodeError as error:
            raise DagCborError("a string that is not UTF-8") from error

    def _link(self, tag: int) -> CID:
        major, length = self._head()
        if tag != LINK_TAG or major != BYTES:
            raise DagCborError("a tag other than that of a link")
        if length == 0 or self._take(1) != b"\0":
            raise DagCborError("a link without its leading zero")
        return self.cid_ctor(self._take(length - 1))

    def _simple(self, code: int) -> bool | float | None:
        if code == FLOAT64:
            (number,) = struct.unpack(">d", self._take(8))
            if not math.isfinite(number):
                raise DagCborError("a float that is not a finite number")
            return float(number)
        if code not in SIMPLE_VALUES:
            raise DagCborError("a simple value other than true, false and null")
        return SIMPLE_VALUES[code]

    def _map(self, length: int, depth: int) -> dict[str, DagCborTypes]:
        found: dict[str, DagCborTypes] = {}
        before = b""
        for index in range(length):
            major, size = self._head()
            if major != TEXT:
                raise DagCborError("a key that is not a string")
            start = self.at
            key = self._text(size)
            encoded = self.data[start : self.at]
            if index and _order(encoded) <= _order(before):
                raise DagCborError("keys out of order, or twice")
            before = encoded
            found[key] = self.value(depth)
        return found
