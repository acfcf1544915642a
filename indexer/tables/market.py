"""Listings, offers and sales of badges, achievements and memberships. `contract` is the Market, which all share.

Amounts are base units of `currency` (0 = native coins), times unix seconds, shares 1/10 000. A listing or offer that
was only given from hand to hand is not here until it is sold.
"""

from sqlalchemy import Boolean, Index, Integer, SmallInteger, Text

from indexer.tables.base import MirrorTable, column, key
from indexer.tables.columns import Address, Hash32, Uint64, Uint256


class Listing(MirrorTable, table=True):
    """A holder's ask that somebody announced, field by field as it was signed. Whether it still stands: see `state`."""

    __tablename__ = "listings"
    __table_args__ = (
        Index("ix_listings_community", "chain_id", "community"),
        Index("ix_listings_token", "chain_id", "collection", "token_id"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    digest: str = key(Hash32)
    community: str = column(Address)
    state: str = column(Text)
    """`open` (dates, counter, transfers and approval aside), `cancelled` or `sold`."""
    seller: str = column(Address)
    collection: str = column(Address)
    membership: str = column(Address)
    token_id: int = column(Uint256)
    currency: str = column(Address)
    price: int = column(Uint256)
    min_proceeds: int = column(Uint256)
    fee_recipient: str = column(Address)
    fee_bps: int = column(Integer)
    buyer: str = column(Address)
    starts_at: int = column()
    deadline: int = column()
    transfer_count: int = column(Uint64)
    min_accrued: int = column(Uint256)
    tier_id: int = column(Integer)
    min_expires_at: int = column()
    min_unearned: int = column(Uint256)
    with_badge: bool = column(Boolean)
    counter: int = column(Uint64)
    salt: int = column(Uint256)
    signature: str = column(Text)
    """`0x…` text."""
    announced_at: int = column()
    block_number: int = column()
    """Of the last change."""


class Offer(MirrorTable, table=True):
    """A buyer's bid that somebody announced, field by field as it was signed. Whether it still stands: see `state`."""

    __tablename__ = "offers"
    __table_args__ = (
        Index("ix_offers_community", "chain_id", "community"),
        Index("ix_offers_token", "chain_id", "collection", "token_id"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    digest: str = key(Hash32)
    community: str = column(Address)
    state: str = column(Text)
    """`open` (deadline, counter and money aside), `cancelled` or `accepted`."""
    buyer: str = column(Address)
    collection: str = column(Address)
    membership: str = column(Address)
    token_id: int = column(Uint256)
    """0 = any referral badge."""
    level: int = column(SmallInteger)
    """At least: 0 bronze, 1 silver, 2 gold."""
    min_rate_bps: int = column(Integer)
    """Of that badge, at least."""
    min_accrued: int = column(Uint256)
    currency: str = column(Address)
    price: int = column(Uint256)
    fee_recipient: str = column(Address)
    fee_bps: int = column(Integer)
    deadline: int = column()
    counter: int = column(Uint64)
    salt: int = column(Uint256)
    signature: str = column(Text)
    """`0x…` text."""
    announced_at: int = column()
    block_number: int = column()
    """Of the last change."""


class Spent(MirrorTable, table=True):
    """A listing or offer, announced or not, that works no more: cancelled by its signer, sold, or accepted."""

    __tablename__ = "spent_signatures"
    chain_id: int = key()
    contract: str = key(Address)
    account: str = key(Address)
    digest: str = key(Hash32)
    state: str = column(Text)
    """`cancelled`, `sold` or `accepted`."""
    at: int = column()


class Counter(MirrorTable, table=True):
    """All that the account signed with another counter is cancelled. No row: 0."""

    __tablename__ = "market_counters"
    chain_id: int = key()
    contract: str = key(Address)
    account: str = key(Address)
    counter: int = column(Uint64)
    block_number: int = column()
    """Of the last change."""


class Resale(MirrorTable, table=True):
    """Append-only: a token was sold; the seller got price - royalty - fee."""

    __tablename__ = "resales"
    __table_args__ = (
        Index("ix_resales_community", "chain_id", "community"),
        Index("ix_resales_token", "chain_id", "collection", "token_id"),
        Index("ix_resales_buyer", "chain_id", "buyer", "block_number"),
        Index("ix_resales_seller", "chain_id", "seller", "block_number"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    community: str = column(Address)
    kind: str = column(Text)
    """`listing` or `offer`: whose signature was taken up."""
    collection: str = column(Address)
    token_id: int = column(Uint256)
    seller: str = column(Address)
    buyer: str = column(Address)
    recipient: str = column(Address)
    currency: str = column(Address)
    price: int = column(Uint256)
    royalty: int = column(Uint256)
    fee: int = column(Uint256)
    fee_recipient: str = column(Address)
    digest: str = column(Hash32)
    tx_hash: str = column(Hash32)
    at: int = column()


class Till(MirrorTable, table=True):
    """What of native sales through a page waits to be paid out: royalties to the community, fees to the page."""

    __tablename__ = "tills"
    chain_id: int = key()
    contract: str = key(Address)
    collection: str = key(Address)
    fee_recipient: str = key(Address)
    """The page; 0 = no page."""
    community: str = column(Address)
    royalty_bps: int = column(SmallInteger)
    royalties: int = column(Uint256)
    fees: int = column(Uint256)
    block_number: int = column()
    """Of the last change."""


class TillPayment(MirrorTable, table=True):
    """Append-only: what waited in a till was paid out."""

    __tablename__ = "till_payments"
    chain_id: int = key()
    contract: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    community: str = column(Address)
    collection: str = column(Address)
    fee_recipient: str = column(Address)
    royalties: int = column(Uint256)
    fees: int = column(Uint256)
    tx_hash: str = column(Hash32)
    at: int = column()
