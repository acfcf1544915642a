"""Crowdsales of a community: terms with sane defaults, and short ways to contribute, claim and vote."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from eth_utils.crypto import keccak

from tests.factories.communities import DAY, MONTHLY, PRICE, World
from tests.factories.contracts import NATIVE, Chain, Receipt

MEMBERSHIP, UTILITY, RESTRICTED = range(3)  # assets
PLANNED, OPEN, REACHED, MISSED, FINALIZED, STOPPED = range(6)  # states
UNIT = 10**18  # base units of one token
COIN = 10**18
GOAL = 10 * COIN
STEPS = ((50 * COIN, COIN // 1000), (100 * COIN, COIN // 500))  # raised up to -> price of a token
PERIOD_STEPS = ((300 * PRICE, PRICE), (500 * PRICE, 2 * PRICE))  # the same of a period
CAP = STEPS[-1][0]
ALLOCATION = 10_000 * UNIT  # the founder's
MOST_TOKENS = 50_000 * UNIT + 25_000 * UNIT + ALLOCATION
CLIFF, VESTING = 30 * DAY, 365 * DAY
STOP_BPS = 3000
LENGTH = 30 * DAY
LOCKUP = 90 * DAY
TIER_PERIODS = 12
TIER_MONEY = TIER_PERIODS * PRICE
THRESHOLD = COIN
OWN_CLAIM = 90 * DAY  # in which nobody else claims a contributor's membership
FOREVER = 2**40 - 1
NO_PERMIT = (0, 0, 0, b"\0" * 32, b"\0" * 32)
SALTS = count(1)


def terms_of(chain: Chain, asset: int = UTILITY, **changes: Any) -> dict[str, Any]:
    """Terms of a sale that is open now: 300 periods at one price, 100 at twice that; for tokens 50 and 50 coins."""
    tokens = asset != MEMBERSHIP
    fields: dict[str, Any] = {
        "salt": next(SALTS).to_bytes(32, "big"),
        "asset": asset,
        "startsAt": chain.now,
        "endsAt": chain.now + LENGTH,
        "goal": GOAL if tokens else 100 * PRICE,
        "accountMin": 0,
        "accountMax": 0,
        "allowRoot": b"\0" * 32,
        "steps": STEPS if tokens else PERIOD_STEPS,
        "tierId": 0 if tokens else MONTHLY,
        "tierPeriods": 0,
        "tierPrice": 0,
        "tierThreshold": 0,
        "cliffSeconds": CLIFF if tokens else 0,
        "vestingSeconds": VESTING if tokens else 0,
        "stopThresholdBps": STOP_BPS if tokens else 0,
        "founderAllocation": ALLOCATION if tokens else 0,
        "lockupSeconds": LOCKUP if asset == RESTRICTED else 0,
        "tokenName": "Test Token" if tokens else "",
        "tokenSymbol": "TT" if tokens else "",
    }
    return fields | changes


def with_tier(**changes: Any) -> dict[str, Any]:
    """Terms by which contributors of a coin get a year of the monthly tier."""
    tier = {"tierId": MONTHLY, "tierPeriods": TIER_PERIODS, "tierPrice": PRICE, "tierThreshold": THRESHOLD}
    return tier | changes


def encoded(terms: dict[str, Any]) -> tuple[Any, ...]:
    """As Ape takes a struct that holds a list."""
    return tuple([tuple(step) for step in value] if key == "steps" else value for key, value in terms.items())


@dataclass
class Sale:
    """One crowdsale. `backer`, `other` and `third` contribute; `stranger` does not; `founder` owns the community."""

    world: World
    contract: Any
    token: Any  # CommunityToken; None when memberships are sold
    terms: dict[str, Any]

    @property
    def chain(self) -> Chain:
        return self.world.chain

    @property
    def address(self) -> str:
        return str(self.contract.address)

    @property
    def founder(self) -> str:
        return self.world.founder

    @property
    def backer(self) -> str:
        return self.world.member

    @property
    def other(self) -> str:
        return self.world.other

    @property
    def third(self) -> str:
        return self.chain.accounts[6]

    @property
    def stranger(self) -> str:
        return self.world.stranger

    def fund(self, account: str, amount: int) -> None:
        """`account` can contribute `amount` in the community's currency."""
        if self.world.token and amount:
            self.chain.send(self.world.token.mint, account, amount, sender=account)
            self.chain.send(self.world.token.approve, self.address, amount, sender=account)

    def contribute(self, amount: int, *, sender: str = "", **changes: Any) -> Receipt:
        """`sender` (default: the backer) contributes for itself or a recipient, at whatever the last step costs."""
        sender = sender or self.backer
        self.fund(sender, changes.get("funds", amount))
        arguments = [
            amount,
            changes.get("price", self.terms["steps"][-1][1]),
            changes.get("currency", self.world.currency),
            changes.get("recipient", sender),
            changes.get("badge", 0),
        ]
        value = changes.get("value", 0 if self.world.token else amount)
        if "proof" not in changes and "permit" not in changes:
            return self.chain.send(self.contract.contribute, *arguments, sender=sender, value=value)
        arguments += [changes.get("proof", []), changes.get("permit", NO_PERMIT)]
        return self.chain.send(self.contract.contributeWith, *arguments, sender=sender, value=value)

    def reach(self) -> int:
        """Backer and other contribute 60 % and 40 % of twice the goal; the sale is finalized. The time."""
        self.contribute(2 * self.terms["goal"] * 3 // 5)
        self.contribute(2 * self.terms["goal"] * 2 // 5, sender=self.other)
        return self.finish()

    def finish(self) -> int:
        """The sale ends and is finalized. The time."""
        self.chain.set_time(max(self.chain.now, self.terms["endsAt"]))
        self.finalize()
        return self.chain.now

    def finalize(self) -> Receipt:
        return self.chain.send(self.contract.finalize, sender=self.stranger)

    def release(self) -> Receipt:
        return self.chain.send(self.contract.release, sender=self.stranger)

    def claim(self, account: str = "") -> Receipt:
        return self.chain.send(self.contract.claimTokens, account or self.backer, sender=self.stranger)

    def join(self, periods: int, *, sender: str = "", **changes: Any) -> Receipt:
        """Claims a membership of the sender (default: the backer) to its own wallet."""
        sender = sender or self.backer
        account = changes.get("account", sender)
        wallet, token_id = changes.get("wallet", account), changes.get("token_id", 0)
        return self.chain.send(self.contract.claimMembership, account, wallet, periods, token_id, sender=sender)

    def vote(self, sender: str = "") -> Receipt:
        return self.chain.send(self.contract.voteStop, sender=sender or self.backer)

    def refund(self, sender: str = "", to: str = NATIVE) -> Receipt:
        return self.chain.send(self.contract.claimRefund, to, sender=sender or self.backer)

    def status(self) -> int:
        return int(self.chain.read(self.contract.status))

    def totals(self) -> dict[str, Any]:
        return dict(self.chain.read(self.contract.totals))

    def contribution(self, account: str = "") -> dict[str, Any]:
        return dict(self.chain.read(self.contract.contributionOf, account or self.backer))

    def claims(self, account: str = "") -> dict[str, Any]:
        return dict(self.chain.read(self.contract.claimsOf, account or self.backer))

    def claimable(self, account: str = "") -> dict[str, Any]:
        return dict(self.chain.read(self.contract.claimableOf, account or self.backer))

    def vote_of(self, account: str = "") -> dict[str, Any]:
        return dict(self.chain.read(self.contract.voteOf, account or self.backer))

    def refund_of(self, account: str = "") -> int:
        return int(self.chain.read(self.contract.refundOf, account or self.backer))

    def funds_of(self, account: str = "") -> int:
        return int(self.chain.read(self.contract.fundsOf, account or self.backer))

    def allocation_of(self, account: str = "") -> int:
        return int(self.chain.read(self.contract.allocationOf, account or self.backer))

    def releasable(self) -> int:
        return int(self.chain.read(self.contract.releasable))

    def tokens_of(self, account: str = "") -> int:
        return int(self.chain.read(self.token.balanceOf, account or self.backer))

    def attest(self, *accounts: str, until: int = FOREVER) -> Receipt:
        return self.chain.send(self.token.attest, list(accounts), until, sender=self.founder)

    def balance(self, account: str = "") -> int:
        """In the community's currency; of the sale by default."""
        return self.world.balance(account or self.address)


def open_sale(world: World, asset: int = UTILITY, **changes: Any) -> Sale:
    """A new sale of the community, unlike all others."""
    terms = terms_of(world.chain, asset, **changes)
    receipt = world.chain.send(world.community.openSale, encoded(terms), sender=world.founder)
    made = receipt.only("CrowdsaleMade")
    token = None if asset == MEMBERSHIP else world.chain.at("CommunityToken", made["token"])
    return Sale(world, world.chain.at("Crowdsale", made["sale"]), token, terms)


def contribution_word(amount: int, bought: int, *, badge: int = 0, tier: bool = False, voted: bool = False) -> int:
    """As `Contributed` carries it."""
    return amount << 160 | bought << 56 | badge << 16 | voted << 1 | tier


def raised_word(amount: int, tier_money: int = 0, finalized_at: int = 0) -> int:
    return amount << 160 | tier_money << 64 | finalized_at << 24


def tree_of(accounts: list[str]) -> tuple[bytes, dict[str, list[bytes]]]:
    """Root of the allow-list, and each account's proof."""
    leaves = [keccak(keccak(bytes(12) + bytes.fromhex(account[2:]))) for account in accounts]
    proofs: dict[str, list[bytes]] = {account: [] for account in accounts}
    level, places = leaves, {account: place for place, account in enumerate(accounts)}
    while len(level) > 1:
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        for account, place in places.items():
            if (place ^ 1) < len(level):
                proofs[account].append(level[place ^ 1])
            places[account] = place // 2
        level = [keccak(b"".join(sorted(pair))) if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0], proofs
