"""Session keys on the chain: a wallet ends one of its keys, or all of them, for one community, and no host can hide it.

A session key signs what its person writes (docs/log.md, "Delegation"). Ending a session takes its key away at this
home; what the chain says counts for every home, also for one that would not listen: `Community.setKey`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlmodel import Session, col

from backend import feed
from backend.community.queries import CommunityView, communities_by_address, owned_by
from backend.community.reading import Here
from backend.db import Reading
from backend.host import CurrentHost
from backend.identity.login import SessionSummary, sessions_of
from backend.identity.origin import require_same_origin
from backend.identity.tables import DelegationBlock
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.membership.queries import memberships_of
from backend.rendering import render_live
from backend.transactions import RATIONED, Call, Transaction, TransactionRequest, Translator, prepare
from indexer.tables.columns import FOR_LIFE, ZERO_HASH
from indexer.tables.community import DelegatedKey

router = APIRouter(
    prefix="/api/communities/{community}", tags=["community"], dependencies=[Depends(require_same_origin)]
)
pages = APIRouter(include_in_schema=False)

MOST_KEYS = 50
"""Keys of an account that are told, the newest first."""
HashText = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{64}$", examples=[ZERO_HASH])]


@dataclass(frozen=True)
class SessionKeyView:
    """A key that this home knows. `hash`: SHA-256 of it, its name on the chain; `session`: that made it, unless it has
    ended or was for one act; `ended`: this home takes nothing signed by it any more; `until`: what the chain says of it
    (unix seconds, exclusive; 0: revoked), None for nothing."""

    hash: str
    expires_at: int
    session: SessionSummary | None
    ended: bool
    until: int | None


@dataclass(frozen=True)
class KeysIn:
    """What one community's contract says of the viewer's keys. `until`: of all of them at once."""

    community: CommunityView
    until: int | None
    keys: Sequence[SessionKeyView]


class SetKeyRequest(TransactionRequest):
    """`key_hash`: SHA-256 of the compressed session key; 0: all keys of the account. `until` 0 revokes; else keys count
    until then, as far as they have not expired by themselves."""

    key_hash: HashText
    until: Annotated[int, Field(ge=0, lt=1 << 40)] = 0


class SessionKeyAnswer(BaseModel):
    key_hash: str
    expires_at: int
    session_id: str | None
    ended: bool
    until: int | None


class KeysAnswer(BaseModel):
    """`until`: what the chain says of all keys of the viewer here (0: revoked), null for nothing; `keys`: those that
    this home knows."""

    until: int | None
    keys: list[SessionKeyAnswer]


@router.get("/session-keys")
def session_keys(here: Here, viewer: SignedInViewer, session: Reading) -> KeysAnswer:
    """The viewer's session keys, and what this community's contract says of them."""
    [found] = keys_in(session, [here.view], viewer.account, at=here.at)
    keys = [
        SessionKeyAnswer(
            key_hash=each.hash,
            expires_at=each.expires_at,
            session_id=each.session.session_id if each.session else None,
            ended=each.ended,
            until=each.until,
        )
        for each in found.keys
    ]
    return KeysAnswer(until=found.until, keys=keys)


@router.post("/transactions/set-key", dependencies=RATIONED)
def set_key(here: Here, body: SetKeyRequest, host: CurrentHost, say: Translator) -> Transaction:
    """One session key of the account, or all of them, counts in this community until then, or no longer."""
    everything, ends = int(body.key_hash, 16) == 0, body.until == 0
    text = {
        (True, True): say._("Revoke all of your session keys in %(community)s on the chain, also those to come."),
        (False, True): say._("Revoke one of your session keys in %(community)s on the chain."),
        (True, False): say._("Let your session keys count in %(community)s again."),
        (False, False): say._("Let one of your session keys count in %(community)s again."),
    }[everything, ends]
    call = Call("Community", here.view.address, "setKey", (bytes.fromhex(body.key_hash[2:]), body.until))
    return prepare(host, call, account=body.account, summary=text % {"community": here.view.name}, say=say)


@pages.get("/account/keys")
@pages.get("/fragments/account/keys")
def page(request: Request, host: CurrentHost, viewer: CurrentViewer, session: Reading) -> Response:
    """Where a wallet revokes its session keys on the chain, by community."""
    at = request.state.at = feed.time_at(session, host.settings.chain_id)
    return render_live(
        request,
        "community/session_keys.html",
        viewer=viewer,
        found=keys_in(
            session, _communities(session, host.settings.chain_id, viewer.account, at=at), viewer.account, at=at
        )
        if viewer
        else [],
        current=viewer.session_id if viewer else None,
        everything=ZERO_HASH,
        always=FOR_LIFE,
    )


def keys_in(session: Session, communities: Sequence[CommunityView], account: str, *, at: int) -> list[KeysIn]:
    """The account's keys as each of these communities' contracts has them. A fixed number of questions."""
    if not communities:
        return []
    said = _said(session, communities, account)
    by_key = {each.key: each for each in sessions_of(session, account, at=at)}
    statement = select(DelegationBlock).where(
        col(DelegationBlock.account) == account, col(DelegationBlock.expires_at) > at
    )
    newest = statement.order_by(col(DelegationBlock.expires_at).desc(), col(DelegationBlock.cid)).limit(MOST_KEYS)
    known = [("0x" + sha256(row.public_key).hexdigest(), row) for row in session.execute(newest).scalars()]
    return [
        KeysIn(
            view,
            said.get((view.address, ZERO_HASH)),
            [
                SessionKeyView(
                    name,
                    row.expires_at,
                    by_key.get(row.cid),
                    row.revoked_at is not None,
                    said.get((view.address, name)),
                )
                for name, row in known
            ],
        )
        for view in communities
    ]


def _communities(session: Session, chain_id: int, account: str, *, at: int) -> list[CommunityView]:
    """Where the account is a member, or the owner."""
    owned = owned_by(session, chain_id, account, at=at)
    held = [each.community for each in memberships_of(session, chain_id, account, at=at)]
    joined = communities_by_address(session, chain_id, held, at=at) if held else {}
    return list({each.address: each for each in [*owned, *joined.values()]}.values())


def _said(session: Session, communities: Sequence[CommunityView], account: str) -> Mapping[tuple[str, str], int]:
    """Until when a key counts, by community and hash."""
    statement = select(DelegatedKey).where(
        col(DelegatedKey.chain_id) == communities[0].chain_id,
        col(DelegatedKey.community).in_([each.address for each in communities]),
        col(DelegatedKey.account) == account,
    )
    return {(row.community, row.key_hash): row.until for row in session.execute(statement).scalars()}
