"""Tokens that crowdsales sold, who holds them, and the income of restricted ones. `contract` is the CommunityToken."""

from sqlalchemy import Boolean, Index, Text

from indexer.tables.base import MirrorTable, column, key
from indexer.tables.columns import Address, Hash32, Uint256


class Token(MirrorTable, table=True):
    """A token of a community. Amounts are base units: 10**18 are one whole token."""

    __tablename__ = "tokens"
    chain_id: int = key()
    address: str = key(Address)
    community: str = column(Address, index=True)
    sale: str = column(Address)
    name: str = column(Text)
    symbol: str = column(Text)
    restricted: bool = column(Boolean)
    """Only attested accounts hold it, and it carries a right to income."""
    maximum: int = column(Uint256)
    supply: int = column(Uint256)
    locked_until: int = column()
    """Unix seconds before which nobody transfers it; 0 = no lock-up."""
    attestor: str = column(Address)
    """Attests and freezes, beside the community's owner; 0 = nobody else."""
    income_index: int = column(Uint256)
    """Income of one base unit so far, in 2**-128 of the currency's."""
    distributed: int = column(Uint256)
    """Income in all, in base units of the currency."""
    block_number: int = column()
    """Of the last change."""


class TokenHolder(MirrorTable, table=True):
    """What an account holds of a token, and what is noted about it."""

    __tablename__ = "token_holders"
    __table_args__ = (
        Index("ix_token_holders_account", "chain_id", "account"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    account: str = key(Address)
    balance: int = column(Uint256)
    attested_until: int = column()
    """Unix seconds, exclusive; 0 = never attested."""
    frozen: bool = column(Boolean)
    claimed: int = column(Uint256)
    """Income that was ever paid to it."""
    block_number: int = column()
    """Of the last change."""


class IncomeDistribution(MirrorTable, table=True):
    """Append-only: income that the holders of that moment shared."""

    __tablename__ = "income_distributions"
    chain_id: int = key()
    contract: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    payer: str = column(Address)
    amount: int = column(Uint256)
    supply: int = column(Uint256)
    income_index: int = column(Uint256)
    tx_hash: str = column(Hash32)
    at: int = column()


class IncomeClaim(MirrorTable, table=True):
    """Append-only: income that was paid to a holder."""

    __tablename__ = "income_claims"
    chain_id: int = key()
    contract: str = key(Address)
    account: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    paid_to: str = column(Address)
    amount: int = column(Uint256)
    claimed: int = column(Uint256)
    """All that was ever paid to the account."""
    tx_hash: str = column(Hash32)
    at: int = column()
