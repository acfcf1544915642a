"""How the machines are run: the same histories every time, or with a seed that is printed"""

import os
import sys
from collections.abc import Container
from itertools import zip_longest
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

COLUMNS = 3
FLOOR = 20
FIXED = 1_000  # more examples than these are searched anew each time


def play(machine: Any, *, examples: int, steps: int, seed: int | None = None) -> None:
    """Raises what the first history that fails raises, after making it short."""
    fixed = seed is None and examples <= FIXED
    if not fixed:
        seed = seed or int.from_bytes(os.urandom(4), "big")
        sys.stdout.write(f"KOINON_SEED={seed}\n")
        machine = seeded(seed)(machine)
    shrinks = os.environ.get("KOINON_SHRINK") != "0"
    phases = [Phase.generate, Phase.shrink] if shrinks else [Phase.generate]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=fixed,
            database=None,
            phases=phases,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def check_floors(machine: Any, floors: dict[str, int], share: float, *, never: Container[str] = ()) -> None:
    """No handler only looks as if it did something: each succeeded so often, but those that must be refused always."""
    poor = {
        name: machine.successes[name]
        for name in {*machine.successes, *machine.refusals, *floors}
        if name not in never and machine.successes[name] < int(floors.get(name, FLOOR) * share)
    }
    assert not poor, f"too few successes: {poor}\n{table(machine)}"


def show(machine: Any, title: str) -> None:
    sys.stdout.write(f"\n{title}: succeeded, refused rightly\n{table(machine)}\n")


def table(machine: Any) -> str:
    """What each handler achieved, in columns."""
    names = sorted({*machine.successes, *machine.refusals})
    cells = [f"{name:27}{machine.successes[name]:6}{machine.refusals[name]:6}" for name in names]
    rows = -(-len(cells) // COLUMNS)
    columns = [cells[at : at + rows] for at in range(0, len(cells), rows)]
    return "\n".join("   ".join(cell or "" for cell in row) for row in zip_longest(*columns))
