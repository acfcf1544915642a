"""Projection of the gates that a community's log set."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column
from sqlmodel import Field

from backend.db import ProjectionTable
from indexer.tables.columns import Address


class GateVersion(ProjectionTable, table=True):
    """The rule of a gate from this record on; the newest row of a gate counts."""

    __tablename__ = "gate_versions"

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    gate: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    rule: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    act_id: str
    at: int = Field(sa_type=BigInteger)
