"""Text that strangers put into events."""

import re

UNFIT = re.compile("[\\0\\u202a-\\u202e\\u2066-\\u2069]")
"""NUL, which PostgreSQL refuses, and what turns the direction of all that is written after it."""


def readable(raw: bytes) -> str:
    """The text of bytes that anybody may have chosen.

    What is no UTF-8, or UNFIT, becomes U+FFFD: a name must not be able to stop the indexer, nor to turn round the
    amount beside it.
    """
    return UNFIT.sub("\N{REPLACEMENT CHARACTER}", raw.decode("utf-8", "replace"))


def label_text(word: str) -> str:
    """The text of a zero-padded `bytes32`, given as `0x…`."""
    return readable(bytes.fromhex(word[2:]).rstrip(b"\0"))
