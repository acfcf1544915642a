"""Writes the tables of docs/contracts.md that the compiler knows: where storage lies, and how large contracts are.

    python -m scripts.contracts_page [--check]

A table stands between `<!-- name -->` and `<!-- /name -->`. Sizes are rounded up to 100 bytes, so that not every change
to a contract is one to the page. What else the page says of the code is held by tests/contracts/test_page.py.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.export_abi import BEHIND
from scripts.solc import CONTRACT, MOCKS, ROOT, artifacts, sources, standard_input, standard_json

PAGE = ROOT / "docs" / "contracts.md"
MOST_BYTES = 24_576  # EIP-170
ROUNDED = 100
Layout = dict[str, Any]


def layouts() -> dict[str, Layout]:
    """Contract -> solc's storageLayout, of all that are deployed. Makes no code."""
    texts = sources()
    paths = [path for path, text in texts.items() if CONTRACT.search(text) and not path.startswith(MOCKS)]
    asked = standard_input(paths, texts)
    asked["settings"]["outputSelection"] = {path: {"*": ["storageLayout"]} for path in paths}
    made = standard_json(asked)["contracts"]
    return {Path(path).stem: made[path][Path(path).stem]["storageLayout"] for path in paths}


def storage() -> str:
    """The slots of every contract that has some, then those of the structs in them, each once."""
    found = layouts()
    behind = {other for others in BEHIND.values() for other in others}
    rows: list[str] = []
    structs: dict[str, tuple[Layout, dict[str, Layout]]] = {}
    for name, layout in sorted(found.items()):
        if layout["storage"] and name not in behind:
            rows.append(_row(name, layout["storage"], layout["types"]))
            structs |= {each["label"]: (each, layout["types"]) for each in _structs(layout)}
    for label, (struct, types) in sorted(structs.items()):
        rows.append(_row(label.removeprefix("struct "), struct["members"], types))
    return "\n".join(["| contract or struct | slot: what it holds, in bits, low ones first |", "|---|---|", *rows])


def sizes() -> str:
    made, texts = artifacts(), sources()
    names = [Path(path).stem for path, text in texts.items() if CONTRACT.search(text) and not path.startswith(MOCKS)]
    rows = [
        f"| {name} | {-(-len(made[name].runtime) // ROUNDED) * ROUNDED:,} |"
        for name in sorted(names, key=lambda name: -len(made[name].runtime))
        if made[name].runtime
    ]
    return "\n".join([f"| contract | bytes, of {MOST_BYTES:,} |", "|---|---|", *rows])


BLOCKS = {"storage": storage, "sizes": sizes}


def filled(text: str) -> str:
    """The page with the tables as they are now."""
    for name, make in BLOCKS.items():
        pattern = re.compile(rf"<!-- {name} -->\n.*?<!-- /{name} -->", re.DOTALL)
        if not pattern.search(text):
            raise SystemExit(f"{PAGE.name} has no place for the table of {name}.")
        before, after = pattern.split(text, maxsplit=1)
        text = f"{before}<!-- {name} -->\n\n{make()}\n\n<!-- /{name} -->{after}"
    return text


def _row(name: str, members: list[Layout], types: dict[str, Layout]) -> str:
    slots: dict[int, list[str]] = {}
    for member in sorted(members, key=lambda each: (int(each["slot"]), each["offset"])):
        slots.setdefault(int(member["slot"]), []).append(f"`{member['label']}` {_kind(types[member['type']])}")
    return f"| {name} | {'; '.join(f'{slot}: ' + ' · '.join(parts) for slot, parts in slots.items())} |"


def _kind(kind: Layout) -> str:
    """Its bits, or for what begins a slot of its own its type."""
    if kind["encoding"] == "inplace" and "members" not in kind:
        return str(int(kind["numberOfBytes"]) * 8)
    label = re.sub(r"\b(struct|enum|contract) ", "", kind["label"])
    return re.sub(r"mapping\((\w+(?: \w+)?) => ", r"mapping(\1 → ", label)


def _structs(layout: Layout) -> Iterator[Layout]:
    yield from (
        kind for kind in (layout["types"] or {}).values() if kind["label"].startswith("struct ") and "members" in kind
    )


def main() -> None:
    before = PAGE.read_text()
    after = filled(before)
    if "--check" in sys.argv[1:]:
        sys.exit(f"{PAGE.name} is stale: run python -m scripts.contracts_page" if before != after else 0)
    PAGE.write_text(after)


if __name__ == "__main__":
    main()
