"""The part of the demo's story that is about badges: who invited whom, what it earned, what was sold, and deeds.

A community's `community.toml` says it in `[[members]] invited_by = <account>` and in the tables under `[holders]`.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from scripts import holder
from scripts.member import Member
from scripts.playground.accounts import account_of

MILLI = 10**15


class Holders:
    """Turns `[holders]` into what people do. `person`: somebody, signed in; `home`: the community's address."""

    def __init__(
        self, setup: Mapping[str, Any], *, person: Callable[[int], Member], home: Callable[[], str], founder: int
    ) -> None:
        self._told: Mapping[str, Any] = setup.get("holders", {})
        self._person, self._home, self._founder = person, home, founder
        self._signed: dict[str, str] = {}

    def events(self) -> Iterator[tuple[float, Callable[[], object]]]:
        """Everything that happens, with its day; not in order."""
        for each in self._told.get("settles", ()):
            yield each["day"], partial(self._settle, each["account"])
        for each in self._told.get("claims", ()):
            yield each["day"], partial(self._claim, each["account"])
        for each in self._told.get("listings", ()):
            yield each["day"], partial(self._list, each)
        for each in self._told.get("memberships", ()):
            yield each["day"], partial(self._list_membership, each)
        for each in self._told.get("offers", ()):
            yield each["day"], partial(self._offer, each)
        for each in self._told.get("sales", ()):
            yield each["day"], partial(self._sell, each)
        for each in self._told.get("achievements", ()):
            yield each["day"], partial(self._honor, each)

    def badge_of(self, account: int) -> int:
        """The badge of this person's own membership."""
        return self._person(account).token_id(self._home())

    def _settle(self, account: int) -> None:
        holder.settle(self._person(account), self._home())

    def _claim(self, account: int) -> None:
        holder.settle(self._person(account), self._home())
        holder.claim(self._person(account), self._home())

    def _list(self, each: Mapping[str, Any]) -> None:
        badge = self.badge_of(each["account"])
        price = each["price_milli"] * MILLI
        holder.list_badge(self._person(each["account"]), self._home(), badge, price=price, days=each["days"])

    def _list_membership(self, each: Mapping[str, Any]) -> None:
        price = each["price_milli"] * MILLI
        holder.list_membership(self._person(each["account"]), self._home(), price=price, days=each["days"])

    def _offer(self, each: Mapping[str, Any]) -> None:
        price, level = each["price_milli"] * MILLI, each.get("level", 0)
        holder.offer(self._person(each["account"]), self._home(), price=price, level=level, days=each["days"])

    def _sell(self, each: Mapping[str, Any]) -> None:
        """Listed and bought on the same day."""
        badge, price = self.badge_of(each["account"]), each["price_milli"] * MILLI
        digest = holder.list_badge(self._person(each["account"]), self._home(), badge, price=price)
        holder.buy(self._person(each["to"]), self._home(), digest)

    def _honor(self, each: Mapping[str, Any]) -> None:
        founder, home = self._person(self._founder), self._home()
        fields = {name: each[name] for name in ("label", "description", "locked")}
        achievement = holder.create_achievement(founder, home, **fields)
        holder.grant(founder, home, achievement, [account_of(index).address for index in each["to"]])
