"""The compiled contracts, for everything that needs them: deployment, ABI export, tests, benchmarks.

Ape alone compiles again only the files that changed, not those that import them: after a change to a library it would
go on using contracts that hold the old one. So all are compiled again when any source or setting has changed (10 s),
and none otherwise. The result lies in .build.

Ape's first compilation on a machine leaves a copy of all dependencies in contracts/.cache. It counts them among the
sources, of which it lists 500 at most, in the order of the disk: some of ours would not be found any more.
"""

import fcntl
import hashlib
import shutil
from pathlib import Path
from typing import Any

import ape

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build"
CACHE = ROOT / "contracts" / ".cache"
SETTINGS = ("ape-config.yaml", "package-lock.json")
# A contract that hands calls on -> those that take them. Its face, at its address, is that of all.
BEHIND = {"Membership": ("MembershipDesk", "MembershipHolder", "MembershipOffice")}


def compiled() -> Any:
    """Ape's project, whose contracts are compiled from the sources as they are now. Processes wait for one another."""
    BUILD.mkdir(exist_ok=True)
    stamp = BUILD / "sources.sha256"
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(CACHE, ignore_errors=True)
        project, digest = ape.Project(ROOT), _digest()
        if not stamp.exists() or stamp.read_text() != digest:
            stamp.unlink(missing_ok=True)
            project.load_contracts(use_cache=False)
            shutil.rmtree(CACHE, ignore_errors=True)
            stamp.write_text(digest)
    for name, others in BEHIND.items():
        _widen(getattr(project, name).contract_type, [getattr(project, other).contract_type for other in others])
    return project


def _widen(contract: Any, behind: list[Any]) -> None:
    """The contract's ABI holds what those behind it understand too, each entry once."""
    known = {entry.signature for entry in contract.abi}
    for other in behind:
        for entry in other.abi:
            if entry.type in ("function", "event", "error") and entry.signature not in known:
                known.add(entry.signature)
                contract.abi.append(entry)


def _digest() -> str:
    """Of all that decides the bytecode."""
    sources = sorted(path for path in (ROOT / "contracts").rglob("*.sol") if ".cache" not in path.parts)
    total = hashlib.sha256()
    for path in [*sources, *(ROOT / name for name in SETTINGS)]:
        total.update(str(path.relative_to(ROOT)).encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
