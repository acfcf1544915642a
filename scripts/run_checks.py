"""Runs the static checks side by side and prints what failed: what `make check` and CI hold a change against."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = {
    "types": ["mypy"],
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "imports": ["lint-imports"],
    "sizes and hosts": ["python", "scripts/check_files.py"],
    "ABI": ["python", "scripts/export_abi.py", "--check"],
}
AT_ONCE = 2  # mypy takes one core all the time


@dataclass(frozen=True)
class Outcome:
    name: str
    passed: bool
    seconds: float
    printed: str


def check(name: str) -> Outcome:
    program, *arguments = CHECKS[name]
    command = [str(ROOT / ".venv" / "bin" / program), *arguments]
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False
    )
    return Outcome(name, done.returncode == 0, time.monotonic() - started, done.stdout)


def main() -> None:
    names = sys.argv[1:] or list(CHECKS)
    if unknown := set(names) - set(CHECKS):
        sys.exit(f"There is no check {', '.join(sorted(unknown))}; there are: {', '.join(CHECKS)}.")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(check, names))
    for outcome in outcomes:
        if not outcome.passed:
            print(f"--- {outcome.name}\n{outcome.printed}")
    for outcome in outcomes:
        print(f"{'ok    ' if outcome.passed else 'FAILED'} {outcome.seconds:5.1f} s  {outcome.name}")
    sys.exit(not all(outcome.passed for outcome in outcomes))


if __name__ == "__main__":
    main()
