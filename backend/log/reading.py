"""The log as others fetch it: pages of records with every block that they need."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from backend.db import Database
from backend.ipfs.car import write_car
from backend.ipfs.store import Block, parse_cid
from backend.log.act import parse_act
from backend.log.tables import LogBlock, LogRecord

PAGE = 512


def log_car(database: Database, chain_id: int, community: str, *, after: int) -> Iterator[bytes]:
    """A CAR of the next PAGE records after a number, with acts, delegations and bodies; no root when there is none."""
    with database.reading() as session:
        statement = (
            select(LogRecord)
            .where(
                col(LogRecord.chain_id) == chain_id,
                col(LogRecord.community) == community,
                col(LogRecord.seq) > after,
            )
            .order_by(col(LogRecord.seq))
            .limit(PAGE)
        )
        rows = session.execute(statement).scalars().all()
    roots = [parse_cid(rows[-1].cid)] if rows else []
    return write_car(roots, _blocks_of(database, rows))


def _blocks_of(database: Database, rows: Sequence[LogRecord]) -> Iterator[Block]:
    """The blocks of one record after the other: a slow reader holds neither all of them nor a connection."""
    for row in rows:
        with database.reading() as session:
            blocks = list(_blocks(session, row))
        yield from blocks


def _blocks(session: Session, row: LogRecord) -> Iterator[Block]:
    for cid in (row.cid, row.act_cid):
        yield from _block(session, cid)
    found = list(_block(session, row.act_cid))
    act = parse_act(found[0].data)
    for named in (act.key, act.body.cid if act.body else None):
        if named is not None:
            yield from _block(session, named)


def _block(session: Session, cid: str) -> Iterator[Block]:
    data = session.execute(select(col(LogBlock.data)).where(col(LogBlock.cid) == cid)).scalar_one_or_none()
    if data is not None:
        yield Block(parse_cid(cid), data)
