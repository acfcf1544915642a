"""What contracts themselves say, their views and balances, all at one block."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak

from indexer.deployments import load_abi
from indexer.rpc import Call, NodeError, Rpc
from indexer.tables.columns import ZERO_ADDRESS

BALANCE = ("CommunityToken", "balanceOf")
"""ERC-20's, as every token has it."""


@dataclass(frozen=True, slots=True)
class View:
    """A view without side effects of the contract at `address`; `contract` names its ABI."""

    contract: str
    function: str
    address: str
    arguments: tuple[Any, ...] = ()


class Views:
    """Asks the node for its state after the block with this hash (EIP-1898)."""

    def __init__(self, rpc: Rpc, block_hash: str) -> None:
        self._rpc, self._block = rpc, {"blockHash": block_hash}

    def read(self, views: Sequence[View]) -> list[dict[str, Any] | None]:
        """The named outputs of each view; None for one that the contract refuses or does not have.

        Raises RetryableError when the node does not answer.
        """
        answers = self._ask([self._call(view) for view in views])
        return [_outputs(view, answer) for view, answer in zip(views, answers, strict=True)]

    def balances(self, wanted: Sequence[tuple[str, str]]) -> list[int]:
        """What each (account, currency) has, in base units; currency 0 is the native coin."""
        calls = [
            ("eth_getBalance", [account, self._block])
            if currency == ZERO_ADDRESS
            else self._call(View(*BALANCE, currency, (account,)))
            for account, currency in wanted
        ]
        return [int(answer or "0x0", 16) for answer in self._ask(calls)]

    def _call(self, view: View) -> Call:
        selector, kinds, _ = _signature(view.contract, view.function)
        data = selector + encode(kinds, view.arguments)
        return "eth_call", [{"to": view.address, "data": "0x" + data.hex()}, self._block]

    def _ask(self, calls: Sequence[Call]) -> list[Any]:
        try:
            return self._rpc.call(calls, attempts=1)
        except NodeError:  # one of them reverts: which?
            return [self._ask_one(call) for call in calls]

    def _ask_one(self, call: Call) -> Any:
        try:
            return self._rpc.call([call], attempts=1)[0]
        except NodeError as error:
            if "revert" in str(error).lower():
                return None
            raise


def _outputs(view: View, answer: str | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    _, _, outputs = _signature(view.contract, view.function)
    try:
        values = decode([collapse_if_tuple(each) for each in outputs], bytes.fromhex(answer[2:]))
    except DecodingError:  # no contract there
        return None
    if len(outputs) == 1 and "components" in outputs[0]:
        outputs, [values] = outputs[0]["components"], values
    return {each["name"]: value for each, value in zip(outputs, values, strict=True)}


@cache
def _signature(contract: str, function: str) -> tuple[bytes, list[str], list[dict[str, Any]]]:
    """Selector, types of the arguments, and outputs."""
    entry = next(each for each in load_abi(contract) if each["type"] == "function" and each["name"] == function)
    kinds = [collapse_if_tuple(each) for each in entry["inputs"]]
    return keccak(text=f"{function}({','.join(kinds)})")[:4], kinds, entry["outputs"]
