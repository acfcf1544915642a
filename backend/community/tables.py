"""Projection of what a community says of itself."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column
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
    seq: int
