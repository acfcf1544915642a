"""Projection of posts, and posts that wait. No gated word stands here: the rest of a post is a sealed block."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary
from sqlmodel import Field

from backend.db import AppTable, ProjectionTable
from indexer.tables.columns import Address


class Post(ProjectionTable, table=True):
    """A post as its newest edit left it."""

    __tablename__ = "posts"
    __table_args__ = (
        Index("posts_by_seq", "chain_id", "community", "seq"),
        Index("posts_by_time", "chain_id", "community", "removed", "erased", "at", "gate"),
        {"schema": "app"},
    )

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    id: str = Field(primary_key=True)
    """Id of the act that created it."""
    seq: int
    author: str = Field(sa_type=Address)
    at: int = Field(sa_type=BigInteger)
    edited_at: int | None = Field(default=None, sa_type=BigInteger)
    base: str
    """Id of the newest act that set its words: what an edit must start from."""
    title: str
    teaser: str
    gate: str | None = None
    sealed: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    """`{item, cid, size, commit}` of the gated rest, in hex and text."""
    files: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """`{cid, size, type, commit, item, alt}` of each picture or file."""
    bodies: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """`[cid, item]` of every block of every version: what an erasure must reach."""
    removed: bool = False
    erased: bool = False


class ScheduledPost(AppTable, table=True):
    """Private: a signed `post.create` that is appended when its own time comes."""

    __tablename__ = "scheduled_posts"

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    act_id: str = Field(primary_key=True)
    author: str = Field(sa_type=Address)
    title: str
    gate: str | None = None
    act: bytes = Field(sa_type=LargeBinary)
    publish_at: int = Field(sa_type=BigInteger)
    """The act's `at`, unix seconds."""
    created_at: int = Field(sa_type=BigInteger)
    fault: str | None = None
    """Why it was refused when its time came."""
