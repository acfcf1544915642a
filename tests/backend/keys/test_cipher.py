"""Sealed bytes: the vectors, round trips, ranges, tampering, and other implementations of the same format."""

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import example, given
from hypothesis import strategies as st

from backend.ipfs.store import CID, file_size, reader
from backend.ipfs.unixfs import import_file
from backend.keys.cipher import (
    CHUNK,
    HEAD,
    SLICE,
    TAG,
    SealBroken,
    new_content_key,
    open_all,
    open_range,
    plain_size,
    seal,
    sealed_size,
)
from tests.fakes.ipfs import Shelf

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "seal.json").read_text())["vectors"]
KEY, CONTEXT = bytes(range(32)), b"koinon/1|1|0x00|00"
EDGES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, SLICE - 1, SLICE, SLICE + 1, 2 * SLICE + 5]


def content(size: int) -> bytes:
    return hashlib.shake_256(b"plain%d" % size).digest(size)


def sealed(data: bytes, key: bytes = KEY, context: bytes = CONTEXT) -> bytes:
    return b"".join(seal(data, key, context=context))


def opened(data: bytes, key: bytes = KEY, context: bytes = CONTEXT) -> bytes:
    return b"".join(open_all(data, key, context=context))


def part(data: bytes, start: int, length: int, key: bytes = KEY, context: bytes = CONTEXT) -> bytes:
    def read_at(at: int, count: int) -> bytes:
        return data[at : at + count]

    return b"".join(open_range(read_at, len(data), key=key, context=context, start=start, length=length))


