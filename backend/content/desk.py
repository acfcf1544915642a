"""What an author asks before publishing: how Markdown will look, and posts that wait for their time."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Form, Path, Request, Response
from pydantic import BaseModel

from backend import clock
from backend.community.queries import owned_community
from backend.content.scheduling import ScheduledView, cancel, schedule, waiting
from backend.db import Opened
from backend.host import CurrentHost
from backend.identity.limits import Allowance, spend
from backend.identity.origin import require_same_origin
from backend.identity.viewer import SignedInViewer
from backend.rendering import markdown_once, render
from backend.transactions import CommunityPath

router = APIRouter(prefix="/api/communities/{community}", tags=["content"], dependencies=[Depends(require_same_origin)])
fragments = APIRouter(include_in_schema=False, dependencies=[Depends(require_same_origin)])

ACT_TYPE = "application/vnd.ipld.dag-cbor"
MOST_CHARACTERS = 40_000
PREVIEWED = Allowance("preview", most=60, seconds=60)
ActPath = Annotated[str, Path(pattern=r"^b[a-z2-7]{58}$")]


class ScheduledAnswer(BaseModel):
    """A post that waits for `publish_at` (unix seconds); `fault`: why it was not published then."""

    act: str
    title: str
    gate: str | None
    publish_at: int
    fault: str | None


@router.get("/scheduled")
def list_scheduled(
    community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> list[ScheduledAnswer]:
    """The posts that wait, for the owner; the next first."""
    with database.reading() as session:
        view, _ = owned_community(session, host.settings.chain_id, community, viewer.account)
        return [_answer(each) for each in waiting(session, view.chain_id, view.address)]


@router.post("/scheduled", status_code=201)
def add_scheduled(
    community: CommunityPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    act: Annotated[bytes, Body(media_type=ACT_TYPE, max_length=16 * 1024)],
) -> ScheduledAnswer:
    """Keeps a signed post (dag-cbor) until the time that it names, and appends it then."""
    return _answer(schedule(host, act, community=community.lower(), account=viewer.account))


@router.delete("/scheduled/{act_id}", status_code=204)
def remove_scheduled(
    community: CommunityPath, act_id: ActPath, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> None:
    """The post will not be published."""
    with database.writing() as session:
        cancel(session, host.settings.chain_id, community.lower(), act_id, account=viewer.account)


@fragments.post("/fragments/c/{community}/preview")
def preview(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
    text: Annotated[str, Form(max_length=MOST_CHARACTERS)] = "",
) -> Response:
    """Markdown as a post will show it; nothing is kept. For the owner, who alone writes posts."""
    with database.reading() as session:
        owned_community(session, host.settings.chain_id, community, viewer.account)
    spend(database, PREVIEWED, who=viewer.account, at=clock.now())
    return render(request, "content/preview.html", viewer=viewer, html=markdown_once(text))


def _answer(view: ScheduledView) -> ScheduledAnswer:
    return ScheduledAnswer(
        act=view.act_id, title=view.title, gate=view.gate, publish_at=view.publish_at, fault=view.fault
    )
