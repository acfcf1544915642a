"""Measures everything, shows the table, writes docs/benchmarks/gas.json."""

import sys

import ape
from rich.console import Console
from rich.table import Table

from scripts.bench.gas import badges, community, crowdsale, market, membership, store
from scripts.bench.gas.bench import prepared
from scripts.bench.report import write

# action -> our most, Unlock V15, Fabric STPv2; measured on the same anvil version, from a typical state
Row = tuple[int | None, int | None, int | None]
FIGURES: dict[str, Row] = {
    "join_native": (92_000, 267_932, 128_026),
    "join_referral_native": (98_000, 304_205, 142_928),
    "join_erc20": (None, 305_115, 146_661),
    "join_referral_erc20": (119_000, 341_331, 160_515),
    "renew_native": (42_000, 102_569, 71_029),
    "renew_referral_native": (51_000, 124_519, 85_912),
    "renew_erc20": (None, 119_840, 89_664),
    "renew_keeper_referral_erc20": (75_000, 136_189, None),
    "renew_keeper_tip_referral_erc20": (80_000, None, None),
    "transfer": (65_000, 124_623, 74_927),
    "claim_badge": (59_000, None, None),
    "buy_badge": (105_000, None, None),  # Seaport 1.6 with two fees: 132,225
    "contribute": (58_000, None, 70_285),  # OpenZeppelin 2.5: 123,609; Juicebox: 135,793
    "refund": (36_000, None, 52_638),  # OpenZeppelin 2.5: 46,487
    "open_community": (450_000, 974_658, 424_604),
}


def measure() -> dict[str, dict[str, int]]:
    """Gas of each action in its states."""
    with ape.networks.ethereum.local.use_provider("foundry"):
        bench = prepared()
        for domain in (community, membership, badges, market, crowdsale, store):
            domain.measure(bench)
    return bench.gas


def show(gas: dict[str, dict[str, int]]) -> None:
    """The table on the screen; a missed budget stands in red and is explained in docs/contracts.md."""
    table = Table(title="Gas per whole transaction")
    for column in ("action", "typical", "worst", "budget", "Unlock V15", "Fabric"):
        table.add_column(column, justify="left" if column == "action" else "right")
    for action, figures in gas.items():
        budget, *others = FIGURES.get(action, (None, None, None))
        typical = figures["typical"]
        over = budget is not None and typical > budget
        shown = f"[bold red]{typical:,}[/]" if over else f"{typical:,}"
        rest = [f"{number:,}" if number else "" for number in (figures.get("worst"), budget, *others)]
        table.add_row(action, shown, *rest)
    Console(width=110).print(table)


def main() -> int:
    """0 once the figures are written, whatever they are."""
    gas = measure()
    show(gas)
    write("gas", {action: figures["typical"] for action, figures in gas.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
