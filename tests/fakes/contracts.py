"""Contracts that emit events in the order and with the states that the real ones would, as far as the indexer sees."""

from dataclasses import dataclass, field, replace

from indexer.events import Event
from indexer.events.badges import Transfer
from indexer.events.community import CommunityOpened, HomeMoved, OwnershipTransferred, SharesSet
from indexer.events.membership import (
    AutoRenewSet,
    BadgeClaimed,
    BadgeLedgerSet,
    Consent,
    EarningsWithdrawn,
    FundsSet,
    MembershipBurned,
    MembershipCancelled,
    MembershipGranted,
    MembershipJoined,
    MembershipMoved,
    MembershipRenewed,
    MembershipRevoked,
    MembershipSettled,
    MembershipTierChanged,
    Rates,
    SeatReleased,
    Tier,
    TierSet,
)
from indexer.events.words import CHOSEN, COUNTED, LEDGER, MONEY, RELEASED, TERMS, Layout
from indexer.tables.columns import ZERO_ADDRESS, ZERO_HASH
from tests.factories.events import log_of
from tests.fakes.chain import FakeLog

FACTORY, SALES, MARKET = ("0x" + digits * 20 for digits in ("fa", "fb", "fc"))
"""CommunityFactory, CrowdsaleFactory and Market."""
PRICE = 10**16
MONTH = 30 * 86_400
LABEL = "0x" + b"Member".ljust(32, b"\0").hex()
RATE = 500
"""What a badge gets of a payment here, 1/10 000."""
RATES = Rates(bronze_bps=RATE, silver_bps=1000, gold_bps=1500, silver_from=5, gold_from=25, volume_unit=PRICE)


def account(number: int) -> str:
    return f"0x{0xACC0000 + number:040x}"


TIER = Tier(
    label=LABEL,
    price=PRICE,
    renewal_price=PRICE,
    notice_ends=0,
    period_seconds=MONTH,
    earning_seconds=MONTH,
    cap=0,
    seats=0,
    sale_start=0,
    sale_end=0,
    retires_at=0,
    invitee_discount_bps=0,
    allow_root=ZERO_HASH,
    paused=False,
    soulbound=False,
    invitation_only=False,
)


def packed(layout: Layout, **values: int) -> int:
    """The word that holds these values; what is not named is 0."""
    word = 0
    for name, bits in layout.bits.items():
        value = values.pop(name, 0)
        assert 0 <= value < 1 << bits, f"{name} {value} has more than {bits} bits"
        word = word << bits | value
    assert not values, f"the word holds no {', '.join(values)}"
    return word


@dataclass(frozen=True)
class State:
    """A membership as its contract knows it. `count_at` is in unix hours, the other times are in seconds."""

    holder: str
    expires_at: int
    tier_id: int
    badge: int = 0
    unearned: int = 0
    settled_at: int = 0
    earned_at: int = 0
    rate: int = 0
    count_at: int = 0
    transfer_count: int = 0
    flags: int = 0

    @property
    def terms(self) -> int:
        return packed(TERMS, **{name: getattr(self, name) for name in TERMS.bits})

    @property
    def money(self) -> int:
        return packed(MONEY, **{name: getattr(self, name) for name in MONEY.bits})

    def flagged(self, flag: int) -> "State":
        return replace(self, flags=self.flags | flag)


@dataclass(frozen=True)
class Ledger:
    """What a badge has earned."""

    income: int = 0
    claimed: int = 0
    volume: int = 0
    counted: int = 0
    minted: int = 0

    @property
    def word(self) -> int:
        return packed(LEDGER, income=self.income, volume=self.volume, counted=self.counted, used=1, minted=self.minted)


