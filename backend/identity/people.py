"""What members call themselves: a name and a picture that an account signed into a community's log.

The table is folded by `community/person_acts.py`. Whoever shows accounts asks here for all of a page's at once.
"""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address
from sqlalchemy import JSON, BigInteger, Column, Index, select
from sqlmodel import Field, Session, col

from backend.db import ProjectionTable
from indexer.tables.columns import Address

MOST_NAME = 40
"""Characters of a name."""
MOST_TOLD = 3
"""Accounts that a sentence names."""
_BLANK = set("\u034f\u115f\u1160\u2800\u3164\uffa0")
"""Letters, marks and symbols that show nothing."""
_FORBIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
"""Control and format characters, among them those that turn the direction of writing: a name is never a trick."""


class Person(ProjectionTable, table=True):
    """An account's newest name and picture in one community."""

    __tablename__ = "people"
    __table_args__ = (Index("people_by_account", "chain_id", "account", "at"), {"schema": "app"})

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    account: str = Field(primary_key=True, sa_type=Address)
    id: str
    """Of the act that made it: what edits and the erasure name."""
    base: str
    """Of the newest act."""
    name: str = ""
    picture: str | None = None
    """CID of a public file."""
    picture_type: str = ""
    picture_size: int = Field(default=0, sa_type=BigInteger)
    picture_commit: str = ""
    """What its author vouched for, in hex: who keeps the picture names it again."""
    bodies: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """`[cid, item]` of every version, for the day when the account erases them."""
    erased: bool = False
    at: int = Field(sa_type=BigInteger)
    seq: int


@dataclass(frozen=True)
class Known:
    """Who an account says it is. `picture`: address of its picture on this home, or "" for the one made from it."""

    account: str
    name: str
    picture: str


def people(
    session: Session, chain_id: int, accounts: Collection[str], *, community: str | None = None
) -> Mapping[str, Known]:
    """Those of these accounts that have said who they are: in this community, else (None) anywhere, the newest."""
    if not accounts:
        return {}
    statement = select(Person).where(col(Person.chain_id) == chain_id, col(Person.account).in_(accounts))
    if community is not None:
        statement = statement.where(col(Person.community) == community.lower())
    rows = session.execute(statement.order_by(col(Person.at), col(Person.seq))).scalars()
    return {row.account: _known(row) for row in rows if row.name or row.picture}


def spoken_of(session: Session, chain_id: int, community: str, accounts: Collection[str]) -> dict[str, str]:
    """Accounts, as given, for a sentence that a wallet is asked to sign: their names here, if any, and their whole
    addresses, since the ends of one can be made to order."""
    known = people(session, chain_id, [each.lower() for each in accounts], community=community)
    names = {each: known[each.lower()].name if each.lower() in known else "" for each in accounts}
    whole = {each: to_checksum_address(each) for each in accounts}
    return {each: f"{name} ({whole[each]})" if name else whole[each] for each, name in names.items()}


def listed(spoken: Collection[str]) -> str:
    """The first MOST_TOLD of these, with a mark where there are more."""
    told = list(spoken)
    return ", ".join(told[:MOST_TOLD] + ["…"] * (len(told) > MOST_TOLD))


def person_of(session: Session, chain_id: int, community: str, account: str) -> Person | None:
    """What this account said in this community."""
    return session.get(Person, (chain_id, community.lower(), account.lower()))


def clean_name(text: str) -> str:
    """The name as it is shown: composed, on one line, without what cannot be seen; at most MOST_NAME characters."""
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(" " if each.isspace() else each for each in composed if each.isspace() or _visible(each))
    name = " ".join(seen.split())[:MOST_NAME].strip()
    return name if any(unicodedata.category(each)[0] in "LNPS" for each in name) else ""


def _visible(character: str) -> bool:
    return character not in _BLANK and unicodedata.category(character) not in _FORBIDDEN


def _known(row: Person) -> Known:
    path = f"/api/communities/{row.community}/people/{row.account}/pictures/{row.picture}"
    return Known(row.account, row.name, path if row.picture else "")
