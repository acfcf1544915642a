"""What badges earn, at which rates, and what was paid out. `contract` is the community's Membership contract.

Amounts are base units of the community's currency, times unix seconds, shares 1/10 000.
"""

from sqlalchemy import Boolean, Integer, SmallInteger

from indexer.tables.base import MirrorTable, column, key
from indexer.tables.columns import Address, Hash32, Uint256


class BadgeLedger(MirrorTable, table=True):
    """What a badge has earned by inviting. One that was never used has no row: all is 0 then."""

    __tablename__ = "badge_ledgers"
    chain_id: int = key()
    contract: str = key(Address)
    badge: int = key()
    """The id of its membership."""
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
