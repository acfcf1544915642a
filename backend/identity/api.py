"""Routes of sign-in and sessions."""

from eth_utils.address import to_checksum_address
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from backend.db import Opened
from backend.identity import login, siwe
from backend.identity.bodies import (
    MessageFields,
    NonceRequest,
    SignedMessage,
    keep_private,
    message_fields,
    spend_of_network,
)
from backend.identity.limits import Allowance
from backend.identity.login import Viewer
from backend.identity.origin import require_same_origin
from backend.identity.viewer import SignedInViewer, clear_token, set_token, time_of, token_of

NONCES = Allowance("nonce", most=200, seconds=600)
"""For one network; a nonce costs a row."""
SIGN_INS = Allowance("sign-in", most=100, seconds=600)
"""For one network; an attempt costs 10 ms of parsing and at most three calls to the node."""
SEEN_SECONDS = 3600
"""`last_seen_at` is this exact: reading writes seldom."""


router = APIRouter(prefix="/api", tags=["identity"], dependencies=[Depends(require_same_origin), Depends(keep_private)])


class NonceAnswer(BaseModel):
    message_fields: MessageFields
    key_expires_at: int
    """The latest expiry that the session key's resource may name, in unix seconds."""


class SessionAnswer(BaseModel):
    address: str
    """With its EIP-55 checksum."""
    key: str | None
    """CID of the session key's delegation: the `key` of the acts that it signs."""
    key_expires_at: int | None
    expires_at: int


class SessionItem(BaseModel):
    id: str
    current: bool
    created_at: int
    last_seen_at: int
    expires_at: int
    user_agent: str
    key: str | None


class SessionList(BaseModel):
    sessions: list[SessionItem]


@router.post("/session/nonce")
def new_nonce(body: NonceRequest, request: Request, database: Opened) -> NonceAnswer:
    spend_of_network(request, database, NONCES)
    with database.writing() as session:
        at = time_of(request, session)
        challenge = login.new_nonce(session, request.app.state.settings, address=body.address, at=at)
    fields = message_fields(challenge, statement=siwe.STATEMENT)
    return NonceAnswer(message_fields=fields, key_expires_at=challenge.expires_at)


@router.post("/session")
def sign_in(body: SignedMessage, request: Request, response: Response, database: Opened) -> SessionAnswer:
    settings = request.app.state.settings
    spend_of_network(request, database, SIGN_INS)
    with database.reading() as session:
        at = time_of(request, session)
    signed_in = login.sign_in(
        database,
        request.app.state.chain,
        settings=settings,
        message=body.message,
        signature=body.signature_bytes,
        at=at,
        user_agent=request.headers.get("user-agent", ""),
        replaces=token_of(request),
    )
    set_token(response, settings, token=signed_in.token, seconds=signed_in.viewer.expires_at - at)
    return _answer(signed_in.viewer)


@router.get("/session")
def current_session(viewer: SignedInViewer, request: Request, database: Opened) -> SessionAnswer:
    with database.reading() as session:
        at = time_of(request, session)
    if viewer.last_seen_at + SEEN_SECONDS <= at:
        with database.writing() as session:
            login.touch(session, viewer, at=at)
    return _answer(viewer)


@router.delete("/session", status_code=204)
def sign_out(request: Request, response: Response, database: Opened) -> None:
    """Also without a session: the browser then forgets a token that is dead anyway."""
    token = token_of(request)
    if token:
        with database.writing() as session:
            login.sign_out(session, token, at=time_of(request, session))
    clear_token(response, request.app.state.settings)


@router.get("/sessions")
def sessions(viewer: SignedInViewer, request: Request, database: Opened) -> SessionList:
    with database.reading() as session:
        summaries = login.sessions_of(session, viewer.account, at=time_of(request, session))
    return SessionList(
        sessions=[
            SessionItem(
                id=summary.session_id,
                current=summary.session_id == viewer.session_id,
                created_at=summary.created_at,
                last_seen_at=summary.last_seen_at,
                expires_at=summary.expires_at,
                user_agent=summary.user_agent,
                key=summary.key,
            )
            for summary in summaries
        ]
    )


@router.delete("/sessions/{session_id}", status_code=204)
def revoke_session(session_id: str, viewer: SignedInViewer, request: Request, database: Opened) -> None:
    with database.writing() as session:
        login.revoke(session, viewer.account, session_id=session_id, at=time_of(request, session))


def _answer(viewer: Viewer) -> SessionAnswer:
    return SessionAnswer(
        address=to_checksum_address(viewer.account),
        key=viewer.key,
        key_expires_at=viewer.key_expires_at,
        expires_at=viewer.expires_at,
    )
