"""The store of a community, and short ways to sell and buy in it."""

from dataclasses import dataclass, field
from typing import Any

from tests.factories.communities import MONTH, MONTHLY, PRICE, World
from tests.factories.contracts import Chain, Receipt

FOR_GOOD = 2**40 - 1
LABEL = b"Byzantine history".ljust(32, b"\0")
DIGEST = b"\x07" * 32
COMMUNITY_BPS = 1_000  # of a store without a policy
BRONZE_BPS = 500
NO_PERMIT = (0, 0, 0, b"\0" * 32, b"\0" * 32)
OTHER, COURSE, FILE, TICKET, PLUGIN = range(5)


def divide(amount: int, rate: int, community_bps: int) -> tuple[int, int, int]:
    """Shares of badge, payee and community by the documentation."""
    badge = amount * rate // 10_000
    payee = (amount - badge) * (10_000 - community_bps) // 10_000
    return badge, payee, amount - badge - payee


@dataclass
class Shop:
    """A store; the creator is a member, and so is `member`, who was invited by `inviter`."""

    world: World
    store: Any
    ids: dict[str, int] = field(default_factory=dict)  # memberships of those who are members

    @property
    def chain(self) -> Chain:
        return self.world.chain

    @property
    def founder(self) -> str:
        return self.world.founder

    @property
    def member(self) -> str:
        return self.world.member

    @property
    def stranger(self) -> str:
        return self.world.stranger

    @property
    def creator(self) -> str:
        return self.chain.accounts[6]

    @property
    def inviter(self) -> str:
        return self.chain.accounts[7]

    @property
    def badge(self) -> int:
        return self.ids[self.inviter]

    def enroll(self, account: str, *, badge: int = 0) -> int:
        """Membership of an account that joins by itself."""
        world, tier = self.world, self.world.tier(MONTHLY)
        price = tier["price"] - (tier["price"] * tier["inviteeDiscountBps"] // 10_000 if badge else 0)
        world.fund(account, price)
        value = 0 if world.token else price
        arguments = (MONTHLY, 1, price, world.currency, account, badge)
        joined = world.chain.send(world.membership.join, *arguments, sender=account, value=value)
        self.ids[account] = int(joined.only("MembershipJoined")["tokenId"])
        return self.ids[account]

    def fund(self, account: str, amount: int) -> None:
        """`account` can pay the store `amount` in the community's currency."""
        if self.world.token and amount:
            self.chain.send(self.world.token.mint, account, amount, sender=account)
            self.chain.send(self.world.token.approve, self.store.address, amount, sender=account)

    def list(self, *, sender: str = "", membership_id: int | None = None, **changes: Any) -> int:
        """Id of a new product."""
        return int(
            self.send_list(sender=sender, membership_id=membership_id, **changes).only("ProductSet")["productId"]
        )

    def send_list(self, *, sender: str = "", membership_id: int | None = None, **changes: Any) -> Receipt:
        sender = sender or self.creator
        known = self.ids.get(sender, 0)
        params = self.params(**changes)
        return self.chain.send(
            self.store.list, params, known if membership_id is None else membership_id, sender=sender
        )

    def params(self, **changes: Any) -> dict[str, Any]:
        """A file for good, without limit, paid to the creator."""
        return {
            "kind": FILE,
            "label": LABEL,
            "digest": DIGEST,
            "price": PRICE,
            "periodSeconds": 0,
            "cap": 0,
            "royaltyBps": 0,
            "payout": self.creator,
            "communityBps": self.policy()["communityBps"],
        } | changes

    def plugin(self, **changes: Any) -> int:
        """Id of a new product that is paid by the month."""
        return self.list(**{"kind": PLUGIN, "periodSeconds": MONTH} | changes)

    def purchase(self, product_id: int, **changes: Any) -> dict[str, Any]:
        """What `member` buys, expecting what is so."""
        recipient = changes.get("recipient", self.member)
        product = self.product(product_id)
        return {
            "productId": product_id,
            "quantity": 1,
            "price": product["price"],
            "currency": self.world.currency,
            "version": product["version"],
            "recipient": recipient,
            "membershipId": self.ids.get(recipient, 0),
        } | changes

    def buy(self, product_id: int, *, sender: str = "", **changes: Any) -> Receipt:
        """Buys for the sender, or for the `recipient` among the changes; `funds` and `value` may differ from it."""
        sender = sender or self.member
        funds, value = changes.pop("funds", None), changes.pop("value", None)
        purchase = self.purchase(product_id, **{"recipient": sender} | changes)
        due = purchase["price"] * purchase["quantity"]
        self.fund(sender, due if funds is None else funds)
        if value is None:
            value = 0 if self.world.token else due
        return self.chain.send(self.store.buy, purchase, sender=sender, value=value)

    def tip(self, amount: int = PRICE, *, sender: str = "", **changes: Any) -> Receipt:
        """The member gives the creator a tip."""
        sender = sender or self.member
        funds, value = changes.pop("funds", amount), changes.pop("value", 0 if self.world.token else amount)
        self.fund(sender, funds)
        return self.chain.send(self.store.tip, self.tip_of(sender, amount, **changes), sender=sender, value=value)

    def tip_of(self, sender: str, amount: int, **changes: Any) -> dict[str, Any]:
        return {
            "payee": self.creator,
            "productId": 0,
            "amount": amount,
            "currency": self.world.currency,
            "membershipId": self.ids.get(sender, 0),
            "subject": b"\0" * 32,
        } | changes

    def claim(self, account: str = "", to: str = "", *, sender: str = "") -> Receipt:
        account = account or self.creator
        return self.chain.send(self.store.claim, account, to or account, sender=sender or account)

    def product(self, product_id: int) -> dict[str, Any]:
        return dict(self.chain.read(self.store.productOf, product_id))

    def policy(self) -> dict[str, Any]:
        return dict(self.chain.read(self.store.policy))

    def valid_until(self, account: str, product_id: int) -> int:
        return int(self.chain.read(self.store.licenseOf, account, product_id))

    def held(self, account: str, product_id: int) -> int:
        return int(self.chain.read(self.store.balanceOf, account, product_id))

    def credited(self, account: str) -> int:
        return int(self.chain.read(self.store.ledgerOf, account)["credited"])

    def due(self, account: str) -> int:
        ledger = self.chain.read(self.store.ledgerOf, account)
        return int(ledger["credited"] - ledger["claimed"])

    def earned(self) -> int:
        return int(self.chain.read(self.store.earnings)["earnedTotal"])

    def accrued(self) -> int:
        """Income of the inviter's badge."""
        return int(self.chain.read(self.world.membership.accruedOf, self.badge))

    def holdings(self) -> int:
        """All that the store holds of the currency."""
        return self.world.balance(self.store.address)

    def shares(self) -> tuple[int, int, int]:
        """What badge, creator and community have got so far."""
        return self.accrued(), self.credited(self.creator), self.earned()


def shop_of(world: World) -> Shop:
    """The store of a community with its first members: who creates, who invites, and a member who was invited."""
    shop = Shop(world, world.store)
    shop.enroll(shop.creator)
    shop.enroll(shop.inviter)
    shop.enroll(shop.member, badge=shop.badge)
    return shop


def payment(shop: Shop, amount: int, *, rate: int = BRONZE_BPS, community_bps: int = COMMUNITY_BPS) -> dict[str, Any]:
    """A payment to the creator as the first event says it: nothing was sold before."""
    badge_share, payee_share, community_share = divide(amount, rate, community_bps)
    return {
        "amount": amount,
        "badge": shop.badge if rate else 0,
        "badgeShare": badge_share,
        "payee": shop.creator,
        "payeeShare": payee_share,
        "communityShare": community_share,
        "payeeTotal": payee_share,
        "communityTotal": community_share,
    }
