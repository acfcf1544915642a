"""The Market, from its events"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.contracts.events.recording import NOBODY, Part, View, folds


class MarketPart(Part):
    contract = "Market"
    silent = ("ListingAnnounced", "OfferAnnounced")

    def __init__(self, address: str, memberships: dict[str, str]) -> None:
        super().__init__(address)
        self.memberships = memberships  # collection -> membership of its community
        self.funds: dict[str, int] = {}
        self.counters: dict[str, int] = {}
        self.spent: set[tuple[str, bytes]] = set()
        self.tills: set[tuple[str, str, str]] = set()
        self.royalties: Counter[tuple[str, str, str]] = Counter()
        self.fees: Counter[tuple[str, str, str]] = Counter()

    @folds("FundsSet")
    def see_funds_set(self, fields: dict[str, Any], now: int) -> None:
        self.funds[fields["account"]] = fields["funds"]

    @folds("CounterRaised")
    def see_counter_raised(self, fields: dict[str, Any], now: int) -> None:
        self.counters[fields["account"]] = fields["counter"]

    @folds("SignatureCancelled")
    def see_signature_cancelled(self, fields: dict[str, Any], now: int) -> None:
        self.spent.add((fields["account"], fields["digest"]))

    @folds("TillOpened")
    def see_till_opened(self, fields: dict[str, Any], now: int) -> None:
        self.tills.add((fields["collection"], fields["membership"], fields["feeRecipient"]))

    @folds("ListingBought")
    def see_listing_bought(self, fields: dict[str, Any], now: int) -> None:
        key = (fields["collection"], self.memberships[fields["collection"]], fields["feeRecipient"])
        assert key in self.tills
        if fields["currency"] == NOBODY:
            self.royalties[key] += fields["royalty"]
            self.fees[key] += fields["fee"]

    @folds("OfferAccepted")
    def see_offer_accepted(self, fields: dict[str, Any], now: int) -> None:
        self.see_listing_bought(fields, now)
        self.spent.add((fields["buyer"], fields["digest"]))

    @folds("TillPaidOut")
    def see_till_paid_out(self, fields: dict[str, Any], now: int) -> None:
        key = (fields["collection"], fields["membership"], fields["feeRecipient"])
        assert (fields["royalties"], fields["fees"]) == (self.royalties.pop(key, 0), self.fees.pop(key, 0))

    def views(self, now: int) -> Iterator[View]:
        for account in self.accounts:
            yield self.view("fundsOf", account, is_=self.funds.get(account, 0))
            yield self.view("counterOf", account, is_=self.counters.get(account, 0))
        for account, digest in self.spent:
            yield self.view("isSpent", account, digest, is_=True)
        for key in self.tills:
            yield self.view("tillOf", *key, is_={"royalties": self.royalties[key], "fees": self.fees[key]})
