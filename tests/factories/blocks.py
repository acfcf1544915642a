"""Random blocks, and what befalls the files of an embedded store."""

import base64
import os
import secrets
from pathlib import Path

from backend import clock
from backend.ipfs.store import CID, Block, raw_block


def random_block(size: int = 100) -> Block:
    return raw_block(secrets.token_bytes(size))


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("??/*"))


def file_of(folder: Path, cid: CID) -> Path:
    (found,) = folder.glob(f"??/{key_of(cid)}.data")
    return found


def key_of(cid: CID) -> str:
    return base64.b32encode(cid.cid_bytes[2:]).decode().rstrip("=")


def damage(folder: Path, block: Block) -> None:
    file_of(folder, block.cid).write_bytes(block.data[:-1] + bytes([block.data[-1] ^ 1]))


def age(folder: Path, *blocks: Block, seconds: int) -> None:
    for block in blocks:
        then = clock.now() - seconds
        os.utime(file_of(folder, block.cid), (then, then))
