"""Raw log -> event. Each event's reader is composed once, from its ABI; a log is read by slicing words of 32 bytes."""

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, cast, get_args, get_origin, get_type_hints

from eth_typing import ABIEvent
from eth_utils.abi import event_abi_to_log_topic

from indexer.deployments import Abi
from indexer.errors import FatalError
from indexer.events import EVENTS, UNREAD, Event, RawLog
from indexer.events.text import readable

WORD = 32
Read = Callable[[bytes], Any]
Decode = Callable[[RawLog], Event]


class Malformed(ValueError):
    """The bytes of a log are not what its ABI says."""


class Decoder:
    """Decodes the logs of our contracts. Refuses to exist when an ABI and its event classes differ."""

    def __init__(self, abis: dict[str, Abi]) -> None:
        self._decoders: dict[str, dict[bytes, Decode]] = {
            contract: _contract_decoders(contract, abis[contract], classes) for contract, classes in EVENTS.items()
        }

    @property
    def topics(self) -> list[str]:
        """The first topics of all events that are read, as `0x…` text in a fixed order."""
        return sorted({"0x" + topic.hex() for decoders in self._decoders.values() for topic in decoders})

    def reads(self, contract: str, topics: bytes) -> bool:
        """Whether a log with these topics is an event of this kind of contract."""
        return topics[:WORD] in self._decoders[contract]

    def decode(self, contract: str, log: RawLog) -> Event | None:
        """The event, or None when this kind of contract has no such event.

        Raises FatalError when the log is no encoding of its event: then the node or the ABI is wrong.
        """
        decode = self._decoders[contract].get(log.topics[:WORD])
        if decode is None:
            return None
        try:
            return decode(log)
        except Malformed as error:
            raise FatalError(
                f"Log {log.log_index} of block {log.block_number} ({contract} {log.address}) cannot be decoded: "
                f"{error}. Check that the node is sound and that indexer/abi is of the deployed contracts."
            ) from error


def _contract_decoders(contract: str, abi: Abi, classes: tuple[type, ...]) -> dict[bytes, Decode]:
    described = {entry["name"]: entry for entry in abi if entry["type"] == "event"}
    expected = {cls.__name__: cls for cls in classes}
    strangers = expected.keys() ^ (described.keys() - (UNREAD - expected.keys()))
    if strangers:
        raise FatalError(f"ABI and event classes of {contract} differ in {', '.join(sorted(strangers))}.")
    return {
        event_abi_to_log_topic(cast(ABIEvent, described[name])): _event_decoder(described[name], cls)
        for name, cls in expected.items()
    }


def _event_decoder(entry: dict[str, Any], cls: type) -> Decode:
    _compare(entry["name"], entry["inputs"], cls)
    indexed = [argument for argument in entry["inputs"] if argument["indexed"]]
    plain = [argument for argument in entry["inputs"] if not argument["indexed"]]
    topics_size, data_size = WORD * (1 + len(indexed)), WORD * sum(map(_words, plain))
    offsets = {"topics": WORD, "data": 0}
    readers: list[tuple[bool, Read]] = []
    for argument in entry["inputs"]:
        where = "topics" if argument["indexed"] else "data"
        readers.append((argument["indexed"], _reader(argument, offsets[where], _class_of(cls, argument))))
        offsets[where] += WORD * _words(argument)

    def decode(log: RawLog) -> Event:
        _, _, _, _, _, _, topics, data = log
        if len(topics) != topics_size or len(data) < data_size:
            raise Malformed(f"{len(topics)} bytes of topics and {len(data)} of data")
        return cls(*[read(topics if is_topic else data) for is_topic, read in readers])

    return decode


def _compare(name: str, arguments: list[dict[str, Any]], cls: Any) -> None:
    hints = get_type_hints(cls)
    ours = [(field.name, hints[field.name]) for field in fields(cls)]
    theirs = [(_snake(argument["name"]), argument) for argument in arguments]
    if [field for field, _ in ours] != [field for field, _ in theirs]:
        raise FatalError(f"ABI and class of {name} differ: {[field for field, _ in theirs]} is not {ours}.")
    for (field, hint), (_, argument) in zip(ours, theirs, strict=True):
        _compare_type(name, field, argument["type"], argument, hint)


def _compare_type(name: str, field: str, kind: str, argument: dict[str, Any], hint: Any) -> None:
    if kind.endswith("[]") and get_origin(hint) is tuple:
        _compare_type(name, field, kind.removesuffix("[]"), argument, get_args(hint)[0])
    elif kind == "tuple" and is_dataclass(hint):
        _compare(f"{name}.{field}", argument["components"], hint)
    elif _python_type(kind) is not hint:
        raise FatalError(f"ABI and class of {name} differ: {field} is {kind}, not {hint.__name__}.")


