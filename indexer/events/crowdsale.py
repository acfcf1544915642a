"""Events of CrowdsaleFactory and of each Crowdsale. Amounts in base units, times in unix seconds, shares in 1/10 000.

`contribution` and `raised` are words as the contract stores them: words.py takes them apart.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """A price that holds until `up_to` has been raised."""

    up_to: int
    price: int


@dataclass(frozen=True, slots=True)
class Terms:
    """All terms of a sale, which never change."""

    salt: str
    asset: int
    starts_at: int
    ends_at: int
    goal: int
    account_min: int
    account_max: int
    allow_root: str
    steps: tuple[Step, ...]
    tier_id: int
    tier_periods: int
    tier_price: int
    tier_threshold: int
    cliff_seconds: int
    vesting_seconds: int
    stop_threshold_bps: int
    founder_allocation: int
    lockup_seconds: int
    token_name: str
    token_symbol: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What an account has claimed so far."""

    tokens: int
    periods: int
    paid: int
    refunded: bool


@dataclass(frozen=True, slots=True)
class CrowdsaleMade:
    community: str
    sale: str
    token: str
    founder: str
    currency: str
    membership: str
    maximum: int
    terms: Terms


@dataclass(frozen=True, slots=True)
class Contributed:
    account: str
    payer: str
    amount: int
    bought: int
    contribution: int
    raised: int


@dataclass(frozen=True, slots=True)
class FundsSet:
    account: str
    funds: int


@dataclass(frozen=True, slots=True)
class CrowdsaleFinalized:
    finalized_at: int
    raised: int
    scheduled: int
    by: str


@dataclass(frozen=True, slots=True)
class Released:
    community: str
    amount: int
    released: int
    by: str


@dataclass(frozen=True, slots=True)
class ContributionRefunded:
    account: str
    to: str
    amount: int


@dataclass(frozen=True, slots=True)
class TokensClaimed:
    account: str
    amount: int
    claims: Claims


@dataclass(frozen=True, slots=True)
class MembershipClaimed:
    account: str
    wallet: str
    token_id: int
    periods: int
    amount: int
    claims: Claims


@dataclass(frozen=True, slots=True)
class StopVoted:
    account: str
    weight: int
    votes: int
    electorate: int


@dataclass(frozen=True, slots=True)
class CrowdsaleStopped:
    stopped_at: int
    unreleased: int
    scheduled: int


@dataclass(frozen=True, slots=True)
class Swept:
    token: str
    to: str
    amount: int
