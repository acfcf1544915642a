"""A random history of one community's memberships: what every handler needs"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.contracts.invariants.arena import CURRENCIES
from tests.contracts.invariants.play import Choices, Play
from tests.contracts.invariants.shadow import Member, Plan, Shadow
from tests.factories.contracts import Receipt


@dataclass
class Past:
    """What invariants compare with: figures of the step before, and tallies from events alone."""

    expiries: dict[int, int] = field(default_factory=dict)
    badges: dict[int, int] = field(default_factory=dict)
    ledgers: dict[int, dict[str, Any]] = field(default_factory=dict)
    rates: dict[int, int] = field(default_factory=dict)
    shares: Counter[int] = field(default_factory=Counter)  # badge -> all that events say it was credited
    earned: int = 0  # by the community, as the last settlement said
    prices: dict[int, list[tuple[int, int]]] = field(default_factory=dict)  # tier -> since when, price of joins
    keeper_renewals: dict[int, int] = field(default_factory=dict)  # membership -> expiry after the last one
    shortened: set[int] = field(default_factory=set)  # memberships whose expiry this step may lower


class History(Play):
    """Its handlers are in the subclasses: joining, renewing, leaving, governing."""

    def __init__(self) -> None:
        super().__init__()
        self.past = Past()

    @initialize(currency=st.sampled_from(CURRENCIES), temper=st.integers(0, 3))
    def begin(self, currency: str, temper: int) -> None:
        self.enter(currency, temper)
        self.shadow: Shadow = self.arena.shadow(native=currency == "native")
        self.membership = self.world.membership
        self.approved: set[int] = set()  # badges whose owner lets the keeper claim for it
        self.past.prices = {number: [(0, tier.price)] for number, tier in self.shadow.tiers.items()}

    def before_step(self) -> None:
        self.shadow.now = self.chain.now

    def after_step(self) -> None:
        self.past.shortened.clear()

    def at_the_end(self) -> None:
        self.note("(gold badges)", sum(each.level == 2 for each in self.shadow.ledgers.values()))
        self.note("(counted members)", len(self.shadow.counts))

    # What handlers do

    def act(
        self,
        name: str,
        actor: str,
        plan: Plan,
        method: Any,
        *arguments: Any,
        pays: int = 0,
        value: int | None = None,
        gains: Callable[[], int] = int,
    ) -> Receipt | None:
        """As `must`; `pays` of the currency come with the call. I9: its sender has not more than before, but for what
        `gains` says."""
        self.sound = False
        value = self.fund(actor, pays) if value is None else value
        before = self.worth(actor)
        receipt = self.must(name, actor, plan, method, *arguments, value=value)
        if receipt is None:
            assert self.worth(actor) == before, f"{name} was refused, but moved money"
            return None
        credited = self.read(receipt)
        income = sum(amount for badge, amount in credited.items() if self.shadow.badge_owner(badge) == actor)
        allowed = before + income + gains()
        assert self.worth(actor) <= allowed, f"I9: {name} gave its sender {self.worth(actor) - allowed} too much"
        return receipt

    def read(self, receipt: Receipt) -> Counter[int]:
        """I2: each settlement divides what it takes from the unearned money. What events say that badges got."""
        credited: Counter[int] = Counter()
        for event in receipt.events:
            if event.address != self.membership.address:
                continue
            if event.name == "MembershipSettled":
                fields = event.fields
                share, total = fields["badgeShare"], fields["earnedTotal"]
                assert share + total - self.past.earned == fields["earned"], f"I2: {fields} after {self.past.earned}"
                self.past.earned = total
                credited[fields["badge"]] += share
            elif event.name == "BadgeLedgerSet":
                credited[event.fields["badge"]] += event.fields["amount"]
        self.past.shares.update(credited)
        return credited

    def fund(self, account: str, amount: int) -> int:
        return self.fund_for(account, amount, self.membership.address)

    def worth(self, account: str) -> int:
        return self.cash(account) + self.shadow.claims_of(account)

    @contextmanager
    def misbehaving_token(
        self, choices: Choices, plan: Plan, *, pulls: bool, amount: int, source: str = ""
    ) -> Iterator[None]:
        """As `cheated`; `source`: of income, where money comes in or goes out."""
        callback = self.callback(choices, source or self.membership.address)
        with self.cheated(choices, plan, amount, pulls=pulls, callback=callback):
            yield

    def callback(self, choices: Choices, source: str) -> tuple[str, bytes]:
        """What would take money out of a source of income while money comes in or goes out of it."""
        hostile, community = self.arena.hostile, self.world.community
        if source == self.world.currency:
            community = self.arena.parent
        collect = community.address, community.collect.encode_input(source, self.shadow.owner)
        if source != self.membership.address:
            return collect
        funds = self.membership.withdrawFunds.encode_input(hostile.address, 0)
        withdraw = hostile.address, hostile.execute.encode_input(self.membership.address, funds)
        return choices.choice([collect, withdraw])

    # Who and what to choose from

    def members(self, choices: Choices, wanted: Callable[[Member], bool]) -> list[Member]:
        """Memberships as wanted; rarely any, so that refusals are met too."""
        everybody = list(self.shadow.members.values())
        fitting = [member for member in everybody if wanted(member)]
        return everybody if choices.rarely() or not fitting else fitting

    def newcomers(self, choices: Choices) -> list[str]:
        free = [account for account in self.arena.wallets if account not in self.shadow.tokens]
        return self.arena.wallets if not free or choices.rarely() else free

    def account(self, choices: Choices) -> str:
        """The hostile one more often than others."""
        return choices.choice(self.arena.wallets if choices.randrange(3) else self.arena.wallets[-1:])

    def some_badge(self, choices: Choices, *others: str) -> int:
        """One that exists and belongs to somebody else, if there is one."""
        known = [badge for badge in (*self.shadow.members, *self.shadow.badge_owners) if self.shadow.badge_owner(badge)]
        fitting = [badge for badge in known if self.shadow.badge_owner(badge) not in (*others, "0x" + "00" * 20)]
        if choices.rarely() or not fitting:
            return choices.choice(known) if known else 7
        return choices.choice(fitting)
