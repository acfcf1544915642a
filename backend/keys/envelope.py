"""Keys wrapped by keys: AES key wrap (RFC 3394). Pure.

A content key is wrapped by the community's kek, a kek by the host's master key; both by the same two functions.
"""

import re
import secrets

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

KEY = 32  # bytes of a content key, a kek, a master key
WRAPPED = KEY + 8
ITEM = 16  # bytes of a random item id


class EnvelopeBroken(Exception):
    """The wrapped key was not made with this wrapping key, or was changed."""


def new_kek() -> bytes:
    """32 random bytes: a key that wraps content keys (NIST SP 800-57's key-encryption key)."""
    return secrets.token_bytes(KEY)


def new_item_id() -> bytes:
    """16 random bytes that name a gated item in its context."""
    return secrets.token_bytes(ITEM)


def wrap(content_key: bytes, kek: bytes) -> bytes:
    """The 40 bytes that only the kek opens. Raises ValueError unless both keys have 32 bytes."""
    if len(content_key) != KEY or len(kek) != KEY:
        raise ValueError(f"keys have {KEY} bytes")
    return aes_key_wrap(kek, content_key)


def unwrap(wrapped: bytes, kek: bytes) -> bytes:
    """The key inside. Errors: EnvelopeBroken; ValueError when the kek has not 32 bytes."""
    if len(kek) != KEY:
        raise ValueError(f"keys have {KEY} bytes")
    if len(wrapped) != WRAPPED:
        raise EnvelopeBroken(f"a wrapped key has {WRAPPED} bytes, not {len(wrapped)}")
    try:
        return aes_key_unwrap(kek, wrapped)
    except InvalidUnwrap as error:
        raise EnvelopeBroken("wrong key or changed bytes") from error


def context_of(chain_id: int, community: str, *, item: bytes) -> bytes:
    """What a sealed item is bound to: `koinon/1|<chain>|<community>|<item>`, so that it opens nowhere else.

    `community` is the contract's address in any case, `item` the item's random id. Raises ValueError for others.
    """
    if not re.fullmatch(r"0x[0-9a-fA-F]{40}", community) or len(item) != ITEM:
        raise ValueError(f"no address, or no item id of {ITEM} bytes: {community!r}, {item!r}")
    return f"koinon/1|{chain_id}|{community.lower()}|{item.hex()}".encode()
