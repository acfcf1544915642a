"""What a home does for its communities without being asked: copy blocks, anchor manifests, erase, sweep, replicate."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Select, and_, delete, select
from sqlmodel import Session, col

from backend import clock
from backend.chain import CallFailed, ChainUnavailable, GasTooDear, TransactionRefused
from backend.feed import time_at
from backend.host import Host
from backend.ipfs.cid import DAG_CBOR, DAG_PB, RAW
from backend.ipfs.store import CID, BlockMissing, BlockStore, codec_of, delete_tree, links, parse_cid, with_codec
from backend.jobs import enqueue
from backend.keys.bodies import is_staged
from backend.keys.cipher import FORMAT
from backend.keys.custody import recovery_keys
from backend.keys.tables import Kek, Release, Wrap
from backend.log.anchor import KeyBlocks, build, copy_blocks, forget_old_keys, newest_manifest, publish
from backend.log.manifest import WrapEntry, parse_manifest
from backend.log.replay import rejudge
from backend.log.tables import LogBlock, LogHead, PublishedManifest, StagedBody
from indexer.tables.chain import Change
from indexer.tables.community import Community

REPLICATE_SECONDS = 15 * 60
"""An author has this long to erase before anything leaves the host."""
STAGED_SECONDS = 86_400
SWEEP_SECONDS = 3600
RELEASE_SECONDS = 90 * 86_400
"""How long it is kept who opened what."""


class NotAnchored(Exception):
    """The anchor could not be sent; the job runs again."""


def copy(host: Host) -> bool:
    """Chore: new log blocks are in the block store. True when there were any."""
    return copy_blocks(host.database, host.store) > 0


def schedule(host: Host) -> bool:
    """Chore: jobs that are due by the clock stand in the table."""
    at = clock.now()
    with host.database.reading() as session:
        due = [key for key in _logs(session, host) if _anchor_due(session, key, host.settings.anchor_seconds, at)]
    with host.database.writing() as session:
        for chain_id, community in due:
            payload = {"chain_id": chain_id, "community": community}
            enqueue(session, "log.anchor", key=f"log.anchor:{chain_id}:{community}", run_at=at, payload=payload)
        window = at // SWEEP_SECONDS + 1  # the next one: a job that is done would be queued anew
        enqueue(session, "bodies.sweep", key=f"bodies.sweep:{window}", run_at=window * SWEEP_SECONDS)
    return False


def anchor(host: Host, payload: dict[str, Any]) -> None:
    """Job: the community's newest final state is in a manifest, and its digest on the chain."""
    chain_id, community = payload["chain_id"], payload["community"]
    with host.database.reading() as session:
        at = time_at(session, chain_id)
        keys = key_blocks(session, host, chain_id, community)
    manifest = build(host.database, host.store, keys, chain_id=chain_id, community=community, at=clock.now())
    try:
        publish(host.database, host.chain, host.home, chain_id=chain_id, community=community)
    except (CallFailed, GasTooDear, TransactionRefused, ChainUnavailable) as error:
        raise NotAnchored(f"The anchor of {community} could not be sent: {error}") from error
    forget_old_keys(host.database, host.store, chain_id=chain_id, community=community)
    if manifest is not None and host.replica is not None:
        with host.database.writing() as session:
            run_at = max(at, clock.now()) + REPLICATE_SECONDS
            enqueue(
                session, "blocks.push", key=f"blocks.push:{manifest.cid}", run_at=run_at, payload={"cid": manifest.cid}
            )


def push(host: Host, payload: dict[str, Any]) -> None:
    """Job: the replica holds a manifest's log and every body that it names and that is still here."""
    if host.replica is None:
        return
    root = parse_cid(payload["cid"])
    manifest = parse_manifest(host.store.get(root))
    name = f"koinon/{manifest.head.chain_id}/{manifest.head.community}"
    kept = {pin.root for pin in host.replica.pins(f"{name}/body")}
    host.replica.push(host.store, root, f"{name}/log")
    for cid in map(parse_cid, [*manifest.wraps, *manifest.roots, *([manifest.keyring] if manifest.keyring else [])]):
        if cid not in kept and host.store.has(cid):
            host.replica.push(host.store, cid, f"{name}/body")


def erase(host: Host, payload: dict[str, Any]) -> None:
    """Job: a text or file is gone from the store and the replica, but for blocks that are something else too.

    Anybody can upload the bytes of another's file, of a part of it, or of the log, and take them back.
    """
    root = parse_cid(payload["cid"])
    with host.database.reading() as session:
        if is_staged(session, payload["cid"]):
            return
        files = session.execute(select(col(StagedBody.cid))).scalars().all()
        manifests = session.execute(_standing_manifests()).scalars().all()
        logged = _logged(session, list(_file_blocks(host.store, root)))
    keep = {
        *logged,
        *(cid for file in files for cid in _file_blocks(host.store, parse_cid(file))),
        *(cid for manifest in manifests for cid in _manifest_blocks(host.store, manifest)),
    }
    if host.replica is not None:
        for pin in host.replica.pins("koinon/"):
            if pin.root == root:
                host.replica.unpin(root, pin.name)
    stores: list[BlockStore] = [host.store, *([host.replica] if host.replica else [])]
    for store in stores:
        delete_tree(store, root, keep=keep)


