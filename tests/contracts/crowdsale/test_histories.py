"""Invariants I10, I12, I20 and I23 of a sale, in random histories beside a model (tests/factories/crowdsale_model.py).

What the events tell is kept apart, and must give the state that the sale shows: nothing else is needed to rebuild it.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.factories.communities import DAY, PRICE, World
from tests.factories.contracts import Receipt, Reverted
from tests.factories.crowdsale_model import Model
from tests.factories.crowdsales import (
    COIN,
    FINALIZED,
    MISSED,
    OPEN,
    REACHED,
    STOPPED,
    UNIT,
    Sale,
    contribution_word,
    open_sale,
)

STEPS = ((7 * COIN + 3, COIN // 1000 + 1), (11 * COIN + 1, COIN // 700), (20 * COIN, COIN // 300 + 7))
GOAL = 9 * COIN
TIER = {"tierId": 1, "tierPeriods": 3, "tierPrice": PRICE, "tierThreshold": COIN}
CLIFF, VESTING, LENGTH = 10 * DAY, 100 * DAY + 1, 20 * DAY
FUNDS = 10**24
ALLOCATION = 1_000 * UNIT + 7

pick = st.sampled_from
people = st.integers(0, 4)  # founder, three contributors, and one who may be anything


class Mirror:
    """The state of a sale, from its events alone."""

    def __init__(self) -> None:
        self.contributions: dict[str, int] = {}
        self.claims: dict[str, dict[str, Any]] = {}
        self.funds: dict[str, int] = {}
        self.raised = self.tier_money = self.finalized_at = self.released = self.votes = self.stopped_at = 0

    def take(self, receipt: Receipt) -> None:
        for event in receipt.events:
            getattr(self, f"on_{event.name}", lambda fields: None)(event.fields)

    def on_Contributed(self, fields: dict[str, Any]) -> None:  # noqa: N802 - named after the event, as are all
        self.contributions[fields["account"]] = fields["contribution"]
        self.raised, self.tier_money = fields["raised"] >> 160, fields["raised"] >> 64 & 2**96 - 1

    def on_FundsSet(self, fields: dict[str, Any]) -> None:  # noqa: N802
        self.funds[fields["account"]] = fields["funds"]

    def on_CrowdsaleFinalized(self, fields: dict[str, Any]) -> None:  # noqa: N802
        self.finalized_at = fields["finalizedAt"]

    def on_Released(self, fields: dict[str, Any]) -> None:  # noqa: N802
        self.released = fields["released"]

    def on_ContributionRefunded(self, fields: dict[str, Any]) -> None:  # noqa: N802
        if self.finalized_at:
            self.claims[fields["account"]] = self.claim_of(fields["account"]) | {"refunded": True}
        else:
            self.contributions[fields["account"]] = 0

    def on_TokensClaimed(self, fields: dict[str, Any]) -> None:  # noqa: N802
        self.claims[fields["account"]] = fields["claims"]

    def on_MembershipClaimed(self, fields: dict[str, Any]) -> None:  # noqa: N802
        self.claims[fields["account"]] = fields["claims"]

    def on_StopVoted(self, fields: dict[str, Any]) -> None:  # noqa: N802
        self.votes = fields["votes"]
        self.contributions[fields["account"]] |= 2

    def on_CrowdsaleStopped(self, fields: dict[str, Any]) -> None:  # noqa: N802
        self.stopped_at = fields["stoppedAt"]

    def claim_of(self, account: str) -> dict[str, Any]:
        return self.claims.get(account, {"tokens": 0, "periods": 0, "paid": 0, "refunded": False})


class Histories(RuleBasedStateMachine):
    """Contributions, gifts, finalization, releases, claims, votes and refunds of five accounts, in any order."""

    world: World  # set by a subclass: Hypothesis makes the machines

    def __init__(self) -> None:
        super().__init__()
        self.chain = self.world.chain
        self.snapshot = self.chain.rpc("evm_snapshot")
        self.accounts = [self.world.founder, *self.chain.accounts[3:7]]
        self.mirror = Mirror()
        self.joined: dict[str, int] = {}
        self.refunded = self.paid_on = self.vested = 0

    @initialize(bps=pick([2000, 3000, 5000]), tier=st.booleans(), ahead=pick([0, 3, 4, 9]))
    def open(self, bps: int, tier: bool, ahead: int) -> None:
        """`ahead`: how many contributions come first; 9: as many as it takes, and the sale is finalized."""
        now, terms = self.chain.now, TIER if tier else {}
        self.sale: Sale = open_sale(
            self.world, steps=STEPS, goal=GOAL, endsAt=now + LENGTH, stopThresholdBps=bps, cliffSeconds=CLIFF,
            vestingSeconds=VESTING, founderAllocation=ALLOCATION, **terms,
        )  # fmt: skip
        self.model = Model(
            list(STEPS), GOAL, now + LENGTH, CLIFF, VESTING, bps, ALLOCATION, self.world.founder, UNIT,
            3 * PRICE if tier else 0, COIN if tier else 0,
        )  # fmt: skip
        for account in self.accounts if self.world.token else ():
            self.chain.send(self.world.token.mint, account, FUNDS, sender=account)
            self.chain.send(self.world.token.approve, self.sale.address, FUNDS, sender=account)
        for who in range(min(ahead, len(self.accounts))):
            self.contribute(who, who, True, (who + 1) * COIN + who)
        if ahead == 9:
            self.chain.set_time(self.model.ends_at)
            self.finalize()

    def teardown(self) -> None:
        if hasattr(self, "sale"):
            self.settle_up()
        self.chain.rpc("evm_revert", self.snapshot)

    def attempt(self, call: Callable[[], Receipt]) -> str:
        """The name of the error, or nothing; the mirror takes the events."""
        try:
            self.mirror.take(call())
        except Reverted as error:
            return error.name
        return ""

    @rule(
        payer=people,
        recipient=people,
        own=st.booleans(),
        amount=pick([1, COIN // 3, COIN - 1, COIN, 4 * COIN, 9 * COIN + 1, 15 * COIN]),
    )
    def contribute(self, payer: int, recipient: int, own: bool, amount: int) -> None:
        sender = self.accounts[payer]
        account = sender if own else self.accounts[recipient]
        before, held = self.sale.balance(), self.sale.balance(sender)

        result = self.attempt(lambda: self.sale.contribute(amount, sender=sender, recipient=account, funds=0))

        if sender == self.world.founder != account:
            assert result == "GiftByFounder"
        elif self.chain.now >= self.model.ends_at:
            assert result == "CrowdsaleNotOpen"
        elif self.model.raised == self.model.cap:
            assert result == "CrowdsaleFull"
        else:
            assert result == ""
            taken = self.model.contribute(account, amount, gift=account != sender)
            kept = amount if self.world.token is None else taken
            assert (self.sale.balance() - before, held - self.sale.balance(sender)) == (kept, kept)

    @rule()
    def finalize(self) -> None:
        possible = self.model.can_finalize(self.chain.now)

        result = self.attempt(self.sale.finalize)

        assert (result == "") is possible
        if possible:
            self.model.finalized_at = self.chain.now

    @rule()
    def release(self) -> None:
        due, community = self.model.releasable(self.chain.now), self.world.community.address
        before = self.world.balance(community)

        result = self.attempt(self.sale.release)

        assert (result == "NothingToRelease") is (due == 0)
        assert self.world.balance(community) - before == due
        self.model.released += due

    @rule(who=people)
    def claim(self, who: int) -> None:
        account = self.accounts[who]
        due = self.model.claimable(account, self.chain.now)

        result = self.attempt(lambda: self.sale.claim(account))

        assert (result == "NothingToClaim") is (due == 0)
        self.model.backer(account).tokens += due

    @rule(who=people, periods=pick([1, 2, 3]))
    def join(self, who: int, periods: int) -> None:
        account = self.accounts[who]
        claims = self.mirror.claim_of(account)
        left = (3 if self.model.backer(account).tier else 0) - claims["periods"]

        result = self.attempt(lambda: self.sale.join(periods, sender=account, token_id=self.joined.get(account, 0)))

        if not self.model.finalized_at:
            assert result == "CrowdsaleNotFinalized"
        elif periods > left:
            assert result == "PeriodsInvalid"
        else:
            assert result == ""
            assert self.mirror.claim_of(account)["paid"] - claims["paid"] == periods * PRICE
            self.joined.setdefault(account, self.token_of(account))
            self.paid_on += periods * PRICE

    @rule(who=people)
    def vote(self, who: int) -> None:
        account = self.accounts[who]
        possible = self.model.can_vote(account, self.chain.now)

        result = self.attempt(lambda: self.sale.vote(account))

        assert (result == "") is possible
        if possible:
            self.model.vote(account, self.chain.now)

    @rule(who=people)
    def refund(self, who: int) -> None:
        account = self.accounts[who]
        due, before = self.model.refund_of(account, self.chain.now), self.sale.balance(account)

        result = self.attempt(lambda: self.sale.refund(account))

        assert (result == "NothingToRefund") is (due == 0)
        assert self.sale.balance(account) - before == due
        if due:
            self.model.backer(account).refunded = due
        self.refunded += due

    @rule(who=people)
    def withdraw(self, who: int) -> None:
        account = self.accounts[who]
        due, before = self.mirror.funds.get(account, 0), self.sale.balance(account)

        result = self.attempt(lambda: self.chain.send(self.sale.contract.withdrawFunds, account, sender=account))

        assert (result == "NothingToWithdraw") is (due == 0)
        assert self.sale.balance(account) - before == due

    @rule(seconds=pick([1, DAY, CLIFF - 1, CLIFF, LENGTH, LENGTH, VESTING // 3, VESTING]))
    def wait(self, seconds: int) -> None:
        self.chain.advance(seconds)

    def token_of(self, account: str) -> int:
        """The membership of an account, which joined just now: serials count up."""
        serial = 1
        while self.chain.read(self.world.membership.ownerOf, (1 << 24) + serial) != account:
            serial += 1
        return (1 << 24) + serial

    def settle_up(self) -> None:
        """At last everybody takes what it can; nothing is left but what division left over."""
        self.chain.advance(VESTING)
        if self.model.can_finalize(self.chain.now):
            self.finalize()
        self.chain.advance(VESTING)
        self.release()
        for who, account in enumerate(self.accounts):
            self.refund(who)
            self.claim(who)
            self.withdraw(who)
            left = (3 if self.model.backer(account).tier else 0) - self.mirror.claim_of(account)["periods"]
            if left and self.model.finalized_at:
                self.join(who, left)
        self.the_books_balance_to_the_unit()
        assert 0 <= self.sale.balance() < len(self.accounts)

    @invariant()
    def the_books_balance_to_the_unit(self) -> None:
        """I10, and that no money is anywhere else."""
        given_out = self.model.released + self.refunded
        assert given_out + self.paid_on <= self.model.raised <= self.model.cap
        funds = sum(self.mirror.funds.values())
        assert self.sale.balance() == self.model.raised + funds - given_out - self.paid_on

    @invariant()
    def everybody_has_what_the_model_says(self) -> None:
        for account in self.accounts:
            backer = self.model.backer(account)
            word = contribution_word(backer.amount, backer.bought, tier=backer.tier, voted=backer.voted)
            refunded = backer.refunded and not self.model.finalized_at
            assert self.mirror.contributions.get(account, 0) == (0 if refunded else word)
            assert self.sale.refund_of(account) == self.model.refund_of(account, self.chain.now)
            if not refunded:
                assert self.sale.claimable(account)["tokens"] == self.model.claimable(account, self.chain.now)
        assert self.sale.releasable() == self.model.releasable(self.chain.now)

    @invariant()
    def tokens_stay_within_what_was_sold(self) -> None:
        """I10 and I23: Σ claimed ≤ sold ≤ maximum."""
        claimed = [self.sale.tokens_of(account) for account in self.accounts]
        sold = sum(self.model.allocation_of(account) for account in self.accounts)
        assert claimed == [self.model.backer(account).tokens for account in self.accounts]
        assert sum(claimed) == self.sale.token.totalSupply() <= sold <= self.sale.token.maximum()

    @invariant()
    def money_and_tokens_vest_together_and_never_back(self) -> None:
        """I10 and I20: one fraction for both, which never falls."""
        fraction = self.model.vested(10**30, self.chain.now)
        assert fraction >= self.vested
        assert self.model.released <= self.model.scheduled * fraction // 10**30 + 1
        self.vested = fraction

    @invariant()
    def nothing_is_released_unless_the_goal_was_reached(self) -> None:
        if self.model.raised < self.model.goal:
            assert (self.model.released, self.sale.token.totalSupply(), self.paid_on) == (0, 0, 0)

    @invariant()
    def events_alone_tell_the_state(self) -> None:
        totals, mirror = self.sale.totals(), self.mirror
        assert (totals["raised"], totals["tierMoney"], totals["finalizedAt"]) == (
            mirror.raised, mirror.tier_money, mirror.finalized_at,
        )  # fmt: skip
        assert (totals["released"], totals["votes"], totals["stoppedAt"]) == (
            mirror.released, mirror.votes, mirror.stopped_at,
        )  # fmt: skip
        for account in self.accounts:
            shown = self.sale.contribution(account)
            word = contribution_word(shown["amount"], shown["bought"], tier=shown["tier"], voted=shown["voted"])
            assert (word, self.sale.claims(account), self.sale.funds_of(account)) == (
                mirror.contributions.get(account, 0), mirror.claim_of(account), mirror.funds.get(account, 0),
            )  # fmt: skip

    @invariant()
    def state_is_what_the_model_says(self) -> None:
        model, now = self.model, self.chain.now
        if model.stopped_at:
            expected = STOPPED
        elif model.finalized_at:
            expected = FINALIZED
        elif model.raised == model.cap:
            expected = REACHED
        elif now < model.ends_at:
            expected = OPEN
        else:
            expected = REACHED if model.raised >= model.goal else MISSED
        assert self.sale.status() == expected


def histories(world: World, *, examples: int, steps: int) -> None:
    bound = type("BoundHistories", (Histories,), {"world": world})
    run_state_machine_as_test(
        bound,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.fixture(scope="session", params=["native", "tokened"])
def played_world(request: pytest.FixtureRequest) -> World:
    world: World = request.getfixturevalue(f"played_{request.param}")
    return world


def test_invariants_hold_in_random_histories(played_world: World) -> None:
    histories(played_world, examples=25, steps=30)


@pytest.mark.deep
def test_invariants_hold_in_long_random_histories(played_world: World) -> None:
    histories(played_world, examples=400, steps=60)
