"""Events as the logs that Solidity would write, encoded by eth-abi from the ABI: independent of our decoder."""

import json
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from eth_abi.abi import encode
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic

from indexer.deployments import ABI_FOLDER
from indexer.events import EVENTS, Event
from tests.fakes.chain import FakeLog

CONTRACT_OF = {cls: contract for contract, classes in EVENTS.items() for cls in classes}


@cache
def event_abi(contract: str, name: str) -> dict[str, Any]:
    abi = json.loads((ABI_FOLDER / f"{contract}.json").read_text())
    [entry] = [entry for entry in abi if entry["type"] == "event" and entry["name"] == name]
    found: dict[str, Any] = entry
    return found


def log_of(address: str, event: Event) -> FakeLog:
    """The log of `event`, emitted by `address`."""
    entry: Any = event_abi(CONTRACT_OF[type(event)], type(event).__name__)
    values = [getattr(event, name) for name in type(event).__slots__]
    plain: list[tuple[str, Any]] = []
    topics = [event_abi_to_log_topic(entry)]
    for argument, value in zip(entry["inputs"], values, strict=True):
        kind = collapse_if_tuple(argument)
        if argument["indexed"]:
            topics.append(encode([kind], [_plain(value, argument)]))
        else:
            plain.append((kind, _plain(value, argument)))
    data = encode([kind for kind, _ in plain], [value for _, value in plain])
    return FakeLog(address, tuple(topics), data)


def _plain(value: Any, argument: dict[str, Any]) -> Any:
    """The value as eth-abi takes it."""
    if isinstance(value, tuple):
        element = argument | {"type": argument["type"].removesuffix("[]")}
        return [_plain(part, element) for part in value]
    if is_dataclass(value) and not isinstance(value, type):
        parts = [getattr(value, field.name) for field in fields(value)]
        return tuple(_plain(part, component) for part, component in zip(parts, argument["components"], strict=True))
    return bytes.fromhex(value[2:]) if argument["type"] == "bytes32" else value
