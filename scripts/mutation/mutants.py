"""What can be wrong in a line that moves money: from solc's syntax tree, one thing for each such line

Lines that only name or return what others hold (`uint96 price = listing.price;`) have nothing that could be wrong.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scripts.solc import standard_json

# Contracts and libraries that hold or divide money. Not those that draw, describe or only know words.
FILES = re.compile(
    r"contracts/(membership|community|badges|store|market|crowdsale)/(?!I[A-Z])(?!.*(Art|Cid|Factory|Medal))\w+\.sol"
)
# A line moves money when it says one of these; so does a guard anywhere in a function that does.
MONEY = re.compile(
    r"amount|price|earned|income|refund|funds|paid|share|withdrawn|claimed|\btip|credit|balance|released|raised|\bdue"
    r"|volume|\brate|discount|Bps|value|contribution|vested|\btotal\b",
)
# They pack words or show what others wrote: tests/contracts/membership/test_storage.py is about those.
OTHERS = re.compile(
    r"^(un)?pack|^read$|^memorize|^recall|[hH]ash|^_?domain|URI|^isSound$|^constructor$|^initialize$|^fits$"
)
SWAPPED = {"+": "-", "-": "+", "*": "/", "/": "*", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
ASSIGNED = {"+=": "-=", "-=": "+="}
SENDS = re.compile(r"^(_send|_addFunds|_takeFunds|_pull|_pay|_credit|_refund|safeTransfer|safeTransferETH|mintFor)$")
PEOPLE = ("to", "holder", "account", "payer", "recipient", "owner", "buyer", "seller")
CONSTANT = re.compile(r"_?[A-Z][A-Z_]{4,}")
SILENT = {"EmitStatement", "RevertStatement", "InlineAssembly", "StructuredDocumentation"}
SIMPLE = {"ExpressionStatement", "VariableDeclarationStatement", "Return"}


@dataclass(frozen=True)
class Mutant:
    """One wrong thing. `start` and `end` are bytes of the file; a `woven` one is turned on at run time."""

    file: str
    function: str
    line: int
    operator: str
    before: str
    after: str
    start: int
    end: int
    number: int = 0  # of the same kind in the same function before it
    woven: bool = True

    @property
    def name(self) -> str:
        """Survives changes elsewhere in the file."""
        text = "\0".join((self.file, self.function, self.operator, self.before, self.after, str(self.number)))
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    @property
    def domain(self) -> str:
        """Part of contracts/."""
        return self.file.split("/")[1]

    @property
    def wakes_at(self) -> int:
        """The number that turns a woven one on."""
        return int(self.name, 16)

    @property
    def in_the_tenth(self) -> bool:
        return self.wakes_at % 10 == 0

    def __str__(self) -> str:
        where = f"{self.name}  {self.file}:{self.line} {self.function}"
        return f"{where}  {self.operator}: {_short(self.before)}  ->  {_short(self.after)}"


@dataclass(frozen=True)
class _Function:
    """Where mutants are made."""

    file: str
    name: str
    source: bytes
    pointers: frozenset[str]  # into storage, that it returns: solc wants each assigned

    def mutant(self, operator: str, node: Any, after: str, *, woven: bool = True) -> Mutant:
        start, end = _range(node)
        line = self.source[:start].count(b"\n") + 1
        return Mutant(self.file, self.name, line, operator, self.text(node), after, start, end, woven=woven)

    def text(self, node: Any) -> str:
        start, end = _range(node)
        return self.source[start:end].decode()


def mutants_of(texts: Mapping[str, str]) -> list[Mutant]:
    """All of them, in the order of the files and lines."""
    found: list[Mutant] = []
    for file, tree in _trees(texts, [name for name in texts if FILES.fullmatch(name)]).items():
        for node in _functions(tree):
            returned = [each for each in node["returnParameters"]["parameters"] if each["storageLocation"] == "storage"]
            pointers = frozenset(each["name"] for each in returned)
            function = _Function(file, node["name"] or node["kind"], texts[file].encode(), pointers)
            if not OTHERS.search(function.name) and MONEY.search(function.text(node["body"])):
                found += _of_function(function, node)
    return found


def _of_function(function: _Function, node: Any) -> list[Mutant]:
    """Of each line and modifier one: which, their names decide, so that it stays the same."""
    lines = [[function.mutant("no modifier", each, "", woven=False)] for each in node["modifiers"]]
    for line in _lines(node["body"]):
        guards = line["nodeType"] == "IfStatement" and _reverts(line["trueBody"])
        read = line["condition"] if line["nodeType"] == "IfStatement" else line
        if guards or MONEY.search(function.text(read)):
            lines.append(list(_of_line(function, line, read, guards=guards)))
    numbered = _numbered([mutant for line in lines for mutant in line])
    chosen = {min((numbered[each] for each in line), key=lambda each: each.name) for line in lines if line}
    return sorted(chosen, key=lambda each: each.start)


def _of_line(function: _Function, line: Any, read: Any, *, guards: bool) -> Iterator[Mutant]:
    if guards:
        yield function.mutant("no guard", read, "false")
    if line["nodeType"] == "ExpressionStatement":
        yield from _of_statement(function, line)
    for node in _walk(read):
        kind, text = node["nodeType"], function.text(node)
        if kind == "BinaryOperation" and node["operator"] in SWAPPED:
            left, right = function.text(node["leftExpression"]), function.text(node["rightExpression"])
            yield function.mutant("operator", node, f"{left} {SWAPPED[node['operator']]} {right}")
        elif kind == "Literal" and (value := _value(text)) > 1:
            yield function.mutant("constant", node, str(value + 1))
        elif kind == "Identifier" and CONSTANT.fullmatch(text):
            yield function.mutant("constant", node, f"{text} + 1")


def _of_statement(function: _Function, line: Any) -> Iterator[Mutant]:
    inner = line["expression"]
    if inner["nodeType"] != "Assignment" or function.text(inner["leftHandSide"]) not in function.pointers:
        yield function.mutant("no statement", line, "")
    if inner["nodeType"] == "Assignment" and inner["operator"] in ASSIGNED:
        left, right = function.text(inner["leftHandSide"]), function.text(inner["rightHandSide"])
        yield function.mutant("assignment", line, f"{left} {ASSIGNED[inner['operator']]} {right}")
    if inner["nodeType"] == "FunctionCall":
        called = inner["expression"].get("memberName") or inner["expression"].get("name") or ""
        for argument in inner["arguments"] if SENDS.match(called) else ():
            text = function.text(argument)
            if text in PEOPLE:
                yield function.mutant("recipient", argument, "msg.sender")
            elif text == "msg.sender":
                yield function.mutant("recipient", argument, "address(this)")


def _trees(texts: Mapping[str, str], files: list[str]) -> dict[str, Any]:
    if not files:
        return {}
    task = {
        "language": "Solidity",
        "sources": {name: {"content": texts[name]} for name in files},
        "settings": {"stopAfter": "parsing", "outputSelection": {"*": {"": ["ast"]}}},
    }
    return {name: output["ast"] for name, output in standard_json(task)["sources"].items()}


def _functions(tree: Any) -> Iterator[Any]:
    for contract in tree["nodes"]:
        for node in contract.get("nodes", ()) if contract["nodeType"] == "ContractDefinition" else ():
            if node["nodeType"] == "FunctionDefinition" and node.get("body"):
                yield node


def _lines(node: Any) -> Iterator[Any]:
    """Statements without those inside them; of an `if` its condition will be read, of a loop nothing."""
    if node is None:
        return
    if node["nodeType"] in ("Block", "UncheckedBlock"):
        for each in node["statements"]:
            yield from _lines(each)
    elif node["nodeType"] in SIMPLE:
        yield node
    elif node["nodeType"] == "IfStatement":
        yield node
        yield from _lines(node["trueBody"])
        yield from _lines(node.get("falseBody"))
    elif node["nodeType"] in ("ForStatement", "WhileStatement"):
        yield from _lines(node["body"])


def _walk(node: Any) -> Iterator[Any]:
    """A node and all below it, without what moves nothing."""
    if isinstance(node, list):
        for each in node:
            yield from _walk(each)
    elif isinstance(node, dict) and node.get("nodeType") not in SILENT:
        if "nodeType" in node and "src" in node:
            yield node
        for key, value in node.items():
            if key not in ("documentation", "typeName", "typeDescriptions"):
                yield from _walk(value)


def _numbered(found: list[Mutant]) -> dict[Mutant, Mutant]:
    """Equal ones of a function are told apart by their order."""
    seen: Counter[tuple[str, ...]] = Counter()
    result = {}
    for mutant in sorted(found, key=lambda each: (each.start, -each.end, each.operator)):
        key = (mutant.operator, mutant.before, mutant.after)
        result[mutant] = replace(mutant, number=seen[key])
        seen[key] += 1
    return result


def _reverts(node: Any) -> bool:
    statements = node.get("statements", [node])
    return bool(statements) and statements[0]["nodeType"] == "RevertStatement"


def _value(text: str) -> int:
    """Of a decimal number, with a unit of time; 0 for what is none."""
    match = re.fullmatch(r"([0-9_]+)(?: (seconds|minutes|hours|days))?", text)
    units = {None: 1, "seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
    return int(match[1].replace("_", "")) * units[match[2]] if match else 0


def _range(node: Any) -> tuple[int, int]:
    start, length, _ = node["src"].split(":")
    return int(start), int(start) + int(length)


def _short(text: str) -> str:
    line = " ".join(text.split()) or "nothing"
    return line if len(line) < 90 else line[:87] + "..."
