"""The folder that a playground keeps everything in, and that one playground at a time may use."""

import fcntl
import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from scripts.playground.trouble import Trouble

NEEDED_BYTES = 100_000_000
"""Free space below which databases and chain might not be written whole."""
LEAVING_SECONDS = 4
"""How long the children of a demo that was killed may take to end."""


@dataclass(frozen=True)
class Folder:
    """Paths; `lock` is held as long as this value lives."""

    root: Path
    lock: IO[str]

    @property
    def chain(self) -> Path:
        """State of the local chain."""
        return self.root / "chain.state"

    @property
    def deployments(self) -> Path:
        return self.root / "deployments"

    @property
    def home(self) -> Path:
        """Data folder of the home: databases, blocks and keys."""
        return self.root / "home"

    @property
    def recovery(self) -> Path:
        """The founders' recovery keys, which a real founder would keep elsewhere."""
        return self.root / "recovery"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def notes(self) -> dict[str, Any]:
        """What is remembered from run to run; empty for a folder whose story was not told to its end."""
        path = self.root / "notes.json"
        found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return found

    def note(self, **fields: Any) -> None:
        """These fields are remembered beside the earlier ones."""
        whole = self.root / "notes.json.new"
        whole.write_text(json.dumps({**self.notes, **fields}, indent=2) + "\n")
        whole.replace(self.root / "notes.json")

    def release(self) -> None:
        self.lock.close()


def open_folder(root: Path, *, fresh: bool = False) -> Folder:
    """The folder is there, ours alone, and writable. What an interrupted first run left is deleted. Raises Trouble."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = _lock(root / "lock")
        if lock is None:
            remedy = "Stop it with Ctrl-C first, or name another --folder."
            raise Trouble(f"Another demo is using {root}.", remedy)
        folder = Folder(root, lock)
        if fresh or not folder.notes.get("ready"):
            _empty(root)
        for each in (folder.logs, folder.deployments, folder.recovery):
            each.mkdir(exist_ok=True)
        folder.recovery.chmod(0o700)
    except (OSError, ValueError) as error:
        raise Trouble(f"{root} cannot be used: {error}.", "Make it writable, or name another --folder.") from error
    if shutil.disk_usage(root).free < NEEDED_BYTES:
        lock.close()
        raise Trouble(
            f"{root} lies on a disk with less than 100 MB left.", "Free some space, or name another --folder."
        )
    return folder


def _lock(path: Path) -> IO[str] | None:
    """The locked file; None when another demo holds it. One that was just killed has children for a moment longer."""
    lock = path.open("w")
    until = time.monotonic() + LEAVING_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                lock.close()
                return None
            time.sleep(0.05)
        else:
            return lock


def _empty(root: Path) -> None:
    for each in root.iterdir():
        if each.name == "lock":
            continue
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()
