"""Transactions that a wallet only has to sign: calldata, value, and what they do in plain words.

Each is tried on the node first, so that a wallet is never asked to sign what would revert; the contract's own reason
comes back instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak

from backend.chain import CallFailed, Chain
from backend.problems import Conflict
from indexer.deployments import load_abi

_ERC20_ABI: list[dict[str, Any]] = [
    {
        "type": "function",
        "name": name,
        "inputs": [{"type": kind} for kind in kinds],
    }
    for name, kinds in {
        "approve": ["address", "uint256"],
        "allowance": ["address", "address"],
        "balanceOf": ["address"],
    }.items()
]


class WouldRevert(Conflict):
    """The contract would refuse this transaction now; `error` is its own name for the reason, with arguments."""

    slug, title = "would-revert", "The chain would refuse this now"


class NotEnough(Conflict):
    """The wallet lacks money for this: `have` and `need` are base units as decimal strings."""

    slug, title = "not-enough", "There is not enough money in this wallet"


@dataclass(frozen=True)
class Prepared:
    """A transaction for `account` to sign; `before` must be confirmed first (an ERC-20 approval)."""

    to: str
    data: bytes
    value: int
    summary: str
    before: Sequence["Prepared"] = field(default=())


def call_data(contract: str, function: str, *arguments: Any) -> bytes:
    """The calldata of a function of one of our contracts, by its exported ABI."""
    entry = _function(contract, function)
    types = [collapse_if_tuple(each) for each in entry["inputs"]]
    selector = keccak(text=f"{function}({','.join(types)})")[:4]
    return selector + encode(types, arguments)


def rehearse(chain: Chain, prepared: Prepared, *, account: str, contract: str) -> None:
    """The node executes the transaction without sending it. Raises WouldRevert with the contract's reason."""
    try:
        chain.call(prepared.to, prepared.data, sender=account, value=prepared.value)
    except CallFailed as failure:
        name, arguments = error_of(contract, failure.data)
        raise WouldRevert(f"The contract answers {name}.", error=name, arguments=arguments) from failure


def error_of(contract: str, data: bytes) -> tuple[str, list[str]]:
    """The custom error in revert data, by name and arguments as text; what is not ours is called `unknown`."""
    entry = _errors(contract).get(data[:4])
    if entry is None:
        return "unknown", []
    try:
        return entry["name"], [str(each) for each in decode([each["type"] for each in entry["inputs"]], data[4:])]
    except DecodingError:
        return entry["name"], []


def allowance_first(
    chain: Chain, *, currency: str, spender: str, account: str, amount: int, summary: str
) -> Sequence[Prepared]:
    """The approval that must come before pulling `amount`, if the standing one does not suffice. Raises NotEnough."""
    balance = _uint(chain.call(currency, call_data("ERC20", "balanceOf", account)))
    if balance < amount:
        raise NotEnough("The wallet holds too little of this token.", have=str(balance), need=str(amount))
    if _uint(chain.call(currency, call_data("ERC20", "allowance", account, spender))) >= amount:
        return ()
    return (Prepared(currency, call_data("ERC20", "approve", spender, amount), 0, summary),)


def _uint(data: bytes) -> int:
    return int.from_bytes(data[:32])


@cache
def _abi(contract: str) -> list[dict[str, Any]]:
    return _ERC20_ABI if contract == "ERC20" else load_abi(contract)


@cache
def _function(contract: str, function: str) -> dict[str, Any]:
    return next(each for each in _abi(contract) if each["type"] == "function" and each["name"] == function)


@cache
def _errors(contract: str) -> dict[bytes, dict[str, Any]]:
    return {
        keccak(text=f"{each['name']}({','.join(collapse_if_tuple(kind) for kind in each['inputs'])})")[:4]: each
        for each in _abi(contract)
        if each["type"] == "error"
    }
