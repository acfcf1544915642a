"""Contracts that emit events in the order and with the states that the real ones would, as far as the indexer sees."""

from dataclasses import dataclass, field, replace

from indexer.events import Event
from indexer.events.community import CommunityOpened, HomeMoved, OwnershipTransferred, SharesSet
from indexer.events.membership import (
    EarningsWithdrawn,
    MembershipJoined,
    MembershipMoved,
    MembershipRenewed,
    MembershipSettled,
    State,
    Tier,
    TierSet,
)
from indexer.tables.columns import ZERO_ADDRESS, ZERO_HASH
from tests.factories.events import log_of
from tests.fakes.chain import FakeLog

FACTORY = "0x" + "fa" * 20
PRICE = 10**16
MONTH = 30 * 86_400
LABEL = "0x" + b"Member".ljust(32, b"\0").hex()


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
)


@dataclass
class FakeCommunity:
    """One community and its membership contract; each method returns the logs of one transaction."""

    number: int
    founder: str = account(0)
    tiers: list[Tier] = field(default_factory=lambda: [TIER, replace(TIER, price=0, renewal_price=0)])
    members: list[tuple[str, State]] = field(default_factory=list)
    earned: int = 0
    withdrawn: int = 0

    @property
    def address(self) -> str:
        return f"0x{0xC0000000 + self.number:040x}"

    @property
    def membership(self) -> str:
        return f"0x{0xD0000000 + self.number:040x}"

    def open(self) -> list[FakeLog]:
        opened = CommunityOpened(
            community=self.address,
            founder=self.founder,
            membership=self.membership,
            badges=ZERO_ADDRESS,
            store=ZERO_ADDRESS,
            currency=ZERO_ADDRESS,
            notice_seconds=MONTH,
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
            self.hub(OwnershipTransferred(ZERO_ADDRESS, self.founder)),
            self.hub(SharesSet(ZERO_ADDRESS, 0, ZERO_ADDRESS, 0)),
            self.hub(HomeMoved(1, opened.home_uri, opened.home_key, ZERO_HASH, 0)),
            *(self.token(TierSet(index, tier)) for index, tier in enumerate(self.tiers, start=1)),
            log_of(FACTORY, opened),
        ]

    def hub(self, event: Event) -> FakeLog:
        """A log of the Community contract."""
        return log_of(self.address, event)

    def token(self, event: Event) -> FakeLog:
        """A log of the Membership contract."""
        return log_of(self.membership, event)

    def set_price(self, tier_id: int, price: int) -> list[FakeLog]:
        self.tiers[tier_id - 1] = replace(self.tiers[tier_id - 1], price=price)
        return [self.token(TierSet(tier_id, self.tiers[tier_id - 1]))]

    def join(self, holder: str, tier_id: int, *, at: int) -> list[FakeLog]:
        tier = self.tiers[tier_id - 1]
        self.tiers[tier_id - 1] = replace(tier, seats=tier.seats + 1)
        state = State(at + MONTH, tier_id, 0, tier.price, at, at + MONTH, 0, 0, 0, 0)
        self.members.append((holder, state))
        return [self.token(MembershipJoined(len(self.members), holder, tier_id, holder, tier.price, 1, state))]

    def renew(self, token_id: int, payer: str) -> list[FakeLog]:
        holder, state = self.members[token_id - 1]
        price = self.tiers[state.tier_id - 1].price
        state = replace(state, expires_at=state.expires_at + MONTH, unearned=state.unearned + price)
        self.members[token_id - 1] = (holder, state)
        return [self.token(MembershipRenewed(token_id, holder, state.tier_id, payer, price, 1, state))]

    def change_tier(self, token_id: int, tier_id: int) -> list[FakeLog]:
        """A renewal into another tier, as E8 will emit it."""
        holder, state = self.members[token_id - 1]
        for changed, by in ((state.tier_id, -1), (tier_id, 1)):
            tier = self.tiers[changed - 1]
            self.tiers[changed - 1] = replace(tier, seats=tier.seats + by)
        state = replace(state, tier_id=tier_id)
        self.members[token_id - 1] = (holder, state)
        return [self.token(MembershipRenewed(token_id, holder, tier_id, holder, 0, 0, state))]

    def move(self, token_id: int, to: str) -> list[FakeLog]:
        holder, state = self.members[token_id - 1]
        state = replace(state, transfer_count=state.transfer_count + 1)
        self.members[token_id - 1] = (to, state)
        return [self.token(MembershipMoved(token_id, holder, to, state))]

    def settle(self, token_id: int) -> list[FakeLog]:
        holder, state = self.members[token_id - 1]
        earned = state.unearned // 2
        self.earned += earned
        state = replace(state, unearned=state.unearned - earned)
        self.members[token_id - 1] = (holder, state)
        return [self.token(MembershipSettled(token_id, earned, 0, self.earned, state))]

    def withdraw(self) -> list[FakeLog]:
        amount = self.earned - self.withdrawn
        self.withdrawn = self.earned
        return [self.token(EarningsWithdrawn(self.address, amount, self.withdrawn))]
