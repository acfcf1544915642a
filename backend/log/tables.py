"""Journals of the community log. They are never rebuilt from anything else, so their shape has migrations."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from backend.db import AppTable
from indexer.tables.columns import Address


def seconds() -> Any:
    """A column of unix seconds or of another 64-bit count."""
    return Field(sa_type=BigInteger)


class LogHead(AppTable, table=True):
    """Where a community's log ends. Its row is the lock of `append`."""

    __tablename__ = "log_heads"

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    epoch: int
    seq: int
    record: str | None = None


class LogRecord(AppTable, table=True):
    """One placed act. `void` when the chain as it is now does not allow what it allowed then (a reorg)."""

    __tablename__ = "log_records"
    __table_args__ = (
        UniqueConstraint("chain_id", "community", "act_id"),
        UniqueConstraint("chain_id", "community", "counter", "n"),
        Index("log_records_as_of", "chain_id", "as_of_number"),
        Index("log_records_of_author", "chain_id", "community", "author", "at"),
        {"schema": "app"},
    )

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    seq: int = Field(primary_key=True)
    epoch: int
    cid: str
    act_cid: str
    act_id: str
    kind: str
    author: str = Field(sa_type=Address)
    counter: str
    """What `n` counts: the key's CID, or the author's address for a wallet-signed act."""
    n: int
    at: int = seconds()
    as_of: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    as_of_number: int = seconds()
    void: bool = False


class SignedHead(AppTable, table=True):
    """A head that the home signed: the receipt of every record from the head before up to `seq`."""

    __tablename__ = "log_signed_heads"

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    epoch: int = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    record: str
    at: int = seconds()
    sig: bytes


class LogBlock(AppTable, table=True):
    """A small block of the log: it commits with what it causes, and a job copies it to the block store."""

    __tablename__ = "log_blocks"

    cid: str = Field(primary_key=True)
    data: bytes = Field(sa_column=Column("bytes", LargeBinary, nullable=False))
    copied: bool = Field(default=False, index=True)


class StagedBody(AppTable, table=True):
    """A body that an author sent before the act that names it. Unclaimed ones are swept after a day."""

    __tablename__ = "staged_bodies"

    cid: str = Field(primary_key=True)
    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    author: str = Field(sa_type=Address)
    size: int = seconds()
    commit: bytes
    media_type: str
    item: str | None = None
    """Id (hex) of the sealed item; None for a public body."""
    place: str | None = None
    """Which gate the item was sealed for: `gate:<slug>` or `post:<id>`."""
    created_at: int = seconds()
    claimed_by: str | None = None


class PublishedManifest(AppTable, table=True):
    """A manifest that this home built, and the transaction that anchors it."""

    __tablename__ = "manifests"

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    sequence: int = Field(primary_key=True)
    cid: str
    head_seq: int
    fingerprint: str
    built_at: int = seconds()
    tx_hash: str | None = None
