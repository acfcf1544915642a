"""Transactions that a wallet only has to sign: what to call, with which money, and what it does in plain words.

A slice says what to call (`Call`); `prepare` sees to the money first (balance, allowance), has the node execute the
call, so that a wallet is never asked to sign what would revert, and answers with what the wallet signs. The page checks
the calldata once more by itself (static/js/calldata.js).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Annotated, Any, Self

from eth_abi.abi import encode
from eth_abi.exceptions import EncodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from fastapi import Depends, Path, Request
from pydantic import AfterValidator, BaseModel, Field

from backend import clock
from backend.answers import Undecodable, decoded
from backend.chain import CallFailed, Chain
from backend.currency import Currency, currency_of
from backend.db import Opened
from backend.host import Host
from backend.identity.limits import Allowance, network_of, spend
from backend.problems import Conflict, Malformed
from backend.texts import Say, say_of
from indexer.deployments import load_abi

AddressText = Annotated[
    str, Field(pattern=r"^0x[0-9a-fA-F]{40}$", examples=["0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc"])
]
CommunityPath = Annotated[
    str, Path(pattern=r"^0x[0-9a-fA-F]{40}$", examples=["0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc"])
]
Translator = Annotated[Say, Depends(say_of)]
NATIVE = "0x" + "00" * 20
"""The address that stands for the chain's native coin in arguments."""

HEADROOM_GAS = 60_000
"""Added to an estimate: a settlement that is nothing in this second writes slots in the next one (22,100 gas each)."""
PULLING_GAS = 250_000
"""Assumed of a call that pulls an ERC-20 and cannot be tried before its approval."""

PREPARED = Allowance("prepare", most=240, seconds=60)
"""For one network: each asks the node to execute a transaction."""

_ERC20_ABI: list[dict[str, Any]] = [
    {"type": "function", "name": name, "inputs": [{"type": kind} for kind in kinds]}
    for name, kinds in {
        "approve": ["address", "uint256"],
        "allowance": ["address", "address"],
        "balanceOf": ["address"],
    }.items()
]


class WouldRevert(Conflict):
    """The contract would refuse this transaction now; `error` is its own name for the reason, with arguments."""

    slug, title = "would-revert", "The chain would refuse this now"


class NotEnough(Conflict):
    """The wallet lacks money for this: `have`, `need` and `lack` are base units as decimal strings, `lack_written`
    says the difference with its currency. `fee`: it would suffice, but for the network's fee."""

    slug, title = "not-enough", "There is not enough money in this wallet"


@dataclass(frozen=True)
class Call:
    """A call of one of our contracts. `contract` names its ABI; `function` may be a whole signature, where there are
    several of a name; `pays` base units of `currency` (None: the native coin) come with it from who signs."""

    contract: str
    to: str
    function: str
    arguments: Sequence[Any] = ()
    pays: int = 0
    currency: str | None = None

    @property
    def data(self) -> bytes:
        return call_data(self.contract, self.function, *self.arguments)


@dataclass(frozen=True)
class Prepared:
    """A transaction for an account to sign; `before` must be confirmed first (an ERC-20 approval)."""

    to: str
    data: bytes
    value: int
    summary: str
    before: Sequence["Prepared"] = field(default=())
    gas: int = 0
    """Most that it may burn: the estimate with headroom; 0 where only the wallet can estimate it."""
    fee: str = ""
    """What the network takes for it and those before it, about, with the coin's symbol."""


def uint256(text: str) -> str:
    """The decimal text of a number as Solidity takes it. Raises ValueError for what is too large."""
    if int(text) >> 256:
        raise ValueError("a number is below 2**256")
    return text


Uint256Text = Annotated[str, Field(pattern=r"^[0-9]{1,78}$"), AfterValidator(uint256)]


class TransactionRequest(BaseModel):
    """Who signs and, where money moves, pays."""

    account: AddressText


class Transaction(BaseModel):
    """What a wallet signs. `value` is 0x hex wei; `before` come first, each confirmed before the next. `gas`, 0x hex,
    is its limit, above what it burns now: what time earns until its block is written in it. None: ask the node then.
    """

    to: str
    data: str
    value: str
    chainId: int  # noqa: N815 - the name that wallets use
    summary: str
    gas: str | None = None
    fee: str
    before: list["Transaction"]

    @classmethod
    def of(cls, prepared: Prepared, chain_id: int) -> Self:
        return cls(
            to=to_checksum_address(prepared.to),
            data="0x" + prepared.data.hex(),
            value=hex(prepared.value),
            chainId=chain_id,
            summary=prepared.summary,
            gas=hex(prepared.gas) if prepared.gas else None,
            fee=prepared.fee,
            before=[cls.of(each, chain_id) for each in prepared.before],
        )


def _ration(request: Request, database: Opened) -> None:
    spend(database, PREPARED, who=network_of(request.client.host if request.client else None), at=clock.now())


