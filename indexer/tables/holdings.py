"""Who held what at which block: append-only, so that a past holding is one indexed query."""

from sqlalchemy import Text

from indexer.tables.base import MirrorTable, column, key
from indexer.tables.columns import Address, Uint256


class HoldingChange(MirrorTable, table=True):
    """What `account` held of `asset` from this block and log on, until its next row; functions below name the assets.

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
    """Being a member of a tier; value 1. `contract`: the Membership, as all here a lowercase `0x…` address."""
    return f"{contract}/tier/{tier_id}"


def badge_asset(contract: str, badge: int) -> str:
    """A badge that was used or minted; value 1 = bronze, 2 = silver, 3 = gold. `contract`: the Membership."""
    return f"{contract}/badge/{badge}"


def achievement_asset(contract: str, achievement_id: int) -> str:
    """An achievement; the value is how many tokens of it. `contract`: the Badges."""
    return f"{contract}/achievement/{achievement_id}"


def license_asset(contract: str, product_id: int) -> str:
    """A license for a product; the value is how many units. `contract`: the Store."""
    return f"{contract}/license/{product_id}"


def token_asset(contract: str) -> str:
    """A token (ERC-20) of a community, in base units."""
    return contract


def contribution_asset(contract: str) -> str:
    """What an account contributed to a crowdsale and was not refunded, in base units. `contract`: the Crowdsale."""
    return f"{contract}/contribution"
