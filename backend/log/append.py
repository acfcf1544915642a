"""The write path: signed acts come in, records and a receipt go out.

Parsing, signatures and node calls come first and hold no lock. Then one short transaction per batch locks the log's
head, judges, writes records, blocks, projections and jobs, and signs the new head. Requests that arrive together
share a transaction: up to BATCH_ACTS or what gathers within BATCH_SECONDS.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.chain import Chain
from backend.db import Database, insert_into
from backend.feed import fresh_tip, time_of
from backend.identity.delegation import Delegation
from backend.log.act import Act, ActMalformed, Body, parse_act
from backend.log.authorship import Delegated, check_delegation, check_signature, delegation_of
from backend.log.home import HomeKey
from backend.log.kinds import BASE_NOT_CURRENT, ActRefused, Kinds, Placed
from backend.log.record import AsOf, Head, Record, digest_of
from backend.log.tables import LogBlock, LogHead, LogRecord, PublishedManifest, SignedHead, StagedBody
from backend.problems import Conflict, Malformed, NotFound, TooMuch, Unavailable
from indexer.tables.columns import ZERO_HASH
from indexer.tables.community import Community, Home

BATCH_ACTS = 64
BATCH_SECONDS = 0.005
DAY = 86_400
ACTS_A_DAY = 2000
CLOCK_SKEW_SECONDS = 15 * 60
"""How far an author's clock may be from the home's."""


class NotTheHome(Unavailable):
    """Another home sequences this community now, or this one lags behind what is anchored."""

    slug, title = "not-the-home", "This host does not keep this community now"


class OutOfOrder(Conflict):
    """`n` is not the next number of this key: `expected` is."""

    slug, title = "out-of-order", "Another of your acts came first"


class EditConflict(Conflict):
    """The edit's `base` is not the current version."""

    slug, title = "edit-conflict", "This was changed meanwhile"


@dataclass(frozen=True)
class Receipt:
    """The act stands in the log at `seq`, by the home's signed word."""

    act: str
    record: str
    seq: int
    head: Head


@dataclass(frozen=True)
class Prepared:
    """An act whose form and signature are right, with the delegation of its key."""

    act: Act
    delegated: Delegated | None

    @property
    def delegation(self) -> Delegation | None:
        return self.delegated.delegation if self.delegated else None


