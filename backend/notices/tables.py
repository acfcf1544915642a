"""Notices, and what each account wants to hear and how: private state."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field

from backend.db import AppTable
from indexer.tables.columns import Address

REPLY, EXPIRING, RENEWAL, INCOME, SALE = "reply", "expiring", "renewal-failed", "income", "sale-ended"
LEVEL, OFFER, LISTING, TRADE = "level", "offer", "listing-ended", "trade"
KINDS = (REPLY, EXPIRING, RENEWAL, INCOME, LEVEL, OFFER, LISTING, TRADE, SALE)
OFF_CHAIN = (REPLY, OFFER, LISTING)
"""What was written or signed, and stands whatever a reorg undoes."""

WAITING, QUEUED, SENDING, SENT, REFUSED, NO_MAIL = "waiting", "queued", "sending", "sent", "refused", "none"
UNSENT = (WAITING, QUEUED)


class Notice(AppTable, table=True):
    """One event for one account. `key` names the event: it is told once."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("account", "key"),
        Index("notices_of_account", "account", "id"),
        Index("notices_by_mail", "mail", "block_number"),
        {"schema": "app"},
    )

    id: int | None = Field(default=None, primary_key=True)
    chain_id: int = Field(sa_type=BigInteger)
    account: str = Field(sa_type=Address)
    kind: str
    key: str
    community: str = Field(sa_type=Address)
    params: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    path: str
    """Of the page where it can be seen or mended."""
    at: int = Field(sa_type=BigInteger)
    block_number: int = Field(sa_type=BigInteger)
    """That it rests on: a reorg below takes it back, unless its mail has gone."""
    read_at: int | None = Field(default=None, sa_type=BigInteger)
    mail: str = NO_MAIL
    """`waiting` to be final, `queued` as a job, `sending` (a crash leaves it so: rather no mail than two), `sent`,
    `refused` by the address for good, or `none`."""


class NoticeChoice(AppTable, table=True):
    """What an account wants. No row: everything in the inbox, nothing by mail."""

    __tablename__ = "notice_choices"

    account: str = Field(primary_key=True, sa_type=Address)
    off: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Kinds that it does not want to hear of."""
    language: str = "en"
    address: str = ""
    """For e-mail; nothing is sent there before `confirmed_at`, but the one link that confirms."""
    confirmed_at: int | None = Field(default=None, sa_type=BigInteger)
    token: str = Field(default="", index=True)
    """In the links of its mail: confirms the address, or ends all mail."""
    asked_at: int = Field(default=0, sa_type=BigInteger)
    """When the last confirmation was asked for."""
