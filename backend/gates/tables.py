"""Projection of the gates that a community's log set; and what only this home knows beside it."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index
from sqlmodel import Field

from backend.db import AppTable, ProjectionTable
from indexer.tables.columns import Address, Hash32


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


class Watch(AppTable, table=True):
    """A balance of a token from outside that a gate of the community needs to know. The indexer reads this table."""

    __tablename__ = "watches"
    __table_args__ = (Index("watches_by_need", "chain_id", "needed_at"), {"schema": "app"})

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    asset: str = Field(primary_key=True)
    """As indexer.tables.outside writes it."""
    account: str = Field(primary_key=True, sa_type=Address)
    ages: bool
    """Whether the balance changes without a transfer, so that the contract must be asked again each time."""
    needed_at: int = Field(sa_type=BigInteger)
    """When somebody last asked and got no answer that was young enough."""


class ListedAccount(AppTable, table=True):
    """An account on a list that a rule names by its Merkle root. Never in the log: it is nobody's business."""

    __tablename__ = "listed_accounts"
    __table_args__ = ({"schema": "app"},)

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    root: str = Field(primary_key=True, sa_type=Hash32)
    account: str = Field(primary_key=True, sa_type=Address)
