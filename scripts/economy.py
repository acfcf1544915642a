"""The second half of the tour: what memberships earn by inviting, and what a community sells beside them.

Every step is a transaction to the contracts, as a wallet sends it, and every amount is checked against the chain.
"""

from collections.abc import Callable, Mapping
from typing import Any

from eth_abi.abi import decode
from eth_account.messages import encode_typed_data
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address

from backend.transactions import call_data
from indexer.deployments import load_abi
from scripts.member import Member
from scripts.node import Node, Receipt

DAY = 86_400
MONTH = 30 * DAY
COIN = 10**18
NOBODY = "0x" + "00" * 20
NOTHING = b"\0" * 32
FOR_EVER = 2**40 - 1
TIER = 1
BADGE_PRICE = 2 * 10**16
LICENSE_PRICE = 3 * 10**15
TIP = 10**15
GOAL = 10 * 10**15
UTILITY = 1
COURSE = 1
STORE_BPS = 1_000
"""What a community keeps of a member's sale while it has no policy of its own, 1/10 000."""

Facts = Mapping[str, Any]


class Economy:
    """Vera's community, in which Noor holds a membership and Tomas holds none."""

    def __init__(self, community: str, market: str, vera: Member, tomas: Member, noor: Member) -> None:
        self.vera, self.tomas, self.noor = vera, tomas, noor
        self.node = vera.node
        self.market = market
        self.community = community
        self.membership = str(self.read("Community", community, "membership"))
        self.badges = str(self.read("Community", community, "badges"))
        self.store = str(self.read("Community", community, "store"))
        self.badge = noor.token_id(community)
        self.member_id = self.income = 0
        self.steps: list[tuple[str, Callable[[], Facts]]] = [
            ("Tomas joins again, by Noor's invitation, at the invitee's price", self.join_by_invitation),
            ("A month passes; Noor claims what her badge has earned", self.claim),
            ("Noor lists the badge by a signature; Vera buys it", self.sell_badge),
            ("Tomas renews; the badge's income now goes to Vera", self.earn_for_the_new_owner),
            ("Vera opens a sale of tokens; Tomas reaches its goal and claims his", self.succeed),
            ("A second sale misses its goal; Tomas is refunded", self.miss),
            ("Tomas lists a course; Noor buys a license, and tips him", self.trade),
        ]

    def join_by_invitation(self) -> Facts:
        price = self.read("Membership", self.membership, "joinPrice", TIER, self.badge, _no_voucher())
        full = self.read("Membership", self.membership, "tierOf", TIER)[1]
        _require(price < full, "an invitation makes joining cheaper")
        receipt = self._send(
            self.tomas, "Membership", "join", TIER, 1, price, NOBODY, self._of(self.tomas), self.badge, value=price
        )
        self.member_id = self.tomas.token_id(self.community)
        bound = self._state(self.member_id)[2]
        _require(bound == self.badge, f"the member is bound to {bound}")
        return {"paid": f"{_coins(price)} instead of {_coins(full)}", "bound to": f"badge {self.badge}", **_tx(receipt)}

    def claim(self) -> Facts:
        self.node.advance(31 * DAY)
        self._send(self.noor, "Membership", "settle", [self.member_id])
        accrued = self._accrued()
        _require(accrued > 0, "the badge has earned nothing")
        receipt = self._send(self.noor, "Membership", "claim", [self.badge], self._of(self.noor))
        _require(self._accrued() == 0, "not all was paid")
        owner = self.read("Badges", self.badges, "ownerOf", self.badge)
        _require(owner == self._of(self.noor).lower(), f"the badge belongs to {owner}")
        return {"claimed": f"{_coins(accrued)}; the badge is a token now", **_tx(receipt)}

    def sell_badge(self) -> Facts:
        self._send(self.noor, "Badges", "setApprovalForAll", self.market, True, to=self.badges)
        listing = self._listing()
        signature = self._signed(self.noor, listing)
        before = self.node.balance(self.noor.address)
        receipt = self._send(
            self.vera, "Market", "buy", listing, signature, NOBODY, 0, to=self.market, value=BADGE_PRICE
        )
        paid = self.node.balance(self.noor.address) - before
        owner = self.read("Badges", self.badges, "ownerOf", self.badge)
        _require(owner == self._of(self.vera).lower(), f"the badge belongs to {owner}")
        return {
            "price": f"{_coins(BADGE_PRICE)}, of which {_coins(paid)} to Noor, the rest to the community",
            **_tx(receipt),
        }

    def earn_for_the_new_owner(self) -> Facts:
        price = self.read("Membership", self.membership, "renewalPrice", self.member_id)
        self._send(self.tomas, "Membership", "renew", self.member_id, 1, price, NOBODY, value=price)
        self.node.advance(31 * DAY)
        self._send(self.noor, "Membership", "settle", [self.member_id])
        accrued = self._accrued()
        receipt = self._send(self.vera, "Membership", "claim", [self.badge], self._of(self.vera))
        _require(accrued > 0 and self._accrued() == 0, f"of {accrued} not all was paid")
        return {"claimed": f"{_coins(accrued)} by Vera", **_tx(receipt)}

    def succeed(self) -> Facts:
        sale = self._open_sale(1)
        self._contribute(sale, GOAL)
        self.node.advance(8 * DAY)
        self._send(self.noor, "Crowdsale", "finalize", to=sale)
        self.node.advance(MONTH)
        self._send(self.tomas, "Crowdsale", "claimTokens", self._of(self.tomas), to=sale)
        receipt = self._send(self.noor, "Crowdsale", "release", to=sale)
        token = str(self.read("Crowdsale", sale, "terms")[1][4])
        held = self.read("CommunityToken", token, "balanceOf", self._of(self.tomas))
        released = self.read("Crowdsale", sale, "totals")[3]
        _require((held, released) == (10 * COIN, GOAL), f"{held} tokens, {released} released")
        return {
            "raised": f"{_coins(GOAL)}, released to the community",
            "vested": f"{held // COIN} tokens",
            **_tx(receipt),
        }

    def miss(self) -> Facts:
        sale = self._open_sale(2)
        self._contribute(sale, GOAL // 2)
        self.node.advance(8 * DAY)
        refund = self.read("Crowdsale", sale, "refundOf", self._of(self.tomas))
        receipt = self._send(self.tomas, "Crowdsale", "claimRefund", NOBODY, to=sale)
        left = self.node.balance(sale)
        _require((refund, left) == (GOAL // 2, 0), f"{refund} refunded, {left} left")
        return {"refunded": _coins(refund), **_tx(receipt)}

    def trade(self) -> Facts:
        price = self.read("Membership", self.membership, "renewalPrice", self.member_id)
        self._send(self.tomas, "Membership", "renew", self.member_id, 1, price, NOBODY, value=price)
        product = (
            COURSE,
            b"How mirrors are ground".ljust(32, b"\0"),
            b"\7" * 32,
            LICENSE_PRICE,
            0,
            0,
            0,
            self._of(self.tomas),
            STORE_BPS,
        )
        self._send(self.tomas, "Store", "list", product, self.member_id)
        product_id = self.read("Store", self.store, "productCount")
        purchase = (product_id, 1, LICENSE_PRICE, NOBODY, 1, self._of(self.noor), self.badge)
        self._send(self.noor, "Store", "buy", purchase, value=LICENSE_PRICE)
        tip = (self._of(self.tomas), 0, TIP, NOBODY, self.badge, NOTHING)
        self._send(self.noor, "Store", "tip", tip, value=TIP)
        licensed = self.read("Store", self.store, "isLicensed", self._of(self.noor), product_id)
        credited, _ = self.read("Store", self.store, "ledgerOf", self._of(self.tomas))
        receipt = self._send(self.tomas, "Store", "claim", self._of(self.tomas), self._of(self.tomas))
        expected = (LICENSE_PRICE + TIP) * (10_000 - STORE_BPS) // 10_000
        _require(licensed and credited == expected, f"licensed: {licensed}; the creator got {credited}")
        return {"earned": f"{_coins(credited)} of {_coins(LICENSE_PRICE + TIP)}", **_tx(receipt)}

    def read(self, contract: str, address: str, function: str, *arguments: Any) -> Any:
        """What a view answers: one value, or a tuple of several; a struct is a tuple."""
        return reading(self.node, contract, address, function, *arguments)

    def _send(
        self, who: Member, contract: str, function: str, *arguments: Any, to: str = "", value: int = 0
    ) -> Receipt:
        """A mined transaction that the home knows of. Memberships and store are found by the contract's name."""
        address = to or {"Membership": self.membership, "Store": self.store}[contract]
        receipt = who.call(contract, to_checksum_address(address), function, *arguments, value=value)
        who.await_indexed(receipt.tx_hash)
        return receipt

    def _open_sale(self, number: int) -> str:
        """A week for ten thousandths of a coin; the tokens vest and the money is released over a month."""
        terms = {
            "salt": number.to_bytes(32, "big"),
            "asset": UTILITY,
            "startsAt": 0,
            "endsAt": self.node.time + 7 * DAY,
            "goal": GOAL,
            "accountMin": 0,
            "accountMax": 0,
            "allowRoot": NOTHING,
            "steps": [(2 * GOAL, GOAL // 10)],
            "tierId": 0,
            "tierPeriods": 0,
            "tierPrice": 0,
            "tierThreshold": 0,
            "cliffSeconds": 0,
            "vestingSeconds": MONTH,
            "stopThresholdBps": 5_000,
            "founderAllocation": 0,
            "lockupSeconds": 0,
            "tokenName": f"Tour Token {number}",
            "tokenSymbol": f"TOUR{number}",
        }
        receipt = self._send(self.vera, "Community", "openSale", tuple(terms.values()), to=self.community)
        opened = next(
            log for log in receipt.logs if log["address"].lower() == self.community and len(log["topics"]) == 2
        )
        return "0x" + str(opened["topics"][1])[-40:]

    def _contribute(self, sale: str, amount: int) -> None:
        arguments = (amount, GOAL, NOBODY, self._of(self.tomas), 0)
        self._send(self.tomas, "Crowdsale", "contribute", *arguments, to=sale, value=amount)

    def _listing(self) -> tuple[Any, ...]:
        fields = {
            "seller": self._of(self.noor),
            "collection": to_checksum_address(self.badges),
            "membership": to_checksum_address(self.membership),
            "tokenId": self.badge,
            "currency": NOBODY,
            "price": BADGE_PRICE,
            "minProceeds": BADGE_PRICE * 9 // 10,
            "feeRecipient": NOBODY,
            "feeBps": 0,
            "buyer": NOBODY,
            "startsAt": 0,
            "deadline": FOR_EVER,
            "transferCount": 0,
            "minAccrued": 0,
            "tierId": 0,
            "minExpiresAt": 0,
            "minUnearned": 0,
            "withBadge": False,
            "counter": 0,
            "salt": 1,
        }
        return tuple(fields.values())

    def _signed(self, who: Member, listing: tuple[Any, ...]) -> bytes:
        components = _function("Market", "buy")["inputs"][0]["components"]
        domain = {
            "name": "Koinon Market",
            "version": "1",
            "chainId": self.node.chain_id,
            "verifyingContract": to_checksum_address(self.market),
        }
        types = {"Listing": [{"name": each["name"], "type": each["type"]} for each in components]}
        named = dict(zip((each["name"] for each in components), listing, strict=True))
        return bytes(who.account.sign_message(encode_typed_data(domain, types, named)).signature)

    def _of(self, who: Member) -> str:
        return str(who.account.address)

    def _state(self, token_id: int) -> Any:
        return self.read("Membership", self.membership, "stateOf", token_id)

    def _accrued(self) -> int:
        return int(self.read("Membership", self.membership, "accruedOf", self.badge))


def reading(node: Node, contract: str, address: str, function: str, *arguments: Any) -> Any:
    """What a view answers: one value, or a tuple of several; a struct is a tuple."""
    call = {"to": to_checksum_address(address), "data": "0x" + call_data(contract, function, *arguments).hex()}
    outputs = _function(contract, function)["outputs"]
    answer = bytes.fromhex(node.rpc("eth_call", call, "latest")[2:])
    values = decode([collapse_if_tuple(each) for each in outputs], answer)
    return values if len(values) > 1 else values[0]


def _no_voucher() -> tuple[Any, ...]:
    return (NOBODY, 0, 0, 0, NOBODY, 0, 0, 0)


def _function(contract: str, name: str) -> dict[str, Any]:
    return next(each for each in load_abi(contract) if each["type"] == "function" and each["name"] == name)


def _coins(amount: int) -> str:
    return f"{amount / COIN:.6f}".rstrip("0") + " coins"


def _tx(receipt: Receipt) -> Facts:
    return {"tx": receipt.tx_hash}


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)