def sweep(host: Host, payload: dict[str, Any]) -> None:  # noqa: ARG001 - the form of every job
    """Job: bodies that no act named within a day are gone, with their keys; and so is who read what, after 90 days."""
    before = clock.now() - STAGED_SECONDS
    with host.database.writing() as session:
        session.execute(delete(Release).where(col(Release.at) < clock.now() - RELEASE_SECONDS))
        statement = select(StagedBody).where(col(StagedBody.claimed_by).is_(None), col(StagedBody.created_at) < before)
        for row in session.execute(statement).scalars().all():
            session.delete(row)
            session.flush()
            if not is_staged(session, row.cid):
                session.execute(delete(LogBlock).where(col(LogBlock.cid) == row.cid))
                enqueue(session, "blocks.erase", key=f"blocks.erase:{row.cid}", run_at=0, payload={"cid": row.cid})
            if row.item is not None:
                session.execute(delete(Wrap).where(col(Wrap.item) == row.item))


def judge_again(host: Host, session: Session, changes: Sequence[Change]) -> None:
    """Consumer: after a reorg, what the log's acts were allowed is decided by the new chain."""
    rejudge(session, host.kinds, changes)


def key_blocks(session: Session, host: Host, chain_id: int, community: str) -> KeyBlocks:
    """What the manifest says of keys: wrapped content keys, and the keyring of the recovery keys."""
    wraps = select(Wrap).where(col(Wrap.chain_id) == chain_id, col(Wrap.community) == community)
    keks = select(col(Kek.id)).where(col(Kek.chain_id) == chain_id, col(Kek.community) == community)
    recipients = sorted(key.hex() for key in recovery_keys(session, chain_id, community))
    parts = [*sorted(session.execute(keks).scalars()), *recipients]
    return KeyBlocks(
        format=FORMAT,
        wraps=[WrapEntry(row.item, row.kek, row.wrapped) for row in session.execute(wraps).scalars()],
        keyring=host.master.keyring(session, chain_id, community),
        fingerprint=hashlib.sha256("|".join(parts).encode()).hexdigest(),
    )


def _file_blocks(store: BlockStore, root: CID) -> Iterator[CID]:
    """The blocks of a file or text. Leaves are not read; below a node that is gone nothing is known."""
    waiting = [root]
    while waiting:
        cid = waiting.pop()
        yield cid
        if codec_of(cid) == DAG_PB:
            with suppress(BlockMissing):
                waiting.extend(links(cid, store.get(cid)))


def _logged(session: Session, blocks: Sequence[CID]) -> list[CID]:
    """Blocks of the log and manifests that have the bytes of any of these."""
    names = [with_codec(cid, codec).encode() for cid in blocks for codec in (RAW, DAG_CBOR)]
    same = select(col(LogBlock.cid)).where(col(LogBlock.cid).in_(names))
    anchors = select(col(PublishedManifest.cid)).where(col(PublishedManifest.cid).in_(names))
    return [parse_cid(cid) for statement in (same, anchors) for cid in session.execute(statement).scalars()]


def _standing_manifests() -> Select[str]:
    """Manifests from the anchored one on: what a stranger verifies now or soon."""
    here = and_(
        col(Community.chain_id) == col(PublishedManifest.chain_id),
        col(Community.address) == col(PublishedManifest.community),
    )
    newest = col(PublishedManifest.sequence) >= col(Community.manifest_sequence)
    return select(col(PublishedManifest.cid)).join(Community, here).where(newest)


def _manifest_blocks(store: BlockStore, cid: str) -> Iterator[CID]:
    """What a manifest lists and no table names."""
    with suppress(BlockMissing):
        manifest = parse_manifest(store.get(parse_cid(cid)))
        yield from map(parse_cid, [*manifest.pages, *manifest.wraps, *filter(None, [manifest.keyring])])


def _logs(session: Session, host: Host) -> list[tuple[int, str]]:
    statement = select(col(LogHead.chain_id), col(LogHead.community)).where(
        col(LogHead.chain_id) == host.settings.chain_id, col(LogHead.seq) > 0
    )
    return [(chain_id, community) for chain_id, community in session.execute(statement).all()]


def _anchor_due(session: Session, key: tuple[int, str], wait: int, at: int) -> bool:
    last = newest_manifest(session, *key)
    if last is None:
        return True
    return at >= last.built_at + wait