class Log:
    """Appends to the logs of all communities of one home."""

    def __init__(
        self, database: Database, chain: Chain, home: HomeKey, kinds: Kinds, *, serves: Callable[[str], bool]
    ) -> None:
        self._database, self._chain, self._home, self._kinds = database, chain, home, kinds
        self._serves = serves
        self._waiting: queue.SimpleQueue[tuple[Prepared, Future[Receipt]]] = queue.SimpleQueue()
        self._leading = threading.Lock()

    def append(self, data: bytes, *, community: str | None = None) -> Receipt:
        """The act is in the log when this returns. A resent act gets its first receipt. Raises Problem.

        `community` refuses acts of any other.
        """
        prepared = self._prepare(data)
        if community is not None and prepared.act.community != community:
            raise Malformed("The act is for another community.")
        mine: Future[Receipt] = Future()
        self._waiting.put((prepared, mine))
        with self._leading:  # whoever comes first takes all that wait; the others find theirs done
            if not mine.done():
                self._lead()
        return mine.result()

    def examine(self, data: bytes) -> Prepared:
        """An act whose form and signature are right, for a later `append`. Raises Problem; nothing is written."""
        return self._prepare(data)

    def _prepare(self, data: bytes) -> Prepared:
        try:
            act = parse_act(data)
        except ActMalformed as error:
            raise Malformed(str(error)) from error
        kind = self._kinds.get(act.kind)
        if kind is None:
            raise Malformed(f"Acts of kind {act.kind!r} are not known here.")
        try:
            kind.schema.model_validate(act.data)
        except ValidationError as error:
            raise Malformed(f"The data of {act.kind} is malformed.", errors=error.errors(include_url=False)) from error
        if kind.governs and act.key is not None:
            raise ActRefused(f"{act.kind} must be signed by the wallet itself.", reason="wallet-signature-needed")
        with self._database.reading() as session:
            delegated = delegation_of(session, act)
        prepared = Prepared(act, delegated)
        check_signature(act, prepared.delegation, self._chain)
        return prepared

    def _lead(self) -> None:
        batch: list[tuple[Prepared, Future[Receipt]]] = []
        try:
            while len(batch) < BATCH_ACTS:
                batch.append(self._waiting.get(timeout=BATCH_SECONDS if batch else None))
        except queue.Empty:
            pass
        try:
            outcomes = self._place_all([prepared for prepared, _ in batch])
        except Exception as error:  # noqa: BLE001 - a failed commit is the answer to every request of the batch
            outcomes = [error] * len(batch)
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    def _place_all(self, batch: Sequence[Prepared]) -> list[Receipt | Exception]:
        placed: list[LogRecord | Exception] = []
        with self._database.writing() as session:
            for prepared in batch:
                try:
                    with session.begin_nested():
                        placed.append(self._place(session, prepared))
                except Exception as error:  # noqa: BLE001 - what no one foresaw of one act is not the others' fault
                    placed.append(error)
            self._sign_heads(session, [row for row in placed if isinstance(row, LogRecord)])
            return [row if isinstance(row, Exception) else _receipt(session, row) for row in placed]

    def _place(self, session: Session, prepared: Prepared) -> LogRecord:
        act = prepared.act
        newest = fresh_tip(session, act.chain_id)
        head = self._lock(session, act)
        first = _record_of(session, act)
        if first is not None:
            return first
        placed = Placed(act, head.epoch, head.seq + 1, time_of(newest), AsOf(act.chain_id, newest.number, newest.hash))
        _check_order(session, placed)
        _check_quota(session, placed)
        check_delegation(session, placed, prepared.delegation)
        kind = self._kinds[act.kind]
        reason = kind.may(session, placed) or kind.admit(session, placed)
        if reason == BASE_NOT_CURRENT:
            raise EditConflict("Somebody changed this since you opened it.")
        if reason is not None:
            raise ActRefused(f"{act.kind} is not open to you here.", reason=reason)
        _claim_bodies(session, act, kind.bodies(act))
        row = _write_record(session, placed, head, prepared.delegated)
        kind.project(session, placed)
        kind.effect(session, placed)
        return row

    def _lock(self, session: Session, act: Act) -> LogHead:
        key = (col(LogHead.chain_id) == act.chain_id, col(LogHead.community) == act.community)
        start = {"chain_id": act.chain_id, "community": act.community, "epoch": 1, "seq": 0, "record": None}
        session.execute(insert_into(session, LogHead).values(**start).on_conflict_do_nothing())
        head: LogHead = session.execute(select(LogHead).where(*key).with_for_update()).scalar_one()
        _follow_epoch(session, self.require_home(session, act.chain_id, act.community), head)
        return head

    def require_home(self, session: Session, chain_id: int, address: str) -> Community:
        """The community, which this home serves. Raises NotFound, or NotTheHome by the chain's or operator's word."""
        community = session.get(Community, (chain_id, address))
        if community is None:
            raise NotFound("There is no such community on this chain.")
        if community.home_key != self._home.address:
            raise NotTheHome("The community has moved to another home.", home=community.home_uri)
        if not self._serves(community.address):
            raise NotTheHome("This host does not serve the community.")
        return community

    def _sign_heads(self, session: Session, rows: Sequence[LogRecord]) -> None:
        for row in {(row.chain_id, row.community): row for row in rows}.values():
            if not _signed_heads(session, row):
                at = row.at
                head = self._home.sign(Head(row.chain_id, row.community, row.epoch, row.seq, row.cid, at))
                session.add(
                    SignedHead(
                        chain_id=head.chain_id,
                        community=head.community,
                        epoch=head.epoch,
                        seq=head.seq,
                        record=head.record,
                        at=head.at,
                        sig=head.sig,
                    )
                )
        session.flush()


def _follow_epoch(session: Session, community: Community, head: LogHead) -> None:
    """The head is in the epoch that the chain names, or NotTheHome is raised: this home is behind."""
    if community.manifest_sequence > _built_manifests(session, community):
        raise NotTheHome("A newer manifest is anchored than this home has: import it first.")
    if community.epoch == head.epoch:
        return
    home = session.get(Home, (community.chain_id, community.address, community.epoch))
    ours = digest_of(head.record) if head.record else ZERO_HASH
    if home is None or (home.sequence, home.base_digest) != (head.seq, ours):
        raise NotTheHome("The community moved with another log than this home has: import it first.")
    head.epoch = community.epoch


