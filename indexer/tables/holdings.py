"""Who held what at which block: append-only, so that a past holding is one indexed query."""

from sqlalchemy import Text

from indexer.tables.base import MirrorTable, column, key
from indexer.tables.columns import Address, Uint256


class HoldingChange(MirrorTable, table=True):
    """What `account` held of `asset` from this block and log on, until its next row.

    A membership of a tier is the asset `<membership contract>/tier/<tier id>` (see `tier_asset`), value 1 or 0.
    At block N the newest row with `block_number <= N` counts, and only while `expires_at` is in the future.
    """

    __tablename__ = "holding_changes"
    chain_id: int = key()
    account: str = key(Address)
    asset: str = key(Text)
    block_number: int = key()
    log_index: int = key()
    value: int = column(Uint256)
    expires_at: int = column()
    """Unix seconds, exclusive; 2**40 - 1 = for life."""


def tier_asset(contract: str, tier_id: int) -> str:
    """The asset of being a member of a tier. `contract` is a lowercase `0x…` address."""
    return f"{contract}/tier/{tier_id}"
