"""Products, licenses, tips, and what creators are due. `contract` is the community's Store.

Amounts are base units of the community's currency, times unix seconds, shares 1/10 000.
"""

from sqlalchemy import Boolean, Index, Integer, SmallInteger, Text

from indexer.tables.base import MirrorTable, column, key
from indexer.tables.columns import Address, Hash32, Uint256


class StorePolicy(MirrorTable, table=True):
    """Of products that are listed from now on."""

    __tablename__ = "store_policies"
    chain_id: int = key()
    contract: str = key(Address)
    community_bps: int = column(SmallInteger)
    """The community's part of what badge shares leave."""
    members_may_list: bool = column(Boolean)
    block_number: int = column()
    """Of the last change."""


class Product(MirrorTable, table=True):
    """The state of a product; ids count from 1."""

    __tablename__ = "products"
    __table_args__ = (
        Index("ix_products_creator", "chain_id", "creator"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    product_id: int = key()
    creator: str = column(Address)
    """Who changes it."""
    payout: str = column(Address)
    """Whose ledger gets the creator's part."""
    price: int = column(Uint256)
    cap: int = column()
    units: int = column()
    """Sold; with a period: accounts that hold a seat."""
    period_seconds: int = column()
    """0 = licenses for good, which can be transferred."""
    retires_at: int = column()
    version: int = column()
    community_bps: int = column(SmallInteger)
    royalty_bps: int = column(SmallInteger)
    kind: int = column(SmallInteger)
    """0 other, 1 course, 2 file, 3 ticket, 4 plugin."""
    delisted: bool = column(Boolean)
    barred: bool = column(Boolean)
    label: str = column(Text)
    digest: str = column(Hash32)
    """sha2-256 of the metadata, a raw IPFS block."""
    listed_at: int = column()
    block_number: int = column()
    """Of the last change."""


class License(MirrorTable, table=True):
    """What an account holds of a product."""

    __tablename__ = "licenses"
    __table_args__ = (
        Index("ix_licenses_account", "chain_id", "account"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    product_id: int = key()
    account: str = key(Address)
    units: int = column()
    """Tokens; with a period 1."""
    valid_until: int = column()
    """Exclusive; 2**40 - 1 = for good, as long as there are units."""
    released: bool = column(Boolean)
    """Whether its seat was given free after it had long expired."""
    block_number: int = column()
    """Of the last change."""


class Purchase(MirrorTable, table=True):
    """Append-only: a license was bought or extended, and how the payment was divided."""

    __tablename__ = "purchases"
    __table_args__ = (
        Index("ix_purchases_product", "chain_id", "contract", "product_id"),
        Index("ix_purchases_badge", "chain_id", "contract", "badge"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    product_id: int = column()
    recipient: str = column(Address)
    payer: str = column(Address)
    membership_id: int = column()
    """Of the recipient; 0 = none."""
    version: int = column()
    quantity: int = column(Integer)
    """Units, or with a period the periods paid."""
    valid_until: int = column()
    amount: int = column(Uint256)
    badge: int = column()
    """0 = none."""
    badge_share: int = column(Uint256)
    payee: str = column(Address)
    payee_share: int = column(Uint256)
    community_share: int = column(Uint256)
    tx_hash: str = column(Hash32)
    at: int = column()


class Tip(MirrorTable, table=True):
    """Append-only: a gift to a creator or another member, and how it was divided."""

    __tablename__ = "tips"
    __table_args__ = (
        Index("ix_tips_payee", "chain_id", "contract", "payee"),
        Index("ix_tips_badge", "chain_id", "contract", "badge"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    payer: str = column(Address)
    product_id: int = column()
    """Whose shares applied; 0 = the policy's."""
    membership_id: int = column()
    """Of the payer; 0 = none."""
    subject: str = column(Hash32)
    """What it is for, as the page said it; 0 = nothing in particular."""
    amount: int = column(Uint256)
    badge: int = column()
    badge_share: int = column(Uint256)
    payee: str = column(Address)
    payee_share: int = column(Uint256)
    community_share: int = column(Uint256)
    tx_hash: str = column(Hash32)
    at: int = column()


class CreatorLedger(MirrorTable, table=True):
    """What an account has been credited with by sales and tips, and what of it was paid out."""

    __tablename__ = "creator_ledgers"
    chain_id: int = key()
    contract: str = key(Address)
    account: str = key(Address)
    credited: int = column(Uint256)
    claimed: int = column(Uint256)
    block_number: int = column()
    """Of the last change."""


class CreatorPayment(MirrorTable, table=True):
    """Append-only: a payment out of an account's ledger."""

    __tablename__ = "creator_payments"
    chain_id: int = key()
    contract: str = key(Address)
    account: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    paid_to: str = column(Address)
    amount: int = column(Uint256)
    claimed: int = column(Uint256)
    """All that was ever paid out of this ledger."""
    tx_hash: str = column(Hash32)
    at: int = column()
