"""Keys as the host keeps them (private, wrapped) and the recovery keys that the log names (a projection)."""

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlmodel import Field

from backend.db import AppTable, ProjectionTable
from indexer.tables.columns import Address


class Kek(AppTable, table=True):
    """A community's key that wraps content keys, wrapped itself by the host's master key."""

    __tablename__ = "keks"

    id: str = Field(primary_key=True)
    chain_id: int = Field(sa_type=BigInteger)
    community: str = Field(index=True, sa_type=Address)
    wrapped_by_host: bytes = Field(sa_type=LargeBinary)
    created_at: int = Field(sa_type=BigInteger)
    retired_at: int | None = Field(default=None, sa_type=BigInteger)


class Wrap(AppTable, table=True):
    """The content key of one sealed item, wrapped by a kek. Erasing an item deletes it."""

    __tablename__ = "wraps"

    item: str = Field(primary_key=True)
    chain_id: int = Field(sa_type=BigInteger)
    community: str = Field(index=True, sa_type=Address)
    kek: str
    wrapped: bytes = Field(sa_type=LargeBinary)
    created_at: int = Field(sa_type=BigInteger)


class Release(AppTable, table=True):
    """Audit: a content key was used for a viewer, by a decision at a block. Private, kept for 90 days."""

    __tablename__ = "releases"
    __table_args__ = (Index("releases_of_item", "item", "at"), {"schema": "app"})

    id: int | None = Field(default=None, primary_key=True)
    at: int = Field(sa_type=BigInteger)
    chain_id: int = Field(sa_type=BigInteger)
    community: str = Field(sa_type=Address)
    item: str
    account: str | None = Field(sa_type=Address)
    gate: str | None
    until: int = Field(sa_type=BigInteger)
    block_number: int = Field(sa_type=BigInteger)
    block_hash: str


class RecoveryKey(ProjectionTable, table=True):
    """A recovery key of a community: the compressed P-256 point, in hex."""

    __tablename__ = "recovery_keys"

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    public_key: str = Field(primary_key=True)
    seq: int
