"""Contracts that misbehave as a test tells them: contracts/mocks/HostileAccount, HostileWallet and HostileToken."""

from typing import Any

from tests.factories.contracts import NATIVE, Chain, Receipt

HONEST, RETURNS_FALSE, LIES_TRUE, TAKES_FEE, GIVES_MORE, TOKEN_CALLS_BACK = range(6)  # modes of a token
ACCEPTS, REVERTS, BURNS_GAS, CALLS_BACK = range(4)  # of an account that is sent something
YES, NO, ANOTHER_WORD, WALLET_BURNS_GAS, WALLET_CALLS_BACK = range(5)  # answers of a wallet for its signatures


def act(chain: Chain, account: Any, method: Any, *arguments: Any, value: int = 0) -> Receipt:
    """The contract calls; reverts with what the call reverts with, inside ExecutionFailed."""
    data = bytes(method.encode_input(*arguments))
    return chain.send(account.execute, method.contract.address, data, sender=chain.accounts[5], value=value)


def misbehave(chain: Chain, contract: Any, mode: int, target: str = NATIVE, payload: bytes = b"") -> None:
    chain.send(contract.misbehave, mode, target, payload, sender=chain.accounts[5])


def answer(chain: Chain, contract: Any) -> str:
    """The error with which the last call back ended."""
    assert not contract.succeeded()
    return chain.decode_error(bytes(contract.answer())).name


def call_back(chain: Chain, contract: Any, mode: int, method: Any, *arguments: Any) -> None:
    """The contract calls this when it is paid, or when a token moves."""
    misbehave(chain, contract, mode, method.contract.address, bytes(method.encode_input(*arguments)))
