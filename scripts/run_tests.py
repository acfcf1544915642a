"""Runs the tests: those of the contracts with Ape, then all others on several processes. Ends with pytest's summary.

    .venv/bin/python scripts/run_tests.py [--deep] [pytest's arguments]

Ape's plugin connects to a chain before the first test; only tests/contracts needs that. Two runs cost less than one
in which every process waits for it. With a path in the arguments, only the run that it belongs to takes place.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = "tests/contracts"
PYTEST = [sys.executable, "-m", "pytest"]
# A module's tests stay in one process, for its module-scoped chain or browser.
SIDE_BY_SIDE = ["-p", "no:ape_test", "--numprocesses", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile"]
MEMORY = Path("/dev/shm")
MEMORY_BYTES = 4 << 30  # free at least: the tests' databases and logs take a part of it
NO_TESTS = 5  # pytest's exit status when nothing was collected or everything was deselected


def runs(arguments: list[str]) -> list[list[str]]:
    """The commands, in order: the last one prints the summary that stands at the end."""
    paths = [argument for argument in arguments if (ROOT / argument.split("::")[0]).exists()]
    options = [argument for argument in arguments if argument not in paths]
    of_contracts = [path for path in paths if Path(path.split("::")[0]).is_relative_to(CONTRACTS)]
    others = [path for path in paths if path not in of_contracts]
    commands = []
    if (of_contracts or not paths) and (ROOT / CONTRACTS).exists():
        commands.append([*PYTEST, *options, *(of_contracts or [CONTRACTS])])
    if others or not paths:
        commands.append([*PYTEST, *SIDE_BY_SIDE, *options, *(others or ["tests", f"--ignore={CONTRACTS}"])])
    return commands


@contextmanager
def temporary_files() -> Iterator[dict[str, str]]:
    """The environment in which they lie in memory, where there is enough: databases are made and dropped all along."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < MEMORY_BYTES:
        yield dict(os.environ)
        return
    with tempfile.TemporaryDirectory(prefix="koinon-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's account passes through it where the tests run as root
        yield {**os.environ, "TMPDIR": folder}


def main() -> None:
    arguments = sys.argv[1:]
    deep = "--deep" in arguments
    if deep:
        arguments = ["-m", "deep", *(argument for argument in arguments if argument != "--deep")]
    failed = []
    with temporary_files() as environment:
        for command in runs(arguments):
            status = subprocess.run(command, cwd=ROOT, check=False, env=environment).returncode
            if status != 0 and not (status == NO_TESTS and deep):
                failed.append(command[-1])
    if failed and failed[0] == CONTRACTS:
        print(f"FAILED: the tests in {CONTRACTS}; their summary stands above.")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
