"""Every function, event and error of every interface has a comment, and every amount, share and time a unit"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from scripts.solc import MOCKS, sources, standard_input, standard_json

FACES = sorted(path for path in sources() if re.search(r"/I[A-Z]\w+\.sol$", path) and not path.startswith(MOCKS))
KINDS = ("FunctionDefinition", "EventDefinition", "ErrorDefinition")
OF_AN_ERC = {"IERC5192", "IERC5643"}  # say what the standard says
# What a name of a number means, and what its comment, or that of its interface, must then say.
UNITS = {
    r"[bB]ps$": "1/10 000",
    r"(?i)^(?!.*bps$).*(amount|price|value|refund|tip|funds|earnedTotal|withdrawnTotal|proceeds|royalt|fees?$|income|paid|goal|raised"
    r"|released$|unearned|minMoney|badgeShare|threshold)": "base units|native coins",
    r"(At|until|Until|deadline|since|Ends|latest|freeFrom|limit)$": "unix seconds",
}
SAYS_ITSELF = (
    r"(?i)(count|id|version|uses?d?|quantity|periods|sequence|epoch|units|nonce|level|roles?|status|seconds|version)$"
)


@pytest.fixture(autouse=True)
def _undone() -> None:
    """Nothing here happens on a chain: nothing has to be compiled to code."""


@cache
def contracts() -> dict[str, dict[str, Any]]:
    """Interface -> its syntax tree."""
    texts = sources()
    asked = standard_input(FACES, texts)
    asked["settings"]["outputSelection"] = {path: {"": ["ast"]} for path in FACES}
    made = standard_json(asked)["sources"]
    nodes = [node for path in FACES for node in made[path]["ast"]["nodes"]]
    return {node["name"]: node for node in nodes if node["nodeType"] == "ContractDefinition"}


def comment(node: dict[str, Any]) -> str:
    return " ".join(((node.get("documentation") or {}).get("text") or "").split())


def around(name: str) -> str:
    """What an interface says of all its elements, and those that it extends."""
    node = contracts()[name]
    bases = [each["baseName"]["name"] for each in node["baseContracts"]]
    return " ".join([comment(node), *(around(base) for base in bases if base in contracts())])


def elements(name: str) -> Iterator[dict[str, Any]]:
    yield from (node for node in contracts()[name]["nodes"] if node["nodeType"] in KINDS)


def numbers(node: dict[str, Any]) -> Iterator[str]:
    """Names of its numbers; a value that is returned without a name goes by the function's."""
    returned = (node.get("returnParameters") or {}).get("parameters", [])
    for parameter in [*node["parameters"]["parameters"], *returned]:
        kind = parameter["typeDescriptions"]["typeString"]
        if re.fullmatch(r"uint(16|40|64|96|104|112|128|256)", kind):
            yield parameter["name"] or node["name"]


INTERFACES = [re.sub(r".*/(\w+)\.sol", r"\1", path) for path in FACES]


@pytest.mark.parametrize("name", INTERFACES)
def test_every_element_has_a_comment(name: str) -> None:
    assert len(comment(contracts()[name])) > 20
    bare = [node["name"] for node in elements(name) if len(re.findall(r"\w+", comment(node))) < 3]

    assert [each for each in bare if each != "contractURI"] == []  # "ERC-7572." says all


@pytest.mark.parametrize("name", sorted(set(INTERFACES) - OF_AN_ERC))
def test_every_number_has_a_unit(name: str) -> None:
    missing = [
        f"{node['name']}.{number}: {unit}"
        for node in elements(name)
        for number in numbers(node)
        for pattern, unit in UNITS.items()
        if re.search(pattern, number)
        and not re.search(SAYS_ITSELF, number)
        and not re.search(unit, f"{comment(node)} {around(name)}", re.IGNORECASE)
    ]

    assert missing == []


@pytest.mark.parametrize("name", INTERFACES)
def test_comment_tells_every_parameter_that_it_names(name: str) -> None:
    """A name in backticks, or after @param, is one of the element, of its structs or of the interface."""
    strange = []
    for node in elements(name):
        known = {each["name"] for each in node["parameters"]["parameters"]}
        known |= {each["name"] for each in (node.get("returnParameters") or {}).get("parameters", [])}
        strange += [
            f"{node['name']}: {word}"
            for word in re.findall(r"@(?:param|return) (\w+)", comment(node))
            if word not in known and not _is_text(node, word)
        ]

    assert strange == []


def _is_text(node: dict[str, Any], word: str) -> bool:
    """A return value without a name: what follows @return is its description."""
    returned = (node.get("returnParameters") or {}).get("parameters", [])
    return any(not each["name"] for each in returned) and f"@return {word}" in comment(node)
