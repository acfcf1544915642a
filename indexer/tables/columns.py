"""Column types whose Python values are the same on SQLite and PostgreSQL.

`Address` and `Hash32` are lowercase `0x…` text in Python and 20 or 32 bytes in the database. `Uint64` and `Uint256`
are int in Python; NUMERIC in PostgreSQL and zero-padded text in SQLite, whose INTEGER ends at 2**63 and whose
NUMERIC becomes a float. Padding keeps comparison and ORDER BY right.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy import Dialect, LargeBinary, Numeric, String
from sqlalchemy.types import TypeDecorator, TypeEngine

ZERO_ADDRESS = "0x" + "00" * 20
"""What the contracts use for: nobody, no contract, or the native coin."""
ZERO_HASH = "0x" + "00" * 32
FOR_LIFE = 2**40 - 1
"""`expires_at` of a membership that never ends."""
DAY = 86_400
EARNING_UNIT = 2**64
"""Parts of a base unit, in sums of money that time earns."""
RENEWAL_GRACE = 7 * DAY
"""Seconds after expiry in which a renewal is still one; later the rules and the price of a join hold (E4)."""


class _HexBytes(TypeDecorator[str]):
    impl = LargeBinary
    cache_ok = True
    size: int

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else bytes_of(value, self.size)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else text_of(value)


class Address(_HexBytes):
    """A `0x…` text of 20 bytes."""

    cache_ok = True
    size = 20


class Hash32(_HexBytes):
    """A `0x…` text of 32 bytes."""

    cache_ok = True
    size = 32


class _Uint(TypeDecorator[int]):
    impl = String
    cache_ok = True
    digits: int

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String(self.digits) if dialect.name == "sqlite" else Numeric(self.digits, 0))

    def process_bind_param(self, value: int | None, dialect: Dialect) -> str | Decimal | None:
        if value is None:
            return None
        return digits_of(value, self.digits) if dialect.name == "sqlite" else Decimal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        return None if value is None else int(value)


class Uint64(_Uint):
    """An int from 0 to 2**64 - 1."""

    cache_ok = True
    digits = 20


class Uint256(_Uint):
    """An int from 0 to 2**256 - 1."""

    cache_ok = True
    digits = 78


def bytes_of(value: str, size: int) -> bytes:
    """The bytes of a `0x…` text. Raises ValueError when they are not `size` many."""
    raw = bytes.fromhex(value[2:])
    if len(raw) != size or value[:2] != "0x":
        raise ValueError(f"{value!r} is not a 0x text of {size} bytes")
    return raw


def text_of(value: bytes) -> str:
    return "0x" + bytes(value).hex()


def digits_of(value: int, digits: int) -> str:
    """Zero-padded decimal text. Raises ValueError when the value is negative or too long."""
    text = f"{value:0{digits}d}"
    if value < 0 or len(text) > digits:
        raise ValueError(f"{value} does not fit into {digits} digits")
    return text
