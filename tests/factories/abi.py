"""Calls and logs as bytes, and back, by the ABI of a contract: prepared once, so that a call costs microseconds.

Values of fixed size, which most calls consist of, are words that Python itself packs; the rest goes through eth_abi.
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from eth_abi.decoding import ContextFramesBytesIO
from eth_abi.registry import registry
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

WORD = 32
ABI = list[dict[str, Any]]
checksummed = lru_cache(maxsize=4096)(to_checksum_address)


def type_of(parameter: dict[str, Any]) -> str:
    """Canonical: a struct is written as its fields."""
    kind = str(parameter["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(type_of(each) for each in parameter['components'])}){kind[5:]}"


def signature_of(item: dict[str, Any]) -> str:
    return f"{item['name']}({','.join(type_of(each) for each in item['inputs'])})"


@dataclass(frozen=True)
class Codec:
    """Packs a list of parameters, and unpacks them to a dict; structs may be dicts or tuples, and come out as dicts."""

    parameters: tuple[dict[str, Any], ...] = field(repr=False)
    encode: Callable[[Sequence[Any]], bytes]
    decode: Callable[[bytes], dict[str, Any]]


def codec_of(parameters: Sequence[dict[str, Any]]) -> Codec:
    names = [each["name"] or str(number) for number, each in enumerate(parameters)]
    whole = f"({','.join(type_of(each) for each in parameters)})"
    leaves = [leaf for each in parameters for leaf in _leaves(each)]
    if any(leaf is None for leaf in leaves):
        encoder, decoder = registry.get_encoder(whole), registry.get_decoder(whole)

        def encode(values: Sequence[Any]) -> bytes:
            return bytes(encoder([_plain(each, value) for each, value in zip(parameters, values, strict=True)]))

        def decode(payload: bytes) -> dict[str, Any]:
            values = decoder(ContextFramesBytesIO(payload))  # type: ignore[no-untyped-call]
            return {name: _named(each, value) for name, each, value in zip(names, parameters, values, strict=True)}

        return Codec(tuple(parameters), encode, decode)
    flat = all(each["type"] != "tuple" for each in parameters)
    packers = [_packer(str(leaf)) for leaf in leaves]
    unpackers = [_unpacker(str(leaf)) for leaf in leaves]

    def pack(values: Sequence[Any]) -> bytes:
        if len(values) != len(parameters):
            raise TypeError(f"{len(values)} values for {whole}")
        words = (
            values
            if flat
            else [word for each, value in zip(parameters, values, strict=True) for word in _flat(each, value)]
        )
        return b"".join([pack_word(value) for pack_word, value in zip(packers, words, strict=True)])

    def unpack(payload: bytes) -> dict[str, Any]:
        words = [unpack_word(payload[at * WORD : at * WORD + WORD]) for at, unpack_word in enumerate(unpackers)]
        if flat:
            return dict(zip(names, words, strict=True))
        rest = iter(words)
        return {name: _nested(each, rest) for name, each in zip(names, parameters, strict=True)}

    return Codec(tuple(parameters), pack, unpack)


def _leaves(parameter: dict[str, Any]) -> list[str | None]:
    """Types of the words that a value takes; None among them when its size varies."""
    kind = str(parameter["type"])
    if kind == "tuple":
        return [leaf for each in parameter["components"] for leaf in _leaves(each)]
    return [None if "[" in kind or kind in ("bytes", "string") else kind]


def _flat(parameter: dict[str, Any], value: Any) -> list[Any]:
    if parameter["type"] != "tuple":
        return [value]
    values = _fields(parameter, value)
    return [word for each, item in zip(parameter["components"], values, strict=True) for word in _flat(each, item)]


def _fields(parameter: dict[str, Any], value: Any) -> Any:
    return [value[each["name"]] for each in parameter["components"]] if isinstance(value, dict) else value


def _nested(parameter: dict[str, Any], words: Any) -> Any:
    if parameter["type"] != "tuple":
        return next(words)
    return {each["name"]: _nested(each, words) for each in parameter["components"]}


def _plain(parameter: dict[str, Any], value: Any) -> Any:
    """As eth_abi takes it: structs are tuples, contracts their addresses."""
    kind = str(parameter["type"])
    if kind.endswith("]"):
        element = parameter | {"type": kind[: kind.rindex("[")]}
        return [_plain(element, each) for each in value]
    if kind == "tuple":
        values = _fields(parameter, value)
        return tuple(_plain(each, item) for each, item in zip(parameter["components"], values, strict=True))
    return getattr(value, "address", value) if kind == "address" else value


def _named(parameter: dict[str, Any], value: Any) -> Any:
    kind = str(parameter["type"])
    if kind.endswith("]"):
        element = parameter | {"type": kind[: kind.rindex("[")]}
        return [_named(element, each) for each in value]
    if kind == "tuple":
        return {each["name"]: _named(each, item) for each, item in zip(parameter["components"], value, strict=True)}
    return checksummed(value) if kind == "address" else value


@cache
def _packer(kind: str) -> Callable[[Any], bytes]:
    if kind == "address":
        return _pack_address
    if kind == "bool":
        return lambda value: bytes(31) + (b"\1" if value else b"\0")
    if kind.startswith("bytes"):
        size = int(kind[5:])
        return lambda value: _sized(value, size).ljust(WORD, b"\0")
    bits = int(kind.lstrip("uint"))
    least, most = (0, (1 << bits) - 1) if kind.startswith("uint") else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)

    def pack_number(value: int) -> bytes:
        if not least <= value <= most:
            raise ValueError(f"{value} is no {kind}")
        return int(value).to_bytes(WORD, "big", signed=least < 0)

    return pack_number


def _sized(value: bytes | str, size: int) -> bytes:
    """Hexadecimal text is taken too, as Ape does."""
    if isinstance(value, str):
        value = bytes.fromhex(value.removeprefix("0x"))
    if len(value) > size:
        raise ValueError(f"{value!r} is longer than {size} bytes")
    return bytes(value)


@lru_cache(maxsize=4096)
def _address_word(value: str) -> bytes:
    return bytes(12) + _exactly(bytes.fromhex(value.removeprefix("0x")))


def _exactly(address: bytes) -> bytes:
    if len(address) != 20:
        raise ValueError(f"{address!r} is no address")
    return address


def _pack_address(value: Any) -> bytes:
    return _address_word(value if isinstance(value, str) else value.address)


@cache
def _unpacker(kind: str) -> Callable[[bytes], Any]:
    if kind == "address":
        return lambda word: checksummed("0x" + word[12:].hex())
    if kind == "bool":
        return lambda word: word[31] == 1
    if kind.startswith("bytes"):
        size = int(kind[5:])
        return lambda word: word[:size]
    if kind.startswith("uint"):
        return lambda word: int.from_bytes(word, "big")
    return lambda word: int.from_bytes(word, "big", signed=True)


def record(value: Any) -> Any:
    """Several values and structs as Ape's calls give them: tuples whose fields have names."""
    if isinstance(value, dict):
        return _record_type(tuple(value))(*[record(each) for each in value.values()])
    return value


@cache
def _record_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Record", names, rename=True)  # noqa: PYI024 - the names are known at run time only


class Signature:
    """One method: how its calls are written and its answers read."""

    def __init__(self, item: dict[str, Any]) -> None:
        self.name = str(item["name"])
        self.text = signature_of(item)
        self.selector = keccak(text=self.text)[:4]
        self.inputs = codec_of(item["inputs"])
        self.outputs = codec_of(item["outputs"])


class Log:
    """One event: how its logs are read."""

    def __init__(self, item: dict[str, Any]) -> None:
        self.name = str(item["name"])
        self.topic = keccak(text=signature_of(item))
        self.indexed = [(each["name"], _unpacker(each["type"])) for each in item["inputs"] if each["indexed"]]
        self.rest = codec_of([each for each in item["inputs"] if not each["indexed"]])

    def decode(self, topics: list[bytes], payload: bytes) -> dict[str, Any]:
        fields = {name: unpack(topic) for (name, unpack), topic in zip(self.indexed, topics[1:], strict=True)}
        return fields | self.rest.decode(payload)
