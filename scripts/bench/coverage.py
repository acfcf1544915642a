"""Which lines and branches of the contracts the tests run: `make bench NAME=coverage` (five minutes).

Compiles the contracts as scripts/instrument.py changes them and runs tests/contracts on the EVM in the process, of
which this file is a plugin. A line is covered when all statements that begin in it ran, a branch when the condition had
that outcome. Mocks and interfaces are left out, and so are random histories: what they reach is luck. What no test
reaches is listed, and then the run fails, as it does when a test fails.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

import scripts.solc
from scripts.bench.report import Figures, show, write
from scripts.instrument import FIRST, Point, instrument

TESTS = "tests/contracts"
LEFT_OUT = (  # for what they measure: random histories; code, its size and its gas, which are others here
    "tests/contracts/events",
    "tests/contracts/invariants",
    "tests/contracts/crowdsale/test_histories.py",
    "tests/contracts/test_deploy.py",
    "tests/contracts/test_page.py::test_tables_of_the_compiler_are_fresh",
    "tests/contracts/market/test_attacks_by_accounts.py::test_buyer_cannot_starve_the_sellers_wallet",
    "tests/contracts/store/test_attacks.py::test_payer_cannot_starve_the_credit_of_the_badge_of_gas",
)
FOLDER = "KOINON_COVERAGE"  # where the plugin finds the sources and leaves what it saw
HITS = "hits.json"  # numbers of the points that were reached
GAS_LIMIT = 12_000_000  # every statement costs up to 2,600 more; a sender with one coin can pay for that
SIZE_LIMIT = 1 << 20
CHAINS: list[Any] = []


def main() -> None:
    texts = scripts.solc.sources()
    found = instrument(texts, [path for path in texts if not path.startswith(scripts.solc.MOCKS)])
    scripts.solc.artifacts(changed=found.texts)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "texts.json").write_text(json.dumps(found.texts))
        options = ["-p", "no:ape_test", "-p", __spec__.name, "-q", "--tb=short"]
        options += [f"--deselect={each}" for each in LEFT_OUT]
        tests = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *(sys.argv[1:] or [TESTS])],
            cwd=scripts.solc.ROOT,
            env=os.environ | {FOLDER: name, "KOINON_CHAIN": "evm"},
            check=False,
        )
        reached = set(json.loads((folder / HITS).read_text()))
    figures, missed = table(found.points, reached)
    write("coverage", figures)
    show("coverage", figures)
    for point in missed:
        print(f"{point.path}:{point.line}: not {point.outcome or 'run'}: {point.text}")
    sys.exit(bool(missed) or tests.returncode)


def table(points: list[Point], reached: set[int]) -> tuple[Figures, list[Point]]:
    """A row for each file, and what was not reached."""
    lines: dict[str, dict[int, bool]] = defaultdict(dict)
    branches: dict[str, list[bool]] = defaultdict(list)
    for number, point in enumerate(points):
        if point.outcome:
            branches[point.path].append(number in reached)
        else:
            before = lines[point.path].get(point.line, True)
            lines[point.path][point.line] = before and number in reached
    figures: Figures = {}
    for path in sorted(lines):
        figures[path.removeprefix("contracts/")] = _row(list(lines[path].values()), branches[path])
    every = [ran for file in lines.values() for ran in file.values()]
    figures["all"] = _row(every, [ran for file in branches.values() for ran in file])
    return figures, [point for number, point in enumerate(points) if number not in reached]


def _row(lines: list[bool], branches: list[bool]) -> dict[str, str | int | float | None]:
    return {
        "lines": len(lines),
        "lines_covered": sum(lines),
        "branches": len(branches),
        "branches_covered": sum(branches),
        "percent": round(100 * (sum(lines) + sum(branches)) / max(1, len(lines) + len(branches)), 1),
    }


# --- The plugin of pytest ---------------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Whatever is compiled is instrumented: before a conftest takes the function that compiles."""
    texts, plain = json.loads((Path(os.environ[FOLDER]) / "texts.json").read_text()), scripts.solc.artifacts

    def artifacts(files: Any = (), *, changed: Any = None, keep: bool = True) -> Any:
        return plain(files, changed=texts | (changed or {}), keep=keep)

    scripts.solc.artifacts = artifacts


def pytest_collection_finish() -> None:
    """Every chain takes contracts and transactions of that size, and is remembered."""
    module: Any = sys.modules["tests.factories.evm"]
    module.GAS_LIMIT = GAS_LIMIT
    module.Evm.most_code = SIZE_LIMIT
    begin = module.Evm.__init__

    def init(self: Any, made: Any) -> None:
        CHAINS.append(self)
        begin(self, made)

    module.Evm.__init__ = init


def pytest_sessionfinish() -> None:
    """A chain remembers every account whose balance was asked for."""
    seen = {int(account, 16) - FIRST for chain in CHAINS for account in chain.evm.db_accounts}
    numbers = sorted(number for number in seen if 0 <= number < 1 << 32)
    (Path(os.environ[FOLDER]) / HITS).write_text(json.dumps(numbers))


if __name__ == "__main__":
    main()
