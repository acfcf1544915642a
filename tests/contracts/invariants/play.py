"""How a random history is played, whatever it is about: handlers, what they choose, and checks after each step"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.contracts.invariants import arena as stage
from tests.contracts.invariants.arena import Arena
from tests.contracts.invariants.shadow import Plan
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


class Play(RuleBasedStateMachine):
    """Handlers are methods of subclasses; `checks` are called with the history after each of them."""

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
        self.sound = False  # nothing is in the middle of something, and nothing has failed
        self.currency = ""  # of the community that it is about; none before it begins

    def enter(self, currency: str, temper: int) -> None:
        """The history is about the community with this currency; the hostile account begins with this temper."""
        self.currency = currency
        self.world: World = self.arena.places[currency].world
        self.set_temper(temper)
        self.sound = True

    def before_step(self) -> None:
        """The shadow learns what time it is."""

    def after_step(self) -> None:
        """All that held was checked."""

    def at_the_end(self) -> None:
        """Before the last checks."""

    def teardown(self) -> None:
        try:
            if self.sound:
                self.at_the_end()
                for check in (*self.dear_checks, *self.last_checks):
                    check(self)
        finally:
            self.chain.revert(self.snapshot)

    @invariant()
    def everything_holds(self) -> None:
        if not self.currency:
            return
        self.sound = False
        self.steps += 1
        for check in self.checks:
            check(self)
        if self.steps % 8 == 0:
            for check in self.dear_checks:
                check(self)
        self.after_step()
        self.sound = True

    def step_of(self, name: str, seed: int) -> None:
        """The handler of this name; where it makes no sense, another one that does."""
        self.before_step()
        self.times[name] += 1
        choices = Choices(seed << 8 | self.times[name])  # the same number is drawn often: it shall not mean the same
        while not getattr(self, name).handler.needs(self):
            name = choices.choice(self.names)
        getattr(self, name)(choices)

    # What handlers do

    def must(self, name: str, actor: str, plan: Plan, method: Any, *arguments: Any, value: int = 0) -> Receipt | None:
        """Sends a call that must do what `plan` says. None when it was refused, as it had to be."""
        self.sound = False
        try:
            receipt = self.arena.call(actor, method, *arguments, value=value)
        except Reverted as error:
            refused = error
        else:
            assert not plan.reasons, f"{name} succeeds in spite of {plan.reasons}"
            plan.apply()
            self.successes[name] += 1
            return receipt
        assert refused.name in plan.reasons, f"{name} reverts with {refused}; reasons: {plan.reasons or 'none'}"
        self.refusals[name] += 1
        return None

    def note(self, what: str, times: object = 1) -> None:
        """Counts something that histories must meet."""
        self.successes[what] += int(times)  # type: ignore[call-overload]

    def fund_for(self, account: str, amount: int, spender: str) -> int:
        """The value to send with a payment; tokens are minted and approved."""
        token = self.world.token
        if token is None:
            return amount
        if amount:
            self.arena.call(account, token.mint, account, amount)
            self.arena.call(account, token.approve, spender, amount)
        return 0

    def cash(self, account: str) -> int:
        cash = self.world.balance(account)
        if account == self.arena.hostile.address:
            cash += self.world.balance(self.arena.hand)
        return cash

    # Who misbehaves

    def set_temper(self, mode: int) -> None:
        """The hostile account accepts coins, refuses them, burns all gas, or asks for more while it is paid."""
        self.hostile_mode = mode
        hostile, membership = self.arena.hostile, self.world.membership
        payload = membership.withdrawEarnings.encode_input(hostile.address, 1)  # only the Community may
        self.arena.misbehave(hostile, mode, membership.address, payload)

    def refuses_coins(self, to: str, amount: int = 1) -> set[str]:
        """Why native coins do not reach an account: the hostile one may revert or burn all gas."""
        bad = self.hostile_mode in (stage.REVERTS, stage.BURNS_GAS)
        refused = bad and amount and self.world.token is None and to == self.arena.hostile.address
        return {"ETHTransferFailed"} if refused else set()

    @contextmanager
    def cheated(
        self, choices: Choices, plan: Plan, amount: int, *, pulls: bool, callback: tuple[str, bytes]
    ) -> Iterator[None]:
        """In the community whose currency is hostile, some payments meet a token that cheats, or that calls back in the
        middle: nothing comes of either."""
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
            self.arena.misbehave(token, stage.TOKEN_CALLS_BACK, *callback)
            yield
            assert not token.succeeded(), "a call in the middle of a payment went through"
            self.note("(token calls back)")
        else:
            plan.reasons.add(modes[mode])
            self.arena.misbehave(token, mode)
            yield
            self.note("(token cheats)")
        self.arena.misbehave(token, stage.HONEST)
