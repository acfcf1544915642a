"""A server that lies about a prepared transaction is caught by the page before the wallet is asked."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from backend.transactions import call_data
from indexer.deployments import load_abi
from tests.fixtures.tools import ROOT

COMMUNITY, MEMBERSHIP, COIN, ME, OTHER = ("0x" + digits * 20 for digits in ("c0", "3e", "20", "aa", "bb"))
NATIVE = "0x" + "00" * 20
PRICE = 10**16
LIFE = 2**40 - 1
SCRIPT = """
globalThis.document = { querySelectorAll: () => [] };
globalThis.CSS = { escape: (text) => text };
globalThis.addEventListener = globalThis.dispatchEvent = () => {};
const { check } = await import(process.argv[1]);
const [community, membership, me, wanted, prepared] = JSON.parse(process.argv[2]);
const request = async () => "0x" + membership.slice(2).padStart(64, "0");
const refused = (error) => (error.constructor.name === "Told" ? "refused" : String(error));
const wallet = { address: me, provider: { request } };
console.log(await check(wallet, community, wanted, prepared).then(() => "taken", refused));
"""
RENEW: dict[str, Any] = {
    "contract": "Membership",
    "call": "renew",
    "args": {"tokenId": "7", "periods": 1, "price": str(PRICE)},
}
JOIN: dict[str, Any] = {
    "contract": "Membership",
    "call": "join",
    "args": {"tierId": "2", "periods": 1, "price": str(PRICE)},
}


def verdict(node: Path, wanted: dict[str, Any], **prepared: Any) -> str:
    """`taken` or `refused`: what the page makes of a prepared transaction."""
    transaction = {"to": MEMBERSHIP, "value": "0x0", "chainId": 1, "before": [], **prepared}
    arguments = json.dumps([COMMUNITY, MEMBERSHIP, ME, {"chainId": 1, **wanted}, transaction])
    module = (ROOT / "backend" / "static" / "js" / "calldata.js").as_uri()
    command = [str(node), "--no-warnings", "--input-type=module", "-e", SCRIPT, module, arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def hexed(contract: str, function: str, *arguments: Any) -> str:
    return "0x" + call_data(contract, function, *arguments).hex()


def renewal(periods: int, coin: str = NATIVE, price: int = PRICE) -> str:
    return hexed("Membership", "renew", 7, periods, price, coin)


def approval(coin: str, spender: str = MEMBERSHIP, amount: int = PRICE) -> dict[str, str]:
    return {"to": coin, "value": "0x0", "data": hexed("ERC20", "approve", spender, amount)}


def in_coins(wanted: dict[str, Any]) -> dict[str, Any]:
    return {**wanted, "pays": str(PRICE), "currency": COIN, "args": {**wanted["args"], "expectedCurrency": COIN}}


def test_the_renewal_that_was_asked_for_is_taken(node: Path) -> None:
    assert verdict(node, {**RENEW, "pays": str(PRICE)}, data=renewal(1), value=hex(PRICE)) == "taken"
    assert verdict(node, in_coins(RENEW), data=renewal(1, COIN), before=[approval(COIN)]) == "taken"
    assert verdict(node, in_coins(RENEW), data=renewal(1, COIN)) == "taken"


@pytest.mark.parametrize(
    ("data", "value", "to"),
    [
        (renewal(24), 24 * PRICE, MEMBERSHIP),
        (renewal(1, price=2 * PRICE), PRICE, MEMBERSHIP),
        (renewal(1), 2 * PRICE, MEMBERSHIP),
        (renewal(1), 0, MEMBERSHIP),
        (renewal(1, COIN), PRICE, MEMBERSHIP),
        (renewal(1), PRICE, OTHER),
        (renewal(1)[:-2], PRICE, MEMBERSHIP),
        (hexed("Membership", "burn", 7, ME), PRICE, MEMBERSHIP),
        ("0x", PRICE, MEMBERSHIP),
    ],
)
def test_any_other_renewal_is_refused(node: Path, data: str, value: int, to: str) -> None:
    assert verdict(node, {**RENEW, "pays": str(PRICE)}, data=data, value=hex(value), to=to) == "refused"


def test_another_chain_is_refused(node: Path) -> None:
    wanted = {**RENEW, "pays": str(PRICE)}

    assert verdict(node, wanted, data=renewal(1), value=hex(PRICE), chainId=2) == "refused"


@pytest.mark.parametrize(
    "before",
    [
        [approval(OTHER)],
        [approval(COIN, spender=OTHER)],
        [approval(COIN, amount=PRICE + 1)],
        [approval(COIN), approval(COIN)],
        [{**approval(COIN), "value": "0x1"}],
    ],
    ids=str,
)
def test_an_approval_of_anything_else_is_refused(node: Path, before: list[dict[str, str]]) -> None:
    assert verdict(node, in_coins(RENEW), data=renewal(1, COIN), before=before) == "refused"


def test_an_approval_is_refused_where_coins_are_paid(node: Path) -> None:
    wanted = {**RENEW, "pays": str(PRICE)}

    assert verdict(node, wanted, data=renewal(1), value=hex(PRICE), before=[approval(COIN)]) == "refused"


def test_a_join_for_somebody_else_is_refused(node: Path) -> None:
    mine, theirs = (hexed("Membership", "join", 2, 1, PRICE, NATIVE, recipient, 0) for recipient in (ME, OTHER))
    wanted = {**JOIN, "pays": str(PRICE)}

    assert verdict(node, wanted, data=mine, value=hex(PRICE)) == "taken"
    assert verdict(node, wanted, data=theirs, value=hex(PRICE)) == "refused"


def test_a_join_through_another_badge_than_the_invitation_is_refused(node: Path) -> None:
    wanted = {**JOIN, "pays": str(PRICE)}
    invited = hexed("Membership", "join", 2, 1, PRICE, NATIVE, ME, LIFE)

    def by(badge: int) -> dict[str, Any]:
        return {**wanted, "args": {**JOIN["args"], "badge": str(badge)}}

    assert verdict(node, by(LIFE), data=invited, value=hex(PRICE)) == "taken"
    assert verdict(node, by(5), data=invited, value=hex(PRICE)) == "refused"
    assert verdict(node, wanted, data=invited, value=hex(PRICE)) == "refused"


@pytest.mark.parametrize(
    ("contract", "function", "args"),
    [
        ("Membership", "giftMany", {"tierId": 1, "periods": 1, "price": 0, "recipients": [ME, OTHER]}),
        ("Membership", "grant", {"grants": [{"recipient": OTHER, "tierId": 1, "seconds": 2}]}),
        ("Badges", "setAchievementText", {"achievementId": 3, "description": "Dès l’aube", "uri": ""}),
        ("Store", "safeBatchTransferFrom", {"to": OTHER, "ids": [1, 2], "amounts": [3, 4], "data": "0x0badc0de"}),
    ],
)
def test_structs_lists_and_texts_are_compared_too(
    node: Path, contract: str, function: str, args: dict[str, Any]
) -> None:
    inputs = next(each for each in load_abi(contract) if each.get("name") == function)["inputs"]
    data = hexed(contract, function, *(_filled(each, args.get(each["name"].rstrip("_"))) for each in inputs))
    wanted = {"contract": contract, "call": function, "args": args}

    assert verdict(node, wanted, data=data) == "taken"
    for name, given in args.items():
        less = {key: value for key, value in args.items() if key != name}
        expected = "taken" if given in (0, "") else "refused"
        assert verdict(node, {**wanted, "args": less}, data=data) == expected


def _filled(parameter: dict[str, Any], value: Any) -> Any:
    """What the ABI's encoder takes for an argument of which only some fields are given."""
    kind = parameter["type"]
    if kind.endswith("[]"):
        return [_filled({**parameter, "type": kind[:-2]}, each) for each in value or []]
    if kind == "tuple":
        return tuple(_filled(each, (value or {}).get(each["name"].rstrip("_"))) for each in parameter["components"])
    if kind.startswith("bytes"):
        return bytes.fromhex((value or "0x")[2:])
    return value if value is not None else {"address": NATIVE, "string": "", "bool": False}.get(kind, 0)
