"""The only RPC calls of the backend: contract wallets' signatures, prepared transactions, the anchor.

What a contract answers is a stranger's bytes. Calls therefore go through web3's HTTP provider alone: its `eth` layer
would decode hostile revert data and, by EIP-3668, fetch addresses that a contract names.
"""

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import requests
from eth_account.signers.local import LocalAccount
from web3 import HTTPProvider
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint

from backend.problems import Problem

CONNECT_SECONDS = 3.05
READ_SECONDS = 10
CALL_GAS = 8_000_000
"""Bounds what a stranger's contract may burn and return; a wallet's deployment and passkey check need a tenth."""
FEE_HEADROOM = 2
"""Base fees that a transaction may pay: it stays valid through six full blocks (EIP-1559: at most +12.5 % each)."""
LEAST_TIP = 1
_VM_WORDS = (
    "revert",
    "out of gas",
    "outofgas",
    "opcode",
    "stack ",
    "invalid jump",
    "vm execution error",
    "evm error",
    "return data out of bounds",  # these by geth: a contract must not be able to pass for a node that refuses
    "gas uint64 overflow",
    "write protection",
    "badinstruction",  # and these by Nethermind
    "accessviolation",
)


class ChainUnavailable(Problem):
    """The node is away, silent, of another chain, or answers what cannot be understood."""

    slug, title, status = "chain-unavailable", "The chain cannot be asked right now", 503


class WrongChain(ChainUnavailable):
    slug = "wrong-chain"


class NodeRefused(ChainUnavailable):
    """The node answers, but not this. `words` are its own: for the log, since they may name the operator's account."""

    slug = "node-refused"

    def __init__(self, words: str) -> None:
        super().__init__("The chain's node refuses to answer this.")
        self.words = words
        self.add_note(words)


class CallFailed(Exception):
    """The node executed the call and the contract failed: it reverted or ran out of gas. `data` is what it said."""

    def __init__(self, message: str, data: bytes = b"") -> None:
        super().__init__(message)
        self.data = data


class TransactionRefused(Exception):
    """The node did not take the transaction (funds, fee or nonce); nothing was sent."""


class GasTooDear(Exception):
    """A unit of gas costs more wei now, or the call burns more units, than is to be paid; nothing was sent."""


@dataclass(frozen=True)
class Block:
    number: int
    hash: str
    timestamp: int


@dataclass(frozen=True)
class Receipt:
    """What became of a transaction in the node's chain as it is now. `contract`: the one that it created."""

    tx_hash: str
    block_number: int
    block_hash: str
    succeeded: bool
    gas_used: int
    contract: str | None


@dataclass(frozen=True)
class Signed:
    """A transaction that can be sent as often as one likes: the chain executes it once. `max_fee`: wei of a unit."""

    raw: bytes
    tx_hash: str
    nonce: int
    max_fee: int


