"""The market, and short ways to list, offer, buy and accept in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data

from tests.factories.communities import MONTH, MONTHLY, PRICE, World
from tests.factories.contracts import NATIVE, Chain, Receipt
from tests.factories.evm import CHAIN_ID, private_keys

ROYALTY_BPS = 500  # of the communities that tests open
FEE_BPS = 250
FOR_EVER = 2**40 - 1
ACHIEVEMENT = 2**40  # ids of referral badges are below
GAS_OF_A_PUSH = 100_000
FEE_CAP_BPS = 500

LISTING = {
    "seller": "address",
    "collection": "address",
    "membership": "address",
    "tokenId": "uint256",
    "currency": "address",
    "price": "uint96",
    "minProceeds": "uint96",
    "feeRecipient": "address",
    "feeBps": "uint16",
    "buyer": "address",
    "startsAt": "uint40",
    "deadline": "uint40",
    "transferCount": "uint64",
    "minAccrued": "uint96",
    "tierId": "uint16",
    "minExpiresAt": "uint40",
    "minUnearned": "uint96",
    "withBadge": "bool",
    "counter": "uint64",
    "salt": "uint256",
}
OFFER = {
    "buyer": "address",
    "collection": "address",
    "membership": "address",
    "tokenId": "uint256",
    "level": "uint8",
    "minRateBps": "uint16",
    "minAccrued": "uint96",
    "currency": "address",
    "price": "uint96",
    "feeRecipient": "address",
    "feeBps": "uint16",
    "deadline": "uint40",
    "counter": "uint64",
    "salt": "uint256",
}
DOMAIN = {"name": "string", "version": "string", "chainId": "uint256", "verifyingContract": "address"}


class Status(IntEnum):
    """IMarket.Status."""

    Ready = 0
    PriceZero = 1
    FeeTooHigh = 2
    NotStarted = 3
    Expired = 4
    CounterRaised = 5
    Spent = 6
    SignatureInvalid = 7
    CollectionUnknown = 8
    CurrencyRefused = 9
    ProceedsTooLow = 10
    TokenUnknown = 11
    Transferred = 12
    NotHolder = 13
    NotApproved = 14
    NotTransferable = 15
    AccruedTooLow = 16
    TierChanged = 17
    ExpiryTooEarly = 18
    UnearnedTooLow = 19
    BadgeMinted = 20
    TokenNotMeant = 21
    LevelTooLow = 22
    RateTooLow = 23
    FundsTooLow = 24
    AllowanceTooLow = 25


def split(price: int, royalty_bps: int = ROYALTY_BPS, fee_bps: int = FEE_BPS) -> tuple[int, int, int]:
    """Royalty, fee and proceeds by the documentation."""
    royalty, fee = price * royalty_bps // 10_000, price * fee_bps // 10_000
    return royalty, fee, price - royalty - fee


def typed(message: dict[str, Any], **domain: Any) -> Any:
    """The listing or offer as EIP-712 says it."""
    kind, fields = ("Listing", LISTING) if "seller" in message else ("Offer", OFFER)
    return encode_typed_data(
        full_message={
            "types": {
                "EIP712Domain": [{"name": name, "type": each} for name, each in DOMAIN.items()],
                kind: [{"name": name, "type": each} for name, each in fields.items()],
            },
            "primaryType": kind,
            "domain": domain,
            "message": message,
        }
    )


@dataclass
class Stall:
    """The market before one community. The seller is a member whose badge, a token, has earned `income`."""

    world: World
    market: Any
    badge: int = 0  # of the seller; the id of its membership too
    guest: int = 0  # the membership that was bought with the badge
    salts: Any = field(default_factory=count)

    @property
    def chain(self) -> Chain:
        return self.world.chain

    @property
    def seller(self) -> str:
        return self.world.member

    @property
    def invited(self) -> str:
        return self.world.other

    @property
    def stranger(self) -> str:
        return self.world.stranger

    @property
    def buyer(self) -> str:
        return self.chain.accounts[6]

    @property
    def page(self) -> str:
        return self.chain.accounts[7]

    @property
    def friend(self) -> str:
        return self.chain.accounts[8]

    @property
    def income(self) -> int:
        return int(self.chain.read(self.world.membership.accruedOf, self.badge))

    def join(self, account: str, *, badge: int = 0, tier_id: int = MONTHLY, periods: int = 1) -> int:
        """Membership of an account that joins by itself."""
        world, price = self.world, self.world.price_of(tier_id)
        world.fund(account, price * periods)
        arguments = (tier_id, periods, price, world.currency, account, badge)
        value = 0 if world.token else price * periods
        joined = self.chain.send(world.membership.join, *arguments, sender=account, value=value)
        return int(joined.only("MembershipJoined")["tokenId"])

    def mint(self, badge: int, owner: str) -> None:
        self.chain.send(self.world.badges.mint, badge, sender=owner)

    def another_badge(self, owner: str) -> int:
        """A badge of an account that joins, which the market may move. It has earned nothing."""
        badge = self.join(owner)
        self.mint(badge, owner)
        self.approve(self.world.badges, badge, owner)
        return badge

    def achievement(self, *, locked: bool = False) -> int:
        """A token of the seller, of an achievement of its own."""
        badges, founder = self.world.badges, self.world.founder
        params = (b"Marathon".ljust(32, b"\0"), 0, locked, NATIVE, 0, "", "")
        made = self.chain.send(badges.createAchievement, params, sender=founder).only("AchievementSet")
        granted = self.chain.send(badges.grantAchievement, made["achievementId"], [self.seller], sender=founder).only(
            "AchievementGranted"
        )
        return int(granted["firstTokenId"])

    def approve(self, contract: Any, token_id: int, owner: str) -> None:
        self.chain.send(contract.approve, self.market.address, token_id, sender=owner)

    def transfer(self, contract: Any, token_id: int, source: str, recipient: str) -> None:
        self.chain.send(contract.transferFrom, source, recipient, token_id, sender=source)

    def fund(self, account: str, amount: int, currency: str = "") -> None:
        """`account` can pay the market `amount` in an ERC-20."""
        token = self.world.token
        if token and amount and (currency or token.address) == token.address:
            self.chain.send(token.mint, account, amount, sender=account)
            self.chain.send(token.approve, self.market.address, amount, sender=account)

    def listing(self, **changes: Any) -> dict[str, Any]:
        """The seller's badge for one price, through the page."""
        price = changes.get("price", PRICE)
        return {
            "seller": self.seller,
            "collection": self.world.badges.address,
            "membership": self.world.membership.address,
            "tokenId": self.badge,
            "currency": self.world.currency,
            "price": price,
            "minProceeds": split(price)[2],
            "feeRecipient": self.page,
            "feeBps": FEE_BPS,
            "buyer": NATIVE,
            "startsAt": 0,
            "deadline": self.chain.now + MONTH,
            "transferCount": 0,
            "minAccrued": self.income,
            "tierId": 0,
            "minExpiresAt": 0,
            "minUnearned": 0,
            "withBadge": False,
            "counter": 0,
            "salt": next(self.salts),
        } | changes

    def membership_listing(self, token_id: int, **changes: Any) -> dict[str, Any]:
        """A membership as it is."""
        membership = self.world.membership
        state = self.world.state(token_id)
        return (
            self.listing(
                collection=membership.address,
                tokenId=token_id,
                transferCount=state["transferCount"],
                minAccrued=0,
                tierId=state["tierId"],
                minExpiresAt=state["expiresAt"],
                minUnearned=int(self.chain.read(membership.unearnedOf, token_id)),
            )
            | changes
        )

    def offer(self, **changes: Any) -> dict[str, Any]:
        """For the seller's badge, through the page."""
        return {
            "buyer": self.buyer,
            "collection": self.world.badges.address,
            "membership": self.world.membership.address,
            "tokenId": self.badge,
            "level": 0,
            "minRateBps": 0,
            "minAccrued": self.income,
            "currency": self.world.currency,
            "price": PRICE,
            "feeRecipient": self.page,
            "feeBps": FEE_BPS,
            "deadline": self.chain.now + MONTH,
            "counter": 0,
            "salt": next(self.salts),
        } | changes

    def domain(self, **changes: Any) -> dict[str, Any]:
        return {
            "name": "Koinon Market",
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": self.market.address,
        } | changes

    def sign(self, message: dict[str, Any], *, by: str = "", **domain: Any) -> bytes:
        """By the account that asks or offers, or by another."""
        account = by or message.get("seller") or message["buyer"]
        key = private_keys()[self.chain.accounts.index(account)]
        return bytes(Account.sign_message(typed(message, **self.domain(**domain)), key).signature)

    def digest(self, message: dict[str, Any]) -> bytes:
        """As the contract says; the tests of digests compare with EIP-712."""
        method = self.market.listingDigest if "seller" in message else self.market.offerDigest
        return bytes(self.chain.read(method, message))

    def buy(
        self,
        listing: dict[str, Any] | None = None,
        *,
        signature: bytes | None = None,
        sender: str = "",
        recipient: str = NATIVE,
        money: int = 0,
        value: int | None = None,
        funds: int | None = None,
    ) -> Receipt:
        """The buyer takes a listing (default: of the seller's badge), with enough money for its price."""
        listing = self.listing() if listing is None else listing
        signature = self.sign(listing) if signature is None else signature
        sender = sender or self.buyer
        if value is None:
            value = listing["price"] if listing["currency"] == NATIVE else 0
        self.fund(sender, listing["price"] if funds is None else funds, listing["currency"])
        return self.chain.send(self.market.buy, listing, signature, recipient, money, sender=sender, value=value)

    def deposit(self, account: str, amount: int, currency: str = "") -> None:
        """`account` can pay `amount` for an offer of its own."""
        if (currency or self.world.currency) != NATIVE:
            self.fund(account, amount)
        elif amount:
            self.chain.send(self.market.addFunds, account, sender=account, value=amount)

    def accept(
        self,
        offer: dict[str, Any] | None = None,
        *,
        signature: bytes | None = None,
        sender: str = "",
        token_id: int | None = None,
        least: int = 0,
        funds: int | None = None,
    ) -> Receipt:
        """The seller takes an offer, whose buyer has the money."""
        offer = self.offer() if offer is None else offer
        signature = self.sign(offer) if signature is None else signature
        self.deposit(offer["buyer"], offer["price"] if funds is None else funds, offer["currency"])
        token_id = self.badge if token_id is None else token_id
        return self.chain.send(self.market.accept, offer, signature, token_id, least, sender=sender or self.seller)

    def listing_status(self, listing: dict[str, Any], signature: bytes | None = None) -> Status:
        signature = self.sign(listing) if signature is None else signature
        return Status(self.chain.read(self.market.listingStatus, listing, signature))

    def offer_status(
        self, offer: dict[str, Any], signature: bytes | None = None, *, token_id: int | None = None
    ) -> Status:
        signature = self.sign(offer) if signature is None else signature
        token_id = self.badge if token_id is None else token_id
        return Status(self.chain.read(self.market.offerStatus, offer, signature, token_id))

    def till(self, *, page: str | None = None, collection: str = "") -> tuple[int, int]:
        """Royalties and fees that wait."""
        key = (
            collection or self.world.badges.address,
            self.world.membership.address,
            self.page if page is None else page,
        )
        waiting = self.chain.read(self.market.tillOf, *key)
        return waiting["royalties"], waiting["fees"]

    def funds(self, account: str) -> int:
        return int(self.chain.read(self.market.fundsOf, account))

    @contextmanager
    def code_at(self, account: str, code: str) -> Iterator[None]:
        """The account has this code, inside. Not every chain undoes it by itself."""
        self.chain.rpc("anvil_setCode", account, code)
        yield
        self.chain.rpc("anvil_setCode", account, "0x")

    def owner(self, contract: Any, token_id: int) -> str:
        return str(self.chain.read(contract.ownerOf, token_id))

    def balances(self, *accounts: str) -> list[int]:
        """In the community's currency."""
        return [self.world.balance(account) for account in accounts]


def stall_of(world: World, market: Any) -> Stall:
    """A seller with a badge that has earned, which the market may move."""
    stall = Stall(world, market)
    stall.badge = stall.join(stall.seller)
    stall.mint(stall.badge, stall.seller)
    stall.guest = stall.join(stall.invited, badge=stall.badge)
    stall.chain.advance(MONTH)
    world.settle(stall.guest)
    stall.approve(world.badges, stall.badge, stall.seller)
    return stall
