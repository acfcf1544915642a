"""The keeper's key, and one try to renew: what the contract says now, and the transaction if it says yes."""

from dataclasses import dataclass

from coincurve import PrivateKey
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from backend.chain import CallFailed, GasTooDear, TransactionRefused
from backend.config import Settings
from backend.host import Host
from backend.keyfile import read_or_make
from backend.renewals.queries import STATUSES, Due
from backend.sending import Order, RevertedBefore, submit
from indexer.tables.columns import RENEWAL_GRACE

_STATUS = keccak(text="renewalStatus(uint256)")[:4]
_RENEW = keccak(text="renewFor(uint256,uint96)")[:4]
_SETTLE = keccak(text="settle(uint256[])")[:4]
_IMPOSSIBLE = keccak(text="RenewalImpossible(uint256,uint8)")[:4]
_AHEAD = keccak(text="PaidTooFarAhead(uint40,uint40)")[:4]
WHOLE = 10_000
RENEWAL_GAS = 300_000
"""The most that a renewal may burn. A community's currency is a stranger's contract, which could drain the keeper."""
SETTLEMENT_GAS, SETTLED_GAS = 200_000, 50_000
"""The most that a settlement may burn, and more for each membership."""
REVERTED_PAUSE = 3_600
"""Seconds until a renewal that the chain reverted is tried again, doubled each time: each of them costs gas."""


@dataclass(frozen=True)
class Outcome:
    """What came of a try: `sent` with the transaction, or the reason why not. `opens_at`: of the window,
    or of the next try after a reverted one; 0 for none.
    """

    reason: str
    price: int = 0
    tx_hash: str | None = None
    opens_at: int = 0


def load_keeper(settings: Settings) -> LocalAccount:
    """The account that renews: by KOINON_KEEPER_KEY, else the key in the data folder, made at the first call."""
    secret = bytes.fromhex(settings.keeper_key.removeprefix("0x")) if settings.keeper_key else b""
    account: LocalAccount = Account.from_key(
        secret or read_or_make(settings.keeper_key_file, lambda: PrivateKey().secret)
    )
    return account


def renew(host: Host, keeper: LocalAccount, due: Due, *, at: int) -> Outcome:
    """The membership is renewed by a transaction that is on its way, or the contract's reason is given.

    Raises ChainUnavailable when nobody can say.
    """
    try:
        answer = host.chain.call(due.contract, _STATUS + encode(["uint256"], [due.token_id]))
        status, price, opens_at, closes_at = decode(["uint8", "uint96", "uint40", "uint40"], answer)
    except (CallFailed, DecodingError):
        return Outcome("unknown")
    reason = STATUSES[status] if status < len(STATUSES) else "unknown"
    if reason != "due":
        return Outcome(reason, price, opens_at=opens_at)
    if not host.chain.balance(keeper.address):
        return Outcome("keeper-without-gas", price)
    tip = price * host.settings.keeper_tip_bps // WHOLE
    order = Order(
        f"renew:{due.contract}:{due.token_id}:{closes_at - RENEWAL_GRACE}",
        due.contract,
        _RENEW + encode(["uint256", "uint96"], [due.token_id, tip]),
        RENEWAL_GAS,
        host.settings.keeper_max_gas_wei,
        REVERTED_PAUSE,
    )
    try:
        return Outcome("sent", price, submit(host.database, host.chain, keeper, order, at=at))
    except GasTooDear:
        return Outcome("gas-too-dear", price)
    except RevertedBefore as reverted:
        return Outcome("refused", price, opens_at=reverted.again_at)
    except CallFailed as failure:
        return Outcome(_contracts_reason(failure.data), price)
    except TransactionRefused as refusal:
        poor = "insufficient funds" in str(refusal).lower()
        return Outcome("keeper-without-gas" if poor else "refused", price)


def settle(host: Host, keeper: LocalAccount, contract: str, token_ids: list[int], *, at: int, purpose: str) -> str:
    """What these memberships have earned until now is income. Raises as `submit` does."""
    data = _SETTLE + encode(["uint256[]"], [token_ids])
    most_gas = SETTLEMENT_GAS + SETTLED_GAS * len(token_ids)
    order = Order(purpose, contract, data, most_gas, host.settings.keeper_max_gas_wei)
    return submit(host.database, host.chain, keeper, order, at=at)


def _contracts_reason(data: bytes) -> str:
    """The reason in what the contract reverted with."""
    if data[:4] == _AHEAD:
        return "too-far-ahead"
    if data[:4] != _IMPOSSIBLE or len(data) < 68:
        return "refused"
    status = int.from_bytes(data[36:68])
    return STATUSES[status] if 0 < status < len(STATUSES) else "refused"
