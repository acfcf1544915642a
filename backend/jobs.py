"""Work that outlives a request: one table, filled in the caller's transaction, claimed by workers, at least once."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text, and_, or_, select, update
from sqlmodel import Field, Session, col

from backend.db import AppTable, insert_into

LEASE_SECONDS = 120
RETRY_SECONDS = (1, 5, 30, 120, 600, 3600)  # then again and again after the last


class Job(AppTable, table=True):
    """One piece of work. `key` is unique: a second enqueue of the same work is none."""

    __tablename__ = "jobs"
    __table_args__ = (Index("jobs_due", "state", "run_at"), {"schema": "app"})

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    key: str = Field(unique=True)
    payload: str = Field(sa_column=Column(Text, nullable=False))
    run_at: int = Field(sa_type=BigInteger)
    attempts: int = 0
    lease_until: int = Field(default=0, sa_type=BigInteger)
    lease_owner: str | None = None
    state: str = "queued"
    last_error: str | None = None


@dataclass(frozen=True)
class Claimed:
    """A job that this worker holds until its lease ends."""

    id: int
    kind: str
    key: str
    payload: dict[str, Any]
    attempts: int


JobKinds = Mapping[str, Callable[[Any, dict[str, Any]], None]]


def enqueue(session: Session, kind: str, *, key: str, run_at: int, payload: dict[str, Any] | None = None) -> None:
    """The job will run at or after `run_at`, once the caller's transaction commits.

    A key that is queued or running stays as it is; one that is done runs again.
    """
    values = {"run_at": run_at, "payload": json.dumps(payload or {}, sort_keys=True)}
    fresh = insert_into(session, Job).values(kind=kind, key=key, attempts=0, lease_until=0, state="queued", **values)
    again = {**values, "state": "queued", "attempts": 0, "last_error": None}
    session.execute(fresh.on_conflict_do_update(index_elements=["key"], set_=again, where=col(Job.state) == "done"))


def claim(session: Session, *, owner: str, now: int) -> Claimed | None:
    """The most urgent due job, leased to `owner`; None if none is due. Two workers never hold the same lease."""
    due = or_(
        and_(col(Job.state) == "queued", col(Job.run_at) <= now),
        and_(col(Job.state) == "running", col(Job.lease_until) < now),
    )
    found = select(col(Job.id)).where(due).order_by(col(Job.run_at), col(Job.id)).limit(1)
    job_id = session.execute(found.with_for_update(skip_locked=True)).scalar_one_or_none()
    if job_id is None:
        return None
    session.execute(
        update(Job)
        .where(col(Job.id) == job_id)
        .values(state="running", lease_owner=owner, lease_until=now + LEASE_SECONDS, attempts=Job.attempts + 1)
    )
    job = session.execute(select(Job).where(col(Job.id) == job_id)).scalar_one()
    return Claimed(job_id, job.kind, job.key, json.loads(job.payload), job.attempts)


def finish(session: Session, job: Claimed) -> None:
    """The job is done."""
    session.execute(update(Job).where(col(Job.id) == job.id).values(state="done", lease_owner=None, last_error=None))


def retry(session: Session, job: Claimed, *, error: str, now: int) -> None:
    """The job runs again later; the ladder of waits is RETRY_SECONDS."""
    wait = RETRY_SECONDS[min(job.attempts, len(RETRY_SECONDS)) - 1]
    session.execute(
        update(Job)
        .where(col(Job.id) == job.id)
        .values(state="queued", lease_owner=None, run_at=now + wait, last_error=error[:500])
    )
