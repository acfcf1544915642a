"""Projections of what a community says of itself."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index
from sqlmodel import Field

from backend.db import ProjectionTable
from indexer.tables.columns import Address


class Profile(ProjectionTable, table=True):
    """The newest profile."""

    __tablename__ = "profiles"

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    tagline: str = ""
    about: str = ""
    topics: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    look: int = 0
    """Which of its address's pictures it has; see art.py."""
    words: str = ""
    """Tagline, about and topics in small letters, to be searched."""
    seq: int


class Topic(ProjectionTable, table=True):
    """A topic of a community, in small letters."""

    __tablename__ = "topics"
    __table_args__ = (Index("topics_by_name", "chain_id", "topic"), {"schema": "app"})

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    topic: str = Field(primary_key=True)


class Welcome(ProjectionTable, table=True):
    """The post under which newcomers say hello."""

    __tablename__ = "welcomes"

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    post_id: str
    seq: int
