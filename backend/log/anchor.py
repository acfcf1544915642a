"""Builds the manifest of a community's log and anchors its digest on chain.

Only records whose blocks are final are covered, so no reorg can make an anchored judgement wrong. Every block that
the manifest needs is in the block store before its digest goes to the chain.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_account import Account
from eth_utils.crypto import keccak
from sqlalchemy import func, select
from sqlmodel import Session, col

from backend import clock
from backend.chain import Chain
from backend.db import Database
from backend.feed import Tip, block_hash, tip
from backend.ipfs.embedded import EmbeddedStore
from backend.ipfs.store import Block, dag_block, parse_cid
from backend.log.home import HomeKey
from backend.log.manifest import Manifest, WrapEntry, build_pages, build_wraps, parse_manifest
from backend.log.record import AsOf, Head, digest_of
from backend.log.tables import LogBlock, LogRecord, PublishedManifest, SignedHead, StagedBody
from backend.sending import Order, submit
from indexer.tables.community import Community

_PUBLISH = keccak(text="publishManifest(bytes32,uint64)")[:4]
ANCHOR_GAS = 200_000
"""The most that an anchor may burn: a few times what it takes."""
COPIED_AT_ONCE = 500


@dataclass(frozen=True)
class KeyBlocks:
    """What the keys of a community add to its manifest: wrapped content keys, and keks sealed for recovery."""

    format: str
    wraps: Sequence[WrapEntry]
    keyring: bytes | None
    fingerprint: str
    """Changes when the keyring should be another; sealing itself is randomised."""


def copy_blocks(database: Database, store: EmbeddedStore) -> int:
    """Small blocks that the database has and the store lacks are in the store; returns how many those were."""
    with database.reading() as session:
        waiting = select(LogBlock).where(col(LogBlock.copied).is_(False)).limit(COPIED_AT_ONCE)
        rows = [(row.cid, row.data) for row in session.execute(waiting).scalars()]
    if not rows:
        return 0
    with store.batch() as put:
        for cid, data in rows:
            put(Block(parse_cid(cid), data))
    with database.writing() as session:
        kept = session.execute(select(LogBlock).where(col(LogBlock.cid).in_([cid for cid, _ in rows]))).scalars().all()
        for row in kept:
            row.copied = True
    for cid in {cid for cid, _ in rows} - {row.cid for row in kept}:  # erased while it was copied
        store.delete(parse_cid(cid))
    return len(rows)


def newest_manifest(session: Session, chain_id: int, community: str) -> PublishedManifest | None:
    """The manifest that this home built last."""
    statement = (
        select(PublishedManifest)
        .where(col(PublishedManifest.chain_id) == chain_id, col(PublishedManifest.community) == community)
        .order_by(col(PublishedManifest.sequence).desc())
        .limit(1)
    )
    return session.execute(statement).scalar_one_or_none()


def build(
    database: Database, store: EmbeddedStore, keys: KeyBlocks, *, chain_id: int, community: str, at: int
) -> Manifest | None:
    """The next manifest, with all its blocks in the store; None when nothing final has changed since the last."""
    while copy_blocks(database, store):
        pass
    with database.reading() as session:
        newest = tip(session, chain_id)
        head = _final_head(session, newest, community)
        last = newest_manifest(session, chain_id, community)
        if head is None:
            return None
        records = _records(session, head)
        roots = _roots(session, head)
        index_block = _final_block(session, newest)
    pages, wraps = build_pages(records), build_wraps(keys.wraps)
    fingerprint = _fingerprint([head.record, keys.fingerprint, *roots, *map(_cid, wraps)])
    if last is not None and last.fingerprint == fingerprint:
        return None
    manifest = Manifest(
        format=keys.format,
        epoch=head.epoch,
        sequence=last.sequence + 1 if last else 1,
        prev=last.cid if last else None,
        head=head,
        pages=tuple(map(_cid, pages)),
        index_block=index_block,
        wraps=tuple(map(_cid, wraps)),
        keyring=_cid(keys.keyring) if keys.keyring else None,
        roots=tuple(roots),
    )
    _store(store, [*pages, *wraps, manifest.block, *([keys.keyring] if keys.keyring else [])])
    row = PublishedManifest(
        chain_id=chain_id,
        community=community,
        sequence=manifest.sequence,
        cid=manifest.cid,
        head_seq=head.seq,
        fingerprint=fingerprint,
        built_at=at,
    )
    with database.writing() as session:
        session.add(row)
    return manifest


def forget_old_keys(database: Database, store: EmbeddedStore, *, chain_id: int, community: str) -> None:
    """Wrapped keys that only manifests before the anchored one name are gone, so that what was erased stays erased."""
    with database.reading() as session:
        last = newest_manifest(session, chain_id, community)
        row = session.get(Community, (chain_id, community))
    if last is None or row is None or row.manifest_sequence < last.sequence:
        return
    manifest = parse_manifest(store.get(parse_cid(last.cid)))
    kept = {*manifest.wraps, manifest.keyring}
    older = manifest.prev
    while older is not None and store.has(parse_cid(older)):
        named = parse_manifest(store.get(parse_cid(older)))
        stale = [cid for cid in (*named.wraps, named.keyring) if cid is not None and cid not in kept]
        present = [parse_cid(cid) for cid in stale if store.has(parse_cid(cid))]
        for cid in present:
            store.delete(cid)
        older = named.prev if present else None  # before one that is clean, all are


def _store(store: EmbeddedStore, blocks: Sequence[bytes]) -> None:
    with store.batch() as put:
        for block in blocks:
            put(dag_block(block))


def _fingerprint(parts: Sequence[str]) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def _cid(block: bytes) -> str:
    return dag_block(block).cid.encode()


def publish(database: Database, chain: Chain, home: HomeKey, *, chain_id: int, community: str) -> str | None:
    """The newest manifest is anchored, or on its way: the hash of the transaction, None when there is nothing to do.

    A transaction that the chain lost or refused is sent again. Raises as `submit` does.
    """
    with database.reading() as session:
        last = newest_manifest(session, chain_id, community)
        row = session.get(Community, (chain_id, community))
    if last is None or row is None or row.manifest_sequence >= last.sequence:
        return None
    receipt = chain.receipt(last.tx_hash) if last.tx_hash is not None else None
    if receipt is not None and receipt.succeeded:
        return None
    data = _PUBLISH + encode(["bytes32", "uint64"], [bytes.fromhex(digest_of(last.cid)[2:]), last.sequence])
    order = Order(f"anchor:{community}:{last.sequence}", community, data, ANCHOR_GAS)
    tx_hash = submit(database, chain, Account.from_key(home.secret), order, at=clock.now())
    with database.writing() as session:
        kept = session.get(PublishedManifest, (chain_id, community, last.sequence))
        if kept is not None:
            kept.tx_hash = tx_hash
    return tx_hash


def _final_head(session: Session, newest: Tip, community: str) -> Head | None:
    """The newest signed head of which every record rests on final blocks."""
    here = (col(LogRecord.chain_id) == newest.chain_id, col(LogRecord.community) == community)
    open_ = select(func.min(col(LogRecord.seq))).where(*here, col(LogRecord.as_of_number) > newest.final_number)
    first_open = session.execute(open_).scalar_one_or_none()
    statement = select(SignedHead).where(
        col(SignedHead.chain_id) == newest.chain_id, col(SignedHead.community) == community
    )
    if first_open is not None:
        statement = statement.where(col(SignedHead.seq) < first_open)
    row = session.execute(statement.order_by(col(SignedHead.seq).desc()).limit(1)).scalar_one_or_none()
    return Head(row.chain_id, row.community, row.epoch, row.seq, row.record, row.at, row.sig) if row else None


def _records(session: Session, head: Head) -> list[str]:
    statement = select(col(LogRecord.cid)).where(
        col(LogRecord.chain_id) == head.chain_id,
        col(LogRecord.community) == head.community,
        col(LogRecord.seq) <= head.seq,
    )
    return list(session.execute(statement.order_by(col(LogRecord.seq))).scalars())


def _roots(session: Session, head: Head) -> list[str]:
    """Bodies and files that acts up to the head claimed and nobody erased."""
    claimed = select(col(LogRecord.act_id)).where(
        col(LogRecord.chain_id) == head.chain_id,
        col(LogRecord.community) == head.community,
        col(LogRecord.seq) <= head.seq,
    )
    statement = select(col(StagedBody.cid)).where(
        col(StagedBody.chain_id) == head.chain_id,
        col(StagedBody.community) == head.community,
        col(StagedBody.claimed_by).in_(claimed),
    )
    return sorted(session.execute(statement).scalars())


def _final_block(session: Session, newest: Tip) -> AsOf:
    number = max(min(newest.final_number, newest.number), 0)
    digest = block_hash(session, newest.chain_id, number) or newest.hash
    return AsOf(newest.chain_id, number, digest)
