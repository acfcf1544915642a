"""What a community is paid in: the chain's native coin or one ERC-20, with its symbol and decimals."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from backend.answers import Undecodable, decoded
from backend.chain import CallFailed, Chain
from backend.texts import decimal_mark

NATIVE_DECIMALS = 18
FEE_DIGITS = 3  # that matter, of a fee
GROWING_DIGITS = 4  # of an amount that changes while one looks
NATIVE_SYMBOLS = {137: "POL", 56: "BNB", 100: "xDAI", 43114: "AVAX"}  # chainlist; all others call it ETH
_SYMBOL, _DECIMALS = bytes.fromhex("95d89b41"), bytes.fromhex("313ce567")
_LOOKS_LIKE_SYMBOL = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9.$+_-]{1,12}")
"""Nothing that could be taken for another sentence, another amount or, by a lookalike letter, another token."""


@dataclass(frozen=True)
class Currency:
    """`address` None is the native coin. Amounts are integers in units of 10^-decimals."""

    address: str | None
    symbol: str
    decimals: int

    def written(self, amount: int, language: str = "en") -> str:
        """The amount in whole units with its symbol, exact, no zeros at the end: `0.05 ETH`, in Russian `0,05 ETH`."""
        return f"{self.number(amount).replace('.', decimal_mark(language))} {self.symbol}"

    def number(self, amount: int) -> str:
        """The same without the symbol and with a point, as fields of forms take it."""
        text = f"{Decimal(f'{amount}e-{self.decimals}'):f}"  # read, not computed, which would round to 28 digits
        return text.rstrip("0").rstrip(".") if "." in text else text

    def about(self, amount: int, language: str = "en", *, digits: int = GROWING_DIGITS) -> str:
        """All whole units, and of the rest what makes so many `digits` that matter, rounded down; `≈`: it was cut."""
        cut = amount - amount % self._unit(amount, digits)
        return ("" if cut == amount else "≈ ") + self.written(cut, language)

    def rough(self, amount: int, language: str = "en") -> str:
        """At most three digits that matter, rounded up: of a fee that changes from block to block."""
        unit = self._unit(amount, FEE_DIGITS)
        return self.written(-(-amount // unit) * unit, language)

    def _unit(self, amount: int, digits: int) -> int:
        """What an amount of so many digits is a multiple of; never more than a whole unit."""
        return int(10 ** min(max(len(str(amount)) - digits, 0), self.decimals))


class _NothingThere(Exception):
    """No contract answers at this address, which may change."""


def currency_of(chain: Chain, address: str | None) -> Currency:
    """The currency at this address. A token's symbol and decimals never change, so each is asked once.

    Raises ChainUnavailable. A token that names itself oddly is shown by its address.
    """
    if address is None:
        return Currency(None, NATIVE_SYMBOLS.get(chain.chain_id, "ETH"), NATIVE_DECIMALS)
    try:
        return _token(chain, address)
    except _NothingThere:
        return nameless(address)


def nameless(address: str) -> Currency:
    """What does not say what it is called and how it is counted."""
    return Currency(address, address[:8], 0)


@lru_cache(maxsize=4096)
def _token(chain: Chain, address: str) -> Currency:
    try:
        named = chain.call(address, _SYMBOL)
        if not named:
            raise _NothingThere
        (symbol,) = decoded(["string"], named)
        (decimals,) = decoded(["uint8"], chain.call(address, _DECIMALS))
    except (CallFailed, Undecodable):
        return nameless(address)
    return Currency(address, symbol if _LOOKS_LIKE_SYMBOL.fullmatch(symbol) else address[:8], decimals)
