"""What routes of all slices take to know who asks: `CurrentViewer` (perhaps nobody) and `SignedInViewer`."""

from typing import Annotated

from fastapi import Depends, Request, Response
from sqlmodel import Session

from backend import feed
from backend.config import Settings
from backend.db import Opened
from backend.identity import login
from backend.identity.login import Viewer
from backend.problems import SignInRequired


def cookie_name(settings: Settings) -> str:
    """`__Host-` makes browsers refuse the cookie from subdomains and over plain HTTP (RFC 6265bis §4.1.3.2)."""
    return "__Host-koinon" if settings.secure else "koinon_session"


def token_of(request: Request) -> str | None:
    """The session token that the browser sent."""
    return request.cookies.get(cookie_name(request.app.state.settings))


def set_token(response: Response, settings: Settings, *, token: str, seconds: int) -> None:
    """The browser keeps the token for `seconds`; scripts and other sites' pages cannot use it."""
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=seconds,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def clear_token(response: Response, settings: Settings) -> None:
    response.delete_cookie(cookie_name(settings), path="/", secure=settings.secure, httponly=True, samesite="lax")


def time_of(request: Request, session: Session) -> int:
    """Now, for sessions and keys: the wall clock, or the newest indexed block where that is ahead."""
    return feed.time_at(session, request.app.state.settings.chain_id)


def _viewer(request: Request, database: Opened) -> Viewer | None:
    """Reads in a transaction of its own, so that a route never holds two connections."""
    token = token_of(request)
    if not token:
        return None
    with database.reading() as session:
        return login.viewer_of(session, token, at=time_of(request, session))


def viewer_of_request(request: Request) -> Viewer | None:
    """As `CurrentViewer`, for what is no route, such as the page of an error."""
    return _viewer(request, request.app.state.database)


CurrentViewer = Annotated[Viewer | None, Depends(_viewer)]


def _signed_in(viewer: CurrentViewer) -> Viewer:
    if viewer is None:
        raise SignInRequired("Connect your wallet and sign in.")
    return viewer


SignedInViewer = Annotated[Viewer, Depends(_signed_in)]
