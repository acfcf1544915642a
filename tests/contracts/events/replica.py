"""All contracts of a chain, rebuilt from its journal of events and compared with what their views say"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from tests.contracts.events.badges import BadgesPart
from tests.contracts.events.community import CommunityPart
from tests.contracts.events.crowdsale import CrowdsalePart, TokenPart
from tests.contracts.events.market import MarketPart
from tests.contracts.events.membership import MembershipPart
from tests.contracts.events.recording import NOBODY, Part, RecordingEvm
from tests.contracts.events.store import StorePart
from tests.factories.contracts import Event

ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


class Replica:
    """What anybody can know who has seen every event."""

    def __init__(self, markets: Iterable[str] = ()) -> None:
        self.accounts: set[str] = set()  # whom any event names
        self.parts: dict[str, Part] = {}
        self.communities: dict[str, CommunityPart] = {}
        self.stores: dict[str, StorePart] = {}
        self.memberships: dict[str, str] = {}  # collection -> membership of its community
        self.seen: Counter[tuple[str, str]] = Counter()  # contract and event
        for address in markets:
            self._add(MarketPart(address, self.memberships))

    def fold(self, event: Event, now: int) -> None:
        self.accounts.update(_addresses(event.fields))
        if event.name == "CommunityOpened":
            self._open(event.fields)
        elif event.name == "CrowdsaleMade":
            self._add(CrowdsalePart(event.fields))
            if event.fields["token"] != NOBODY:
                self._add(TokenPart(event.fields))
        elif event.address in self.parts:
            self.parts[event.address].fold(event, now)
        if event.name == "Transfer":
            source, to, amount = event.fields.values()
            if event.address not in self.memberships:
                self._receive(event.address, source, to, amount)
        self._tell(event)

    def _receive(self, token: str, source: str, to: str, amount: int) -> None:
        """What leaves a Community was collected; but a token that takes a fee burns some of what came."""
        if to in self.communities:
            self.communities[to].receive(token, amount)
        if to == NOBODY and source in self.communities:
            self.communities[source].receive(token, -amount)

    def _tell(self, event: Event) -> None:
        """A Community hears of what its siblings earn."""
        for community in self.communities.values():
            if event.address == community.opened["membership"] and event.name == "MembershipSettled":
                community.earned(event.address, event.fields["earnedTotal"])
            if event.address == community.opened["store"] and event.name in ("LicenseBought", "Tipped"):
                community.earned(event.address, event.fields["payment"]["communityTotal"])

    def _open(self, opened: dict[str, Any]) -> None:
        community = CommunityPart(opened)
        self.communities[community.address] = community
        for part in (community, MembershipPart(opened), BadgesPart(opened), StorePart(opened)):
            self._add(part)
        self.memberships |= {opened[name]: opened["membership"] for name in ("membership", "badges")}

    def _add(self, part: Part) -> None:
        part.accounts = self.accounts
        self.parts[part.address] = part


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, str) and ADDRESS.fullmatch(value):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _addresses(each)


def rebuilt(chain: RecordingEvm, markets: Iterable[str] = (), *, since: int = 0) -> Replica:
    """From all events; those from number `since` on are counted."""
    replica = Replica(markets)
    for number, (now, event) in enumerate(chain.journal):
        replica.fold(event, now)
        if number >= since and event.address in replica.parts:
            replica.seen[replica.parts[event.address].contract, event.name] += 1
    return replica


def differences(chain: RecordingEvm, replica: Replica, asked: Counter[tuple[str, str]] | None = None) -> list[str]:
    """Where a view says something else than events do. Views that were asked are counted."""
    found = []
    for part in replica.parts.values():
        for view in part.views(chain.now):
            if asked is not None:
                asked[view.contract, view.method] += 1
            contract = chain.at(view.contract, view.address)
            said = chain.read(getattr(contract, view.method), *view.arguments)
            if not _same(view.method, view.expected, said):
                arguments = ", ".join(map(str, view.arguments))
                found.append(f"{view.contract}.{view.method}({arguments}) says {said}, events say {view.expected}")
    return found


def _same(method: str, expected: Any, said: Any) -> bool:
    if method == "roles":
        return bool(dict(zip(said["accounts"], said["roles_"], strict=True)) == expected)
    if method == "achievementVoucherOf":
        return bool(said["used"] == expected["used"])
    return bool(said == expected)
