"""Private tables of the membership slice: who stands on a tier's allow-list, and vouchers that were signed here."""

from sqlalchemy import BigInteger, LargeBinary
from sqlmodel import Field

from backend.db import AppTable
from indexer.tables.columns import Address, Hash32, Uint256


class AllowListEntry(AppTable, table=True):
    """An account of a list whose Merkle root a tier may name. The list itself is nowhere else (B11)."""

    __tablename__ = "allow_list_entries"

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    root: str = Field(primary_key=True, sa_type=Hash32)
    account: str = Field(primary_key=True, sa_type=Address)
    proof: bytes = Field(sa_type=LargeBinary)
    """The siblings from the leaf up, 32 bytes each."""


class SignedVoucher(AppTable, table=True):
    """A voucher that an issuer signed and asked this home to keep: whoever has its link can use it."""

    __tablename__ = "signed_vouchers"

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    community: str = Field(primary_key=True, sa_type=Address)
    digest: str = Field(primary_key=True, sa_type=Hash32)
    """EIP-712, as the mirror's `vouchers` has it."""
    issuer: str = Field(sa_type=Address)
    tier_id: int
    kind: int
    """0 discount, 1 price, 2 trial."""
    value: int = Field(sa_type=Uint256)
    recipient: str = Field(sa_type=Address)
    """0: anybody."""
    uses: int = Field(sa_type=BigInteger)
    deadline: int = Field(sa_type=BigInteger)
    nonce: int = Field(sa_type=Uint256)
    signature: bytes = Field(sa_type=LargeBinary)
    note: str
    """What its issuer calls it; nobody else sees it."""
    created_at: int = Field(sa_type=BigInteger)
