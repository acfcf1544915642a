"""A crowdsale and a contribution to it as values, with what follows from them at a time. Pure.

Amounts are base units, of the community's currency or the token; times unix seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

from backend.crowdsale.arithmetic import WHOLE, Bought, Step, buy, cost, vested
from indexer.tables.columns import ZERO_HASH

Asset = Literal["membership", "utility", "restricted"]
SaleState = Literal["planned", "open", "reached", "missed", "finalized", "stopped"]
ASSETS: Sequence[Asset] = ("membership", "utility", "restricted")
OWN_CLAIM_SECONDS = 90 * 86_400
"""From finalization, in which only the contributor claims its membership; then anybody may, for it."""

LEAST_RELEASE = 1_000
"""A release of less than one part in so many is not offered."""


@dataclass(frozen=True)
class Terms:
    """What is fixed when a sale is made. Amounts in base units, times unix seconds, `ends_at` exclusive."""

    asset: Asset
    starts_at: int
    ends_at: int
    goal: int
    account_min: int
    account_max: int
    allow_root: str
    steps: Sequence[Step]
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

    @property
    def cap(self) -> int:
        return self.steps[-1].up_to

    @property
    def listed(self) -> bool:
        """Whether only accounts of an allow-list contribute."""
        return self.allow_root != ZERO_HASH

    @property
    def sells_periods(self) -> bool:
        return self.asset == "membership"

    @property
    def tier_money(self) -> int:
        """What the memberships cost that a contribution above the threshold comes with."""
        return self.tier_price * self.tier_periods


@dataclass(frozen=True)
class SaleView:
    """A crowdsale: its terms, and where it stands at `at`."""

    chain_id: int
    address: str
    community: str
    token: str | None
    founder: str
    currency: str | None
    membership: str
    maximum: int
    terms: Terms
    raised: int
    tier_money: int
    finalized_at: int
    released: int
    votes: int
    electorate: int
    """Weight of all votes, without the founder's."""
    stopped_at: int
    unreleased: int
    made_at: int
    tx_hash: str
    at: int
    title: str = ""
    """What its owner calls it, and in Markdown what the money is for; empty until said."""
    purpose: str = ""

    @property
    def name(self) -> str:
        """Its title, else its token's name; empty for memberships without a title."""
        return self.title or self.terms.token_name

    @property
    def state(self) -> SaleState:
        """As `Crowdsale.status`."""
        if self.stopped_at:
            return "stopped"
        if self.finalized_at:
            return "finalized"
        if self.raised == self.terms.cap:
            return "reached"
        if self.at < self.terms.starts_at:
            return "planned"
        if self.at < self.terms.ends_at:
            return "open"
        return "missed" if self.raised < self.terms.goal else "reached"

    @property
    def scheduled(self) -> int:
        """Money under the schedule."""
        return self.raised - self.tier_money

    @property
    def left(self) -> int:
        return self.terms.cap - self.raised

    @property
    def vested_at(self) -> int:
        """When all is released and vested; 0 before finalization."""
        return self.finalized_at + self.terms.vesting_seconds if self.finalized_at else 0

    @property
    def vested_bps(self) -> int:
        return self.vested(WHOLE)

    @property
    def releasable(self) -> int:
        """What `release` would send the community now."""
        return self.vested(self.scheduled) - self.released

    @property
    def ripe(self) -> bool:
        """Whether a release now is worth its fee: of a thousandth of all, or of the last that comes."""
        last = self.stopped_at > 0 or 0 < self.vested_at <= self.at
        return self.releasable > 0 and (last or self.releasable * LEAST_RELEASE >= self.scheduled)

    @property
    def unvested(self) -> int:
        """What the schedule has not let go of its money."""
        return self.scheduled - self.vested(self.scheduled)

    @property
    def votes_needed(self) -> int:
        """The least sum of votes that stops: more than the threshold's part of the electorate."""
        return self.electorate * self.terms.stop_threshold_bps // WHOLE + 1

    @property
    def can_be_stopped(self) -> bool:
        return self.state == "finalized" and self.at < self.vested_at

    @property
    def step(self) -> int:
        """Number of the step at whose price the next coin buys."""
        steps = self.terms.steps
        return next((number for number, step in enumerate(steps) if self.raised < step.up_to), len(steps) - 1)

    def vested(self, total: int) -> int:
        """What the schedule has let go of `total`, until now or the stop."""
        return vested(
            total,
            start=self.finalized_at,
            cliff=self.terms.cliff_seconds,
            duration=self.terms.vesting_seconds,
            at=self.stopped_at or self.at,
        )

    def quote(self, amount: int) -> Bought:
        """What a contribution of `amount` would take and buy now."""
        return buy(self.terms.steps, self.raised, amount, periods=self.terms.sells_periods)

    def cost(self, periods: int) -> int:
        """What so many periods cost now, or as many of them as the cap leaves."""
        return cost(self.terms.steps, self.raised, periods)


