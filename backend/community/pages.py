"""Pages of a home and its communities: the list of them, a community's front page, and pictures made from addresses."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

import segno
from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from backend import feed
from backend.community.art import LOOKS, Kind, picture
from backend.community.queries import PAGE as COMMUNITIES
from backend.community.queries import (
    CommunityView,
    Search,
    community_of,
    discover,
    look_of,
    owned_community,
    require_owner,
    topics_of,
)
from backend.community.reading import NEWCOMER_SECONDS, newcomer_of, next_steps, welcomed_cookie
from backend.community.topics import topic_key
from backend.content.queries import PAGE
from backend.content.reading import imagined, listed_as, listed_posts
from backend.crowdsale.queries import open_sales
from backend.currency import Currency, currency_of
from backend.db import Opened, Reading
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.keys.custody import recovery_keys
from backend.membership.queries import TierView, tiers_by_contract
from backend.membership.reading import invited_by, offer_as, offer_of, remembering
from backend.rendering import THEME_COOKIE, render
from backend.texts import LANGUAGE_COOKIE
from backend.transactions import CommunityPath

router = APIRouter(include_in_schema=False)

Before = Annotated[int | None, Query(ge=1, lt=1 << 31)]
ViewAs = Annotated[str | None, Query(alias="as", pattern=r"^(outsider|expired|tier-[0-9]{1,5})$")]
YEAR = 31_536_000
LOOK_SECONDS = 300
"""After which a browser asks again which picture a community has chosen."""


@dataclass(frozen=True)
class Card:
    """A community in the list: what joining costs at least, and whether it can be free."""

    view: CommunityView
    currency: Currency
    cheapest: TierView | None
    free: bool


@router.get("/")
def home(
    request: Request,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    q: Annotated[str, Query(max_length=100)] = "",
    topic: Annotated[str, Query(max_length=100)] = "",
    free: Annotated[bool, Query()] = False,
    after: Annotated[str | None, Query(pattern=r"^[0-9]{1,15}-0x[0-9a-f]{40}$")] = None,
) -> Response:
    """The communities of this home: all, or those with these words, this topic, or a free tier."""
    chain_id = host.settings.chain_id
    at = request.state.at = feed.time_at(session, chain_id)
    block, _, address = (after or "").partition("-")
    search = Search(
        home_key=host.home.address,
        only=host.settings.chosen,
        words=q.strip(),
        topic=topic_key(topic),
        free=free,
        before=(int(block), address) if after else None,
    )
    found = discover(session, chain_id, search, at=at)
    tiers = tiers_by_contract(session, chain_id, [view.membership for view in found], at=at)
    last = found[-1] if len(found) == COMMUNITIES else None
    return render(
        request,
        "community/home.html",
        viewer=viewer,
        communities=[_card(host, view, tiers[view.membership]) for view in found],
        search=search,
        topics=topics_of(session, chain_id, host.home.address),
        more=f"{last.opened_block}-{last.address}" if last else None,
    )


def _card(host: Host, view: CommunityView, tiers: Sequence[TierView]) -> Card:
    offered = [tier for tier in tiers if tier.state == "open"]
    paid = [tier for tier in offered if tier.price]
    cheapest = min(paid, key=lambda tier: tier.price, default=None)
    return Card(view, currency_of(host.chain, view.currency), cheapest, free=len(paid) < len(offered))


@router.get("/c/{community}")
def front(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    before: Before = None,
    who: ViewAs = None,
) -> Response:
    """A community: what it is, its posts, its tiers. `as`: as somebody else would see it, for the owner."""
    return _front(request, community, host, viewer, session, before, "community/community.html", who=who)


@router.get("/fragments/c/{community}/feed")
def feed_part(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    before: Before = None,
) -> Response:
    """The list of posts alone."""
    return _front(request, community, host, viewer, session, before, "content/feed.html")


@router.get("/fragments/c/{community}/members")
def members_part(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: CurrentViewer, session: Reading
) -> Response:
    """The number of members alone."""
    view = _view(request, host, session, community)
    return render(request, "community/members.html", viewer=viewer, community=view)


@router.get("/fragments/c/{community}/welcome")
def welcome_part(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: CurrentViewer, session: Reading
) -> Response:
    """What a new member can do first, alone."""
    view = _view(request, host, session, community)
    account = viewer.account if viewer else None
    offer = offer_of(session, host.chain, view, account, at=request.state.at)
    newcomer = newcomer_of(request, session, view, offer, account)
    return render(request, "community/newcomer.html", viewer=viewer, community=view, newcomer=newcomer)


@router.post("/c/{community}/welcomed", dependencies=[Depends(require_same_origin)])
def welcomed(community: CommunityPath, host: CurrentHost) -> Response:
    """The new member has seen enough of what it can do first."""
    response = RedirectResponse(f"/c/{community}", status_code=303)
    secure = host.settings.secure
    response.set_cookie(
        welcomed_cookie(community), "1", max_age=NEWCOMER_SECONDS, samesite="lax", secure=secure, httponly=True
    )
    return response


@router.get("/fragments/c/{community}/next-steps")
def next_steps_part(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, session: Reading
) -> Response:
    """What the community still lacks, for its owner."""
    view, request.state.at = owned_community(session, host.settings.chain_id, community, viewer.account)
    steps = next_steps(session, view, at=request.state.at)
    return render(request, "community/next_steps.html", viewer=viewer, community=view, steps=steps)


@router.get("/c/{community}/recovery")
def recovery(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, session: Reading
) -> Response:
    """Where the owner makes recovery keys."""
    view, request.state.at = owned_community(session, host.settings.chain_id, community, viewer.account)
    existing = [key.hex() for key in recovery_keys(session, view.chain_id, view.address)]
    fingerprints = [" ".join(key[start : start + 4] for start in range(2, 22, 4)) for key in existing]
    return render(request, "community/recovery.html", viewer=viewer, community=view, existing=fingerprints)


@router.get("/art/{kind}/{address}.svg")
def art(
    kind: Kind,
    address: CommunityPath,
    host: CurrentHost,
    database: Opened,
    look: Annotated[int | None, Query(ge=0, lt=LOOKS)] = None,
) -> Response:
    """The picture of an address. That of a community follows what its owner chose, within minutes; else it never
    changes, nor does one of which the look is named."""
    headers = {"cache-control": f"public, max-age={YEAR}, immutable"}
    if look is None and kind in ("mark", "cover"):
        with database.reading() as session:
            look = look_of(session, host.settings.chain_id, address)
        headers = {"cache-control": f"public, max-age={LOOK_SECONDS}"}
    return Response(picture(kind, address, look or 0), media_type="image/svg+xml", headers=headers)


@router.get("/qr.svg")
def qr(
    host: CurrentHost, path: Annotated[str, Query(pattern=r"^/([!-.0-\[\]-~][!-~]*)?$", max_length=1000)]
) -> Response:
    """A page of this home as a QR code (ISO/IEC 18004), for the phone that has the wallet."""
    drawn = io.BytesIO()
    code = segno.make(host.settings.base_url + path, error="m", micro=False)
    code.save(drawn, kind="svg", border=2, scale=4, dark="#1b211c", light="#ffffff", xmldecl=False, svgclass=None)
    headers = {"cache-control": "public, max-age=86400"}
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers=headers)


@router.post("/preferences", dependencies=[Depends(require_same_origin)])
def prefer(
    host: CurrentHost,
    back: Annotated[str, Form(max_length=500)] = "/",
    language: Annotated[Literal["en", "ru"] | None, Form()] = None,
    theme: Annotated[Literal["auto", "light", "dark"] | None, Form()] = None,
) -> Response:
    """Remembers language or appearance in this browser and goes back to where the viewer was."""
    parts = urlsplit(back)
    own = back.startswith("/") and not back.startswith(("//", "/\\")) and not parts.netloc
    response = RedirectResponse(back if own else "/", status_code=303)
    for name, value in ((LANGUAGE_COOKIE, language), (THEME_COOKIE, theme)):
        if value is not None:
            response.set_cookie(name, value, max_age=YEAR, samesite="lax", secure=host.settings.secure)
    return response


def _view(request: Request, host: Host, session: Session, community: str) -> CommunityView:
    at = request.state.at = feed.time_at(session, host.settings.chain_id)
    return community_of(session, host.settings.chain_id, community, at=at)


def _front(
    request: Request,
    community: str,
    host: Host,
    viewer: CurrentViewer,
    session: Session,
    before: int | None,
    template: str,
    *,
    who: str | None = None,
) -> Response:
    view = _view(request, host, session, community)
    account = viewer.account if viewer else None
    badge = invited_by(request, view.address)
    offer = offer_of(session, host.chain, view, None if who else account, at=request.state.at, badge=badge)
    if who is None:
        posts = listed_posts(session, view.chain_id, view.address, account=account, before=before)
    else:
        require_owner(view, account or "")
        holdings = imagined(who, [tier.id for tier in offer.tiers], at=request.state.at)
        offer = offer_as(offer, view, who, at=request.state.at)
        posts = listed_as(session, view.chain_id, view.address, holdings, before=before)
    page = render(
        request,
        template,
        viewer=viewer,
        community=view,
        viewing_as=who,
        owner=view.owner == account and who is None,
        offered=account is not None and view.pending_owner == account,
        steps=next_steps(session, view, at=request.state.at) if view.owner == account and who is None else (),
        offer=offer,
        newcomer=None if who else newcomer_of(request, session, view, offer, account),
        sales=open_sales(session, view.chain_id, view.address, at=request.state.at),
        posts=posts,
        older=posts[-1].post.seq if len(posts) == PAGE else None,
    )
    return remembering(request, view.address, page)
