"""Sealed bytes: c2sp.org/chunked-encryption v1, "Cobblestone-256" (AES-256-GCM, HKDF-SHA-512, 16 KiB chunks). Pure.

A sealed stream commits to its key and context, cannot be cut, extended or reordered, and any range of it opens alone.
Whole streams go through `cryptography.cobblestone`; ranges, which it lacks, are opened here after the same document.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from hmac import compare_digest
from io import BytesIO
from typing import Protocol

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

FORMAT = "c2sp-chunked-1/aes256gcm"  # what a manifest's `format` says
CHUNK = 16 * 1024  # plain bytes; the last chunk is always shorter
TAG = 16
SALT = 24
HEAD = SALT + 32  # salt, commitment
SLICE = 64 * CHUNK  # plain bytes that are read at once


class Readable(Protocol):
    """A stream; it may give fewer bytes than asked for, and gives none at its end."""

    def read(self, size: int, /) -> bytes: ...


class SealBroken(Exception):
    """The sealed bytes were not made with this key and context, or were changed."""


def new_content_key() -> bytes:
    """32 random bytes: the key of one gated item (RFC 7516's content encryption key)."""
    return Cobblestone256Encryptor.generate_key()


def sealed_size(size: int) -> int:
    """Bytes of the sealed form of `size` plain bytes."""
    return HEAD + size + TAG * (size // CHUNK + 1)


def plain_size(size: int) -> int:
    """Plain bytes in `size` sealed bytes. Errors: SealBroken for a size that no sealed stream has."""
    full, rest = divmod(size - HEAD, CHUNK + TAG)
    if size < HEAD or rest < TAG:
        raise SealBroken(f"no sealed stream has {size} bytes")
    return full * CHUNK + rest - TAG


def seal(source: bytes | Readable, key: bytes, *, context: bytes) -> Iterator[bytes]:
    """The sealed bytes in pieces, with a fresh random salt; memory is constant. Raises ValueError for a bad key."""
    encryptor = Cobblestone256Encryptor(key, context)
    stream = BytesIO(source) if isinstance(source, bytes) else source
    for piece in iter(partial(stream.read, SLICE), b""):
        yield encryptor.update(piece)
    yield encryptor.finalize()


def open_all(source: bytes | Iterable[bytes], key: bytes, *, context: bytes) -> Iterator[bytes]:
    """The plain bytes in pieces. Errors: SealBroken.

    Each piece is authentic, but only the end proves that none is missing: whoever needs the whole must wait for it.
    """
    decryptor = Cobblestone256Decryptor(key, context)
    try:
        for piece in [source] if isinstance(source, bytes) else source:
            yield decryptor.update(piece)
        yield decryptor.finalize()
    except InvalidTag as error:
        raise SealBroken("wrong key, wrong context or changed bytes") from error


def open_range(
    read_at: Callable[[int, int], bytes], size: int, *, key: bytes, context: bytes, start: int, length: int
) -> Iterator[bytes]:
    """The plain bytes [start, start + length), cut at the end, from `size` sealed bytes.

    `read_at(start, length)` gives sealed bytes; only needed ones are read. A range that reaches the end proves the
    size, since the last chunk is opened; one that does not trusts it. Errors: SealBroken; ValueError for a negative
    range.
    """
    if start < 0 or length < 0:
        raise ValueError("a range has no negative start or length")
    aead, nonce = _derive(_read(read_at, 0, HEAD), key, context)
    plain = plain_size(size)
    last = (plain if start + length >= plain else max(start + length - 1, start)) // CHUNK
    first = min(start // CHUNK, last)
    for group in range(first, last + 1, SLICE // CHUNK):
        stop = min(group + SLICE // CHUNK, last + 1)
        at = HEAD + group * (CHUNK + TAG)
        sealed = _read(read_at, at, min(stop * (CHUNK + TAG) + HEAD, size) - at)
        opened = b"".join(_open_chunk(aead, nonce, number, sealed, group) for number in range(group, stop))
        piece = opened[max(start - group * CHUNK, 0) : max(start + length - group * CHUNK, 0)]
        if piece:
            yield piece


def _read(read_at: Callable[[int, int], bytes], start: int, length: int) -> bytes:
    found = read_at(start, length)
    if len(found) != length:
        raise SealBroken(f"{len(found)} of {length} sealed bytes at {start}")
    return found


def _derive(head: bytes, key: bytes, context: bytes) -> tuple[AESGCM, int]:
    """The chunks' cipher and base nonce. Errors: SealBroken when the commitment is to another key or context."""
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + head[:SALT] + context
    derived = HKDFExpand(SHA512(), 32 + 12 + 32, info).derive(key)
    if not compare_digest(derived[44:], head[SALT:]):
        raise SealBroken("wrong key or wrong context")
    return AESGCM(derived[:32]), int.from_bytes(derived[32:44])


def _open_chunk(aead: AESGCM, nonce: int, number: int, sealed: bytes, first: int) -> bytes:
    at = (number - first) * (CHUNK + TAG)
    try:
        return aead.decrypt((nonce ^ number).to_bytes(12), sealed[at : at + CHUNK + TAG], None)
    except InvalidTag as error:
        raise SealBroken(f"chunk {number} was changed") from error
