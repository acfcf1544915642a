"""A log proved by a stranger: from the chain and a block store alone, trusting no home.

The chain says who owned the community and who held what at any block, which key signed heads in which epoch, and which
manifest is anchored. The store gives blocks, each hashed. Everything else is recomputed: the chain of records, every
signature, every verdict. `database` is a scratch one whose mirror was just indexed from the chain.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from backend.chain import Chain
from backend.db import AppTable, Database, ProjectionTable
from backend.identity.delegation import DelegationWrong, read_delegation
from backend.identity.signature import SignatureWrong
from backend.ipfs.store import BlockMissing, BlockSource, StoreError, parse_cid
from backend.log.act import Act, ActMalformed, parse_act
from backend.log.authorship import Delegated, KeyUnknown, check_delegation, check_old_signature
from backend.log.home import signer_of
from backend.log.kinds import ActRefused, Kinds, Placed
from backend.log.manifest import Manifest, ManifestMalformed, parse_manifest, parse_page
from backend.log.record import Record, RecordMalformed, dag_cid_of, digest_of, parse_record
from backend.log.tables import LogBlock
from indexer.tables.community import Community, Home


class LogBroken(Exception):
    """The log is not what the chain anchors, or not what its authors signed; the message says where."""


@dataclass
class Report:
    """What was proved. `attested` acts rest on the home's word (contract wallets), all others on proof."""

    community: str
    sequence: int
    head_seq: int
    records: int = 0
    proved: int = 0
    attested: int = 0
    void: int = 0
    bodies: int = 0
    erased: int = 0
    missing: list[str] = field(default_factory=list)


@dataclass
class _Walk:
    """What is known at a place in the log."""

    database: Database
    source: BlockSource
    chain: Chain
    kinds: Kinds
    report: Report
    numbers: dict[str, int] = field(default_factory=dict)
    named: dict[str, list[str]] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)


def anchored_manifest(database: Database, source: BlockSource, chain_id: int, community: str) -> Manifest:
    """The manifest that the chain anchors, from the store. Raises LogBroken."""
    with database.reading() as session:
        row = session.get(Community, (chain_id, community))
    if row is None:
        raise LogBroken(f"There is no community {community} on chain {chain_id}.")
    if row.manifest_digest is None:
        raise LogBroken("No manifest of this community is anchored yet.")
    cid = dag_cid_of(row.manifest_digest)
    try:
        manifest = parse_manifest(source.get(parse_cid(cid)))
    except (StoreError, ManifestMalformed) as error:
        raise LogBroken(f"The anchored manifest {cid} cannot be read: {error}") from error
    if (manifest.head.chain_id, manifest.head.community) != (chain_id, community):
        raise LogBroken("The anchored manifest is of another community.")
    if manifest.sequence != row.manifest_sequence:
        raise LogBroken(f"Manifest {manifest.sequence} is anchored as {row.manifest_sequence}.")
    return manifest


def verify_log(
    database: Database, source: BlockSource, chain: Chain, kinds: Kinds, *, chain_id: int, community: str
) -> Report:
    """The anchored log holds in every part, or LogBroken is raised. Leaves the projections in `database`."""
    manifest = anchored_manifest(database, source, chain_id, community)
    report = Report(community, manifest.sequence, manifest.head.seq)
    with database.writing() as session:
        AppTable.metadata.create_all(session.connection())
        ProjectionTable.metadata.create_all(session.connection())
        _check_head(session, manifest)
    records = _records(source, manifest)
    walk = _Walk(database, source, chain, kinds, report)
    with database.writing() as session:
        _check_records(session, walk, chain_id, community, records)
    _check_move(database, manifest, records)
    if not records or records[-1].cid != manifest.head.record or records[-1].seq != manifest.head.seq:
        raise LogBroken("The signed head is not the last record of the manifest's pages.")
    _count_bodies(walk)
    return report


def _check_head(session: Session, manifest: Manifest) -> None:
    head = manifest.head
    home = session.get(Home, (head.chain_id, head.community, head.epoch))
    if home is None or signer_of(head) != home.home_key:
        raise LogBroken(f"The head is not signed by the home's key of epoch {head.epoch}.")


def _check_move(database: Database, manifest: Manifest, records: Sequence[Record]) -> None:
    """The log goes through the record at which the last move cut, and what stands behind that is of the home since."""
    head = manifest.head
    with database.reading() as session:
        community = session.get(Community, (head.chain_id, head.community))
        home = session.get(Home, (head.chain_id, head.community, community.epoch)) if community else None
    if home is None:
        return
    if head.seq > home.sequence and head.epoch < home.epoch:
        raise LogBroken(f"What stands behind record {home.sequence} is of a home that serves the community no more.")
    if 0 < home.sequence <= len(records) and digest_of(records[home.sequence - 1].cid) != home.base_digest:
        raise LogBroken(f"Record {home.sequence} is another than the one at which the community moved.")


