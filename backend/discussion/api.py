"""The replies of a post: to whom the post is open."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel

from backend.content.queries import post_of
from backend.db import Opened
from backend.discussion.reading import open_replies
from backend.host import CurrentHost
from backend.identity.origin import require_same_origin
from backend.identity.viewer import CurrentViewer

router = APIRouter(
    prefix="/api/communities/{community}", tags=["discussion"], dependencies=[Depends(require_same_origin)]
)


class ReplyAnswer(BaseModel):
    """A reply; `text` (Markdown) is None when it was erased. `base` is what an edit must name."""

    id: str
    seq: int
    author: str
    at: int
    edited_at: int | None
    base: str
    text: str | None


@router.get("/posts/{post_id}/replies")
def list_replies(
    community: Annotated[str, Path(pattern=r"^0x[0-9a-fA-F]{40}$")],
    post_id: Annotated[str, Path(pattern=r"^b[a-z2-7]{58}$")],
    host: CurrentHost,
    viewer: CurrentViewer,
    database: Opened,
) -> list[ReplyAnswer]:
    """The replies, oldest first: 403 with conditions when the post's gate is closed."""
    with database.reading() as session:
        post = post_of(session, host.settings.chain_id, community, post_id)
    return [
        ReplyAnswer(
            id=opened.reply.id,
            seq=opened.reply.seq,
            author=opened.reply.author,
            at=opened.reply.at,
            edited_at=opened.reply.edited_at,
            base=opened.reply.base,
            text=opened.text,
        )
        for opened in open_replies(host, post, account=viewer.account if viewer else None)
    ]
