"""Handlers: what the community does, the division of its income, accidents, and time"""

from dataclasses import replace

from tests.contracts.invariants import arena as stage
from tests.contracts.invariants.economy import DAY, HOUR, YEAR, Rates
from tests.contracts.invariants.holding import collected, due_of, plan_rates, share_out
from tests.contracts.invariants.leaving import Leavings
from tests.contracts.invariants.play import Choices, handler
from tests.contracts.invariants.shadow import NOBODY, Plan

WAITS = (1, 600, HOUR, 6 * HOUR, DAY - 1, DAY, DAY, 3 * DAY, 10 * DAY, 15 * DAY, 30 * DAY, 38 * DAY, 60 * DAY)


class Governings(Leavings):
    """All entry points of a membership contract, and those of its community that divide its income."""

    def __init__(self) -> None:
        super().__init__()
        self.announced: tuple[str, int, int] | None = None
        self.locked_until = 0

    @handler(24)
    def wait(self, choices: Choices) -> None:
        self.chain.advance(YEAR if choices.randrange(30) == 0 else choices.choice(WAITS))
        self.successes["wait"] += 1

    @handler(5)
    def set_price(self, choices: Choices) -> None:
        number = choices.choice(list(self.shadow.tiers))
        tier = self.shadow.tiers[number]
        before = stage.TIERS[number]["price"]
        price = choices.choice(
            (before, before // 2, before * 3 // 2 + 1, 1_000_003 if number == stage.FREE else before)
        )
        if choices.rarely():
            price = 0
        pending = price > tier.price and self.chain.now < tier.notice_ends

        def apply() -> None:
            tier.set_price(price, self.chain.now, self.shadow.notice)
            self.past.prices[number].append((self.chain.now, price))

        plan = Plan({"PriceRisePending"} if pending else set(), apply)
        self.act("set price", self.arena.founder, plan, self.membership.setTierPrice, number, price)

    @handler(3)
    def pause(self, choices: Choices) -> None:
        number = choices.choice(list(self.shadow.tiers))
        tier = self.shadow.tiers[number]
        paused = not tier.paused and choices.random() < 0.5
        plan = Plan(set(), lambda: setattr(tier, "paused", paused))
        by = self.arena.founder
        if choices.rarely():
            by = self.arena.office
            plan.reasons.add("NotOwner")
        self.act("pause", by, plan, self.membership.setTierPaused, number, paused)

    @handler(2)
    def retire(self, choices: Choices) -> None:
        """Rarely, as it is for good."""
        number = choices.choice(list(self.shadow.tiers))
        tier = self.shadow.tiers[number]
        at = self.chain.now + self.shadow.notice + choices.choice((0, 10 * DAY)) - choices.rarely()
        reasons = {"TierRetired"} if tier.retires_at else set()
        if at < self.chain.now + self.shadow.notice:
            reasons.add("RetirementTooSoon")
        if sum(bool(each.retires_at) for each in self.shadow.tiers.values()) >= 2:
            return
        plan = Plan(reasons, lambda: setattr(tier, "retires_at", at))
        self.act("retire", self.arena.founder, plan, self.membership.retireTier, number, at)

    @handler(3)
    def set_access(self, choices: Choices) -> None:
        number = choices.choice(list(self.shadow.tiers))
        tier = self.shadow.tiers[number]
        invited = number == stage.CLUB or choices.rarely()
        root = self.arena.list.root if number == stage.LISTED or choices.rarely() else b""
        discount = choices.choice((0, 1, 1_000, 2_000))

        def apply() -> None:
            tier.invitation_only, tier.root, tier.discount = invited, root, discount

        arguments = (number, invited, root or b"\0" * 32, discount)
        self.act("set access", self.arena.founder, Plan(set(), apply), self.membership.setTierAccess, *arguments)

    @handler(2)
    def set_rates(self, choices: Choices) -> None:
        levels = sorted(choices.choice((0, 300, 500, 1_000, 2_999, 3_000)) for _ in range(3))
        if choices.rarely():
            levels[2] = 3_001
        bronze, silver, gold = levels
        rates = Rates(bronze, silver, gold, choices.choice((1, 1, 2)), choices.choice((2, 2, 3)))
        arguments = (*levels, rates.silver_from, rates.gold_from, 12_345)
        self.act("set rates", self.arena.founder, plan_rates(self.shadow, rates), self.membership.setRates, arguments)

    # Division

    @handler(10)
    def collect(self, choices: Choices) -> None:
        offices = self.shadow.source.offices
        accounts = [self.shadow.owner, *(who for who, bps in offices.parts() if bps), *self.shadow.source.carried]
        store = self.shadow.store_earned > 0 and choices.random() < 0.4
        source, earned = (
            (self.shadow.store, self.shadow.store_earned) if store else (self.shadow.source, self.shadow.earned)
        )
        due = [account for account in accounts if sum(due_of(self.shadow, source, account, earned))]
        account = choices.choice(due if due and not choices.rarely() else [self.shadow.owner])
        self.send_collect(choices, account, store=store)

    def send_collect(self, choices: Choices, account: str, *, store: bool) -> None:
        shadow, community = self.shadow, self.world.community
        source = shadow.store if store else shadow.source
        address = self.world.store.address if store else self.membership.address
        earned = shadow.store_earned if store else shadow.earned
        amount = sum(due_of(shadow, source, account, earned))
        found = self.chain.read(community.dueOf, address, account)
        assert found == amount, f"E18: {account} is due {found}, should be due {amount}"

        def apply() -> None:
            collected(shadow, source, account, earned)
            if store:
                shadow.store_withdrawn += amount
            else:
                shadow.withdrawn += amount

        plan = Plan(set() if amount else {"NothingDue"}, apply)
        plan.reasons |= self.refuses_coins(account, amount)
        before, by = self.world.balance(account), self.arena.keeper
        with self.misbehaving_token(choices, plan, pulls=False, amount=amount, source=address):
            name = "collect of the store" if store else "collect"
            receipt = self.act(name, by, plan, community.collect, address, account, gains=lambda: amount)
        if receipt:
            assert self.world.balance(account) - before == amount, (
                f"I2: {amount} was due to {account}, got {self.world.balance(account) - before}"
            )
            assert receipt.only("Collected")["amount"] == amount
            if account == self.arena.parent.address:
                self.shadow.parent_earned += amount

    @handler(4, needs=lambda self: self.shadow.parent_earned)
    def collect_received(self, choices: Choices) -> None:
        """E18, E19: what the parent was paid is a source of its own, in the currency that came."""
        shadow, parent, currency = self.shadow, self.arena.parent, self.world.currency
        account = choices.choice((self.arena.founder, self.arena.operator))
        amount = sum(due_of(shadow, shadow.parent, account, shadow.parent_earned))
        found = self.chain.read(parent.dueOf, currency, account)
        assert found == amount, f"E18: {account} is due {found} by the parent, should be due {amount}"
        earned = shadow.parent_earned
        plan = Plan(set() if amount else {"NothingDue"}, lambda: collected(shadow, shadow.parent, account, earned))
        with self.misbehaving_token(choices, plan, pulls=False, amount=amount, source=currency):
            keeper = self.arena.keeper
            self.act("collect of the parent", keeper, plan, parent.collect, currency, account)

    @handler(3)
    def split(self, choices: Choices) -> None:
        hostile = str(self.arena.hostile.address)
        accounts = choices.sample([*self.arena.cofounders, hostile, self.arena.operator], choices.randrange(4))
        splits = [(account, choices.choice((1, 333, 2_500))) for account in accounts]
        lock = self.chain.now + choices.choice((0, 0, 10 * DAY))
        if choices.rarely() and splits:
            splits[0] = (splits[0][0], 10_000)
        reasons = {"SplitsLocked"} if self.chain.now < self.locked_until else set()
        if sum(bps for _, bps in splits) + 500 + self.shadow.offices.parent_bps > 10_000:
            reasons.add("SplitsInvalid")

        def apply() -> None:
            self.locked_until = lock
            share_out(self.shadow, replace(self.shadow.offices, splits=tuple(splits)))

        plan = Plan(reasons, apply)
        self.act("set splits", self.arena.founder, plan, self.world.community.setSplits, splits, lock)

    @handler(2)
    def lower_parent_share(self, choices: Choices) -> None:
        before = self.shadow.offices.parent_bps
        bps = before - choices.choice((0, 1, 100)) if before >= 100 else 0
        if choices.rarely():
            bps = before + 1
        reasons = {"ParentShareRaised"} if bps > before else set()
        plan = Plan(reasons, lambda: share_out(self.shadow, replace(self.shadow.offices, parent_bps=bps)))
        self.act("lower parent's share", self.arena.founder, plan, self.world.community.lowerParentShare, bps)

    @handler(4)
    def announce_operator(self, choices: Choices) -> None:
        account = choices.choice((self.arena.operator, self.arena.cofounders[0], NOBODY))
        bps = 0 if account == NOBODY else choices.choice((0, 1, 499, 500, 500 + choices.rarely()))
        reasons = {"OperatorShareTooHigh"} if bps > 500 else set()

        def apply() -> None:
            self.announced = (account, bps, self.chain.now + self.shadow.notice)

        method = self.world.community.announceOperator
        self.act("announce operator", self.arena.founder, Plan(reasons, apply), method, account, bps)

    @handler(8, needs=lambda self: self.announced)
    def replace_operator(self, choices: Choices) -> None:
        account, bps, since = self.announced or (NOBODY, 0, 0)
        if self.chain.now < since and not choices.rarely():
            self.chain.advance(since - self.chain.now)
        reasons = {"OperatorNotDue"} if self.chain.now < since else set()
        self.shadow.now = self.chain.now

        def apply() -> None:
            self.announced = None
            share_out(self.shadow, replace(self.shadow.offices, operator=account, operator_bps=bps))

        self.act("replace operator", self.arena.keeper, Plan(reasons, apply), self.world.community.replaceOperator)

    @handler(1)
    def hand_over(self, choices: Choices) -> None:
        """The rest is the owner's of the day; nothing else changes hands."""
        to = choices.choice(self.arena.cofounders)
        community = self.world.community
        with self.chain.undone():
            self.chain.send(community.offerOwnership, to, sender=self.arena.founder)
            with self.chain.impersonated(to):
                self.chain.send(community.acceptOwnership, sender=to)
            before = self.chain.read(community.dueOf, self.membership.address, to)
            share, _ = due_of(self.shadow, self.shadow.source, to, self.shadow.earned)
            rest = self.shadow.source.rest(self.shadow.earned)
            assert before == share + rest, f"E18: the new owner is due {before}"
        self.successes["hand over"] += 1

    # Accidents

    @handler(2, needs=lambda self: not self.shadow.native)
    def donate(self, choices: Choices) -> None:
        """I1 holds with more than is owed; nobody can take what was sent unasked."""
        amount = choices.randrange(1, 1_000)
        self.chain.send(self.world.token.mint, self.membership.address, amount, sender=self.arena.hand)
        self.shadow.books.donated += amount
        self.successes["donate"] += 1

    @handler(2)
    def sweep(self, choices: Choices) -> None:
        stray, to = self.arena.stray, self.arena.cofounders[0]
        self.chain.send(stray.mint, self.membership.address, 5, sender=self.arena.hand)
        before = self.chain.balance(to, stray.address)
        token = self.world.currency if choices.rarely() else stray.address
        plan = Plan({"CurrencyNotSwept"} if token == self.world.currency else set(), lambda: None)
        if self.act("sweep", self.arena.office, plan, self.membership.sweep, token, to):
            assert self.chain.balance(to, stray.address) > before

    @handler(3)
    def change_temper(self, choices: Choices) -> None:
        self.set_temper(choices.randrange(4))
        self.successes["change temper"] += 1
