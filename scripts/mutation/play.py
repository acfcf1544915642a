"""The tests against one mutant at a time: each in a fork of a process that has everything loaded and saw them pass"""

import contextlib
import importlib
import os
import select
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scripts.mutation.mutants import Mutant
from scripts.mutation.weave import ASLEEP, affected, alone, woven
from scripts.solc import Artifact, CompilationFailed, artifacts

MACHINE = "tests/contracts/invariants/test_memberships.py"
# Part of contracts/ -> what would notice; first what is quickest to.
TESTS = {
    "membership": [MACHINE, "tests/contracts/membership", "tests/contracts/test_attacks.py"],
    "community": [MACHINE, "tests/contracts/community"],
    "store": ["tests/contracts/store"],
    "market": ["tests/contracts/market"],
    "crowdsale": ["tests/contracts/crowdsale"],
}
HISTORIES = "12"  # of the machine, for each mutant
MOST_SECONDS = 300  # what takes longer was noticed
OPTIONS = [
    "-p", "no:ape_test", "-p", "no:cacheprovider", "-x", "-q", "-m", "not deep",
    "-W", "ignore::pytest.PytestAssertRewriteWarning",
]  # fmt: skip


class ControlFailed(Exception):
    """The tests fail without any mutant, or the contracts do not compile: nothing can be said."""


@dataclass(frozen=True)
class Outcome:
    """Which test noticed a mutant; none if it survived."""

    mutant: Mutant
    killer: str
    seconds: float


class _Stage:
    """A plugin of pytest: what the chain in the process runs, and who failed first."""

    def __init__(self, contracts: Mapping[str, Artifact], awake: int) -> None:
        self.contracts, self.awake = contracts, awake
        self.killer = ""

    def pytest_sessionstart(self) -> None:
        evm = importlib.import_module("tests.factories.evm").Evm
        evm.standing_in, evm.awake, evm.most_code = self.contracts, self.awake, 2**20

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.killer:
            self.killer = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.killer:
            self.killer = report.nodeid


def play(texts: Mapping[str, str], mutants: Sequence[Mutant], *, jobs: int) -> Iterator[Outcome]:
    """An outcome for each mutant, in the order in which they end. Raises ControlFailed."""
    os.environ |= {"KOINON_CHAIN": "evm", "KOINON_EXAMPLES": HISTORIES, "KOINON_SHRINK": "0"}
    weaves = [mutant for mutant in mutants if mutant.woven]
    common = artifacts()
    try:
        changed = common | artifacts(affected(texts, weaves), changed=woven(texts, weaves)) if weaves else common
    except CompilationFailed as failed:
        raise ControlFailed(str(failed)) from failed
    folders = sorted({_folder(mutant) for mutant in mutants})
    paths = list(dict.fromkeys(path for folder in folders for path in TESTS[folder]))
    if killer := _run(_Stage(changed, ASLEEP), paths):
        raise ControlFailed(f"{killer} fails without any mutant.")
    tasks = [(mutant, changed, number) for number, mutant in enumerate(weaves, start=1)]
    for mutant in mutants:
        if not mutant.woven:
            sources = alone(texts, mutant)
            tasks.append((mutant, common | artifacts(affected(texts, [mutant]), changed=sources), ASLEEP))
    yield from _forked(tasks, jobs)


def _folder(mutant: Mutant) -> str:
    return mutant.file.split("/")[1]


def _run(stage: _Stage, paths: list[str]) -> str:
    """The first test that failed, or nothing."""
    with Path(os.devnull).open("w") as null, contextlib.redirect_stdout(null), contextlib.redirect_stderr(null):
        status = pytest.main([*OPTIONS, *paths], plugins=[stage])
    return stage.killer or ("" if status == 0 else f"pytest ended with {status!r}")


def _forked(tasks: Sequence[tuple[Mutant, Mapping[str, Artifact], int]], jobs: int) -> Iterator[Outcome]:
    running: dict[int, tuple[Mutant, int, float]] = {}  # end of a pipe -> mutant, process, when it began
    waiting = list(reversed(tasks))
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant, contracts, awake = waiting.pop()
            pipe, process = _fork(_Stage(contracts, awake), TESTS[_folder(mutant)])
            running[pipe] = mutant, process, time.monotonic()
        ready, _, _ = select.select(list(running), [], [], 1)
        late = [pipe for pipe, (_, _, since) in running.items() if time.monotonic() - since > MOST_SECONDS]
        for pipe in {*ready, *late}:
            mutant, process, since = running.pop(pipe)
            if pipe in ready:
                killer = os.read(pipe, 4_096).decode()
            else:
                os.kill(process, signal.SIGKILL)  # a child of ours
                killer = "it took too long"
            os.close(pipe)
            os.waitpid(process, 0)
            yield Outcome(mutant, killer.strip(), time.monotonic() - since)


def _fork(stage: _Stage, paths: list[str]) -> tuple[int, int]:
    """The readable end of a pipe on which the killer's name will come, and the process."""
    sys.stdout.flush()
    ours, theirs = os.pipe()
    process = os.fork()
    if process:
        os.close(theirs)
        return ours, process
    status: Any = "the process died"
    try:
        status = _run(stage, paths)
    finally:
        os.write(theirs, (str(status) or " ").encode()[:4_000])
        os._exit(0)
