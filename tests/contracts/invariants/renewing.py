"""Handlers: renewals by holders, sponsors and keepers, consent, prepaid funds, grants, settling, seats"""

from typing import Any

from tests.contracts.invariants.economy import DAY, FOR_LIFE, GRACE, HOUR
from tests.contracts.invariants.entering import (
    keeper_status,
    plan_grant,
    plan_keeper_renewal,
    plan_renewal,
    releasable,
)
from tests.contracts.invariants.holding import plan_consent, plan_release, plan_withdrawal, settled_by_anybody
from tests.contracts.invariants.joining import NO_PERMIT, Joins
from tests.contracts.invariants.play import Choices, handler
from tests.contracts.invariants.shadow import Member, Plan


class Renewals(Joins):
    """Of memberships that exist."""

    @handler(10, needs=lambda self: self.shadow.members)
    def renew(self, choices: Choices) -> None:
        member = choices.choice(self.members(choices, self.renewable))
        payer = member.holder if choices.random() < 0.6 else self.account(choices)
        name = "renew" if payer == member.holder else "renew for another"
        self.send_renewal(name, choices, member, payer, self.periods(choices))

    @handler(4, needs=lambda self: self.shadow.members)
    def renew_with_badge(self, choices: Choices) -> None:
        unbound = self.members(choices, lambda each: self.renewable(each) and not each.badge and not each.chosen)
        member = choices.choice(unbound)
        badge = self.some_badge(choices, member.holder) if choices.randrange(6) else 0
        self.send_renewal("renew with badge", choices, member, member.holder, 1, badge=badge, plain=False)

    @handler(6, needs=lambda self: self.shadow.members and (self.shadow.native or self.steps % 8 == 0))
    def renew_subscription(self, choices: Choices) -> None:
        """ERC-5643 has no price: in an ERC-20 community nothing would guard it."""
        member = choices.choice(self.members(choices, self.renewable))
        periods, period = self.periods(choices), self.shadow.tiers[member.tier_id].period
        plan = plan_renewal(self.shadow, member, periods, member.holder)
        if not period:
            plan.reasons.add("PeriodsInvalid")
        if not self.shadow.native:
            plan.reasons.add("CurrencyMismatch")
        amount = self.shadow.renewal_price(member) * periods if self.shadow.native else 0
        method = self.membership.renewSubscription
        self.act("renew subscription", member.holder, plan, method, member.token_id, period * periods, value=amount)

    @handler(8, needs=lambda self: self.shadow.consents)
    def renew_by_keeper(self, choices: Choices) -> None:
        member = choices.choice(self.members(choices, lambda each: keeper_status(self.shadow, each) <= {"TooEarly"}))
        if keeper_status(self.shadow, member) == {"TooEarly"} and not choices.rarely():
            self.chain.set_time(member.expires_at + choices.choice((-HOUR, 0, DAY)))
            self.shadow.now = self.chain.now
        price = self.shadow.renewal_price(member)
        tip = choices.choice((0, price // 50, price // 100, price // 50 + choices.rarely()))
        keeper = choices.choice([self.arena.keeper, self.account(choices)])
        poor = choices.rarely()
        if self.shadow.native and not poor:
            self.add_prepaid(member.holder, price)
        plan = plan_keeper_renewal(self.shadow, member, keeper, tip)
        if not self.shadow.native and price:
            self.fund(member.holder, 0 if poor else price)
            if poor and self.world.token.allowance(member.holder, self.membership.address) < price:
                plan.reasons.add("RenewalImpossible")
        before, consent = member.expires_at, self.shadow.consent_of(member)
        cash = self.cash(member.holder)
        receipt = None
        with self.misbehaving_token(choices, plan, pulls=True, amount=price):
            method = self.membership.renewFor
            receipt = self.act(
                "renew by keeper", keeper, plan, method, member.token_id, tip, value=0, gains=lambda: tip
            )
        if receipt is None or consent is None:
            return
        if keeper != member.holder:
            pulled = cash - self.cash(member.holder)
            assert pulled == (0 if self.shadow.native else price), f"I8: pulled {pulled}"
        assert price <= consent.max_price, f"I8: {price} is above {consent}"
        last = self.past.keeper_renewals.get(member.token_id, 0)
        early = min(DAY, self.shadow.tiers[member.tier_id].period // 10)
        assert self.chain.now >= last - early or last > before, f"I8: twice in a period, {last}"
        self.past.keeper_renewals[member.token_id] = member.expires_at

    def add_prepaid(self, account: str, amount: int) -> None:
        plan = Plan(set(), lambda: self.shadow.add_funds(account, amount))
        self.act("add funds", self.arena.keeper, plan, self.membership.addFunds, account, value=amount)

    @handler(2, needs=lambda self: self.shadow.native)
    def add_funds(self, choices: Choices) -> None:
        self.add_prepaid(self.account(choices), choices.choice((0, 1, 7_001, 2_000_006)))

    @handler(4, needs=lambda self: any(self.shadow.funds.values()))
    def withdraw_funds(self, choices: Choices) -> None:
        account = choices.choice([account for account, funds in self.shadow.funds.items() if funds])
        funds = self.shadow.funds[account]
        amount = choices.choice((funds, funds, 1, funds // 2, funds + choices.rarely()))
        to = choices.choice((account, self.account(choices)))
        plan = plan_withdrawal(self.shadow, account, amount)
        plan.reasons |= self.refuses_coins(to)
        before = self.world.balance(to)
        with self.misbehaving_token(choices, plan, pulls=False, amount=amount):
            done = self.act("withdraw funds", account, plan, self.membership.withdrawFunds, to, amount, value=0)
        if done:
            assert self.world.balance(to) - before == amount

    @handler(6, needs=lambda self: self.shadow.members)
    def set_auto_renew(self, choices: Choices) -> None:
        member = choices.choice(self.members(choices, lambda each: each.expires_at != FOR_LIFE))
        by = self.account(choices) if choices.rarely() else member.holder
        consent = self.consent(choices, member.tier_id)
        plan = plan_consent(self.shadow, member, by, consent)
        self.act("set auto-renewal", by, plan, self.membership.setAutoRenew, member.token_id, consent)

    @handler(12, needs=lambda self: self.shadow.members)
    def settle(self, choices: Choices) -> None:
        token_ids = choices.choices(list(self.shadow.members), k=choices.randrange(1, 5))
        if choices.rarely():
            token_ids.append(999)
        plan = Plan(set(), lambda: settled_by_anybody(self.shadow, token_ids))
        self.act("settle", self.account(choices), plan, self.membership.settle, token_ids)

    @handler(6)
    def grant(self, choices: Choices) -> None:
        seconds = choices.choice((0, 1, DAY, 30 * DAY, 800 * DAY if choices.rarely() else 90 * DAY))
        if self.shadow.members and choices.random() < 0.5:
            member = choices.choice(self.members(choices, lambda each: each.expires_at < self.chain.now + 600 * DAY))
            grant = (member.holder, member.tier_id, seconds, member.token_id)
            name = "grant more"
        else:
            recipient = choices.choice(self.newcomers(choices))
            grant, name = (recipient, choices.randrange(1, 8), seconds, 0), "grant"
        unearned = {token_id: member.unearned for token_id, member in self.shadow.members.items()}
        plan = plan_grant(self.shadow, *grant)
        if self.act(name, self.arena.office, plan, self.membership.grant, [grant]):
            for token_id, before in unearned.items():
                found = self.chain.read(self.membership.stateOf, token_id)["unearned"]
                assert found == before, f"I19: a grant changed what is unearned of {token_id}"

    @handler(3, needs=lambda self: self.stale())
    def release_seat(self, choices: Choices) -> None:
        member = choices.choice(self.members(choices, lambda each: releasable(self.shadow, each)))
        plan = plan_release(self.shadow, member)
        self.act("release seat", self.account(choices), plan, self.membership.releaseSeat, member.token_id)

    # Their parts

    def renewable(self, member: Member) -> bool:
        tier = self.shadow.tiers[member.tier_id]
        return not plan_renewal(self.shadow, member, 1, member.holder).reasons and tier.price > 0

    def send_renewal(
        self,
        name: str,
        choices: Choices,
        member: Member,
        payer: str,
        periods: int,
        *,
        badge: int = 0,
        plain: bool = True,
    ) -> Any:
        proof = [] if plain else self.arena.list.proof(member.holder)
        proven = bool(proof) and self.shadow.tiers[member.tier_id].root == self.arena.list.root
        plan = plan_renewal(self.shadow, member, periods, payer, badge=badge, proven=proven)
        price = self.shadow.renewal_price(member)
        amount = price * periods
        arguments: list[Any] = [member.token_id, periods, price, self.world.currency]
        method = self.membership.renew
        if not plain:
            method = self.membership.renewWith
            arguments += [badge, proof, NO_PERMIT]
        before = max(self.chain.now, member.expires_at)
        late = self.chain.now >= member.expires_at + GRACE
        with self.misbehaving_token(choices, plan, pulls=True, amount=amount):
            receipt = self.act(name, payer, plan, method, *arguments, pays=amount)
        self.note("(renewal after the grace)", bool(receipt and late))
        if receipt and member.expires_at != FOR_LIFE:
            period = self.shadow.tiers[member.tier_id].period
            found = self.chain.read(self.membership.expiresAt, member.token_id)
            assert found == before + periods * period, f"I3: {periods} periods lead from {before} to {found}"
        return receipt
