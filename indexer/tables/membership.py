"""Tiers, memberships, what was paid for them and how they ended. `contract` is the community's Membership contract.

Amounts are base units of the community's currency, times unix seconds.
"""

from sqlalchemy import Boolean, ColumnElement, Index, Integer, SmallInteger, Text, literal, literal_column
from sqlalchemy.orm import Mapped

from indexer.tables.base import MirrorTable, column, key
from indexer.tables.columns import Address, Hash32, Uint256


def is_unsettled(unearned: ColumnElement[int] | Mapped[int]) -> ColumnElement[bool]:
    """Whether there is unearned money, in just the words of the indexes that hold such memberships alone: a parameter
    in it would keep a database from using them."""
    return unearned != literal(0, Uint256(), literal_execute=True)


def unsettled_index(name: str) -> Index:
    """Memberships with unearned money, by this time."""
    where = is_unsettled(literal_column("unearned", Uint256()))
    return Index(
        f"ix_memberships_{name}", "chain_id", "contract", name, "token_id", sqlite_where=where, postgresql_where=where
    )


class Tier(MirrorTable, table=True):
    """The state of a tier; ids count from 1."""

    __tablename__ = "tiers"
    chain_id: int = key()
    contract: str = key(Address)
    tier_id: int = key(Integer)
    label: str = column(Text)
    price: int = column(Uint256)
    renewal_price: int = column(Uint256)
    notice_ends: int = column()
    period_seconds: int = column()
    earning_seconds: int = column()
    cap: int = column()
    seats: int = column()
    """Taken: as the tier's last event said, and as memberships have come and gone since."""
    sale_start: int = column()
    sale_end: int = column()
    retires_at: int = column()
    invitee_discount_bps: int = column(SmallInteger)
    allow_root: str = column(Hash32)
    paused: bool = column(Boolean)
    soulbound: bool = column(Boolean)
    invitation_only: bool = column(Boolean)
    block_number: int = column()
    """Of the last change."""


