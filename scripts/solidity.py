"""The compiled contracts, for everything that needs them: deployment, ABI export, tests, benchmarks.

Ape alone compiles again only the files that changed, not those that import them: after a change to a library it would
go on using contracts that hold the old one. So all are compiled again when any source or setting has changed (10 s),
and none otherwise. The result lies in .build.
"""

import fcntl
import hashlib
from pathlib import Path
from typing import Any

import ape

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build"
SETTINGS = ("ape-config.yaml", "package-lock.json")


def compiled() -> Any:
    """Ape's project, whose contracts are compiled from the sources as they are now. Processes wait for one another."""
    BUILD.mkdir(exist_ok=True)
    stamp = BUILD / "sources.sha256"
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        project, digest = ape.Project(ROOT), _digest()
        if not stamp.exists() or stamp.read_text() != digest:
            stamp.unlink(missing_ok=True)
            project.load_contracts(use_cache=False)
            stamp.write_text(digest)
    return project


def _digest() -> str:
    """Of all that decides the bytecode."""
    sources = sorted(path for path in (ROOT / "contracts").rglob("*.sol") if ".cache" not in path.parts)
    total = hashlib.sha256()
    for path in [*sources, *(ROOT / name for name in SETTINGS)]:
        total.update(str(path.relative_to(ROOT)).encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
