"""Nonces, sign-in and sessions. Sessions are opaque tokens, kept as hashes, that can be listed and revoked."""

import hashlib
import re
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from backend.chain import Chain
from backend.config import Settings
from backend.db import Database
from backend.identity import siwe
from backend.identity.delegation import delegation_block, granted_key
from backend.identity.limits import Allowance, spend
from backend.identity.nonces import give_nonce, require_nonce, use_nonce
from backend.identity.signature import personal_digest, verify_wallet
from backend.identity.tables import DelegationBlock, LoginSession
from backend.problems import NotFound

SESSION_SECONDS = siwe.MAX_LIFE_SECONDS
TOKEN_BYTES = 32
USER_AGENT_CHARACTERS = 200
_SESSION_ID = re.compile(r"[0-9a-f]{64}")
SESSIONS = Allowance("session", most=60, seconds=3600)
"""For one account, counted once its signature was found right: nobody can use up another's."""


@dataclass(frozen=True)
class Challenge:
    """What a SIWE message must say to sign in now; times in unix seconds."""

    address: str
    base_url: str
    chain_id: int
    nonce: str
    issued_at: int
    expires_at: int


@dataclass(frozen=True)
class Viewer:
    """A signed-in account. `key` is the CID of its session key's delegation while that may sign, else None."""

    account: str
    session_id: str
    key: str | None
    key_expires_at: int | None
    expires_at: int
    last_seen_at: int


@dataclass(frozen=True)
class SignedIn:
    """`token` is the cookie's secret: it is shown once and kept nowhere."""

    token: str
    viewer: Viewer


@dataclass(frozen=True)
class SessionSummary:
    session_id: str
    created_at: int
    last_seen_at: int
    expires_at: int
    user_agent: str
    key: str | None


@dataclass(frozen=True)
class SessionKey:
    """A delegated key as this home holds it. It may sign at t when `t < expires_at` and it is not revoked."""

    cid: str
    account: str
    public_key: bytes
    expires_at: int
    revoked_at: int | None


def new_nonce(session: Session, settings: Settings, *, address: str, at: int) -> Challenge:
    """A challenge whose nonce signs this address in once, within ten minutes."""
    nonce = give_nonce(session, address, links_to=None, at=at)
    return Challenge(address, settings.base_url, settings.chain_id, nonce, at, at + SESSION_SECONDS)


def sign_in(
    database: Database,
    chain: Chain,
    *,
    settings: Settings,
    message: str,
    signature: bytes,
    at: int,
    user_agent: str = "",
    replaces: str | None = None,
) -> SignedIn:
    """A new session of the account that signed the message; the browser's session before it (`replaces`) has ended.

    `SignInRefused` tells which part of the message is wrong, `SignatureWrong` that the wallet did not sign it,
    `ChainUnavailable` that a contract wallet cannot be asked, `TooMuch` that one account did this too often.
    Of any number of calls with one nonce, one succeeds.
    """
    parsed = siwe.parse(message)
    siwe.check(parsed, base_url=settings.base_url, chain_id=settings.chain_id, at=at)
    granted = granted_key(parsed)
    if granted is not None and granted[1] <= at:
        raise siwe.MessageExpired("The session key has expired already.")
    with database.reading() as session:
        require_nonce(session, parsed, links_to=None, at=at)
    proof = verify_wallet(chain, parsed.address, digest=personal_digest(parsed.text.encode()), signature=signature)
    spend(database, SESSIONS, who=parsed.address, at=at)
    key = None
    if granted is not None:
        cid, block = delegation_block(parsed.text, proof)
        key = DelegationBlock(cid=cid, account=parsed.address, public_key=granted[0], expires_at=granted[1], data=block)
    with database.writing() as session:
        use_nonce(session, parsed, links_to=None, at=at)
        if replaces is not None:
            sign_out(session, replaces, at=at)
        session.execute(delete(LoginSession).where(col(LoginSession.expires_at) <= at))
        return _open_session(session, parsed, key=key, at=at, user_agent=user_agent)


