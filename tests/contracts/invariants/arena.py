"""Where histories are played: one chain, a community for each kind of currency, and the people in it"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_utils.crypto import keccak

from scripts.solc import Artifact
from tests.contracts.invariants.economy import DAY, Offices, Rates, Tier
from tests.contracts.invariants.shadow import Shadow
from tests.contracts.invariants.signing import AllowList
from tests.factories.abi import checksummed
from tests.factories.communities import NOTICE, RATES, World, community_of, factory_of, tier
from tests.factories.contracts import NATIVE, Receipt, Reverted
from tests.factories.evm import FUNDS, Evm, private_keys

FOUNDER, OPERATOR, KEEPER, HAND = 1, 2, 8, 9  # numbers of accounts
WALLETS = range(3, 8)
TREASURER, GRANTER, ISSUER = 1, 2, 4  # roles, all of account 0
ACCEPTS, REVERTS, BURNS_GAS, CALLS_BACK = range(4)  # modes of the hostile account
HONEST, RETURNS_FALSE, LIES_TRUE, TAKES_FEE, GIVES_MORE, TOKEN_CALLS_BACK = range(6)  # of the hostile token
CURRENCIES = ("native", "erc20", "hostile")
OPERATOR_BPS, PARENT_BPS, PARENTS_OPERATOR_BPS = 500, 1000, 200
MONTHLY, FREE, LIFE, DAILY, YEARLY, CLUB, LISTED = range(1, 8)
# Prices that no share divides, so that every rounding shows.
TIERS: dict[int, dict[str, Any]] = {
    MONTHLY: {"price": 1_000_003, "inviteeDiscountBps": 1_000},
    FREE: {"price": 0},
    LIFE: {"price": 9_999_991, "periodSeconds": 0},
    DAILY: {"price": 7_001, "periodSeconds": DAY, "soulbound": True},
    YEARLY: {"price": 5_000_011, "periodSeconds": 365 * DAY, "earningSeconds": 90 * DAY, "cap": 2},
    CLUB: {"price": 300_007, "periodSeconds": 10 * DAY, "invitationOnly": True, "inviteeDiscountBps": 2_000},
    LISTED: {"price": 77, "periodSeconds": 20 * DAY},
}
FIRST_RATES = RATES | {"silverFrom": 1, "goldFrom": 2}  # levels that a short history reaches


@dataclass
class Place:
    """A community on the chain."""

    world: World
    shadow: Shadow


class Arena:
    """Built once; every history begins from here and is undone."""

    def __init__(self, artifacts: Mapping[str, Artifact]) -> None:
        self.chain = chain = Evm(artifacts)
        self.hostile = chain.deploy("HostileAccount")
        accounts = chain.accounts
        self.founder, self.operator, self.keeper = accounts[FOUNDER], accounts[OPERATOR], accounts[KEEPER]
        self.office, self.hand = accounts[0], accounts[HAND]  # `hand` moves the hostile account, and nothing else
        more = [keccak(text=f"wallet {number}") for number in range(2)]
        others = [checksummed(Account.from_key(key).address) for key in more]
        self.wallets = [*(accounts[number] for number in WALLETS), *others, str(self.hostile.address)]
        self.keys = dict(zip([*accounts, *others], [*private_keys(), *more], strict=True))
        for account in others:
            chain.evm.set_balance(account, FUNDS)
        self.cofounders = [checksummed("0x" + keccak(text=name)[12:].hex()) for name in ("one", "two")]
        self.list = AllowList(self.wallets[:4])
        self.stray = chain.deploy("MockToken", "Stray", "STRAY", 18)
        factory = factory_of(chain)
        self.market = chain.deploy("Market", factory.address)
        parent = community_of(chain, factory, operator=self.operator, operatorBps=PARENTS_OPERATOR_BPS)
        parent_membership = parent.join(sender=self.founder)
        self.parent = parent.community
        tokens = {"native": None, "erc20": chain.deploy("MockToken", "Dollar", "USD", 6)}
        tokens["hostile"] = chain.deploy("HostileToken")
        self.places = {name: self._place(factory, token, parent_membership) for name, token in tokens.items()}

    def _place(self, factory: Any, token: Any, parent_membership: int) -> Place:
        tiers = {number: tier(**fields) for number, fields in TIERS.items()}
        tiers[LISTED]["allowRoot"] = self.list.root
        world = community_of(
            self.chain,
            factory,
            token=token,
            sender=self.founder,
            rates=tuple(FIRST_RATES.values()),
            operator=self.operator,
            operatorBps=OPERATOR_BPS,
            parent=self.parent.address,
            parentBps=PARENT_BPS,
            parentMembership=parent_membership,
            tiers=list(tiers.values()),
        )
        roles = TREASURER | GRANTER | ISSUER
        self.chain.send(world.community.setRoles, self.office, roles, sender=self.founder)
        return Place(world, self.shadow(native=token is None))

    def shadow(self, *, native: bool) -> Shadow:
        tiers = {
            number: Tier(
                price=fields["price"],
                period=fields.get("periodSeconds", 30 * DAY),
                earning=fields.get("earningSeconds", 0),
                cap=fields.get("cap", 0),
                soulbound=fields.get("soulbound", False),
                invitation_only=fields.get("invitationOnly", False),
                discount=fields.get("inviteeDiscountBps", 0),
                root=self.list.root if number == LISTED else b"",
            )
            for number, fields in TIERS.items()
        }
        cheapest = min(each.price for each in tiers.values() if each.price)
        bronze, silver, gold, silver_from, gold_from, _ = FIRST_RATES.values()
        rates = Rates(bronze, silver, gold, silver_from, gold_from, cheapest)
        offices = Offices(self.operator, OPERATOR_BPS, str(self.parent.address), PARENT_BPS)
        of_parent = Offices(self.operator, PARENTS_OPERATOR_BPS, NATIVE, 0)
        return Shadow(self.chain.now, NOTICE, self.founder, native, tiers, [rates], offices, of_parent)

    def call(self, actor: str, method: Any, *arguments: Any, value: int = 0) -> Receipt:
        """A call by anybody, the hostile account included. Raises Reverted with what the method says."""
        if actor != self.hostile.address:
            return self.chain.send(method, *arguments, sender=actor, value=value)
        payload = method.encode_input(*arguments)
        try:
            return self.chain.send(
                self.hostile.execute, method.contract.address, payload, sender=self.hand, value=value
            )
        except Reverted as error:
            if error.name != "ExecutionFailed":
                raise
            raise self.chain.decode_error(error.arguments["reason"]) from None

    def misbehave(self, contract: Any, mode: int, target: str = NATIVE, payload: bytes = b"") -> None:
        self.chain.send(contract.misbehave, mode, target, payload, sender=self.hand)
