"""A crowdsale beside the contract: what E21, E22 and ICrowdsale say that it must be after every call"""

from dataclasses import dataclass, field
from fractions import Fraction

from tests.contracts.invariants.shadow import Plan

TOKEN = 10**18  # base units of one whole token
MEMBERSHIP, UTILITY, RESTRICTED = range(3)
WHOLE = 10_000
OWN_CLAIM = 90 * 86_400


@dataclass(frozen=True)
class Terms:
    """What a sale's founder fixed."""

    asset: int
    ends_at: int
    goal: int
    steps: tuple[tuple[int, int], ...]  # raised up to -> price
    account_min: int
    account_max: int
    tier_periods: int
    tier_price: int
    threshold: int
    cliff: int
    vesting: int
    stop_bps: int
    allocation: int  # the founder's, in tokens
    lockup: int

    @property
    def cap(self) -> int:
        return self.steps[-1][0]

    @property
    def tier_money(self) -> int:
        return self.tier_periods * self.tier_price


@dataclass
class Backer:
    """What an account has contributed and got."""

    amount: int = 0
    bought: int = 0
    badge: int = 0
    tier: bool = False
    voted: bool = False
    tokens: int = 0  # claimed
    periods: int = 0  # claimed
    paid: int = 0  # for these, to the membership contract
    refunded: bool = False
    funds: int = 0  # what it sent beyond the cap
    income: Fraction = Fraction(0)  # of its tokens, exactly
    income_claimed: int = 0


