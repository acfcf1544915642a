"""How far the mirror is, as anybody who can read the database sees it."""

from typing import Any

from sqlalchemy import Connection, Table, func, select

from indexer.checkpoint import CHANGES, load_place
from indexer.tables.community import Community
from indexer.tables.membership import Membership

COUNTED: list[Table] = [Community.__table__, Membership.__table__]  # type: ignore[attr-defined]


def status(connection: Connection, chain_id: int, *, now: float) -> dict[str, Any]:
    """Checkpoint, lag in blocks, age of the last confirmation in seconds, and how much there is."""
    place = load_place(connection, chain_id)
    newest = select(func.max(CHANGES.c.seq)).where(CHANGES.c.chain_id == chain_id)
    counts = {
        table.name: connection.execute(
            select(func.count()).select_from(table).where(table.c.chain_id == chain_id)
        ).scalar_one()
        for table in COUNTED
    }
    answer: dict[str, Any] = {"chain_id": chain_id, "indexed": None, **counts}
    answer["changes"] = connection.execute(newest).scalar_one() or 0
    if place is not None:
        answer |= {
            "indexed": place.number,
            "hash": place.hash,
            "timestamp": place.timestamp,
            "final": place.final_number,
            "head": place.head_number,
            "lag": max(0, place.head_number - place.number),
            "confirmed_seconds_ago": round(now - place.confirmed_at, 3) if place.confirmed_at else None,
        }
    return answer
