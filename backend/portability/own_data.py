"""All that this home keeps about an account: rows of the mirror that name it, its acts with their words, its sessions.

Words behind a gate that the account may not pass (any more) stay sealed, also its own: the key is the gate's.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, SQLModel, col

from backend.content.tables import Post
from backend.db import AppTable
from backend.discussion.tables import Reply
from backend.gates.access import Access, access
from backend.gates.decision import Allowed
from backend.gates.tables import ListedAccount, Watch
from backend.host import Host
from backend.identity.linking import links_of
from backend.identity.tables import DelegationBlock, LoginSession
from backend.keys.bodies import BodyBroken, BodyGone, block_bytes, unpack, unseal
from backend.keys.release import release
from backend.keys.tables import Release
from backend.log.act import Act, Body, parse_act
from backend.log.tables import LogBlock, LogRecord
from indexer.tables import PROJECTED, SCHEMA, metadata
from indexer.tables.columns import Address

ABOUT = """data.json holds all that this home keeps about your account: rows from the chain that name it, every act
that you signed with its words where they are still there, where you are signed in, and which wallets are linked. What
linked wallets hold is in their own download. Amounts are base units of the currency of the contract, times are unix
seconds. What you wrote behind a gate that is closed to you now stays sealed.
"""
_NOT_ACCOUNTS = {"contract", "community", "currency", "token", "membership", "badges", "store", "parent", "address"}
"""Address columns that name contracts."""
_SECRET = {"data", "public_key", "id_hash"}


def own_data(host: Host, account: str, *, at: int) -> bytes:
    """A zip with data.json and README.txt."""
    with host.database.reading() as session:
        document = {
            "account": account,
            "chain_id": host.settings.chain_id,
            "at": at,
            "chain": dict(_chain_rows(session, host.settings.chain_id, account)),
            "acts": [_act_of(host, session, row) for row in _records(session, host.settings.chain_id, account)],
            "sessions": _rows(session, LoginSession, account),
            "session_keys": _rows(session, DelegationBlock, account),
            "wallets": _links(session, account),
            "opened": _rows(session, Release, account),
            "watched_balances": _rows(session, Watch, account),
            "lists": _rows(session, ListedAccount, account),
        }
    document["sealed_words"] = _sealed_words(host, account)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(document, ensure_ascii=False, indent=1))
        archive.writestr("README.txt", ABOUT)
    return made.getvalue()


def _chain_rows(session: Session, chain_id: int, account: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Rows of each mirrored table in which any column names the account."""
    for model in PROJECTED:
        table = metadata.tables[f"{SCHEMA}.{model.__tablename__}"]
        named = [each for each in table.columns if isinstance(each.type, Address) and each.name not in _NOT_ACCOUNTS]
        if not named:
            continue
        statement = select(table).where(table.c.chain_id == chain_id, or_(*(each == account for each in named)))
        rows = [_plain(dict(row)) for row in session.execute(statement).mappings()]
        if rows:
            yield str(model.__tablename__), rows


def _rows(session: Session, model: type[AppTable], account: str) -> list[dict[str, Any]]:
    """Private rows of the account, without what would let somebody in."""
    found = session.execute(select(model).filter_by(account=account)).scalars()
    return [_plain({name: value for name, value in _fields(row).items() if name not in _SECRET}) for row in found]


def _links(session: Session, account: str) -> list[dict[str, Any]]:
    """Wallets that count for the account, and the account that it counts for."""
    links = links_of(session, account)
    return [asdict(each) for each in (*links.wallets, links.counts_for) if each is not None]


def _fields(row: SQLModel) -> dict[str, Any]:
    return {name: getattr(row, name) for name in type(row).model_fields}


def _records(session: Session, chain_id: int, account: str) -> Sequence[LogRecord]:
    statement = (
        select(LogRecord)
        .where(col(LogRecord.chain_id) == chain_id, col(LogRecord.author) == account)
        .order_by(col(LogRecord.community), col(LogRecord.seq))
    )
    return session.execute(statement).scalars().all()


def _act_of(host: Host, session: Session, row: LogRecord) -> dict[str, Any]:
    """The act as it was signed; `words` of its body where that is public and still here."""
    block = session.execute(select(col(LogBlock.data)).where(col(LogBlock.cid) == row.act_cid)).scalar_one()
    act: Act = parse_act(block)
    return {
        "community": row.community,
        "seq": row.seq,
        "placed_at": row.at,
        "void": row.void,
        "id": act.id,
        "kind": act.kind,
        "n": act.n,
        "at": act.at,
        "subject": act.subject,
        "data": _plain(act.data),
        "body": _plain(act.body.encode()) if act.body else None,
        "words": _words(host, session, act.body) if act.body and "item" not in act.data else None,
        "signature": act.sig.hex(),
    }


def _words(host: Host, session: Session, body: Body) -> str | None:
    try:
        return unpack(block_bytes(session, host.store, body.cid), commit=body.commit).text
    except (BodyGone, BodyBroken):
        return None


def _sealed_words(host: Host, account: str) -> list[dict[str, Any]]:
    """The account's own replies and posts behind gates that it may pass now."""
    with host.database.writing() as session:
        chain_id = host.settings.chain_id
        replies = select(Reply).where(
            col(Reply.chain_id) == chain_id, col(Reply.author) == account, col(Reply.item).is_not(None)
        )
        posts = select(Post).where(col(Post.chain_id) == chain_id, col(Post.author) == account)
        mine = [
            (each.community, each.id, each.gate, each.item, each.cid, each.commit)
            for each in session.execute(replies).scalars()
            if not each.erased and each.item is not None
        ] + [
            (each.community, each.id, each.gate, each.sealed["item"], each.sealed["cid"], _bytes(each.sealed["commit"]))
            for each in session.execute(posts).scalars()
            if each.sealed
        ]
        opened = {
            (community, gate): access(session, chain_id, community, gate=gate, account=account)
            for community, _, gate, _, _, _ in mine
        }
        found = []
        for community, id_, gate, item, cid, commit in mine:
            text = _opened(host, session, opened[community, gate], community, item, cid, commit)
            found.append({"community": community, "id": id_, "gate": gate, "words": text})
        return found


def _opened(
    host: Host, session: Session, granted: Access, community: str, item: str, cid: str, commit: bytes
) -> str | None:
    if not isinstance(granted.decision, Allowed):
        return None
    chain_id = host.settings.chain_id
    keys = release(session, host.master, [item], chain_id=chain_id, community=community, access=granted)
    try:
        block = block_bytes(session, host.store, cid)
        return unseal(block, keys[item], chain_id=chain_id, community=community, item=item, commit=commit).text
    except (BodyGone, BodyBroken, KeyError):
        return None


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text)


def _plain(value: Any) -> Any:
    """As JSON takes it: bytes in hex, large numbers as decimal strings."""
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return str(value)
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)
