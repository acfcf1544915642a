"""What can be asked about posts: frozen values that never hold a gated word."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from backend.content.tables import Post
from backend.problems import NotFound

PAGE = 20


@dataclass(frozen=True)
class SealedView:
    """The gated rest of a post: which item, which block, and what its author committed to."""

    item: str
    cid: str
    size: int
    commit: bytes


@dataclass(frozen=True)
class FileView:
    """A picture or file. `item` None: public."""

    cid: str
    size: int
    media_type: str
    commit: str
    item: str | None
    alt: str


@dataclass(frozen=True)
class PostView:
    """A post without its gated rest. `base` is what an edit must name."""

    chain_id: int
    community: str
    id: str
    seq: int
    author: str
    at: int
    edited_at: int | None
    base: str
    title: str
    teaser: str
    gate: str | None
    sealed: SealedView | None
    files: Sequence[FileView]


def feed_of(session: Session, chain_id: int, community: str, *, before: int | None = None) -> list[PostView]:
    """The newest PAGE posts whose record number is below `before`; keyset paging, so any page costs the same."""
    statement = select(Post).where(*_shown(chain_id, community))
    if before is not None:
        statement = statement.where(col(Post.seq) < before)
    rows = session.execute(statement.order_by(col(Post.seq).desc()).limit(PAGE)).scalars()
    return [_view(row) for row in rows]


def post_of(session: Session, chain_id: int, community: str, post_id: str) -> PostView:
    """One post. Raises NotFound also for what was removed or erased."""
    row = session.get(Post, (chain_id, community.lower(), post_id))
    if row is None or row.removed or row.erased:
        raise NotFound("There is no such post.")
    return _view(row)


def free_post(session: Session, chain_id: int, community: str, post_id: str | None) -> PostView | None:
    """This post if it is shown and open to all, else the newest such post; None when there is none."""
    statement = select(Post).where(*_shown(chain_id, community), col(Post.gate).is_(None))
    if post_id is not None:
        named = session.execute(statement.where(col(Post.id) == post_id)).scalar_one_or_none()
        if named is not None:
            return _view(named)
    newest = session.execute(statement.order_by(col(Post.seq).desc()).limit(1)).scalar_one_or_none()
    return _view(newest) if newest is not None else None


def posts_behind(
    session: Session, chain_id: int, community: str, gates: Collection[str], *, each: int, most: int
) -> list[PostView]:
    """The newest posts behind these gates, so many of each gate and in all at most; the newest first.

    The newest of every gate come before the second of any, so that none hides another.
    """
    if not gates:
        return []
    place = func.row_number().over(partition_by=col(Post.gate), order_by=col(Post.seq).desc())
    ranked = (
        select(col(Post.id), col(Post.seq), place.label("place"))
        .where(*_shown(chain_id, community), col(Post.gate).in_(gates))
        .subquery()
    )
    chosen = select(ranked.c.id).where(ranked.c.place <= each).order_by(ranked.c.place, ranked.c.seq.desc()).limit(most)
    statement = (
        select(Post).where(*_shown(chain_id, community), col(Post.id).in_(chosen)).order_by(col(Post.seq).desc())
    )
    return [_view(row) for row in session.execute(statement).scalars()]


def post_count(session: Session, chain_id: int, community: str) -> int:
    """How many posts are shown."""
    statement = select(func.count()).select_from(Post).where(*_shown(chain_id, community))
    count: int = session.execute(statement).scalar_one()
    return count


def posts_by_gate(session: Session, chain_id: int, community: str) -> dict[str | None, int]:
    """How many posts stand behind each gate; None: open to all."""
    statement = select(col(Post.gate), func.count()).where(*_shown(chain_id, community)).group_by(col(Post.gate))
    return dict(session.execute(statement).all())


def _shown(chain_id: int, community: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Post.chain_id) == chain_id,
        col(Post.community) == community.lower(),
        col(Post.removed).is_(False),
        col(Post.erased).is_(False),
    )


def _view(row: Post) -> PostView:
    sealed = row.sealed
    return PostView(
        chain_id=row.chain_id,
        community=row.community,
        id=row.id,
        seq=row.seq,
        author=row.author,
        at=row.at,
        edited_at=row.edited_at,
        base=row.base,
        title=row.title,
        teaser=row.teaser,
        gate=row.gate,
        sealed=SealedView(sealed["item"], sealed["cid"], sealed["size"], bytes.fromhex(sealed["commit"]))
        if sealed
        else None,
        files=tuple(
            FileView(each["cid"], each["size"], each["type"], each["commit"], each["item"], each["alt"])
            for each in row.files
        ),
    )


def posts_since(session: Session, chain_id: int, community: str, *, since: int) -> tuple[int, int]:
    """How many posts of this time on everybody can read, and how many stand behind a gate."""
    statement = (
        select(col(Post.gate).is_(None), func.count())
        .where(*_shown(chain_id, community), col(Post.at) >= since)
        .group_by(col(Post.gate).is_(None))
    )
    found = {bool(free): count for free, count in session.execute(statement).all()}
    return found.get(True, 0), found.get(False, 0)
