"""The contracts on an EVM inside this process (revm): a transaction takes 50 microseconds instead of 5 milliseconds.

The same public face as `tests.factories.contracts.Chain`, so that `tests.factories.communities` and the tests run on
either. Nothing here needs Ape or a node: `Evm(scripts.solc.artifacts())` is a chain. `gas_used` is no figure to quote:
what one transaction has touched stays warm for the next.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, ClassVar

from eth_account import Account
from eth_utils.crypto import keccak
from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env

from scripts.export_abi import BEHIND
from scripts.solc import Artifact
from tests.factories.abi import Log, Signature, checksummed, codec_of, record, signature_of
from tests.factories.contracts import GAS_LIMIT, NATIVE, PANIC, Chain, Event, Receipt, Reverted, unpacked

MNEMONIC = "test test test test test test test test test test test junk"
ACCOUNTS = 10
FUNDS = 10**22  # of each account, in wei: as on anvil
GENESIS = 1_790_000_000  # unix seconds of the first block: a fixed day, so that failures come back
CHAIN_ID = 31_337
PUPPETEER = "0x" + "7e" * 20  # acts through contracts, see `impersonated`
PUSH_ADDRESS = b"\x73"  # in a clone's code, before the address of its implementation
PADDING = 33  # bytes
REVERT = re.compile(r"output: 0x([0-9a-f]*)")
# Does for the puppeteer what its calldata say (`to 32 | value 32 | data`), and for others what `implementation` does.
PUPPET = (
    "3373{puppeteer}14603c57"  # caller == puppeteer: go to 3c
    "365f5f375f5f365f73{implementation}5af4605156"  # delegatecall with all calldata, go to 51
    "5b604036038060405f375f5f825f6020355f355af1"  # 3c: call with what follows the first two words
    "5b3d5f5f3e605c57"  # 51: answer as that call did
    "3d5ffd5b3d5ff3"
)


@cache
def private_keys() -> tuple[bytes, ...]:
    """Of the test accounts, which are anvil's."""
    Account.enable_unaudited_hdwallet_features()
    paths = [f"m/44'/60'/0'/0/{number}" for number in range(ACCOUNTS)]
    return tuple(bytes(Account.from_mnemonic(MNEMONIC, account_path=path).key) for path in paths)


class Method:
    """A method of a contract. Called, it is read; `Evm.send` and `Evm.read` take it."""

    def __init__(self, contract: "Contract", overloads: list[Signature]) -> None:
        self.contract = contract
        self._overloads = overloads

    def signature(self, count: int) -> Signature:
        """The overload that takes so many arguments."""
        if len(self._overloads) == 1:
            return self._overloads[0]
        return next(each for each in self._overloads if len(each.inputs.parameters) == count)

    def encode_input(self, *arguments: Any) -> bytes:
        signature = self.signature(len(arguments))
        return signature.selector + signature.inputs.encode(arguments)

    def __call__(self, *arguments: Any) -> Any:
        return record(self.contract.chain.read(self, *arguments))


class Contract:
    """A contract at an address: its methods are attributes."""

    def __init__(self, chain: "Evm", methods: dict[str, list[Signature]], address: str) -> None:
        self.chain = chain
        self.address = address
        self._methods = methods

    def __getattr__(self, name: str) -> Method:
        if name.startswith("_") or name not in self._methods:
            raise AttributeError(name)
        method = Method(self, self._methods[name])
        setattr(self, name, method)
        return method