@dataclass
class SaleShadow:
    """One sale."""

    terms: Terms
    founder: str
    native: bool
    now: int
    backers: dict[str, Backer] = field(default_factory=dict)
    raised: int = 0
    finalized_at: int = 0
    stopped_at: int = 0
    released: int = 0
    votes: int = 0
    paid_on: int = 0  # to the membership contract
    refunded: int = 0
    balances: dict[str, int] = field(default_factory=dict)  # of tokens
    attested: dict[str, int] = field(default_factory=dict)  # until
    frozen: set[str] = field(default_factory=set)
    distributed: int = 0
    roundings: int = 0  # how often income was rounded for somebody

    def backer(self, account: str) -> Backer:
        return self.backers.setdefault(account, Backer())

    # Money

    def tier_money_of(self, backer: Backer) -> int:
        if self.terms.asset == MEMBERSHIP:
            return backer.amount
        return self.terms.tier_money if backer.tier else 0

    def scheduled_of(self, backer: Backer) -> int:
        return backer.amount - self.tier_money_of(backer)

    @property
    def scheduled(self) -> int:
        return sum(self.scheduled_of(backer) for backer in self.backers.values())

    @property
    def electorate(self) -> int:
        return sum(self.scheduled_of(backer) for account, backer in self.backers.items() if account != self.founder)

    def vested(self, total: int) -> int:
        """E21: one schedule, linear from finalization, nothing before the cliff, until the stop."""
        at = self.stopped_at or self.now
        if not self.finalized_at or at < self.finalized_at + self.terms.cliff:
            return 0
        return (
            total * min(at - self.finalized_at, self.terms.vesting) // self.terms.vesting
            if self.terms.vesting
            else total
        )

    def allocation_of(self, account: str) -> int:
        """What pays for memberships buys no tokens."""
        backer = self.backers.get(account, Backer())
        tokens = backer.bought * self.scheduled_of(backer) // backer.amount if backer.amount else 0
        return tokens + (self.terms.allocation if account == self.founder else 0)

    @property
    def missed(self) -> bool:
        return not self.finalized_at and self.now >= self.terms.ends_at and self.raised < self.terms.goal

    def refund_of(self, account: str) -> int:
        backer = self.backers.get(account, Backer())
        if self.missed:
            return backer.amount
        own = self.scheduled_of(backer)
        if not self.stopped_at or not own or backer.refunded:
            return 0
        return own * (self.scheduled - self.vested(self.scheduled)) // self.scheduled

    def owed(self) -> int:
        """All that the sale holds for others."""
        funds = sum(backer.funds for backer in self.backers.values())
        return self.raised - self.released - self.paid_on - self.refunded + funds

    # What contributions take and buy

    def taken_of(self, amount: int) -> int:
        return min(amount, self.terms.cap - self.raised)

    def bought_by(self, taken: int) -> tuple[int, int, bool]:
        """Tokens or periods, the price of the last step, and whether all periods are whole."""
        unit = 1 if self.terms.asset == MEMBERSHIP else TOKEN
        raised, bought, price, whole = self.raised, 0, 0, True
        for up_to, step_price in self.terms.steps:
            part = min(up_to - raised, taken)
            if up_to <= raised or part <= 0:
                continue
            price = step_price
            whole &= unit != 1 or part % price == 0
            bought += part * unit // price
            raised, taken = raised + part, taken - part
        return bought, price, whole

    def plan_contribution(self, amount: int, most: int, payer: str, recipient: str, badge: int) -> Plan:
        reasons = set()
        taken = self.taken_of(amount)
        bought, price, whole = self.bought_by(taken)
        backer = self.backers.get(recipient, Backer())
        if self.now >= self.terms.ends_at:
            reasons.add("CrowdsaleNotOpen")
        if self.raised >= self.terms.cap:
            reasons.add("CrowdsaleFull")
        total = backer.amount + taken
        if not taken or (total < self.terms.account_min and taken != self.terms.cap - self.raised):
            reasons.add("ContributionTooLow")
        if self.terms.account_max and total > self.terms.account_max:
            reasons.add("ContributionTooHigh")
        if not whole:
            reasons.add("PeriodsNotWhole")
        if price > most:
            reasons.add("PriceTooHigh")
        if badge and payer != recipient:
            reasons.add("BadgeNotChosen")
        if payer == self.founder and recipient != payer:
            reasons.add("GiftByFounder")
        if self.terms.asset == RESTRICTED and self.restriction(recipient):
            reasons.add("AccountRestricted")
        return Plan(reasons, lambda: self._contributed(amount, taken, bought, payer, recipient, badge))

    def _contributed(self, amount: int, taken: int, bought: int, payer: str, recipient: str, badge: int) -> None:
        backer = self.backer(recipient)
        backer.amount += taken
        backer.bought += bought
        backer.badge = backer.badge or badge
        self.raised += taken
        sum_ = backer.amount if payer == recipient else taken
        if self.terms.tier_money and sum_ >= self.terms.threshold:
            backer.tier = True
        if self.native:
            self.backer(payer).funds += amount - taken

    # What follows

    def plan_finalization(self) -> Plan:
        reasons = {"CrowdsaleAlreadyFinalized"} if self.finalized_at else set()
        if self.raised < self.terms.cap and self.now < self.terms.ends_at:
            reasons.add("CrowdsaleNotOver")
        if self.raised < self.terms.goal:
            reasons.add("GoalMissed")

        def apply() -> None:
            self.finalized_at = self.now

        return Plan(reasons, apply)

    def plan_release(self) -> tuple[Plan, int]:
        amount = self.vested(self.scheduled) - self.released

        def apply() -> None:
            self.released += amount

        return Plan(set() if amount else {"NothingToRelease"}, apply), amount

    def plan_token_claim(self, account: str) -> tuple[Plan, int]:
        amount = self.vested(self.allocation_of(account)) - self.backer(account).tokens
        reasons = set() if amount else {"NothingToClaim"}
        if self.terms.asset == RESTRICTED and self.restriction(account):
            reasons.add("TransferRestricted")

        def apply() -> None:
            self.backer(account).tokens += amount
            self.move("", account, amount)

        return Plan(reasons, apply), amount

    def periods_left(self, account: str) -> tuple[int, int]:
        """Periods that were paid for and not claimed, and the money for them."""
        backer = self.backers.get(account, Backer())
        periods = backer.bought if self.terms.asset == MEMBERSHIP else self.terms.tier_periods * backer.tier
        return periods - backer.periods, self.tier_money_of(backer) - backer.paid

    def plan_membership(self, account: str, wallet: str, periods: int, by: str) -> tuple[Plan, int]:
        left, money = self.periods_left(account)
        reasons = set() if self.finalized_at else {"CrowdsaleNotFinalized"}
        helped = wallet == account and self.now >= self.finalized_at + OWN_CLAIM
        if by != account and not helped:
            reasons.add("NotContributor")
        if periods == 0 or periods > left:
            reasons.add("PeriodsInvalid")
        amount = money * periods // left if left else 0

        def apply() -> None:
            backer = self.backer(account)
            backer.periods += periods
            backer.paid += amount
            self.paid_on += amount

        return Plan(reasons, apply), amount

    def plan_refund(self, account: str) -> tuple[Plan, int]:
        """I23: neither attestation nor anything about tokens matters."""
        amount = self.refund_of(account)

        def apply() -> None:
            backer = self.backer(account)
            if self.missed:
                self.backers[account] = Backer(funds=backer.funds)  # what was raised is remembered
            else:
                backer.refunded = True
            self.refunded += amount

        return Plan(set() if amount else {"NothingToRefund"}, apply), amount

    def plan_vote(self, account: str) -> Plan:
        """E22: weight = scheduled contribution, the founder's excluded; passes above the threshold, at that instant."""
        backer = self.backers.get(account, Backer())
        weight = self.scheduled_of(backer)
        reasons = set() if self.finalized_at else {"CrowdsaleNotFinalized"}
        if self.stopped_at:
            reasons.add("CrowdsaleAlreadyStopped")
        if self.finalized_at and self.now >= self.finalized_at + self.terms.vesting:
            reasons.add("CrowdsaleVested")
        if account == self.founder:
            reasons.add("VoteOfFounder")
        if not weight:
            reasons.add("VoteMissing")
        if backer.voted:
            reasons.add("VoteAlreadyCast")

        def apply() -> None:
            backer.voted = True
            self.votes += weight
            if self.votes * WHOLE > self.electorate * self.terms.stop_bps:
                self.stopped_at = self.now

        return Plan(reasons, apply)

    # The token

    def restriction(self, account: str) -> int:
        """I23: why a restricted token cannot come to an account; 0 = it can."""
        if self.now >= self.attested.get(account, 0):
            return 2
        return 4 if account in self.frozen else 0

    def plan_transfer(self, giver: str, to: str, amount: int) -> Plan:
        reasons = {"InsufficientBalance"} if amount > self.balances.get(giver, 0) else set()
        if self.terms.asset == RESTRICTED:
            attested = all(self.now < self.attested.get(each, 0) for each in (giver, to))
            locked = self.now < self.finalized_at + self.terms.lockup
            if not attested or locked or {giver, to} & self.frozen:
                reasons.add("TransferRestricted")
        return Plan(reasons, lambda: self.move(giver, to, amount))

    def move(self, giver: str, to: str, amount: int) -> None:
        if giver:
            self.balances[giver] -= amount
        self.balances[to] = self.balances.get(to, 0) + amount
        self.roundings += 2

    @property
    def supply(self) -> int:
        return sum(self.balances.values())

    def distribute(self, amount: int) -> None:
        """Income is shared by the holders of this moment, pro rata."""
        for account, balance in self.balances.items():
            self.backer(account).income += Fraction(amount * balance, self.supply)
        self.distributed += amount
        self.roundings += 1
