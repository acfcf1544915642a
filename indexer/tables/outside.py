"""Balances of tokens that are not of our communities, as far as a gate asked for them (see backend/gates/tables.py).

Nothing rebuilds these rows: what a contract said stands in no log. When they are gone, the contracts are asked again.
"""

from sqlalchemy import Float, Text

from indexer.tables.base import MirrorTable, column, key
from indexer.tables.columns import Address, Uint256

END_OF_BLOCK = 2**31 - 1
"""`log_index` of what a contract said of its state after a block."""


class OutsideBalance(MirrorTable, table=True):
    """What `account` held of `asset` from this block and log on, until its next row. Append-only but for reorgs.

    At block N the newest row with `block_number <= N` counts; without one nothing is known.
    """

    __tablename__ = "outside_balances"
    chain_id: int = key()
    account: str = key(Address)
    asset: str = key(Text)
    """`<standard>/<contract>`, or `<standard>/<contract>/<id>` of one id."""
    block_number: int = key()
    log_index: int = key()
    value: int | None = column(Uint256, nullable=True)
    """Base units, tokens, or 1 for the owner of one id. None: not known from here on."""
    asked_at: float = column(Float)
    """Wall clock, unix seconds: when the contract last answered for this row; 0 for one that logs told."""


def outside_asset(standard: str, contract: str, token_id: int | None) -> str:
    """`contract`: a lowercase `0x…` address. `standard`: `erc20`, `erc721` or `erc1155`."""
    return f"{standard}/{contract}" + ("" if token_id is None else f"/{token_id}")