def sealed_with_salt(vector: dict[str, Any]) -> bytes:
    """The vector's sealed bytes; a long one is made here from its plain bytes, by the document alone."""
    if vector["sealed"] is not None:
        return bytes.fromhex(vector["sealed"])
    salt, plain = bytes.fromhex(vector["salt"]), content(vector["n"])
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + bytes.fromhex(vector["context"])
    derived = HKDFExpand(SHA512(), 76, info).derive(bytes.fromhex(vector["key"]))
    out, base = salt + derived[44:], int.from_bytes(derived[32:44])
    for number in range(len(plain) // CHUNK + 1):
        chunk = plain[number * CHUNK : (number + 1) * CHUNK]
        out += AESGCM(derived[:32]).encrypt((base ^ number).to_bytes(12), chunk, None)
    return out


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{each['n']} bytes" for each in VECTORS])
def test_vectors_open(vector: dict[str, Any]) -> None:
    data, plain = sealed_with_salt(vector), content(vector["n"])
    key, context = bytes.fromhex(vector["key"]), bytes.fromhex(vector["context"])
    assert hashlib.sha256(data).hexdigest() == vector["sealed_sha256"]
    assert hashlib.sha256(plain).hexdigest() == vector["plain_sha256"]

    assert opened(data, key, context) == plain
    assert part(data, 0, len(plain), key, context) == plain
    assert part(data, len(plain) // 2, len(plain), key, context) == plain[len(plain) // 2 :]
    assert sealed_size(vector["n"]) == len(data)


@pytest.mark.parametrize("size", EDGES)
def test_seal_and_open_round_trip(size: int) -> None:
    plain, key = content(size), new_content_key()

    data = sealed(plain, key)

    assert len(data) == sealed_size(size)
    assert plain_size(len(data)) == size
    assert opened(data, key) == plain == part(data, 0, size, key)
    assert b"".join(seal(BytesIO(plain), key, context=CONTEXT))[HEAD:] != data[HEAD:]
    assert opened(b"".join(seal(BytesIO(plain), key, context=CONTEXT)), key) == plain


@given(size=st.integers(0, 5 * CHUNK), cuts=st.lists(st.integers(1, 2 * CHUNK), max_size=9))
def test_open_all_takes_pieces_of_any_size(size: int, cuts: list[int]) -> None:
    plain = content(size)

    def pieces(data: bytes) -> Iterator[bytes]:
        for cut in cuts:
            yield data[:cut]
            data = data[cut:]
        yield data

    assert b"".join(open_all(pieces(sealed(plain)), KEY, context=CONTEXT)) == plain


LONG = content(2 * SLICE + 3 * CHUNK + 77)
SEALED_LONG = sealed(LONG)


@given(start=st.integers(0, len(LONG) + CHUNK), length=st.integers(0, len(LONG) + CHUNK))
@example(start=0, length=0)
@example(start=CHUNK, length=0)
@example(start=CHUNK - 1, length=2)
@example(start=CHUNK, length=CHUNK)
@example(start=SLICE - 1, length=2)
@example(start=len(LONG), length=1)
@example(start=len(LONG) - 1, length=1)
def test_open_range_gives_the_slice(start: int, length: int) -> None:
    assert part(SEALED_LONG, start, length) == LONG[start : start + length]


def test_open_range_reads_only_the_chunks_of_the_range() -> None:
    asked: list[tuple[int, int]] = []

    def read_at(start: int, length: int) -> bytes:
        asked.append((start, length))
        return SEALED_LONG[start : start + length]

    found = open_range(read_at, len(SEALED_LONG), key=KEY, context=CONTEXT, start=5 * CHUNK + 1, length=CHUNK)

    assert b"".join(found) == LONG[5 * CHUNK + 1 : 6 * CHUNK + 1]
    assert asked == [(0, HEAD), (HEAD + 5 * (CHUNK + TAG), 2 * (CHUNK + TAG))]


def test_open_range_needs_three_blocks_of_a_large_file() -> None:
    plain, shelf = content(20 * SLICE), Shelf()
    root = import_file(seal(plain, KEY, context=CONTEXT), shelf.put)
    size = file_size(shelf, root)
    shelf.asked.clear()

    found = open_range(reader(shelf, root), size, key=KEY, context=CONTEXT, start=10 * SLICE + CHUNK, length=65_536)

    assert b"".join(found) == plain[10 * SLICE + CHUNK :][:65_536]
    assert len(shelf.asked) == 3  # the root, the first leaf for its head, the leaf of the range


def test_open_range_refuses_a_negative_range() -> None:
    for start, length in ((-1, 1), (0, -1)):
        with pytest.raises(ValueError, match="negative"):
            part(SEALED_LONG, start, length)


THREE = content(3 * CHUNK + 100)
SEALED_THREE = sealed(THREE)
BORDER, SECOND = HEAD + CHUNK + TAG, HEAD + 2 * (CHUNK + TAG)
TAMPERINGS: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda data: b"",
    "part of the head": lambda data: data[: HEAD - 1],
    "head only": lambda data: data[:HEAD],
    "cut at a border": lambda data: data[:BORDER],
    "cut at the last border": lambda data: data[: HEAD + 3 * (CHUNK + TAG)],
    "cut inside a chunk": lambda data: data[: BORDER + 100],
    "cut inside a tag": lambda data: data[: BORDER + 7],
    "last byte gone": lambda data: data[:-1],
    "one byte more": lambda data: data + b"\0",
    "last chunk twice": lambda data: data + data[HEAD + 3 * (CHUNK + TAG) :],
    "chunks swapped": lambda data: data[:HEAD] + data[BORDER:SECOND] + data[HEAD:BORDER] + data[SECOND:],
    "chunk left out": lambda data: data[:HEAD] + data[BORDER:],
    "chunk of another stream": lambda data: data[:HEAD] + sealed(THREE)[HEAD:BORDER] + data[BORDER:],
    "head of another stream": lambda data: sealed(THREE)[:HEAD] + data[HEAD:],
    "another salt": lambda data: bytes(24) + data[24:],
    "another commitment": lambda data: data[:24] + bytes(32) + data[HEAD:],
}  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=list(TAMPERINGS))
def test_changed_bytes_do_not_open(tamper: Callable[[bytes], bytes]) -> None:
    changed = tamper(SEALED_THREE)

    with pytest.raises(SealBroken):
        opened(changed)
    with pytest.raises(SealBroken):
        part(changed, 0, len(THREE))


@given(at=st.integers(0, len(SEALED_THREE) - 1), bit=st.integers(0, 7))
def test_every_flipped_bit_is_noticed(at: int, bit: int) -> None:
    changed = bytearray(SEALED_THREE)
    changed[at] ^= 1 << bit

    with pytest.raises(SealBroken):
        opened(bytes(changed))
    with pytest.raises(SealBroken):
        part(bytes(changed), 0, len(THREE))


