"""Content-addressed archives: CAR v1 (IPLD), written and read as streams."""

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from cbrrr import CID

from backend.ipfs.store import Block


class CarBroken(Exception):
    """The bytes are not a CAR v1 within the limits, or one of its blocks does not hash to its CID."""


def write_car(roots: Sequence[CID], blocks: Iterable[Block]) -> Iterator[bytes]:
    """The archive in pieces; memory is constant."""
    raise NotImplementedError


def read_car(stream: BinaryIO) -> tuple[list[CID], Iterator[Block]]:
    """The roots at once and each block as it is read, checked. Errors: CarBroken, from the iterator too."""
    raise NotImplementedError
