"""Projections are folded from the log again: after a reorg changed what was allowed, or when their shape changed."""

import hashlib
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Table, delete, inspect, select, update
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import Field, Session, col

from backend.db import AppTable, Database, ProjectionTable
from backend.feed import block_hash
from backend.log.act import parse_act
from backend.log.kinds import Kinds, Placed
from backend.log.record import AsOf
from backend.log.tables import LogBlock, LogRecord
from indexer.tables.chain import Change

PAGE = 500


class ProjectionShape(AppTable, table=True):
    """The shape that a projection was built with."""

    __tablename__ = "projection_shapes"

    name: str = Field(primary_key=True)
    digest: str


def placed_acts(session: Session, rows: Iterable[LogRecord]) -> Iterable[tuple[LogRecord, Placed]]:
    """Each record's act at its place, from the blocks in the database."""
    for row in rows:
        block = session.execute(select(col(LogBlock.data)).where(col(LogBlock.cid) == row.act_cid)).scalar_one()
        yield row, Placed(parse_act(block), row.epoch, row.seq, row.at, AsOf(*row.as_of[0]))


def rejudge(session: Session, kinds: Kinds, changes: Sequence[Change]) -> list[tuple[int, str]]:
    """Records whose block a reorg replaced are judged again; returns the communities whose projections changed.

    A verdict is about the canonical chain at the record's block number, so a join that a reorg removes voids what its
    holder said under it, and one that comes back restores it. A record whose block still stands needs no new verdict.
    """
    if not changes:
        return []
    chain_id, lowest = changes[0].chain_id, min(change.block_number for change in changes)
    rows = session.execute(
        select(LogRecord)
        .where(col(LogRecord.chain_id) == chain_id, col(LogRecord.as_of_number) >= lowest)
        .order_by(col(LogRecord.community), col(LogRecord.seq))
    ).scalars()
    unsettled = [row for row in rows if block_hash(session, chain_id, row.as_of_number) != row.as_of[0][2]]
    communities = sorted({row.community for row in unsettled})
    return [(chain_id, each) for each in communities if _refold(session, kinds, chain_id, each)]


def refold(session: Session, kinds: Kinds, chain_id: int, community: str) -> None:
    """The projections of a community hold exactly what its log says by the chain as it is now."""
    _refold(session, kinds, chain_id, community)


def _refold(session: Session, kinds: Kinds, chain_id: int, community: str) -> bool:
    """Folds the whole log anew; True when a verdict changed.

    A verdict may rest on earlier acts (may one reply to a void post?), so the judging happens while folding.
    """
    here = (col(LogRecord.chain_id) == chain_id, col(LogRecord.community) == community)
    rows = session.execute(select(LogRecord).where(*here).order_by(col(LogRecord.seq))).scalars().all()
    clear(session, chain_id, community)
    changed = False
    for row, placed in placed_acts(session, rows):
        kind = kinds[placed.act.kind]
        void = kind.may(session, placed) is not None
        if not void:
            kind.project(session, placed)
        if void != row.void:
            changed = True
            session.execute(update(LogRecord).where(*here, col(LogRecord.seq) == row.seq).values(void=void))
    return changed


def clear(session: Session, chain_id: int, community: str) -> None:
    """No projection holds a row of this community."""
    for table in reversed(ProjectionTable.metadata.sorted_tables):
        session.execute(delete(table).where(table.c.chain_id == chain_id, table.c.community == community))
    session.expire_all()


def build_projections(database: Database, kinds: Kinds) -> list[str]:
    """Every projection exists in today's shape, rebuilt from the log where it differed; returns the rebuilt names."""
    with database.writing() as session:
        connection = session.connection()
        stale = [table for table in ProjectionTable.metadata.sorted_tables if _is_stale(session, connection, table)]
        if not stale:
            return []
        ProjectionTable.metadata.drop_all(connection)
        ProjectionTable.metadata.create_all(connection)
        for table in ProjectionTable.metadata.sorted_tables:
            session.merge(ProjectionShape(name=table.name, digest=_shape(connection, table)))
        logs = session.execute(select(col(LogRecord.chain_id), col(LogRecord.community)).distinct()).all()
        for chain_id, community in logs:
            refold(session, kinds, chain_id, community)
    return [table.name for table in stale]


def _is_stale(session: Session, connection: Connection, table: Table) -> bool:
    known = session.get(ProjectionShape, table.name)
    schema = None if connection.dialect.name == "sqlite" else table.schema
    exists = inspect(connection).has_table(table.name, schema=schema)
    return not exists or known is None or known.digest != _shape(connection, table)


def _shape(connection: Connection, table: Table) -> str:
    made: list[CreateTable | CreateIndex] = [CreateTable(table)]
    made += [CreateIndex(index) for index in sorted(table.indexes, key=lambda each: str(each.name))]
    text = "".join(str(each.compile(dialect=connection.dialect)) for each in made)
    return hashlib.sha256(text.encode()).hexdigest()
