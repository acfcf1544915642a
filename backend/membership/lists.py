"""Allow-lists of tiers: a Merkle root on the chain, the accounts and their proofs here.

A leaf is keccak256(keccak256(abi.encode(account))), pairs are hashed in order (Solady's MerkleProofLib); a node without
a sibling goes up as it is.
"""

import re
from collections.abc import Collection, Sequence

from eth_utils.crypto import keccak
from sqlalchemy import func, select, tuple_
from sqlmodel import Session, col

from backend.db import insert_into
from backend.membership.tables import AllowListEntry
from backend.problems import Malformed

MOST_ACCOUNTS = 5_000
_SEPARATORS = re.compile(r"[\s,;]+")
_ADDRESS = re.compile(r"0x[0-9a-f]{40}")


def accounts_in(text: str) -> list[str]:
    """The addresses of a pasted text, each once. Raises Malformed and names what is none."""
    words = [word for word in _SEPARATORS.split(text.strip().lower()) if word]
    wrong = [word for word in words if not _ADDRESS.fullmatch(word)]
    if wrong:
        raise Malformed(f"{wrong[0][:60]!r} is no address.", reason="address-wrong", word=wrong[0][:60])
    accounts = sorted(set(words))
    if not 1 <= len(accounts) <= MOST_ACCOUNTS:
        raise Malformed(f"A list has 1 to {MOST_ACCOUNTS} addresses.", reason="list-size", limit=MOST_ACCOUNTS)
    return accounts


def keep_list(session: Session, chain_id: int, community: str, accounts: Sequence[str]) -> str:
    """The list is kept; its root, for a tier to name."""
    root, proofs = tree_of(accounts)
    rows = [
        {"chain_id": chain_id, "community": community, "root": root, "account": account, "proof": b"".join(proof)}
        for account, proof in proofs.items()
    ]
    for start in range(0, len(rows), 500):
        session.execute(insert_into(session, AllowListEntry).values(rows[start : start + 500]).on_conflict_do_nothing())
    return root


def proof_of(session: Session, chain_id: int, community: str, root: str, account: str) -> list[str] | None:
    """What a join of this account passes to show that it is on the list, 0x words; None when it is not."""
    return proofs_of(session, chain_id, [(community, root)], account).get((community, root))


def proofs_of(
    session: Session, chain_id: int, lists: Collection[tuple[str, str]], account: str
) -> dict[tuple[str, str], list[str]]:
    """The proofs of this account by community and root, for those of these lists on which it is."""
    if not lists:
        return {}
    named = tuple_(col(AllowListEntry.community), col(AllowListEntry.root)).in_(lists)
    statement = select(AllowListEntry).where(
        col(AllowListEntry.chain_id) == chain_id, named, col(AllowListEntry.account) == account.lower()
    )
    return {
        (row.community, row.root): ["0x" + row.proof[at : at + 32].hex() for at in range(0, len(row.proof), 32)]
        for row in session.execute(statement).scalars()
    }


def list_sizes(session: Session, chain_id: int, community: str) -> dict[str, int]:
    """How many accounts stand on each list that is kept here, by root."""
    statement = select(col(AllowListEntry.root), func.count()).where(
        col(AllowListEntry.chain_id) == chain_id, col(AllowListEntry.community) == community
    )
    return dict(session.execute(statement.group_by(col(AllowListEntry.root))).all())


def tree_of(accounts: Sequence[str]) -> tuple[str, dict[str, list[bytes]]]:
    """The Merkle root of the accounts, and the proof of each."""
    level = sorted((keccak(keccak(bytes.fromhex(account[2:]).rjust(32, b"\0"))), [account]) for account in accounts)
    proofs: dict[str, list[bytes]] = {account: [] for account in accounts}
    while len(level) > 1:
        upper = []
        for left, right in zip(level[::2], level[1::2], strict=False):
            for account in left[1]:
                proofs[account].append(right[0])
            for account in right[1]:
                proofs[account].append(left[0])
            upper.append((keccak(b"".join(sorted((left[0], right[0])))), left[1] + right[1]))
        level = upper + (level[-1:] if len(level) % 2 else [])
    return "0x" + level[0][0].hex(), proofs
