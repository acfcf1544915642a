"""Secrets of the host, each in a file of its own that only the host's account can read."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    """The secret in this file (hex digits), made by `make` and made durable (mode 0600) at the first call.

    Two processes that start together get the same secret.
    """
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(make().hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)  # fails if another process was first, and never leaves half a secret
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return _read(path)


def _read(path: Path) -> bytes:
    text = path.read_text()
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"{path} is readable by others: chmod 600 it, and consider the secret known.")
    try:
        return bytes.fromhex(text.strip())
    except ValueError as error:
        raise ValueError(f"{path} does not hold a secret in hex digits.") from error
