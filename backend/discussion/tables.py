"""Projection of the replies of a community."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index
from sqlmodel import Field

from backend.db import ProjectionTable
from indexer.tables.columns import Address


class Reply(ProjectionTable, table=True):
    """A reply as its newest edit left it; its words are the block `cid`, sealed when `item` is set."""

    __tablename__ = "replies"
    __table_args__ = (Index("replies_by_post", "chain_id", "community", "post_id", "seq"), {"schema": "app"})

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    id: str = Field(primary_key=True)
    post_id: str
    seq: int
    author: str = Field(sa_type=Address)
    at: int = Field(sa_type=BigInteger)
    edited_at: int | None = Field(default=None, sa_type=BigInteger)
    base: str
    """Id of the newest act that set its words."""
    cid: str
    commit: bytes
    item: str | None = None
    gate: str | None = None
    """The post's gate when the reply was written: its author spoke to those inside, also if the post opens later."""
    bodies: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """`[cid, item]` of every version."""
    erased: bool = False
