"""Bodies on their way in and out: packed with a salt, sealed when gated, and checked against what the author signed.

A text body is one block, `dag-cbor {salt, type, body}`, kept in the database until it is copied to the block store.
A file is a UnixFS file in the block store. Behind a gate either is sealed with a content key of its own before it is
hashed, stored or named anywhere.
"""

import hashlib
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy import delete, select
from sqlmodel import Session, col

from backend.dag_cbor import decode_dag_cbor, encode_dag_cbor
from backend.db import Database, insert_into
from backend.ipfs.embedded import EmbeddedStore
from backend.ipfs.store import BlockMissing, StoreError, dag_cid, parse_cid, raw_cid
from backend.jobs import enqueue
from backend.keys.cipher import SealBroken, new_content_key, open_all, seal
from backend.keys.custody import MasterKey
from backend.keys.envelope import context_of, new_item_id
from backend.keys.tables import Wrap
from backend.log.act import COMMIT_SLICE, Act, Body, commit_of
from backend.log.tables import LogBlock, StagedBody
from backend.problems import TooLarge, Unavailable

MAX_TEXT_BYTES = 256 * 1024
MAX_FILE_BYTES = 64 * 1024 * 1024
SALT_BYTES = 16


class BodyGone(Exception):
    """The block was erased, or is not here (yet)."""


class BodyBroken(Exception):
    """The block is not the body that its author signed."""


@dataclass(frozen=True)
class Place:
    """Where a body belongs: a community, its author, and the gate it is sealed for (None: public)."""

    chain_id: int
    community: str
    author: str
    gate: str | None
    at: int


@dataclass(frozen=True)
class Plain:
    """A body as its author wrote it."""

    media_type: str
    body: bytes
    salt: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8; what is none is shown as replacement characters."""
        return self.body.decode(errors="replace")


def stage_text(
    database: Database, master: MasterKey, place: Place, *, body: bytes, media_type: str, salt: bytes
) -> StagedBody:
    """The body is stored, sealed if its place is gated, and waits for the act that names it."""
    if len(body) > MAX_TEXT_BYTES:
        raise TooLarge(f"A text has at most {MAX_TEXT_BYTES} bytes.", limit=MAX_TEXT_BYTES)
    packed = encode_dag_cbor({"salt": salt, "type": media_type, "body": body})
    item, key, block = None, b"", packed
    if place.gate is not None:
        item, key = new_item_id().hex(), new_content_key()
        context = context_of(place.chain_id, place.community, item=bytes.fromhex(item))
        block = b"".join(seal(packed, key, context=context))
    cid = (dag_cid(block) if item is None else raw_cid(block)).encode()
    staged = _staged(place, cid, len(body), commit_of(salt, body), media_type, item)
    with database.writing() as session:
        _keep(session, master, staged, key, place)
        rows = {"cid": cid, "data": block, "copied": False}
        session.execute(insert_into(session, LogBlock).values(**rows).on_conflict_do_nothing())
    return staged


def stage_file(
    database: Database,
    store: EmbeddedStore,
    master: MasterKey,
    place: Place,
    *,
    file: BinaryIO,
    media_type: str,
    salt: bytes,
) -> StagedBody:
    """The file is in the block store, sealed if its place is gated.

    A sealed file starts with its salt, so that its commit confirms no guess; a public one is the file as it is, and
    its commit takes an empty salt.
    """
    plain = _Hashing(file, salt if place.gate is not None else b"")
    item, key = None, b""
    try:
        if place.gate is None:
            cid = store.add_file(plain)
        else:
            item, key = new_item_id().hex(), new_content_key()
            context = context_of(place.chain_id, place.community, item=bytes.fromhex(item))
            cid = store.add_file(seal(plain, key, context=context))
    except StoreError as error:
        raise Unavailable(f"The file could not be stored: {error}") from error
    staged = _staged(place, cid.encode(), plain.size, plain.commit, media_type, item)
    with database.writing() as session:
        _keep(session, master, staged, key, place)
    return staged


def _staged(place: Place, cid: str, size: int, commit: bytes, media_type: str, item: str | None) -> StagedBody:
    return StagedBody(
        cid=cid,
        chain_id=place.chain_id,
        community=place.community,
        author=place.author,
        size=size,
        commit=commit,
        media_type=media_type,
        item=item,
        place=place.gate,
        created_at=place.at,
    )


def _keep(session: Session, master: MasterKey, staged: StagedBody, key: bytes, place: Place) -> None:
    if staged.item is not None:
        master.new_item_key(
            session, chain_id=place.chain_id, community=place.community, item=staged.item, key=key, at=place.at
        )
    if session.get(StagedBody, (staged.cid, staged.chain_id, staged.community)) is None:
        session.add(staged)
        session.flush()


def staged_for(session: Session, act: Act, cid: str, *, item: str | None, gate: str | None) -> bool:
    """Whether this block was sent by the act's author, as this item, sealed for this gate."""
    staged = session.get(StagedBody, (cid, act.chain_id, act.community))
    return staged is not None and (staged.author, staged.item, staged.place) == (act.author, item, gate)