def _records(source: BlockSource, manifest: Manifest) -> list[Record]:
    try:
        cids = [cid for page in manifest.pages for cid in parse_page(source.get(parse_cid(page)))]
        return [parse_record(source.get(parse_cid(cid))) for cid in cids]
    except (StoreError, ManifestMalformed, RecordMalformed, ValueError) as error:
        raise LogBroken(f"A record cannot be read: {error}") from error


def _check_records(session: Session, walk: _Walk, chain_id: int, community: str, records: Sequence[Record]) -> None:
    prev: Record | None = None
    for number, record in enumerate(records, start=1):
        _check_link(session, walk, record, prev, number, chain_id, community)
        act = _act(walk, record)
        if (act.chain_id, act.community) != (chain_id, community):
            raise LogBroken(f"Record {number} holds an act for another community.")
        _judge(session, walk, record, act)
        walk.report.records += 1
        prev = record


def _check_link(
    session: Session, walk: _Walk, record: Record, prev: Record | None, number: int, chain_id: int, community: str
) -> None:
    if record.seq != number or record.prev != (prev.cid if prev else None):
        raise LogBroken(f"Record {number} does not follow the one before.")
    if prev is not None and (record.epoch < prev.epoch or record.at < prev.at):
        raise LogBroken(f"Record {number} goes back in epoch or time.")
    if prev is not None and record.epoch != prev.epoch:
        home = session.get(Home, (chain_id, community, record.epoch))
        if home is None or (home.sequence, home.base_digest) != (prev.seq, digest_of(prev.cid)):
            raise LogBroken(f"Epoch {record.epoch} does not begin where the chain says.")
    (as_of,) = record.as_of
    if as_of.chain_id != chain_id or walk.chain.block_hash(as_of.number) != as_of.hash:
        raise LogBroken(f"Record {number} rests on a block that the chain does not have.")


def _act(walk: _Walk, record: Record) -> Act:
    try:
        return parse_act(walk.source.get(parse_cid(record.act)))
    except (StoreError, ActMalformed, ValueError) as error:
        raise LogBroken(f"The act of record {record.seq} cannot be read: {error}") from error


def _judge(session: Session, walk: _Walk, record: Record, act: Act) -> None:
    """The act is its author's; then it is projected, or void when the chain does not allow it."""
    kind = walk.kinds.get(act.kind)
    if kind is None:
        raise LogBroken(f"Record {record.seq} has the unknown kind {act.kind!r}.")
    counter = act.key or act.author
    expected = walk.numbers.get(counter, 0) + 1
    if act.n != expected:
        raise LogBroken(f"Record {record.seq}: act {expected} of {counter} is withheld, {act.n} stands there.")
    walk.numbers[counter] = act.n
    placed = Placed(act, record.epoch, record.seq, record.at, record.as_of[0])
    proof = _check_author(session, walk, placed, governs=kind.governs)
    walk.report.proved += proof == "proved"
    walk.report.attested += proof == "attested"
    walk.named[act.id] = [body.cid for body in kind.bodies(act)]
    _load_public_body(session, walk, act)
    if kind.may(session, placed) is not None:
        walk.report.void += 1
        return
    kind.project(session, placed)
    if act.kind.endswith(".erase") and act.subject:
        walk.erased.add(act.subject)
    if act.kind.endswith(".edit") and act.subject:
        walk.named.setdefault(act.subject, []).extend(walk.named.pop(act.id))


def _check_author(session: Session, walk: _Walk, placed: Placed, *, governs: bool) -> str:
    act = placed.act
    delegated: Delegated | None = None
    try:
        if governs and act.key is not None:
            raise ActRefused("a wallet must sign this", reason="wallet-signature-needed")
        if act.key is not None:
            block = walk.source.get(parse_cid(act.key))
            delegated = Delegated(read_delegation(act.key, block), block)
        proof = check_old_signature(act, delegated, walk.chain)
        check_delegation(session, placed, delegated.delegation if delegated else None)
    except (SignatureWrong, DelegationWrong, ActRefused, KeyUnknown, StoreError) as error:
        raise LogBroken(f"Record {placed.seq} is not its author's: {error}") from error
    return proof


def _load_public_body(session: Session, walk: _Walk, act: Act) -> None:
    """Projections read public words from the database: put there what the store still has."""
    if act.body is None:
        return
    try:
        data = walk.source.get(parse_cid(act.body.cid))
    except (BlockMissing, ValueError):
        return
    session.merge(LogBlock(cid=act.body.cid, data=data, copied=True))
    session.flush()


def _count_bodies(walk: _Walk) -> None:
    """Every body that an act names is there, unless its author erased it."""
    for act_id, cids in walk.named.items():
        for cid in cids:
            try:
                walk.source.get(parse_cid(cid))
                walk.report.bodies += 1
            except BlockMissing:
                if act_id in walk.erased:
                    walk.report.erased += 1
                else:
                    walk.report.missing.append(cid)
    if walk.report.missing:
        raise LogBroken(f"{len(walk.report.missing)} bodies are missing that nobody erased: {walk.report.missing[0]}")
