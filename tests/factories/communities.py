"""A community on a local chain with one payment currency, and short ways to use it."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.factories.contracts import NATIVE, Chain, Receipt

DAY = 86_400
MONTH = 30 * DAY
YEAR = 365 * DAY
FOR_LIFE = 2**40 - 1
COUNTED, CHOSEN, RELEASED = 1, 2, 4  # flags of a membership
NOTICE = 30 * DAY
PRICE = 10**16
HOME_KEY = "0x" + "11" * 20
HOME_URI = "https://home.example"
OPERATOR_CAP_BPS = 500
# bronze 5 %, silver 10 % from 5 counted members, gold 15 % from 25; the factory sets the unit of volume
RATES = {"bronzeBps": 500, "silverBps": 1000, "goldBps": 1500, "silverFrom": 5, "goldFrom": 25, "volumeUnit": 0}
SALTS = count(1000)
MONTHLY, FREE, LIFE, DAILY = 1, 2, 3, 4  # the tiers that `community_of` makes


def tier(**changes: Any) -> dict[str, Any]:
    """Parameters of a monthly tier."""
    return {
        "label": b"Member".ljust(32, b"\0"),
        "price": PRICE,
        "periodSeconds": MONTH,
        "earningSeconds": 0,
        "cap": 0,
        "saleStart": 0,
        "saleEnd": 0,
        "soulbound": False,
        "invitationOnly": False,
        "inviteeDiscountBps": 0,
        "allowRoot": b"\0" * 32,
    } | changes


def opening(**changes: Any) -> dict[str, Any]:
    """A community without operator and parent, with a monthly, a free, a lifelong and a soulbound daily tier."""
    fields: dict[str, Any] = {
        "salt": b"\0" * 32,
        "name": "Test Community",
        "symbol": "TEST",
        "currency": NATIVE,
        "noticeSeconds": NOTICE,
        "royaltyBps": 500,
        "rates": tuple(RATES.values()),
        "operator": NATIVE,
        "operatorBps": 0,
        "parent": NATIVE,
        "parentBps": 0,
        "parentMembership": 0,
        "homeUri": HOME_URI,
        "homeKey": HOME_KEY,
        "tiers": [
            tier(),
            tier(price=0, label=b"Guest".ljust(32, b"\0")),
            tier(price=10 * PRICE, periodSeconds=0, label=b"Patron".ljust(32, b"\0")),
            tier(price=PRICE // 10, periodSeconds=DAY, soulbound=True, label=b"Visitor".ljust(32, b"\0")),
        ],
    }
    fields |= changes
    return fields | {"tiers": [tuple(params.values()) for params in fields["tiers"]]}  # Ape takes no dict in a list


@dataclass
class World:
    """One community, and who acts in it. `member` and `other` are not members yet; `stranger` never is."""

    chain: Chain
    factory: Any
    community: Any
    membership: Any
    badges: Any
    store: Any
    token: Any  # None: native coins

    @property
    def currency(self) -> str:
        return str(self.token.address) if self.token else NATIVE

    @property
    def founder(self) -> str:
        return self.chain.accounts[1]

    @property
    def operator(self) -> str:
        return self.chain.accounts[2]

    @property
    def member(self) -> str:
        return self.chain.accounts[3]

    @property
    def other(self) -> str:
        return self.chain.accounts[4]

    @property
    def stranger(self) -> str:
        return self.chain.accounts[5]

    def price_of(self, tier_id: int) -> int:
        return int(self.tier(tier_id)["price"])

    def fund(self, account: str, amount: int) -> None:
        """`account` can pay `amount` in the community's currency."""
        if self.token and amount:
            self.chain.send(self.token.mint, account, amount, sender=account)
            self.chain.send(self.token.approve, self.membership.address, amount, sender=account)

    def join(self, tier_id: int = MONTHLY, periods: int = 1, *, sender: str = "", recipient: str = "") -> int:
        """Token id of a new membership, paid by `sender` (default: the member)."""
        return int(
            self.send_join(tier_id, periods, sender=sender, recipient=recipient).only("MembershipJoined")["tokenId"]
        )

    def send_join(self, tier_id: int = MONTHLY, periods: int = 1, *, sender: str = "", recipient: str = "") -> Receipt:
        sender = sender or self.member
        price = self.price_of(tier_id)
        self.fund(sender, price * periods)
        return self.chain.send(
            self.membership.join,
            tier_id,
            periods,
            price,
            self.currency,
            recipient or sender,
            0,
            sender=sender,
            value=0 if self.token else price * periods,
        )

    def renew(self, token_id: int, periods: int = 1, *, sender: str = "") -> Receipt:
        sender = sender or self.member
        price = int(self.chain.read(self.membership.renewalPrice, token_id))
        self.fund(sender, price * periods)
        value = 0 if self.token else price * periods
        return self.chain.send(
            self.membership.renew, token_id, periods, price, self.currency, sender=sender, value=value
        )

    def settle(self, *token_ids: int) -> Receipt:
        return self.chain.send(self.membership.settle, list(token_ids), sender=self.stranger)

    def receive(self, amount: int, token: Any = None) -> None:
        """The Community is sent native coins, or tokens, by the stranger."""
        if token is None:
            payment = {"from": self.stranger, "to": self.community.address, "value": hex(amount), "gasPrice": "0x0"}
            self.chain.rpc("eth_sendTransactionSync", payment)
        else:
            self.chain.send(token.mint, self.community.address, amount, sender=self.stranger)

    def due(self, account: str, source: str = "") -> int:
        return int(self.chain.read(self.community.dueOf, source or self.membership.address, account))

    def earn(self, *, sender: str = "") -> int:
        """One monthly payment is earned; the token that paid it."""
        token_id = self.join(sender=sender)
        self.chain.advance(MONTH)
        self.settle(token_id)
        return token_id

    def collect(self, account: str, source: str = "") -> Receipt:
        return self.chain.send(self.community.collect, source or self.membership.address, account, sender=self.stranger)

    def state(self, token_id: int) -> dict[str, Any]:
        return dict(self.chain.read(self.membership.stateOf, token_id))

    def tier(self, tier_id: int) -> dict[str, Any]:
        return dict(self.chain.read(self.membership.tierOf, tier_id))

    def earned(self) -> int:
        return int(self.chain.read(self.membership.earnings)["earnedTotal"])

    def balance(self, account: str) -> int:
        return self.chain.balance(account, self.currency)


