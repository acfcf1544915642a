"""Solidity that says which of its statements ran and how its conditions came out, for scripts/bench/coverage.py.

Each statement is preceded by a call with its number, and each condition (of `if`, `for`, `while`, `?:` and both sides
of `&&` and `||`) goes through a call with one number for true and one for false; each way out of a `try` has one too.
The call asks for the balance of an account of that number: even a `pure` function may, since the compiler is shown a
pointer of the other kind; nothing changes but gas and size; and the chain below remembers whom it was asked for, also
where the call is undone. So coverage costs no trace, and does not depend on what the optimizer makes of the code.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from scripts.solc import standard_input, standard_json

FIRST = 0xC0DE << 144  # the account of number 0
CALLS = """
function _covTouch(uint256 point) view {
    assembly ("memory-safe") { if eq(balance(point), not(0)) { revert(0, 0) } }
}
function _covRan(uint256 point) pure {
    function(uint256) view touch = _covTouch;
    function(uint256) pure same;
    assembly ("memory-safe") { same := touch }
    same(point);
}
function _covIs(bool outcome, uint256 point) pure returns (bool) {
    _covRan(outcome ? point : point + 1);
    return outcome;
}
"""
BLOCKS = ("Block", "UncheckedBlock")
BODIES = ("trueBody", "falseBody", "body")
OUTSIDE = 1 << 40  # of several texts at a place: outside of those of conditions
UNSEEN = (*BLOCKS, "PlaceholderStatement")  # as statements: what stands in them is seen


@dataclass(frozen=True)
class Point:
    """Something that runs or does not: a statement, or one outcome of a condition."""

    path: str
    line: int
    outcome: str  # of a branch: "true", "false", "try", "catch"; "" for a statement
    text: str  # first line of its source


@dataclass
class Instrumented:
    texts: dict[str, str] = field(default_factory=dict)
    points: list[Point] = field(default_factory=list)  # the account of a point is FIRST + its place here


def instrument(texts: dict[str, str], wanted: list[str]) -> Instrumented:
    """The wanted files, changed; all others are compiled as they are."""
    asked = standard_input(list(texts), texts)
    asked["settings"]["outputSelection"] = {"*": {"": ["ast"]}}
    trees = standard_json(asked)["sources"]
    result = Instrumented()
    for path in wanted:
        source = _Source(path, texts[path].encode(), result.points)
        for function in _nodes(trees[path]["ast"], ("FunctionDefinition", "ModifierDefinition")):
            if function.get("body"):
                source.enter(function["body"])
        if source.edits:
            result.texts[path] = source.text() + CALLS
    return result


class _Source:
    """One file and what is put into it. Places are in bytes, as solc gives them."""

    def __init__(self, path: str, code: bytes, points: list[Point]) -> None:
        self.path, self.code, self.points = path, code, points
        self.edits: list[tuple[int, int, int, str]] = []  # place, closing before opening, which of several, text

    def text(self) -> str:
        parts, at = [], 0
        for place, _, _, text in sorted(self.edits, key=lambda edit: edit[:3]):
            parts += [self.code[at:place], text.encode()]
            at = place
        return b"".join([*parts, self.code[at:]]).decode()

    def enter(self, node: dict[str, Any]) -> None:
        """All that runs in a block or another statement."""
        kind = node["nodeType"]
        if kind in BLOCKS:
            for statement in node["statements"]:
                self._state(statement)
        for name in BODIES:
            if body := node.get(name):
                self._state(body, braced=body["nodeType"] in BLOCKS or (name == "falseBody" and _is_if(body)))
        for clause in node.get("clauses", ()) if kind == "TryStatement" else ():
            self._clause(clause)
        for value in _nodes({name: node[name] for name in node if name not in (*BODIES, "statements", "clauses")}):
            self._weigh(value)

    def _state(self, statement: dict[str, Any], *, braced: bool = True) -> None:
        """A statement; one that stands alone as a body is put in braces."""
        start, _ = _span(statement)
        if statement["nodeType"] not in UNSEEN and not (braced and _is_if(statement) and self._after_else(start)):
            number = self._point(start, "")
            self._insert(start, 1, -OUTSIDE, f"{'' if braced else '{ '}_covRan({number}); ")
            if not braced:
                self._insert(self._end(statement), 0, OUTSIDE, " }")
        self.enter(statement)

    def _clause(self, clause: dict[str, Any]) -> None:
        start, _ = _span(clause["block"])
        outcome = "catch" if self.code[_span(clause)[0] :].startswith(b"catch") else "try"
        self._insert(start + 1, 1, 0, f" _covRan({self._point(start, outcome)}); ")
        self.enter(clause["block"])

    def _weigh(self, node: dict[str, Any]) -> None:
        """The conditions in a node itself."""
        kind = node["nodeType"]
        found = [node["condition"]] if node.get("condition") and kind != "VariableDeclaration" else []
        if kind == "BinaryOperation" and node["operator"] in ("&&", "||"):
            found += [node["leftExpression"], node["rightExpression"]]
        for condition in found:
            start, end = _span(condition)
            number = self._point(start, "true", end)
            self._point(start, "false", end)
            self._insert(start, 1, start - end, "_covIs(")
            self._insert(end, 0, end - start, f", {number})")

    def _point(self, start: int, outcome: str, end: int | None = None) -> int:
        line = self.code.count(b"\n", 0, start) + 1
        stop = end or (self.code.find(b"\n", start) + 1)
        text = " ".join(self.code[start:stop].decode().split())
        self.points.append(Point(self.path, line, outcome, text))
        return FIRST + len(self.points) - 1

    def _insert(self, place: int, opens: int, order: int, text: str) -> None:
        self.edits.append((place, opens, order, text))

    def _after_else(self, start: int) -> bool:
        return self.code[:start].rstrip().endswith(b"else")

    def _end(self, statement: dict[str, Any]) -> int:
        """After a statement's semicolon or brace."""
        for name in ("falseBody", "body", "trueBody"):
            if body := statement.get(name):
                return self._end(body)
        _, end = _span(statement)
        if statement["nodeType"] in (*BLOCKS, "TryStatement") or self.code[end - 1 : end] == b";":
            return end
        return self.code.index(b";", end) + 1


def _is_if(node: dict[str, Any]) -> bool:
    return bool(node["nodeType"] == "IfStatement")


def _span(node: dict[str, Any]) -> tuple[int, int]:
    start, length, _ = map(int, node["src"].split(":"))
    return start, start + length


def _nodes(node: Any, kinds: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """All nodes below and including this one; of these kinds, if any are named."""
    if isinstance(node, dict):
        if "nodeType" in node and (not kinds or node["nodeType"] in kinds):
            yield node
        for value in node.values():
            yield from _nodes(value, kinds)
    elif isinstance(node, list):
        for value in node:
            yield from _nodes(value, kinds)
