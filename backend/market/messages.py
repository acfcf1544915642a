"""Listings and offers as wallets sign them (EIP-712, domain "Koinon Market" 1), and as the Market takes them."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from backend.identity.signature import typed_digest
from indexer.deployments import load_abi
from indexer.tables.columns import ZERO_ADDRESS

Kind = Literal["Listing", "Offer"]
Message = Mapping[str, str | bool]
"""Every field by its Solidity name: numbers as decimal text, addresses as lower-case 0x text."""
_FUNCTION: dict[Kind, str] = {"Listing": "buy", "Offer": "accept"}
_DOMAIN = {"name": "string", "version": "string", "chainId": "uint256", "verifyingContract": "address"}
_NOTHING = {"address": ZERO_ADDRESS, "bool": False}


def uint96(text: str) -> str:
    """The decimal text of an amount as the Market takes it. Raises ValueError for what is too large."""
    if int(text) >> 96:
        raise ValueError("an amount is below 2**96")
    return text


def message_of(kind: Kind, **fields: object) -> dict[str, str | bool]:
    """A message with these fields; all others are nothing. Raises KeyError for a field that it does not have."""
    types = fields_of(kind)
    unknown = set(fields) - set(types)
    if unknown:
        raise KeyError(*unknown)
    return {name: _plain(fields.get(name, _NOTHING.get(each, 0))) for name, each in types.items()}


def digest_of(kind: Kind, message: Message, *, chain_id: int, market: str) -> bytes:
    """What the wallet signs. Raises Malformed."""
    return typed_digest(typed(kind, message, chain_id=chain_id, market=market))


def typed(kind: Kind, message: Message, *, chain_id: int, market: str) -> dict[str, Any]:
    """The typed data as wallets show it."""
    domain = {"name": "Koinon Market", "version": "1", "chainId": chain_id, "verifyingContract": market}
    types = {
        "EIP712Domain": [{"name": name, "type": each} for name, each in _DOMAIN.items()],
        kind: [{"name": name, "type": each} for name, each in fields_of(kind).items()],
    }
    values = dict(zip(fields_of(kind), arguments_of(kind, message), strict=True))
    return {"types": types, "primaryType": kind, "domain": domain, "message": values}


def arguments_of(kind: Kind, message: Message) -> tuple[Any, ...]:
    """The message as the Market's functions take it."""
    return tuple(
        int(message[name]) if each.startswith("uint") else message[name] for name, each in fields_of(kind).items()
    )


@cache
def fields_of(kind: Kind) -> dict[str, str]:
    """Name and Solidity type of every field, in order, by the exported ABI."""
    entry = next(each for each in load_abi("Market") if each.get("name") == _FUNCTION[kind])
    return {each["name"]: each["type"] for each in entry["inputs"][0]["components"]}


def _plain(value: object) -> str | bool:
    if isinstance(value, bool):
        return value
    return value.lower() if isinstance(value, str) else str(value)
