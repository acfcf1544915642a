"""Private tables of the identity slice: they have migrations and leave the host only in an export's sealed part."""

from typing import Any

from sqlalchemy import BigInteger, LargeBinary
from sqlmodel import Field

from backend.db import AppTable
from indexer.tables.columns import Address


def _seconds(*, nullable: bool = False) -> Any:
    return Field(sa_type=BigInteger, nullable=nullable)


class Nonce(AppTable, table=True):
    """A SIWE nonce that was given out and not yet used. Using it deletes it."""

    __tablename__ = "nonces"

    value: str = Field(primary_key=True)
    address: str
    links_to: str | None = None
    """The account that the address may be linked to by it; None: it signs the address in."""
    expires_at: int = Field(sa_type=BigInteger, index=True)


class LoginSession(AppTable, table=True):
    """A signed-in browser. Its cookie's token is kept as a hash only."""

    __tablename__ = "login_sessions"

    id_hash: str = Field(primary_key=True)
    """SHA-256 of the token, in hex: names the session to its owner, and lets nobody in."""
    account: str = Field(index=True)
    delegation: str | None = None
    """CID of the delegation that the same signature made."""
    created_at: int = _seconds()
    expires_at: int = Field(sa_type=BigInteger, index=True)
    last_seen_at: int = _seconds()
    user_agent: str
    """The first 200 characters, so that people recognise their devices. No IP address is kept."""


class DelegationBlock(AppTable, table=True):
    """A session key that a wallet delegated, and the public block that proves it."""

    __tablename__ = "delegation_blocks"

    cid: str = Field(primary_key=True)
    account: str = Field(index=True)
    public_key: bytes = Field(sa_type=LargeBinary)
    expires_at: int = _seconds()
    data: bytes = Field(sa_type=LargeBinary)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)
    """When its session ended or was revoked: this home takes no act of the key from then on."""


class LinkedWallet(AppTable, table=True):
    """A wallet whose holdings count for an account; see `linking.py`. The two of them know, and nobody else."""

    __tablename__ = "linked_wallets"

    wallet: str = Field(primary_key=True, sa_type=Address)
    account: str = Field(index=True, sa_type=Address)
    linked_at: int = _seconds()


class LimitCount(AppTable, table=True):
    """How often something was done by someone in one window of time; see `limits.py`."""

    __tablename__ = "limit_counts"

    bucket: str = Field(primary_key=True)
    window_start: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    expires_at: int = Field(sa_type=BigInteger, index=True)
    count: int = _seconds()
