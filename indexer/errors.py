"""The two ways in which indexing fails: wait and go on, or stop and say where."""


class RetryableError(Exception):
    """A node or database is away or talks nonsense for the moment: wait, then go on from the checkpoint."""


class FatalError(Exception):
    """Going on would write wrong rows: stop. The message is one line that says what is wrong and what to do."""
