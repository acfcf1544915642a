"""The market page of a community."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from backend.badges.reading import discount_of
from backend.community.reading import Shown
from backend.currency import currency_of
from backend.db import Reading
from backend.host import CurrentHost
from backend.identity.viewer import CurrentViewer
from backend.market.queries import SALES, Sort, sales_of
from backend.market.reading import Sale, stand_of
from backend.membership.queries import tiers_of
from backend.rendering import render, render_live

router = APIRouter(include_in_schema=False)

After = Annotated[str | None, Query(pattern=r"^0x[0-9a-f]{64}$")]


@router.get("/c/{community}/market")
@router.get("/fragments/c/{community}/market")
def market(
    request: Request,
    here: Shown,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    sort: Sort = "newest",
    after: After = None,
) -> Response:
    """What is for sale, what is bid, and what was sold."""
    account = viewer.account if viewer else None
    stand = stand_of(session, host, here, viewer=account, sort=sort, after=after)
    return render_live(
        request,
        "market/market.html",
        viewer=viewer,
        community=here.view,
        stand=stand,
        sort=sort,
        after=after,
        native=currency_of(host.chain, None),
        discount=discount_of(tiers_of(session, here.view.chain_id, here.view.membership, at=here.at)),
    )


@router.get("/c/{community}/market/sales")
def sales(
    request: Request,
    here: Shown,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    before: Annotated[str | None, Query(pattern=r"^[0-9]{1,15}-[0-9]{1,9}$")] = None,
) -> Response:
    """Everything that was sold, page by page."""
    found = sales_of(session, here.view.chain_id, here.contracts, before=before)
    shown = [Sale(each, currency_of(host.chain, each.currency)) for each in found]
    return render(
        request,
        "market/sales.html",
        viewer=viewer,
        community=here.view,
        sales=shown,
        older=found[-1].place if len(found) == SALES else None,
    )
