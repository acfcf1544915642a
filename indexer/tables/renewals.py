"""What renewals by keepers rest on, and other money that contracts hold for accounts. Amounts are base units."""

from sqlalchemy import Index, Integer

from indexer.tables.base import MirrorTable, column, key
from indexer.tables.columns import Address, Uint256


class Consent(MirrorTable, table=True):
    """The live consent of a membership's holder; gone when it ended."""

    __tablename__ = "consents"
    __table_args__ = (
        Index("ix_consents_expiry", "chain_id", "contract", "expires_at", "token_id"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    token_id: int = key()
    holder: str = column(Address)
    tier_id: int = column(Integer)
    max_price: int = column(Uint256)
    """Of a period."""
    periods_left: int = column(Integer)
    until: int = column()
    """Unix seconds, inclusive."""
    expires_at: int | None = column(nullable=True)
    """When the time of its membership is over; none while that is for life, or has another holder or tier."""
    block_number: int = column()
    """Of the last change."""


class Funds(MirrorTable, table=True):
    """What a contract holds for an account, to be taken out. Membership: prepaid renewals, keepers' tips, refunds of
    revoked memberships. Market: deposits for offers, fees, proceeds. Crowdsale: what was sent beyond the cap.
    """

    __tablename__ = "funds"
    chain_id: int = key()
    contract: str = key(Address)
    account: str = key(Address)
    amount: int = column(Uint256)
    block_number: int = column()
    """Of the last change."""