def viewer_of(session: Session, token: str, *, at: int) -> Viewer | None:
    """Whose token it is; None when it is nobody's, has ended or was revoked. One indexed lookup."""
    row = session.execute(
        select(LoginSession, DelegationBlock.expires_at, DelegationBlock.revoked_at)
        .join(DelegationBlock, col(DelegationBlock.cid) == col(LoginSession.delegation), isouter=True)
        .where(LoginSession.id_hash == _hash(token), LoginSession.expires_at > at)
    ).first()
    if row is None:
        return None
    login, key_expires_at, revoked_at = row
    alive = key_expires_at is not None and key_expires_at > at and revoked_at is None
    return Viewer(
        account=login.account,
        session_id=login.id_hash,
        key=login.delegation if alive else None,
        key_expires_at=key_expires_at if alive else None,
        expires_at=login.expires_at,
        last_seen_at=login.last_seen_at,
    )


def sign_out(session: Session, token: str, *, at: int) -> None:
    """The token lets nobody in any more, and its session key signs nothing here any more."""
    _end(session, _hash(token), at)


def sessions_of(session: Session, account: str, *, at: int) -> list[SessionSummary]:
    """The account's sessions that have not ended, the latest seen first."""
    rows = session.scalars(
        select(LoginSession)
        .where(LoginSession.account == account, LoginSession.expires_at > at)
        .order_by(col(LoginSession.last_seen_at).desc(), col(LoginSession.id_hash))
    )
    return [
        SessionSummary(row.id_hash, row.created_at, row.last_seen_at, row.expires_at, row.user_agent, row.delegation)
        for row in rows
    ]


def revoke(session: Session, account: str, *, session_id: str, at: int) -> None:
    """As `sign_out`, of any session of the account. `NotFound` for another's, as for none."""
    row = session.get(LoginSession, session_id) if _SESSION_ID.fullmatch(session_id) else None
    if row is None or row.account != account:
        raise NotFound("You have no such session.")
    _end(session, session_id, at)


def touch(session: Session, viewer: Viewer, *, at: int) -> None:
    """The session's owner will see that it was used at `at`."""
    session.execute(update(LoginSession).where(col(LoginSession.id_hash) == viewer.session_id).values(last_seen_at=at))


def session_key(session: Session, cid: str) -> SessionKey | None:
    """The key that a delegation made at this home's sign-in; the block itself is `DelegationBlock.data`."""
    row = session.get(DelegationBlock, cid)
    return None if row is None else SessionKey(row.cid, row.account, row.public_key, row.expires_at, row.revoked_at)


def _open_session(
    session: Session, message: siwe.SiweMessage, *, key: DelegationBlock | None, at: int, user_agent: str
) -> SignedIn:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = message.expires_at or 0  # `check` has refused a message without an end
    login = LoginSession(
        id_hash=_hash(token),
        account=message.address,
        delegation=key.cid if key else None,
        created_at=at,
        expires_at=expires_at,
        last_seen_at=at,
        user_agent="".join(filter(str.isprintable, user_agent))[:USER_AGENT_CHARACTERS],
    )
    session.add(login)
    if key is not None:
        session.add(key)
    key_expires_at = key.expires_at if key else None
    return SignedIn(token, Viewer(login.account, login.id_hash, login.delegation, key_expires_at, expires_at, at))


def _end(session: Session, id_hash: str, at: int) -> None:
    ended = delete(LoginSession).where(col(LoginSession.id_hash) == id_hash).returning(col(LoginSession.delegation))
    key = session.execute(ended).scalar()
    if key is not None:
        alive = (col(DelegationBlock.cid) == key, col(DelegationBlock.revoked_at).is_(None))
        session.execute(update(DelegationBlock).where(*alive).values(revoked_at=at))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
