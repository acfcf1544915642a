"""A community in which money went every way that there is, on a real chain: what reconciling has to prove."""

from typing import Any

from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.crowdsale import Sale
from tests.factories.economy import DAY, FOREVER, Economy
from tests.factories.story import Story

PRICE = 10**15
WHOLE = 10**18
LABEL, DIGEST, NOTHING = b"Thing".ljust(32, b"\0"), b"\xd1" * 32, b"\0" * 32


class Books:
    """Plays one part after the other; afterwards all tables that hold money have rows."""

    def __init__(self, story: Story, market: str) -> None:
        self.story, self.market = story, market
        self.economy = Economy(story)
        self.anvil = story.anvil
        self.founder, self.people = self.economy.founder, self.economy.people
        self._shares()
        self._memberships()
        self._store()
        self._market()
        self._token_sale()
        self._membership_sale()
        self._missed_sale()
        story.index()

    def send(self, contract: str, address: str, function: str, *arguments: Any, sender: str, value: int = 0) -> None:
        self.story.send(contract, address, function, *arguments, sender=sender, value=value)

    def _shares(self) -> None:
        alice, bob = self.people[:2]
        self.economy.govern("setSplits", [(alice, 1_337), (bob, 501)], 0)

    def _memberships(self) -> None:
        send, price = self.economy.send, self.economy.price
        alice, bob, carol, dave, erin, frank = self.people
        self.badge = self.economy.join(alice)
        second = self.economy.join_agreeing(bob, badge=self.badge)
        third = self.economy.join(carol, badge=self.badge)
        self.fourth = self.economy.join(dave)
        send("grant", [(frank, 1, 10 * DAY, 0)], sender=self.founder)
        send("addFunds", bob, sender=carol, value=3 * price + 7)
        self.anvil.advance(20 * DAY)
        send("settle", [self.badge, second, third, self.fourth], sender=frank)
        send("claim", [self.badge], frank, sender=alice)
        self.anvil.set_time(self.economy.held(bob)["expires_at"] - DAY)
        send("renewFor", second, price // 77, sender=frank)
        send("cancel", third, carol, sender=carol)
        send("changeTier", self.fourth, 3, 1, 10 * price, ZERO_ADDRESS, 0, [], sender=dave, value=10 * price)
        send("revoke", self.fourth, sender=self.founder)
        fifth = self.economy.join(erin, badge=self.badge)
        self.anvil.advance(DAY)
        send("burn", fifth, erin, sender=erin)
        for account in (self.founder, alice):
            self.economy.govern("collect", self.economy.membership, account)
        self.anvil.send({"from": dave, "to": self.economy.community, "value": hex(12_345)})
        self.economy.govern("collect", ZERO_ADDRESS, bob)

    def _store(self) -> None:
        store, (alice, bob, carol) = self.economy.store, self.people[:3]
        member, price = self.economy.held(bob)["token_id"], self.economy.price
        self.economy.send("renew", self.badge, 1, price, ZERO_ADDRESS, sender=alice, value=price)
        product = (1, LABEL, DIGEST, PRICE + 3, 0, 10, 500, carol, 1_000)
        self.send("Store", store, "list", product, self.badge, sender=alice)
        purchase = (1, 3, PRICE + 3, ZERO_ADDRESS, 1, bob, member)
        self.send("Store", store, "buy", purchase, sender=bob, value=3 * (PRICE + 3))
        tip = (carol, 1, PRICE, ZERO_ADDRESS, member, NOTHING)
        self.send("Store", store, "tip", tip, sender=bob, value=PRICE)
        self.send("Store", store, "claim", carol, carol, sender=carol)
        self.send("Store", store, "tip", tip, sender=bob, value=PRICE)
        self.economy.govern("collect", store, self.founder)

    def _market(self) -> None:
        alice, bob, carol, dave = self.people[:4]
        badges, membership = self.economy.badges, self.economy.membership
        self.send("Badges", badges, "setApprovalForAll", self.market, True, sender=alice)
        self.send("Badges", badges, "setApprovalForAll", self.market, True, sender=bob)
        fields = (alice, badges, membership, self.badge, ZERO_ADDRESS, PRICE, 0, carol, 100, ZERO_ADDRESS)
        listing = (*fields, 0, FOREVER, 0, 0, 0, 0, 0, False, 0, 7)
        [digest] = self.story.read("Market", self.market, "listingDigest", listing)
        signature = self.economy.sign(0, digest)
        self.send("Market", self.market, "announceListing", listing, signature, sender=dave)
        self.send("Market", self.market, "buy", listing, signature, ZERO_ADDRESS, 0, sender=bob, value=PRICE)
        self.send("Market", self.market, "payOut", badges, membership, [carol], sender=dave)
        self.send("Market", self.market, "addFunds", dave, sender=dave, value=3 * PRICE)
        offer = (dave, badges, membership, 0, 0, 0, 0, ZERO_ADDRESS, 2 * PRICE, carol, 100, FOREVER, 0, 9)
        [digest] = self.story.read("Market", self.market, "offerDigest", offer)
        signature = self.economy.sign(3, digest)
        self.send("Market", self.market, "announceOffer", offer, signature, sender=dave)
        self.send("Market", self.market, "accept", offer, signature, self.badge, 0, sender=bob)

    def open_sale(self, **changes: Any) -> dict[str, Any]:
        """The row of a sale that is open now."""
        fields: dict[str, Any] = {
            "salt": self.anvil.head.to_bytes(32, "big"),
            "asset": 2,
            "startsAt": 0,
            "endsAt": self.anvil.time + DAY,
            "goal": 10 * PRICE,
            "accountMin": PRICE,
            "accountMax": 0,
            "allowRoot": NOTHING,
            "steps": [(10 * PRICE, PRICE), (30 * PRICE, 2 * PRICE)],
            "tierId": 0,
            "tierPeriods": 0,
            "tierPrice": 0,
            "tierThreshold": 0,
            "cliffSeconds": 0,
            "vestingSeconds": 100 * DAY,
            "stopThresholdBps": 5_000,
            "founderAllocation": 5 * WHOLE,
            "lockupSeconds": 0,
            "tokenName": "Circle",
            "tokenSymbol": "CIR",
        }
        self.economy.govern("openSale", tuple((fields | changes).values()))
        self.story.index()
        return max(self.story.rows(Sale), key=lambda row: row["made_at"])

    def contribute(self, sale: str, account: str, amount: int) -> None:
        arguments = (amount, 2 * PRICE, ZERO_ADDRESS, account, 0)
        self.send("Crowdsale", sale, "contribute", *arguments, sender=account, value=amount)

    def _token_sale(self) -> None:
        alice, bob, carol, dave = self.people[:4]
        row = self.open_sale()
        sale, token = row["address"], row["token"]
        self.send("CommunityToken", token, "setAttestor", dave, sender=self.founder)
        self.send("CommunityToken", token, "attest", [alice, bob, self.founder], FOREVER, sender=dave)
        for account, amount in ((alice, 20 * PRICE), (bob, 6 * PRICE), (alice, 9 * PRICE)):
            self.contribute(sale, account, amount)  # the last of it is beyond the cap
        self.send("Crowdsale", sale, "finalize", sender=dave)
        self.anvil.advance(25 * DAY)
        self.send("Crowdsale", sale, "release", sender=dave)
        for account in (alice, self.founder):
            self.send("Crowdsale", sale, "claimTokens", account, sender=dave)
        self.send("CommunityToken", token, "distribute", PRICE + 1, ZERO_ADDRESS, sender=carol, value=PRICE + 1)
        self.send("CommunityToken", token, "claimIncome", alice, alice, sender=alice)
        self.send("Crowdsale", sale, "voteStop", sender=alice)
        self.send("Crowdsale", sale, "claimRefund", bob, sender=bob)

    def _membership_sale(self) -> None:
        frank = self.people[5]
        none = {"vestingSeconds": 0, "stopThresholdBps": 0, "founderAllocation": 0, "tokenName": "", "tokenSymbol": ""}
        sale = self.open_sale(asset=0, tierId=2, steps=[(40 * PRICE, PRICE)], **none)["address"]
        self.contribute(sale, self.people[4], 12 * PRICE)
        self.anvil.advance(2 * DAY)
        self.send("Crowdsale", sale, "finalize", sender=frank)
        self.send("Crowdsale", sale, "claimMembership", self.people[4], self.people[4], 12, 0, sender=self.people[4])

    def _missed_sale(self) -> None:
        carol = self.people[2]
        row = self.open_sale(goal=30 * PRICE)
        sale, token = row["address"], row["token"]
        self.send("CommunityToken", token, "attest", [carol], FOREVER, sender=self.founder)
        self.contribute(sale, carol, 2 * PRICE)
        self.anvil.advance(2 * DAY)
        self.send("Crowdsale", sale, "claimRefund", carol, sender=carol)
