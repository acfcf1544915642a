"""Writes `indexer/abi/<Name>.json` from the sources; `--check` writes nothing and exits 1 when one is stale.

These are the only ABI files. They hold the contract's functions, events and errors, and the errors of the contracts
that it calls, so that a page can say why a transaction was reverted. Pages decode what a wallet is to sign by
`backend/static/js/contracts.js`: the functions that change something, by selector.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak

from scripts.solc import abis

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "indexer" / "abi"
PAGE = ROOT / "backend" / "static" / "js" / "contracts.js"
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
GETTERS = ("badges", "membership", "store")
ERC20: Abi = [
    {
        "type": "function",
        "name": "approve",
        "stateMutability": "nonpayable",
        "inputs": [{"name": "spender", "type": "address"}, {"name": "amount", "type": "uint256"}],
    }
]


def exported() -> dict[Path, str]:
    """What each file must hold."""
    made = abis()
    faces = {name: face_of(name, made) for name in CONTRACTS}
    files = {
        FOLDER / f"{name}.json": _render(
            faces[name] + [entry for callee in callees for entry in _errors(faces[callee])]
        )
        for name, callees in CONTRACTS.items()
    }
    return files | {PAGE: _script({name: faces[name] for name in sorted(CONTRACTS)} | {"ERC20": ERC20})}


def face_of(name: str, made: Mapping[str, Abi]) -> Abi:
    """The ABI of what answers at a contract's address, each entry once: a fallback hands calls on."""
    behind = [entry for other in BEHIND.get(name, ()) for entry in made[other] if entry["type"] != "constructor"]
    return list({_order(entry): entry for entry in [*behind, *made[name]]}.values())


def _script(faces: Mapping[str, Abi]) -> str:
    """The functions that a wallet may be asked to call, for static/js/calldata.js, which says how types are written."""
    lines = [
        "// Written by scripts/export_abi.py: contract -> selector -> name and arguments of what a wallet may call.",
        "export const CONTRACTS = {",
    ]
    for name, entries in faces.items():
        lines.append(f"  {name}: {{")
        for entry in sorted(entries, key=_order):
            if entry["type"] == "function" and entry["stateMutability"] in ("nonpayable", "payable"):
                call = json.dumps([entry["name"], _typed(entry["inputs"])], separators=(",", ":"))
                lines.append(f'    "{_selector(entry)}": {call},')
        lines.append("  },")
    lines += ["};", "// How a community is asked where its other contracts are.", "export const GETTERS = {"]
    views = {entry["name"]: entry for entry in faces["Community"] if entry["type"] == "function"}
    lines += [f'  {name}: "{_selector(views[name])}",' for name in GETTERS]
    return "\n".join([*lines, "};", ""])


def _typed(inputs: Abi) -> list[Any]:
    return [[each["name"].rstrip("_"), _type(each)] for each in inputs]  # Solidity's guard against shadowing


def _type(parameter: dict[str, Any]) -> Any:
    if parameter["type"] == "tuple":
        return _typed(parameter["components"])
    if parameter["type"] == "tuple[]":
        return {"of": _typed(parameter["components"])}
    return parameter["type"]


def _selector(entry: dict[str, Any]) -> str:
    types = ",".join(collapse_if_tuple(each) for each in entry["inputs"])
    return keccak(text=f"{entry['name']}({types})")[:4].hex()


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
            path.write_text(files[path])
            print(f"wrote {path.relative_to(ROOT)}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
