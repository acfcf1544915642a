"""Notices of the viewer, as programs read them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from backend.db import Reading, Writing
from backend.host import CurrentHost
from backend.identity.origin import require_same_origin
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.notices.choosing import mark_read
from backend.notices.queries import notices_of, unread_count

router = APIRouter(prefix="/api/notices", tags=["notices"], dependencies=[Depends(require_same_origin)])


class NoticeAnswer(BaseModel):
    """An event as code and parameters; `path` is the page where it can be seen or mended."""

    id: int
    kind: str
    community: str
    community_name: str
    params: dict[str, Any]
    path: str
    at: int
    unread: bool


class UnreadAnswer(BaseModel):
    unread: int


@router.get("")
def notices(
    host: CurrentHost, viewer: SignedInViewer, session: Reading, before: Annotated[int | None, Query(ge=1)] = None
) -> list[NoticeAnswer]:
    """The newest 30, or those older than `before`."""
    found = notices_of(session, host.settings.chain_id, viewer.account, before=before)
    return [
        NoticeAnswer(
            id=each.id,
            kind=each.kind,
            community=each.community,
            community_name=each.community_name,
            params=dict(each.params),
            path=each.path,
            at=each.at,
            unread=each.unread,
        )
        for each in found
    ]


@router.get("/unread")
def unread(host: CurrentHost, viewer: CurrentViewer, session: Reading) -> UnreadAnswer:
    """How many notices the viewer has not seen; 0 for who is not signed in."""
    count = unread_count(session, host.settings.chain_id, viewer.account) if viewer else 0
    return UnreadAnswer(unread=count)


@router.post("/read")
def read(host: CurrentHost, viewer: SignedInViewer, session: Writing) -> UnreadAnswer:
    """All of them have been seen."""
    mark_read(session, host.settings.chain_id, viewer.account)
    return UnreadAnswer(unread=0)
