"""The contracts on a real local chain, as tests see them: time stands still, events and reverts are plain values.

Ape compiles, starts anvil and isolates each test by snapshots. Transactions go to anvil directly: Ape's own take 80 ms
each, these 5. No gas is charged, so that balances change by what the contracts move and nothing else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from ape.contracts import ContractInstance
from eth_abi.abi import decode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

NATIVE = "0x" + "00" * 20
OVERDUE = "Transaction confirmation timeout"
GAS_LIMIT = 6_000_000
PANIC = keccak(text="Panic(uint256)")[:4]  # of the compiler's own checks


class Reverted(Exception):
    """A call reverted: with which custom error, and its arguments."""

    def __init__(self, name: str, arguments: dict[str, Any]) -> None:
        super().__init__(f"{name}({', '.join(f'{key}={value}' for key, value in arguments.items())})")
        self.name = name
        self.arguments = arguments


@dataclass(frozen=True)
class Event:
    """One log: the contract's address, the event's name, its fields; a struct is a dict."""

    address: str
    name: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class Receipt:
    gas_used: int
    events: list[Event]

    def only(self, name: str) -> dict[str, Any]:
        """The fields of the one event of this name."""
        found = [event.fields for event in self.events if event.name == name]
        assert len(found) == 1, f"{len(found)} {name} among {self.names()}"
        return found[0]

    def names(self) -> list[str]:
        return [event.name for event in self.events]


@dataclass
class Chain:
    """A local chain whose clock only `advance` and `set_time` move."""

    project: Any
    provider: Any
    accounts: list[str]
    _errors: dict[bytes, Any] = field(default_factory=dict)
    _events: dict[tuple[bytes, int], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rpc("anvil_setBlockTimestampInterval", 0)
        for name in self.project.contracts:
            contract = self.project.contracts[name]
            self._errors |= {keccak(text=error.selector)[:4]: error for error in contract.errors}
            self._events |= {_key(event): event for event in contract.events}

    @property
    def ecosystem(self) -> Any:
        return self.provider.network.ecosystem

    def rpc(self, method: str, *params: Any) -> Any:
        """The call's result. Raises Reverted with what a contract says."""
        answer = self.provider.web3.provider.make_request(method, list(params))
        if "error" not in answer:
            return answer["result"]
        data = answer["error"].get("data")
        if answer["error"].get("message") == OVERDUE:
            return self._overdue(*params)
        if not isinstance(data, str):
            raise RuntimeError(str(answer["error"]))
        raise self.decode_error(bytes.fromhex(data[2:]))

    @property
    def now(self) -> int:
        """The newest block's time, which the next block will have too."""
        return int(self.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def set_time(self, at: int) -> None:
        self.rpc("evm_setNextBlockTimestamp", hex(at))
        self.rpc("anvil_mine", "0x1")

    def advance(self, seconds: int) -> int:
        """The new time."""
        at = self.now + seconds
        if seconds:
            self.set_time(at)
        return at

    def balance(self, account: str, currency: str = NATIVE) -> int:
        if currency == NATIVE:
            return int(self.rpc("eth_getBalance", account, "latest"), 16)
        return int(self.at("MockToken", currency).balanceOf(account))

    def at(self, name: str, address: str) -> Any:
        """Not by the container's `at`: Ape remembers what stood at an address before a test was undone."""
        return ContractInstance(to_checksum_address(address), getattr(self.project, name).contract_type)

    def deploy(self, name: str, *arguments: Any) -> Any:
        """A new contract of this name, made by the first account."""
        container = getattr(self.project, name)
        code = bytes(container.contract_type.get_deployment_bytecode())
        data = code + bytes(self.ecosystem.encode_deployment(b"", container.constructor.abi, *arguments).data)
        receipt = self._send({"from": self.accounts[0], "data": "0x" + data.hex()})
        return self.at(name, receipt["contractAddress"])

    def send(self, method: Any, *arguments: Any, sender: str, value: int = 0) -> Receipt:
        """Calls a contract's method in a block of its own. Raises Reverted."""
        receipt = self._send(self._transaction(method, arguments, sender, value))
        return Receipt(int(receipt["gasUsed"], 16), [self._event(log) for log in receipt["logs"]])

    def read(self, method: Any, *arguments: Any) -> Any:
        """What a view answers: one value, or a dict of several; structs are dicts. Four times as fast as Ape's call."""
        result = self.rpc("eth_call", self._transaction(method, arguments, self.accounts[0], 0), "latest")
        outputs = method.abis[0].outputs
        values = _decode(outputs, bytes.fromhex(result[2:]))
        return values if len(outputs) > 1 else next(iter(values.values()))

    @contextmanager
    def reverts(self, error: str, **arguments: Any) -> Iterator[None]:
        """The block inside ends with this custom error and exactly these arguments."""
        with pytest.raises(Reverted) as caught:
            yield
        assert (caught.value.name, caught.value.arguments) == (error, arguments)

    @contextmanager
    def impersonated(self, account: str) -> Iterator[None]:
        """`account` can send transactions, though it is a contract."""
        self.rpc("anvil_impersonateAccount", account)
        yield
        self.rpc("anvil_stopImpersonatingAccount", account)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens inside has not happened afterwards."""
        snapshot = self.rpc("evm_snapshot")
        try:
            yield
        finally:
            self.rpc("evm_revert", snapshot)

    def decode_error(self, data: bytes) -> Reverted:
        if data[:4] == PANIC:
            return Reverted("Panic", {"code": int.from_bytes(data[4:], "big")})
        error = self._errors.get(data[:4])
        return Reverted(error.name, _decode(error.inputs, data[4:])) if error else Reverted("unknown", {"data": data})

    def _transaction(self, method: Any, arguments: tuple[Any, ...], sender: str, value: int) -> dict[str, str]:
        data = bytes(method.encode_input(*arguments)).hex()
        return {"from": sender, "to": method.contract.address, "value": hex(value), "data": "0x" + data}

    def _send(self, transaction: dict[str, str]) -> dict[str, Any]:
        options = {"gasPrice": "0x0", "gas": hex(GAS_LIMIT)}
        receipt: dict[str, Any] = self.rpc("eth_sendTransactionSync", transaction | options)
        if receipt["status"] != "0x1":
            self.rpc("eth_call", transaction | options, "latest")
            raise RuntimeError(f"{receipt['transactionHash']} failed, but a call does not")
        return receipt

    def _overdue(self, transaction: dict[str, str]) -> dict[str, Any]:
        """The receipt that anvil did not tell of within its 30 s: seldom it misses a block, or the time to make one."""
        if int(self.rpc("txpool_status")["pending"], 16):
            self.rpc("evm_mine")
        newest = self.rpc("eth_getBlockByNumber", "latest", True)["transactions"][-1]
        assert (newest["from"], newest["input"]) == (transaction["from"].lower(), transaction.get("data", "0x"))
        receipt: dict[str, Any] = self.rpc("eth_getTransactionReceipt", newest["hash"])
        return receipt

    def _event(self, log: dict[str, Any]) -> Event:
        topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
        event = self._events[topics[0], len(topics) - 1]
        fields = {
            parameter.name: _decode([parameter], topic)[parameter.name]
            for parameter, topic in zip((each for each in event.inputs if each.indexed), topics[1:], strict=True)
        }
        fields |= _decode([each for each in event.inputs if not each.indexed], bytes.fromhex(log["data"][2:]))
        return Event(to_checksum_address(log["address"]), event.name, unpacked(fields))


# Field and width, low bits first, as contracts/membership/IMembershipBase.sol says.
TERMS = (("badge", 40), ("tierId", 16), ("expiresAt", 40))
MONEY = (
    ("flags", 4),
    ("transferCount", 16),
    ("countAt", 24),
    ("rate", 12),
    ("earnedAt", 36),
    ("settledAt", 36),
    ("unearned", 96),
)
LEDGER = (
    ("unused", 2),
    ("minted", 1),
    ("used", 1),
    ("version", 14),
    ("level", 2),
    ("counted", 20),
    ("volume", 104),
    ("income", 112),
)
NO_LEDGER = {name: 0 for name, _ in LEDGER if name != "unused"}


def unpacked(fields: dict[str, Any]) -> dict[str, Any]:
    """An event's fields with `state` in place of its packed words, and the ledger in parts."""
    packed = {"terms": TERMS, "money": MONEY}  # a sale has terms too, as a struct
    words = {word: layout for word, layout in packed.items() if isinstance(fields.get(word), int)}
    state = {name: part for word, layout in words.items() for name, part in parts(fields[word], layout)}
    rest = {name: value for name, value in fields.items() if name not in words}
    if "ledger" in rest:
        rest["ledger"] = {name: part for name, part in parts(rest["ledger"], LEDGER) if name != "unused"}
    return rest | ({"state": state} if state else {})


def parts(word: int, layout: tuple[tuple[str, int], ...]) -> Iterator[tuple[str, int]]:
    for name, width in layout:
        yield name, word & ((1 << width) - 1)
        word >>= width


def _key(event: Any) -> tuple[bytes, int]:
    """ERC-20 and ERC-721 differ in their `Transfer` only by how many fields are indexed."""
    return keccak(text=event.selector), sum(bool(parameter.indexed) for parameter in event.inputs)


def _decode(parameters: Any, data: bytes) -> dict[str, Any]:
    values = decode([parameter.canonical_type for parameter in parameters], data)
    pairs = zip(parameters, values, strict=True)
    return {each.name or str(number): _named(each, value) for number, (each, value) in enumerate(pairs)}


def _named(parameter: Any, value: Any) -> Any:
    kind = str(parameter.type)
    if kind.endswith("]"):
        element = parameter.model_copy(update={"type": kind[: kind.rindex("[")]})
        return [_named(element, item) for item in value]
    if kind == "tuple":
        return {each.name: _named(each, item) for each, item in zip(parameter.components, value, strict=True)}
    return to_checksum_address(value) if kind == "address" else value