@dataclass(frozen=True)
class Pledge:
    """What one more contribution would do. `gets`: tokens more, or periods; `allocation`: tokens in all then;
    `tier_money`: what would be taken out of all that the account contributed, for a membership."""

    bought: Bought
    gets: int
    allocation: int
    tier_money: int


@dataclass(frozen=True)
class ContributionView:
    """What is recorded for an account in a sale, and what it can do with it now."""

    sale: SaleView
    account: str
    amount: int
    bought: int
    badge: int
    tier: bool
    voted: bool
    claimed_tokens: int
    claimed_periods: int
    paid: int
    refunded: int
    funds: int
    """Native coins that it sent beyond the cap."""

    @property
    def founder(self) -> bool:
        return self.account == self.sale.founder

    @property
    def tier_money(self) -> int:
        terms = self.sale.terms
        return self.amount if terms.sells_periods else terms.tier_money if self.tier else 0

    @property
    def weight(self) -> int:
        """Of its vote; what of it is scheduled."""
        return 0 if self.founder else self.amount - self.tier_money

    @property
    def allocation(self) -> int:
        """All tokens that it will ever get unless the sale is stopped."""
        if self.sale.terms.sells_periods:
            return 0
        own = self.bought * (self.amount - self.tier_money) // self.amount if self.amount else 0
        return own + (self.sale.terms.founder_allocation if self.founder else 0)

    @property
    def tokens(self) -> int:
        """All tokens that it will get: what had not vested when the sale was stopped never comes."""
        return self.sale.vested(self.allocation) if self.sale.stopped_at else self.allocation

    @property
    def claimable_tokens(self) -> int:
        return self.sale.vested(self.allocation) - self.claimed_tokens

    @property
    def periods(self) -> int:
        """Periods of the tier that were paid for and not claimed."""
        terms = self.sale.terms
        bought = self.bought if terms.sells_periods else terms.tier_periods if self.tier else 0
        return bought - self.claimed_periods

    @property
    def periods_price(self) -> int:
        """What the membership contract gets for all of `periods`."""
        return self.tier_money - self.paid

    @property
    def refundable(self) -> int:
        """What `claimRefund` would pay now."""
        sale = self.sale
        if sale.state == "missed":
            return self.amount if not self.refunded else 0
        return self.unreleased if sale.state == "stopped" and not self.refunded else 0

    @property
    def unreleased(self) -> int:
        """Its part of what the schedule holds still: a stop now pays it back."""
        sale, own = self.sale, self.amount - self.tier_money
        return own * sale.unvested // sale.scheduled if own else 0

    def pledge(self, amount: int, *, gift: bool) -> Pledge:
        """What a contribution of `amount` would do now; `gift`: somebody else pays it."""
        bought = self.sale.quote(amount)
        after = self._with(bought, gift=gift)
        if self.sale.terms.sells_periods:
            return Pledge(bought, bought.amount, 0, 0)
        gets = after.allocation - self.allocation
        return Pledge(bought, gets, after.allocation, after.tier_money - self.tier_money)

    def _with(self, bought: Bought, *, gift: bool) -> Self:
        """The same with more. A gift makes a member only if it reaches the threshold alone."""
        terms = self.sale.terms
        reached = (bought.taken if gift else self.amount + bought.taken) >= terms.tier_threshold
        return replace(
            self,
            amount=self.amount + bought.taken,
            bought=self.bought + bought.amount,
            tier=self.tier or (terms.tier_money > 0 and reached),
        )

    @property
    def may_vote(self) -> bool:
        return self.sale.can_be_stopped and self.weight > 0 and not self.voted

    @property
    def stops(self) -> bool:
        """Whether its vote alone is what lacks to stop the sale."""
        return self.may_vote and self.sale.votes + self.weight >= self.sale.votes_needed

    @property
    def most(self) -> int:
        """The most that it can still contribute: what the cap and its own limit leave."""
        limit = self.sale.terms.account_max
        return min(self.sale.left, max(limit - self.amount, 0)) if limit else self.sale.left
