"""Many mutants in one set of sources, each asleep until `block.prevrandao` is its number

    a + b                becomes   (block.prevrandao == 7 ? a - b : a + b)
    _addFunds(to, tip);  becomes   if (block.prevrandao == 8) { } else _addFunds(to, tip);

So a set of contracts is compiled once for all of them. Functions that were pure read the block now, and are view.
Numbers come from names: when a file changes, those in others do not, and what solc made of them is found again.
"""

import re
from collections.abc import Mapping, Sequence

from scripts.mutation.mutants import Mutant
from scripts.solc import CONTRACT, closure

ASLEEP = 0  # wakes none
PURE = re.compile(r"\bpure\b(?!\s+override)")
STATEMENTS = {"no statement", "assignment"}


def woven(texts: Mapping[str, str], mutants: Sequence[Mutant]) -> dict[str, str]:
    """The sources with all of these mutants in them."""
    result = dict(texts)
    for file in {mutant.file for mutant in mutants}:
        here = sorted((each for each in mutants if each.file == file), key=lambda each: (each.start, -each.end))
        source = texts[file].encode()
        result[file] = _rendered(source, 0, len(source), here).decode()
    files = {mutant.file for mutant in mutants}
    readers = [name for name in texts if files & set(closure(name, texts))]
    return result | {name: PURE.sub("view", result[name]) for name in readers}


def affected(texts: Mapping[str, str], mutants: Sequence[Mutant]) -> list[str]:
    """The files whose bytecode has a mutant in it."""
    files = {mutant.file for mutant in mutants}
    return [name for name in texts if CONTRACT.search(texts[name]) and files & set(closure(name, texts))]


def alone(texts: Mapping[str, str], mutant: Mutant) -> dict[str, str]:
    """The sources with this one mutant, awake."""
    source = texts[mutant.file].encode()
    changed = source[: mutant.start] + mutant.after.encode() + source[mutant.end :]
    return dict(texts) | {mutant.file: changed.decode()}


def _rendered(source: bytes, start: int, end: int, mutants: Sequence[Mutant]) -> bytes:
    """The bytes from start to end, with the mutants in this range; one may lie inside another."""
    parts, at, waiting = [], start, list(mutants)
    while waiting:
        mutant = waiting.pop(0)
        inside = [each for each in waiting if each.end <= mutant.end]
        waiting = waiting[len(inside) :]
        parts.append(source[at : mutant.start])
        parts.append(_switched(mutant, _rendered(source, mutant.start, mutant.end, inside)))
        at = mutant.end
    return b"".join([*parts, source[at:end]])


def _switched(mutant: Mutant, right: bytes) -> bytes:
    wrong = mutant.after.encode()
    if mutant.operator in STATEMENTS:
        # A statement's range ends before its semicolon.
        return b"if (block.prevrandao == %d) { %s } else %s" % (mutant.wakes_at, wrong + b";" if wrong else b"", right)
    return b"(block.prevrandao == %d ? %s : %s)" % (mutant.wakes_at, wrong, right)
