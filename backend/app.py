"""The web application: routers from the catalog, problems as JSON or pages, and the headers that every answer has."""

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend import catalog, reference
from backend.community.live import Listener
from backend.config import Settings
from backend.host import Host
from backend.identity.viewer import viewer_of_request
from backend.keys.bodies import MAX_FILE_BYTES
from backend.problems import Malformed, NotFound, Problem, TooLarge
from backend.rendering import STATIC, render
from backend.texts import language_of, translations

MAX_REQUEST_BYTES = MAX_FILE_BYTES + 64 * 1024
MAX_SMALL_REQUEST_BYTES = 256 * 1024
"""Of every request that sends no body of a post or reply: it is kept in memory while it is read."""
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src {reached}; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin-allow-popups",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
PRIVATE = {"cache-control": "private, no-store"}
"""Answers differ by viewer and by block; only what says otherwise may be kept."""
log = logging.getLogger(__name__)


class Crashed(Problem):
    """Something that must not happen did; it is in the server's log, not in the answer."""

    slug, title, status = "internal", "Something broke on our side", 500


class Refused(Problem):
    """What the framework refused by itself, such as a method that a route lacks."""

    slug, title = "refused", "The request cannot be answered"

    def __init__(self, status: int) -> None:
        super().__init__(HTTPStatus(status).phrase + ".")
        self.status = status  # type: ignore[misc]  # of the class elsewhere; this one is for every status


def create_app(host: Host, *, routers: Sequence[APIRouter] = ()) -> FastAPI:
    """The application over these parts. `routers` adds more, as the demo does with its own."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with app.state.listener.running():
            yield

    used = [*catalog.ROUTERS, reference.router, *routers]
    app = FastAPI(
        # As they are: included routers are built anew for each application, at its first request.
        routes=[route for router in used for route in router.routes],
        title="Koinon",
        description="Token-gated communities, owned by the people in them.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.host, app.state.settings = host, host.settings
    app.state.database, app.state.chain = host.database, host.chain
    app.state.listener = Listener(host.database, host.settings.chain_id)
    app.openapi = lambda: reference.document(app)  # type: ignore[method-assign]  # as FastAPI's manual does
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC), minimum_size=1000), name="static")
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _crash)
    app.add_middleware(_Frame, headers=_headers(host.settings))
    return app


def _headers(settings: Settings) -> dict[str, str]:
    """Of every answer. Pages reach this home, and the relay of WalletConnect where the operator wants it."""
    relay = f" {settings.walletconnect_relay}" if settings.walletconnect_project else ""
    return {"content-security-policy": POLICY.format(reached=f"'self'{relay}"), **HEADERS}


async def _problem(request: Request, problem: Exception) -> Response:
    if not isinstance(problem, Problem):
        raise problem
    body = problem.body(request.url.path)
    body["title"] = translations(language_of(request)).gettext(problem.title)
    if request.url.path.startswith(("/api", "/demo/")):
        headers = {"cache-control": "no-store"}
        return JSONResponse(body, status_code=problem.status, media_type=reference.PROBLEM_TYPE, headers=headers)
    broken = problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR  # then nothing more is asked of the database
    viewer = None if broken else await run_in_threadpool(viewer_of_request, request)
    page = partial(render, request, "error.html", viewer=viewer, status=problem.status, problem=body)
    return await run_in_threadpool(page)  # it may ask the database


async def _invalid(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    errors = [{"at": [str(part) for part in each["loc"]], "message": each["msg"]} for each in found]
    return await _problem(request, Malformed("The request does not have the form that is documented.", errors=errors))


async def _http(request: Request, error: Exception) -> Response:
    if isinstance(error.__cause__, Problem):  # raised while the framework read the body
        return await _problem(request, error.__cause__)
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    if status == HTTPStatus.NOT_FOUND:
        return await _problem(request, NotFound("Nothing is kept at this address."))
    return await _problem(request, Refused(status))


async def _crash(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    answer = await _problem(request, Crashed("It has been written down. Try again in a moment."))
    for name, value in (_headers(request.app.state.settings) | PRIVATE).items():  # it passes no middleware
        answer.headers.setdefault(name, value)
    return answer


class _Frame:
    """Every answer has the security headers; no request is larger than its address needs."""

    def __init__(self, app: ASGIApp, *, headers: Mapping[str, str]) -> None:
        self.app = app
        self.static = [(name.encode(), value.encode()) for name, value in headers.items()]
        self.page = [*self.static, *((name.encode(), value.encode()) for name, value in PRIVATE.items())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        passed, most = 0, MAX_REQUEST_BYTES if scope["path"].endswith("/bodies") else MAX_SMALL_REQUEST_BYTES

        async def limited() -> Message:
            nonlocal passed
            message = await receive()
            passed += len(message.get("body", b""))
            if passed > most:
                raise TooLarge(f"A request has at most {most} bytes here.", limit=most)
            return message

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                wanted = self.static if scope["path"].startswith("/static/") else self.page
                message["headers"] = [*message["headers"], *(each for each in wanted if each[0] not in present)]
            await send(message)

        await self.app(scope, limited, framed)
