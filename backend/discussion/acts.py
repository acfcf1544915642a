"""Acts on replies: `reply.create`, `reply.edit`, `reply.erase`."""

from pydantic import Field
from sqlmodel import Session

from backend.content.queries import PostView, post_of
from backend.discussion.tables import Reply
from backend.gates.authority import may_take_part
from backend.keys.bodies import erase_blocks, staged_for
from backend.log.kinds import BASE_NOT_CURRENT, ActData, Kind, Placed
from backend.problems import NotFound


class ReplyData(ActData):
    """`item` names the sealed item under a gated post; none under a free one."""

    item: bytes | None = Field(default=None, min_length=16, max_length=16)


class NoData(ActData):
    """Acts whose subject says all."""


def _may_create(session: Session, placed: Placed) -> str | None:
    post = _post(session, placed, placed.act.subject)
    if post is None:
        return "post-unknown"
    return _may_say(session, placed, post)


def _may_say(session: Session, placed: Placed, post: PostView) -> str | None:
    if placed.act.body is None:
        return "body-missing"
    if (_item(placed) is not None) != (post.gate is not None):
        return "must-be-sealed" if post.gate else "must-not-be-sealed"
    return may_take_part(session, placed, post.gate)


def _may_edit(session: Session, placed: Placed) -> str | None:
    reply = _reply(session, placed)
    post = _post(session, placed, reply.post_id) if reply else None
    if reply is None or post is None or reply.erased:
        return "reply-unknown"
    if reply.author != placed.act.author:
        return "author-only"
    if placed.act.base != reply.base:
        return BASE_NOT_CURRENT
    return _may_say(session, placed, post)


def _may_erase(session: Session, placed: Placed) -> str | None:
    reply = _reply(session, placed)
    if reply is None or reply.erased:
        return "reply-unknown"
    return None if reply.author == placed.act.author else "author-only"


def _admit(session: Session, placed: Placed) -> str | None:
    act, item = placed.act, _item(placed)
    reply = _reply(session, placed)
    post = _post(session, placed, reply.post_id if reply else act.subject)
    gate = post.gate if post else None
    cid = act.body.cid if act.body else ""
    return None if staged_for(session, act, cid, item=item, gate=gate) else "sealed-for-another-gate"


def _create(session: Session, placed: Placed) -> None:
    act = placed.act
    if act.body is None or act.subject is None:
        return
    reply = Reply(
        chain_id=act.chain_id,
        community=act.community,
        id=act.id,
        post_id=act.subject,
        seq=placed.seq,
        author=act.author,
        at=placed.at,
        base=act.id,
        cid=act.body.cid,
        commit=act.body.commit,
    )
    session.add(reply)
    _write(session, reply, placed)


def _edit(session: Session, placed: Placed) -> None:
    reply = _reply(session, placed)
    if reply is not None:
        reply.edited_at, reply.base = placed.at, placed.act.id
        _write(session, reply, placed)


def _write(session: Session, reply: Reply, placed: Placed) -> None:
    body = placed.act.body
    if body is not None:
        reply.cid, reply.commit, reply.item = body.cid, body.commit, _item(placed)
        post = _post(session, placed, reply.post_id)
        reply.gate = post.gate if post else None
        reply.bodies = [*reply.bodies, [body.cid, reply.item]]
    session.flush()


def _erase(session: Session, placed: Placed) -> None:
    reply = _reply(session, placed)
    if reply is not None:
        reply.erased = True
        session.flush()


def _delete(session: Session, placed: Placed) -> None:
    reply = _reply(session, placed)
    if reply is not None:
        erase_blocks(session, placed.act, reply.bodies)


def _item(placed: Placed) -> str | None:
    item = ReplyData.model_validate(placed.act.data).item
    return item.hex() if item else None


def _reply(session: Session, placed: Placed) -> Reply | None:
    act = placed.act
    return session.get(Reply, (act.chain_id, act.community, act.subject)) if act.subject else None


def _post(session: Session, placed: Placed, post_id: str | None) -> PostView | None:
    try:
        return post_of(session, placed.act.chain_id, placed.act.community, post_id or "")
    except NotFound:
        return None


KINDS = [
    Kind("reply.create", ReplyData, _may_create, _create, admit=_admit),
    Kind("reply.edit", ReplyData, _may_edit, _edit, admit=_admit),
    Kind("reply.erase", NoData, _may_erase, _erase, effect=_delete),
]
