"""Signed listings and offers that this home keeps: private, since no chain and no log has them.

They prove themselves by the wallet's signature, so no log needs to vouch for them; most are dead within weeks, and a
log keeps for good. Whoever wants one to be found without this home announces it on chain: the home keeps those too.
"""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, SmallInteger, Text
from sqlmodel import Field

from backend.db import AppTable
from indexer.tables.columns import Address, Hash32, Uint64, Uint256


def _number() -> Any:
    return Field(sa_type=BigInteger)


def _address() -> Any:
    return Field(sa_type=Address)


class SignedListing(AppTable, table=True):
    """A holder's ask for a badge, an achievement or a membership of a community."""

    __tablename__ = "signed_listings"
    __table_args__ = (
        Index("signed_listings_newest", "chain_id", "community", "kept_at", "digest"),
        Index("signed_listings_price", "chain_id", "community", "price", "digest"),
        Index("signed_listings_token", "chain_id", "community", "token_id"),
        Index("signed_listings_seller", "chain_id", "seller"),
        {"schema": "app"},
    )

    chain_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    digest: str = Field(primary_key=True, sa_type=Hash32)
    """EIP-712: what was signed."""
    community: str = _address()
    seller: str = _address()
    token_id: int = Field(sa_type=Uint256)
    badge: int = _number()
    """The same for a referral badge; 0 for anything else."""
    membership: int = Field(default=0, sa_type=BigInteger)
    """The same for a membership; 0 for anything else."""
    buyer: str = _address()
    """Only it may buy; 0 = anybody."""
    currency: str = _address()
    price: int = Field(sa_type=Uint256)
    starts_at: int = _number()
    deadline: int = _number()
    transfer_count: int = _number()
    counter: int = Field(sa_type=Uint64)
    message: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """Every field as it was signed, by its Solidity name; numbers as decimal text."""
    signature: str = Field(sa_type=Text)
    kept_at: int = _number()


class SignedOffer(AppTable, table=True):
    """A buyer's bid for one badge or achievement, or for any referral badge of a community."""

    __tablename__ = "signed_offers"
    __table_args__ = (
        Index("signed_offers_newest", "chain_id", "community", "kept_at", "digest"),
        Index("signed_offers_token", "chain_id", "community", "token_id"),
        Index("signed_offers_buyer", "chain_id", "buyer"),
        {"schema": "app"},
    )

    chain_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    digest: str = Field(primary_key=True, sa_type=Hash32)
    community: str = _address()
    buyer: str = _address()
    token_id: int = Field(sa_type=Uint256)
    """0 = any referral badge."""
    level: int = Field(sa_type=SmallInteger)
    currency: str = _address()
    price: int = Field(sa_type=Uint256)
    deadline: int = _number()
    counter: int = Field(sa_type=Uint64)
    message: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    signature: str = Field(sa_type=Text)
    kept_at: int = _number()