def _built_manifests(session: Session, community: Community) -> int:
    statement = select(func.max(col(PublishedManifest.sequence))).where(
        col(PublishedManifest.chain_id) == community.chain_id, col(PublishedManifest.community) == community.address
    )
    return session.execute(statement).scalar_one_or_none() or 0


def _check_order(session: Session, placed: Placed) -> None:
    act = placed.act
    if abs(act.at - placed.at) > CLOCK_SKEW_SECONDS:
        raise Malformed("The act's time is too far from this home's.", at=placed.at)
    expected = next_number(session, act.chain_id, act.community, act.key or act.author)
    if act.n != expected:
        raise OutOfOrder(f"The next act of this key has n {expected}, not {act.n}.", expected=expected)


def _check_quota(session: Session, placed: Placed) -> None:
    """What is said is kept for long: an author has so many acts a day in one community."""
    act = placed.act
    statement = select(func.count()).where(
        col(LogRecord.chain_id) == act.chain_id,
        col(LogRecord.community) == act.community,
        col(LogRecord.author) == act.author,
        col(LogRecord.at) > placed.at - DAY,
    )
    if session.execute(statement).scalar_one() >= ACTS_A_DAY:
        raise TooMuch(f"At most {ACTS_A_DAY} acts a day.", limit=ACTS_A_DAY)


def next_number(session: Session, chain_id: int, community: str, counter: str | None) -> int:
    """The `n` of the next act of a key (CID) or a wallet (address); 1 for one that has not acted here."""
    statement = select(func.max(col(LogRecord.n))).where(
        col(LogRecord.chain_id) == chain_id,
        col(LogRecord.community) == community,
        col(LogRecord.counter) == counter,
    )
    return (session.execute(statement).scalar_one_or_none() or 0) + 1


def _claim_bodies(session: Session, act: Act, bodies: Sequence[Body]) -> None:
    for body in bodies:
        staged = session.get(StagedBody, (body.cid, act.chain_id, act.community))
        if staged is None or staged.author != act.author:
            raise Conflict("Send the body before the act that names it.", cid=body.cid)
        if (staged.size, staged.commit) != (body.size, body.commit):
            raise Conflict("The act names another body than was sent.", cid=body.cid)
        staged.claimed_by = staged.claimed_by or act.id


def _write_record(session: Session, placed: Placed, head: LogHead, delegated: Delegated | None) -> LogRecord:
    act = placed.act
    record = Record(placed.epoch, placed.seq, head.record, act.cid, placed.at, (placed.as_of,))
    blocks = {record.cid: record.block, act.cid: act.block}
    if delegated is not None and act.key is not None:
        blocks[act.key] = delegated.block
    rows = [{"cid": cid, "data": data, "copied": False} for cid, data in blocks.items()]
    session.execute(insert_into(session, LogBlock).values(rows).on_conflict_do_nothing())
    row = LogRecord(
        chain_id=act.chain_id,
        community=act.community,
        seq=placed.seq,
        epoch=placed.epoch,
        cid=record.cid,
        act_cid=act.cid,
        act_id=act.id,
        kind=act.kind,
        author=act.author,
        counter=act.key or act.author,
        n=act.n,
        at=placed.at,
        as_of=[[place.chain_id, place.number, place.hash] for place in record.as_of],
        as_of_number=placed.as_of.number,
    )
    session.add(row)
    head.seq, head.record = record.seq, record.cid
    session.flush()
    return row


def _record_of(session: Session, act: Act) -> LogRecord | None:
    statement = select(LogRecord).where(
        col(LogRecord.chain_id) == act.chain_id,
        col(LogRecord.community) == act.community,
        col(LogRecord.act_id) == act.id,
    )
    return session.execute(statement).scalar_one_or_none()


def _signed_heads(session: Session, row: LogRecord) -> Sequence[SignedHead]:
    """The first head that covers this record, if one does already."""
    statement = select(SignedHead).where(
        col(SignedHead.chain_id) == row.chain_id,
        col(SignedHead.community) == row.community,
        col(SignedHead.seq) >= row.seq,
    )
    return session.execute(statement.order_by(col(SignedHead.seq)).limit(1)).scalars().all()


def _receipt(session: Session, row: LogRecord) -> Receipt:
    (signed,) = _signed_heads(session, row)
    head = Head(signed.chain_id, signed.community, signed.epoch, signed.seq, signed.record, signed.at, signed.sig)
    return Receipt(row.act_id, row.cid, row.seq, head)
