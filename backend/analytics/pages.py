"""The owner's overview of a community, and the same numbers as a CSV file."""

from fastapi import APIRouter, Request, Response

from backend.analytics.charts import chart_of
from backend.analytics.reading import owned_figures
from backend.analytics.table import figures_csv
from backend.community.reading import dues_of, next_steps
from backend.db import Opened
from backend.host import CurrentHost
from backend.identity.viewer import SignedInViewer
from backend.rendering import render_live
from backend.transactions import CommunityPath

router = APIRouter(include_in_schema=False)


@router.get("/c/{community}/manage")
@router.get("/fragments/c/{community}/manage")
def overview(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> Response:
    """How the community is doing."""
    with database.reading() as session:
        view, office, figures = owned_figures(host, session, community, viewer.account)
        steps = next_steps(session, view, at=figures.at)
    request.state.at, days = figures.at, figures.days
    return render_live(
        request,
        "analytics/overview.html",
        viewer=viewer,
        community=view,
        figures=figures,
        steps=steps,
        dues=dues_of(host, view, office, viewer.account),
        members_chart=chart_of([day.members for day in days]),
        joined_chart=chart_of([day.joined for day in days]),
        paid_chart=chart_of([day.paid for day in days]),
    )


@router.get("/c/{community}/manage/figures.csv")
def figures_file(community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, database: Opened) -> Response:
    """All figures as a file for spreadsheets."""
    with database.reading() as session:
        view, _, figures = owned_figures(host, session, community, viewer.account)
    headers = {
        "content-disposition": f'attachment; filename="figures-{view.address[:10]}.csv"',
        "cache-control": "private, no-store",
    }
    return Response(figures_csv(figures), media_type="text/csv", headers=headers)
