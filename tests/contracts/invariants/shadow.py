"""A community beside the contracts: what ECONOMY.md and the interfaces say that it must be after every call"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from tests.contracts.invariants import economy
from tests.contracts.invariants.economy import FOR_LIFE, GRACE, Ledger, Offices, Rates, Source, Tier

MOST_SETTLEMENTS = 16  # after which the exact figure begins anew: its denominators grow
NOBODY = "0x" + "00" * 20


@dataclass(slots=True)
class Member:
    """One membership."""

    token_id: int
    holder: str
    tier_id: int
    expires_at: int
    settled_at: int
    badge: int = 0
    unearned: int = 0
    earned_at: int = 0
    rate: int = 0
    count_at: int = 0  # hours
    moves: int = 0
    counted: bool = False
    chosen: bool = False  # the holder chose its badge, or none, at its own first payment
    released: bool = False
    exact: Fraction = Fraction(0)  # what would be unearned without rounding
    settlements: int = 0

    @property
    def ever_paid(self) -> bool:
        return self.earned_at != 0

    @property
    def flags(self) -> int:
        return self.counted | self.chosen << 1 | self.released << 2


@dataclass(frozen=True, slots=True)
class Consent:
    """Of a holder to renewals by keepers (E9), and for which membership it was given."""

    max_price: int
    periods_left: int
    until: int
    holder: str
    tier_id: int
    moves: int


@dataclass
class Books:
    """All money that ever moved between the membership contract and the world (I14)."""

    paid: int = 0  # for memberships, tips included
    refunded: int = 0  # by cancelling, revoking and burning
    tips: int = 0
    earned_by_badges: int = 0
    credited_by_store: int = 0
    donated: int = 0


@dataclass
class Plan:
    """What a call must do: revert for one of `reasons`, or where there is none, change the shadow by `apply`."""

    reasons: set[str]
    apply: Callable[[], object]


@dataclass
class Shadow:
    """One community. Amounts in base units; `now` is the block's time."""

    now: int
    notice: int
    owner: str
    native: bool
    tiers: dict[int, Tier]
    rates: list[Rates]
    offices: Offices
    offices_of_parent: Offices
    members: dict[int, Member] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)  # account -> its membership
    kept: dict[str, tuple[int, bool]] = field(default_factory=dict)  # by wallets that burned theirs: badge, counted
    ledgers: dict[int, Ledger] = field(default_factory=dict)
    badge_owners: dict[int, str] = field(default_factory=dict)  # of minted badges
    badge_moves: dict[int, int] = field(default_factory=dict)  # how often these were transferred
    consents: dict[int, Consent] = field(default_factory=dict)
    funds: dict[str, int] = field(default_factory=dict)
    uses: dict[bytes, int] = field(default_factory=dict)  # of vouchers and binding signatures
    earned: int = 0  # E
    withdrawn: int = 0
    store_earned: int = 0  # by tips in the Store, the badges' part aside
    store_withdrawn: int = 0
    parent_earned: int = 0  # by the parent, from this community, in its currency
    books: Books = field(default_factory=Books)
    counts: dict[int, int] = field(default_factory=dict)  # membership -> how often it counted for a badge

    def __post_init__(self) -> None:
        self.source = Source(self.offices)
        self.store = Source(self.offices)
        self.parent = Source(self.offices_of_parent)

    # Memberships

    def member_of(self, account: str) -> Member | None:
        token_id = self.tokens.get(account)
        return None if token_id is None else self.members[token_id]

    def valid(self, member: Member) -> bool:
        return self.now < member.expires_at

    def settle(self, member: Member) -> None:
        """E1, E15, E16: what time has earned becomes income of the badge and the community."""
        earned = economy.earned_of(member.unearned, member.settled_at, member.earned_at, self.now)
        self._settle_exactly(member)
        member.unearned -= earned
        member.settled_at = self.now
        share = 0
        if member.badge:
            ledger = self.ledgers[member.badge]
            counts = self.counting(member)
            if counts:
                member.counted, member.count_at = True, 0
                self.counts[member.token_id] = self.counts.get(member.token_id, 0) + 1
            share = earned * member.rate // economy.WHOLE
            ledger.income += share
            if earned or counts:
                ledger.grow(earned, counts, self.rates[ledger.version])
        self.earned += earned - share
        self.books.earned_by_badges += share

    def _settle_exactly(self, member: Member) -> None:
        if self.now >= member.earned_at:
            member.exact, member.settlements = Fraction(0), 0
        else:
            passed = Fraction(self.now - member.settled_at, member.earned_at - member.settled_at)
            if member.settlements == MOST_SETTLEMENTS:
                member.exact, member.settlements = Fraction(member.unearned), 0
            member.exact -= member.exact * passed
            member.settlements += 1

    def counting(self, member: Member) -> bool:
        """Whether the next settlement counts the member for its badge."""
        return bool(member.badge and member.count_at and self.now >= member.count_at * economy.HOUR)

    def credit(self, member: Member, payment: int, seconds: int) -> None:
        """E1: adds a payment to a settled membership that has its new expiry already. Nothing changes nothing."""
        if not payment:
            return
        self.blend(member, payment)
        member.earned_at = min(member.expires_at, max(self.now, member.earned_at) + seconds)

    def blend(self, member: Member, payment: int) -> None:
        rate = self.rate_of(member.badge) if member.badge else 0
        member.rate = economy.blended(member.unearned, member.rate, payment, rate)
        member.unearned += payment
        member.exact += payment

    def start_counting(self, member: Member) -> None:
        """E16: from a first payment, again after paid time was cancelled; never twice."""
        if member.badge and not member.counted and not member.count_at:
            member.count_at = economy.count_at(self.now, self.tiers[member.tier_id].period)

    def end(self, member: Member) -> int:
        """E2: the refund of a settled membership whose time ends now."""
        refund = member.unearned
        member.unearned, member.exact, member.settlements = 0, Fraction(0), 0
        member.expires_at = min(member.expires_at, self.now)
        member.earned_at = min(member.earned_at, self.now)
        member.count_at = 0
        self.books.refunded += refund
        return refund

    def extended(self, tier: Tier, begins: int, periods: int) -> tuple[int, set[str]]:
        """The expiry after so many more periods, and why that cannot be."""
        if periods == 0 or (tier.period == 0 and periods != 1):
            return 0, {"PeriodsInvalid"}
        if tier.period == 0 and begins < FOR_LIFE:
            return FOR_LIFE, set()
        until = begins + periods * tier.period
        return until, {"PaidTooFarAhead"} if until > tier.limit(self.now) else set()

    def take_seat(self, member: Member) -> None:
        """E10: a renewal or grant of one whose seat was released needs another."""
        if member.released:
            member.released = False
            self.tiers[member.tier_id].seats += 1

    def leave_seat(self, member: Member) -> None:
        if not member.released:
            self.tiers[member.tier_id].seats -= 1
        member.released = False

    def renewal_reasons(self, member: Member, *, listed: bool) -> set[str]:
        """E4, E6, E7: why a membership cannot be renewed now, whoever pays."""
        tier = self.tiers[member.tier_id]
        late = self.now >= member.expires_at + GRACE
        reasons = set()
        if late:
            reasons |= tier.closed(self.now)
            if tier.root and not listed:
                reasons.add("NotAllowed")
        elif tier.retires_at and self.now >= tier.retires_at:
            reasons.add("TierRetired")
        if member.released and tier.full:
            reasons.add("TierSoldOut")
        return reasons

    def renewal_price(self, member: Member) -> int:
        tier = self.tiers[member.tier_id]
        return tier.price if self.now >= member.expires_at + GRACE else tier.renewal_price(self.now)

    # Badges

    def ledger(self, badge: int) -> Ledger:
        return self.ledgers.get(badge) or Ledger(version=len(self.rates) - 1)

    def badge_owner(self, badge: int) -> str:
        """E13: until it is minted, a badge belongs to whoever holds the membership with its id."""
        if badge in self.badge_owners:
            return self.badge_owners[badge]
        member = self.members.get(badge)
        return member.holder if member and member.ever_paid else NOBODY

    def rate_of(self, badge: int) -> int:
        ledger = self.ledger(badge)
        return self.rates[ledger.version].rate(ledger.level)

    def use(self, badge: int) -> Ledger:
        """E15: its first use fixes a badge's version of the rates."""
        ledger = self.ledgers.setdefault(badge, self.ledger(badge))
        ledger.used = True
        return ledger

    def mint(self, badge: int, owner: str) -> None:
        self.use(badge).minted = True
        self.badge_owners[badge] = owner

    def move_badge(self, badge: int, to: str) -> None:
        self.badge_owners[badge] = to
        self.badge_moves[badge] = self.badge_moves.get(badge, 0) + 1

    def binding_reasons(self, badge: int, payer: str, recipient: str) -> set[str]:
        """E14: self-referral is refused when a badge is bound, and only then."""
        owner = self.badge_owner(badge)
        if owner == NOBODY:
            return {"BadgeUnknown"}
        return {"SelfReferral"} if owner in (payer, recipient) else set()

    # Consents

    def consent_of(self, member: Member) -> Consent | None:
        """The live one: given for this tier, since the last transfer."""
        consent = self.consents.get(member.token_id)
        live = consent and (consent.tier_id, consent.moves) == (member.tier_id, member.moves)
        return consent if live else None

    # Sums

    def liabilities(self) -> int:
        """I1: all that the membership contract owes."""
        return (
            sum(member.unearned for member in self.members.values())
            + self.earned
            - self.withdrawn
            + sum(ledger.accrued for ledger in self.ledgers.values())
            + sum(self.funds.values())
        )

    def claims_of(self, account: str) -> int:
        """What an account could take out, beside shares: unearned money, badges' income, funds (I9)."""
        member = self.member_of(account)
        return (
            (member.unearned if member else 0)
            + self.funds.get(account, 0)
            + sum(self.ledgers[badge].accrued for badge in self.badges_of(account))
        )

    def badges_of(self, account: str) -> Iterator[int]:
        return (badge for badge in self.ledgers if self.badge_owner(badge) == account)

    def add_funds(self, account: str, amount: int) -> None:
        self.funds[account] = self.funds.get(account, 0) + amount
