"""From a viewer and a post to its replies in clear: one decision, one release for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.content.queries import PostView
from backend.discussion.queries import ReplyView, replies_to
from backend.gates.access import Access, access
from backend.gates.decision import Allowed
from backend.host import Host
from backend.keys.bodies import BodyBroken, Plain, blocks_bytes, unpack, unseal
from backend.keys.release import release, require_allowed


@dataclass(frozen=True)
class OpenedReply:
    """A reply and its words; None when they were erased or their block is not what its author signed."""

    reply: ReplyView
    text: str | None


def open_replies(host: Host, post: PostView, *, account: str | None) -> list[OpenedReply]:
    """The replies of a post for this account. Raises GateDenied and MirrorStale as the post itself does.

    A reply stays behind the gate that it was written for: whoever may not pass that one does not see it.
    """
    with host.database.reading() as session:
        require_allowed(access(session, post.chain_id, post.community, gate=post.gate, account=account))
        replies = replies_to(session, post.chain_id, post.community, post.id)
        gates = {reply.gate for reply in replies}
        opened = {gate: access(session, post.chain_id, post.community, gate=gate, account=account) for gate in gates}
    shown = [reply for reply in replies if isinstance(opened[reply.gate].decision, Allowed)]
    keys = _released(host, post, shown, opened)
    with host.database.reading() as session:
        blocks = blocks_bytes(session, host.store, [reply.cid for reply in shown if not reply.erased])
    return [OpenedReply(reply, _text(post, reply, keys, blocks)) for reply in shown]


def _released(
    host: Host, post: PostView, replies: Sequence[ReplyView], opened: Mapping[str | None, Access]
) -> dict[str, bytes]:
    sealed = [reply for reply in replies if reply.item is not None]
    if not sealed:
        return {}
    keys: dict[str, bytes] = {}
    with host.database.writing() as session:
        for gate in {reply.gate for reply in sealed}:
            items = [reply.item for reply in sealed if reply.gate == gate and reply.item]
            keys |= release(
                session,
                host.master,
                items,
                chain_id=post.chain_id,
                community=post.community,
                access=opened[gate],
            )
    return keys


def _text(post: PostView, reply: ReplyView, keys: dict[str, bytes], blocks: dict[str, bytes]) -> str | None:
    try:
        return None if reply.erased else _opened(post, reply, keys, blocks[reply.cid]).text
    except (BodyBroken, KeyError):
        return None


def _opened(post: PostView, reply: ReplyView, keys: dict[str, bytes], block: bytes) -> Plain:
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