RATIONED = [Depends(_ration)]
"""Dependencies of every route that prepares a transaction."""


def prepare(host: Host, call: Call, *, account: str, summary: str, say: Say) -> Transaction:
    """What the wallet of `account` signs to make this call. Raises NotEnough and WouldRevert.

    An ERC-20 payment comes with the approval of exactly its amount, unless the standing one suffices.
    """
    chain, currency = host.chain, currency_of(host.chain, call.currency)
    before: Sequence[Prepared] = ()
    if call.pays and currency.address is not None:
        _require(_balance_of(chain, currency.address, account), call.pays, currency, say)
        before = _approval(chain, call, currency, account, say)
    elif call.pays:
        _require(_native_balance(chain, account), call.pays, currency, say)
    value = call.pays if currency.address is None else 0
    prepared = Prepared(call.to, call.data, value, summary, before)
    if before:  # what waits for an approval would revert now
        gas = _gas(chain, before[0], account=account, contract="ERC20") + PULLING_GAS
    else:
        gas = _gas(chain, prepared, account=account, contract=call.contract)
    fee = gas * chain.gas_price()
    coin = currency_of(chain, None)
    _require(_native_balance(chain, account), value + fee, coin, say, fee=True)
    limit = 0 if before else gas * 5 // 4 + HEADROOM_GAS
    return Transaction.of(replace(prepared, fee=coin.rough(fee, say.language), gas=limit), chain.chain_id)


def call_data(contract: str, function: str, *arguments: Any) -> bytes:
    """The calldata of a function of one of our contracts, by its exported ABI. Raises Malformed."""
    selector, types = _function(contract, function)
    try:
        return selector + encode(types, arguments)
    except EncodingError as error:
        raise Malformed("A number is beyond what the contract can take.") from error


def error_of(contract: str, data: bytes) -> tuple[str, list[str]]:
    """The custom error in revert data, by name and arguments as text; what is not ours is called `unknown`."""
    entry = _errors(contract).get(data[:4])
    if entry is None:
        return "unknown", []
    try:
        return entry["name"], [str(each) for each in decoded([each["type"] for each in entry["inputs"]], data[4:])]
    except Undecodable:
        return entry["name"], []


def _gas(chain: Chain, prepared: Prepared, *, account: str, contract: str) -> int:
    """The node executes the transaction without sending it. Raises WouldRevert with the contract's reason."""
    try:
        return chain.gas(prepared.to, prepared.data, sender=account, value=prepared.value)
    except CallFailed as failure:
        name, arguments = error_of(contract, failure.data)
        raise WouldRevert(f"The contract answers {name}.", error=name, arguments=arguments) from failure


def _approval(chain: Chain, call: Call, currency: Currency, account: str, say: Say) -> Sequence[Prepared]:
    allowance = call_data("ERC20", "allowance", account, call.to)
    if _uint(chain.call(currency.address or NATIVE, allowance)) >= call.pays:
        return ()
    summary = say.approve(currency.written(call.pays, say.language))
    return (Prepared(currency.address or NATIVE, call_data("ERC20", "approve", call.to, call.pays), 0, summary),)


def _require(have: int, need: int, currency: Currency, say: Say, *, fee: bool = False) -> None:
    if have < need:
        lack = need - have
        raise NotEnough(
            f"The wallet lacks {currency.written(lack)}{' for the network fee' if fee else ''}.",
            have=str(have),
            need=str(need),
            lack=str(lack),
            lack_written=(currency.rough if fee else currency.written)(lack, say.language),
            fee=fee,
        )


def _balance_of(chain: Chain, token: str, account: str) -> int:
    return _uint(chain.call(token, call_data("ERC20", "balanceOf", account)))


def _native_balance(chain: Chain, account: str) -> int:
    try:
        return chain.balance(account)
    except CallFailed as error:
        raise NotEnough("The wallet's balance cannot be read.") from error


def _uint(data: bytes) -> int:
    return int.from_bytes(data[:32])


@cache
def _abi(contract: str) -> list[dict[str, Any]]:
    return _ERC20_ABI if contract == "ERC20" else load_abi(contract)


@cache
def _function(contract: str, function: str) -> tuple[bytes, list[str]]:
    """Selector and types of the arguments. A bare name means the first function that has it."""
    for entry in _abi(contract):
        if entry["type"] == "function" and entry["name"] == function.partition("(")[0]:
            types = [collapse_if_tuple(each) for each in entry["inputs"]]
            signature = f"{entry['name']}({','.join(types)})"
            if function in (entry["name"], signature):
                return keccak(text=signature)[:4], types
    raise LookupError(f"{contract} has no function {function}")


@cache
def _errors(contract: str) -> dict[bytes, dict[str, Any]]:
    return {
        keccak(text=f"{each['name']}({','.join(collapse_if_tuple(kind) for kind in each['inputs'])})")[:4]: each
        for each in _abi(contract)
        if each["type"] == "error"
    }
