"""Acts on posts. Only the owner of a community posts in this version; every post may be edited, hidden and erased."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import Field, ValidationError
from sqlmodel import Session

from backend.content.tables import Post
from backend.content.words import MAX_FILES, POST_TYPE, PostBody
from backend.gates.access import rule_of
from backend.gates.authority import governs, owner_only
from backend.keys.bodies import erase_blocks, public_body, staged_for
from backend.log.act import Act, Body
from backend.log.kinds import BASE_NOT_CURRENT, ActData, Kind, Placed


class SealedBody(ActData):
    """The gated rest: a sealed block, named by its own CID, and what it commits to."""

    item: bytes = Field(min_length=16, max_length=16)
    cid: str = Field(max_length=100)
    size: int = Field(ge=0)
    commit: bytes = Field(min_length=32, max_length=32)


class FileRef(ActData):
    """A picture or file of the post; with `item` it is sealed for the post's gate."""

    cid: str = Field(max_length=100)
    size: int = Field(ge=0)
    type: str = Field(pattern=r"^[a-z]+/[a-z0-9.+-]{1,80}$")
    commit: bytes = Field(min_length=32, max_length=32)
    item: bytes | None = Field(default=None, min_length=16, max_length=16)


class PostData(ActData):
    """The whole new state of a post, besides its public words, which are the act's body."""

    gate: str | None = Field(default=None, max_length=40)
    sealed: SealedBody | None = None
    files: list[FileRef] = Field(default_factory=list, max_length=MAX_FILES)

    @property
    def blocks(self) -> list[SealedBody | FileRef]:
        """Everything that the post names beside its public words."""
        return [*([self.sealed] if self.sealed else []), *self.files]


class NoData(ActData):
    """Acts whose subject says all."""


def _bodies(act: Act) -> Sequence[Body]:
    named = [Body(each.cid, each.size, each.commit) for each in PostData.model_validate(act.data).blocks]
    return [act.body, *named] if act.body else named


def _admit(session: Session, placed: Placed) -> str | None:
    data = PostData.model_validate(placed.act.data)
    for each in data.blocks:
        item, gate = (each.item.hex(), data.gate) if each.item else (None, None)
        if not staged_for(session, placed.act, each.cid, item=item, gate=gate):
            return "sealed-for-another-gate"
    return None


def _may_write(session: Session, placed: Placed) -> str | None:
    act = placed.act
    refused = owner_only(session, placed)
    if refused is not None:
        return refused
    data = PostData.model_validate(act.data)
    if act.body is None:
        return "body-missing"
    if data.gate is None and any(each.item for each in data.blocks):
        return "gate-missing"
    if data.gate is not None and rule_of(session, act.chain_id, act.community, data.gate) is None:
        return "gate-unknown"
    return None


def _may_edit(session: Session, placed: Placed) -> str | None:
    refused = _may_write(session, placed)
    if refused is not None:
        return refused
    post = _subject(session, placed)
    if post is None or post.erased:
        return "post-unknown"
    return None if placed.act.base == post.base else BASE_NOT_CURRENT


def _may_remove(session: Session, placed: Placed) -> str | None:
    post = _subject(session, placed)
    if post is None or post.erased:
        return "post-unknown"
    return None if post.author == placed.act.author or governs(session, placed) else "author-only"


def _may_erase(session: Session, placed: Placed) -> str | None:
    post = _subject(session, placed)
    if post is None or post.erased:
        return "post-unknown"
    return None if post.author == placed.act.author else "author-only"


def _create(session: Session, placed: Placed) -> None:
    act = placed.act
    post = Post(
        chain_id=act.chain_id,
        community=act.community,
        id=act.id,
        seq=placed.seq,
        author=act.author,
        at=placed.at,
        base=act.id,
        title="",
        teaser="",
    )
    session.add(post)
    _write(session, post, placed)


def _edit(session: Session, placed: Placed) -> None:
    post = _subject(session, placed)
    if post is not None:
        post.edited_at, post.base, post.removed = placed.at, placed.act.id, False
        _write(session, post, placed)


def _write(session: Session, post: Post, placed: Placed) -> None:
    act, data = placed.act, PostData.model_validate(placed.act.data)
    words = _words(session, act)
    alts = {each.get("cid"): each.get("alt", "") for each in words.files}
    post.title, post.teaser, post.gate = words.title, words.text, data.gate
    post.sealed = _plain(data.sealed) if data.sealed else None
    post.files = [{**_plain(file), "alt": str(alts.get(file.cid, ""))[:500]} for file in data.files]
    public = [[act.body.cid, None]] if act.body else []
    named = [[each.cid, each.item.hex() if each.item else None] for each in data.blocks]
    post.bodies = [*post.bodies, *public, *named]
    session.flush()


def _words(session: Session, act: Act) -> PostBody:
    plain = public_body(session, act.body, POST_TYPE)
    try:
        return PostBody.model_validate(json.loads(plain.text)) if plain else PostBody(title="…")
    except (ValueError, ValidationError, RecursionError):
        return PostBody(title="…")


def _plain(value: ActData) -> dict[str, Any]:
    return {name: each.hex() if isinstance(each, bytes) else each for name, each in value.model_dump().items()}


def _remove(session: Session, placed: Placed) -> None:
    post = _subject(session, placed)
    if post is not None:
        post.removed = True
        session.flush()


def _erase(session: Session, placed: Placed) -> None:
    post = _subject(session, placed)
    if post is not None:
        post.title, post.teaser, post.sealed, post.files, post.erased = "", "", None, [], True
        session.flush()


def _delete(session: Session, placed: Placed) -> None:
    post = _subject(session, placed)
    if post is not None:
        erase_blocks(session, placed.act, post.bodies)


def _subject(session: Session, placed: Placed) -> Post | None:
    act = placed.act
    return session.get(Post, (act.chain_id, act.community, act.subject)) if act.subject else None


KINDS = [
    Kind("post.create", PostData, _may_write, _create, bodies=_bodies, admit=_admit),
    Kind("post.edit", PostData, _may_edit, _edit, bodies=_bodies, admit=_admit),
    Kind("post.remove", NoData, _may_remove, _remove),
    Kind("post.erase", NoData, _may_erase, _erase, effect=_delete),
]
