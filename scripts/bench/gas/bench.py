"""What every measurement needs: a chain with the contracts, communities, accounts, and a place for the figures."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import Any

import ape

from scripts.deploy import deploy
from scripts.solidity import Contracts, compiled

NATIVE = "0x" + "00" * 20
KEY = "0x" + "11" * 20
DIGEST = b"\xab" * 32
NO_HASH = b"\0" * 32
DAY = 86_400
MONTH = 30 * DAY
FOR_EVER = 2**40 - 1
PRICE = 10**15
RATES = (500, 1000, 1500, 5, 25, 0)


@dataclass
class Community:
    """A community under measurement."""

    hub: Any
    membership: Any
    badges: Any
    store: Any
    token: Any

    @property
    def currency(self) -> str:
        return str(self.token.address) if self.token else NATIVE

    @property
    def value(self) -> int:
        """What a call that pays one price sends along."""
        return 0 if self.token else PRICE


@dataclass
class Bench:
    """Measures on a chain of its own; `gas[action]` holds the typical and the worst figure."""

    contracts: Contracts
    factory: Any
    market: Any
    gas: dict[str, dict[str, int]] = field(default_factory=dict)
    _accounts: Iterator[Any] = field(default_factory=lambda: cycle(ape.accounts.test_accounts[n] for n in range(2, 10)))
    _salts: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def founder(self) -> Any:
        return ape.accounts.test_accounts[1]

    def account(self) -> Any:
        """The next of eight accounts; after eight calls the first again."""
        return next(self._accounts)

    def note(self, action: str, receipt: Any, *, state: str = "typical") -> Any:
        self.gas.setdefault(action, {})[state] = int(receipt.gas_used)
        return receipt

    def token(self) -> Any:
        return self.founder.deploy(self.contracts.MockToken, "Dollar", "USD", 6)

    def open(self, *, founder: Any = None, token: Any = None, **changes: Any) -> tuple[Any, Community]:
        """The receipt of an opening, and the community."""
        fields = {
            "salt": next(self._salts).to_bytes(32, "big"),
            "name": "Koinon Benchmark",
            "symbol": "KOIN",
            "currency": token.address if token else NATIVE,
            "noticeSeconds": 30 * DAY,
            "royaltyBps": 500,
            "rates": RATES,
            "operator": NATIVE,
            "operatorBps": 0,
            "parent": NATIVE,
            "parentBps": 0,
            "parentMembership": 0,
            "homeUri": "https://koinon.example",
            "homeKey": KEY,
            "tiers": [tier()],
        }
        receipt = self.factory.open(fields | changes, sender=founder or self.founder)
        opened = receipt.decode_logs(self.factory.CommunityOpened)[0]
        names = {"Community": "community", "Membership": "membership", "Badges": "badges", "Store": "store"}
        hub, membership, badges, store = (
            getattr(self.contracts, name).at(getattr(opened, each)) for name, each in names.items()
        )
        return receipt, Community(hub, membership, badges, store, token)

    def fund(self, community: Community, account: Any, spender: Any = None) -> None:
        """An account that pays by token gets a thousand prices and allows them all."""
        if community.token is None:
            return
        community.token.mint(account, 1000 * PRICE, sender=account)
        community.token.approve(spender or community.membership, 2**256 - 1, sender=account)

    def join(self, community: Community, account: Any, badge: int = 0) -> tuple[Any, int]:
        """The receipt of a join of the first tier for one period, and the token's id."""
        self.fund(community, account)
        receipt = community.membership.join(
            1, 1, PRICE, community.currency, account, badge, sender=account, value=community.value
        )
        return receipt, receipt.decode_logs(community.membership.MembershipJoined)[0].tokenId

    def renew(self, community: Community, account: Any, token_id: int) -> Any:
        return community.membership.renew(token_id, 1, PRICE, community.currency, sender=account, value=community.value)


def pass_time(seconds: int) -> None:
    ape.chain.mine(deltatime=seconds)


def tier(**changes: Any) -> tuple[Any, ...]:
    """Parameters of a monthly tier, in the order of the struct."""
    fields = {
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
        "allowRoot": NO_HASH,
    }
    return tuple((fields | changes).values())


def domain_of(name: str, contract: Any) -> dict[str, Any]:
    """The EIP-712 domain of one of our contracts."""
    return {"name": name, "version": "1", "chainId": ape.chain.chain_id, "verifyingContract": contract.address}


def typed(components: Any) -> list[dict[str, str]]:
    """The EIP-712 type of a struct, which has the fields of the ABI's."""
    return [{"name": each.name, "type": each.canonical_type} for each in components]


def named(components: Any, values: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip((each.name for each in components), values, strict=True))


def prepared() -> Bench:
    """A bench on the connected chain, with everything deployed."""
    with tempfile.TemporaryDirectory() as folder:
        placed = deploy(ape.accounts.test_accounts[1], Path(folder))["contracts"]
    contracts = compiled()
    factory, market = (getattr(contracts, name).at(placed[name]["address"]) for name in ("CommunityFactory", "Market"))
    return Bench(contracts, factory, market)
