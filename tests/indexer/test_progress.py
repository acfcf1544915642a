"""What an operator sees of a running indexer."""

import urllib.request

import pytest
from prometheus_client import generate_latest

from indexer.progress import Progress, served
from tests.factories.mirror import Clock, Mirror
from tests.fakes.contracts import FakeCommunity


@pytest.fixture
def said() -> list[str]:
    return []


def shown(progress: Progress) -> dict[str, float]:
    lines = generate_latest(progress.registry).decode().splitlines()
    return {line.split()[0]: float(line.split()[1]) for line in lines if not line.startswith("#")}


def test_progress_is_silent_before_the_first_range(mirror: Mirror, said: list[str]) -> None:
    Progress(said.append, Clock())(mirror.indexer, mirror.rpc)

    assert said == []


def test_progress_tells_the_rate_in_backfill_and_the_end_of_it(mirror: Mirror, said: list[str]) -> None:
    clock = Clock()
    progress = Progress(said.append, clock)
    mirror.chain.mine(*FakeCommunity(1).open())
    for _ in range(249):
        mirror.chain.mine()
    for _ in range(3):
        clock.now += 2
        mirror.indexer.step()
        progress(mirror.indexer, mirror.rpc)
    progress(mirror.indexer, mirror.rpc)

    assert said == [
        "Block 186 of 250; 6 logs.",
        "At the head, block 250; 6 logs in 4.0 s.",
    ]


def test_progress_guesses_the_time_left(mirror: Mirror, said: list[str]) -> None:
    clock = Clock()
    progress = Progress(said.append, clock)
    for _ in range(300):
        mirror.chain.mine()
    mirror.chain.final_depth = 300
    for _ in range(2):
        clock.now += 2
        mirror.indexer.step()
        progress(mirror.indexer, mirror.rpc)

    assert said == ["Block 100 of 300; 0 logs.", "Block 200 of 300; 0 logs; about 4 s left."]


def test_progress_is_not_told_twice_within_two_seconds(mirror: Mirror, said: list[str]) -> None:
    progress = Progress(said.append, Clock())
    mirror.chain.final_depth = 300
    for _ in range(300):
        mirror.chain.mine()
    mirror.indexer.step()
    progress(mirror.indexer, mirror.rpc)

    assert said == []


def test_metrics_show_head_lag_and_faults(mirror: Mirror, said: list[str]) -> None:
    mirror.chain.final_depth = 300
    for _ in range(150):
        mirror.chain.mine()
    mirror.indexer.step()
    mirror.rpc.errors = 7
    progress = Progress(said.append, Clock())
    progress(mirror.indexer, mirror.rpc)

    metrics = shown(progress)
    assert (metrics["koinon_head"], metrics["koinon_indexed"], metrics["koinon_lag"]) == (150, 100, 50)
    assert metrics["koinon_rpc_errors"] == 7


def test_metrics_are_served_on_a_port(said: list[str]) -> None:
    progress = Progress(said.append, Clock())

    with (
        served(progress.registry, 0) as port,
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer,
    ):
        assert b"koinon_lag" in answer.read()
