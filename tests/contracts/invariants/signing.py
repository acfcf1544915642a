"""What accounts sign for a membership contract: EIP-712 digests and signatures, by the words of the standard"""

from dataclasses import astuple, dataclass
from functools import cache
from typing import Any

from coincurve import PrivateKey
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from tests.factories.contracts import NATIVE
from tests.factories.evm import CHAIN_ID

DISCOUNT, PRICE, TRIAL = range(3)  # kinds of vouchers
_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_VOUCHER = (
    "Voucher(address issuer,uint16 tierId,uint8 kind,uint96 value,address recipient,uint32 uses,uint40 deadline,"
    "uint256 nonce)"
)
_BINDING = "Binding(address recipient,uint16 tierId,uint40 badge,uint40 deadline)"
_WALLET_CHANGE = "WalletChange(uint256 tokenId,address from,address to,uint16 transferCount,uint40 deadline)"


@dataclass(frozen=True)
class Voucher:
    issuer: str = NATIVE
    tier_id: int = 0
    kind: int = DISCOUNT
    value: int = 0
    recipient: str = NATIVE
    uses: int = 0
    deadline: int = 0
    nonce: int = 0

    @property
    def fields(self) -> tuple[str | int, ...]:
        """As the contracts take them."""
        return astuple(self)


NO_VOUCHER = Voucher()


@dataclass(frozen=True)
class Signed:
    """A signature and what it allows: at one contract, up to a deadline."""

    digest: bytes
    signature: bytes


def voucher_digest(membership: str, voucher: Voucher) -> bytes:
    return _digest(membership, _VOUCHER, voucher.fields)


def binding_digest(membership: str, recipient: str, tier_id: int, badge: int, deadline: int) -> bytes:
    return _digest(membership, _BINDING, (recipient, tier_id, badge, deadline))


def wallet_change_digest(membership: str, token_id: int, holder: str, to: str, moves: int, deadline: int) -> bytes:
    return _digest(membership, _WALLET_CHANGE, (token_id, holder, to, moves, deadline))


def sign(key: bytes, digest: bytes) -> bytes:
    signature = PrivateKey(key).sign_recoverable(digest, hasher=None)
    return signature[:64] + bytes([27 + signature[64]])


def market_digest(market: str, kind: str, fields: dict[str, str], values: tuple[Any, ...]) -> bytes:
    """Of a Listing or an Offer; `fields`: name -> type."""
    words = ",".join(f"{type_} {name}" for name, type_ in fields.items())
    return _digest(market, f"{kind}({words})", values, name="Koinon Market")


@cache
def _separator(contract: str, name: str) -> bytes:
    return keccak(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [keccak(text=_DOMAIN), keccak(text=name), keccak(text="1"), CHAIN_ID, contract],
        )
    )


def _digest(contract: str, kind: str, values: tuple[Any, ...], *, name: str = "Koinon Membership") -> bytes:
    types = [field.split()[0] for field in kind[kind.index("(") + 1 : -1].split(",")]
    content = keccak(keccak(text=kind) + encode(types, values))
    return keccak(b"\x19\x01" + _separator(contract, name) + content)


class AllowList:
    """A Merkle tree over two pairs of accounts, as `keccak256(keccak256(abi.encode(account)))`, pairs in order."""

    def __init__(self, accounts: list[str]) -> None:
        self._leaves = {account: keccak(keccak(encode(["address"], [account]))) for account in accounts}
        first, second, third, fourth = self._leaves.values()
        self._pairs = (first, second), (third, fourth)
        self.root = _joined(*[_joined(*pair) for pair in self._pairs])

    def proof(self, account: str) -> list[bytes]:
        """Empty for who is not on the list."""
        leaf = self._leaves.get(account)
        for pair, other in (self._pairs, self._pairs[::-1]):
            if leaf in pair:
                return [next(each for each in pair if each != leaf), _joined(*other)]
        return []

    def __contains__(self, account: str) -> bool:
        return account in self._leaves


def _joined(one: bytes, other: bytes) -> bytes:
    return keccak(min(one, other) + max(one, other))