@pytest.mark.parametrize(
    ("key", "context"),
    [(bytes(32), CONTEXT), (KEY, b""), (KEY, CONTEXT + b"0"), (KEY, CONTEXT[:-1])],
    ids=["another key", "no context", "longer context", "shorter context"],
)
def test_another_key_or_context_does_not_open(key: bytes, context: bytes) -> None:
    with pytest.raises(SealBroken):
        opened(SEALED_THREE, key, context)
    with pytest.raises(SealBroken):
        part(SEALED_THREE, 0, 1, key, context)


def test_range_reaching_the_end_notices_a_false_size() -> None:
    shorter = SEALED_THREE[: HEAD + 2 * (CHUNK + TAG) + 50]

    assert part(shorter, 0, 2 * CHUNK) == THREE[: 2 * CHUNK]  # authentic, and says nothing about the end
    with pytest.raises(SealBroken):
        part(shorter, 0, 2 * CHUNK + 50)


def test_short_read_is_noticed() -> None:
    found = open_range(
        lambda start, length: SEALED_THREE[start : start + length - 1],
        len(SEALED_THREE), key=KEY, context=CONTEXT, start=0, length=1,
    )  # fmt: skip

    with pytest.raises(SealBroken, match="sealed bytes at 0"):
        next(found)


@pytest.mark.parametrize("size", [-1, 0, HEAD - 1, HEAD, HEAD + TAG - 1, BORDER, BORDER + TAG - 1])
def test_plain_size_refuses_sizes_that_no_sealed_stream_has(size: int) -> None:
    with pytest.raises(SealBroken):
        plain_size(size)


@given(st.integers(0, 2**50))
def test_sizes_are_inverse(size: int) -> None:
    assert plain_size(sealed_size(size)) == size


def test_content_keys_and_salts_are_fresh() -> None:
    assert len({new_content_key() for _ in range(50)}) == 50
    assert len({sealed(b"")[:24] for _ in range(50)}) == 50


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_seal_refuses_a_key_of_another_size(size: int) -> None:
    with pytest.raises(ValueError):
        sealed(b"", bytes(size))


WEBCRYPTO = """
const [key, context, sealed] = process.argv.slice(1).map(text => Buffer.from(text, "hex"));
const { subtle } = globalThis.crypto;
const name = Buffer.from("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\\0");
const info = Buffer.concat([name, sealed.subarray(0, 24), context]);
const mac = await subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-512" }, false, ["sign"]);
const expand = async before => Buffer.from(await subtle.sign("HMAC", mac, before));
const first = await expand(Buffer.concat([info, Buffer.from([1])]));
const derived = Buffer.concat([first, await expand(Buffer.concat([first, info, Buffer.from([2])]))]).subarray(0, 76);
if (!derived.subarray(44).equals(sealed.subarray(24, 56))) throw new Error("commitment");
const aes = await subtle.importKey("raw", derived.subarray(0, 32), "AES-GCM", false, ["decrypt"]);
const out = [];
for (let number = 0, at = 56; ; number++, at += 16400) {
  const iv = Buffer.from(derived.subarray(32, 44));
  iv.writeUInt32BE((iv.readUInt32BE(8) ^ number) >>> 0, 8);
  const chunk = sealed.subarray(at, at + 16400);
  out.push(Buffer.from(await subtle.decrypt({ name: "AES-GCM", iv }, aes, chunk)));
  if (chunk.length < 16400) break;
}
process.stdout.write(Buffer.concat(out).toString("hex"));
"""


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1])
def test_browsers_cryptography_alone_opens_a_sealed_body(node: Path, size: int) -> None:
    plain, key = content(size), new_content_key()
    arguments = [key.hex(), CONTEXT.hex(), sealed(plain, key).hex()]

    done = subprocess.run(
        [node, "--input-type=module", "-e", WEBCRYPTO, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stderr == ""
    assert bytes.fromhex(done.stdout) == plain


def test_sealed_bytes_of_equal_bodies_have_other_cids() -> None:
    def root() -> CID:
        return import_file(seal(b"the same", KEY, context=CONTEXT), lambda block: None)

    assert root() != root()
