"""The only wall clock of the backend, so that tests can set it."""

import time


def now() -> int:
    """The wall clock in whole unix seconds."""
    return int(time.time())
