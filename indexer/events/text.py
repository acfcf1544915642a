"""Text that strangers put into events."""


def readable(raw: bytes) -> str:
    """The text of bytes that anybody may have chosen.

    What is no UTF-8, and NUL (which PostgreSQL refuses), becomes U+FFFD: a name must not be able to stop the indexer.
    """
    return raw.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def label_text(word: str) -> str:
    """The text of a zero-padded `bytes32`, given as `0x…`."""
    return readable(bytes.fromhex(word[2:]).rstrip(b"\0"))
