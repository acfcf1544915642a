"""The Market, from its events"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.contracts.events.recording import NOBODY, Part, View


class MarketPart(Part):
    contract = "Market"

    def __init__(self, address: str, memberships: dict[str, str]) -> None:
        super().__init__(address)
        self.memberships = memberships  # collection -> membership of its community
        self.funds: dict[str, int] = {}
        self.counters: dict[str, int] = {}
        self.spent: set[tuple[str, bytes]] = set()
        self.tills: set[tuple[str, str, str]] = set()
        self.royalties: Counter[tuple[str, str, str]] = Counter()
        self.fees: Counter[tuple[str, str, str]] = Counter()

    def on_FundsSet(self, fields: dict[str, Any], now: int) -> None:
        self.funds[fields["account"]] = fields["funds"]

    def on_CounterRaised(self, fields: dict[str, Any], now: int) -> None:
        self.counters[fields["account"]] = fields["counter"]

    def on_SignatureCancelled(self, fields: dict[str, Any], now: int) -> None:
        self.spent.add((fields["account"], fields["digest"]))

    def on_TillOpened(self, fields: dict[str, Any], now: int) -> None:
        self.tills.add((fields["collection"], fields["membership"], fields["feeRecipient"]))

    def on_ListingBought(self, fields: dict[str, Any], now: int) -> None:
        key = (fields["collection"], self.memberships[fields["collection"]], fields["feeRecipient"])
        assert key in self.tills
        if fields["currency"] == NOBODY:
            self.royalties[key] += fields["royalty"]
            self.fees[key] += fields["fee"]

    def on_OfferAccepted(self, fields: dict[str, Any], now: int) -> None:
        self.on_ListingBought(fields, now)
        self.spent.add((fields["buyer"], fields["digest"]))

    def on_TillPaidOut(self, fields: dict[str, Any], now: int) -> None:
        key = (fields["collection"], fields["membership"], fields["feeRecipient"])
        assert (fields["royalties"], fields["fees"]) == (self.royalties.pop(key, 0), self.fees.pop(key, 0))

    on_ListingAnnounced = on_OfferAnnounced = Part.says_nothing_new

    def views(self, now: int) -> Iterator[View]:
        for account, funds in self.funds.items():
            yield self.view("fundsOf", account, is_=funds)
        for account, counter in self.counters.items():
            yield self.view("counterOf", account, is_=counter)
        for account, digest in self.spent:
            yield self.view("isSpent", account, digest, is_=True)
        for key in self.tills:
            yield self.view("tillOf", *key, is_={"royalties": self.royalties[key], "fees": self.fees[key]})