class Evm(Chain):
    """A chain whose clock only `advance` and `set_time` move; each transaction is a block of its own."""

    # Mutation testing (scripts/mutation) puts other contracts in the place of those that a test gives, wakes the mutant
    # of a number in them, and lets them be larger than a chain would.
    standing_in: ClassVar[Mapping[str, Artifact] | None] = None
    awake: ClassVar[int] = 0
    most_code: ClassVar[int | None] = None

    def __init__(self, artifacts: Mapping[str, Artifact]) -> None:
        artifacts = self.standing_in or artifacts
        self.evm = EVM(Env(cfg=CfgEnv(chain_id=CHAIN_ID, limit_contract_code_size=self.most_code)), spec_id="CANCUN")
        self.accounts = [checksummed(Account.from_key(key).address) for key in private_keys()]
        self._methods = {name: _methods(artifact) for name, artifact in artifacts.items()}
        for name, others in BEHIND.items():
            for other in others:
                _widen(self._methods[name], self._methods[other])
        items = [item for artifact in artifacts.values() for item in artifact.abi]
        self._errors: dict[bytes, Any] = {
            keccak(text=signature_of(item))[:4]: (item["name"], codec_of(item["inputs"]))
            for item in items
            if item["type"] == "error"
        }
        logs = [Log(item) for item in items if item["type"] == "event"]
        self._events: dict[tuple[bytes, int], Any] = {(log.topic, len(log.indexed)): log for log in logs}
        self.project, self.provider = artifacts, None
        self._contracts: dict[tuple[str, str], Contract] = {}
        self._puppets: set[str] = set()
        # What revm does not undo by itself: a checkpoint just before each, and what undoes it.
        self._written: list[tuple[Any, Callable[[], Any]]] = []
        self._block = 1
        self._time = GENESIS
        self._tell_time()
        for account in self.accounts:
            self.evm.set_balance(account, FUNDS)

    def __repr__(self) -> str:
        return f"Evm(block {self._block}, time {self._time})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """For Hypothesis, which would print every contract."""
        printer.text(repr(self))

    @property
    def now(self) -> int:
        return self._time

    def set_time(self, at: int) -> None:
        self._time = at
        self._mine()

    def advance(self, seconds: int) -> int:
        if seconds:
            self.set_time(self._time + seconds)
        return self._time

    def balance(self, account: str, currency: str = NATIVE) -> int:
        if currency == NATIVE:
            return int(self.evm.get_balance(account))
        return int(self.at("MockToken", currency).balanceOf(account))

    def at(self, name: str, address: str) -> Any:
        key = name, checksummed(address)
        if key not in self._contracts:
            self._contracts[key] = Contract(self, self._methods[name], key[1])
        return self._contracts[key]

    def deploy(self, name: str, *arguments: Any) -> Any:
        artifact = self.project[name]
        constructors = [item["inputs"] for item in artifact.abi if item["type"] == "constructor"]
        inputs: list[dict[str, Any]] = constructors[0] if constructors else []
        code = artifact.code + codec_of(inputs).encode(arguments)
        self._mine()
        address = self._executed(lambda: self.evm.deploy(self.accounts[0], code))
        return self.at(name, str(address))

    def send(self, method: Any, *arguments: Any, sender: str, value: int = 0) -> Receipt:
        return self.send_raw(method.contract.address, method.encode_input(*arguments), sender=sender, value=value)

    def send_raw(self, to: str, data: bytes, *, sender: str, value: int = 0) -> Receipt:
        """A transaction with any calldata. Raises Reverted."""
        self._mine()
        if sender in self._puppets:
            data = bytes(12) + bytes.fromhex(to[2:]) + value.to_bytes(32, "big") + data
            sender, to, value = PUPPETEER, sender, 0
        self._executed(lambda: self.evm.message_call(sender, to, data, value, GAS_LIMIT))
        result = self.evm.result
        assert result is not None
        return Receipt(result.gas_used, [self._read_log(log.address, *log.data) for log in result.logs])

    def read(self, method: Any, *arguments: Any) -> Any:
        signature = method.signature(len(arguments))
        data = signature.selector + signature.inputs.encode(arguments)
        values = signature.outputs.decode(self._asked(self.accounts[0], method.contract.address, data))
        return values if len(values) != 1 else next(iter(values.values()))

    @contextmanager
    def impersonated(self, account: str) -> Iterator[None]:
        code = self.code_of(account)
        if not code:
            yield
            return
        self._puppets.add(account)
        self._set_code(account, self._puppet(code))
        try:
            yield
        finally:
            self._set_code(account, code)
            self._puppets.remove(account)

    @contextmanager
    def undone(self) -> Iterator[None]:
        before = self.snapshot()
        try:
            yield
        finally:
            self.revert(before)

    def snapshot(self) -> tuple[Any, int, int, int]:
        """To be reverted to once; the inner one of two first."""
        return self.evm.snapshot(), self._block, self._time, len(self._written)

    def revert(self, snapshot: tuple[Any, int, int, int]) -> None:
        checkpoint, self._block, self._time, count = snapshot
        while len(self._written) > count:
            inner, undo = self._written.pop()
            self.evm.revert(inner)
            undo()
        self.evm.revert(checkpoint)
        self._tell_time()

    def decode_error(self, data: bytes) -> Reverted:
        if data[:4] == PANIC:
            return Reverted("Panic", {"code": int.from_bytes(data[4:], "big")})
        error = self._errors.get(data[:4])
        return Reverted(error[0], error[1].decode(data[4:])) if error else Reverted("unknown", {"data": data})

    def rpc(self, method: str, *params: Any) -> Any:
        """The few methods of a node that tests ask for by name."""
        if method == "eth_getStorageAt":
            return f"0x{self.evm.storage(params[0], int(params[1], 16)):064x}"
        if method == "eth_getCode":
            return "0x" + (self.evm.get_code(params[0]) or b"").hex()
        if method == "anvil_setStorageAt":
            return self._set_storage(params[0], int(params[1], 16), int(params[2], 16))
        if method == "anvil_setCode":
            return self._set_code(params[0], bytes.fromhex(params[1][2:]))
        if method == "anvil_setBalance":
            return self._set_balance(params[0], int(params[1], 16))
        if method == "evm_snapshot":
            return self.snapshot()
        if method == "evm_revert":
            return self.revert(params[0])
        if method == "eth_blockNumber":
            return hex(self._block)
        if method in ("eth_call", "eth_sendTransactionSync"):
            return self._take(params[0], stays=method != "eth_call")
        raise NotImplementedError(method)

    def _take(self, message: dict[str, str], *, stays: bool) -> Any:
        """A call or a transaction as JSON-RPC writes it."""
        data, value = bytes.fromhex(message.get("data", "0x")[2:]), int(message.get("value", "0x0"), 16)
        if not stays:
            return "0x" + self._asked(message["from"], message["to"], data, value).hex()
        try:
            self.send_raw(message["to"], data, sender=message["from"], value=value)
        except Reverted:
            return {"status": "0x0"}
        return {"status": "0x1"}

    def code_of(self, account: str) -> bytes:
        """Without the zeros that revm puts after code that has run."""
        code = bytes(self.evm.get_code(account) or b"")
        unpadded = code[:-PADDING]
        return unpadded if keccak(unpadded) == self.evm.basic(account).code_hash else code

    def _mine(self) -> None:
        self._block += 1
        self._tell_time()
        self.evm.reset_transient_storage()

    def _tell_time(self) -> None:
        random = self.awake.to_bytes(32, "big")
        env = BlockEnv(number=self._block, timestamp=self._time, gas_limit=GAS_LIMIT, prevrandao=random)
        self.evm.set_block_env(env)

    def _asked(self, sender: str, to: str, data: bytes, value: int = 0) -> bytes:
        """What a call gives of which nothing stays."""
        checkpoint = self.evm.snapshot()
        try:
            return bytes(self._executed(lambda: self.evm.message_call(sender, to, data, value, GAS_LIMIT)))
        finally:
            self.evm.revert(checkpoint)

    def _executed(self, execute: Callable[[], Any]) -> Any:
        """What the call gives. Raises Reverted."""
        try:
            return execute()
        except RuntimeError as error:
            said = str(error)
            if not said.startswith(("Revert", "Halt")):  # no transaction that a node would take
                raise
            output = REVERT.search(said)
            raise self.decode_error(bytes.fromhex(output[1]) if output else b"") from None

    def _read_log(self, address: str, topics: list[bytes], payload: bytes) -> Event:
        log = self._events[topics[0], len(topics) - 1]
        return Event(checksummed(address), log.name, unpacked(log.decode(topics, payload)))

    def _set_storage(self, account: str, slot: int, value: int) -> None:
        before = self.evm.storage(account, slot)
        self._written.append((self.evm.snapshot(), lambda: self.evm.insert_account_storage(account, slot, before)))
        self.evm.insert_account_storage(account, slot, value)

    def _set_balance(self, account: str, amount: int) -> None:
        before = self.evm.get_balance(account)
        self._written.append((self.evm.snapshot(), lambda: self.evm.set_balance(account, before)))
        self.evm.set_balance(account, amount)

    def _set_code(self, account: str, code: bytes) -> None:
        before = self.code_of(account)
        self._written.append((self.evm.snapshot(), lambda: self._write_code(account, before)))
        self._write_code(account, code)

    def _write_code(self, account: str, code: bytes) -> None:
        before = self.evm.basic(account)
        # Its stub forgets the balance.
        after = AccountInfo(balance=before.balance, nonce=before.nonce, code=code)  # type: ignore[call-arg]
        self.evm.insert_account_info(account, after)

    def _puppet(self, code: bytes) -> bytes:
        """Code that obeys the puppeteer. A clone stays one, with its arguments where they were."""
        clone = len(code) < 1000 and PUSH_ADDRESS in code[:12]
        at = code.index(PUSH_ADDRESS) + 1 if clone else 0
        implementation = code[at : at + 20] if clone else keccak(b"implementation" + code)[12:]
        if not clone:
            self._set_code("0x" + implementation.hex(), code)
        puppet = bytes.fromhex(PUPPET.format(puppeteer=PUPPETEER[2:], implementation=implementation.hex()))
        if not clone:
            return puppet
        address = keccak(b"puppet" + implementation)[12:]
        self._set_code("0x" + address.hex(), puppet)
        return code[:at] + address + code[at + 20 :]


def _methods(artifact: Artifact) -> dict[str, list[Signature]]:
    found: dict[str, list[Signature]] = {}
    for item in artifact.abi:
        if item["type"] == "function":
            found.setdefault(str(item["name"]), []).append(Signature(item))
    return found


def _widen(face: dict[str, list[Signature]], behind: dict[str, list[Signature]]) -> None:
    """A contract that hands calls on has the methods of those that take them too."""
    for name, overloads in behind.items():
        known = {each.selector for each in face.get(name, ())}
        face.setdefault(name, []).extend(each for each in overloads if each.selector not in known)
