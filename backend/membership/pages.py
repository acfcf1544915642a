"""Pages of tiers and of what a viewer holds."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlmodel import Session

from backend import feed
from backend.chain import CallFailed
from backend.community.queries import CommunityView, communities_owned_by, community_of
from backend.currency import Currency, currency_of
from backend.db import Reading
from backend.host import CurrentHost, Host
from backend.identity.login import sessions_of
from backend.identity.viewer import CurrentViewer
from backend.membership.queries import MembershipView, TierView, memberships_of, tier_of
from backend.membership.reading import offer_of
from backend.rendering import render
from backend.transactions import call_data

router = APIRouter(include_in_schema=False)

CommunityPath = Annotated[str, Path(pattern=r"^0x[0-9a-fA-F]{40}$")]


@dataclass(frozen=True)
class Holding:
    """A membership of the viewer with what it belongs to."""

    view: CommunityView
    currency: Currency
    tier: TierView
    membership: MembershipView


@dataclass(frozen=True)
class Owned:
    """A community of the viewer, and the income (base units) that waits for it."""

    view: CommunityView
    currency: Currency
    due: int


@router.get("/c/{community}/tiers")
def tiers(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: CurrentViewer, session: Reading
) -> Response:
    """The tiers of a community on a page of their own."""
    return _tiers(request, community, host, viewer, session, "membership/tiers.html")


@router.get("/fragments/c/{community}/tiers")
def tiers_part(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: CurrentViewer, session: Reading
) -> Response:
    """The tiers alone."""
    return _tiers(request, community, host, viewer, session, "membership/tiers_part.html")


@router.get("/account")
def account(request: Request, host: CurrentHost, viewer: CurrentViewer, session: Reading) -> Response:
    """What the viewer holds, owns, and where it is signed in."""
    return _account(request, host, viewer, session, "membership/account.html")


@router.get("/fragments/account")
def account_part(request: Request, host: CurrentHost, viewer: CurrentViewer, session: Reading) -> Response:
    """What the viewer holds and owns alone."""
    return _account(request, host, viewer, session, "membership/account_part.html")


def _tiers(
    request: Request, community: str, host: Host, viewer: CurrentViewer, session: Session, template: str
) -> Response:
    at = request.state.at = feed.time_at(session, host.settings.chain_id)
    view = community_of(session, host.settings.chain_id, community, at=at)
    offer = offer_of(session, host.chain, view, viewer.account if viewer else None, at=at)
    return render(request, template, viewer=viewer, community=view, offer=offer)


def _account(request: Request, host: Host, viewer: CurrentViewer, session: Session, template: str) -> Response:
    at = request.state.at = feed.time_at(session, host.settings.chain_id)
    return render(
        request,
        template,
        viewer=viewer,
        held=_held(host, session, viewer.account, at) if viewer else [],
        founded=_owned(host, session, viewer.account, at) if viewer else [],
        sessions=sessions_of(session, viewer.account, at=at) if viewer else [],
        current=viewer.session_id if viewer else None,
    )


def _held(host: Host, session: Session, holder: str, at: int) -> list[Holding]:
    held = []
    for membership in memberships_of(session, host.settings.chain_id, holder, at=at):
        view = community_of(session, host.settings.chain_id, membership.community, at=at)
        tier = tier_of(session, view.chain_id, membership.contract, membership.tier_id, at=at)
        held.append(Holding(view, currency_of(host.chain, view.currency), tier, membership))
    return held


def _owned(host: Host, session: Session, owner: str, at: int) -> list[Owned]:
    views = communities_owned_by(session, host.settings.chain_id, owner, at=at)
    return [Owned(view, currency_of(host.chain, view.currency), _due(host, view)) for view in views]


def _due(host: Host, view: CommunityView) -> int:
    """What `collect` would pay the owner now; 0 when the node does not say."""
    try:
        data = call_data("Community", "dueOf", view.membership, view.owner)
        return int.from_bytes(host.chain.call(view.address, data)[:32])
    except CallFailed:
        return 0
