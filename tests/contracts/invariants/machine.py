"""A random history of one community: what every handler needs, and what is checked after each of them"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from tests.contracts.invariants import arena as stage
from tests.contracts.invariants.arena import CURRENCIES, Arena
from tests.contracts.invariants.shadow import Member, Plan, Shadow
from tests.factories.communities import World
from tests.factories.contracts import Receipt, Reverted

T = TypeVar("T")
SEEDS = st.integers(0, 2**16 - 1)  # of a handler's choices: Hypothesis draws one number for a step
RARELY = 8  # one call of so many tries what must fail


@dataclass(frozen=True)
class Handler:
    """What a step may do: how often beside others, and when it makes sense."""

    weight: int
    needs: Callable[[Any], object]


def handler(weight: int = 4, needs: Callable[[Any], object] = lambda _: True) -> Callable[[T], T]:
    def mark(method: T) -> T:
        method.handler = Handler(weight, needs)  # type: ignore[attr-defined]
        return method

    return mark


def handlers_of(history: type) -> list[str]:
    """Names of all handlers, each as often as its weight says."""
    found = {name: getattr(getattr(history, name), "handler", None) for name in dir(history)}
    return [name for name, each in found.items() if each for _ in range(each.weight)]


class Choices(Random):
    """What a handler chooses, decided by one number."""

    def rarely(self) -> bool:
        return self.randrange(RARELY) == 0


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


class History(RuleBasedStateMachine):
    """Handlers are rules of subclasses; `checks` are called with the history after each of them."""

    arena: ClassVar[Arena]
    checks: ClassVar[Sequence[Callable[[Any], None]]] = ()  # after every step
    dear_checks: ClassVar[Sequence[Callable[[Any], None]]] = ()  # after every eighth, and at the end
    last_checks: ClassVar[Sequence[Callable[[Any], None]]] = ()  # at the end of a run
    names: ClassVar[Sequence[str]]  # of handlers, as often as their weights say
    successes: ClassVar[Counter[str]] = Counter()
    refusals: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.chain = self.arena.chain
        self.snapshot = self.chain.snapshot()
        self.steps = 0
        self.times: Counter[str] = Counter()  # that each handler was drawn
        self.sound = False
        self.past = Past()

    @initialize(currency=st.sampled_from(CURRENCIES), temper=st.integers(0, 3))
    def begin(self, currency: str, temper: int) -> None:
        place = self.arena.places[currency]
        self.world: World = place.world
        self.shadow: Shadow = self.arena.shadow(native=currency == "native")
        self.currency = currency
        self.membership = self.world.membership
        self.set_temper(temper)
        self.approved: set[int] = set()  # badges whose owner lets the keeper claim for it
        self.past.prices = {number: [(0, tier.price)] for number, tier in self.shadow.tiers.items()}
        self.sound = True

    def teardown(self) -> None:
        try:
            if self.sound:
                self.note("(gold badges)", sum(each.level == 2 for each in self.shadow.ledgers.values()))
                self.note("(counted members)", len(self.shadow.counts))
                for check in (*self.dear_checks, *self.last_checks):
                    check(self)
        finally:
            self.chain.revert(self.snapshot)

    @invariant()
    def everything_holds(self) -> None:
        if not hasattr(self, "shadow"):
            return
        self.sound = False
        self.steps += 1
        for check in self.checks:
            check(self)
        if self.steps % 8 == 0:
            for check in self.dear_checks:
                check(self)
        self.past.shortened.clear()
        self.sound = True

    def step_of(self, name: str, seed: int) -> None:
        """The handler of this name; where it makes no sense, another one that does."""
        self.shadow.now = self.chain.now
        self.times[name] += 1
        choices = Choices(seed << 8 | self.times[name])  # the same number is drawn often: it shall not mean the same
        while not getattr(self, name).handler.needs(self):
            name = choices.choice(self.names)
        getattr(self, name)(choices)

    def set_temper(self, mode: int) -> None:
        """The hostile account accepts coins, refuses them, burns all gas, or asks for more while it is paid."""
        self.hostile_mode = mode
        hostile = self.arena.hostile
        payload = self.membership.withdrawEarnings.encode_input(hostile.address, 1)  # only the Community may
        self.arena.misbehave(hostile, mode, self.membership.address, payload)

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
        """Sends a call that must do what `plan` says; `pays` of the currency come with it. None when it was refused, as
        it had to be. I9: its sender has not more than before, but for what `gains` says."""
        self.sound = False
        value = self.fund(actor, pays) if value is None else value
        before = self.worth(actor)
        receipt = self.attempt(actor, method, *arguments, value=value)
        if isinstance(receipt, Reverted):
            because = plan.reasons or "none"
            assert receipt.name in plan.reasons, f"{name} reverts with {receipt}; reasons for that: {because}"
            self.refusals[name] += 1
            assert self.worth(actor) == before, f"{name} was refused, but moved money"
            return None
        assert not plan.reasons, f"{name} succeeds in spite of {plan.reasons}"
        plan.apply()
        credited = self.read(receipt)
        income = sum(amount for badge, amount in credited.items() if self.shadow.badge_owner(badge) == actor)
        allowed = before + income + gains()
        assert self.worth(actor) <= allowed, f"I9: {name} gave its sender {self.worth(actor) - allowed} too much"
        self.successes[name] += 1
        return receipt

    def attempt(self, actor: str, method: Any, *arguments: Any, value: int) -> Receipt | Reverted:
        try:
            return self.arena.call(actor, method, *arguments, value=value)
        except Reverted as error:
            return error

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

    def note(self, what: str, times: object = 1) -> None:
        """Counts something that histories must meet."""
        self.successes[what] += int(times)  # type: ignore[call-overload]

    def fund(self, account: str, amount: int) -> int:
        """The value to send with a payment; tokens are minted and approved."""
        token = self.world.token
        if token is None:
            return amount
        if amount:
            self.arena.call(account, token.mint, account, amount)
            self.arena.call(account, token.approve, self.membership.address, amount)
        return 0

    def cash(self, account: str) -> int:
        cash = self.world.balance(account)
        if account == self.arena.hostile.address:
            cash += self.world.balance(self.arena.hand)
        return cash

    def worth(self, account: str) -> int:
        return self.cash(account) + self.shadow.claims_of(account)

    @contextmanager
    def misbehaving_token(
        self, choices: Choices, plan: Plan, *, pulls: bool, amount: int, source: str = ""
    ) -> Iterator[None]:
        """In the community whose currency is hostile, some payments meet a token that cheats: nothing comes of them."""
        modes = {
            stage.RETURNS_FALSE: "TransferFromFailed" if pulls else "TransferFailed",
            stage.LIES_TRUE: "TransferShort",
            stage.TAKES_FEE: "TransferShort",
            stage.GIVES_MORE: "TransferShort",
        }
        if self.currency != "hostile" or not amount or choices.randrange(6):
            yield
            return
        mode = choices.choice(list(modes) if pulls else [stage.RETURNS_FALSE])
        if mode == stage.TAKES_FEE and amount < 100:
            mode = stage.LIES_TRUE
        token = self.world.token
        if choices.randrange(3) == 0:
            self.arena.misbehave(
                token, stage.TOKEN_CALLS_BACK, *self.callback(choices, source or self.membership.address)
            )
            yield
            assert not token.succeeded(), "a call in the middle of a payment went through"
            self.successes["(token calls back)"] += 1
        else:
            plan.reasons.add(modes[mode])
            self.arena.misbehave(token, mode)
            yield
            self.successes["(token cheats)"] += 1
        self.arena.misbehave(token, stage.HONEST)

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

    def refuses_coins(self, to: str, amount: int = 1) -> set[str]:
        """Why native coins do not reach an account: the hostile one may revert or burn all gas."""
        bad = self.hostile_mode in (stage.REVERTS, stage.BURNS_GAS)
        refused = bad and amount and self.shadow.native and to == self.arena.hostile.address
        return {"ETHTransferFailed"} if refused else set()

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
