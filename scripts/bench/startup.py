"""Times from a fresh clone to a served page and through the whole tour: `make bench NAME=startup`.

Cold: nothing is installed and nothing is cached, so that the network counts. Warm: the same clone again. Each command
is the one that a newcomer types.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from scripts.bench.report import Figures, show, write

ROOT = Path(__file__).resolve().parents[2]
UP = "is up after"  # what `make demo` prints once the page is served
LIMIT_SECONDS = 600
MOST = {"tour, cold": 180, "tour, warm": 30, "tools, unchanged": 2}


def newcomer() -> dict[str, str]:
    """The environment of a shell that knows nothing of this checkout's tools, nor of the `make` that runs this."""
    ours = ("SOLCX_", "APE_", "PLAYWRIGHT_", "KOINON_", "MAKE", "MFLAGS", "VIRTUAL_ENV", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    paths = [path for path in kept["PATH"].split(os.pathsep) if not path.startswith(str(ROOT))]
    return {**kept, "PATH": os.pathsep.join(paths)}


def run(clone: Path, *command: str) -> float:
    """The seconds that the command took; it ends the benchmark when it fails."""
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=clone,
        env=newcomer(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}")
    return time.monotonic() - started


def until_served(clone: Path) -> float:
    """The seconds until `make demo` says that its page is served; the demo is then stopped as by Ctrl-C."""
    started = time.monotonic()
    demo = subprocess.Popen(
        ["make", "demo"],
        cwd=clone,
        env=newcomer(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert demo.stdout is not None
    printed = []
    for line in demo.stdout:
        printed.append(line)
        if UP in line:
            seconds = time.monotonic() - started
            os.killpg(demo.pid, signal.SIGINT)
            demo.communicate(timeout=60)
            return seconds
    sys.exit("make demo ended before its page was served:\n" + "".join(printed[-20:]))


def measure(clone: Path) -> dict[str, float]:
    """Seconds by what was measured, in the order in which a newcomer meets them."""
    steps: dict[str, Callable[[], float]] = {
        "tour, cold": lambda: run(clone, "make", "demo", "ARGS=--tour"),
        "tour, warm": lambda: run(clone, "make", "demo", "ARGS=--tour"),
        "served page, first time": lambda: until_served(clone),
        "served page, going on": lambda: until_served(clone),
        "tools, unchanged": lambda: run(clone, "scripts/install_tools", "demo"),
        "tools for the tests, beside those of the demo": lambda: run(clone, "scripts/install_tools", "test"),
    }
    return {name: round(step(), 2) for name, step in steps.items()}


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="koinon-startup-"))
    try:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "clone")], check=True)
        seconds = measure(folder / "clone")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    figures: Figures = {name: {"seconds": taken, "at_most": MOST.get(name)} for name, taken in seconds.items()}
    show("startup", figures)
    write("startup", figures)


if __name__ == "__main__":
    main()
