"""A chain's node over JSON-RPC, for accounts whose key is here, and what only a development node can do."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

PATIENCE_SECONDS = 30
POLL_SECONDS = 0.05
GAS_HEADROOM = 1.3
"""Over the node's estimate: the state may be another when the transaction is executed."""


class RpcFailed(Exception):
    """The node refused a call; `data` is what a contract said, empty for anything else."""

    def __init__(self, message: str, data: bytes = b"") -> None:
        super().__init__(message)
        self.data = data


class Reverted(Exception):
    """A transaction was mined and did nothing; `receipt` says where."""

    def __init__(self, receipt: "Receipt") -> None:
        super().__init__(f"{receipt.tx_hash} was reverted in block {receipt.block}")
        self.receipt = receipt


@dataclass(frozen=True)
class Receipt:
    """A mined transaction. `logs` as the node gives them."""

    tx_hash: str
    block: int
    gas_used: int
    logs: Sequence[Mapping[str, Any]]


class Node:
    """The node at `url`; nothing is sent before the first call."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._chain_id: int | None = None

    def close(self) -> None:
        self._session.close()

    @property
    def chain_id(self) -> int:
        """EIP-155 id, asked once."""
        if self._chain_id is None:
            self._chain_id = int(self.rpc("eth_chainId"), 16)
        return self._chain_id

    @property
    def head(self) -> int:
        """The newest block's number."""
        return int(self.rpc("eth_blockNumber"), 16)

    @property
    def time(self) -> int:
        """The newest block's time in unix seconds."""
        return int(self.block("latest")["timestamp"], 16)

    def block(self, number: int | str) -> dict[str, Any]:
        tag = hex(number) if isinstance(number, int) else number
        found: dict[str, Any] = self.rpc("eth_getBlockByNumber", tag, False)
        return found

    def balance(self, address: str) -> int:
        """Native coin in wei."""
        return int(self.rpc("eth_getBalance", to_checksum_address(address), "latest"), 16)

    def rpc(self, method: str, *params: Any) -> Any:
        """The call's result. Raises RpcFailed with the node's words."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = self._session.post(self.url, json=request, timeout=PATIENCE_SECONDS).json()
        if "error" not in answer:
            return answer["result"]
        error = answer["error"]
        data = error.get("data")
        raw = bytes.fromhex(data[2:]) if isinstance(data, str) and data.startswith("0x") else b""
        raise RpcFailed(str(error.get("message")), raw)

    def send(self, account: LocalAccount, to: str, *, data: bytes = b"", value: int = 0) -> Receipt:
        """The account's transaction is mined. Raises RpcFailed when it would revert, Reverted when it did."""
        call = {"from": account.address, "to": to, "data": "0x" + data.hex(), "value": hex(value)}
        gas = int(int(self.rpc("eth_estimateGas", call), 16) * GAS_HEADROOM)
        fee = 2 * int(self.block("latest")["baseFeePerGas"], 16) + 1
        fields: dict[str, Any] = {
            "to": to_checksum_address(to),
            "data": data,
            "value": value,
            "gas": gas,
            "maxFeePerGas": fee,
            "maxPriorityFeePerGas": 1,
            "nonce": int(self.rpc("eth_getTransactionCount", account.address, "pending"), 16),
            "chainId": self.chain_id,
        }
        raw = account.sign_transaction(fields).raw_transaction
        return self.wait(self.rpc("eth_sendRawTransaction", "0x" + raw.hex()))

    def wait(self, tx_hash: str) -> Receipt:
        """The transaction is mined. Raises Reverted, or TimeoutError after PATIENCE_SECONDS."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            found = self.rpc("eth_getTransactionReceipt", tx_hash)
            if found is not None:
                receipt = Receipt(tx_hash, int(found["blockNumber"], 16), int(found["gasUsed"], 16), found["logs"])
                if found["status"] != "0x1":
                    raise Reverted(receipt)
                return receipt
            time.sleep(POLL_SECONDS)
        raise TimeoutError(f"{tx_hash} was not mined within {PATIENCE_SECONDS} seconds")

    def advance(self, seconds: int) -> int:
        """A development node: a new block is `seconds` later than the newest; its time."""
        self.rpc("evm_setNextBlockTimestamp", hex(self.time + seconds))
        self.mine()
        return self.time

    def mine(self, blocks: int = 1) -> None:
        """A development node: so many new blocks."""
        self.rpc("anvil_mine", hex(blocks))
