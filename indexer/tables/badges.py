"""What badges earn, at which rates, and what was paid out; achievements.

`contract` is the community's Membership for what badges earn, and its Badges for achievements. Amounts are base units
of the community's currency, times unix seconds, shares 1/10 000.
"""

from sqlalchemy import Boolean, Index, Integer, SmallInteger, Text

from indexer.tables.base import MirrorTable, column, key
from indexer.tables.columns import Address, Hash32, Uint256


class BadgeLedger(MirrorTable, table=True):
    """A badge, and what it has earned by inviting. One that was never used has no row: all is 0 then."""

    __tablename__ = "badge_ledgers"
    __table_args__ = (
        Index("ix_badge_ledgers_owner", "chain_id", "owner"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    badge: int = key()
    """The id of its membership."""
    owner: str = column(Address)
    """Of the token, or while it is not minted the holder of its membership."""
    transfer_count: int = column()
    """Of the token; a listing in the market names it."""
    income: int = column(Uint256)
    """Ever credited."""
    claimed: int = column(Uint256)
    """Of it."""
    volume: int = column(Uint256)
    """Earned from payments of bound members."""
    counted: int = column(Integer)
    """Members that count for its level."""
    level: int = column(SmallInteger)
    """0 bronze, 1 silver, 2 gold."""
    version: int = column(SmallInteger)
    """Of its `BadgeRates`."""
    used: bool = column(Boolean)
    minted: bool = column(Boolean)
    """Whether it is a token of Badges; until then it belongs to the holder of its membership."""
    block_number: int = column()
    """Of the last change."""


class BadgeClaim(MirrorTable, table=True):
    """Append-only: income of a badge that was paid out."""

    __tablename__ = "badge_claims"
    chain_id: int = key()
    contract: str = key(Address)
    badge: int = key()
    block_number: int = key()
    log_index: int = key()
    owner: str = column(Address)
    paid_to: str = column(Address)
    amount: int = column(Uint256)
    claimed: int = column(Uint256)
    """All that was ever paid of this badge."""
    tx_hash: str = column(Hash32)
    at: int = column()


class BadgeRates(MirrorTable, table=True):
    """Append-only: the rates of badges that were first used while this was the newest version (0: of the opening)."""

    __tablename__ = "badge_rates"
    chain_id: int = key()
    contract: str = key(Address)
    version: int = key(Integer)
    bronze_bps: int = column(SmallInteger)
    silver_bps: int = column(SmallInteger)
    gold_bps: int = column(SmallInteger)
    silver_from: int = column(Integer)
    """Counted members that the level takes; and for each of them `volume_unit` of earned volume."""
    gold_from: int = column(Integer)
    volume_unit: int = column(Uint256)
    block_number: int = column()
    at: int = column()


class Achievement(MirrorTable, table=True):
    """The state of an achievement: a badge for a deed; ids count from 1."""

    __tablename__ = "achievements"
    chain_id: int = key()
    contract: str = key(Address)
    achievement_id: int = key()
    label: str = column(Text)
    cap: int = column()
    """Most tokens of it; 0 = no limit."""
    made: int = column()
    """Tokens, also those that were burned."""
    locked: bool = column(Boolean)
    """Whether its tokens stay with whoever got them (ERC-5192)."""
    issuer: str = column(Address)
    """Signs vouchers for it; 0 = nobody."""
    allowance: int = column()
    """Vouchers of the issuer that can still be used."""
    description: str = column(Text)
    uri: str = column(Text)
    block_number: int = column()
    """Of the last change."""


class AchievementToken(MirrorTable, table=True):
    """A token of an achievement; gone once its owner burned it."""

    __tablename__ = "achievement_tokens"
    __table_args__ = (
        Index("ix_achievement_tokens_owner", "chain_id", "owner"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    token_id: int = key(Uint256)
    """`achievement_id << 40 | serial`."""
    achievement_id: int = column()
    owner: str = column(Address)
    transfer_count: int = column()
    made_at: int = column()
    block_number: int = column()
    """Of the last change."""


class AchievementsHeld(MirrorTable, table=True):
    """How many tokens of an achievement an account has; 0 = it had some before."""

    __tablename__ = "achievements_held"
    chain_id: int = key()
    contract: str = key(Address)
    account: str = key(Address)
    achievement_id: int = key()
    tokens: int = column()


class AchievementVoucher(MirrorTable, table=True):
    """A voucher for an achievement that works no more: it was used or withdrawn."""

    __tablename__ = "achievement_vouchers"
    chain_id: int = key()
    contract: str = key(Address)
    achievement_id: int = key()
    issuer: str = key(Address)
    nonce: int = key(Uint256)
    token_id: int = column(Uint256)
    """That it made; 0 = it was withdrawn."""
    at: int = column()