@dataclass
class FakeCommunity:
    """One community and its membership contract; each method returns the logs of one transaction."""

    number: int
    founder: str = account(0)
    tiers: list[Tier] = field(default_factory=lambda: [TIER, replace(TIER, price=0, renewal_price=0)])
    members: dict[int, State] = field(default_factory=dict)
    ledgers: dict[int, Ledger] = field(default_factory=dict)
    funds: dict[str, int] = field(default_factory=dict)
    consents: set[int] = field(default_factory=set)
    serial: int = 0
    earned: int = 0
    withdrawn: int = 0

    @property
    def address(self) -> str:
        return f"0x{0xC0000000 + self.number:040x}"

    @property
    def membership(self) -> str:
        return f"0x{0xD0000000 + self.number:040x}"

    @property
    def badges(self) -> str:
        return f"0x{0xB0000000 + self.number:040x}"

    @property
    def store(self) -> str:
        return f"0x{0xE0000000 + self.number:040x}"

    def open(self) -> list[FakeLog]:
        opened = CommunityOpened(
            community=self.address,
            founder=self.founder,
            membership=self.membership,
            badges=self.badges,
            store=self.store,
            currency=ZERO_ADDRESS,
            notice_seconds=MONTH,
            royalty_bps=500,
            rates=RATES,
            operator=ZERO_ADDRESS,
            operator_bps=0,
            operator_cap_bps=500,
            parent=ZERO_ADDRESS,
            parent_bps=0,
            name=f"Community {self.number}",
            symbol="COM",
            home_uri="http://home.example",
            home_key=account(99),
        )
        return [
            log_of(FACTORY, opened),
            self.hub(OwnershipTransferred(ZERO_ADDRESS, self.founder)),
            self.hub(SharesSet(ZERO_ADDRESS, 0, ZERO_ADDRESS, 0, (), 0)),
            self.hub(HomeMoved(1, opened.home_uri, opened.home_key, ZERO_HASH, 0)),
            *(self.token(TierSet(index, tier)) for index, tier in enumerate(self.tiers, start=1)),
        ]

    def hub(self, event: Event) -> FakeLog:
        """A log of the Community contract."""
        return log_of(self.address, event)

    def token(self, event: Event) -> FakeLog:
        """A log of the Membership contract."""
        return log_of(self.membership, event)

    def move_badge(self, badge: int, from_: str, to: str) -> list[FakeLog]:
        """The badge, or a token of an achievement, is made, goes to somebody else, or is burned."""
        return [log_of(self.badges, Transfer(from_, to, badge))]

    def set_price(self, tier_id: int, price: int) -> list[FakeLog]:
        self.tiers[tier_id - 1] = replace(self.tiers[tier_id - 1], price=price)
        return [self.token(TierSet(tier_id, self.tiers[tier_id - 1]))]

    # --- Beginning and going on ----------------------------------------------------------------------------------

    def join(self, holder: str, tier_id: int, *, at: int, badge: int = 0) -> list[FakeLog]:
        """The first one bound to a badge uses it first; its member counts from 14 days later on."""
        logs = [] if badge == 0 or badge in self.ledgers else self.set_ledger(badge)
        price = self.tiers[tier_id - 1].price
        state = State(holder, at + MONTH, tier_id, badge, price, at, at + MONTH if price else 0, flags=CHOSEN)
        if badge:
            state = replace(state, rate=RATE, count_at=(at + 14 * 86_400) // 3600 + 1)
        return [*logs, self._enter(state, payer=holder, amount=price, periods=1)]

    def grant(self, holder: str, tier_id: int, *, at: int) -> list[FakeLog]:
        """Unpaid time for somebody who is no member."""
        entered = self._enter(
            State(holder, at + MONTH, tier_id, settled_at=at), payer=self.founder, amount=0, periods=0
        )
        return [entered, *self._granted(self.serial)]

    def grant_more(self, token_id: int) -> list[FakeLog]:
        return self._granted(token_id, more=MONTH)

    def renew(self, token_id: int, payer: str, *, tip: int = 0) -> list[FakeLog]:
        state = self.members[token_id]
        price = self.tiers[state.tier_id - 1].price
        state = self._change(token_id, expires_at=state.expires_at + MONTH, unearned=state.unearned + price - tip)
        return [
            self.token(
                MembershipRenewed(token_id, state.holder, payer, price, tip, 1, terms=state.terms, money=state.money)
            )
        ]

    def change_tier(self, token_id: int, tier_id: int) -> list[FakeLog]:
        before = self.members[token_id]
        previous, holder = before.tier_id, before.holder
        self._seat(before, by=-1)
        state = self.members[token_id] = replace(before, tier_id=tier_id, flags=before.flags & ~RELEASED)
        self._seat(state, by=1)
        event = MembershipTierChanged(token_id, holder, tier_id, previous, 7, 1, terms=state.terms, money=state.money)
        return [*self._end_consent(token_id), self.token(event)]

    def move(self, token_id: int, to: str) -> list[FakeLog]:
        """Consent ends without an event of its own."""
        before = self.members[token_id]
        count, flags = before.transfer_count + 1, before.flags & ~CHOSEN
        state = self._change(token_id, holder=to, transfer_count=count, flags=flags, seated=False)
        return [self.token(MembershipMoved(token_id, before.holder, to, terms=state.terms, money=state.money))]

    # --- Ending --------------------------------------------------------------------------------------------------

    def cancel(self, token_id: int, *, at: int) -> list[FakeLog]:
        logs, refund = self._stop(token_id, at)
        state = self.members[token_id]
        event = MembershipCancelled(token_id, state.holder, account(98), refund, terms=state.terms, money=state.money)
        return [*logs, self.token(event)]

    def revoke(self, token_id: int, *, at: int) -> list[FakeLog]:
        logs, refund = self._stop(token_id, at)
        state = self.members[token_id]
        event = MembershipRevoked(token_id, state.holder, self.founder, refund, terms=state.terms, money=state.money)
        return [*logs, self.token(event), *self.add_funds(state.holder, refund)]

    def burn(self, token_id: int, *, at: int) -> list[FakeLog]:
        """A badge that was used becomes a token; the real contract does so with every badge of a paid membership."""
        mints = token_id in self.ledgers and not self.ledgers[token_id].minted
        logs = self.set_ledger(token_id, minted=True) if mints else []
        settled, refund = self._stop(token_id, at)
        logs += settled
        state = self.members.pop(token_id)
        self._seat(state, by=-1)
        minted = self.move_badge(token_id, ZERO_ADDRESS, state.holder) if mints else []
        badge = state.badge if state.flags & CHOSEN else 0
        counted = state.flags & COUNTED != 0
        burned = MembershipBurned(token_id, state.holder, account(98), refund, badge, counted)
        return [*logs, self.token(burned), *minted]

    def release(self, token_id: int) -> list[FakeLog]:
        """Somebody gives the seat free, if nobody did."""
        state = self.members[token_id]
        if state.flags & RELEASED:
            return []
        self._seat(state, by=-1)
        state = self.members[token_id] = state.flagged(RELEASED)
        seats = self.tiers[state.tier_id - 1].seats
        return [self.token(SeatReleased(token_id, state.tier_id, seats, state.money))]

    # --- Money ---------------------------------------------------------------------------------------------------

    def settle(self, token_id: int, *, counts: bool = False) -> list[FakeLog]:
        """Half of what is unearned becomes income."""
        state = self.members[token_id]
        earned = state.unearned // 2
        share = earned * state.rate // 10_000
        self.earned += earned - share
        if counts:
            state = replace(state.flagged(COUNTED), count_at=0)
        state = self.members[token_id] = replace(state, unearned=state.unearned - earned)
        word = 0
        if state.badge:
            ledger = self.ledgers[state.badge]
            ledger = replace(
                ledger,
                income=ledger.income + share,
                volume=ledger.volume + earned,
                counted=ledger.counted + counts,
            )
            self.ledgers[state.badge], word = ledger, ledger.word
        return [self.token(MembershipSettled(token_id, state.badge, earned, share, self.earned, word, state.money))]

    def withdraw(self) -> list[FakeLog]:
        amount = self.earned - self.withdrawn
        self.withdrawn = self.earned
        return [self.token(EarningsWithdrawn(self.address, amount, self.withdrawn))]

    def set_ledger(self, badge: int, *, amount: int = 0, minted: bool = False) -> list[FakeLog]:
        """First use, a sale in the store, or minting."""
        ledger = self.ledgers.get(badge, Ledger())
        ledger = replace(ledger, income=ledger.income + amount, minted=ledger.minted | minted)
        self.ledgers[badge] = ledger
        return [self.token(BadgeLedgerSet(badge, amount, ledger.word))]

    def claim(self, badge: int, owner: str) -> list[FakeLog]:
        """All that accrued goes to another wallet of the owner; the first claim mints."""
        logs: list[FakeLog] = []
        if badge not in self.ledgers or not self.ledgers[badge].minted:
            logs = [*self.set_ledger(badge, minted=True), *self.move_badge(badge, ZERO_ADDRESS, owner)]
        ledger = self.ledgers[badge]
        amount = ledger.income - ledger.claimed
        if amount == 0:
            return logs
        self.ledgers[badge] = replace(ledger, claimed=ledger.income)
        return [*logs, self.token(BadgeClaimed(badge, owner, account(97), amount, ledger.income))]

    def add_funds(self, holder: str, amount: int) -> list[FakeLog]:
        self.funds[holder] = self.funds.get(holder, 0) + amount
        return [self.token(FundsSet(holder, self.funds[holder]))]

    def agree(self, token_id: int, *, periods_left: int = 12) -> list[FakeLog]:
        """The holder consents to renewals."""
        state = self.members[token_id]
        self.consents.add(token_id)
        consent = Consent(2**96 - 1, periods_left, 2**40 - 1)
        return [self.token(AutoRenewSet(token_id, state.holder, state.tier_id, consent))]

    def disagree(self, token_id: int) -> list[FakeLog]:
        return self._end_consent(token_id)

    # --- Parts ---------------------------------------------------------------------------------------------------

    def _enter(self, state: State, *, payer: str, amount: int, periods: int) -> FakeLog:
        self.serial += 1
        self.members[self.serial] = state
        self._seat(state, by=1)
        event = MembershipJoined(
            self.serial, state.holder, state.tier_id, payer, amount, periods, terms=state.terms, money=state.money
        )
        return self.token(event)

    def _granted(self, token_id: int, *, more: int = 0) -> list[FakeLog]:
        state = self._change(token_id, expires_at=self.members[token_id].expires_at + more)
        return [self.token(MembershipGranted(token_id, state.holder, self.founder, state.terms, state.money))]

    def _change(self, token_id: int, *, seated: bool = True, **changes: int | str) -> State:
        """The new state; a seat that was given free is taken again, unless `seated` is False."""
        state = self.members[token_id]
        if seated and state.flags & RELEASED:
            self._seat(state, by=1, always=True)
            state = replace(state, flags=state.flags & ~RELEASED)
        state = self.members[token_id] = replace(state, **changes)  # type: ignore[arg-type]
        return state

    def _seat(self, state: State, *, by: int, always: bool = False) -> None:
        if always or not state.flags & RELEASED:
            tier = self.tiers[state.tier_id - 1]
            self.tiers[state.tier_id - 1] = replace(tier, seats=tier.seats + by)

    def _stop(self, token_id: int, at: int) -> tuple[list[FakeLog], int]:
        """The logs of a settlement, and what is left for a refund."""
        logs = [*self.settle(token_id), *self._end_consent(token_id)]
        refund = self.members[token_id].unearned
        state = self.members[token_id]
        self.members[token_id] = replace(
            state, unearned=0, count_at=0, expires_at=min(state.expires_at, at), earned_at=min(state.earned_at, at)
        )
        return logs, refund

    def _end_consent(self, token_id: int) -> list[FakeLog]:
        if token_id not in self.consents:
            return []
        self.consents.discard(token_id)
        return [self.token(AutoRenewSet(token_id, self.members[token_id].holder, 0, Consent(0, 0, 0)))]
