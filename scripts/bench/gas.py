"""Gas of each entry point of the contracts, per whole transaction, beside the budgets: `make bench NAME=gas`.

Whole means with the 21,000 of the transaction and its calldata. Production settings of the compiler, a fresh anvil.
*Typical* is what most transactions meet (others have joined before, shares were collected before); *worst* is the
dearest state that we know: the first of its kind, with all dates, notices and approvals set. The typical figures go to
docs/benchmarks/gas.json. Other systems' figures were measured on the same anvil version, from a typical state.
"""

import sys
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ape
from rich.console import Console
from rich.table import Table

from scripts.bench.report import write
from scripts.deploy import deploy
from scripts.solidity import compiled

NATIVE = "0x" + "00" * 20
KEY = "0x" + "11" * 20
DIGEST = b"\xab" * 32
DAY = 86_400
MONTH = 30 * DAY
PRICE = 10**15
MEMBERS = 6

# action -> our most, Unlock V15, Fabric STPv2
BUDGETS: dict[str, tuple[int, int | None, int | None]] = {
    "join_native": (92_000, 267_932, 128_026),
    "renew_native": (42_000, 102_569, 71_029),
    "transfer": (65_000, 124_623, 74_927),
    "open_community": (450_000, 974_658, 424_604),
}
OTHERS: dict[str, tuple[int | None, int | None]] = {
    "join_erc20": (305_115, 146_661),
    "renew_erc20": (119_840, 89_664),
}


@dataclass
class Community:
    """A community under measurement."""

    hub: Any
    membership: Any
    token: Any

    @property
    def currency(self) -> str:
        return str(self.token.address) if self.token else NATIVE


