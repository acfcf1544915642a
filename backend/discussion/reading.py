"""From a viewer and a post to its replies in clear: one decision, one release for all of them."""

from dataclasses import dataclass

from sqlmodel import Session

from backend.content.queries import PostView
from backend.discussion.queries import ReplyView, replies_to
from backend.gates.access import access
from backend.host import Host
from backend.keys.bodies import BodyBroken, BodyGone, Plain, block_bytes, unpack, unseal
from backend.keys.release import release, require_allowed


@dataclass(frozen=True)
class OpenedReply:
    """A reply and its words; None when they were erased or their block is not what its author signed."""

    reply: ReplyView
    text: str | None


def open_replies(host: Host, post: PostView, *, account: str | None) -> list[OpenedReply]:
    """The replies of a post for this account. Raises GateDenied and MirrorStale as the post itself does."""
    chain_id, community = post.chain_id, post.community
    if post.gate is not None:
        with host.database.reading() as session:
            require_allowed(access(session, chain_id, community, gate=post.gate, account=account))
    with host.database.writing() if post.gate else host.database.reading() as session:
        granted = access(session, chain_id, community, gate=post.gate, account=account)
        replies = replies_to(session, chain_id, community, post.id)
        items = [reply.item for reply in replies if reply.item]
        keys = release(session, host.master, items, chain_id=chain_id, community=community, access=granted)
    with host.database.reading() as session:
        return [OpenedReply(reply, _text(host, session, post, reply, keys)) for reply in replies]


def _text(host: Host, session: Session, post: PostView, reply: ReplyView, keys: dict[str, bytes]) -> str | None:
    try:
        return None if reply.erased else _opened(host, session, post, reply, keys).text
    except (BodyGone, BodyBroken, KeyError):
        return None


def _opened(host: Host, session: Session, post: PostView, reply: ReplyView, keys: dict[str, bytes]) -> Plain:
    block = block_bytes(session, host.store, reply.cid)
    if reply.item is None:
        return unpack(block, commit=reply.commit)
    return unseal(
        block,
        keys[reply.item],
        chain_id=post.chain_id,
        community=post.community,
        item=reply.item,
        commit=reply.commit,
    )
