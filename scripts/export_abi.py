"""Writes `indexer/abi/<Name>.json` from the sources; `--check` writes nothing and exits 1 when one is stale.

These are the only ABI files. They hold the contract's functions, events and errors, and the errors of the contracts
that it calls, so that a page can say why a transaction was reverted.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.solc import abis

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "indexer" / "abi"
Abi = list[dict[str, Any]]
# A contract that hands calls on -> those that take them. Its face, at its address, is that of all.
BEHIND = {"Membership": ("MembershipDesk", "MembershipHolder", "MembershipOffice")}
# Contract -> those that it calls: their errors come through it.
CONTRACTS = {
    "CommunityFactory": ("Community", "Membership"),
    "Community": ("Membership", "Store", "CrowdsaleFactory"),
    "Membership": ("Badges",),
    "Badges": ("Membership",),
    "Store": ("Membership",),
    "Market": ("Badges", "Membership"),
    "CrowdsaleFactory": ("Crowdsale",),
    "Crowdsale": ("CommunityToken", "Membership"),
    "CommunityToken": (),
}


def exported() -> dict[Path, str]:
    """What each file must hold."""
    made = abis()
    faces = {name: face_of(name, made) for name in CONTRACTS}
    return {
        FOLDER / f"{name}.json": _render(
            faces[name] + [entry for callee in callees for entry in _errors(faces[callee])]
        )
        for name, callees in CONTRACTS.items()
    }


def face_of(name: str, made: Mapping[str, Abi]) -> Abi:
    """The ABI of what answers at a contract's address, each entry once: a fallback hands calls on."""
    behind = [entry for other in BEHIND.get(name, ()) for entry in made[other] if entry["type"] != "constructor"]
    return list({_order(entry): entry for entry in [*behind, *made[name]]}.values())


def _errors(entries: Abi) -> Abi:
    return [entry for entry in entries if entry["type"] == "error"]


def _render(entries: Abi) -> str:
    unique = {_order(entry): json.dumps(entry, sort_keys=True) for entry in entries}
    return "[\n" + ",\n".join(line for _, line in sorted(unique.items())) + "\n]\n"


def _order(entry: dict[str, Any]) -> tuple[str, str, str]:
    return entry["type"], entry.get("name", ""), ",".join(field["type"] for field in entry.get("inputs", []))


def main() -> int:
    """0, or 1 when a checked file is stale."""
    parser = argparse.ArgumentParser(description="Write or check indexer/abi/*.json.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is stale")
    check = parser.parse_args().check
    files = exported()
    stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if check:
            print(f"{path.relative_to(ROOT)} is stale: run python scripts/export_abi.py", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text := files[path])
            print(f"wrote {path.relative_to(ROOT)} ({text.count('},')} entries)")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
