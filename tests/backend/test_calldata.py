"""A server that lies about a prepared transaction is caught by the page before the wallet is asked."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from backend.membership.prepare import call_data
from tests.fixtures.tools import ROOT

COMMUNITY, MEMBERSHIP, COIN, ME, OTHER = ("0x" + digits * 20 for digits in ("c0", "3e", "20", "aa", "bb"))
NATIVE = "0x" + "00" * 20
PRICE = 10**16
SCRIPT = """
globalThis.document = { getElementById: () => ({ content: { querySelector: () => null } }) };
globalThis.CSS = { escape: (text) => text };
globalThis.addEventListener = globalThis.dispatchEvent = () => {};
const { check } = await import(process.argv[1]);
const [community, membership, me, wanted, prepared] = JSON.parse(process.argv[2]);
const request = async () => "0x" + membership.slice(2).padStart(64, "0");
const refused = (error) => (error.constructor.name === "Told" ? "refused" : String(error));
const wallet = { address: me, provider: { request } };
console.log(await check(wallet, community, wanted, prepared).then(() => "taken", refused));
"""


def verdict(node: Path, wanted: dict[str, Any], **prepared: Any) -> str:
    """`taken` or `refused`: what the page makes of a prepared transaction."""
    transaction = {"to": MEMBERSHIP, "value": "0x0", "chainId": 1, "before": [], **prepared}
    arguments = json.dumps([COMMUNITY, MEMBERSHIP, ME, {"chainId": 1, **wanted}, transaction])
    module = (ROOT / "backend" / "static" / "js" / "calldata.js").as_uri()
    command = [str(node), "--no-warnings", "--input-type=module", "-e", SCRIPT, module, arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def hexed(contract: str, function: str, *arguments: Any) -> str:
    return "0x" + call_data(contract, function, *arguments).hex()


def renewal(periods: int, coin: str = NATIVE) -> str:
    return hexed("Membership", "renew", 7, periods, PRICE, coin)


def approval(coin: str, spender: str = MEMBERSHIP, amount: int = PRICE) -> dict[str, str]:
    return {"to": coin, "value": "0x0", "data": hexed("ERC20", "approve", spender, amount)}


def test_the_renewal_that_was_asked_for_is_taken(node: Path) -> None:
    wanted = {"name": "renew", "token": "7"}

    assert verdict(node, wanted, data=renewal(1), value=hex(PRICE)) == "taken"
    assert verdict(node, wanted, data=renewal(1, COIN), before=[approval(COIN)]) == "taken"


def test_a_renewal_for_more_periods_is_refused(node: Path) -> None:
    wanted = {"name": "renew", "token": "7"}

    assert verdict(node, wanted, data=renewal(24), value=hex(24 * PRICE)) == "refused"


@pytest.mark.parametrize(
    "before", [approval(OTHER), approval(COIN, spender=OTHER), approval(COIN, amount=PRICE + 1)], ids=str
)
def test_an_approval_of_anything_else_is_refused(node: Path, before: dict[str, str]) -> None:
    wanted = {"name": "renew", "token": "7"}

    assert verdict(node, wanted, data=renewal(1, COIN), before=[before]) == "refused"


def test_a_join_for_somebody_else_is_refused(node: Path) -> None:
    wanted = {"name": "join", "tier": "2", "price": str(PRICE), "periods": 1}
    mine, theirs = (hexed("Membership", "join", 2, 1, PRICE, NATIVE, recipient, 0) for recipient in (ME, OTHER))

    assert verdict(node, wanted, data=mine, value=hex(PRICE)) == "taken"
    assert verdict(node, wanted, data=theirs, value=hex(PRICE)) == "refused"


def test_a_join_through_another_badge_than_the_invitation_is_refused(node: Path) -> None:
    wanted = {"name": "join", "tier": "2", "price": str(PRICE), "periods": 1}
    invited = hexed("Membership", "join", 2, 1, PRICE, NATIVE, ME, 2**40 - 1)

    assert verdict(node, {**wanted, "badge": str(2**40 - 1)}, data=invited, value=hex(PRICE)) == "taken"
    assert verdict(node, {**wanted, "badge": "5"}, data=invited, value=hex(PRICE)) == "refused"
    assert verdict(node, wanted, data=invited, value=hex(PRICE)) == "refused"
