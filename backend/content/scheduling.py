"""Posts that wait for their time: signed now, with the time they will be published at, and kept here until then.

An act's `n` must follow its key's last one, so such a post is signed by a key of its own, made for it alone and thrown
away: whatever its author writes meanwhile with the browser's key does not matter (docs/log.md, "Scheduled posts").
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from backend.content.tables import ScheduledPost
from backend.content.words import POST_TYPE
from backend.feed import fresh_tip, time_of
from backend.host import Host
from backend.keys.bodies import public_body
from backend.log.act import Act, ActMalformed, parse_act
from backend.log.append import CLOCK_SKEW_SECONDS, next_number
from backend.log.kinds import Placed
from backend.log.record import AsOf
from backend.log.tables import StagedBody
from backend.problems import Conflict, Forbidden, Malformed, NotFound, Problem, TooMuch, Unavailable

KIND = "post.create"
MOST_WAITING = 50
LEAST_AHEAD = 60
"""Seconds: what is to be published sooner is published at once."""


@dataclass(frozen=True)
class ScheduledView:
    """A post that waits; `fault`: a code why it was not published when its time came."""

    act_id: str
    title: str
    gate: str | None
    publish_at: int
    fault: str | None


def schedule(host: Host, data: bytes, *, community: str, account: str) -> ScheduledView:
    """The signed act waits for the time that it names. Raises a Problem where it could never be published."""
    try:
        act = parse_act(data)
    except ActMalformed as error:
        raise Malformed(str(error)) from error
    if (act.kind, act.community, act.author) != (KIND, community, account) or act.key is None:
        raise Malformed("Only an own new post of this community, signed by a key, can wait.", reason="not-a-post")
    prepared = host.log.examine(data)
    with host.database.writing() as session:
        newest = fresh_tip(session, act.chain_id)
        at = time_of(newest)
        expires_at = prepared.delegation.expires_at if prepared.delegation else 0
        if not at + LEAST_AHEAD <= act.at < expires_at - CLOCK_SKEW_SECONDS:
            raise Malformed("The time is past, or the key will have expired by then.", reason="time-wrong")
        kind = host.kinds[KIND]
        placed = Placed(act, 0, 0, at, AsOf(act.chain_id, newest.number, newest.hash))
        refused = kind.may(session, placed) or kind.admit(session, placed)
        if refused:
            raise Forbidden("This post could not be published.", reason=refused)
        _require_first(session, act)
        if len(waiting(session, act.chain_id, community)) >= MOST_WAITING:
            raise TooMuch(f"At most {MOST_WAITING} posts wait.", limit=MOST_WAITING)
        for body in kind.bodies(act):
            staged = session.get(StagedBody, (body.cid, act.chain_id, act.community))
            if staged is None or staged.author != act.author:
                raise Conflict("Send the body before the act that names it.", cid=body.cid)
            staged.claimed_by = staged.claimed_by or act.id  # so that the sweep leaves it
        words = public_body(session, act.body, POST_TYPE)
        row = ScheduledPost(
            chain_id=act.chain_id,
            community=act.community,
            act_id=act.id,
            author=act.author,
            title=str(json.loads(words.text).get("title", "…"))[:200] if words else "…",
            gate=act.data.get("gate"),
            act=data,
            publish_at=act.at,
            created_at=at,
        )
        session.add(row)
        return _view(row)


def waiting(session: Session, chain_id: int, community: str) -> Sequence[ScheduledView]:
    """What waits in a community, the next first."""
    statement = select(ScheduledPost).where(
        col(ScheduledPost.chain_id) == chain_id, col(ScheduledPost.community) == community
    )
    return [_view(row) for row in session.execute(statement.order_by(col(ScheduledPost.publish_at))).scalars()]


def cancel(session: Session, chain_id: int, community: str, act_id: str, *, account: str) -> None:
    """The post waits no more; its bodies are swept with those that nobody named. Raises NotFound."""
    row = session.get(ScheduledPost, (chain_id, community, act_id))
    if row is None or row.author != account:
        raise NotFound("No such post of yours waits.")
    session.execute(update(StagedBody).where(col(StagedBody.claimed_by) == act_id).values(claimed_by=None))
    session.delete(row)


def publish_due(host: Host) -> bool:
    """Chore: posts whose time has come are in the log. What is refused for good keeps the reason; the rest tries on."""
    chain_id = host.settings.chain_id
    with host.database.reading() as session:
        if session.execute(select(col(ScheduledPost.act_id)).limit(1)).first() is None:
            return False
        at = time_of(fresh_tip(session, chain_id))
        due = session.execute(
            select(ScheduledPost).where(
                col(ScheduledPost.chain_id) == chain_id,
                col(ScheduledPost.publish_at) <= at,
                col(ScheduledPost.fault).is_(None),
            )
        )
        rows = list(due.scalars())
    for row in rows:
        _publish(host, row, at)
    return bool(rows)


def _publish(host: Host, row: ScheduledPost, at: int) -> None:
    here = (
        col(ScheduledPost.chain_id) == row.chain_id,
        col(ScheduledPost.community) == row.community,
        col(ScheduledPost.act_id) == row.act_id,
    )
    fault = "too-late" if at - row.publish_at > CLOCK_SKEW_SECONDS else None
    try:
        if fault is None:
            host.log.append(row.act, community=row.community)
    except Unavailable:
        return
    except Problem as refused:
        fault = str(refused.extensions.get("reason", refused.slug))
    with host.database.writing() as session:
        if fault is None:
            session.execute(delete(ScheduledPost).where(*here))
        else:
            session.execute(update(ScheduledPost).where(*here).values(fault=fault))


def _require_first(session: Session, act: Act) -> None:
    """The key has signed nothing else here: then nothing can come between."""
    expected = next_number(session, act.chain_id, act.community, act.key)
    same = select(ScheduledPost).where(
        col(ScheduledPost.chain_id) == act.chain_id, col(ScheduledPost.community) == act.community
    )
    others = [parse_act(row.act) for row in session.execute(same).scalars()]
    if act.n != expected or any(other.key == act.key for other in others):
        raise Conflict("A post that waits is signed by a key of its own.", reason="key-used")


def _view(row: ScheduledPost) -> ScheduledView:
    return ScheduledView(row.act_id, row.title, row.gate, row.publish_at, row.fault)
