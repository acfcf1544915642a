"""A random history of one crowdsale of each kind: its handlers"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.contracts.invariants.arena import CURRENCIES, MONTHLY, TIERS
from tests.contracts.invariants.economy import DAY
from tests.contracts.invariants.play import Choices, Play, handler
from tests.contracts.invariants.sale_shadow import MEMBERSHIP, OWN_CLAIM, RESTRICTED, UTILITY, SaleShadow, Terms
from tests.contracts.invariants.shadow import Plan
from tests.factories.crowdsales import Sale, open_sale

KINDS = ("memberships", "utility", "utility with a tier", "restricted")
# Prices that nothing divides: a token costs 3, then 7 units; a period what the tier costs, then twice that.
TOKEN_STEPS = ((500_003, 3), (1_000_007, 7))
PERIOD = int(TIERS[MONTHLY]["price"])
PERIOD_STEPS = ((20 * PERIOD, PERIOD), (40 * PERIOD, 2 * PERIOD))
TIER_STEPS = ((10_000_019, 3), (20_000_003, 7))
LENGTH = 30 * DAY
CLIFF, VESTING, LOCKUP, STOP_BPS = 10 * DAY, 100 * DAY, 20 * DAY, 3_000
ALLOCATION = 12_345 * 10**18 + 1
WAITS = (1, 3_600, DAY, DAY, 3 * DAY, 7 * DAY, 13 * DAY, 31 * DAY)


class Sales(Play):
    """Contributions, the schedule, votes, claims, refunds, and what happens to tokens."""

    shadow: SaleShadow
    sale: Sale

    @initialize(currency=st.sampled_from(CURRENCIES), kind=st.sampled_from(KINDS), temper=st.integers(0, 3))
    def begin(self, currency: str, kind: str, temper: int) -> None:
        self.enter(currency, temper)
        asset = {"memberships": MEMBERSHIP, "restricted": RESTRICTED}.get(kind, UTILITY)
        steps = PERIOD_STEPS if asset == MEMBERSHIP else TIER_STEPS if "tier" in kind else TOKEN_STEPS
        changes: dict[str, Any] = {"steps": steps, "goal": steps[0][0] // 2, "endsAt": self.chain.now + LENGTH}
        if asset != MEMBERSHIP:
            schedule = {"cliffSeconds": CLIFF, "vestingSeconds": VESTING, "stopThresholdBps": STOP_BPS}
            changes |= schedule | {"founderAllocation": ALLOCATION}
        if asset == RESTRICTED:
            changes |= {"lockupSeconds": LOCKUP, "accountMax": 400_000}
        if "tier" in kind:
            tier = {"tierId": MONTHLY, "tierPeriods": 3, "tierPrice": PERIOD, "tierThreshold": 4 * PERIOD}
            changes |= tier | {"accountMin": 11}
        self.sale = open_sale(self.world, asset, **changes)
        names = {"accountMin", "accountMax", "tierPeriods", "tierPrice", "tierThreshold", "cliffSeconds"}
        fields = {name: self.sale.terms[name] for name in names}
        self.shadow = SaleShadow(
            Terms(
                asset,
                self.sale.terms["endsAt"],
                self.sale.terms["goal"],
                steps,
                fields["accountMin"],
                fields["accountMax"],
                fields["tierPeriods"],
                fields["tierPrice"],
                fields["tierThreshold"],
                fields["cliffSeconds"],
                self.sale.terms["vestingSeconds"],
                self.sale.terms["stopThresholdBps"],
                self.sale.terms["founderAllocation"],
                self.sale.terms["lockupSeconds"],
            ),
            founder=self.arena.founder,
            native=self.world.token is None,
            now=self.chain.now,
        )
        self.people = [*self.arena.wallets[:4], str(self.arena.hostile.address)]
        self.vested: dict[str, int] = {}  # that invariants compare with
        self.memberships: dict[str, int] = {}
        if asset == RESTRICTED:
            self.attest([*self.people, self.arena.founder], self.chain.now + 200 * DAY)

    def before_step(self) -> None:
        self.shadow.now = self.chain.now

    def callback(self) -> tuple[str, bytes]:
        """What would take money out in the middle of a payment."""
        hostile, contract = self.arena.hostile, self.sale.contract
        refund = hostile.execute.encode_input(contract.address, contract.release.encode_input())
        return hostile.address, refund

    # Contributions

    @handler(16, needs=lambda self: self.open or self.now_and_then())
    def contribute(self, choices: Choices) -> None:
        shadow = self.shadow
        recipient = choices.choice([*self.people, self.arena.founder])
        payer = recipient if choices.random() < 0.7 else choices.choice(self.people)
        steps = shadow.terms.steps
        unit = PERIOD if shadow.terms.asset == MEMBERSHIP else 1
        amount = unit * choices.choice((1, 2, 5, 9, 60)) if unit > 1 else choices.randrange(1, steps[0][0] // 2)
        if unit == 1 and shadow.terms.tier_money and choices.random() < 0.5:
            amount = shadow.terms.threshold + choices.randrange(1_000)
        if shadow.terms.asset == MEMBERSHIP and shadow.raised >= steps[0][0]:
            amount = 2 * PERIOD * choices.choice((1, 2, 30))
        most = steps[-1][1] if choices.randrange(6) else steps[0][1]
        plan = shadow.plan_contribution(amount, most, payer, recipient, 0)
        taken = shadow.taken_of(amount)
        value = self.fund_for(payer, amount, self.sale.address)
        arguments = (amount, most, self.world.currency, recipient, 0)
        with self.cheated(choices, plan, taken, pulls=True, callback=self.callback()):
            name = "contribute" if payer == recipient else "contribute for another"
            self.must(name, payer, plan, self.sale.contract.contribute, *arguments, value=value)

    @handler(2, needs=lambda self: any(backer.funds for backer in self.shadow.backers.values()))
    def withdraw_funds(self, choices: Choices) -> None:
        account = choices.choice([account for account, backer in self.shadow.backers.items() if backer.funds])
        backer = self.shadow.backers[account]
        amount, before = backer.funds, self.cash(account)
        plan = Plan(self.refuses_coins(account), lambda: setattr(backer, "funds", 0))
        if self.must("withdraw funds", account, plan, self.sale.contract.withdrawFunds, account):
            assert self.cash(account) - before == amount

    # The schedule

    @handler(4, needs=lambda self: not self.shadow.finalized_at and (not self.open or self.now_and_then()))
    def finalize(self, choices: Choices) -> None:
        plan = self.shadow.plan_finalization()
        if self.must("finalize", self.arena.keeper, plan, self.sale.contract.finalize) and choices.random() < 0.7:
            self.chain.advance(CLIFF)

    @handler(8, needs=lambda self: self.shadow.plan_release()[1] or self.now_and_then())
    def release(self, choices: Choices) -> None:
        plan, amount = self.shadow.plan_release()
        before = self.world.balance(self.world.community.address)
        with self.cheated(choices, plan, amount, pulls=False, callback=self.callback()):
            done = self.must("release", self.arena.keeper, plan, self.sale.contract.release)
        if done:
            assert self.world.balance(self.world.community.address) - before == amount

    @handler(8, needs=lambda self: self.shadow.finalized_at and self.sale.token)
    def claim_tokens(self, choices: Choices) -> None:
        everybody = [*self.people, self.arena.founder]
        due = [account for account in everybody if self.shadow.plan_token_claim(account)[1]]
        account = choices.choice(due if due and not choices.rarely() else everybody)
        plan, amount = self.shadow.plan_token_claim(account)
        receipt = self.must("claim tokens", self.arena.keeper, plan, self.sale.contract.claimTokens, account)
        if receipt:
            assert receipt.only("TokensClaimed")["amount"] == amount

    @handler(6, needs=lambda self: self.shadow.finalized_at and self.shadow.terms.asset != RESTRICTED)
    def claim_membership(self, choices: Choices) -> None:
        due = [account for account in self.people if self.shadow.periods_left(account)[0]]
        account = choices.choice(due or self.people)
        left, _ = self.shadow.periods_left(account)
        periods = choices.choice((1, left, left, left + 1, min(left, 5)))
        by = self.arena.keeper if choices.randrange(4) == 0 else account
        plan, amount = self.shadow.plan_membership(account, account, periods, by)
        token_id = self.memberships.get(account, 0)
        if not plan.reasons and self.too_far_ahead(token_id, periods):
            plan.reasons.add("PaidTooFarAhead")
        before = self.world.balance(self.world.membership.address)
        method = self.sale.contract.claimMembership
        receipt = self.must("claim membership", by, plan, method, account, account, periods, token_id)
        if receipt:
            self.memberships[account] = receipt.only("MembershipClaimed")["tokenId"]
            assert self.world.balance(self.world.membership.address) - before == amount

    def too_far_ahead(self, token_id: int, periods: int) -> bool:
        """E6: whoever pays, and however."""
        expires = int(self.chain.read(self.world.membership.expiresAt, token_id)) if token_id else 0
        return max(expires, self.chain.now) + periods * 30 * DAY > self.chain.now + 730 * DAY

    @handler(5, needs=lambda self: self.running or (self.sale.token and self.now_and_then()))
    def vote(self, choices: Choices) -> None:
        account = choices.choice([*self.people, self.arena.founder])
        self.must("vote", account, self.shadow.plan_vote(account), self.sale.contract.voteStop)

    @handler(10, needs=lambda self: self.refundable() or self.now_and_then())
    def refund(self, choices: Choices) -> None:
        account = choices.choice(self.refundable() or [*self.people, self.arena.founder])
        to = account if choices.random() < 0.7 else choices.choice(self.people)
        plan, amount = self.shadow.plan_refund(account)
        plan.reasons |= self.refuses_coins(to)
        before = self.cash(to)
        with self.cheated(choices, plan, amount, pulls=False, callback=self.callback()):
            done = self.must("refund", account, plan, self.sale.contract.claimRefund, to)
        if done:
            assert self.cash(to) - before == amount, f"I10: {amount} was to be refunded"

    # The token

    @handler(5, needs=lambda self: self.shadow.supply)
    def transfer(self, choices: Choices) -> None:
        shadow = self.shadow
        giver, to = choices.choice([who for who, balance in shadow.balances.items() if balance]), self.person(choices)
        amount = choices.choice((1, shadow.balances[giver], shadow.balances[giver] // 3))
        plan = shadow.plan_transfer(giver, to, amount)
        self.must("transfer tokens", giver, plan, self.sale.token.transfer, to, amount)

    @handler(3, needs=lambda self: self.shadow.terms.asset == RESTRICTED)
    def govern_token(self, choices: Choices) -> None:
        account, token = self.person(choices), self.sale.token
        if choices.random() < 0.5:
            self.attest([account], choices.choice((0, self.chain.now + 50 * DAY, self.chain.now + 500 * DAY)))
        else:
            frozen = account not in self.shadow.frozen and choices.random() < 0.5
            change = self.shadow.frozen.add if frozen else self.shadow.frozen.discard
            plan = Plan(set(), lambda: change(account))
            self.must("freeze or thaw", self.arena.founder, plan, token.setFrozen, account, frozen)

    def attest(self, accounts: list[str], until: int) -> None:
        plan = Plan(set(), lambda: self.shadow.attested.update(dict.fromkeys(accounts, until)))
        self.must("attest", self.arena.founder, plan, self.sale.token.attest, accounts, until)

    @handler(
        6, needs=lambda self: self.shadow.terms.asset == RESTRICTED and (self.shadow.supply or self.now_and_then())
    )
    def distribute(self, choices: Choices) -> None:
        amount, payer = choices.choice((1, 777, 1_000_003)), self.arena.keeper
        plan = Plan(set() if self.shadow.supply else {"NothingHeld"}, lambda: self.shadow.distribute(amount))
        value = self.fund_for(payer, amount, self.sale.token.address)
        with self.cheated(choices, plan, amount, pulls=True, callback=self.income_callback()):
            method = self.sale.token.distribute
            self.must("distribute", payer, plan, method, amount, self.world.currency, value=value)

    @handler(6, needs=lambda self: self.shadow.distributed)
    def claim_income(self, choices: Choices) -> None:
        account = choices.choice([each for each, balance in self.shadow.balances.items() if balance] or self.people)
        due = self.chain.read(self.sale.token.incomeOf, account)["due"]
        backer = self.shadow.backer(account)
        reasons = {"TransferRestricted"} if account in self.shadow.frozen else set()
        if not due:
            reasons.add("NothingToClaim")

        def apply() -> None:
            backer.income_claimed += due

        plan = Plan(reasons | self.refuses_coins(account), apply)
        before = self.cash(account)
        with self.cheated(choices, plan, due, pulls=False, callback=self.income_callback()):
            done = self.must("claim income", account, plan, self.sale.token.claimIncome, account, account)
        if done:
            assert self.cash(account) - before == due

    def income_callback(self) -> tuple[str, bytes]:
        hostile, token = self.arena.hostile, self.sale.token
        claim = token.claimIncome.encode_input(hostile.address, hostile.address)
        return hostile.address, hostile.execute.encode_input(token.address, claim)

    # Time and accidents

    @handler(8)
    def wait(self, choices: Choices) -> None:
        self.chain.advance(choices.choice(WAITS[:4] if self.open and choices.randrange(8) else WAITS))
        self.note("wait")

    @handler(1, needs=lambda self: self.shadow.finalized_at)
    def wait_long(self, choices: Choices) -> None:
        self.chain.advance(choices.choice((OWN_CLAIM, VESTING)))
        self.note("wait")

    @handler(1)
    def sweep(self, choices: Choices) -> None:
        stray = self.arena.stray
        self.chain.send(stray.mint, self.sale.address, 5, sender=self.arena.hand)
        token = self.world.currency if choices.randrange(3) == 0 else stray.address
        plan = Plan({"CurrencyNotSwept"} if token == self.world.currency else set(), lambda: None)
        self.must("sweep", self.arena.keeper, plan, self.sale.contract.sweep, token)

    @handler(1)
    def change_temper(self, choices: Choices) -> None:
        self.set_temper(choices.randrange(4))
        self.note("change temper")

    @property
    def open(self) -> bool:
        return self.shadow.now < self.shadow.terms.ends_at and self.shadow.raised < self.shadow.terms.cap

    @property
    def running(self) -> bool:
        """The schedule runs, and can be stopped."""
        shadow = self.shadow
        ends = shadow.finalized_at + shadow.terms.vesting
        return bool(self.sale.token and shadow.finalized_at and not shadow.stopped_at and shadow.now < ends)

    def refundable(self) -> list[str]:
        return [account for account in [*self.people, self.arena.founder] if self.shadow.refund_of(account)]

    def now_and_then(self) -> bool:
        return self.steps % 16 == 0

    def person(self, choices: Choices) -> str:
        return choices.choice(self.people)