class Bench:
    """Measures on a chain of its own; `gas[action]` holds the typical and the worst figure."""

    def __init__(self, project: Any, factory: Any) -> None:
        self.project, self.factory = project, factory
        self.accounts = cycle(ape.accounts.test_accounts[number] for number in range(2, 10))
        self.founder = ape.accounts.test_accounts[1]
        self.gas: dict[str, dict[str, int]] = {}
        self.salt = 0

    def note(self, action: str, receipt: Any, *, state: str = "typical") -> Any:
        self.gas.setdefault(action, {})[state] = int(receipt.gas_used)
        return receipt

    def open(self, *, founder: Any = None, token: Any = None, tiers: list[Any] | None = None, **changes: Any) -> Any:
        """The receipt of an opening, and the community."""
        self.salt += 1
        fields = {
            "salt": self.salt.to_bytes(32, "big"),
            "name": "Koinon Benchmark",
            "symbol": "KOIN",
            "currency": token.address if token else NATIVE,
            "noticeSeconds": 30 * DAY,
            "royaltyBps": 500,
            "rates": (500, 1_000, 1_500, 5, 25, 0),
            "operator": NATIVE,
            "operatorBps": 0,
            "parent": NATIVE,
            "parentBps": 0,
            "parentMembership": 0,
            "homeUri": "https://koinon.example",
            "homeKey": KEY,
            "tiers": tiers or [tier()],
        }
        receipt = self.factory.open(fields | changes, sender=founder or self.founder)
        opened = receipt.decode_logs(self.factory.CommunityOpened)[0]
        hub = self.project.Community.at(opened.community)
        membership = self.project.Membership.at(opened.membership)
        return receipt, Community(hub, membership, token)

    def join(self, community: Community, account: Any) -> Any:
        """The receipt of a join of the first tier for one period, and the token's id."""
        value = self.fund(community, account)
        receipt = community.membership.join(1, 1, PRICE, community.currency, account, 0, sender=account, value=value)
        return receipt, receipt.decode_logs(community.membership.MembershipJoined)[0].tokenId

    def renew(self, community: Community, account: Any, token_id: int) -> Any:
        value = self.fund(community, account)
        return community.membership.renew(token_id, 1, PRICE, community.currency, sender=account, value=value)

    def fund(self, community: Community, account: Any) -> int:
        """The value to send; an account that pays by token gets a hundred prices and allows them all."""
        if community.token is None:
            return PRICE
        community.token.mint(account, 100 * PRICE, sender=account)
        community.token.approve(community.membership, 2**256 - 1, sender=account)
        return 0

    def opening(self) -> None:
        self.note("open_community", self.open()[0])
        _, parent = self.open()
        founder = next(self.accounts)
        _, token_id = self.join(parent, founder)
        dated = [tier(saleStart=1, saleEnd=2**40 - 1) for _ in range(3)]
        receipt, _ = self.open(
            founder=founder,
            tiers=dated,
            name="n" * 64,
            symbol="s" * 16,
            homeUri="https://" + "h" * 92,
            operator=KEY,
            operatorBps=500,
            parent=parent.hub.address,
            parentBps=1000,
            parentMembership=token_id,
        )
        self.note("open_community", receipt, state="worst")

    def paying(self, suffix: str, token: Any) -> None:
        """Joins and renewals in one currency."""
        _, worst = self.open(token=token, tiers=[tier(saleStart=1, saleEnd=2**40 - 1)])
        first = next(self.accounts)
        receipt, token_id = self.join(worst, first)
        self.note(f"join_{suffix}", receipt, state="worst")
        worst.membership.setTierPrice(1, 2 * PRICE, sender=self.founder)
        worst.membership.setTierPrice(1, PRICE + 1, sender=self.founder)
        ape.chain.mine(deltatime=MONTH - DAY)
        self.note(f"renew_{suffix}", self.renew(worst, first, token_id), state="worst")

        _, usual = self.open(token=token)
        self.join(usual, next(self.accounts))
        member = next(self.accounts)
        receipt, token_id = self.join(usual, member)
        self.note(f"join_{suffix}", receipt)
        ape.chain.mine(deltatime=MONTH - DAY)
        self.note(f"renew_{suffix}", self.renew(usual, member, token_id))
        ape.chain.mine(deltatime=2 * MONTH)
        usual.membership.settle([token_id], sender=member)
        self.note(f"renew_settled_{suffix}", self.renew(usual, member, token_id))

    def holding(self) -> None:
        """Transfers and settlements."""
        _, community = self.open()
        members = [next(self.accounts) for _ in range(MEMBERS)]
        tokens = [self.join(community, member)[1] for member in members]
        fresh, other = next(self.accounts), next(self.accounts)
        membership = community.membership
        self.note("transfer", membership.transferFrom(members[0], fresh, tokens[0], sender=members[0]))
        self.note("approve", membership.approve(other, tokens[1], sender=members[1]))
        receipt = membership.transferFrom(members[1], other, tokens[1], sender=other)
        self.note("transfer", receipt, state="worst")
        ape.chain.mine(deltatime=10 * DAY)
        self.note("settle", membership.settle(tokens[2:3], sender=fresh))
        receipt = membership.settle(tokens[3:], sender=fresh)
        self.gas["settle_each_in_a_batch"] = {"typical": receipt.gas_used // len(tokens[3:])}

    def sharing(self) -> None:
        """Collections; the worst is the first of an operator."""
        operator = next(self.accounts)
        _, community = self.open(operator=operator, operatorBps=500)
        _, token_id = self.join(community, next(self.accounts))
        for state in ("worst", "typical"):
            ape.chain.mine(deltatime=DAY)
            community.membership.settle([token_id], sender=operator)
            receipt = community.hub.collect(community.membership, self.founder, sender=self.founder)
            self.note("collect", receipt, state=state)
            receipt = community.hub.collect(community.membership, operator, sender=operator)
            self.note("collect_operator", receipt, state=state)

    def governing(self) -> None:
        """What owner and publisher do."""
        _, community = self.open()
        hub, membership, other = community.hub, community.membership, next(self.accounts)
        for sequence, state in ((1, "worst"), (2, "typical")):
            self.note("publish_manifest", hub.publishManifest(DIGEST, sequence, sender=self.founder), state=state)
        uri = "https://elsewhere.example"
        for sequence, state in ((1, "worst"), (2, "typical")):
            self.note("move_home", hub.moveHome(uri, KEY, DIGEST, sequence, sender=self.founder), state=state)
        self.note("set_key", hub.setKey(DIGEST, 2**40 - 1, sender=other))
        self.note("set_roles", hub.setRoles(other, 8, sender=self.founder))
        self.note("create_tier", membership.createTier(tier(), sender=self.founder))
        dated = tier(saleStart=1, saleEnd=2**40 - 1)
        self.note("create_tier", membership.createTier(dated, sender=self.founder), state="worst")
        self.note("set_tier_price", membership.setTierPrice(1, PRICE // 2, sender=self.founder))
        self.note("set_tier_price", membership.setTierPrice(1, PRICE, sender=self.founder), state="worst")
        self.note("set_tier_paused", membership.setTierPaused(1, True, sender=self.founder))
        at = ape.chain.pending_timestamp + 60 * DAY
        self.note("retire_tier", membership.retireTier(2, at, sender=self.founder))
        self.note("offer_ownership", hub.offerOwnership(other, sender=self.founder))
        self.note("accept_ownership", hub.acceptOwnership(sender=other))


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
        "allowRoot": b"\0" * 32,
    }
    return tuple((fields | changes).values())


def measure() -> dict[str, dict[str, int]]:
    """Gas of each action in its states."""
    with ape.networks.ethereum.local.use_provider("foundry"):
        founder = ape.accounts.test_accounts[1]
        project = compiled()
        with TemporaryDirectory() as folder:
            deployed = deploy(founder, Path(folder))["contracts"]
        bench = Bench(project, project.CommunityFactory.at(deployed["CommunityFactory"]["address"]))
        bench.opening()
        bench.paying("native", None)
        bench.paying("erc20", founder.deploy(project.MockToken, "Dollar", "USD", 6))
        bench.holding()
        bench.sharing()
        bench.governing()
    return bench.gas


def show(gas: dict[str, dict[str, int]]) -> None:
    """The table on the screen."""
    table = Table(title="Gas per whole transaction")
    for column in ("action", "typical", "worst", "budget", "Unlock V15", "Fabric STPv2"):
        table.add_column(column, justify="left" if column == "action" else "right")
    for action, figures in gas.items():
        budget, unlock, fabric = BUDGETS.get(action, (None, *OTHERS.get(action, (None, None))))
        typical = figures["typical"]
        over = budget is not None and typical > budget
        shown = f"[bold red]{typical:,}[/]" if over else f"{typical:,}"
        rest = [f"{number:,}" if number else "" for number in (figures.get("worst"), budget, unlock, fabric)]
        table.add_row(action, shown, *rest)
    Console().print(table)


def main() -> int:
    """0 once the figures are written; a budget that is missed is shown in red and explained in docs/contracts.md."""
    gas = measure()
    show(gas)
    write("gas", {action: figures["typical"] for action, figures in gas.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
