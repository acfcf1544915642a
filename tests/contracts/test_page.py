"""docs/contracts.md says what the contracts do: names, callers, limits, layouts, sizes"""

import re
from functools import cache
from typing import Any

import pytest

from scripts.contracts_page import PAGE, filled, layouts
from scripts.export_abi import BEHIND
from scripts.solc import MOCKS, abis, sources
from tests.factories.abi import Signature
from tests.factories.badges import achievement
from tests.factories.communities import World
from tests.factories.contracts import LEDGER, MONEY, TERMS, Reverted
from tests.factories.crowdsales import RESTRICTED, Sale, open_sale
from tests.factories.stores import Shop

TEXT = PAGE.read_text()
SOURCES = {path: text for path, text in sources().items() if not path.startswith(MOCKS)}
CLONED = ("Community", "Membership", "Badges", "Store", "Crowdsale", "CommunityToken")
OPEN_TO_ALL = ("Market", "CommunityFactory", "CrowdsaleFactory")
CONSTANT = r"constant {} = ([^;]+);"


def section(title: str) -> str:
    return re.split(r"^## ", TEXT[TEXT.index(f"## {title}\n") + 3 :], maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of all rows of the tables in a text, without heads."""
    lines = [line.strip() for line in text.splitlines() if line.startswith("|")]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [
        cells for number, cells in enumerate(found) if not set("".join(cells)) <= {"-"} and not _is_head(found, number)
    ]


def _is_head(found: list[list[str]], number: int) -> bool:
    return number + 1 < len(found) and set("".join(found[number + 1])) == {"-"}


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


CALLERS = [
    (who, names(error)[0] if error else "", names(functions))
    for who, error, functions in rows(section("Who can call what"))
]
REFUSED = [(function, error) for _, error, functions in CALLERS if error for function in functions]


all_abis = cache(abis)


@cache
def written() -> dict[str, set[str]]:
    """Contract -> its functions that change state, by name."""
    known = all_abis()
    faces = {name: [*known[name], *(item for other in BEHIND.get(name, ()) for item in known[other])] for name in known}
    return {
        name: {
            item["name"]
            for item in faces[name]
            if item["type"] == "function" and item["stateMutability"] in ("nonpayable", "payable")
        }
        for name in (*CLONED, *OPEN_TO_ALL)
    }


def test_page_names_every_contract_and_library() -> None:
    head = TEXT[: TEXT.index("\n## ")]
    known = {path.split("/")[-1].removesuffix(".sol") for path in SOURCES}
    named = {name.split("/")[-1] for cells in rows(head) for name in names(" ".join(cells[:1] + cells[2:]))}

    assert {name for name in known if not re.match(r"I[A-Z]", name)} - named == set()
    assert {f"contracts/{path}.sol" for path in re.findall(r"`(\w+/\w+)`", head)} - set(SOURCES) == set()


def test_every_entry_point_stands_with_its_caller_once() -> None:
    listed = [function for _, _, functions in CALLERS for function in functions]

    assert len(listed) == len(set(listed))
    assert set(listed) == {f"{name}.{function}" for name, functions in written().items() for function in functions}


@pytest.fixture
def scene(native: World, factory: Any) -> dict[str, Any]:
    """Contracts by name, of a community in which there is one of everything."""
    shop = Shop(native, native.store)
    shop.ids[native.member] = native.join(periods=12)
    native.chain.send(native.badges.mint, shop.ids[native.member], sender=native.member)
    shop.enroll(shop.creator)
    shop.list()
    native.chain.send(native.badges.createAchievement, achievement(), sender=native.founder)
    sale: Sale = open_sale(native, RESTRICTED)
    sale.attest(sale.backer, sale.other)
    sale.reach()
    found = {name: getattr(native, name.lower()) for name in CLONED[:4]}
    return found | {
        "Crowdsale": sale.contract,
        "CommunityToken": sale.token,
        "world": native,
        "id": shop.ids[native.member],
        "unminted": shop.ids[shop.creator],
    }


def argument(parameter: dict[str, Any], scene: dict[str, Any]) -> Any:
    """What a stranger passes: things that exist and are another's; else nothing."""
    name, kind, world = parameter["name"].strip("_"), str(parameter["type"]), scene["world"]
    if kind.endswith("]"):
        named = {"badges": "badge"}.get(name, name)
        return (
            [argument(parameter | {"name": named, "type": kind[:-2]}, scene)]
            if name in ("badges", "ids", "amounts")
            else []
        )
    if kind.startswith("tuple"):
        return {each["name"]: argument(each, scene) for each in parameter["components"]}
    if name in ("tokenId", "badge", "id"):
        return scene["id"]
    if kind == "address":
        return {"from": world.member, "account": world.member, "wallet": world.member, "issuer": world.member}.get(
            name, world.stranger
        )
    if kind.startswith("uint"):
        return 1 if name in ("productId", "achievementId", "ids") else 0
    return {"bool": False, "string": "", "bytes": b""}.get(kind, b"\0" * 32)


@pytest.mark.parametrize(("function", "error"), REFUSED)
def test_stranger_is_refused_as_the_page_says(scene: dict[str, Any], function: str, error: str) -> None:
    contract, name = function.split(".")
    world: World = scene["world"]
    if name == "mint":
        scene["id"] = scene["unminted"]
    known = all_abis()
    for item in (each for part in (contract, *BEHIND.get(contract, ())) for each in known[part]):
        if item["type"] != "function" or item["name"] != name:
            continue
        signature = Signature(item)
        data = signature.selector + signature.inputs.encode([argument(each, scene) for each in item["inputs"]])
        call = {"from": world.stranger, "to": scene[contract].address, "data": "0x" + data.hex(), "gas": hex(5_000_000)}

        with pytest.raises(Reverted) as caught:
            world.chain.rpc("eth_call", call, "latest")

        assert caught.value.name == error, caught.value
        break


def test_singletons_have_no_caller_with_a_privilege() -> None:
    assert {function.split(".")[0] for function, _ in REFUSED} == set(CLONED)


def evaluated(expression: str) -> int:
    """A constant as Solidity or the page writes it."""
    units = {"days": 86_400, "hours": 3_600}
    text = re.sub(r"(\d[\d_,]*) (days|hours)", lambda found: f"{found[1]} * {units[found[2]]}", expression)
    text = re.sub(r"(?<=\d)[,_](?=\d)", "", text)
    if not re.fullmatch(r"[\d *+-]+", text):
        raise ValueError(expression)
    return int(eval(text))


@pytest.mark.parametrize(("what", "limit", "constant"), rows(section("Limits")))
def test_limits_are_those_of_the_code(what: str, limit: str, constant: str) -> None:
    contract, name = names(constant)[0].split(".")
    path = next(path for path in SOURCES if path.endswith(f"/{contract}.sol"))

    found = re.search(CONSTANT.format(name), SOURCES[path])

    assert found is not None
    assert evaluated(limit) == evaluated(found[1]), what


def test_tables_of_the_compiler_are_fresh() -> None:
    assert filled(TEXT) == TEXT, "run python -m scripts.contracts_page"


def test_contracts_behind_one_address_have_one_storage() -> None:
    known = layouts()
    for name, others in BEHIND.items():
        slots = [
            [
                (each["slot"], each["offset"], each["label"], known[other]["types"][each["type"]]["label"])
                for each in known[other]["storage"]
            ]
            for other in (name, *others)
        ]
        assert slots[0], name
        assert all(each == slots[0] for each in slots)


@pytest.mark.parametrize(
    ("word", "layout", "below"),
    [
        ("of the token", TERMS, (("owner", 160),)),
        ("of its holder", MONEY, (("balance", 32),)),
        ("a badge's ledger (`_ledgers`)", LEDGER, ()),
    ],
)
def test_words_are_laid_out_as_the_events_carry_them(
    word: str, layout: tuple[tuple[str, int], ...], below: tuple[tuple[str, int], ...]
) -> None:
    cell = next(cells[1] for cells in rows(section("Storage")) if cells[0] == word)
    fields = [part.split() for part in names(cell)[0].split(" · ")]

    found = [(field[0], int(field[1])) for field in reversed(fields)]

    expected = [*below, *(("0", width) if name == "unused" else (name, width) for name, width in layout)]
    assert found == expected
    assert sum(width for _, width in found) == 256


def test_page_names_every_message_that_is_signed() -> None:
    literals = re.findall(r'keccak256\(\s*(?:"(\w+)\([a-z])', "\n".join(SOURCES.values()))

    assert {name for cells in rows(section("Signatures")) for name in names(cells[1])} == set(literals)


def test_page_links_to_what_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (PAGE.parent / target).exists(), target
