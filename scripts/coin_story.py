"""Coins from outside that the demo's people hold, and the gates that open to them: `[[coins]]` of a community.toml."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from scripts.coin import mint, put_coin
from scripts.member import Member
from scripts.playground.accounts import account_of

WHOLE = 10**18

Event = tuple[float, Callable[[], object]]


class Coins:
    """The coins of one community's story. `person`: the member with this account; `home`: the community's address."""

    def __init__(self, setup: Mapping[str, Any], *, person: Callable[[int], Member], home: Callable[[], str]) -> None:
        self._setup, self._person, self._home = setup, person, home

    def events(self) -> Iterator[Event]:
        """Everything that happens, with its day; not in order."""
        for coin in self._setup.get("coins", []):
            yield coin["day"], partial(self._begin, coin)

    def _begin(self, coin: Mapping[str, Any]) -> None:
        """The coin exists, its holders have it, and the founder's gate opens to them or to some tiers."""
        founder, bank = self._person(self._setup["founder"]), account_of(0)
        address = put_coin(founder.node, bank, name=coin["name"], symbol=coin["symbol"])
        for holder in coin["holders"]:
            mint(founder.node, bank, address, account_of(holder["account"]).address, holder["coins"] * WHOLE)
        least = {"op": "erc20", "contract": address, "min": str(coin["least"] * WHOLE)}
        rule = {"op": "any", "rules": [{"op": "holds_tier", "tiers": coin["tiers"]}, least]}
        founder.set_rule(self._home(), coin["gate"], rule)
