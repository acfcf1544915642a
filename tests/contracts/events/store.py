"""A Store, from its events"""

from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any

from tests.contracts.events.recording import NOBODY, Part, View, folds

FOR_GOOD = 2**40 - 1


class StorePart(Part):
    contract = "Store"
    silent = ("URI", "Swept")

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

    @folds("PolicySet")
    def see_policy_set(self, fields: dict[str, Any], now: int) -> None:
        self.policy = fields

    @folds("ProductSet")
    def see_product_set(self, fields: dict[str, Any], now: int) -> None:
        assert fields["creator"] == fields["product"]["creator"]
        self.products[fields["productId"]] = dict(fields["product"])

    @folds("LicenseBought")
    def see_license_bought(self, fields: dict[str, Any], now: int) -> None:
        bought = self.products[fields["productId"]]
        bought["units"] = fields["units"]
        if bought["periodSeconds"]:
            self.licenses[fields["recipient"], fields["productId"]] = fields["validUntil"]
        self._pay(fields["payment"])

    @folds("Tipped")
    def see_tipped(self, fields: dict[str, Any], now: int) -> None:
        self._pay(fields["payment"])

    @folds("LicenseSeatReleased")
    def see_license_seat_released(self, fields: dict[str, Any], now: int) -> None:
        self.products[fields["productId"]]["units"] = fields["units"]

    @folds("CreatorPaid")
    def see_creator_paid(self, fields: dict[str, Any], now: int) -> None:
        self.claimed[fields["account"]] = fields["claimed"]

    @folds("EarningsWithdrawn")
    def see_earnings_withdrawn(self, fields: dict[str, Any], now: int) -> None:
        self.withdrawn = fields["withdrawnTotal"]

    @folds("TransferSingle")
    def see_transfer_single(self, fields: dict[str, Any], now: int) -> None:
        _, source, to, product_id, amount = fields.values()
        self._move(source, to, product_id, amount)

    @folds("TransferBatch")
    def see_transfer_batch(self, fields: dict[str, Any], now: int) -> None:
        _, source, to, ids, amounts = fields.values()
        for product_id, amount in zip(ids, amounts, strict=True):
            self._move(source, to, product_id, amount)

    @folds("ApprovalForAll")
    def see_approval_for_all(self, fields: dict[str, Any], now: int) -> None:
        owner, operator, allowed = fields.values()
        self.operators[owner, operator] = allowed

    def views(self, now: int) -> Iterator[View]:
        yield self.view("policy", is_=self.policy)
        yield self.view("productCount", is_=len(self.products))
        for product_id, fields in self.products.items():
            yield self.view("productOf", product_id, is_=fields)
        for account, product_id in product(self.accounts - {NOBODY}, self.products):
            balance, until = self.balances[account, product_id], self.licenses.get((account, product_id), 0)
            if not self.products[product_id]["periodSeconds"]:
                until = FOR_GOOD if balance else 0
            yield self.view("balanceOf", account, product_id, is_=balance)
            yield self.view("licenseOf", account, product_id, is_=until)
            yield self.view("isLicensed", account, product_id, is_=now < until)
        for account in self.accounts:
            ledger = {"credited": self.credited[account], "claimed": self.claimed[account]}
            yield self.view("ledgerOf", account, is_=ledger)
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
