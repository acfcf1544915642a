"""What a community of the demo sells: `[[sales]]` and `[[products]]` of its community.toml.

Every step is a transaction to the contracts, as a wallet sends it.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from eth_utils.address import to_checksum_address

from scripts.economy import reading
from scripts.member import Member
from scripts.node import Receipt

DAY = 86_400
MILLI = 10**15
TOKEN = 10**18
NOBODY = "0x" + "00" * 20
NOTHING = bytes(32)
WORDS_TYPE = "application/vnd.koinon.sale+json"
ASSETS = ("membership", "utility", "restricted")
KINDS = ("other", "course", "file", "ticket", "plugin")

Event = tuple[float, Callable[[], object]]
Setup = Mapping[str, Any]


class Trade:
    """The sales and products of one community. `person`: the member with this account; `home`: the community's address,
    as soon as it is open; `start`: unix seconds of the story's day 0."""

    def __init__(
        self, setup: Setup, *, person: Callable[[int], Member], home: Callable[[], str], start: Callable[[], int]
    ) -> None:
        self._setup, self._person, self._home, self._start = setup, person, home, start
        self._sales: dict[str, str] = {}
        self._products: dict[str, int] = {}

    def events(self) -> Iterator[Event]:
        """Everything that happens, with its day; not in order."""
        for sale in self._setup.get("sales", []):
            yield sale["day"], partial(self._open, sale)
            for each in sale["contributions"]:
                yield each["day"], partial(self._contribute, sale, each)
            for day in sale.get("finalized", []):
                yield day, partial(self._call_sale, sale, "finalize")
            for day in sale.get("releases", []):
                yield day, partial(self._call_sale, sale, "release")
            for each in sale.get("claims", []):
                yield each["day"], partial(self._claim, sale, each["account"])
        for product in self._setup.get("products", []):
            yield product["day"], partial(self._list, product)
            if "opens" in product:
                yield product["opens"]["day"], partial(self._publish, product)
            for each in product.get("purchases", []):
                yield each["day"], partial(self._buy, product, each["account"])
            for each in product.get("tips", []):
                yield each["day"], partial(self._tip, product, each)

    def _founder(self) -> Member:
        return self._person(self._setup["founder"])

    def _open(self, sale: Setup) -> None:
        founder, community = self._founder(), self._home()
        receipt = founder.call("Community", community, "openSale", tuple(self._terms(sale).values()))
        opened = next(log for log in receipt.logs if log["address"].lower() == community and len(log["topics"]) == 2)
        self._sales[sale["symbol"]] = to_checksum_address("0x" + str(opened["topics"][1])[-40:])
        if "title" in sale:
            self._say(sale)

    def _say(self, sale: Setup) -> None:
        """What the founder calls the sale, and what its money is for."""
        founder, community = self._founder(), self._home()
        words = json.dumps({"title": sale["title"], "purpose": sale["purpose"]}, ensure_ascii=False)
        sent = founder.send_body(community, words, type=WORDS_TYPE)
        founder.write(community, "sale.words", body=sent.body, data={"sale": self._sales[sale["symbol"]].lower()})

    def _terms(self, sale: Setup) -> dict[str, Any]:
        """ICrowdsale.Terms in its order; amounts in thousandths of a coin, tokens whole, times in days."""
        tier = sale.get("tier", {})
        return {
            "salt": hashlib.sha256(sale["symbol"].encode()).digest(),
            "asset": ASSETS.index(sale["asset"]),
            "startsAt": 0,
            "endsAt": self._start() + int(sale["until"] * DAY),
            "goal": sale["goal_milli"] * MILLI,
            "accountMin": sale.get("least_milli", 0) * MILLI,
            "accountMax": sale.get("most_milli", 0) * MILLI,
            "allowRoot": NOTHING,
            "steps": [(int(up_to * MILLI), int(price * MILLI)) for up_to, price in sale["steps_milli"]],
            "tierId": tier.get("id", 0),
            "tierPeriods": tier.get("periods", 0),
            "tierPrice": tier.get("price_milli", 0) * MILLI,
            "tierThreshold": tier.get("threshold_milli", 0) * MILLI,
            "cliffSeconds": sale["cliff_days"] * DAY,
            "vestingSeconds": sale["vesting_days"] * DAY,
            "stopThresholdBps": sale["stop_percent"] * 100,
            "founderAllocation": sale.get("founder_tokens", 0) * TOKEN,
            "lockupSeconds": 0,
            "tokenName": sale["name"],
            "tokenSymbol": sale["symbol"],
        }

    def _contribute(self, sale: Setup, each: Setup) -> None:
        member, amount = self._person(each["account"]), each["milli"] * MILLI
        highest = int(sale["steps_milli"][-1][1] * MILLI)
        arguments = (amount, highest, NOBODY, member.account.address, 0)
        member.call("Crowdsale", self._sales[sale["symbol"]], "contribute", *arguments, value=amount)

    def _claim(self, sale: Setup, index: int) -> None:
        member = self._person(index)
        member.call("Crowdsale", self._sales[sale["symbol"]], "claimTokens", member.account.address)

    def _call_sale(self, sale: Setup, function: str) -> Receipt:
        return self._founder().call("Crowdsale", self._sales[sale["symbol"]], function)

    def _store(self, member: Member) -> str:
        return to_checksum_address(str(reading(member.node, "Community", self._home(), "store")))

    def _list(self, product: Setup) -> None:
        """The product's words are a file of the home, whose hash the chain keeps."""
        member = self._person(product["creator"])
        store, owner = self._store(member), product["creator"] == self._setup["founder"]
        words = json.dumps({"description": product["description"]}, ensure_ascii=False).encode()
        params = (
            KINDS.index(product["kind"]),
            product["label"].encode().ljust(32, b"\0"),
            hashlib.sha256(words).digest(),
            product["price_milli"] * MILLI,
            product.get("period_days", 0) * DAY,
            product.get("cap", 0),
            product.get("royalty_percent", 0) * 100,
            to_checksum_address(self._home()) if owner else member.account.address,
            reading(member.node, "Store", store, "policy")[0],
        )
        member.call("Store", store, "list", params, 0 if owner else member.token_id(self._home()))
        self._products[product["label"]] = reading(member.node, "Store", store, "productCount")
        self._describe(member, words)

    def _describe(self, member: Member, words: bytes) -> None:
        member.post(f"/api/communities/{self._home()}/store/descriptions", {"text": words.decode()})

    def _publish(self, product: Setup) -> None:
        """A post of the founder, whose rest whoever has the license reads."""
        founder, community, number = self._founder(), self._home(), self._products[product["label"]]
        gate, words = f"license-{number}", product["opens"]
        founder.set_rule(community, gate, {"op": "license", "product": number})
        founder.publish(community, title=words["title"], teaser=words["teaser"], rest=words["rest"], gate=gate)

    def _buy(self, product: Setup, index: int) -> None:
        member = self._person(index)
        price = product["price_milli"] * MILLI
        held = member.token_id(self._home())
        purchase = (self._products[product["label"]], 1, price, NOBODY, 1, member.account.address, held)
        member.call("Store", self._store(member), "buy", purchase, value=price)

    def _tip(self, product: Setup, each: Setup) -> None:
        member, amount = self._person(each["account"]), each["milli"] * MILLI
        creator = self._person(product["creator"]).account.address
        number, held = self._products[product["label"]], member.token_id(self._home())
        tip = (creator, number, amount, NOBODY, held, NOTHING)
        member.call("Store", self._store(member), "tip", tip, value=amount)