def factory_of(chain: Chain, *, operator_cap_bps: int = OPERATOR_CAP_BPS) -> Any:
    """A factory with all that stands behind it."""
    sales = sales_of(chain)
    community = chain.deploy("Community", sales.address, operator_cap_bps)
    membership = chain.deploy("MembershipOffice", chain.deploy("MembershipArt").address)
    for name in ("MembershipHolder", "MembershipDesk", "Membership"):
        membership = chain.deploy(name, membership.address)
    badges, store = chain.deploy("Badges", chain.deploy("BadgeArt").address), chain.deploy("Store")
    return chain.deploy("CommunityFactory", community.address, badges.address, store.address, membership.address)


def sales_of(chain: Chain) -> Any:
    """What makes crowdsales, with what it clones."""
    return chain.deploy("CrowdsaleFactory", *(chain.deploy(name).address for name in ("Crowdsale", "CommunityToken")))


def community_of(chain: Chain, factory: Any, *, sender: str = "", **changes: Any) -> World:
    """A new community, unlike all others; `token` is the contract of its currency."""
    changes.setdefault("salt", next(SALTS).to_bytes(32, "big"))
    token = changes.pop("token", None)
    if token is not None:
        changes["currency"] = token.address
    founder = sender or chain.accounts[1]
    opened = chain.send(factory.open, opening(**changes), sender=founder).only("CommunityOpened")
    names = ("Community", "Membership", "Badges", "Store")
    community, membership, badges, store = (chain.at(name, opened[name.lower()]) for name in names)
    return World(chain, factory, community, membership, badges, store, token)
