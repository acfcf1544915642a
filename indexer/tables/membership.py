"""Tiers, memberships and what was paid for them. `contract` is the community's Membership contract."""

from sqlalchemy import Boolean, Index, Integer, SmallInteger, Text

from indexer.tables.base import MirrorTable, column, key
from indexer.tables.columns import Address, Hash32, Uint256


class Tier(MirrorTable, table=True):
    """The state of a tier; ids count from 1. Prices are base units of the community's currency, times unix seconds."""

    __tablename__ = "tiers"
    chain_id: int = key()
    contract: str = key(Address)
    tier_id: int = key(Integer)
    label: str = column(Text)
    price: int = column(Uint256)
    renewal_price: int = column(Uint256)
    notice_ends: int = column()
    period_seconds: int = column()
    earning_seconds: int = column()
    cap: int = column()
    seats: int = column()
    """Taken: as the tier's last event said, plus the joins after it."""
    sale_start: int = column()
    sale_end: int = column()
    retires_at: int = column()
    invitee_discount_bps: int = column(SmallInteger)
    allow_root: str = column(Hash32)
    paused: bool = column(Boolean)
    soulbound: bool = column(Boolean)
    block_number: int = column()
    """Of the last change."""


class Membership(MirrorTable, table=True):
    """The state of a membership; expired when `expires_at <= now`. Times unix seconds, amounts base units."""

    __tablename__ = "memberships"
    __table_args__ = (
        Index("ix_memberships_holder", "chain_id", "contract", "holder"),
        Index("ix_memberships_account", "chain_id", "holder"),
        Index("ix_memberships_expiry", "chain_id", "contract", "expires_at"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    token_id: int = key()
    holder: str = column(Address)
    tier_id: int = column(Integer)
    badge: int = column()
    expires_at: int = column()
    unearned: int = column(Uint256)
    settled_at: int = column()
    earned_at: int = column()
    rate: int = column(SmallInteger)
    count_at: int = column()
    transfer_count: int = column(Integer)
    flags: int = column(SmallInteger)
    joined_at: int = column()
    block_number: int = column()
    """Of the last change."""


class Payment(MirrorTable, table=True):
    """Append-only: a join or a renewal, and what was paid for it (0 = free)."""

    __tablename__ = "payments"
    __table_args__ = (
        Index("ix_payments_token", "chain_id", "contract", "token_id"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    token_id: int = column()
    kind: str = column(Text)
    """`join` or `renewal`."""
    holder: str = column(Address)
    payer: str = column(Address)
    tier_id: int = column(Integer)
    amount: int = column(Uint256)
    periods: int = column(Integer)
    expires_at: int = column()
    """Of the membership after this payment."""
    tx_hash: str = column(Hash32)
    at: int = column()


class Earnings(MirrorTable, table=True):
    """Income of a membership contract: all that was earned, and all of it that left. Base units."""

    __tablename__ = "earnings"
    chain_id: int = key()
    contract: str = key(Address)
    earned_total: int = column(Uint256)
    withdrawn_total: int = column(Uint256)
