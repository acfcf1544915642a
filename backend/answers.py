"""What strangers' contracts answer, as values. Their bytes may be long, or made to break whoever decodes them."""

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

MOST_BYTES = 1024


class Undecodable(Exception):
    """These bytes are no values of these types, or more of them than is looked at."""


def decoded(types: Sequence[str], data: bytes, *, most: int = MOST_BYTES) -> tuple[Any, ...]:
    """The values in the first `most` bytes of an answer. Raises Undecodable."""
    try:
        return decode(types, data[:most])
    except (DecodingError, ValueError, OverflowError) as error:  # a length of 2^63 - 1 and more overflows in a read
        raise Undecodable from error
