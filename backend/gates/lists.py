"""Lists of accounts that a rule names by their Merkle root. The accounts themselves are kept here and nowhere else.

The tree is the one that the contracts prove against: leaves are keccak256(keccak256(abi.encode(account))), a node is
the hash of its two parts in ascending order, and one without a partner goes up as it is.
"""

from collections.abc import Iterable, Sequence

from eth_utils.crypto import keccak
from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.db import insert_into
from backend.gates.tables import ListedAccount
from backend.problems import TooMuch

MAX_ACCOUNTS = 10_000
MOST_ROWS = 200_000
"""Of all lists of a community together."""
_ROWS = 500


class TooManyListed(TooMuch):
    """The community's lists are full."""

    slug, title = "too-many-listed", "These lists are too long"


def root_of(accounts: Iterable[str]) -> str:
    """The Merkle root of these lower-case addresses, each once, in whatever order they come. There is at least one."""
    level = sorted({keccak(keccak(bytes.fromhex(account[2:]).rjust(32, b"\0"))) for account in accounts})
    while len(level) > 1:
        pairs = [level[start : start + 2] for start in range(0, len(level), 2)]
        level = [keccak(b"".join(sorted(pair))) if len(pair) == 2 else pair[0] for pair in pairs]
    return "0x" + level[0].hex()


def keep_list(session: Session, chain_id: int, community: str, accounts: Sequence[str]) -> str:
    """This home knows who is on the list; its root, which a rule may name. Raises TooManyListed."""
    root = root_of(accounts)
    here = (col(ListedAccount.chain_id) == chain_id, col(ListedAccount.community) == community)
    kept: int = session.execute(select(func.count()).select_from(ListedAccount).where(*here)).scalar_one()
    if len(accounts) > MAX_ACCOUNTS or kept > MOST_ROWS:
        raise TooManyListed(f"A list has at most {MAX_ACCOUNTS} accounts.", limit=MAX_ACCOUNTS)
    key = {"chain_id": chain_id, "community": community, "root": root}
    rows = [{**key, "account": account} for account in sorted(set(accounts))]
    for start in range(0, len(rows), _ROWS):
        insert = insert_into(session, ListedAccount).values(rows[start : start + _ROWS])
        session.execute(insert.on_conflict_do_nothing())
    return root


def list_sizes(session: Session, chain_id: int, community: str, roots: Iterable[str]) -> dict[str, int]:
    """How many accounts stand on each of these lists; those that this home does not know are left out."""
    wanted = sorted(set(roots))
    if not wanted:
        return {}
    statement = (
        select(col(ListedAccount.root), func.count())
        .where(
            col(ListedAccount.chain_id) == chain_id,
            col(ListedAccount.community) == community,
            col(ListedAccount.root).in_(wanted),
        )
        .group_by(col(ListedAccount.root))
    )
    return dict(session.execute(statement).all())


def listed(
    session: Session, chain_id: int, community: str, roots: Iterable[str], accounts: Sequence[str]
) -> dict[str, set[str]]:
    """Which of the accounts stand on each of these lists; those that this home does not know are left out."""
    known = list_sizes(session, chain_id, community, roots)
    found: dict[str, set[str]] = {root: set() for root in known}
    if not known:
        return found
    statement = select(col(ListedAccount.root), col(ListedAccount.account)).where(
        col(ListedAccount.chain_id) == chain_id,
        col(ListedAccount.community) == community,
        col(ListedAccount.root).in_(sorted(known)),
        col(ListedAccount.account).in_(accounts),
    )
    for root, account in session.execute(statement):
        found[root].add(account)
    return found
