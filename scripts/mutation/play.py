"""The tests against one mutant at a time: each in a fork of a process that has collected all of them, once"""

import contextlib
import importlib
import os
import re
import resource
import select
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

from scripts.mutation.mutants import Mutant
from scripts.mutation.weave import ASLEEP, affected, alone, woven
from scripts.solc import Artifact, CompilationFailed, artifacts

CONTRACTS = "tests/contracts"
FOLDERS = ("membership", "community", "badges", "store", "market", "crowdsale", "attacks")
# What takes seconds comes last, first what is about the same part of contracts/.
SLOW = {
    "invariants/test_memberships.py": {"membership", "community", "badges"},
    "invariants/test_trades.py": {"market"},
    "invariants/test_sales.py": {"crowdsale"},
    "store/test_split_properties.py": {"store"},
    "membership/test_change_tier_properties.py": {"membership"},
    "membership/test_earning_properties.py": {"membership"},
    "membership/test_token_uri.py": {"membership"},
    "crowdsale/test_properties.py": {"crowdsale"},
    "crowdsale/test_histories.py": {"crowdsale"},
    "community/test_share_properties.py": {"community"},
}
HISTORIES = "12"  # of the machines, for each mutant
MOST_SECONDS = 400  # of one processor: what takes longer was noticed
SAYS = "killer: "  # how an answer of a process begins, unless it is about what went wrong
OPTIONS = [
    *("-p", "no:ape_test", "-p", "no:cacheprovider", "-p", "no:xdist", "-s", "-q", "-m", "not deep"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # Hypothesis, which is imported here already
]


class ControlFailed(Exception):
    """The tests fail without any mutant, or the contracts do not compile: nothing can be said."""


@dataclass(frozen=True)
class Outcome:
    """Which test noticed a mutant; none if it survived."""

    mutant: Mutant
    killer: str
    seconds: float


@dataclass(frozen=True)
class Task:
    """What the tests run on: contracts, with the mutant of this number awake."""

    contracts: Callable[[], Mapping[str, Artifact]]  # Raises CompilationFailed
    awake: int = ASLEEP
    mutant: Mutant | None = None  # none: the control


def play(
    texts: Mapping[str, str], mutants: Sequence[Mutant], *, jobs: int, tell: Callable[[Outcome], None]
) -> list[Outcome]:
    """An outcome for each mutant, in the order in which they end; `tell` is called with each at once. In the end,
    the tests must pass without any, in the same order up to the last that has killed. Raises ControlFailed."""
    os.environ |= {"KOINON_CHAIN": "evm", "KOINON_EXAMPLES": HISTORIES, "KOINON_SHRINK": "0"}
    try:
        tasks = tasks_of(texts, mutants)
    except CompilationFailed as failed:
        raise ControlFailed(str(failed)) from failed
    stage = _Stage(tasks, jobs, tell)
    paths = [f"{CONTRACTS}/{folder}" for folder in FOLDERS]
    paths += [f"{CONTRACTS}/{path}" for path in SLOW if path.split("/")[0] not in FOLDERS]
    with Path(os.devnull).open("w") as null, contextlib.redirect_stdout(null):
        status = pytest.main([*OPTIONS, *paths], plugins=[stage])
    if stage.failed or status != 0:
        raise ControlFailed(stage.failed or f"pytest ended with {status!r}")
    return stage.outcomes


def tasks_of(texts: Mapping[str, str], mutants: Sequence[Mutant]) -> list[Task]:
    """The control, and one for each mutant. Raises CompilationFailed."""
    weaves = [mutant for mutant in mutants if mutant.woven]
    common = artifacts()
    changed = common | artifacts(affected(texts, weaves), changed=woven(texts, weaves)) if weaves else common
    tasks = [Task(lambda: changed)]
    tasks += [Task(lambda: changed, mutant.wakes_at, mutant) for mutant in weaves]
    for mutant in mutants:
        if not mutant.woven:
            tasks.append(Task(partial(_alone, texts, mutant), mutant=mutant))
    return tasks


def _alone(texts: Mapping[str, str], mutant: Mutant) -> Mapping[str, Artifact]:
    return artifacts() | artifacts(affected(texts, [mutant]), changed=alone(texts, mutant))


def order(paths: Iterable[str], mutant: Mutant) -> list[str]:
    """Files of tests: first the one named after the function, then its domain's, the others', and what is slow."""
    words = re.sub(r"([A-Z])", r"_\1", mutant.function).lower()
    named = f"{mutant.domain}/test_{words}.py"

    def rank(path: str) -> tuple[bool, bool, bool]:
        ours = mutant.domain in SLOW.get(path, {path.split("/", maxsplit=1)[0]})
        return path in SLOW, path != named, not ours

    return sorted(paths, key=rank)


class _Stage:
    """A plugin of pytest: in place of running the tests once, it forks for each mutant and runs them there."""

    def __init__(self, tasks: Sequence[Task], jobs: int, tell: Callable[[Outcome], None]) -> None:
        self.tasks, self.jobs, self.tell = tasks, jobs, tell
        self.outcomes: list[Outcome] = []
        self.failed = ""
        self.files: dict[str, list[pytest.Item]] = {}
        self.killer = ""  # in a fork, the first test that failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Before tests are imported: the same examples each time, and none made shorter."""
        settings.register_profile(
            "mutation", parent=settings(), derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
        )
        settings.load_profile("mutation")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed = f"{report.nodeid} cannot be collected: {report.longreprtext}"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.killer:
            self.killer = report.nodeid

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if self.failed:
            return True
        for item in session.items:
            self.files.setdefault(item.nodeid.split("::")[0].removeprefix(f"{CONTRACTS}/"), []).append(item)
        control, *others = self.tasks
        for task, killer, seconds in self._played([(task, self._items(task.mutant)) for task in others if task.mutant]):
            assert task.mutant
            self.outcomes.append(Outcome(task.mutant, killer, seconds))
            self.tell(self.outcomes[-1])
        for _, killer, _ in self._played([(control, items) for items in self._controls()]):
            self.failed = f"{killer} fails without any mutant." if killer else self.failed
        return True

    def _items(self, mutant: Mutant) -> list[pytest.Item]:
        return [item for path in order(self.files, mutant) for item in self.files[path]]

    def _controls(self) -> Iterator[list[pytest.Item]]:
        """For each part of contracts/ the tests in its order, up to the last one that has killed."""
        parts: dict[str, list[Outcome]] = {}
        for outcome in self.outcomes:
            parts.setdefault(outcome.mutant.domain, []).append(outcome)
        for outcomes in parts.values():
            killers = {outcome.killer for outcome in outcomes}
            items = self._items(replace(outcomes[0].mutant, function=""))
            last = max((number for number, item in enumerate(items) if item.nodeid in killers), default=-1)
            yield items[: last + 1]

    def _played(self, jobs: Sequence[tuple[Task, list[pytest.Item]]]) -> Iterator[tuple[Task, str, float]]:
        """So many at once: what for, the killer, seconds."""
        running: dict[int, tuple[Task, int, float]] = {}  # end of a pipe -> what for, process, when it began
        waiting = list(reversed(jobs))
        while waiting or running:
            while waiting and len(running) < self.jobs:
                task, items = waiting.pop()
                pipe, process = self._fork(task, items)
                running[pipe] = task, process, time.monotonic()
            for pipe in select.select(list(running), [], [])[0]:
                task, process, since = running.pop(pipe)
                yield task, _killer(pipe, process), time.monotonic() - since

    def _fork(self, task: Task, items: Sequence[pytest.Item]) -> tuple[int, int]:
        """The readable end of a pipe on which the killer's name will come, and the process."""
        ours, theirs = os.pipe()
        process = os.fork()
        if process:
            os.close(theirs)
            return ours, process
        said = "A process of the tests died."
        try:
            evm: Any = importlib.import_module("tests.factories.evm").Evm
            evm.standing_in, evm.awake, evm.most_code = task.contracts(), task.awake, 2**20
            resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 1))
            said = SAYS + self._run(items)
        except CompilationFailed as failed:
            said = f"{task.mutant} does not compile: {failed}"
        finally:
            os.write(theirs, said.encode()[:4_000])
            os._exit(0)

    def _run(self, items: Sequence[pytest.Item]) -> str:
        """The first test that failed, or nothing."""
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.killer:
                break
        return self.killer


def _killer(pipe: int, process: int) -> str:
    """What a fork said. Raises ControlFailed when it could not."""
    said = os.read(pipe, 4_096).decode()
    os.close(pipe)
    _, status = os.waitpid(process, 0)
    if said.startswith(SAYS):
        return said.removeprefix(SAYS)
    if not said and os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL):
        return "it took too long"
    raise ControlFailed(said or f"A process of the tests ended with {status}.")
