"""The download of one's own data."""

from fastapi import APIRouter, Response

from backend import feed
from backend.db import Opened
from backend.host import CurrentHost
from backend.identity.limits import Allowance, spend
from backend.identity.viewer import SignedInViewer
from backend.portability.own_data import own_data

router = APIRouter(prefix="/api/account", tags=["portability"])

DOWNLOADS = Allowance("own-data", most=10, seconds=3600)
"""Each reads every table."""


@router.get(
    "/data.zip",
    response_class=Response,
    responses={200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}},
)
def download(host: CurrentHost, viewer: SignedInViewer, database: Opened) -> Response:
    """All that this home keeps about the viewer's account: data.json in a zip."""
    with database.reading() as session:
        at = feed.time_at(session, host.settings.chain_id)
    spend(database, DOWNLOADS, who=viewer.account, at=at)
    made = own_data(host, viewer.account, at=at)
    headers = {"content-disposition": 'attachment; filename="koinon-data.zip"', "cache-control": "private, no-store"}
    return Response(made, media_type="application/zip", headers=headers)
