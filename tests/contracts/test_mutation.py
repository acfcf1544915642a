"""Wrong contracts are noticed: scripts/mutation makes them and plays the tests of this folder against each

In a process of its own, on the chain inside it: it needs no Ape, and disturbs no chain of a run that has Ape. It stands
here and not in tests/scripts, whose tests keep all processors busy side by side; those of this folder run one by one,
so that a second processor has nothing else to do.
"""

import subprocess
import sys

import pytest

from tests.fixtures.tools import ROOT


@pytest.fixture(autouse=True)
def _undone() -> None:
    """Nothing happens on this process's chain."""


def play(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.mutation", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_tests_notice_a_tenth_of_all_mutants() -> None:
    done = play("--tenth")

    assert done.returncode == 0, verdict(done)


@pytest.mark.deep
def test_tests_notice_all_mutants() -> None:
    done = play()

    assert done.returncode == 0, verdict(done)


def verdict(done: subprocess.CompletedProcess[str]) -> str:
    """What survived, or why it could not be said."""
    said = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    return "\n".join(said) or done.stdout[-2_000:] + done.stderr[-2_000:]
