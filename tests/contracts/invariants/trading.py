"""Handlers: the market, beside all that memberships and badges do. I11 is checked with every sale"""

from dataclasses import dataclass
from typing import Any

from tests.contracts.invariants import signing
from tests.contracts.invariants.economy import DAY
from tests.contracts.invariants.governing import Governings
from tests.contracts.invariants.holding import moved, plan_transfer
from tests.contracts.invariants.play import Choices, handler
from tests.contracts.invariants.shadow import NOBODY, Member, Plan
from tests.factories.market import FEE_BPS, FEE_CAP_BPS, LISTING, OFFER, ROYALTY_BPS, split

REFUSED_TRANSFER = {"TransferFromIncorrectOwner", "NotOwnerNorApproved"}


@dataclass(frozen=True)
class Signed:
    """A listing or an offer, as its maker signed it."""

    fields: dict[str, Any]
    digest: bytes
    signature: bytes

    @property
    def values(self) -> tuple[Any, ...]:
        return tuple(self.fields.values())

    @property
    def shares(self) -> tuple[int, int, int]:
        """Royalty, fee and proceeds."""
        fee = self.fields["feeBps"] if self.fields["feeRecipient"] != NOBODY else 0
        return split(self.fields["price"], ROYALTY_BPS, fee)


class Trades(Governings):
    """Listings and offers on badges and memberships, by signature."""

    def __init__(self) -> None:
        super().__init__()
        self.market = self.arena.market
        self.page = self.arena.cofounders[1]
        self.listings: list[Signed] = []
        self.offers: list[Signed] = []
        self.spent: set[tuple[str, bytes]] = set()
        self.counters: dict[str, int] = {}
        self.deposits: dict[str, int] = {}
        self.tills: dict[tuple[str, str], list[int]] = {}  # collection and page -> royalties, fees
        self.salt = 0
        self.open_for: set[str] = set()  # who let the market move all its tokens

    # Listings

    @handler(10, needs=lambda self: self.sellable_badges())
    def list_badge(self, choices: Choices) -> None:
        badge, owner = choices.choice(self.sellable_badges())
        accrued = self.shadow.ledger(badge).accrued
        least = choices.choice((0, accrued, accrued // 2, accrued + choices.rarely()))
        moves = self.shadow.badge_moves.get(badge, 0)
        self.sign_listing(choices, owner, self.world.badges.address, badge, moves, minAccrued=least)

    @handler(8, needs=lambda self: self.sellable_memberships())
    def list_membership(self, choices: Choices) -> None:
        member = choices.choice(self.sellable_memberships())
        unearned = self.chain.read(self.membership.unearnedOf, member.token_id)
        whole = member.ever_paid and member.token_id not in self.shadow.badge_owners and choices.random() < 0.5
        self.sign_listing(
            choices,
            member.holder,
            self.membership.address,
            member.token_id,
            member.moves,
            tierId=member.tier_id,
            minExpiresAt=member.expires_at - choices.choice((0, 0, 3_600)),
            minUnearned=choices.choice((0, unearned // 2, unearned)),
            withBadge=whole,
            minAccrued=self.shadow.ledger(member.token_id).accrued if whole else 0,
        )

    def sign_listing(
        self, choices: Choices, seller: str, collection: str, token_id: int, moves: int, **changes: Any
    ) -> None:
        if seller not in self.open_for:
            for contract in (self.world.badges, self.membership):
                self.chain.send(contract.setApprovalForAll, self.market.address, True, sender=seller)
            self.open_for.add(seller)
        price, fee_bps = self.price(choices), choices.choice((0, FEE_BPS, FEE_CAP_BPS, FEE_CAP_BPS + choices.rarely()))
        page = choices.choice((NOBODY, self.page))
        proceeds = split(price, ROYALTY_BPS, fee_bps if page != NOBODY else 0)[2]
        self.salt += 1
        fields = dict.fromkeys(LISTING, 0) | {
            "seller": seller,
            "collection": collection,
            "membership": self.membership.address,
            "tokenId": token_id,
            "currency": self.currency_of_sale(choices),
            "price": price,
            "minProceeds": proceeds + choices.rarely(),
            "feeRecipient": page,
            "feeBps": fee_bps,
            "buyer": self.account(choices) if choices.rarely() else NOBODY,
            "deadline": self.chain.now + choices.choice((choices.randrange(2), 20 * DAY, 200 * DAY, 900 * DAY)),
            "transferCount": moves,
            "withBadge": False,
            "counter": self.counters.get(seller, 0),
            "salt": self.salt,
        }
        fields |= changes
        digest = signing.market_digest(self.market.address, "Listing", LISTING, tuple(fields.values()))
        self.listings.append(Signed(fields, digest, signing.sign(self.arena.keys[seller], digest)))
        self.note("list a badge" if collection == self.world.badges.address else "list a membership")

    @handler(18, needs=lambda self: self.listings and (self.steps % 8 == 0 or any(map(self.sells, self.listings))))
    def buy(self, choices: Choices) -> None:
        live = [each for each in self.listings if self.sells(each)]
        badges = [each for each in live if each.fields["collection"] == self.world.badges.address]
        live = badges if badges and choices.random() < 0.6 else live
        listing = choices.choice(live if live and choices.randrange(5) else self.listings)
        fields = listing.fields
        membership = fields["collection"] == self.membership.address
        fresh = [account for account in self.arena.wallets if account not in self.shadow.tokens]
        buyer = fields["buyer"] if fields["buyer"] != NOBODY and choices.randrange(4) else self.account(choices)
        recipient = choices.choice(fresh) if membership and fresh and choices.randrange(6) else buyer
        money = self.money_with(fields)
        least = choices.choice((0, 0, money, money + choices.rarely()))
        if choices.randrange(6) and buyer == fields["seller"]:
            buyer = choices.choice([account for account in self.arena.wallets if account != fields["seller"]])
            recipient = recipient if membership and recipient in fresh else buyer
        plan = self.plan_sale(listing, buyer, recipient, least)
        royalty, fee, proceeds = listing.shares
        price, seller, native = fields["price"], fields["seller"], fields["currency"] == NOBODY
        value = price if native else self.fund_for(buyer, price, self.market.address)
        before = {who: self.cash_in(fields["currency"], who) for who in (buyer, seller)}
        arguments = (listing.values, listing.signature, recipient, least)
        name = "buy a membership" if membership else "buy a badge"
        done = self.must(name, buyer, plan, self.market.buy, *arguments, value=value)
        after = {who: self.cash_in(fields["currency"], who) for who in (buyer, seller)}
        if not done:
            assert after == before, "I11: a sale was refused, but moved money"
            return
        refused = native and self.refuses(seller)
        paid = {buyer: -price, seller: 0 if refused else proceeds}
        if buyer == seller:
            paid = {buyer: paid[seller] - price}
        assert {who: after[who] - before[who] for who in after} == paid, f"I11: {paid} was due"
        assert self.money_with(fields) >= max(least, fields["minUnearned"] if membership else fields["minAccrued"])
        assert royalty + fee + proceeds == price

    def plan_sale(self, listing: Signed, buyer: str, recipient: str, least: int) -> Plan:
        fields = listing.fields
        reasons = set()
        if fields["buyer"] not in (NOBODY, buyer):
            reasons.add("BuyerMismatch")
        if not self.stands(listing, fields["seller"]) or self.short(fields, least):
            reasons.add("ListingUnavailable")
        if fields["minProceeds"] > listing.shares[2]:
            reasons.add("ListingUnavailable")
        member = self.shadow.members.get(fields["tokenId"])
        if fields["collection"] == self.membership.address:
            if member is None:
                return Plan(reasons | {"TokenDoesNotExist", "MembershipExpired", *REFUSED_TRANSFER}, lambda: None)
            reasons |= plan_transfer(self.shadow, member, recipient).reasons
            owner = member.holder
        else:
            owner = self.shadow.badge_owners.get(fields["tokenId"], NOBODY)
        if owner != fields["seller"]:
            reasons |= REFUSED_TRANSFER | {"ListingUnavailable"}

        def apply() -> None:
            if fields["collection"] == self.membership.address and member:
                moved(self.shadow, member, recipient)
            else:
                self.shadow.move_badge(fields["tokenId"], recipient)
                self.approved.discard(fields["tokenId"])
            self.divide(listing, fields["seller"])

        return Plan(reasons, apply)

    def short(self, fields: dict[str, Any], least: int) -> bool:
        """Whether the token is not what was listed, or comes with less than the buyer wants."""
        token_id = fields["tokenId"]
        if fields["collection"] != self.membership.address:
            moves = self.shadow.badge_moves.get(token_id, 0)
            less = self.money_with(fields) < max(least, fields["minAccrued"])
            return less or bool(moves != fields["transferCount"])
        member = self.shadow.members.get(token_id)
        if member is None or (member.moves, member.tier_id) != (fields["transferCount"], fields["tierId"]):
            return True
        if member.expires_at < fields["minExpiresAt"] or self.money_with(fields) < max(least, fields["minUnearned"]):
            return True
        ledger = self.shadow.ledger(token_id)
        return bool(fields["withBadge"] and (ledger.minted or ledger.accrued < fields["minAccrued"]))

    def money_with(self, fields: dict[str, Any]) -> int:
        """What goes with the token: a badge's accrued income, or a membership's unearned money."""
        if fields["collection"] != self.membership.address:
            return self.shadow.ledger(fields["tokenId"]).accrued
        member = self.shadow.members.get(fields["tokenId"])
        return int(self.chain.read(self.membership.unearnedOf, member.token_id)) if member else 0

    # Offers

    @handler(8, needs=lambda self: self.sellable_badges())
    def sign_offer(self, choices: Choices) -> None:
        badge, owner = choices.choice(self.sellable_badges())
        buyer = choices.choice([each for each in self.arena.wallets if each in self.arena.keys and each != owner])
        ledger, much = self.shadow.ledger(badge), int(choices.rarely())
        fee_bps = choices.choice((0, FEE_BPS, FEE_CAP_BPS))
        self.salt += 1
        fields = dict.fromkeys(OFFER, 0) | {
            "buyer": buyer,
            "collection": self.world.badges.address,
            "membership": self.membership.address,
            "tokenId": choices.choice((0, badge)),
            "level": choices.choice((0, ledger.level, ledger.level + much)),
            "minRateBps": choices.choice((0, self.shadow.rate_of(badge), self.shadow.rate_of(badge) + much)),
            "minAccrued": choices.choice((0, ledger.accrued, ledger.accrued + much)),
            "currency": self.currency_of_sale(choices),
            "price": self.price(choices),
            "feeRecipient": choices.choice((NOBODY, self.page)),
            "feeBps": fee_bps,
            "deadline": self.chain.now + choices.choice((0, 20 * DAY, 200 * DAY, 900 * DAY)),
            "counter": self.counters.get(buyer, 0),
            "salt": self.salt,
        }
        digest = signing.market_digest(self.market.address, "Offer", OFFER, tuple(fields.values()))
        self.offers.append(Signed(fields, digest, signing.sign(self.arena.keys[buyer], digest)))
        self.note("offer")
        if fields["currency"] == NOBODY and not choices.rarely():
            self.deposit(buyer, fields["price"])

    @handler(14, needs=lambda self: self.offers and self.sellable_badges() and (self.steps % 8 == 0 or self.wanted()))
    def accept(self, choices: Choices) -> None:
        live = self.wanted()
        offer, badge, owner = (choices.choice(self.offers), *choices.choice(self.sellable_badges()))
        if live and choices.randrange(5):
            offer, badge, owner = choices.choice(live)
        fields, shadow = offer.fields, self.shadow
        if owner not in self.open_for:
            self.chain.send(self.world.badges.setApprovalForAll, self.market.address, True, sender=owner)
            self.chain.send(self.membership.setApprovalForAll, self.market.address, True, sender=owner)
            self.open_for.add(owner)
        royalty, fee, proceeds = offer.shares
        price, buyer, native = fields["price"], fields["buyer"], fields["currency"] == NOBODY
        meant = self.meant(offer, badge)
        reasons = set() if meant and self.stands(offer, buyer) else {"OfferUnavailable"}
        if native and self.deposits.get(buyer, 0) < price:
            reasons.add("FundsTooLow")
        least = choices.choice((0, proceeds, proceeds + choices.rarely()))
        if least > proceeds:
            reasons.add("ProceedsTooLow")

        def apply() -> None:
            self.spent.add((buyer, offer.digest))
            shadow.move_badge(badge, buyer)
            self.approved.discard(badge)
            if native:
                self.deposits[buyer] -= price
            self.divide(offer, owner)

        if not native:
            self.fund_for(buyer, price, self.market.address)
        before = {who: self.cash_in(fields["currency"], who) for who in (buyer, owner)}
        arguments = (offer.values, offer.signature, badge, least)
        done = self.must("accept an offer", owner, Plan(reasons, apply), self.market.accept, *arguments)
        after = {who: self.cash_in(fields["currency"], who) for who in (buyer, owner)}
        if not done:
            assert after == before, "I11: an offer was refused, but moved money"
        elif buyer != owner:
            paid = {buyer: 0 if native else -price, owner: 0 if native and self.refuses(owner) else proceeds}
            assert {who: after[who] - before[who] for who in after} == paid, f"I11: {paid} was due"
        assert royalty + fee + proceeds == price

    # Accounts

    @handler(3, needs=lambda self: self.listings or self.offers)
    def cancel_signature(self, choices: Choices) -> None:
        signed = choices.choice([*self.listings, *self.offers])
        account = signed.fields.get("seller") or signed.fields["buyer"]
        plan = Plan(set(), lambda: self.spent.add((account, signed.digest)))
        self.must("cancel a signature", account, plan, self.market.cancel, [signed.digest])

    @handler(1, needs=lambda self: self.listings or self.offers)
    def raise_counter(self, choices: Choices) -> None:
        signed = choices.choice([*self.listings, *self.offers])
        account = signed.fields.get("seller") or signed.fields["buyer"]
        receipt = self.must("raise counter", account, Plan(set(), lambda: None), self.market.raiseCounter)
        if receipt:
            self.counters[account] = receipt.only("CounterRaised")["counter"]

    def deposit(self, account: str, amount: int) -> None:
        def apply() -> None:
            self.deposits[account] = self.deposits.get(account, 0) + amount

        self.must("deposit", account, Plan(set(), apply), self.market.addFunds, account, value=amount)

    @handler(4, needs=lambda self: any(self.deposits.values()))
    def withdraw_deposit(self, choices: Choices) -> None:
        account = choices.choice([each for each, amount in self.deposits.items() if amount])
        funds = self.deposits[account]
        amount = choices.choice((funds, funds, 1, funds + choices.rarely()))
        reasons = {"FundsTooLow"} if amount > funds else set()
        if self.refuses(account):
            reasons.add("ETHTransferFailed")

        def apply() -> None:
            self.deposits[account] -= amount

        method = self.market.withdrawFunds
        self.must("withdraw a deposit", account, Plan(reasons, apply), method, account, amount)

    @handler(4, needs=lambda self: self.tills)
    def pay_out(self, choices: Choices) -> None:
        collection, page = choices.choice(list(self.tills))
        royalties, fees = self.tills[collection, page]
        plan = Plan(
            set() if royalties + fees else {"TillsEmpty"}, lambda: self.tills.update({(collection, page): [0, 0]})
        )
        community = self.world.community.address
        before = self.chain.balance(community), self.chain.balance(page)
        arguments = (collection, self.membership.address, [page])
        if self.must("pay out", self.arena.keeper, plan, self.market.payOut, *arguments):
            assert self.chain.balance(community) - before[0] == royalties, f"I11: royalties of {royalties}"
            assert self.chain.balance(page) - before[1] == fees, f"I11: fees of {fees}"

    # Their parts

    def stands(self, signed: Signed, maker: str) -> bool:
        """Whether a signature is in force."""
        fields = signed.fields
        live = fields["counter"] == self.counters.get(maker, 0) and (maker, signed.digest) not in self.spent
        return live and self.chain.now <= fields["deadline"] and fields["feeBps"] <= FEE_CAP_BPS

    def sells(self, listing: Signed) -> bool:
        """Whether somebody could buy it, as far as the listing goes."""
        return not self.plan_sale(listing, listing.fields["buyer"], NOBODY, 0).reasons

    def wanted(self) -> list[tuple[Signed, int, str]]:
        """Offers, each with a badge that its owner could sell to it."""
        sold = self.sellable_badges()
        return [(offer, *each) for offer in self.offers for each in sold if self.wants(offer, *each)]

    def wants(self, offer: Signed, badge: int, owner: str) -> bool:
        fields = offer.fields
        rich = fields["currency"] != NOBODY or self.deposits.get(fields["buyer"], 0) >= fields["price"]
        return rich and owner != fields["buyer"] and self.meant(offer, badge) and self.stands(offer, fields["buyer"])

    def meant(self, offer: Signed, badge: int) -> bool:
        """Whether the badge is one that the offer is for."""
        fields, ledger = offer.fields, self.shadow.ledger(badge)
        right = fields["tokenId"] in (0, badge) and ledger.level >= fields["level"]
        return right and self.shadow.rate_of(badge) >= fields["minRateBps"] and ledger.accrued >= fields["minAccrued"]

    def divide(self, signed: Signed, seller: str) -> None:
        """Native royalty and fee wait in the till of the page; proceeds that the seller refuses, in its funds."""
        royalty, fee, proceeds = signed.shares
        key = signed.fields["collection"], signed.fields["feeRecipient"]
        till = self.tills.setdefault(key, [0, 0])
        if signed.fields["currency"] != NOBODY:
            return
        till[0] += royalty
        till[1] += fee
        if self.refuses(seller):
            self.deposits[seller] = self.deposits.get(seller, 0) + proceeds

    def refuses(self, account: str) -> bool:
        """Native coins, in whatever community."""
        return account == self.arena.hostile.address and self.hostile_mode in (1, 2)

    def sellable_badges(self) -> list[tuple[int, str]]:
        return [(badge, owner) for badge, owner in self.shadow.badge_owners.items() if owner in self.arena.keys]

    def sellable_memberships(self) -> list[Member]:
        ours = [member for member in self.shadow.members.values() if member.holder in self.arena.keys]
        return [member for member in ours if not plan_transfer(self.shadow, member, NOBODY).reasons]

    def currency_of_sale(self, choices: Choices) -> str:
        return choices.choice((NOBODY, self.world.currency))

    def price(self, choices: Choices) -> int:
        return choices.choice((1, 19, 777, 1_000_003))

    def cash_in(self, currency: str, account: str) -> int:
        cash = self.chain.balance(account, currency)
        if currency == NOBODY and account == self.arena.hostile.address:
            cash += self.chain.balance(self.arena.hand)
        return cash