def erase_blocks(session: Session, act: Act, bodies: Iterable[tuple[str, str | None]]) -> None:
    """These blocks and content keys are gone from the database; a job deletes them wherever else we keep them.

    They are those of the act's community: a block that somebody said in another one too stays there.
    """
    for cid, item in bodies:
        here = (col(StagedBody.chain_id) == act.chain_id, col(StagedBody.community) == act.community)
        session.execute(delete(StagedBody).where(col(StagedBody.cid) == cid, *here))
        if not is_staged(session, cid):
            session.execute(delete(LogBlock).where(col(LogBlock.cid) == cid))
        if item is not None:
            session.execute(delete(Wrap).where(col(Wrap.item) == item))
        enqueue(session, "blocks.erase", key=f"blocks.erase:{cid}", run_at=0, payload={"cid": cid})


def is_staged(session: Session, cid: str) -> bool:
    """Whether anybody said this block in any community."""
    return session.execute(select(StagedBody).where(col(StagedBody.cid) == cid).limit(1)).first() is not None


def block_bytes(session: Session, store: EmbeddedStore, cid: str) -> bytes:
    """The block, from the database or the store. Raises BodyGone."""
    found = select(col(LogBlock.data)).where(col(LogBlock.cid) == cid)
    data: bytes | None = session.execute(found).scalar_one_or_none()
    if data is not None:
        return data
    try:
        return store.get(parse_cid(cid))
    except (BlockMissing, ValueError) as error:
        raise BodyGone(cid) from error


def blocks_bytes(session: Session, store: EmbeddedStore, cids: Collection[str]) -> dict[str, bytes]:
    """Those of these blocks that are here: one query for all that the database has."""
    rows = session.execute(select(col(LogBlock.cid), col(LogBlock.data)).where(col(LogBlock.cid).in_(cids)))
    found: dict[str, bytes] = dict(rows.all())
    for cid in set(cids) - set(found):
        with suppress(BlockMissing, ValueError):
            found[cid] = store.get(parse_cid(cid))
    return found


def public_body(session: Session, body: Body | None, media_type: str) -> Plain | None:
    """A public body of this media type from the database; None if it was erased, is not here, or is something else.

    For projections: they fold what is there and never fail on what an author sent.
    """
    if body is None:
        return None
    found = select(col(LogBlock.data)).where(col(LogBlock.cid) == body.cid)
    packed = session.execute(found).scalar_one_or_none()
    try:
        plain = unpack(packed, commit=body.commit) if packed is not None else None
    except BodyBroken:
        return None
    return plain if plain is not None and plain.media_type == media_type else None


def unpack(packed: bytes, *, commit: bytes) -> Plain:
    """The body in these packed bytes, which is the one its author committed to. Raises BodyBroken."""
    try:
        fields: Any = decode_dag_cbor(packed)
        plain = Plain(fields["type"], fields["body"], fields["salt"])
        if commit_of(plain.salt, plain.body) == commit:
            return plain
    except (ValueError, TypeError, KeyError) as error:
        raise BodyBroken("not a packed body") from error
    raise BodyBroken("the body is not what its author signed")


def unseal(sealed: bytes, key: bytes, *, chain_id: int, community: str, item: str, commit: bytes) -> Plain:
    """The sealed body, opened and checked. Raises BodyBroken."""
    context = context_of(chain_id, community, item=bytes.fromhex(item))
    try:
        return unpack(b"".join(open_all(sealed, key, context=context)), commit=commit)
    except SealBroken as error:
        raise BodyBroken("the seal does not open") from error


class _Hashing:
    """A stream of the salt and then a file, which it counts, hashes, and stops at MAX_FILE_BYTES."""

    def __init__(self, file: BinaryIO, salt: bytes) -> None:
        self._file, self._salt, self._lead, self.size = file, salt, salt, 0
        self._slices: list[bytes] = []
        self._slice, self._room = hashlib.sha256(), COMMIT_SLICE

    def read(self, size: int = -1) -> bytes:
        if self._lead:
            lead, self._lead = self._lead, b""
            return lead
        data = self._file.read(size)
        self.size += len(data)
        if self.size > MAX_FILE_BYTES:
            raise TooLarge(f"A file has at most {MAX_FILE_BYTES} bytes.", limit=MAX_FILE_BYTES)
        self._hash(data)
        return data

    def _hash(self, data: bytes) -> None:
        while data:
            piece, data = data[: self._room], data[self._room :]
            self._slice.update(piece)
            self._room -= len(piece)
            if not self._room:
                self._slices.append(self._slice.digest())
                self._slice, self._room = hashlib.sha256(), COMMIT_SLICE

    @property
    def commit(self) -> bytes:
        """As `commit_of` of the salt and all that passed."""
        last = [self._slice.digest()] if self._room < COMMIT_SLICE or not self._slices else []
        return hashlib.sha256(self._salt + b"".join(self._slices + last)).digest()
