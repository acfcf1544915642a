"""From a viewer and a post to words: the gate decides, the key is released and audited, the seal opens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from backend.content.queries import FileView, PostView, feed_of
from backend.db import Database
from backend.discussion.queries import reply_counts
from backend.feed import MirrorStale, fresh_tip, time_of
from backend.gates.access import Access, access, rule_of
from backend.gates.decision import FOREVER, Allowed, Decision, Denied, Held, Holdings, decide, supposing
from backend.host import Host
from backend.ipfs.store import cat, file_size, parse_cid, reader
from backend.keys.bodies import SALT_BYTES, BodyGone, Plain, block_bytes, unseal
from backend.keys.cipher import open_range, plain_size
from backend.keys.envelope import context_of
from backend.keys.release import release, require_allowed
from backend.problems import NotFound

SOMEBODY = "0x" + "00" * 19 + "01"
"""Stands for a member who is nobody in particular, and never a real account's."""


@dataclass(frozen=True)
class OpenedBody:
    """The gated rest of a post in clear, and until when the viewer may read it."""

    plain: Plain
    access: Access


@dataclass(frozen=True)
class Listed:
    """A post in a list. `open`: the viewer may read all of it now; `picture`: the first that everybody may see."""

    post: PostView
    replies: int
    open: bool
    picture: FileView | None


def listed_posts(
    session: Session, chain_id: int, community: str, *, account: str | None, before: int | None
) -> list[Listed]:
    """The newest posts for this account; every gate shows closed while nobody can say who holds what."""
    posts = feed_of(session, chain_id, community, before=before)
    counts = reply_counts(session, chain_id, community, [post.id for post in posts])
    gates = {post.gate for post in posts}
    opened = {gate: passes(session, chain_id, community, gate, account) for gate in gates}
    return [Listed(post, counts.get(post.id, 0), opened[post.gate], _picture(post)) for post in posts]


def imagined(name: str, tiers: Sequence[int], *, at: int) -> Holdings:
    """What somebody holds whom an owner wants to see with the eyes of: `outsider`, `expired` or `tier-<id>`."""
    if name == "outsider":
        return Holdings(None)
    if name == "expired":
        return Holdings(SOMEBODY, tuple(Held(tier, 0, at - 1) for tier in tiers))
    return Holdings(SOMEBODY, (Held(int(name.removeprefix("tier-")), 0, FOREVER),))


def decision_as(session: Session, chain_id: int, community: str, gate: str | None, holdings: Holdings) -> Decision:
    """Whether somebody who holds this would pass the gate now. Raises MirrorStale as for real viewers."""
    if gate is None:
        return Allowed(FOREVER)
    at = time_of(fresh_tip(session, chain_id))
    rule = rule_of(session, chain_id, community, gate)
    return Denied(()) if rule is None else decide(rule, supposing(rule, holdings), at=at)


def listed_as(
    session: Session, chain_id: int, community: str, holdings: Holdings, *, before: int | None
) -> list[Listed]:
    """As `listed_posts`, for somebody who holds this."""
    posts = feed_of(session, chain_id, community, before=before)
    counts = reply_counts(session, chain_id, community, [post.id for post in posts])
    opened = {gate: _passes_as(session, chain_id, community, gate, holdings) for gate in {post.gate for post in posts}}
    return [Listed(post, counts.get(post.id, 0), opened[post.gate], _picture(post)) for post in posts]


def _passes_as(session: Session, chain_id: int, community: str, gate: str | None, holdings: Holdings) -> bool:
    try:
        return isinstance(decision_as(session, chain_id, community, gate, holdings), Allowed)
    except MirrorStale:
        return gate is None


def passes(session: Session, chain_id: int, community: str, gate: str | None, account: str | None) -> bool:
    """Whether the account passes the gate now; nobody does while nobody can say who holds what."""
    try:
        return isinstance(access(session, chain_id, community, gate=gate, account=account).decision, Allowed)
    except MirrorStale:
        return gate is None


def _picture(post: PostView) -> FileView | None:
    shown = (file for file in post.files if file.item is None and file.media_type.startswith("image/"))
    return next(shown, None)


def post_access(database: Database, post: PostView, account: str | None) -> Access:
    """Whether the account may read the rest of the post now. Raises MirrorStale when nobody can say."""
    with database.reading() as session:
        return access(session, post.chain_id, post.community, gate=post.gate, account=account)


def open_body(host: Host, post: PostView, *, account: str | None) -> OpenedBody:
    """The rest of a post for this account. Raises GateDenied, MirrorStale, or NotFound when there is no rest."""
    sealed = post.sealed
    if sealed is None:
        raise NotFound("This post has no part for members.")
    require_allowed(post_access(host.database, post, account))
    with host.database.writing() as session:
        granted = access(session, post.chain_id, post.community, gate=post.gate, account=account)
        keys = release(
            session, host.master, [sealed.item], chain_id=post.chain_id, community=post.community, access=granted
        )
    try:
        with host.database.reading() as session:
            block = block_bytes(session, host.store, sealed.cid)
    except BodyGone as error:
        raise NotFound("This part of the post is gone.") from error
    if sealed.item not in keys:
        raise NotFound("This part of the post was erased.")
    plain = unseal(
        block,
        keys[sealed.item],
        chain_id=post.chain_id,
        community=post.community,
        item=sealed.item,
        commit=sealed.commit,
    )
    return OpenedBody(plain, granted)


def open_file(host: Host, post: PostView, file: FileView, *, account: str | None) -> tuple[int, Iterator[bytes]]:
    """Size and bytes of a file of the post; a sealed one as `open_body`."""
    root = parse_cid(file.cid)
    if file.item is None:
        return file.size, cat(host.store, root)
    require_allowed(post_access(host.database, post, account))
    with host.database.writing() as session:
        granted = access(session, post.chain_id, post.community, gate=post.gate, account=account)
        keys = release(
            session, host.master, [file.item], chain_id=post.chain_id, community=post.community, access=granted
        )
    if file.item not in keys:
        raise NotFound("This file was erased.")
    sealed = file_size(host.store, root)
    size = plain_size(sealed) - SALT_BYTES
    pieces = open_range(
        reader(host.store, root),
        sealed,
        key=keys[file.item],
        context=context_of(post.chain_id, post.community, item=bytes.fromhex(file.item)),
        start=SALT_BYTES,
        length=size,
    )
    return size, pieces
