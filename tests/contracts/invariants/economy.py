"""The formulas of ECONOMY.md, as it states them: integers in base units, times in unix seconds, shares in 1/10 000"""

from collections.abc import Iterable
from dataclasses import dataclass

HOUR = 3_600
DAY = 86_400
YEAR = 365 * DAY
WHOLE = 10_000
FOR_LIFE = 2**40 - 1
LIFE_EARNING = YEAR  # E1: what is sold for life is earned over a year
GRACE = 7 * DAY  # E4: later a renewal obeys the rules of a join
SEAT_GRACE = 30 * DAY  # E10
SETTLE_INTERVAL = DAY  # E1: the public settle skips what was settled within it
COUNTING = 14 * DAY  # E16, or the period if that is shorter
MOST_AHEAD = 2 * YEAR  # E6
TIP_PARTS = 50  # E9: a tip is at most 2 % of the price
MOST_TRIAL = 90 * DAY


@dataclass(slots=True)
class Tier:
    """What a tier says now; period, earning time, cap and dates never change."""

    price: int
    period: int  # 0 = for life
    earning: int
    cap: int = 0  # 0 = no limit
    sale_start: int = 0
    sale_end: int = 0
    soulbound: bool = False
    invitation_only: bool = False
    discount: int = 0
    root: bytes = b""
    paused: bool = False
    retires_at: int = 0
    seats: int = 0
    serial: int = 0
    old_price: int = 0  # of renewals before `notice_ends`
    notice_ends: int = 0

    def __post_init__(self) -> None:
        self.earning = self.earning or self.period or LIFE_EARNING

    @property
    def full(self) -> bool:
        return self.cap != 0 and self.seats >= self.cap

    def renewal_price(self, now: int) -> int:
        """E6: `now < noticeEnds ? min(old, new) : new`."""
        return min(self.old_price, self.price) if now < self.notice_ends else self.price

    def set_price(self, price: int, now: int, notice: int) -> None:
        """E6: rises act on renewals after the notice, falls at once."""
        if price > self.price:
            self.old_price, self.notice_ends = self.price, now + notice
        elif now >= self.notice_ends or price <= self.old_price:
            self.notice_ends = 0
        self.price = price

    def closed(self, now: int) -> set[str]:
        """Why nobody can join now, seats and lists aside (E7)."""
        reasons = {"TierPaused"} if self.paused else set()
        if self.retires_at:
            reasons.add("TierRetired")
        if now < self.sale_start or (self.sale_end and now >= self.sale_end):
            reasons.add("TierNotOnSale")
        return reasons

    def limit(self, now: int) -> int:
        """E6: how far ahead time may be paid."""
        return now + max(self.period + DAY, MOST_AHEAD)


@dataclass(slots=True)
class Rates:
    """E15, E16: what a badge gets at each level, and what a level takes."""

    bronze: int
    silver: int
    gold: int
    silver_from: int
    gold_from: int
    unit: int = 0  # of volume

    def level(self, counted: int, volume: int) -> int:
        if counted >= self.gold_from and volume >= self.gold_from * self.unit:
            return 2
        return int(counted >= self.silver_from and volume >= self.silver_from * self.unit)

    def rate(self, level: int) -> int:
        return (self.bronze, self.silver, self.gold)[level]

    def below(self, other: "Rates") -> bool:
        """Whether any level would get less than with the other."""
        return self.bronze < other.bronze or self.silver < other.silver or self.gold < other.gold


@dataclass(slots=True)
class Ledger:
    """E17: what a badge has earned by inviting."""

    income: int = 0
    claimed: int = 0
    volume: int = 0
    counted: int = 0
    level: int = 0
    version: int = 0
    used: bool = False
    minted: bool = False

    @property
    def accrued(self) -> int:
        return self.income - self.claimed

    def grow(self, earned: int, counts: bool, rates: Rates) -> None:
        """E16: a level never falls."""
        self.volume += earned
        self.counted += counts
        self.level = max(self.level, rates.level(self.counted, self.volume))


@dataclass(frozen=True, slots=True)
class Offices:
    """Who shares in what is earned, beside the owner, who gets the rest (E18, E19)."""

    operator: str
    operator_bps: int
    parent: str
    parent_bps: int
    splits: tuple[tuple[str, int], ...] = ()

    def parts(self) -> Iterable[tuple[str, int]]:
        return (self.operator, self.operator_bps), (self.parent, self.parent_bps), *self.splits


class Source:
    """E18: what a source of income owes to whom: `due = carried + floor((E - E0) * bps / 10^4) - taken`."""

    def __init__(self, offices: Offices) -> None:
        self.offices = offices
        self.baseline = 0  # E0
        self.carried: dict[str, int] = {}
        self.taken: dict[str, int] = {}
        self.taken_by_owners = 0

    def due(self, account: str, earned: int) -> int:
        """By its offices, past and present."""
        fresh = earned - self.baseline
        share = sum(fresh * bps // WHOLE for who, bps in self.offices.parts() if who == account)
        return self.carried.get(account, 0) + share - self.taken.get(account, 0)

    def rest(self, earned: int) -> int:
        """The owner's, rounded down: what division leaves over waits until it is a whole unit (decision 5)."""
        fresh = earned - self.baseline
        others = sum(self.carried.values()) + sum(-(-fresh * bps // WHOLE) for _, bps in self.offices.parts())
        left = earned - self.taken_by_owners - sum(self.taken.values())
        return max(0, left - (others - sum(self.taken.values())))

    def adopt(self, offices: Offices, earned: int) -> None:
        """Other shares apply to what is earned from now on; unpaid dues are carried."""
        fresh = earned - self.baseline
        for who, bps in self.offices.parts():
            self.carried[who] = self.carried.get(who, 0) + fresh * bps // WHOLE
        self.baseline, self.offices = earned, offices


def earned_of(unearned: int, settled_at: int, earned_at: int, now: int) -> int:
    """E1: linear, rounded up, all of it from `earned_at` on."""
    if now >= earned_at:
        return unearned
    return min(unearned, -(-unearned * (now - settled_at) // (earned_at - settled_at)))


def blended(unearned: int, rate: int, payment: int, payment_rate: int) -> int:
    """E1: the mean of the rates, rounded down."""
    total = unearned + payment
    return (unearned * rate + payment * payment_rate) // total if total else rate


def discounted(price: int, bps: int) -> int:
    """A price less a discount, rounded up: nobody but the community can lose a unit by it."""
    return -(-price * (WHOLE - bps) // WHOLE)


def count_at(now: int, period: int) -> int:
    """E1, E16: `first payment + min(14 days, period)`, in whole hours, rounded up."""
    return -(-(now + min(COUNTING, period or COUNTING)) // HOUR)