class Chain:
    """A node at `rpc` that must serve the chain `chain_id` (EIP-155), and is given up after `patience` seconds of
    silence. Nothing is sent before the first call.
    """

    def __init__(self, rpc: str, chain_id: int, *, patience: float = READ_SECONDS) -> None:
        self.rpc = rpc
        self.chain_id = chain_id
        self._patience = patience
        self._local = threading.local()
        self._sessions: weakref.WeakSet[requests.Session] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._sending = threading.Lock()

    def close(self) -> None:
        with self._lock:
            for session in self._sessions:
                session.close()

    def check(self) -> None:
        """The node serves this chain; else `WrongChain` or `ChainUnavailable`."""
        served = _number(self._ask("eth_chainId"))
        if served != self.chain_id:
            raise WrongChain(f"The node serves chain {served}, but chain {self.chain_id} is set.")

    def head(self) -> Block:
        """The newest block that the node knows."""
        answer = self._ask("eth_getBlockByNumber", "latest", False)
        try:
            return Block(_number(answer["number"]), _text(answer["hash"]), _number(answer["timestamp"]))
        except (KeyError, TypeError) as error:
            raise _garbled() from error

    def block_hash(self, number: int) -> str | None:
        """The hash of the block with this number in the node's chain; None if it has none."""
        answer = self._ask("eth_getBlockByNumber", hex(number), False)
        return _text(answer["hash"]) if isinstance(answer, dict) and "hash" in answer else None

    def block_number(self) -> int:
        return _number(self._ask("eth_blockNumber"))

    def code(self, address: str) -> bytes:
        """The contract's code; empty for an account without one."""
        return _bytes(self._ask("eth_getCode", address, "latest"))

    def balance(self, address: str) -> int:
        """Native coin in wei."""
        return _number(self._ask("eth_getBalance", address, "latest"))

    def call(
        self, to: str | None, data: bytes, block: int | None = None, *, sender: str | None = None, value: int = 0
    ) -> bytes:
        """What the call returns at `block` (the newest when None). `to` None runs `data` as creation code.

        With a `sender` it is a rehearsal of that account's transaction. `CallFailed` when the contract fails.
        At most `CALL_GAS` is spent.
        """
        transaction = {"data": "0x" + data.hex(), "gas": hex(CALL_GAS)} | ({"to": to} if to else {})
        if sender is not None:
            transaction |= {"from": sender, "value": hex(value)}
        return _bytes(self._ask("eth_call", transaction, "latest" if block is None else hex(block)))

    def gas(self, to: str, data: bytes, *, sender: str, value: int = 0) -> int:
        """What the transaction would burn now. `CallFailed` when the contract fails."""
        call = {"from": sender, "to": to, "data": "0x" + data.hex(), "value": hex(value)}
        return _number(self._ask("eth_estimateGas", call))

    def gas_price(self) -> int:
        """Wei that a unit of gas costs in the next block, tip included."""
        return self._base_fee() + self._tip()

    def send(self, sender: LocalAccount, *, to: str, data: bytes = b"", value: int = 0) -> str:
        """The hash of a transaction that the node took into its pool.

        `CallFailed` when it would revert, `TransactionRefused` when the node does not take it. One process sends one
        after another; a second process with the same key may lose the race for a nonce and is refused.
        """
        with self._sending:
            try:
                signed = self.sign(sender, to=to, data=data, value=value)
            except NodeRefused as error:
                raise TransactionRefused(error.words) from error
            self.broadcast(signed.raw)
        return signed.tx_hash

    def broadcast(self, raw: bytes) -> None:
        """The node has this transaction in its pool, perhaps for long. Raises TransactionRefused."""
        try:
            self._ask("eth_sendRawTransaction", "0x" + raw.hex())
        except NodeRefused as error:
            if "already known" not in error.words.lower():
                raise TransactionRefused(error.words) from error

    def nonce(self, address: str, *, pending: bool = True) -> int:
        """The number of the account's next transaction, after those in the pool or only those in blocks."""
        return _number(self._ask("eth_getTransactionCount", address, "pending" if pending else "latest"))

    def receipt(self, tx_hash: str) -> Receipt | None:
        """What became of the transaction; None while no block holds it."""
        answer = self._ask("eth_getTransactionReceipt", tx_hash)
        if answer is None:
            return None
        try:
            return Receipt(
                tx_hash=tx_hash,
                block_number=_number(answer["blockNumber"]),
                block_hash=_text(answer["blockHash"]),
                succeeded=_number(answer["status"]) == 1,
                gas_used=_number(answer["gasUsed"]),
                contract=_text(answer["contractAddress"]) if answer.get("contractAddress") else None,
            )
        except (KeyError, TypeError) as error:
            raise _garbled() from error

    def sign(
        self,
        sender: LocalAccount,
        *,
        to: str,
        data: bytes = b"",
        value: int = 0,
        nonce: int | None = None,
        most_fee: int = 0,
        least_fee: int = 0,
        most_gas: int = 0,
    ) -> Signed:
        """The transaction with the gas that it needs and a fifth more, at today's fees, but at least `least_fee`.

        `nonce` None: the sender's next one; `most_fee` 0: whatever a unit costs; `most_gas` 0: however many units it
        needs. Raises CallFailed when it would revert, GasTooDear, and NodeRefused when the sender cannot pay.
        """
        gas = self.gas(to, data, sender=sender.address, value=value)
        if most_gas and gas > most_gas:
            raise GasTooDear(f"The call burns {gas} units of gas; at most {most_gas} are to be paid.")
        base, tip = self._base_fee(), max(self._tip(), least_fee * 9 // 10)  # a replacement must raise both
        if most_fee and base + tip > most_fee:
            raise GasTooDear(f"A unit of gas costs {base + tip} wei; at most {most_fee} are to be paid.")
        max_fee = max(FEE_HEADROOM * base + tip, least_fee)
        max_fee = min(max_fee, most_fee) if most_fee else max_fee
        number = self.nonce(sender.address) if nonce is None else nonce
        fields: dict[str, Any] = {
            "type": 2,
            "chainId": self.chain_id,
            "nonce": number,
            "to": bytes.fromhex(to[2:]),
            "data": data,
            "value": value,
            "gas": min(gas + gas // 5, most_gas or 2 * gas),
            "maxPriorityFeePerGas": tip,
            "maxFeePerGas": max_fee,
        }
        signed = sender.sign_transaction(fields)
        return Signed(bytes(signed.raw_transaction), "0x" + bytes(signed.hash).hex(), number, max_fee)

    def _tip(self) -> int:
        return max(_number(self._ask("eth_maxPriorityFeePerGas")), LEAST_TIP)

    def _base_fee(self) -> int:
        try:
            return _number(self._ask("eth_getBlockByNumber", "latest", False)["baseFeePerGas"])
        except (KeyError, TypeError) as error:
            raise _garbled() from error

    def _ask(self, method: str, *params: Any) -> Any:
        """The result of the method; its error as `CallFailed` or `ChainUnavailable`."""
        answer = self._answer(method, params)
        error = answer.get("error")
        if error is None:
            return answer.get("result")
        message = str(error.get("message", ""))
        if error.get("code") == 3 or any(word in message.lower() for word in _VM_WORDS):
            raise CallFailed(message, _revert_data(error.get("data")))
        raise NodeRefused(message)

    def _answer(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        try:
            answer: Any = self._provider().make_request(RPCEndpoint(method), list(params))
        except (requests.RequestException, Web3Exception, OSError, ValueError) as error:
            raise ChainUnavailable("The chain's node does not answer.") from error
        if not isinstance(answer, dict) or not isinstance(answer.get("error", {}), dict | None):
            raise _garbled()
        return answer

    def _provider(self) -> HTTPProvider:
        """This thread's provider, with a kept connection and without retries: a caller is waiting."""
        provider: HTTPProvider | None = getattr(self._local, "provider", None)
        if provider is None:
            session = requests.Session()
            with self._lock:
                self._sessions.add(session)
            provider = HTTPProvider(
                self.rpc,
                request_kwargs={"timeout": (CONNECT_SECONDS, self._patience)},
                session=session,
                exception_retry_configuration=None,
            )
            self._local.provider = provider
        return provider


def _garbled() -> ChainUnavailable:
    return ChainUnavailable("The chain's node answers what cannot be understood.")


def _text(answer: Any) -> str:
    if not isinstance(answer, str) or not answer.startswith("0x"):
        raise _garbled()
    return answer.lower()


def _number(answer: Any) -> int:
    try:
        return int(_text(answer), 16)
    except ValueError as error:
        raise _garbled() from error


def _bytes(answer: Any) -> bytes:
    try:
        return bytes.fromhex(_text(answer)[2:])
    except ValueError as error:
        raise _garbled() from error


def _revert_data(answer: Any) -> bytes:
    """Nodes give revert data as hex, inside an object, or not at all: it is only ever shown."""
    if isinstance(answer, dict):
        answer = answer.get("data")
    try:
        return bytes.fromhex(answer[2:]) if isinstance(answer, str) and answer.startswith("0x") else b""
    except ValueError:
        return b""
