"""Random sales in the market"""

from typing import Any

from tests.contracts.events.playing import Play, action
from tests.contracts.events.recording import NOBODY, RecordingEvm
from tests.factories.communities import PRICE, World
from tests.factories.market import Stall


class Trading(Play):
    def __init__(self, world: World, chain: RecordingEvm, market: Any) -> None:
        super().__init__(world, chain)
        self.stall = Stall(world, market)

    @action
    def sell(self) -> None:
        """A listing of a badge or of an achievement."""
        badges = self.world.badges
        token_id, seller = self._goods()
        self.stall.badge = 0 if token_id >> 40 else token_id
        moves = int(self.chain.read(badges.transferCountOf, token_id))
        fields = self._fields(badges, token_id) | self._signer("seller", seller)
        income = self._income(token_id)
        listing = self.stall.listing(**fields, minProceeds=0, transferCount=moves, minAccrued=income)
        self._buy(listing, badges, self.dice.choice([NOBODY, self.anybody()]))

    sell_again = sell

    @action
    def sell_membership(self) -> None:
        membership, holders = self.world.membership, self.held(self.world.membership)
        token_id = self.one_of(self.valid, *holders)
        fields = self._fields(membership, token_id) | self._signer("seller", holders[token_id])
        listing = self.stall.membership_listing(token_id, **fields, minProceeds=0)
        strangers = [each for each in self.people if each not in holders.values()]
        self._buy(listing, membership, self.one_of(strangers, self.anybody()))

    @action
    def bid(self) -> None:
        badges = self.world.badges
        token_id, seller = self._goods()
        self.send(badges.approve, self.stall.market.address, token_id, by=seller)
        wanted = 0 if token_id in self.ids.values() and self.dice.randrange(2) else token_id
        fields = self._fields(badges, wanted) | self._signer("buyer", self.anybody())
        self.stall.badge = 0 if token_id >> 40 else token_id
        offer = self.stall.offer(**fields, minAccrued=self._income(token_id))
        if self.rarely():
            self.send(self.stall.market.announceOffer, offer, self.stall.sign(offer), by=self.anybody())
        self.stall.accept(offer, sender=seller, token_id=token_id)

    @action
    def cancel_signatures(self) -> None:
        market, by = self.stall.market, self.anybody()
        if self.dice.randrange(2):
            self.send(market.raiseCounter, by=by)
        else:
            self.send(market.cancel, [self.dice.randbytes(32)], by=by)

    @action
    def pay_out(self) -> None:
        if not self._waiting():
            self.sell()
        opened = [tuple(each.values())[:3] for each in self.fields_of(self.stall.market, "TillOpened")]
        badges, membership = self.world.badges.address, self.world.membership.address
        collection, membership, page = self.one_of(self._waiting(), *opened, (badges, membership, NOBODY))
        pages = [page, *self.dice.sample(self.people, 2)]
        self.send(self.stall.market.payOut, collection, membership, pages, by=self.anybody())

    @action
    def deposit(self) -> None:
        self.send(self.stall.market.addFunds, self.anybody(), by=self.anybody(), value=self.dice.randint(1, PRICE))

    @action
    def take_deposit(self) -> None:
        if not any(self.stall.funds(each) for each in self.people):
            self.deposit()
        by = self.one_of([each for each in self.people if self.stall.funds(each)], self.anybody())
        amount = self.dice.randint(1, max(1, self.stall.funds(by)))
        self.send(self.stall.market.withdrawFunds, by, amount, by=by)

    def _waiting(self) -> list[tuple[Any, ...]]:
        """Tills that hold something."""
        opened = [tuple(each.values())[:3] for each in self.fields_of(self.stall.market, "TillOpened")]
        return [till for till in opened if any(self.chain.read(self.stall.market.tillOf, *till).values())]

    def _goods(self) -> tuple[int, str]:
        """A token of Badges and its holder: a referral badge is minted for it, if there is none."""
        badges, members = self.world.badges, self.held(self.world.membership)
        holders = self.held(badges)
        free = [each for each in holders if not self.chain.read(badges.locked, each)]
        if not free:
            fresh = next((each for each in members if each not in holders), 0)
            self.send(badges.mint, fresh, by=members.get(fresh, self.world.founder))
            return fresh, members[fresh]
        token_id = self.one_of(free, *holders)
        return token_id, holders[token_id]

    def _income(self, token_id: int) -> int:
        return 0 if token_id >> 40 else int(self.chain.read(self.world.membership.accruedOf, token_id))

    def _fields(self, collection: Any, token_id: int) -> dict[str, Any]:
        currency = self.dice.choice([NOBODY, self.world.currency])
        page = self.dice.choice([NOBODY, self.anybody()])
        price = {"currency": currency, "price": self.dice.randint(1, PRICE), "feeRecipient": page}
        return price | {"collection": collection.address, "tokenId": token_id}

    def _signer(self, role: str, account: str) -> dict[str, Any]:
        return {role: account, "counter": int(self.chain.read(self.stall.market.counterOf, account))}

    def _buy(self, listing: dict[str, Any], collection: Any, recipient: str) -> None:
        """After the listing may have been published, or cancelled."""
        market, seller = self.stall.market, listing["seller"]
        self.send(collection.approve, market.address, listing["tokenId"], by=seller)
        if self.rarely():
            self.send(market.announceListing, listing, self.stall.sign(listing), by=self.anybody())
        if self.rarely():
            self.send(market.cancel, [self.stall.digest(listing)], by=seller)
        self.stall.buy(listing, sender=self.anybody(), recipient=recipient)
