"""The invariants of README.md, held by random histories beside a shadow model written from the documentation"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.factories.communities import DAY, FREE, LIFE, MONTH, MONTHLY, PRICE, YEAR, World, community_of, tier
from tests.factories.contracts import Chain, Receipt, Reverted

ODD = 7  # a price that no share divides
WALLETS = range(3, 8)

pick = st.sampled_from


@dataclass
class Shadow:
    """One membership, as the documentation says it must be."""

    holder: str
    tier_id: int
    expires_at: int
    unearned: int
    settled_at: int
    earned_at: int
    moves: int = 0

    def settle(self, now: int) -> int:
        """What became income: linear, rounded up, all of it from `earned_at` on."""
        span = self.earned_at - self.settled_at
        due = self.unearned if now >= self.earned_at else -(-self.unearned * (now - self.settled_at) // span)
        self.unearned -= due
        self.settled_at = now
        return due

    def pay(self, amount: int, seconds: int, now: int) -> None:
        """Nothing, when the period is free: it leaves what was paid before to be earned as before."""
        if amount:
            self.unearned += amount
            self.earned_at = min(self.expires_at, max(now, self.earned_at) + seconds)


class Histories(RuleBasedStateMachine):
    """Joins, renewals, moves, settlements, collections and price changes of five wallets, in any order."""

    world: World  # set by a subclass: Hypothesis makes the machines

    def __init__(self) -> None:
        super().__init__()
        self.chain = self.world.chain
        self.snapshot = self.chain.rpc("evm_snapshot")
        self.wallets = [self.chain.accounts[number] for number in WALLETS]
        self.members: dict[int, Shadow] = {}
        self.paid = self.earned = self.collected = 0
        self.parent = str(self.chain.read(self.world.community.parent)["community"])
        self.shares = {self.world.founder: 0, self.world.operator: 0, self.parent: 0}

    def teardown(self) -> None:
        self.chain.rpc("evm_revert", self.snapshot)

    def holders(self) -> set[str]:
        return {shadow.holder for shadow in self.members.values()}

    def terms(self, tier_id: int) -> tuple[int, int]:
        """Period and earning time of a tier."""
        return {MONTHLY: (MONTH, MONTH), FREE: (MONTH, MONTH), LIFE: (0, YEAR)}[tier_id]

    def attempt(self, act: Callable[[], Receipt]) -> Receipt | str:
        try:
            return act()
        except Reverted as error:
            return error.name

    @rule(wallet=pick(WALLETS), tier_id=pick([MONTHLY, MONTHLY, FREE, LIFE]), periods=st.integers(1, 30))
    def join(self, wallet: int, tier_id: int, periods: int) -> None:
        account, now = self.chain.accounts[wallet], self.chain.now
        periods = 1 if tier_id == LIFE else periods
        period, earning = self.terms(tier_id)
        price = self.world.price_of(tier_id)

        result = self.attempt(lambda: self.world.send_join(tier_id, periods, sender=account))

        if account in self.holders():
            assert result == "AlreadyMember"
        elif periods * period > 2 * YEAR:
            assert result == "PaidTooFarAhead"
        else:
            assert isinstance(result, Receipt)
            until = 2**40 - 1 if tier_id == LIFE else now + periods * period
            shadow = Shadow(account, tier_id, until, 0, now, 0)
            shadow.pay(price * periods, earning * periods, now)
            self.members[result.only("MembershipJoined")["tokenId"]] = shadow
            self.paid += price * periods

    @precondition(lambda self: self.members)
    @rule(choice=st.integers(0, 9), payer=pick(WALLETS), periods=st.integers(1, 30))
    def renew(self, choice: int, payer: int, periods: int) -> None:
        token_id, shadow = self.chosen(choice)
        now, price = self.chain.now, int(self.chain.read(self.world.membership.renewalPrice, token_id))
        period, earning = self.terms(shadow.tier_id)
        until = max(now, shadow.expires_at) + periods * period

        result = self.attempt(lambda: self.world.renew(token_id, periods, sender=self.chain.accounts[payer]))

        if shadow.tier_id == LIFE:
            assert result == ("PeriodsInvalid" if periods != 1 else "PaidTooFarAhead")
        elif until > now + 2 * YEAR:
            assert result == "PaidTooFarAhead"
        else:
            assert isinstance(result, Receipt)
            self.earned += shadow.settle(now)
            shadow.expires_at = until
            shadow.pay(price * periods, earning * periods, now)
            self.paid += price * periods

    @precondition(lambda self: self.members)
    @rule(choice=st.integers(0, 9), wallet=pick(WALLETS))
    def move(self, choice: int, wallet: int) -> None:
        token_id, shadow = self.chosen(choice)
        to, membership = self.chain.accounts[wallet], self.world.membership

        result = self.attempt(
            lambda: self.chain.send(membership.transferFrom, shadow.holder, to, token_id, sender=shadow.holder)
        )

        if self.chain.now >= shadow.expires_at:
            assert result == "MembershipExpired"
        elif to in self.holders():
            assert result == "AlreadyMember"
        else:
            assert isinstance(result, Receipt)
            shadow.holder, shadow.moves = to, shadow.moves + 1

    @precondition(lambda self: self.members)
    @rule(choices=st.lists(st.integers(0, 9), max_size=4))
    def settle(self, choices: list[int]) -> None:
        chosen, now = [self.chosen(choice) for choice in choices], self.chain.now
        self.world.settle(*[token_id for token_id, _ in chosen])
        for _, shadow in chosen:
            if shadow.unearned and (now >= shadow.settled_at + DAY or now >= shadow.earned_at):
                self.earned += shadow.settle(now)

    @rule(account=st.integers(0, 2))
    def collect(self, account: int) -> None:
        to = list(self.shares)[account]
        due = int(self.chain.read(self.world.community.dueOf, self.world.membership.address, to))
        before = self.world.balance(to)

        result = self.attempt(lambda: self.world.collect(to))

        assert (result == "NothingDue") == (due == 0)
        assert self.world.balance(to) - before == due
        self.shares[to] += due
        self.collected += due

    @rule(price=pick([0, 1, ODD, PRICE, 3 * PRICE + 1]))
    def set_price(self, price: int) -> None:
        tier_now = self.world.tier(MONTHLY)
        result = self.attempt(
            lambda: self.chain.send(self.world.membership.setTierPrice, MONTHLY, price, sender=self.world.founder)
        )
        rises = price > tier_now["price"] and tier_now["noticeEnds"] > 0
        assert (result == "PriceRisePending") == rises

    @rule(seconds=pick([1, 3600, DAY - 1, DAY, 10 * DAY, MONTH, MONTH + 8 * DAY, YEAR]))
    def wait(self, seconds: int) -> None:
        self.chain.advance(seconds)

    def chosen(self, choice: int) -> tuple[int, Shadow]:
        token_id = sorted(self.members)[choice % len(self.members)]
        return token_id, self.members[token_id]

    @invariant()
    def every_membership_is_as_documented(self) -> None:
        for token_id, shadow in self.members.items():
            state = self.world.state(token_id)
            assert (
                state["expiresAt"],
                state["tierId"],
                state["unearned"],
                state["settledAt"],
                state["earnedAt"],
                state["transferCount"],
            ) == (
                shadow.expires_at,
                shadow.tier_id,
                shadow.unearned,
                shadow.settled_at,
                shadow.earned_at,
                shadow.moves,
            )

    @invariant()
    def owners_balances_and_seats_agree(self) -> None:
        membership = self.world.membership
        for token_id, shadow in self.members.items():
            assert self.chain.read(membership.ownerOf, token_id) == shadow.holder
        holders = self.holders()
        assert [self.chain.read(membership.balanceOf, wallet) for wallet in self.wallets] == [
            int(wallet in holders) for wallet in self.wallets
        ]
        seats = sum(self.world.tier(tier_id)["seats"] for tier_id in (MONTHLY, FREE, LIFE))
        assert seats == len(self.members) == len(holders)

    @invariant()
    def the_books_balance_to_the_unit(self) -> None:
        totals = self.chain.read(self.world.membership.earnings)
        unearned = sum(shadow.unearned for shadow in self.members.values())
        assert (totals["earnedTotal"], totals["withdrawnTotal"]) == (self.earned, self.collected)
        assert self.paid == self.earned + unearned
        assert self.world.balance(self.world.membership.address) == unearned + self.earned - self.collected

    @invariant()
    def nobody_got_more_than_its_share(self) -> None:
        founder, operator, parent = self.shares.values()
        assert operator <= self.earned * 500 // 10_000
        assert parent <= self.earned * 1_000 // 10_000
        assert founder <= self.earned - self.earned * 1_500 // 10_000

    @invariant()
    def what_is_due_adds_up_to_what_is_left(self) -> None:
        due = [
            int(self.chain.read(self.world.community.dueOf, self.world.membership.address, account))
            for account in self.shares
        ]
        left = self.earned - self.collected
        assert left - 2 <= sum(due) <= left  # a unit for each share that division has not made whole yet


def histories(world: World, *, examples: int, steps: int) -> None:
    bound = type("BoundHistories", (Histories,), {"world": world})
    run_state_machine_as_test(
        bound,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture(params=["native", "erc20"])
def child(request: pytest.FixtureRequest, ledger: Chain, factory: Any, native: World, token: Any) -> World:
    """A community with an operator and a parent, and prices that no share divides."""
    token_id = native.join(sender=native.founder)
    return community_of(
        ledger,
        factory,
        token=None if request.param == "native" else token,
        operator=native.operator,
        operatorBps=500,
        parent=native.community.address,
        parentBps=1000,
        parentMembership=token_id,
        tiers=[tier(price=ODD), tier(price=0), tier(price=1000 * ODD, periodSeconds=0)],
    )


def test_invariants_hold_in_random_histories(child: World) -> None:
    histories(child, examples=8, steps=20)


@pytest.mark.deep
def test_invariants_hold_in_long_random_histories(child: World) -> None:
    histories(child, examples=256, steps=64)
