"""Fifty people with wallets in one community of a demo, and what the index knows of them."""

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from eth_abi.exceptions import EncodingError
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from sqlalchemy import select
from sqlmodel import SQLModel, col

from backend import feed
from backend.db import Database
from backend.transactions import call_data, error_of
from indexer.tables.community import Community
from indexer.tables.membership import Membership, Tier
from scripts.member import PUBLISHER, Member, Refused
from scripts.node import Reverted, RpcFailed
from scripts.playground import home
from scripts.playground.accounts import account_of
from scripts.playground.supervisor import Playground
from scripts.seed import opening

PEOPLE = 50
COINS = 1_000 * 10**18
FIRST = 1_000
"""Number of the first person's account, far from those that the demo uses."""
INDEX_SECONDS, POLL_SECONDS = 30, 0.01
HOUR = 3_600
SETUP: dict[str, Any] = {
    "name": "The Long Day",
    "symbol": "DAY",
    "tiers": [
        {"label": "Visitor", "price_milli": 3, "days": 0.25},
        {"label": "Resident", "price_milli": 40, "days": 30},
        {"label": "Guest", "price_milli": 0, "days": 1},
    ],
}
"""A visitor's quarter of a day lets memberships expire and be renewed within the day that is played."""


class Idle(Exception):
    """Nobody can do this now: something else is tried."""


class Declined(Exception):
    """The home or a contract refused; the message is its own code."""


class Town:
    """The people, and the community that the first of them founded."""

    def __init__(self, playground: Playground, rng: random.Random) -> None:
        self.rng, self.playground = rng, playground
        self.database = Database(playground.settings.database, playground.settings.data)
        self.chain_id = playground.settings.chain_id
        self.node = playground.chain.node
        self.people = [Member(playground.url, playground.chain.url, _account(number)) for number in range(PEOPLE)]
        for person in self.people:
            self.node.rpc("anvil_setBalance", person.address, hex(COINS))
        self.founder = self.people[0]
        self.by_address = {person.address: person for person in self.people}
        self.market = to_checksum_address(playground.market)
        self.place = self._found()

    def close(self) -> None:
        for person in self.people:
            person.close()
        self.database.close()

    def _found(self) -> Community:
        host_key = home.home_address(self.playground.settings)
        terms = opening(SETUP, self.playground.url, host_key)
        terms["tiers"] = [
            tier | {"periodSeconds": int(each["days"] * 24 * HOUR)}
            for tier, each in zip(terms["tiers"], SETUP["tiers"], strict=True)
        ]
        opened = self.founder.open_community(self.playground.factory, terms)
        self.founder.call("Community", opened.community, "setRoles", host_key, PUBLISHER)
        splits = [(self.people[1].account.address, 1_237), (self.people[2].account.address, 411)]
        self.founder.call("Community", opened.community, "setSplits", splits, 0)
        self.await_index()
        found: Community = self.one(Community, col(Community.address) == opened.community.lower())
        return found

    # --- What is known -------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """The newest block's time."""
        return self.node.time

    def rows(self, model: type[SQLModel], *where: Any) -> Sequence[Any]:
        with self.database.reading() as session:
            return session.execute(select(model).where(model.chain_id == self.chain_id, *where)).scalars().all()  # type: ignore[attr-defined]

    def one(self, model: type[SQLModel], *where: Any) -> Any:
        """Any of the rows, by chance. Raises Idle when there is none."""
        found = self.rows(model, *where)
        if not found:
            raise Idle
        return self.rng.choice(found)

    def anybody(self) -> Member:
        return self.rng.choice(self.people)

    def members(self, *where: Any) -> list[Membership]:
        """Memberships that are valid now, of people of ours."""
        here = (col(Membership.contract) == self.place.membership, col(Membership.expires_at) > self.now, *where)
        return [row for row in self.rows(Membership, *here) if row.holder in self.by_address]

    def member(self, *where: Any) -> tuple[Member, Membership]:
        found = self.members(*where)
        if not found:
            raise Idle
        row = self.rng.choice(found)
        return self.by_address[row.holder], row

    def outsider(self) -> Member:
        """Somebody without a membership, expired or not."""
        holders = {row.holder for row in self.rows(Membership, col(Membership.contract) == self.place.membership)}
        free = [person for person in self.people[1:] if person.address not in holders]
        if not free:
            raise Idle
        return self.rng.choice(free)

    def tier(self, tier_id: int) -> Tier:
        with self.database.reading() as session:
            row = session.get(Tier, (self.chain_id, self.place.membership, tier_id))
        if row is None:
            raise Idle
        return row

    def await_index(self) -> None:
        """The index has the node's newest block."""
        head, until = self.node.head, time.monotonic() + INDEX_SECONDS
        while time.monotonic() < until:
            with self.database.reading() as session:
                if feed.tip(session, self.chain_id).number >= head:
                    return
            time.sleep(POLL_SECONDS)
        raise TimeoutError(f"block {head} was not indexed within {INDEX_SECONDS} seconds")

    def ask_chain(self, contract: str, address: str, function: str, *arguments: Any, word: int = 0) -> int:
        """A word of what the contract itself answers."""
        call = {"to": address, "data": "0x" + call_data(contract, function, *arguments).hex()}
        return int(self.node.rpc("eth_call", call, "latest")[2 + 64 * word : 66 + 64 * word], 16)

    # --- What is done --------------------------------------------------------------------------------------------

    def ask(self, who: Member, operation: str, **fields: Any) -> None:
        """The home prepares a transaction, and the person's wallet signs it. Raises Declined."""
        self._try(lambda: who.transact(self.place.address, operation, **fields), "")

    def call(self, who: Member, contract: str, function: str, *arguments: Any, to: str = "", value: int = 0) -> None:
        """A call that the home does not prepare (yet), or that its founder makes by another tool. Raises Declined."""
        address = (
            to
            or {
                "Community": self.place.address,
                "Membership": self.place.membership,
                "Badges": self.place.badges,
                "Store": self.place.store,
                "Market": self.market,
            }[contract]
        )
        self._try(lambda: who.call(contract, to_checksum_address(address), function, *arguments, value=value), contract)

    def send(self, who: Member, to: str, *, value: int) -> None:
        """Native coins and nothing else. Raises Declined."""
        self._try(lambda: who.node.send(who.account, to_checksum_address(to), value=value), "")

    def _try(self, deed: Callable[[], object], contract: str) -> None:
        while True:
            try:
                deed()
                return
            except Refused as refusal:
                if refusal.slug != "too-much":
                    raise Declined(str(refusal.problem.get("error", refusal.reason))) from refusal
                time.sleep(float(refusal.problem.get("retry_after", 1)))
            except RpcFailed as failure:
                raise Declined(error_of(contract or "Membership", failure.data)[0]) from failure
            except (Reverted, EncodingError) as failure:
                raise Declined(type(failure).__name__) from failure


def _account(number: int) -> LocalAccount:
    return account_of(FIRST + number)
