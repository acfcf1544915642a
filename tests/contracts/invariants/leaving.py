"""Handlers: what holders do with memberships and badges besides paying"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.contracts.invariants import signing
from tests.contracts.invariants.arena import CALLS_BACK, FREE
from tests.contracts.invariants.holding import (
    plan_adoption,
    plan_burn,
    plan_claim,
    plan_end,
    plan_mint,
    plan_revoke,
    plan_tier_change,
    plan_transfer,
    plan_wallet_change,
)
from tests.contracts.invariants.play import Choices, handler
from tests.contracts.invariants.renewing import Renewals
from tests.contracts.invariants.shadow import NOBODY, Member, Plan


class Leavings(Renewals):
    """Cancelling, burning, moving, changing tier; minting, giving and claiming of badges."""

    def __init__(self) -> None:
        super().__init__()
        self.wallet_changes: list[tuple[Any, ...]] = []  # that were used

    @handler(7, needs=lambda self: self.shadow.members)
    def cancel(self, choices: Choices) -> None:
        member = choices.choice(self.members(choices, self.shadow.valid))
        by = self.account(choices) if choices.rarely() else member.holder
        to = by if choices.random() < 0.7 else self.account(choices)
        plan = plan_end(self.shadow, member, by)
        if by == to and choices.random() < 0.3:
            self.end("cancel subscription", choices, member, by, by, plan, self.membership.cancelSubscription)
        else:
            self.end("cancel", choices, member, by, to, plan, self.membership.cancel, to)

    @handler(8, needs=lambda self: self.shadow.members)
    def burn(self, choices: Choices) -> None:
        member = choices.choice(list(self.shadow.members.values()))
        by = self.account(choices) if choices.rarely() else member.holder
        to = by if choices.random() < 0.7 else self.account(choices)
        self.end("burn", choices, member, by, to, plan_burn(self.shadow, member, by), self.membership.burn, to)
        if member.token_id not in self.shadow.members:
            self.past.expiries.pop(member.token_id, None)

    def end(
        self, name: str, choices: Choices, member: Member, by: str, to: str, plan: Plan, method: Any, *to_: str
    ) -> None:
        refund = self.chain.read(self.membership.unearnedOf, member.token_id)
        plan.reasons |= self.refuses_coins(to, refund)
        before, paid = self.cash(to), self.shadow.books.refunded
        self.past.shortened.add(member.token_id)
        calling = self.calling_back(by, to, method, member.token_id, *to_)
        with self.misbehaving_token(choices, plan, pulls=False, amount=refund), calling:
            receipt = self.act(name, by, plan, method, member.token_id, *to_)
        if receipt:
            assert self.cash(to) - before == refund == self.shadow.books.refunded - paid, f"E2: {refund}"

    @contextmanager
    def calling_back(self, by: str, to: str, method: Any, *arguments: Any) -> Iterator[None]:
        """The hostile account asks for the same again while it is being paid: it must get nothing."""
        hostile = self.arena.hostile
        if self.hostile_mode == CALLS_BACK and by == to == hostile.address:
            self.arena.misbehave(hostile, CALLS_BACK, self.membership.address, method.encode_input(*arguments))
            self.note("(recipient calls back)")
            yield
            self.set_temper(CALLS_BACK)
        else:
            yield

    @handler(4, needs=lambda self: self.shadow.members)
    def revoke(self, choices: Choices) -> None:
        member = choices.choice(self.members(choices, self.shadow.valid))
        by = self.arena.office
        plan = plan_revoke(self.shadow, member)
        if choices.rarely():
            by = member.holder
            plan.reasons.add("RoleMissing")
        self.past.shortened.add(member.token_id)
        self.act("revoke", by, plan, self.membership.revoke, member.token_id)

    @handler(6, needs=lambda self: self.room() and self.shadow.members)
    def transfer(self, choices: Choices) -> None:
        movable = self.members(choices, lambda each: not plan_transfer(self.shadow, each, NOBODY).reasons)
        member, to = choices.choice(movable), choices.choice(self.newcomers(choices))
        plan = plan_transfer(self.shadow, member, to)
        method = self.membership.transferFrom
        self.act("transfer", member.holder, plan, method, member.holder, to, member.token_id)

    @handler(4, needs=lambda self: self.room() and any(holder in self.arena.keys for holder in self.shadow.tokens))
    def change_wallet(self, choices: Choices) -> None:
        member = choices.choice([each for each in self.shadow.members.values() if each.holder in self.arena.keys])
        to = choices.choice([each for each in self.newcomers(choices) if each in self.arena.keys] or self.arena.wallets)
        deadline = self.chain.now + choices.choice((0, 3600)) - choices.rarely()
        change = (member.token_id, member.holder, to, member.moves, deadline)
        digest = signing.wallet_change_digest(self.membership.address, *change)
        signature = signing.sign(self.arena.keys[member.holder], digest)
        agreed = deadline >= self.chain.now
        plan = plan_wallet_change(self.shadow, member, to, agreed=agreed)
        arguments = (member.token_id, to, deadline, signature, b"")
        method, given = self.membership.changeWallet, self.shadow.claims_of(member.holder)
        if self.act("change wallet", to, plan, method, *arguments, gains=lambda: given):
            self.wallet_changes.append((to, arguments))

    @handler(2, needs=lambda self: self.wallet_changes)
    def change_wallet_again(self, choices: Choices) -> None:
        """I21: a signature never works after a transfer."""
        to, arguments = choices.choice(self.wallet_changes)
        plan = Plan({"SignatureInvalid", "SignatureExpired", "AlreadyMember", "TokenDoesNotExist"}, lambda: None)
        self.act("change wallet", to, plan, self.membership.changeWallet, *arguments)

    @handler(10, needs=lambda self: self.shadow.members)
    def change_tier(self, choices: Choices) -> None:
        member = choices.choice(list(self.shadow.members.values()))
        by = self.account(choices) if choices.rarely() else member.holder
        targets = [number for number in self.shadow.tiers if number not in (member.tier_id, FREE)]
        tier_id = FREE if choices.rarely() else self.open_tier(choices, tuple(targets))
        tier = self.shadow.tiers[tier_id]
        periods = choices.choice((0, 0, 1, 2)) if tier.period else 1 - choices.rarely()
        proof = self.arena.list.proof(member.holder)
        proven = bool(proof) and tier.root == self.arena.list.root
        least = self.chain.now + choices.choice((0, 0, 0, 86_400))
        plan, amount = plan_tier_change(self.shadow, member, tier_id, periods, by=by, least=least, proven=proven)
        before = self.chain.read(self.membership.unearnedOf, member.token_id)
        self.past.shortened.add(member.token_id)
        arguments = (member.token_id, tier_id, periods, tier.price, self.world.currency, least, proof)
        with self.misbehaving_token(choices, plan, pulls=True, amount=amount):
            receipt = self.act("change tier", by, plan, self.membership.changeTier, *arguments, pays=amount)
        if receipt:
            after = self.chain.read(self.membership.stateOf, member.token_id)["unearned"]
            assert after == before + amount, f"I22: {before} and {amount} became {after}"

    # Badges

    @handler(10, needs=lambda self: any(ledger.accrued for ledger in self.shadow.ledgers.values()))
    def claim(self, choices: Choices) -> None:
        earning = [badge for badge, ledger in self.shadow.ledgers.items() if ledger.accrued]
        badge = choices.choice(earning or list(self.shadow.ledgers))
        owner = self.shadow.badge_owner(badge)
        badges = [each for each in self.shadow.badges_of(owner) if each == badge or choices.random() < 0.5]
        if choices.rarely():
            badges.append(choices.choice([*self.shadow.members, badge]))
        by = choices.choice((owner, owner, owner, self.arena.keeper))
        to = owner if by != owner or choices.random() < 0.7 else self.account(choices)
        plan = plan_claim(self.shadow, badges, by, to, self.approved)
        amount = sum(self.shadow.ledger(each).accrued for each in set(badges))
        plan.reasons |= self.refuses_coins(to, amount)
        before = self.cash(to)
        calling = self.calling_back(by, to, self.membership.claim, badges, to)
        with self.misbehaving_token(choices, plan, pulls=False, amount=amount), calling:
            receipt = self.act("claim", by, plan, self.membership.claim, badges, to, value=0)
        if receipt:
            assert self.cash(to) - before == amount, f"I6: claimed {self.cash(to) - before} of {amount}"
            again = Plan({"NothingToClaim", "NotBadgeOwner"}, lambda: None)
            self.act("claim twice", by, again, self.membership.claim, badges, to, value=0)

    @handler(4, needs=lambda self: self.shadow.members)
    def mint_badge(self, choices: Choices) -> None:
        fitting = self.members(choices, lambda each: each.ever_paid and each.token_id not in self.shadow.badge_owners)
        member = choices.choice(fitting)
        by = self.account(choices) if choices.rarely() else member.holder
        self.act("mint badge", by, plan_mint(self.shadow, member.token_id, by), self.world.badges.mint, member.token_id)

    @handler(5, needs=lambda self: self.shadow.badge_owners)
    def give_badge(self, choices: Choices) -> None:
        """Also to its own bound member, whose renewals go on (E14)."""
        badge, owner = choices.choice(list(self.shadow.badge_owners.items()))
        bound = [member.holder for member in self.shadow.members.values() if member.badge == badge]
        to = choices.choice(bound) if bound and choices.random() < 0.5 else self.account(choices)

        def apply() -> None:
            self.shadow.move_badge(badge, to)
            self.approved.discard(badge)

        self.act("give badge", owner, Plan(set(), apply), self.world.badges.transferFrom, owner, to, badge)

    @handler(3, needs=lambda self: self.shadow.badge_owners)
    def approve_claims(self, choices: Choices) -> None:
        badge, owner = choices.choice(list(self.shadow.badge_owners.items()))
        plan = Plan(set(), lambda: self.approved.add(badge))
        self.act("approve keeper", owner, plan, self.world.badges.approve, self.arena.keeper, badge)

    @handler(3, needs=lambda self: self.shadow.ledgers)
    def adopt_rates(self, choices: Choices) -> None:
        unpaid = [token_id for token_id, member in self.shadow.members.items() if not member.ever_paid]
        badge = choices.choice([*self.shadow.ledgers, *unpaid])
        owner = self.shadow.badge_owner(badge)
        if owner == NOBODY:
            member = self.shadow.members.get(badge)
            owner = member.holder if member else self.account(choices)
        by = self.account(choices) if choices.rarely() else owner
        self.act("adopt rates", by, plan_adoption(self.shadow, badge, by), self.membership.adoptRates, badge)

    @handler(5, needs=lambda self: self.shadow.members)
    def tip(self, choices: Choices) -> None:
        """E17: the Store credits the badge that the member is bound to."""
        member = choices.choice(self.members(choices, lambda each: each.badge != 0))
        amount = choices.choice((1, 777, 1_000_003))
        store, token = self.world.store, self.world.token
        if token is not None:
            self.arena.call(member.holder, token.mint, member.holder, amount)
            self.arena.call(member.holder, token.approve, store.address, amount)
        share = amount * self.shadow.rate_of(member.badge) // 10_000 if member.badge else 0

        def apply() -> None:
            if share:
                self.shadow.ledgers[member.badge].income += share
            self.shadow.books.credited_by_store += share
            self.shadow.store_earned += amount - share

        community = self.world.community.address
        gift = (community, 0, amount, self.world.currency, member.token_id, b"\0" * 32)
        self.act("tip", member.holder, Plan(set(), apply), store.tip, gift, value=0 if token else amount)
