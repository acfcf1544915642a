"""The market page of a community."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from sqlmodel import Session

from backend import feed
from backend.badges.queries import contracts_of, number_of
from backend.badges.reading import discount_of
from backend.community.queries import community_of
from backend.currency import currency_of
from backend.db import Reading
from backend.host import CurrentHost, Host
from backend.identity.viewer import CurrentViewer
from backend.market.queries import SALES, Sort, sales_of
from backend.market.reading import Sale, stand_of
from backend.membership.queries import tiers_of
from backend.rendering import render

router = APIRouter(include_in_schema=False)

CommunityPath = Annotated[str, Path(pattern=r"^0x[0-9a-fA-F]{40}$")]
After = Annotated[str | None, Query(pattern=r"^0x[0-9a-f]{64}$")]


@router.get("/c/{community}/market")
def market(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    sort: Sort = "newest",
    after: After = None,
) -> Response:
    """What is for sale, what is bid, and what was sold."""
    return _market(request, community, host, viewer, session, "market/market.html", sort, after)


@router.get("/fragments/c/{community}/market")
def market_part(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    sort: Sort = "newest",
    after: After = None,
) -> Response:
    """The same without the frame of the page."""
    return _market(request, community, host, viewer, session, "market/market_part.html", sort, after)


@router.get("/c/{community}/market/sales")
def sales(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    before: Annotated[str | None, Query(pattern=r"^[0-9]{1,15}-[0-9]{1,9}$")] = None,
) -> Response:
    """Everything that was sold, page by page."""
    at = request.state.at = feed.time_at(session, host.settings.chain_id)
    view = community_of(session, host.settings.chain_id, community, at=at)
    found = sales_of(session, view.chain_id, contracts_of(session, view.chain_id, view.address), before=before)
    shown = [Sale(each, currency_of(host.chain, each.currency)) for each in found]
    return render(
        request,
        "market/sales.html",
        viewer=viewer,
        community=view,
        sales=shown,
        number_of=number_of,
        older=found[-1].place if len(found) == SALES else None,
    )


def _market(
    request: Request,
    community: str,
    host: Host,
    viewer: CurrentViewer,
    session: Session,
    template: str,
    sort: Sort,
    after: str | None,
) -> Response:
    at = request.state.at = feed.time_at(session, host.settings.chain_id)
    view = community_of(session, host.settings.chain_id, community, at=at)
    account = viewer.account if viewer else None
    stand = stand_of(session, host, view, viewer=account, at=at, sort=sort, after=after)
    return render(
        request,
        template,
        viewer=viewer,
        community=view,
        stand=stand,
        sort=sort,
        after=after,
        native=currency_of(host.chain, None),
        number_of=number_of,
        discount=discount_of(tiers_of(session, view.chain_id, view.membership, at=at)),
    )
