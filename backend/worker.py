"""Runs jobs, chores and feed consumers, one after another; several workers may run at once."""

import logging
import secrets
import threading
from collections.abc import Callable
from functools import partial

from backend import catalog, clock, jobs
from backend.feed import consume, has_news
from backend.host import Host

IDLE_SECONDS = 0.1
STEPS_BETWEEN_CHORES = 10
log = logging.getLogger(__name__)


def work(host: Host, stop: threading.Event) -> None:
    """Works until `stop` is set. What fails is tried again later; what is broken is logged, and the rest goes on."""
    owner = secrets.token_hex(8)
    steps = 0
    while not stop.is_set():
        consuming = [_guarded(partial(_consume, host, name)) for name in catalog.CONSUMERS]
        busy = _guarded(partial(_run_job, host, owner)) or any(consuming)
        if steps % STEPS_BETWEEN_CHORES == 0:  # also while jobs never end: blocks must be copied and anchored
            for chore in catalog.CHORES:
                _guarded(partial(chore, host))
        steps += 1
        if not busy:
            stop.wait(IDLE_SECONDS)


def settle(host: Host) -> None:
    """Everything that is due now has been done once: for tests and for the end of a demo's tour."""
    for chore in catalog.CHORES:
        chore(host)
    while any(_consume(host, name) for name in catalog.CONSUMERS) | _run_job(host, "settle"):
        pass


def _guarded(step: Callable[[], bool]) -> bool:
    try:
        return step()
    except Exception:
        log.exception("a worker's step failed")
        return False


def _consume(host: Host, name: str) -> bool:
    """A transaction for each consumer: one that fails keeps no other from what happened."""
    chain_id = host.settings.chain_id
    with host.database.reading() as session:
        if not has_news(session, name, chain_id):
            return False
    with host.database.writing() as session:
        return consume(session, name, partial(catalog.CONSUMERS[name], host), chain_id) > 0


def _run_job(host: Host, owner: str) -> bool:
    with host.database.writing() as session:
        job = jobs.claim(session, owner=owner, now=clock.now())
    if job is None:
        return False
    try:
        catalog.JOBS[job.kind](host, job.payload)
    except Exception as error:  # noqa: BLE001 - a job of any kind may fail in any way; it is kept and tried again
        log.warning("job %s failed: %s", job.key, error)
        with host.database.writing() as session:
            jobs.retry(session, job, error=f"{type(error).__name__}: {error}", now=clock.now())
        return True
    with host.database.writing() as session:
        jobs.finish(session, job)
    return True
