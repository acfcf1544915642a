"""Events of Membership. Amounts in base units, times in unix seconds, shares in 1/10 000.

`terms`, `money` and `ledger` are words as the contract stores them: words.py takes them apart.
"""

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
    invitation_only: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of the levels, and what a level takes: counted members, and `volume_unit` earned for each of them."""

    bronze_bps: int
    silver_bps: int
    gold_bps: int
    silver_from: int
    gold_from: int
    volume_unit: int


@dataclass(frozen=True, slots=True)
class Consent:
    """Of a holder to renewals by keepers; `periods_left` 0 = none. `until` is inclusive."""

    max_price: int
    periods_left: int
    until: int


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
    terms: int
    money: int


@dataclass(frozen=True, slots=True)
class MembershipRenewed:
    token_id: int
    holder: str
    payer: str
    amount: int
    tip: int
    periods: int
    terms: int
    money: int


@dataclass(frozen=True, slots=True)
class MembershipGranted:
    token_id: int
    holder: str
    by: str
    terms: int
    money: int


@dataclass(frozen=True, slots=True)
class MembershipTierChanged:
    token_id: int
    holder: str
    tier_id: int
    previous_tier_id: int
    amount: int
    periods: int
    terms: int
    money: int


@dataclass(frozen=True, slots=True)
class MembershipCancelled:
    token_id: int
    holder: str
    to: str
    refund: int
    terms: int
    money: int


@dataclass(frozen=True, slots=True)
class MembershipRevoked:
    token_id: int
    holder: str
    by: str
    refund: int
    terms: int
    money: int


@dataclass(frozen=True, slots=True)
class MembershipBurned:
    token_id: int
    holder: str
    to: str
    refund: int
    badge: int
    counted: bool


@dataclass(frozen=True, slots=True)
class MembershipMoved:
    token_id: int
    from_: str
    to: str
    terms: int
    money: int


@dataclass(frozen=True, slots=True)
class SeatReleased:
    token_id: int
    tier_id: int
    seats: int
    money: int


@dataclass(frozen=True, slots=True)
class MembershipSettled:
    token_id: int
    badge: int
    earned: int
    badge_share: int
    earned_total: int
    ledger: int
    money: int


@dataclass(frozen=True, slots=True)
class BadgeLedgerSet:
    badge: int
    amount: int
    ledger: int


@dataclass(frozen=True, slots=True)
class BadgeClaimed:
    badge: int
    owner: str
    to: str
    amount: int
    claimed: int


@dataclass(frozen=True, slots=True)
class RatesSet:
    version: int
    rates: Rates


@dataclass(frozen=True, slots=True)
class AutoRenewSet:
    token_id: int
    holder: str
    tier_id: int
    consent: Consent


@dataclass(frozen=True, slots=True)
class FundsSet:
    account: str
    funds: int


@dataclass(frozen=True, slots=True)
class VoucherUsed:
    digest: str
    issuer: str
    token_id: int
    used: int


@dataclass(frozen=True, slots=True)
class EarningsWithdrawn:
    to: str
    amount: int
    withdrawn_total: int


@dataclass(frozen=True, slots=True)
class Swept:
    token: str
    to: str
    amount: int
