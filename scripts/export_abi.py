"""Writes `indexer/abi/<Name>.json` from what Ape compiled; `--check` writes nothing and exits 1 when one is stale.

These are the only ABI files. They hold the contract's functions, events and errors, and the errors of the contracts
that it calls, so that a page can say why a transaction was reverted.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from scripts.solidity import compiled

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "indexer" / "abi"
# Contract -> those that it calls: their errors come through it.
CONTRACTS = {"CommunityFactory": ("Community", "Membership"), "Community": ("Membership",), "Membership": ()}


def exported() -> dict[Path, str]:
    """What each file must hold."""
    project = compiled()
    abis = {name: _entries(getattr(project, name).contract_type) for name in CONTRACTS}
    return {
        FOLDER / f"{name}.json": _render(abis[name] + [entry for callee in callees for entry in _errors(abis[callee])])
        for name, callees in CONTRACTS.items()
    }


def _entries(contract: Any) -> list[dict[str, Any]]:
    return [entry.model_dump(mode="json", by_alias=True, exclude_none=True) for entry in contract.abi]


def _errors(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for entry in entries if entry["type"] == "error"]


def _render(entries: list[dict[str, Any]]) -> str:
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
