"""Events of Membership. Amounts in base units, times in unix seconds, shares in 1/10 000."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tier:
    """The whole state of a tier."""

    label: str
    """32 bytes as `0x…` text: UTF-8, zero padded."""
    price: int
    renewal_price: int
    notice_ends: int
    period_seconds: int
    earning_seconds: int
    cap: int
    seats: int
    sale_start: int
    sale_end: int
    retires_at: int
    invitee_discount_bps: int
    allow_root: str
    paused: bool
    soulbound: bool


@dataclass(frozen=True, slots=True)
class State:
    """The whole state of a membership, besides its holder."""

    expires_at: int
    tier_id: int
    badge: int
    unearned: int
    settled_at: int
    earned_at: int
    rate: int
    count_at: int
    transfer_count: int
    flags: int


@dataclass(frozen=True, slots=True)
class TierSet:
    tier_id: int
    tier: Tier


@dataclass(frozen=True, slots=True)
class MembershipJoined:
    token_id: int
    holder: str
    tier_id: int
    payer: str
    amount: int
    periods: int
    state: State


@dataclass(frozen=True, slots=True)
class MembershipRenewed:
    token_id: int
    holder: str
    tier_id: int
    payer: str
    amount: int
    periods: int
    state: State


@dataclass(frozen=True, slots=True)
class MembershipMoved:
    token_id: int
    from_: str
    to: str
    state: State


@dataclass(frozen=True, slots=True)
class MembershipSettled:
    token_id: int
    earned: int
    badge_share: int
    earned_total: int
    state: State


@dataclass(frozen=True, slots=True)
class EarningsWithdrawn:
    to: str
    amount: int
    withdrawn_total: int
