"""What a crowdsale must do, in integers, written from ECONOMY.md E20–E22 and not from the contracts."""

from dataclasses import dataclass, field

WHOLE = 10_000


def buy(steps: list[tuple[int, int]], raised: int, amount: int, unit: int) -> int:
    """What `amount` buys after `raised`: each part at the price of its step, rounded down."""
    bought, start = 0, 0
    for end, price in steps:
        part = max(0, min(raised + amount, end) - max(raised, start))
        bought += part * unit // price
        start = end
    return bought


def vested(total: int, start: int, cliff: int, duration: int, at: int) -> int:
    """The one schedule: nothing before the cliff, linear from the start, all at the end; rounded down."""
    if at < start + cliff:
        return 0
    return total * min(at - start, duration) // duration if duration else total


@dataclass
class Backer:
    amount: int = 0
    bought: int = 0
    tier: bool = False
    voted: bool = False
    tokens: int = 0  # claimed
    refunded: int = 0


@dataclass
class Model:
    """A sale of tokens."""

    steps: list[tuple[int, int]]
    goal: int
    ends_at: int
    cliff: int
    duration: int
    threshold_bps: int
    allocation: int
    founder: str
    unit: int
    tier_money: int = 0
    tier_threshold: int = 0
    raised: int = 0
    released: int = 0
    finalized_at: int = 0
    stopped_at: int = 0
    backers: dict[str, Backer] = field(default_factory=dict)

    @property
    def cap(self) -> int:
        return self.steps[-1][0]

    @property
    def scheduled(self) -> int:
        return sum(self.part(each) for each in self.backers.values())

    def backer(self, account: str) -> Backer:
        return self.backers.setdefault(account, Backer())

    def part(self, backer: Backer) -> int:
        """The rest c of a contribution, which is under the schedule."""
        return backer.amount - (self.tier_money if backer.tier else 0)

    def contribute(self, account: str, amount: int, *, gift: bool = False) -> int:
        """What was taken."""
        taken = min(amount, self.cap - self.raised)
        backer = self.backer(account)
        backer.bought += buy(self.steps, self.raised, taken, self.unit)
        backer.amount += taken
        self.raised += taken
        if self.tier_money and (taken if gift else backer.amount) >= self.tier_threshold:
            backer.tier = True
        return taken

    def can_finalize(self, now: int) -> bool:
        over = now >= self.ends_at or self.raised == self.cap
        return not self.finalized_at and over and self.raised >= self.goal

    def vested(self, total: int, now: int) -> int:
        if not self.finalized_at:
            return 0
        return vested(total, self.finalized_at, self.cliff, self.duration, self.stopped_at or now)

    def allocation_of(self, account: str) -> int:
        """What pays for the tier buys no tokens."""
        backer = self.backer(account)
        own = backer.bought * self.part(backer) // backer.amount if backer.amount else 0
        return own + (self.allocation if account == self.founder else 0)

    def claimable(self, account: str, now: int) -> int:
        return self.vested(self.allocation_of(account), now) - self.backer(account).tokens

    def releasable(self, now: int) -> int:
        return self.vested(self.scheduled, now) - self.released

    def electorate(self) -> int:
        return self.scheduled - self.part(self.backer(self.founder))

    def votes(self) -> int:
        return sum(self.part(each) for each in self.backers.values() if each.voted)

    def can_vote(self, account: str, now: int) -> bool:
        running = self.finalized_at and not self.stopped_at and now < self.finalized_at + self.duration
        backer = self.backer(account)
        return bool(running and account != self.founder and self.part(backer) and not backer.voted)

    def vote(self, account: str, now: int) -> None:
        self.backer(account).voted = True
        if self.votes() * WHOLE > self.electorate() * self.threshold_bps:
            self.stopped_at = now

    def refund_of(self, account: str, now: int) -> int:
        backer = self.backer(account)
        if backer.refunded:
            return 0
        if not self.finalized_at:
            return backer.amount if now >= self.ends_at and self.raised < self.goal else 0
        if not self.stopped_at or not self.scheduled:
            return 0
        return self.part(backer) * (self.scheduled - self.vested(self.scheduled, now)) // self.scheduled
