"""Bodies of requests about crowdsales, and the struct that the contract takes."""

from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator

from backend.crowdsale.arithmetic import Step
from backend.crowdsale.sale import ASSETS, Asset, Terms
from backend.transactions import AddressText, TransactionRequest
from indexer.tables.columns import ZERO_HASH

Hash32Text = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{64}$")]
Seconds = Annotated[int, Field(ge=0, lt=1 << 40)]
Money = Annotated[int, Field(ge=0, lt=1 << 96)]
"""Base units: a number, or a decimal string, which no reader rounds."""
MOST_STEPS = 8
MOST_LISTED = 5_000
"""Accounts of an allow-list that a home keeps: their proofs are 13 hashes each."""
MOST_KEPT = 10 * MOST_LISTED
"""On all lists of a community."""


class StepBody(BaseModel):
    up_to: Annotated[int, Field(gt=0, lt=1 << 96)]
    price: Annotated[int, Field(gt=0, lt=1 << 128)]


class TermsBody(BaseModel):
    """ICrowdsale.Terms; amounts in base units."""

    salt: Hash32Text
    asset: Asset
    starts_at: Seconds
    ends_at: Seconds
    goal: Money
    account_min: Money = 0
    account_max: Money = 0
    allow_root: Hash32Text = ZERO_HASH
    steps: Annotated[list[StepBody], Field(min_length=1, max_length=MOST_STEPS)]
    tier_id: Annotated[int, Field(ge=0, lt=1 << 16)] = 0
    tier_periods: Annotated[int, Field(ge=0, lt=1 << 16)] = 0
    tier_price: Money = 0
    tier_threshold: Money = 0
    cliff_seconds: Seconds = 0
    vesting_seconds: Seconds = 0
    stop_threshold_bps: Annotated[int, Field(ge=0, le=10_000)] = 0
    founder_allocation: Annotated[int, Field(ge=0, lt=1 << 104)] = 0
    lockup_seconds: Seconds = 0
    token_name: Annotated[str, Field(max_length=64)] = ""
    token_symbol: Annotated[str, Field(max_length=16)] = ""

    @field_validator("steps")
    @classmethod
    def _rise(cls, steps: list[StepBody]) -> list[StepBody]:
        if any(after.up_to <= before.up_to for before, after in pairwise(steps)):
            raise ValueError("each step reaches further than the one before")
        return steps

    def struct(self) -> tuple[Any, ...]:
        """As the contract takes it."""
        return (
            bytes.fromhex(self.salt[2:]),
            ASSETS.index(self.asset),
            self.starts_at,
            self.ends_at,
            self.goal,
            self.account_min,
            self.account_max,
            bytes.fromhex(self.allow_root[2:]),
            [(step.up_to, step.price) for step in self.steps],
            self.tier_id,
            self.tier_periods,
            self.tier_price,
            self.tier_threshold,
            self.cliff_seconds,
            self.vesting_seconds,
            self.stop_threshold_bps,
            self.founder_allocation,
            self.lockup_seconds,
            self.token_name,
            self.token_symbol,
        )

    def terms(self) -> Terms:
        """As pages show them."""
        fields = self.model_dump(include=set(TermsBody.model_fields) - {"salt", "steps"})
        return Terms(steps=tuple(Step(step.up_to, step.price) for step in self.steps), **fields)


class PreviewBody(TermsBody):
    """Terms with what the owner says of the sale."""

    title: Annotated[str, Field(max_length=100)] = ""
    purpose: Annotated[str, Field(max_length=10_000)] = ""


class OpenSaleRequest(TransactionRequest):
    """`account` owns the community."""

    terms: TermsBody


class SaleRequest(TransactionRequest):
    """`sale` is a crowdsale of this community."""

    sale: AddressText


class ContributeRequest(SaleRequest):
    """`price`: the highest of a step that the contribution may touch. `badge`: that invited, only for oneself."""

    amount: Annotated[int, Field(gt=0, lt=1 << 96)]
    price: Annotated[int, Field(gt=0, lt=1 << 128)]
    recipient: AddressText | None = None
    badge: int = Field(default=0, ge=0, lt=1 << 40)


class ClaimMembershipRequest(SaleRequest):
    """`token_id`: of the wallet's membership in this tier, which is renewed; 0 = it joins."""

    periods: Annotated[int, Field(ge=1, lt=1 << 16)]
    token_id: int = Field(default=0, ge=0, lt=1 << 40)
    wallet: AddressText | None = None


class AllowListBody(BaseModel):
    """Accounts that may contribute. Only the root of their Merkle tree becomes public."""

    accounts: Annotated[list[AddressText], Field(min_length=1, max_length=MOST_LISTED)]


class AllowListAnswer(BaseModel):
    """`root` goes into the terms; `count` accounts, each once."""

    root: str
    count: int


class StepAnswer(BaseModel):
    up_to: str
    price: str
    price_written: str


class SaleAnswer(BaseModel):
    """A crowdsale; amounts are decimal strings in base units, times unix seconds."""

    address: str
    asset: Asset
    state: str
    token: str | None
    token_name: str
    token_symbol: str
    starts_at: int
    ends_at: int
    goal: str
    cap: str
    raised: str
    raised_written: str
    account_min: str
    account_max: str
    listed: bool
    steps: list[StepAnswer]
    tier_id: int
    tier_periods: int
    tier_threshold: str
    cliff_seconds: int
    vesting_seconds: int
    stop_threshold_bps: int
    founder_allocation: str
    lockup_seconds: int
    finalized_at: int
    released: str
    releasable: str
    votes: str
    votes_needed: str
    stopped_at: int
    made_at: int


class QuoteAnswer(BaseModel):
    """What a contribution would take and give now. `clipped`: the cap leaves less than was asked for; `gets`: tokens
    more, without what pays for a membership, or periods; `all`: tokens of the account then."""

    taken: str
    taken_written: str
    gets: str
    gets_written: str
    membership: str
    """Base units that would be taken out of what the account contributed, for a membership."""
    membership_written: str
    all: str
    all_written: str
    price: str
    price_written: str
    clipped: bool
    whole: bool
    """False: at a step's price some period would be paid in part, which the contract refuses."""


class PaymentAnswer(BaseModel):
    account: str
    payer: str
    amount: str
    amount_written: str
    bought: str
    at: int
    cursor: str
    """For the next page: `before`."""


class OwnAnswer(BaseModel):
    """What the viewer has in the sale, and what it can do now."""

    account: str
    amount: str
    bought: str
    refundable: str
    claimable_tokens: str
    allocation: str
    periods: int
    vote_weight: str
    voted: bool
    may_vote: bool
    funds: str
    allowed: bool | None
