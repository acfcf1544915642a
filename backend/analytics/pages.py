"""The owner's overview of a community, and the same numbers as a CSV file."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from backend import feed
from backend.analytics.charts import chart_of
from backend.analytics.reading import Figures, figures_of
from backend.analytics.table import figures_csv
from backend.community.queries import CommunityView, OfficeView, community_of, office_of, require_owner
from backend.community.reading import Step, dues_of, next_steps
from backend.currency import currency_of
from backend.db import Database, Opened
from backend.host import CurrentHost, Host
from backend.identity.viewer import SignedInViewer
from backend.rendering import render

router = APIRouter(include_in_schema=False)

CommunityPath = Annotated[str, Path(pattern=r"^0x[0-9a-fA-F]{40}$")]
Seen = tuple[CommunityView, OfficeView, Figures, list[Step]]


@router.get("/c/{community}/manage")
def overview(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> Response:
    """How the community is doing."""
    return _overview(request, community, host, viewer, database, "analytics/overview.html")


@router.get("/fragments/c/{community}/manage")
def overview_part(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> Response:
    """The figures alone."""
    return _overview(request, community, host, viewer, database, "analytics/figures.html")


@router.get("/c/{community}/manage/figures.csv")
def figures_file(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> Response:
    """All figures as a file for spreadsheets."""
    view, _, figures, _ = _seen(request, host, database, community, viewer.account)
    headers = {
        "content-disposition": f'attachment; filename="figures-{view.address[:10]}.csv"',
        "cache-control": "private, no-store",
    }
    return Response(figures_csv(figures), media_type="text/csv", headers=headers)


def _overview(
    request: Request, community: str, host: Host, viewer: SignedInViewer, database: Database, template: str
) -> Response:
    view, office, figures, steps = _seen(request, host, database, community, viewer.account)
    days = figures.days
    return render(
        request,
        template,
        viewer=viewer,
        community=view,
        figures=figures,
        steps=steps,
        dues=dues_of(host, view, office, viewer.account),
        members_chart=chart_of([day.members for day in days]),
        joined_chart=chart_of([day.joined for day in days]),
        paid_chart=chart_of([day.paid for day in days]),
    )


def _seen(request: Request, host: Host, database: Database, community: str, account: str) -> Seen:
    chain_id = host.settings.chain_id
    with database.reading() as session:
        newest = feed.tip(session, chain_id)
        at = request.state.at = feed.time_of(newest)
        view = community_of(session, chain_id, community, at=at)
        require_owner(view, account)
        office = office_of(session, view)
        currency = currency_of(host.chain, view.currency)
        figures = figures_of(session, view, office, currency, at=at, block=newest.number)
        return view, office, figures, list(next_steps(session, view, at=at))
