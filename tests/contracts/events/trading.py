"""Random sales in the market, and random crowdsales"""

from typing import Any

from tests.contracts.events.playing import Play, action
from tests.contracts.events.recording import NOBODY, RecordingEvm
from tests.factories.communities import DAY, PRICE, World
from tests.factories.crowdsales import COIN, MEMBERSHIP, RESTRICTED, UTILITY, Sale, open_sale, with_tier
from tests.factories.market import Stall

FOREVER = 2**40 - 1


class Trading(Play):
    def __init__(self, world: World, chain: RecordingEvm, market: Any) -> None:
        super().__init__(world, chain)
        self.stall = Stall(world, market)
        self.sales: list[Sale] = []

    def _fields(self, collection: Any, token_id: int) -> dict[str, Any]:
        account = {"currency": self.dice.choice([NOBODY, self.world.currency]), "price": self.dice.randint(1, PRICE)}
        fee = {"feeRecipient": self.dice.choice([NOBODY, self.anybody()]), "minAccrued": 0}
        return account | fee | {"collection": collection.address, "tokenId": token_id}

    def _counter(self, account: str) -> int:
        return int(self.chain.read(self.stall.market.counterOf, account))

    @action
    def sell(self) -> None:
        """A listing of a badge, an achievement or a membership, that is bought or cancelled."""
        market, world = self.stall.market, self.world
        collection = self.dice.choice([world.badges, world.badges, world.membership])
        token_id = self.dice.choice([*self.ids.values(), 1 << 40 | self.dice.randint(1, 3)])
        seller = str(self.chain.read(collection.ownerOf, token_id))
        self.send(collection.approve, market.address, token_id, by=seller)
        changes = self._fields(collection, token_id) | {
            "seller": seller,
            "minProceeds": 0,
            "counter": self._counter(seller),
        }
        if collection is world.membership:
            listing = self.stall.membership_listing(token_id, **changes)
        else:
            moves = int(self.chain.read(collection.transferCountOf, token_id))
            self.stall.badge = token_id
            listing = self.stall.listing(**changes, transferCount=moves)
        if self.dice.randrange(6) == 0:
            self.send(market.cancel, [self.stall.digest(listing)], by=seller)
        self.stall.buy(listing, sender=self.anybody(), recipient=self.dice.choice([NOBODY, self.anybody()]))

    sell_again = sell

    @action
    def bid(self) -> None:
        world = self.world
        token_id = self.dice.choice([*self.ids.values(), 1 << 40 | 1])
        seller, buyer = str(self.chain.read(world.badges.ownerOf, token_id)), self.anybody()
        self.send(world.badges.approve, self.stall.market.address, token_id, by=seller)
        self.stall.badge = token_id
        fields = self._fields(world.badges, self.dice.choice([0, token_id]))
        offer = self.stall.offer(**fields, buyer=buyer, counter=self._counter(buyer))
        self.stall.accept(offer, sender=seller, token_id=token_id)

    @action
    def keep_house(self) -> None:
        market, by = self.stall.market, self.anybody()
        collection = self.dice.choice([self.world.badges, self.world.membership])
        tills = (collection.address, self.world.membership.address, self.dice.choice([NOBODY, self.anybody()]))
        method, *arguments = self.dice.choice(
            [(market.raiseCounter,), (market.withdrawFunds, by, 1), (market.payOut, *tills), (market.payOut, *tills)]
        )
        self.send(method, *arguments, by=by)

    @action
    def deposit(self) -> None:
        self.send(self.stall.market.addFunds, self.anybody(), by=self.anybody(), value=self.dice.randint(1, PRICE))


class Raising(Trading):
    def _sale(self) -> Sale:
        return self.dice.choice(self.sales[-2:]) if self.sales else self._open(UTILITY)

    def _open(self, asset: int, **changes: Any) -> Sale:
        self.sales.append(open_sale(self.world, asset, **changes))
        if asset == RESTRICTED:
            self.sales[-1].attest(*self.people)
        return self.sales[-1]

    @action
    def open_sale(self) -> None:
        asset = self.dice.choice([MEMBERSHIP, UTILITY, RESTRICTED])
        changes: dict[str, Any] = {} if asset == MEMBERSHIP else {"goal": COIN, "cliffSeconds": DAY}
        if asset != MEMBERSHIP and self.dice.randrange(2):
            changes |= with_tier()
        self._open(asset, **changes)

    @action
    def contribute(self) -> None:
        sale, by = self._sale(), self.anybody()
        unit = PRICE if sale.token is None else COIN
        arguments = {"recipient": self.dice.choice([by, by, self.anybody()])}
        sale.contribute(self.dice.randint(1, 60) * unit, sender=by, **arguments)

    contribute_more = contribute

    @action
    def finish(self) -> None:
        self._sale().finish()

    @action
    def release(self) -> None:
        self._sale().release()

    @action
    def claim_tokens(self) -> None:
        self._sale().claim(self.anybody())

    claim_more = claim_tokens

    @action
    def claim_membership(self) -> None:
        sale, by = self._sale(), self.anybody()
        token_id = self.ids.get(by, 0)
        receipt = sale.join(self.dice.randint(1, 12), sender=by, token_id=token_id)
        self.ids[by] = int(receipt.only("MembershipClaimed")["tokenId"])

    @action
    def vote(self) -> None:
        self._sale().vote(self.anybody())

    @action
    def refund(self) -> None:
        by = self.anybody()
        self._sale().refund(by, self.dice.choice([NOBODY, by]))

    @action
    def take_back(self) -> None:
        by = self.anybody()
        self.send(self._sale().contract.withdrawFunds, by, by=by)

    @action
    def use_token(self) -> None:
        token, by, other = self._sale().token, self.anybody(), self.anybody()
        if token is None:
            return
        held = int(self.chain.read(token.balanceOf, by))
        method, *arguments = self.dice.choice(
            [
                (token.transfer, other, held // 2),
                (token.delegate, other),
                (token.approve, other, self.dice.randint(0, 9)),
            ]
        )
        self.send(method, *arguments, by=by)

    use_token_again = use_token

    @action
    def govern_token(self) -> None:
        token, founder, other = self._sale().token, self.world.founder, self.anybody()
        if token is None:
            return
        method, *arguments = self.dice.choice(
            [
                (token.setAttestor, other),
                (token.setFrozen, other, self.dice.choice([True, False, False])),
                (token.attest, [other], self.dice.choice([self.chain.now, FOREVER, FOREVER])),
            ]
        )
        self.send(method, *arguments, by=founder)

    @action
    def distribute(self) -> None:
        sale, by, amount = self._sale(), self.anybody(), self.dice.randint(1, PRICE)
        if sale.token is None:
            return
        if self.world.token:
            self.send(self.world.token.mint, by, amount, by=by)
            self.send(self.world.token.approve, sale.token.address, amount, by=by)
        self.send(sale.token.distribute, amount, self.world.currency, by=by, value=self.pay(amount))

    @action
    def claim_income(self) -> None:
        sale, by = self._sale(), self.anybody()
        if sale.token is not None:
            self.send(sale.token.claimIncome, by, by, by=by)
