"""Handlers: joins of all kinds"""

from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.invariants import signing
from tests.contracts.invariants.arena import CLUB, DAILY, FREE, LIFE, LISTED, MONTHLY, YEARLY
from tests.contracts.invariants.economy import DAY, MOST_TRIAL
from tests.contracts.invariants.entering import Join, join_price, plan_join, releasable
from tests.contracts.invariants.machine import History
from tests.contracts.invariants.play import Choices, handler
from tests.contracts.invariants.shadow import NOBODY, Member
from tests.contracts.invariants.signing import DISCOUNT, NO_VOUCHER, PRICE, TRIAL, Voucher
from tests.factories.contracts import Reverted

NO_PERMIT = (0, 0, 0, b"\0" * 32, b"\0" * 32)
PAID = (MONTHLY, MONTHLY, LIFE, DAILY, YEARLY)


class Joins(History):
    """Each handler mostly asks for what must succeed; what else it asks for must be refused for a documented reason."""

    def __init__(self) -> None:
        super().__init__()
        self.vouchers: list[tuple[Voucher, bytes]] = []  # that were used, with their signatures
        self.nonce = 0

    @handler(10, needs=lambda self: self.room())
    def join(self, choices: Choices) -> None:
        account = choices.choice(self.newcomers(choices))
        join = Join(self.open_tier(choices, (*PAID, FREE)), self.periods(choices), account, account)
        self.send_join("join", choices, self.fitting(join), plain=True)

    @handler(14, needs=lambda self: self.room() and self.shadow.members)
    def join_by_badge(self, choices: Choices) -> None:
        account = choices.choice(self.newcomers(choices))
        tier_id = self.open_tier(choices, (MONTHLY, MONTHLY, DAILY, YEARLY, LIFE))
        join = Join(tier_id, self.periods(choices), account, account, self.some_badge(choices, account))
        self.send_join("join by badge", choices, self.fitting(join), plain=True)

    @handler(6, needs=lambda self: self.room())
    def give(self, choices: Choices) -> None:
        recipient, payer = choices.choice(self.newcomers(choices)), self.account(choices)
        tier_id = FREE if choices.rarely() else self.open_tier(choices, PAID)
        join = Join(tier_id, self.periods(choices), payer, recipient)
        self.send_join("gift", choices, self.fitting(join), plain=True)

    @handler(4, needs=lambda self: self.room() and self.shadow.members)
    def give_with_signed_binding(self, choices: Choices) -> None:
        recipients = [each for each in self.newcomers(choices) if each in self.arena.keys]
        recipient, payer = choices.choice(recipients or self.arena.wallets[:2]), self.account(choices)
        tier_id, badge = self.open_tier(choices, PAID), self.some_badge(choices, recipient, payer)
        deadline = self.chain.now + choices.randrange(3600)
        digest = signing.binding_digest(self.membership.address, recipient, tier_id, badge, deadline)
        signature = signing.sign(self.arena.keys[recipient], digest)
        join = Join(tier_id, self.periods(choices), payer, recipient, badge, binding=digest)
        self.send_join("gift with binding", choices, self.fitting(join), binding=(deadline, signature))

    @handler(3, needs=lambda self: self.room())
    def give_many(self, choices: Choices) -> None:
        payer, tier_id = self.account(choices), self.open_tier(choices, PAID)
        free = self.newcomers(choices)
        recipients = choices.sample(free, min(len(free), 2))
        join = self.fitting(Join(tier_id, self.periods(choices), payer, NOBODY))
        plans = [plan_join(self.shadow, replace(join, recipient=each), listed=False) for each in recipients]
        tier = self.shadow.tiers[tier_id]
        reasons = set().union(*(plan.reasons for plan in plans))
        if tier.cap and tier.seats + len(recipients) > tier.cap:
            reasons.add("TierSoldOut")
        amount = tier.price * join.periods * len(recipients)
        plan = plans[0]
        plan.reasons, first = reasons, plan.apply

        def apply() -> None:
            first()
            for each in plans[1:]:
                each.apply()

        plan.apply = apply
        arguments = (tier_id, join.periods, tier.price, self.world.currency, recipients)
        with self.misbehaving_token(choices, plan, pulls=True, amount=amount):
            self.act("gifts", payer, plan, self.membership.giftMany, *arguments, pays=amount)

    @handler(8, needs=lambda self: self.room())
    def join_by_voucher(self, choices: Choices) -> None:
        account = choices.choice(self.newcomers(choices))
        tier_id = self.open_tier(choices, (CLUB, CLUB, MONTHLY, YEARLY))
        voucher, signature = self.voucher(choices, tier_id, account)
        periods = 0 if voucher.kind == TRIAL else self.periods(choices)
        badge = self.some_badge(choices, account) if self.shadow.members and choices.random() < 0.5 else 0
        join = Join(
            tier_id, periods, account, account, badge, voucher, voucher_digest=self.digest(voucher),
            signed=signature != b"", consent=self.consent(choices, tier_id),
        )  # fmt: skip
        receipt = self.send_join("join by voucher", choices, self.fitting(join), signature=signature)
        if receipt:
            self.vouchers.append((voucher, signature))
            digest, used = self.chain.read(self.membership.voucherOf, voucher.fields).values()
            assert (digest, used) == (join.voucher_digest, self.shadow.uses[digest])
            assert used <= voucher.uses, f"I21: {voucher} worked {used} times"

    @handler(8, needs=lambda self: self.room() and self.vouchers)
    def join_by_voucher_again(self, choices: Choices) -> None:
        """I21: at most so often as it says, for nobody else, and at no other contract."""
        good = [each for each in self.vouchers if self.shadow.uses[self.digest(each[0])] < each[0].uses]
        voucher, signature = choices.choice(good if good and not choices.rarely() else self.vouchers)
        account = choices.choice(self.newcomers(choices))
        if voucher.recipient != NOBODY and not choices.rarely():
            account = voucher.recipient
        periods = 0 if voucher.kind == TRIAL else 1
        join = Join(voucher.tier_id, periods, account, account, voucher=voucher, voucher_digest=self.digest(voucher))
        self.send_join("join by used voucher", choices, self.fitting(join), signature=signature)
        self.fails_elsewhere(voucher, signature)

    @handler(6, needs=lambda self: self.room())
    def join_with_consent_and_proof(self, choices: Choices) -> None:
        listed = [account for account in self.newcomers(choices) if account in self.arena.list]
        account = choices.choice(listed or self.arena.wallets)
        tier_id = self.open_tier(choices, (LISTED, LISTED, MONTHLY, DAILY))
        consent = self.consent(choices, tier_id)
        join = Join(tier_id, self.periods(choices), account, account, proven=True, consent=consent)
        self.send_join("join with consent", choices, self.fitting(join))

    @handler(6, needs=lambda self: self.room() and self.stale())
    def join_taking_a_stale_seat(self, choices: Choices) -> None:
        stale = choices.choice(self.members(choices, lambda member: releasable(self.shadow, member)))
        account = choices.choice(self.newcomers(choices))
        tier_id = stale.tier_id if stale.tier_id != CLUB else MONTHLY
        join = Join(tier_id, self.periods(choices), account, account, proven=True, released_id=stale.token_id)
        self.send_join("join taking a seat", choices, self.fitting(join))

    @handler(4, needs=lambda self: self.vouchers)
    def withdraw_voucher(self, choices: Choices) -> None:
        voucher, _ = choices.choice(self.vouchers)
        sender = choices.choice([self.arena.office, self.arena.founder])
        self.chain.send(self.membership.withdrawVoucher, voucher.fields, sender=sender)
        self.shadow.uses[self.digest(voucher)] = 2**32 - 1
        self.successes["withdraw voucher"] += 1

    # Their parts

    def room(self) -> bool:
        """Whether a wallet is without a membership; now and then it does not matter."""
        return len(self.shadow.tokens) < len(self.arena.wallets) or self.steps % 16 == 0

    def stale(self) -> list[Member]:
        return [member for member in self.shadow.members.values() if releasable(self.shadow, member)]

    def open_tier(self, choices: Choices, tiers: tuple[int, ...]) -> int:
        """One of these that sells now, if any does."""
        known = [self.shadow.tiers[number] for number in tiers]
        fitting = [
            number
            for number, tier in zip(tiers, known, strict=True)
            if not tier.closed(self.chain.now) and not tier.full
        ]
        return choices.choice(fitting or list(tiers))

    def periods(self, choices: Choices) -> int:
        return choices.choice((1, 1, 1, 2, 3)) if not choices.rarely() else choices.choice((0, 5, 30))

    def fitting(self, join: Join) -> Join:
        return replace(join, periods=1) if join.periods and not self.shadow.tiers[join.tier_id].period else join

    def consent(self, choices: Choices, tier_id: int) -> tuple[int, int, int]:
        most = self.shadow.tiers[tier_id].price * choices.choice((1, 1, 2))
        periods = choices.choice((0, 1, 3, 50))
        return (most, periods, self.chain.now + choices.choice((40, 400, 4000)) * DAY) if periods else (0, 0, 0)

    def digest(self, voucher: Voucher) -> bytes:
        return signing.voucher_digest(self.membership.address, voucher)

    def voucher(self, choices: Choices, tier_id: int, account: str) -> tuple[Voucher, bytes]:
        """A new one with its signature; rarely one that an outsider signed, which then is b\"\"."""
        self.nonce += 1
        kind = choices.choice((DISCOUNT, PRICE, TRIAL))
        price = self.shadow.tiers[tier_id].price
        value = {DISCOUNT: choices.choice((0, 1, 3_333, 10_000)), PRICE: choices.choice((0, 7, price, 2 * price))}
        value[TRIAL] = choices.choice((1, 7 * DAY, MOST_TRIAL, MOST_TRIAL + choices.rarely()))
        recipient, uses = choices.choice((NOBODY, NOBODY, account)), choices.choice((1, 2, 4))
        deadline = self.chain.now + choices.choice((0, 400 * DAY, 400 * DAY, 400 * DAY))
        voucher = Voucher(self.arena.office, tier_id, kind, value[kind], recipient, uses, deadline, self.nonce)
        if choices.rarely():
            return voucher, b""
        return voucher, signing.sign(self.arena.keys[self.arena.office], self.digest(voucher))

    def send_join(
        self,
        name: str,
        choices: Choices,
        join: Join,
        *,
        plain: bool = False,
        signature: bytes = b"",
        binding: tuple[int, bytes] = (0, b""),
    ) -> Any:
        plan = plan_join(self.shadow, join, listed=join.recipient in self.arena.list)
        price = join_price(self.shadow, join)
        amount = price * join.periods
        arguments = [join.tier_id, join.periods, price, self.world.currency, join.recipient, join.badge]
        method = self.membership.join if plain else self.membership.joinWith
        if not plain:
            if join.voucher != NO_VOUCHER and not signature:
                signature = signing.sign(self.arena.keys.get(join.recipient, b"\1" * 32), b"\7" * 32)
            proof = self.arena.list.proof(join.recipient) if join.proven else []
            extras = (proof, join.voucher.fields, signature, join.consent, NO_PERMIT, join.released_id, *binding)
            arguments.append(extras)
        returns = self.shadow.kept.get(join.recipient, (0, False))[0] != 0
        with self.misbehaving_token(choices, plan, pulls=True, amount=amount):
            receipt = self.act(name, join.payer, plan, method, *arguments, pays=amount)
        self.note("(badge kept at a return)", bool(receipt and returns))
        return receipt

    def fails_elsewhere(self, voucher: Voucher, signature: bytes) -> None:
        """I21: a signature for one contract is nothing to another."""
        other = next(place.world for name, place in self.arena.places.items() if name != self.currency)
        extras: tuple[Any, ...] = ([], voucher.fields, signature, (0, 0, 0), NO_PERMIT, 0, 0, b"")
        account = self.arena.keeper
        with self.chain.undone():
            price = self.chain.read(other.membership.joinPrice, voucher.tier_id, 0, voucher.fields)
            periods = 0 if voucher.kind == TRIAL else 1
            arguments = (voucher.tier_id, periods, price, other.currency, account, 0, extras)
            value = 0 if other.token else price * periods
            with pytest.raises(Reverted) as caught:
                self.chain.send(other.membership.joinWith, *arguments, sender=account, value=value)
            assert caught.value.name in ("SignatureInvalid", "VoucherInvalid"), f"I21: {caught.value}"
