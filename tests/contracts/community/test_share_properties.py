"""Income is divided to the last unit, whatever is earned, collected and agreed in whatever order (E18)"""

from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.solc import artifacts
from tests.factories.communities import NOTICE, World, community_of, factory_of, tier
from tests.factories.contracts import NATIVE, Receipt
from tests.factories.evm import Evm
from tests.factories.shares import WHOLE, Book, Income, Offices

HOUR = 3600
MOST_HOURS = 10_000  # below two years: as far ahead as one may pay
OPERATOR_CAP, PARENT_CAP = 500, 1000
FREE = WHOLE - OPERATOR_CAP - PARENT_CAP
ACCOUNTS = range(6)  # whoever may hold an office or the ownership; the last is the parent
SOURCES = range(3)


@dataclass
class Stage:
    """A community whose every hour costs one unit, and the model beside it."""

    world: World
    token: Any
    token_id: int
    accounts: list[str]
    sources: list[str]
    income: Income
    operator: tuple[str, int]
    parent: tuple[str, int]
    splits: Offices = ()

    def send(self, method: Any, *arguments: Any, by_owner: bool = True) -> Receipt:
        sender = self.income.owner if by_owner else self.world.stranger
        return self.world.chain.send(method, *arguments, sender=sender)

    def earn(self, source: int, amount: int) -> None:
        if source == 0:
            amount = min(amount, MOST_HOURS)
            self.world.renew(self.token_id, amount)
            self.world.chain.advance(amount * HOUR)
            self.world.settle(self.token_id)
        else:
            self.world.receive(amount, None if source == 1 else self.token)
        self.income.books[self.sources[source]].earned += amount

    def collect(self, source: int, account: int) -> None:
        name, who = self.sources[source], self.accounts[account]
        expected = self.income.due(name, who)
        if expected == 0:
            with self.world.chain.reverts("NothingDue", source=name, account=who):
                self.world.collect(who, name)
            return
        before = self.balance(source, who)
        collected = self.world.collect(who, name).only("Collected")
        assert self.income.collect(name, who) == collected["amount"] == self.balance(source, who) - before
        book = self.income.books[name]
        assert collected["taken"] == book.paid[who] + book.paid_as_owner[who]

    def balance(self, source: int, account: str) -> int:
        return self.world.chain.balance(account, self.token.address if source == 2 else NATIVE)

    def split(self, parts: list[tuple[int, int]]) -> None:
        found: dict[str, int] = {}
        for account, bps in parts:
            room = FREE - sum(found.values())
            found |= {self.accounts[account]: min(bps, room)} if room and self.accounts[account] not in found else {}
        self.splits = tuple(found.items())
        self.send(self.world.community.setSplits, list(self.splits), 0)
        self._agree()

    def lower(self, bps: int) -> None:
        self.parent = (self.parent[0], min(bps, self.parent[1]))
        self.send(self.world.community.lowerParentShare, self.parent[1])
        self._agree()

    def replace(self, account: int, bps: int) -> None:
        self.operator = (self.accounts[account], bps)
        self.send(self.world.community.announceOperator, *self.operator)
        self.world.chain.advance(NOTICE)
        self.send(self.world.community.replaceOperator, by_owner=False)
        self._agree()

    def hand_over(self, account: int) -> None:
        self.send(self.world.community.offerOwnership, self.accounts[account])
        self.income.owner = self.accounts[account]
        self.send(self.world.community.acceptOwnership)

    def _agree(self) -> None:
        self.income.share((self.operator, self.parent, *self.splits))

    def check(self) -> None:
        for name in self.sources:
            found = [self.world.due(account, name) for account in self.accounts]
            assert found == [self.income.due(name, account) for account in self.accounts], name
            book = self.income.books[name]
            left = book.earned - book.withdrawn - sum(found)
            waiting = sum((book.earned - book.since) * bps % WHOLE != 0 for _, bps in book.offices)
            assert left == waiting or (left < waiting and book.rest() == 0), name


@cache
def stage() -> Stage:
    chain = Evm(artifacts())
    factory = factory_of(chain)
    above = community_of(chain, factory)
    parent_id = above.join(sender=above.founder)
    operator, parent = (chain.accounts[2], OPERATOR_CAP), (str(above.community.address), PARENT_CAP)
    world = community_of(
        chain,
        factory,
        operator=operator[0],
        operatorBps=operator[1],
        parent=parent[0],
        parentBps=parent[1],
        parentMembership=parent_id,
        tiers=[tier(price=1, periodSeconds=HOUR)],
    )
    token = chain.deploy("MockToken", "Test Dollar", "TUSD", 6)
    token_id = world.join(sender=chain.accounts[7])
    chain.advance(HOUR)
    world.settle(token_id)
    sources = [world.membership.address, NATIVE, token.address]
    offices = (operator, parent)
    books = {name: Book(offices, followed=number != 2) for number, name in enumerate(sources)}
    books[sources[0]].earned = 1
    income = Income(world.founder, offices, books)
    accounts = [*chain.accounts[1:6], parent[0]]
    return Stage(world, token, token_id, accounts, sources, income, operator, parent)


account, source = st.sampled_from(ACCOUNTS), st.sampled_from(SOURCES)
amount = st.one_of(st.integers(1, 40), st.integers(1, MOST_HOURS), st.integers(1, 2**80))
parts = st.lists(st.tuples(account, st.one_of(st.integers(1, 3000), st.integers(1, FREE))), max_size=5)
step = st.one_of(
    st.tuples(st.just("earn"), source, amount),
    st.tuples(st.just("collect"), source, account),
    st.tuples(st.just("collect"), source, account),
    st.tuples(st.just("split"), parts),
    st.tuples(st.just("lower"), st.integers(0, PARENT_CAP)),
    st.tuples(st.just("replace"), account, st.integers(0, OPERATOR_CAP)),
    st.tuples(st.just("hand_over"), st.sampled_from(ACCOUNTS[:-1])),
)
histories = st.lists(step, max_size=20)


def play(steps: list[tuple[Any, ...]]) -> None:
    with stage().world.chain.undone():
        now = replace(stage(), income=deepcopy(stage().income))
        for name, *arguments in steps:
            getattr(now, name)(*arguments)
            now.check()
        for number in SOURCES:
            for account in ACCOUNTS:
                now.collect(number, account)
        now.check()


@given(histories)
def test_everybody_is_due_what_the_rule_says(steps: list[tuple[Any, ...]]) -> None:
    play(steps)


@pytest.mark.deep
@settings(max_examples=2000)
@given(st.lists(step, max_size=60))
def test_everybody_is_due_what_the_rule_says_in_long_histories(steps: list[tuple[Any, ...]]) -> None:
    play(steps)
