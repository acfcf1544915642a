"""A Store, from its events"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.contracts.events.recording import NOBODY, Part, View

FOR_GOOD = 2**40 - 1


class StorePart(Part):
    contract = "Store"

    def __init__(self, opened: dict[str, Any]) -> None:
        super().__init__(opened["store"])
        self.opened = opened
        self.policy = {"communityBps": 1_000, "membersMayList": True}
        self.products: dict[int, dict[str, Any]] = {}
        self.licenses: dict[tuple[str, int], int] = {}  # with a period: until when
        self.balances: Counter[tuple[str, int]] = Counter()
        self.credited: Counter[str] = Counter()
        self.claimed: Counter[str] = Counter()
        self.operators: dict[tuple[str, str], bool] = {}
        self.earned = self.withdrawn = 0

    def on_PolicySet(self, fields: dict[str, Any], now: int) -> None:
        self.policy = fields

    def on_ProductSet(self, fields: dict[str, Any], now: int) -> None:
        assert fields["creator"] == fields["product"]["creator"]
        self.products[fields["productId"]] = dict(fields["product"])

    def on_LicenseBought(self, fields: dict[str, Any], now: int) -> None:
        product = self.products[fields["productId"]]
        product["units"] = fields["units"]
        if product["periodSeconds"]:
            self.licenses[fields["recipient"], fields["productId"]] = fields["validUntil"]
        self._pay(fields["payment"])

    def on_Tipped(self, fields: dict[str, Any], now: int) -> None:
        self._pay(fields["payment"])

    def on_LicenseSeatReleased(self, fields: dict[str, Any], now: int) -> None:
        self.products[fields["productId"]]["units"] = fields["units"]

    def on_CreatorPaid(self, fields: dict[str, Any], now: int) -> None:
        self.claimed[fields["account"]] = fields["claimed"]

    def on_EarningsWithdrawn(self, fields: dict[str, Any], now: int) -> None:
        self.withdrawn = fields["withdrawnTotal"]

    def on_TransferSingle(self, fields: dict[str, Any], now: int) -> None:
        _, source, to, product_id, amount = fields.values()
        self._move(source, to, product_id, amount)

    def on_TransferBatch(self, fields: dict[str, Any], now: int) -> None:
        _, source, to, ids, amounts = fields.values()
        for product_id, amount in zip(ids, amounts, strict=True):
            self._move(source, to, product_id, amount)

    def on_ApprovalForAll(self, fields: dict[str, Any], now: int) -> None:
        owner, operator, allowed = fields.values()
        self.operators[owner, operator] = allowed

    on_URI = on_Swept = Part.says_nothing_new

    def views(self, now: int) -> Iterator[View]:
        yield self.view("policy", is_=self.policy)
        yield self.view("productCount", is_=len(self.products))
        for product_id, product in self.products.items():
            yield self.view("productOf", product_id, is_=product)
        for (account, product_id), balance in self.balances.items():
            yield self.view("balanceOf", account, product_id, is_=balance)
            if not self.products[product_id]["periodSeconds"]:
                yield self.view("licenseOf", account, product_id, is_=FOR_GOOD if balance else 0)
        for (account, product_id), until in self.licenses.items():
            yield self.view("licenseOf", account, product_id, is_=until)
            yield self.view("isLicensed", account, product_id, is_=now < until)
        for account, credited in self.credited.items():
            yield self.view("ledgerOf", account, is_={"credited": credited, "claimed": self.claimed[account]})
        for (owner, operator), allowed in self.operators.items():
            yield self.view("isApprovedForAll", owner, operator, is_=allowed)
        yield self.view("earnings", is_={"earnedTotal": self.earned, "withdrawnTotal": self.withdrawn})
        for name in ("community", "membership", "currency"):
            yield self.view(name, is_=self.opened[name])

    def _move(self, source: str, to: str, product_id: int, amount: int) -> None:
        for account, change in ((source, -amount), (to, amount)):
            if account != NOBODY:
                self.balances[account, product_id] += change

    def _pay(self, payment: dict[str, Any]) -> None:
        assert payment["amount"] == payment["badgeShare"] + payment["payeeShare"] + payment["communityShare"]
        self.credited[payment["payee"]] = payment["payeeTotal"]
        self.earned = payment["communityTotal"]
