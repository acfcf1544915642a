"""Pages of auto-renewals: the member's, and the owner's."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from backend import feed
from backend.community.queries import owned_community
from backend.currency import currency_of
from backend.db import Reading
from backend.host import CurrentHost
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.rendering import render, render_live
from backend.renewals.keeper import load_keeper
from backend.renewals.queries import counts_in, next_place, place_of, standings_in, standings_of
from backend.transactions import CommunityPath

router = APIRouter(include_in_schema=False)
After = Annotated[str | None, Query(pattern=r"^\d{1,13}-\d{1,13}$")]


@router.get("/account/renewals")
def mine(request: Request, host: CurrentHost, viewer: CurrentViewer, session: Reading) -> Response:
    """What keepers may renew with the viewer's money, and why they could not."""
    at = request.state.at = feed.time_at(session, host.settings.chain_id)
    found = standings_of(session, host.settings.chain_id, viewer.account, at=at) if viewer else []
    listed = [(each, currency_of(host.chain, each.currency)) for each in found]
    return render(request, "renewals/mine.html", viewer=viewer, listed=listed)


@router.get("/c/{community}/manage/renewals")
@router.get("/fragments/c/{community}/renewals")
def manage(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    session: Reading,
    after: After = None,
) -> Response:
    """The owner sees every member's auto-renewal."""
    chain_id = host.settings.chain_id
    view, at = owned_community(session, chain_id, community, viewer.account)
    request.state.at = at
    found = standings_in(session, chain_id, view.membership, at=at, after=place_of(after))
    return render_live(
        request,
        "renewals/manage.html",
        viewer=viewer,
        community=view,
        currency=currency_of(host.chain, view.currency),
        counts=counts_in(session, chain_id, view.membership, at=at),
        standings=found,
        after=after,
        more=next_place(found),
        keeper=load_keeper(host.settings).address.lower() if host.settings.keeper else None,
    )
