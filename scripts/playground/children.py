"""Processes that must not outlive their supervisor, whatever ends it. Start them from its main thread."""

import ctypes
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

STOP_SECONDS = 1.5
"""How long a process may take to end by itself before it is killed."""
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Child:
    """A running process of ours."""

    name: str
    pid: int
    code: int | None = None

    @property
    def running(self) -> bool:
        """Whether it still runs; collects its exit code when not."""
        if self.code is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                self.code = -1
                return False
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is None

    def signal(self, number: int) -> None:
        if self.running:
            os.kill(self.pid, number)


def execute(name: str, command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> Child:
    """A program of its own, whose words go to `log`."""

    def replace() -> NoReturn:
        os.execvpe(command[0], list(command), dict(environment))

    return fork(name, replace, log=log)


def fork(name: str, target: Callable[[], object], *, log: Path) -> Child:
    """`target` runs in a copy of this process, which already holds everything imported."""
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return Child(name, pid)
    code = 1
    try:
        _become_child(parent, log)
        target()
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
    except BaseException:  # noqa: BLE001 - nothing of the parent's may run in the copy
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _become_child(parent: int, log: Path) -> None:
    os.setsid()  # Ctrl-C in the terminal is the supervisor's alone
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    with log.open("ab") as words:
        os.dup2(words.fileno(), 1)
        os.dup2(words.fileno(), 2)


def stop_all(children: Sequence[Child]) -> None:
    """None of them runs any more: asked first, killed after STOP_SECONDS."""
    for child in children:
        child.signal(signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    while any(child.running for child in children) and time.monotonic() < until:
        time.sleep(0.02)
    for child in children:
        child.signal(signal.SIGKILL)
    for child in children:
        while child.running:
            time.sleep(0.005)


def run(command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> int:
    """The exit code of a program that is waited for; its words go to `log`."""
    with log.open("ab") as words:
        return subprocess.run(command, env=dict(environment), stdout=words, stderr=words, check=False).returncode
