"""Crowdsales and what was contributed to them. `contract` is the Crowdsale.

Amounts of money are base units of the community's currency, times unix seconds, shares 1/10 000.
"""

from sqlalchemy import Boolean, Index, Integer, SmallInteger, Text

from indexer.tables.base import MirrorTable, column, key
from indexer.tables.columns import Address, Hash32, Uint256


class Sale(MirrorTable, table=True):
    """A crowdsale of a community: its terms, which never change, and where it stands."""

    __tablename__ = "sales"
    chain_id: int = key()
    address: str = key(Address)
    community: str = column(Address, index=True)
    token: str = column(Address)
    """That is sold; 0 for memberships."""
    founder: str = column(Address)
    """Owner of the community when the sale was made."""
    currency: str = column(Address)
    membership: str = column(Address)
    maximum: int = column(Uint256)
    """Of the token's supply, ever."""
    asset: int = column(SmallInteger)
    """0 memberships, 1 utility token, 2 restricted token."""
    starts_at: int = column()
    ends_at: int = column()
    """Exclusive."""
    goal: int = column(Uint256)
    cap: int = column(Uint256)
    """Where the last of its `SaleStep`s ends."""
    account_min: int = column(Uint256)
    account_max: int = column(Uint256)
    """0 = no limit."""
    allow_root: str = column(Hash32)
    tier_id: int = column(Integer)
    tier_periods: int = column(Integer)
    tier_price: int = column(Uint256)
    tier_threshold: int = column(Uint256)
    cliff_seconds: int = column()
    vesting_seconds: int = column()
    stop_threshold_bps: int = column(Integer)
    founder_allocation: int = column(Uint256)
    lockup_seconds: int = column()
    token_name: str = column(Text)
    token_symbol: str = column(Text)
    raised: int = column(Uint256)
    tier_money: int = column(Uint256)
    """Of it for memberships; the rest is under the schedule."""
    finalized_at: int = column()
    """0 = not yet; the schedule's start."""
    released: int = column(Uint256)
    """Of the scheduled money, to the community."""
    votes: int = column(Uint256)
    """Scheduled money of those who voted to stop."""
    electorate: int = column(Uint256)
    """Weight of all votes, when last somebody voted."""
    stopped_at: int = column()
    """0 = not stopped; the schedule's end."""
    unreleased: int = column(Uint256)
    """Scheduled money that is refunded after a stop."""
    made_at: int = column()
    tx_hash: str = column(Hash32)
    block_number: int = column()
    """Of the last change."""


class SaleStep(MirrorTable, table=True):
    """Append-only: a price of a sale, from where the step before ends until `up_to` has been raised."""

    __tablename__ = "sale_steps"
    chain_id: int = key()
    contract: str = key(Address)
    number: int = key(SmallInteger)
    up_to: int = column(Uint256)
    price: int = column(Uint256)
    """Of one whole token, or of one period of the tier."""


class Contribution(MirrorTable, table=True):
    """What is recorded for a contributor, whoever paid it, and what it has claimed."""

    __tablename__ = "contributions"
    __table_args__ = (
        Index("ix_contributions_account", "chain_id", "account"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    account: str = key(Address)
    amount: int = column(Uint256)
    bought: int = column(Uint256)
    """Tokens, or periods."""
    badge: int = column()
    """That the contributor came by; 0 = none."""
    tier: bool = column(Boolean)
    """Whether a membership is paid out of it."""
    voted: bool = column(Boolean)
    """To stop."""
    claimed_tokens: int = column(Uint256)
    claimed_periods: int = column()
    paid: int = column(Uint256)
    """For these periods, to the membership contract."""
    refunded: int = column(Uint256)
    block_number: int = column()
    """Of the last change."""


class ContributionPayment(MirrorTable, table=True):
    """Append-only: a payment into a sale."""

    __tablename__ = "contribution_payments"
    __table_args__ = (
        Index("ix_contribution_payments_account", "chain_id", "account", "block_number"),
        Index("ix_contribution_payments_payer", "chain_id", "payer", "block_number"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    account: str = column(Address)
    payer: str = column(Address)
    amount: int = column(Uint256)
    bought: int = column(Uint256)
    tx_hash: str = column(Hash32)
    at: int = column()


class SalePayout(MirrorTable, table=True):
    """Append-only: money that left a sale."""

    __tablename__ = "sale_payouts"
    __table_args__ = (
        Index("ix_sale_payouts_account", "chain_id", "account", "block_number"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    kind: str = column(Text)
    """`release` to the community, `refund` to a contributor, `membership` to the membership contract."""
    account: str = column(Address)
    """The contributor; for a release the community."""
    paid_to: str = column(Address)
    """For a membership: the wallet that holds it."""
    amount: int = column(Uint256)
    token_id: int = column()
    """Of the membership, else 0."""
    periods: int = column(Integer)
    tx_hash: str = column(Hash32)
    at: int = column()


class TokenClaim(MirrorTable, table=True):
    """Append-only: tokens that were minted to a contributor or the founder."""

    __tablename__ = "token_claims"
    __table_args__ = (
        Index("ix_token_claims_account", "chain_id", "account", "block_number"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    account: str = column(Address)
    amount: int = column(Uint256)
    tx_hash: str = column(Hash32)
    at: int = column()


class StopVote(MirrorTable, table=True):
    """Append-only: a contributor voted to stop a sale's schedule."""

    __tablename__ = "stop_votes"
    chain_id: int = key()
    contract: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    account: str = column(Address)
    weight: int = column(Uint256)
    votes: int = column(Uint256)
    electorate: int = column(Uint256)
    at: int = column()
