"""The Merkle tree of an allow-list, as Crowdsale checks it: sorted pairs (Solady), double-hashed leaves. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from eth_utils.crypto import keccak

NODE = 32
"""Bytes of a hash."""


@dataclass(frozen=True)
class Tree:
    """`root` (0x text) and, for each account, its proof: the siblings one after another."""

    root: str
    proofs: dict[str, bytes]


def tree_of(accounts: Sequence[str]) -> Tree:
    """The tree over these accounts by their leaves: the order in which they are named is no matter."""
    leaves = {leaf_of(account): account for account in accounts}
    level = sorted(leaves)
    proofs: dict[str, bytearray] = {account: bytearray() for account in leaves.values()}
    groups = [[leaves[leaf]] for leaf in level]
    while len(level) > 1:
        for place in range(0, len(level) - 1, 2):
            for account in groups[place]:
                proofs[account] += level[place + 1]
            for account in groups[place + 1]:
                proofs[account] += level[place]
        pairs = range(0, len(level), 2)
        groups = [[account for group in groups[place : place + 2] for account in group] for place in pairs]
        level = [_parent(level[place : place + 2]) for place in pairs]
    return Tree("0x" + level[0].hex(), {account: bytes(proof) for account, proof in proofs.items()})


def leaf_of(account: str) -> bytes:
    """`keccak256(keccak256(abi.encode(account)))`."""
    return keccak(keccak(bytes(12) + bytes.fromhex(account[2:])))


def siblings(proof: bytes) -> list[bytes]:
    """A kept proof as the contract takes it."""
    return [proof[at : at + NODE] for at in range(0, len(proof), NODE)]


def _parent(pair: Sequence[bytes]) -> bytes:
    return keccak(b"".join(sorted(pair))) if len(pair) == 2 else pair[0]