def _python_type(abi_type: str) -> type | None:
    if re.fullmatch(r"uint\d+", abi_type):
        return int
    return {"address": str, "bytes32": str, "string": str, "bytes": bytes, "bool": bool}.get(abi_type)


def _snake(name: str) -> str:
    snake = re.sub(r"([A-Z])", r"_\1", name).lower()
    return "from_" if snake == "from" else snake


def _class_of(cls: type, argument: dict[str, Any]) -> Any:
    return get_type_hints(cls)[_snake(argument["name"])]


def _is_dynamic(argument: dict[str, Any]) -> bool:
    kind = argument["type"]
    if kind == "tuple":
        return any(map(_is_dynamic, argument["components"]))
    return kind in ("string", "bytes") or kind.endswith("[]")


def _words(argument: dict[str, Any]) -> int:
    """Words that an argument takes in the static part of what holds it."""
    if argument["type"] != "tuple" or _is_dynamic(argument):
        return 1
    return sum(map(_words, argument["components"]))


def _reader(argument: dict[str, Any], offset: int, cls: Any) -> Read:
    """Reads the argument whose part in the static part begins at `offset`."""
    kind = str(argument["type"])
    if kind.endswith("[]"):
        return _array_reader(argument, offset, get_args(cls)[0])
    if kind == "tuple":
        if not _is_dynamic(argument):
            return _tuple_reader(argument["components"], offset, cls)
        read, size = _tuple_reader(argument["components"], 0, cls), WORD * sum(map(_words, argument["components"]))
        return lambda words: read(_tail(words, offset, size))
    if kind == "string":
        return lambda words: readable(_bytes(words, offset))
    if kind == "bytes":
        return lambda words: _bytes(words, offset)
    if kind == "bytes32":
        return lambda words: "0x" + words[offset : offset + WORD].hex()
    return _address_reader(offset) if kind == "address" else _uint_reader(kind, offset)


def _tuple_reader(components: list[dict[str, Any]], offset: int, cls: type) -> Read:
    readers = []
    for component in components:
        readers.append(_reader(component, offset, _class_of(cls, component)))
        offset += WORD * _words(component)
    return lambda words: cls(*[read(words) for read in readers])


def _array_reader(argument: dict[str, Any], offset: int, cls: Any) -> Read:
    element = argument | {"type": argument["type"].removesuffix("[]")}
    if _is_dynamic(element):
        raise FatalError(f"No event has had an array of {element['type']} of changing size so far: {argument}.")
    read, size = _reader(element, 0, cls), WORD * _words(element)

    def read_all(words: bytes) -> tuple[Any, ...]:
        tail = _tail(words, offset, WORD)
        count = int.from_bytes(tail[:WORD], "big")
        if WORD + count * size > len(tail):
            raise Malformed(f"an array of {count} elements has {len(tail)} bytes")
        return tuple([read(tail[start : start + size]) for start in range(WORD, WORD + count * size, size)])

    return read_all


def _address_reader(offset: int) -> Read:
    padding, start, end = b"\0" * 12, offset + 12, offset + WORD

    def read(words: bytes) -> str:
        if words[offset:start] != padding:
            raise Malformed("an address has more than 20 bytes")
        return "0x" + words[start:end].hex()

    return read


def _uint_reader(kind: str, offset: int) -> Read:
    limit = 2 if kind == "bool" else 1 << int(kind.removeprefix("uint"))
    end = offset + WORD

    def read(words: bytes) -> int:
        value = int.from_bytes(words[offset:end], "big")
        if value >= limit:
            raise Malformed(f"{value} is no {kind}")
        return value

    return (lambda words: bool(read(words))) if kind == "bool" else read


def _tail(words: bytes, offset: int, size: int) -> bytes:
    """What the pointer at `offset` points to, up to the end; at least `size` bytes."""
    start = int.from_bytes(words[offset : offset + WORD], "big")
    if start + size > len(words):
        raise Malformed(f"what should start at byte {start} of {len(words)} is cut off")
    return words[start:]


def _bytes(words: bytes, offset: int) -> bytes:
    tail = _tail(words, offset, WORD)
    length = int.from_bytes(tail[:WORD], "big")
    if WORD + length > len(tail):
        raise Malformed(f"a text of {length} bytes has {len(tail) - WORD}")
    return tail[WORD : WORD + length]
