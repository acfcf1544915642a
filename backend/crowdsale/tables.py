"""Allow-lists of sales (private: only their roots are public, B11), what the owner says that a sale is for, and posts
that tell backers how it goes on."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from backend.db import AppTable, ProjectionTable
from indexer.tables.columns import Address, Hash32


class AllowListEntry(AppTable, table=True):
    """An account of an allow-list, with its proof: the siblings up to the root, 32 bytes each."""

    __tablename__ = "sale_allow_lists"

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    root: str = Field(primary_key=True, sa_type=Hash32)
    account: str = Field(primary_key=True, sa_type=Address)
    proof: bytes


class SaleUpdate(ProjectionTable, table=True):
    """A post that the owner counts among the news of a sale. `seq` is the record that said so."""

    __tablename__ = "sale_updates"
    __table_args__ = (Index("sale_updates_by_sale", "chain_id", "community", "sale", "seq"), {"schema": "app"})

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    sale: str = Field(primary_key=True, sa_type=Address)
    post_id: str = Field(primary_key=True)
    seq: int


class SaleWords(ProjectionTable, table=True):
    """What the owner calls a sale, and what its money is for."""

    __tablename__ = "sale_words"

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    sale: str = Field(primary_key=True, sa_type=Address)
    title: str
    purpose: str