class Membership(MirrorTable, table=True):
    """The state of a membership; expired when `expires_at <= now`. Gone once its holder burned it."""

    __tablename__ = "memberships"
    __table_args__ = (
        Index("ix_memberships_holder", "chain_id", "contract", "holder"),
        Index("ix_memberships_account", "chain_id", "holder"),
        Index("ix_memberships_expiry", "chain_id", "contract", "expires_at"),
        Index("ix_memberships_badge", "chain_id", "contract", "badge"),
        *(unsettled_index(name) for name in ("earned_at", "settled_at")),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    token_id: int = key()
    """Also the id of the membership's own referral badge."""
    holder: str = column(Address)
    tier_id: int = column(Integer)
    badge: int = column()
    """That the member is bound to; 0 = none."""
    expires_at: int = column()
    unearned: int = column(Uint256)
    settled_at: int = column()
    earned_at: int = column()
    """When all of `unearned` will be earned; 0 until the first payment."""
    rate: int = column(SmallInteger)
    """Of the badge in what is unearned, 1/10 000."""
    count_at: int = column()
    """From when on the next settlement counts the member for its badge; 0 = nothing to count."""
    transfer_count: int = column(Integer)
    counted: bool = column(Boolean)
    chosen: bool = column(Boolean)
    """Whether the holder chose its badge, or none, itself."""
    released: bool = column(Boolean)
    """Whether its seat was given free after it had long expired."""
    joined_at: int = column()
    block_number: int = column()
    """Of the last change."""


class FormerMember(MirrorTable, table=True):
    """What a wallet that burned its membership keeps for its next join; gone as soon as it holds a membership again."""

    __tablename__ = "former_members"
    chain_id: int = key()
    contract: str = key(Address)
    account: str = key(Address)
    badge: int = column()
    """To which the next join binds it, at the full price; 0 = none."""
    counted: bool = column(Boolean)
    """Whether it counted for a badge, and so never will again."""
    left_at: int = column()


class Payment(MirrorTable, table=True):
    """Append-only: a join, a renewal or a change of tier, and what was paid for it (0 = free, a trial or a grant)."""

    __tablename__ = "payments"
    __table_args__ = (
        Index("ix_payments_token", "chain_id", "contract", "token_id"),
        Index("ix_payments_holder", "chain_id", "holder", "block_number"),
        Index("ix_payments_payer", "chain_id", "payer", "block_number"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    token_id: int = column()
    kind: str = column(Text)
    """`join`, `renewal` or `tier`."""
    holder: str = column(Address)
    payer: str = column(Address)
    tier_id: int = column(Integer)
    previous_tier_id: int = column(Integer)
    """The same for a renewal; 0 for a join."""
    badge: int = column()
    """That the member was bound to; 0 = none."""
    amount: int = column(Uint256)
    """With the tip."""
    tip: int = column(Uint256)
    """Of the keeper."""
    periods: int = column(Integer)
    """Paid; 0 for a grant, a trial, and a change of tier with nothing on top."""
    expires_at: int = column()
    """Of the membership after this payment."""
    tx_hash: str = column(Hash32)
    at: int = column()


class Grant(MirrorTable, table=True):
    """Append-only: unpaid time that somebody of the community gave. A new member has a `join` of amount 0 besides."""

    __tablename__ = "grants"
    __table_args__ = (
        Index("ix_grants_token", "chain_id", "contract", "token_id"),
        Index("ix_grants_holder", "chain_id", "holder", "block_number"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    token_id: int = column()
    holder: str = column(Address)
    granter: str = column(Address)
    expires_at: int = column()
    """Of the membership after this grant."""
    tx_hash: str = column(Hash32)
    at: int = column()


class Ending(MirrorTable, table=True):
    """Append-only: a membership's time was ended, and what was unearned given back."""

    __tablename__ = "endings"
    __table_args__ = (
        Index("ix_endings_token", "chain_id", "contract", "token_id"),
        Index("ix_endings_holder", "chain_id", "holder", "block_number"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    token_id: int = column()
    kind: str = column(Text)
    """`cancel` or `burn` by the holder, `revoke` by the community."""
    tier_id: int = column(Integer)
    holder: str = column(Address)
    ended_by: str = column(Address)
    paid_to: str = column(Address)
    """Who got the refund; after `revoke` it lies in the holder's `Funds`."""
    refund: int = column(Uint256)
    tx_hash: str = column(Hash32)
    at: int = column()


class Settlement(MirrorTable, table=True):
    """Append-only: unearned money that became income, of the badge (`badge_share`) and of the community (the rest)."""

    __tablename__ = "settlements"
    __table_args__ = (
        Index("ix_settlements_badge", "chain_id", "contract", "badge"),
        {"sqlite_with_rowid": False},
    )
    chain_id: int = key()
    contract: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    token_id: int = column()
    badge: int = column()
    """0 = none."""
    earned: int = column(Uint256)
    badge_share: int = column(Uint256)
    at: int = column()


class Earnings(MirrorTable, table=True):
    """Income of a community from its memberships, or from its store: all that was earned, and all of it that left."""

    __tablename__ = "earnings"
    chain_id: int = key()
    contract: str = key(Address)
    """Membership or Store."""
    earned_total: int = column(Uint256)
    withdrawn_total: int = column(Uint256)


class MembershipDay(MirrorTable, table=True):
    """What happened on a day (UTC, since 1970) in a tier: the sums of all days up to one are how things stood then.

    A membership that goes on is not ended: its end moves to the new day. One that changes its tier ends in one, having
    returned, and starts in the other.
    """

    __tablename__ = "membership_days"
    chain_id: int = key()
    contract: str = key(Address)
    tier_id: int = key(Integer)
    day: int = key()
    joined: int = column()
    """New members, also those whose membership was free or granted."""
    started: int = column()
    """Memberships that became valid."""
    ended: int = column()
    """Memberships whose time is over on this day, as far as is known: also on days to come."""
    returned: int = column()
    """Those of `ended` that were renewed within RENEWAL_GRACE."""
    payers: int = column()
    """Change of how many memberships ever paid and can invite; so are the next two."""
    invited: int = column()
    counted: int = column()
    """Of `invited`: those that count for a badge's level."""
    paid: int = column(Uint256)
    tips: int = column(Uint256)
    """Of `paid`."""
    refunded: int = column(Uint256)
    badge_shares: int = column(Uint256)
    """Of what was settled."""
    agreed: int = column()
    """Of memberships whose time is over on this day: those whose holder lets keepers renew them."""


class EarningDay(MirrorTable, table=True):
    """Unearned money that will all be earned on a day (UTC, since 1970), of memberships with one badge rate.

    Until that day what time has earned of it at `t` is (speed * t - base) / EARNING_UNIT, less than a base unit for
    each membership away from what the contract would book.
    """

    __tablename__ = "earning_days"
    chain_id: int = key()
    contract: str = key(Address)
    day: int = key()
    rate: int = key(SmallInteger)
    """Of the badge, 1/10 000."""
    unearned: int = column(Uint256)
    speed: int = column(Uint256)
    """A second, 1 / EARNING_UNIT base units."""
    base: int = column(Uint256)


class Voucher(MirrorTable, table=True):
    """A voucher that was used or withdrawn. What it says stands off chain."""

    __tablename__ = "vouchers"
    chain_id: int = key()
    contract: str = key(Address)
    digest: str = key(Hash32)
    """EIP-712."""
    issuer: str = column(Address)
    used: int = column()
    """Uses that are gone; 2**32 - 1 = withdrawn."""
    block_number: int = column()
    """Of the last change."""


class VoucherUse(MirrorTable, table=True):
    """Append-only: a join by a voucher."""

    __tablename__ = "voucher_uses"
    chain_id: int = key()
    contract: str = key(Address)
    digest: str = key(Hash32)
    block_number: int = key()
    log_index: int = key()
    token_id: int = column()
    at: int = column()


class Sweep(MirrorTable, table=True):
    """Append-only: what had been sent to a contract by accident, and went to `sent_to`."""

    __tablename__ = "sweeps"
    chain_id: int = key()
    contract: str = key(Address)
    """Membership, Store or Crowdsale."""
    block_number: int = key()
    log_index: int = key()
    token: str = column(Address)
    """0 = native coins."""
    sent_to: str = column(Address)
    amount: int = column(Uint256)
    tx_hash: str = column(Hash32)
    at: int = column()
