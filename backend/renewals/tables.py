"""What the keeper tried: private state, since a failure leaves nothing on chain."""

from sqlalchemy import BigInteger, Index, Integer
from sqlmodel import Field

from backend.db import AppTable
from indexer.tables.columns import Address, Hash32, Uint256


class RenewalTry(AppTable, table=True):
    """The last try to renew a membership that was due, and when it is tried again."""

    __tablename__ = "renewal_tries"
    __table_args__ = (Index("renewal_tries_of_community", "chain_id", "community"), {"schema": "app"})

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    contract: str = Field(primary_key=True, sa_type=Address)
    token_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(sa_type=Address)
    holder: str = Field(sa_type=Address)
    tier_id: int = Field(sa_type=Integer)
    expires_at: int = Field(sa_type=BigInteger)
    """Of the membership then: a renewal changes it."""
    reason: str
    """`sent`, or a code of `queries.REASONS`."""
    price: int = Field(sa_type=Uint256)
    """Base units; 0 where there is none."""
    tx_hash: str | None = Field(default=None, sa_type=Hash32)
    tried_at: int = Field(sa_type=BigInteger)
    next_at: int = Field(sa_type=BigInteger)
    """Unix seconds, of the chain's time or the clock's, whichever is later."""
