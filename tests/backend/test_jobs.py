"""Jobs run at least once, one worker at a time, and again when they fail or their worker dies."""

import itertools
import threading

import pytest
from sqlmodel import select

from backend import catalog, clock, jobs
from backend.host import Host
from backend.jobs import LEASE_SECONDS, RETRY_SECONDS, Claimed, Job
from backend.worker import settle, work
from tests.factories.home import TestHome

NOW = 1_000_000


def enqueue(home: TestHome, key: str, *, run_at: int = NOW) -> None:
    with home.host.database.writing() as session:
        jobs.enqueue(session, "kind", key=key, run_at=run_at, payload={"key": key})


def claim(home: TestHome, now: int = NOW, owner: str = "me") -> Claimed | None:
    with home.host.database.writing() as session:
        return jobs.claim(session, owner=owner, now=now)


def all_jobs(home: TestHome) -> list[Job]:
    with home.host.database.reading() as session:
        return list(session.exec(select(Job)).all())


def test_a_job_is_claimed_once_and_in_order_of_time(home: TestHome) -> None:
    enqueue(home, "later", run_at=NOW - 1)
    enqueue(home, "first", run_at=NOW - 2)
    enqueue(home, "not yet", run_at=NOW + 1)

    claimed = [claim(home), claim(home), claim(home)]

    assert [job.key if job else None for job in claimed] == ["first", "later", None]


def test_a_key_that_waits_is_not_queued_again(home: TestHome) -> None:
    enqueue(home, "once")
    enqueue(home, "once", run_at=NOW - 50)

    (job,) = all_jobs(home)

    assert (job.run_at, job.state) == (NOW, "queued")


def test_a_key_that_is_done_runs_again(home: TestHome) -> None:
    enqueue(home, "again")
    job = claim(home)
    assert job is not None
    with home.host.database.writing() as session:
        jobs.finish(session, job)
    assert claim(home) is None

    enqueue(home, "again")

    assert claim(home) is not None


def test_a_job_of_a_dead_worker_is_claimed_by_another(home: TestHome) -> None:
    enqueue(home, "orphan")
    assert claim(home) is not None

    assert claim(home, NOW + LEASE_SECONDS) is None
    again = claim(home, NOW + LEASE_SECONDS + 1, owner="other")

    assert again is not None
    assert again.attempts == 2


def test_a_job_that_fails_waits_longer_each_time(home: TestHome) -> None:
    enqueue(home, "stubborn")
    now, waits = NOW, []
    for _ in range(len(RETRY_SECONDS) + 1):
        job = claim(home, now)
        assert job is not None
        with home.host.database.writing() as session:
            jobs.retry(session, job, error="it broke", now=now)
        (row,) = all_jobs(home)
        waits.append(row.run_at - now)
        now = row.run_at

    assert waits == [*RETRY_SECONDS, RETRY_SECONDS[-1]]
    assert all_jobs(home)[0].last_error == "it broke"


def test_two_workers_never_hold_one_job(home: TestHome) -> None:
    for number in range(20):
        enqueue(home, f"job {number}")
    claimed: list[str] = []

    def take() -> None:
        while (job := claim(home)) is not None:
            claimed.append(job.key)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed) == sorted(f"job {number}" for number in range(20))


def test_a_failing_job_stops_no_other(home: TestHome) -> None:
    with home.host.database.writing() as session:
        jobs.enqueue(session, "blocks.push", key="bad", run_at=0, payload={})
        jobs.enqueue(session, "blocks.erase", key="worse", run_at=0, payload={"cid": "no cid"})
        jobs.enqueue(session, "bodies.sweep", key="good", run_at=1)

    settle(home.host)

    states = {job.key: (job.state, bool(job.last_error)) for job in all_jobs(home) if job.key in {"worse", "good"}}
    assert states == {"worse": ("queued", True), "good": ("done", False)}


def test_a_failing_consumer_keeps_no_other_from_what_happened(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, heard = threading.Event(), threading.Event()

    def fail(*_: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(catalog, "CONSUMERS", {"bad": fail, "good": lambda *_: heard.set()})
    monkeypatch.setattr(catalog, "CHORES", [])
    home.change("membership", block=1)
    worker = threading.Thread(target=work, args=(home.host, stop))
    worker.start()

    assert heard.wait(timeout=30)
    stop.set()
    worker.join(timeout=30)


def test_a_worker_stops_when_it_is_told(home: TestHome) -> None:
    stop = threading.Event()
    worker = threading.Thread(target=work, args=(home.host, stop))
    worker.start()
    home.open_gate()

    stop.set()
    worker.join(timeout=30)

    assert not worker.is_alive()


def test_a_worker_whose_jobs_never_end_still_copies_blocks(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, copied = threading.Event(), threading.Event()
    numbers = itertools.count()

    def again(host: Host, payload: dict[str, object]) -> None:
        with host.database.writing() as session:
            jobs.enqueue(session, "again", key=f"again:{next(numbers)}", run_at=0)

    def copy(host: Host) -> bool:
        if next(numbers) > 5:
            copied.set()
        return False

    monkeypatch.setattr(catalog, "JOBS", {"again": again})
    monkeypatch.setattr(catalog, "CHORES", [copy])
    again(home.host, {})
    worker = threading.Thread(target=work, args=(home.host, stop))
    worker.start()

    assert copied.wait(timeout=30)
    stop.set()
    worker.join(timeout=30)


def test_every_job_that_is_queued_has_somebody_who_does_it(home: TestHome) -> None:
    home.open_gate()
    for chore in catalog.CHORES:
        chore(home.host)

    assert {job.kind for job in all_jobs(home)} <= set(catalog.JOBS)
    assert clock.now() > NOW
