"""The write path: blocks as files, in the layout of Kubo's flatfs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cbrrr import CID

from backend.ipfs.store import Block, BlockStore, Pin


class EmbeddedStore:
    """A folder of blocks. Safe for several threads and processes at once."""

    def __init__(
        self, folder: Path, *, fsync: bool = True, replicas: Sequence[BlockStore] = (), keep_free: int = 0
    ) -> None:
        raise NotImplementedError

    def get(self, cid: CID) -> bytes:
        raise NotImplementedError

    def has(self, cid: CID) -> bool:
        raise NotImplementedError

    def put(self, block: Block) -> None:
        raise NotImplementedError

    @contextmanager
    def batch(self) -> Iterator[Callable[[Block], None]]:
        """A `put` for many blocks: all are durable when the context ends, and no earlier."""
        raise NotImplementedError

    def delete(self, cid: CID) -> None:
        raise NotImplementedError

    def pin(self, root: CID, name: str) -> None:
        raise NotImplementedError

    def unpin(self, root: CID, name: str) -> None:
        raise NotImplementedError

    def pins(self, prefix: str = "") -> list[Pin]:
        raise NotImplementedError

    def gc(self, grace_seconds: int) -> int:
        """Blocks that no pin holds and nobody put for `grace_seconds` are gone; how many. Never run by itself."""
        raise NotImplementedError
