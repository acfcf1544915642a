"""Random sales of a store, and its licenses"""

from collections import Counter
from typing import Any

from tests.contracts.events.playing import Play, action
from tests.factories.communities import DAY, MONTH, PRICE
from tests.factories.stores import DIGEST, LABEL


class Shopping(Play):
    def _products(self) -> dict[int, dict[str, Any]]:
        count = int(self.chain.read(self.world.store.productCount))
        return {number: self.shop.product(number) for number in range(1, count + 1)}

    def _licenses(self) -> Counter[tuple[str, int]]:
        """Account and product -> units that it holds."""
        held: Counter[tuple[str, int]] = Counter()
        for name in ("TransferSingle", "TransferBatch"):
            for fields in self.fields_of(self.world.store, name):
                _, source, to, ids, amounts = fields.values()
                singly = not isinstance(ids, list)
                for product_id, amount in [(ids, amounts)] if singly else zip(ids, amounts, strict=True):
                    held[source, product_id] -= amount
                    held[to, product_id] += amount
        return +held

    @action
    def offer(self) -> None:
        holders, founder = self.held(self.world.membership), self.world.founder
        by = self.one_of([founder, *(holders[each] for each in self.valid)], self.anybody())
        period = self.dice.choice([0, 0, DAY, MONTH])
        changes = {
            "price": self.dice.choice([0, 7, PRICE]),
            "periodSeconds": period,
            "cap": self.dice.choice([0, 0, 2]),
            "royaltyBps": 0 if period else self.dice.choice([0, 1_000]),
            "payout": self.dice.choice([by, self.anybody(), self.world.community.address]),
        }
        self.shop.send_list(sender=by, membership_id=0 if by == founder else self.ids.get(by, 0), **changes)

    @action
    def change_product(self) -> None:
        store, products = self.world.store, self._products()
        product_id = self.one_of([*products], 99)
        creator = products[product_id]["creator"] if product_id in products else self.anybody()
        call = self.dice.choice(
            [
                (store.setPrice, product_id, self.dice.randint(0, PRICE)),
                (store.publishVersion, product_id, LABEL, DIGEST[::-1]),
                (store.setPayout, product_id, self.anybody()),
                (store.setCreator, product_id, self.anybody()),
                (store.setListed, product_id, self.dice.choice([True, True, False])),
                (store.retire, product_id, self.chain.now + 31 * DAY),
            ]
        )
        self.send(*call, by=creator)

    @action
    def rule_store(self) -> None:
        store, founder = self.world.store, self.world.founder
        if self.dice.randrange(2):
            self.send(store.setPolicy, self.dice.randint(0, 5_000), self.dice.choice([True, True, False]), by=founder)
        else:
            product_id = self.one_of([*self._products()], 99)
            self.send(store.setListed, product_id, self.dice.choice([True, True, False]), by=founder)

    @action
    def buy(self) -> None:
        """A paid product for anybody, a free one for oneself; mostly one that is on sale."""
        products = self._products()
        on_sale = [
            number
            for number, each in products.items()
            if not (each["retiresAt"] or each["delisted"] or each["barred"])
            and (not each["cap"] or each["units"] < each["cap"])
        ]
        product_id = self.one_of(on_sale, *products, 99)
        free = product_id in products and not products[product_id]["price"]
        by = self.anybody()
        quantity = 1 if free else self.dice.randint(1, 2)
        recipient = by if free else self.anybody()
        self.shop.buy(product_id, sender=by, recipient=recipient, quantity=quantity)

    buy_again = buy_more = buy

    @action
    def tip(self) -> None:
        payee = self.one_of([self.world.founder, self.world.community.address, *self.ids], self.anybody())
        self.shop.tip(self.dice.randint(1, PRICE), sender=self.anybody(), payee=payee)

    @action
    def release_seat(self) -> None:
        account, product_id = self._seat()
        if not self.rarely():
            self.chain.advance(max(0, self.shop.valid_until(account, product_id) + 7 * DAY - self.chain.now))
        self.send(self.world.store.releaseSeat, product_id, account, by=self.anybody())

    @action
    def claim_sales(self) -> None:
        waiting = [each for each in self.people if self.shop.due(each)]
        if not waiting:
            self.tip()
        account = self.one_of(waiting, self.world.founder)
        to = self.anybody()
        self.shop.claim(account, to, sender=self.dice.choice([account, account, to]))

    @action
    def give_license(self) -> None:
        store, to = self.world.store, self.anybody()
        goods = [key for key in self._licenses() if not self._products()[key[1]]["periodSeconds"]]
        by, product_id = self.one_of(goods or [self._bought()], (self.anybody(), 1))
        if self.dice.randrange(2):
            self.send(store.safeTransferFrom, by, to, product_id, 1, b"", by=by)
        else:
            self.send(store.safeBatchTransferFrom, by, to, [product_id], [1], b"", by=by)

    @action
    def approve_licenses(self) -> None:
        allowed = self.dice.choice([True, False])
        self.send(self.world.store.setApprovalForAll, self.anybody(), allowed, by=self.anybody())

    def _bought(self, **changes: Any) -> tuple[str, int]:
        """A buyer of a new product."""
        product_id = self.shop.list(sender=self.world.founder, membership_id=0, **changes)
        by = self.anybody()
        self.shop.buy(product_id, sender=by)
        return by, product_id

    def _seat(self) -> tuple[str, int]:
        """An account whose license takes a seat of a product with a period."""
        store, products = self.world.store, self._products()
        taken = {(each["recipient"], each["productId"]) for each in self.fields_of(store, "LicenseBought")}
        freed = {(each["account"], each["productId"]) for each in self.fields_of(store, "LicenseSeatReleased")}
        seats = sorted(key for key in taken - freed if products[key[1]]["periodSeconds"])
        return self.one_of(seats) if seats else self._bought(periodSeconds=DAY)
