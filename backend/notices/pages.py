"""The inbox, its settings, and the two pages that links in mail lead to."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from backend import clock, feed
from backend.currency import currency_of
from backend.db import Opened, Reading
from backend.host import CurrentHost
from backend.identity.limits import network_of
from backend.identity.origin import require_same_origin
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.notices.choosing import ask, by_token, choose, confirm, end_mail, mark_one, mark_read
from backend.notices.mail import confirmation, send
from backend.notices.queries import PAGE, author_of, choices_of, notices_of, unread_count
from backend.notices.tables import KINDS
from backend.notices.words import sentence
from backend.rendering import render
from backend.texts import Say, language_of

router = APIRouter(include_in_schema=False)
Token = Annotated[str, Query(max_length=64)]
Kind = Literal[
    "reply", "expiring", "renewal-failed", "income", "level", "offer", "listing-ended", "trade", "sale-ended"
]


@router.get("/account/inbox")
def inbox(
    request: Request,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    before: Annotated[int | None, Query(ge=1)] = None,
    asked: bool = False,
) -> Response:
    """What the viewer should hear of, and what it wants to."""
    chain_id, say = host.settings.chain_id, Say(language_of(request))
    at = request.state.at = feed.time_at(session, chain_id)
    found = notices_of(session, chain_id, viewer.account, before=before) if viewer else []
    listed = [
        (
            each,
            sentence(
                say,
                each.kind,
                each.params,
                community=each.community_name,
                currency=currency_of(host.chain, None if each.params.get("coin") else each.currency),
                at=at,
                name=author_of(session, chain_id, each.community, each.params),
            ),
        )
        for each in found
    ]
    return render(
        request,
        "notices/inbox.html",
        viewer=viewer,
        listed=listed,
        unread=unread_count(session, chain_id, viewer.account) if viewer else 0,
        choices=choices_of(session, viewer.account) if viewer else None,
        kinds=KINDS,
        mail=bool(host.settings.smtp),
        asked=asked,
        more=found[-1].id if len(found) == PAGE else None,
    )


@router.get("/account/inbox/{notice_id}")
def follow(
    notice_id: Annotated[int, Path(ge=1, lt=1 << 53)], host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> Response:
    """The notice has been seen; on to the page that it is about."""
    with database.writing() as session:
        path = mark_one(session, host.settings.chain_id, viewer.account, notice_id)
    return RedirectResponse(path, status_code=303)


@router.post("/account/inbox/read", dependencies=[Depends(require_same_origin)])
def read(host: CurrentHost, viewer: SignedInViewer, database: Opened) -> Response:
    """All notices have been seen."""
    with database.writing() as session:
        mark_read(session, host.settings.chain_id, viewer.account)
    return RedirectResponse("/account/inbox", status_code=303)


@router.post("/account/inbox/choices", dependencies=[Depends(require_same_origin)])
def choose_(
    request: Request,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
    on: Annotated[list[Kind] | None, Form()] = None,
    address: Annotated[str, Form(max_length=320)] = "",
) -> Response:
    """What the viewer wants to hear; a new mail address is asked first whether it wants to."""
    wanted, at = address.strip() if host.settings.smtp else "", clock.now()
    network = network_of(request.client.host if request.client else None)
    token, language = ask(database, viewer.account, address=wanted, network=network, at=at), language_of(request)
    if token is not None:  # before it is kept: an address to which nothing could be sent would wait for ever
        send(host.settings, confirmation(host.settings, wanted, token=token, language=language))
    with database.writing() as session:
        choose(session, viewer.account, on=on or [], address=wanted, token=token, language=language, at=at)
    return RedirectResponse("/account/inbox" + ("?asked=true" if token else ""), status_code=303)


@router.get("/mail/confirm")
def ask_confirm(request: Request, viewer: CurrentViewer, session: Reading, token: Token = "") -> Response:
    """A button, since programs that look through mail open links."""
    address = by_token(session, token).address
    return render(request, "notices/link.html", viewer=viewer, step="confirm", token=token, address=address)


@router.post("/mail/confirm", dependencies=[Depends(require_same_origin)])
def confirm_(
    request: Request, viewer: CurrentViewer, database: Opened, token: Annotated[str, Form(max_length=64)]
) -> Response:
    """Mail goes to this address from now on."""
    with database.writing() as session:
        confirm(session, token, at=clock.now())
    return render(request, "notices/link.html", viewer=viewer, step="confirmed", token="", address="")


@router.get("/mail/off")
def ask_off(request: Request, viewer: CurrentViewer, session: Reading, token: Token = "") -> Response:
    """A button that ends all mail."""
    address = by_token(session, token).address
    return render(request, "notices/link.html", viewer=viewer, step="off", token=token, address=address)


@router.post("/mail/off")
def off(request: Request, viewer: CurrentViewer, database: Opened, token: Token = "") -> Response:
    """No more mail. Also for mail programs, which ask from elsewhere (RFC 8058): the token is all that it takes."""
    with database.writing() as session:
        end_mail(session, token)
    return render(request, "notices/link.html", viewer=viewer, step="ended", token="", address="")
