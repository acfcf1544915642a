"""Tells the demo's stories to an empty chain: months of memberships, posts and replies, through the doors that all use.

It runs before the demo is served, with the home's clock set to the past, so that what was written in spring says so.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address

from backend import catalog, clock, feed
from backend.host import open_host
from backend.keys.keyring import dump_recovery_key, new_recovery_key, public_bytes
from backend.renewals.keeper import load_keeper
from scripts.badge_story import Holders
from scripts.coin_story import Coins
from scripts.member import PUBLISHER, Member, Sent
from scripts.playground import home
from scripts.playground.accounts import account_of
from scripts.playground.supervisor import Playground
from scripts.sale_story import Trade
from scripts.story import Post, Reply, Story, load_stories

DAY = 86_400
SESSION_DAYS = 25
"""Session keys last 30 days; in the story they are renewed a little before."""
GAS_MONEY = 10**18
RECOVERY_KEYS = 2
AGREED_PERIODS = 12
PAST_SECONDS = 10 * 365 * 86_400
START_SECONDS = 30
NOBODY = "0x" + "00" * 20
ROYALTY_BPS = 500
INVITEE_DISCOUNT_BPS = 1_000
RATES = (500, 1_000, 1_500, 5, 25, 0)
"""Of badges, in the order of IMembershipBase.Rates: bronze, silver, gold in 1/10 000; members for silver, for gold."""

Event = tuple[float, Callable[[], object]]


def seed(playground: Playground) -> None:
    """The stories have happened, the newest of it a few hours ago."""
    past = _Past(playground)
    clock.now = past.now  # this process alone lives in the past
    feed.STALE_SECONDS = PAST_SECONDS  # for it, the indexer confirms the chain's head in the future
    playground.chain.node.send(account_of(0), load_keeper(playground.settings).address, value=GAS_MONEY)
    with _served(playground):
        teller = _Teller(playground, past)
        events = [event for story in load_stories() for event in teller.events(story)]
        for day, happen in sorted(events, key=lambda event: event[0]):
            past.reach(day)
            happen()
        teller.close()


class _Past:
    """The home's clock while the story is told: it follows the chain's."""

    def __init__(self, playground: Playground) -> None:
        self._node = playground.chain.node
        self.start = int(time.time())
        self._at = 0

    def now(self) -> int:
        return self._at

    def reach(self, day: float) -> None:
        """Chain and home are at this day of the story, or later if they were."""
        at = self.start + int(day * DAY)
        behind = at - self._node.time
        if behind > 0:
            self._node.advance(behind)
        self._at = max(at, self._node.time)


@contextmanager
def _served(playground: Playground) -> Iterator[None]:
    """The home is served by a thread of this process, so that it has this process's clock."""
    host = open_host(playground.settings, catalog.KINDS)
    server = home.server_of(host, playground.settings.rpc)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [playground.listener]})
    thread.start()
    until = time.monotonic() + START_SECONDS
    while not server.started and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        host.close()


class _Teller:
    """Turns a story into what its people do."""

    def __init__(self, playground: Playground, past: _Past) -> None:
        self._playground, self._past = playground, past
        self._people: dict[int, tuple[Member, int]] = {}
        self._homes: dict[Path, str] = {}
        self._posts: dict[str, str] = {}

    def close(self) -> None:
        for member, _ in self._people.values():
            member.close()

    def events(self, story: Story) -> Iterator[Event]:
        """Everything that happens in the story, with its day; not in order."""
        setup = story.setup
        yield setup["day"], partial(self._open, story)
        for each in setup["members"]:
            yield each["day"], partial(self._join, story, each)
            for day in each.get("renewals", []):
                yield day, partial(self._renew, story, each["account"])
        yield from self._holders(story).events()
        home = partial(self._homes.__getitem__, story.folder)
        yield from Coins(setup, person=self._person, home=home).events()
        for post in story.posts:
            yield post.day, partial(self._publish, story, post)
            for reply in post.replies:
                yield reply.day, partial(self._reply, story, reply, post.title)
        yield from Trade(
            setup,
            person=self._person,
            home=lambda: self._homes[story.folder],
            start=lambda: self._past.start,
        ).events()

    def _holders(self, story: Story) -> Holders:
        home = partial(self._homes.__getitem__, story.folder)
        return Holders(story.setup, person=self._person, home=home, founder=story.setup["founder"])

    def _person(self, index: int) -> Member:
        """The person with this account, signed in with a key that still holds."""
        member, signed_in_at = self._people.get(index, (None, 0))
        if member is None:
            member = Member(self._playground.url, self._playground.chain.url, account_of(index))
        if self._past.now() - signed_in_at > SESSION_DAYS * DAY:
            signed_in_at = self._past.now()
            member.sign_in()
        self._people[index] = member, signed_in_at
        return member

    def _founder(self, story: Story) -> Member:
        return self._person(story.setup["founder"])

    def _open(self, story: Story) -> None:
        founder, setup = self._founder(story), story.setup
        host_key = home.home_address(self._playground.settings)
        opened = founder.open_community(self._playground.factory, opening(setup, self._playground.url, host_key))
        community = self._homes[story.folder] = opened.community
        founder.call("Community", community, "setRoles", host_key, PUBLISHER)
        self._playground.chain.node.send(account_of(0), host_key, value=GAS_MONEY)
        founder.set_recovery(community, self._recovery_points(story))
        founder.set_profile(community, tagline=setup["tagline"], about=setup["about"], topics=setup["topics"])
        founder.say_name(community, setup["founder_name"])
        for gate, tiers in setup["gates"].items():
            founder.set_gate(community, gate, tiers)
        for tier_id, each in enumerate(setup["tiers"], start=1):
            if "listed" in each:
                _let_in(founder, community, tier_id, each["listed"])

    def _recovery_points(self, story: Story) -> list[bytes]:
        """Public halves of new recovery keys, whose files the demo keeps where a founder would print them."""
        keys = [new_recovery_key() for _ in range(RECOVERY_KEYS)]
        for number, key in enumerate(keys, start=1):
            path = self._playground.folder.recovery / f"{story.folder.name.partition('-')[2]}-{number}.json"
            path.touch(mode=0o600)
            path.write_text(dump_recovery_key(key))
        return [public_bytes(key) for key in keys]

    def _join(self, story: Story, each: dict[str, Any]) -> None:
        community = self._homes[story.folder]
        badge = self._holders(story).badge_of(each["invited_by"]) if "invited_by" in each else 0
        periods = each.get("periods", 1)
        self._person(each["account"]).join(community, tier_id=each["tier"], periods=periods, badge=badge)
        if "name" in each:
            self._person(each["account"]).say_name(community, each["name"])
        if "prepaid" in each:
            self._agree(story, each)

    def _agree(self, story: Story, each: dict[str, Any]) -> None:
        """The member lets keepers renew, and has paid so many periods ahead."""
        member, community = self._person(each["account"]), self._homes[story.folder]
        tier = next(tier for tier in member.get(f"/api/communities/{community}/tiers") if tier["id"] == each["tier"])
        fields = {"max_price": tier["price"], "periods": AGREED_PERIODS}
        member.transact(community, "auto-renew", token_id=member.token_id(community), **fields)
        if each["prepaid"]:
            member.transact(community, "add-funds", amount=str(int(tier["price"]) * each["prepaid"]))

    def _renew(self, story: Story, index: int) -> None:
        member, community = self._person(index), self._homes[story.folder]
        member.renew(community, token_id=member.token_id(community))

    def _publish(self, story: Story, post: Post) -> None:
        founder, community = self._founder(story), self._homes[story.folder]
        pictures: list[tuple[Sent, str]] = []
        if post.picture is not None:
            kind = f"image/{post.picture.path.suffix[1:]}"
            pictures = [(founder.send_body(community, post.picture.path.read_bytes(), type=kind), post.picture.alt)]
        placed = founder.publish(
            community, title=post.title, teaser=post.teaser, rest=post.rest, gate=post.gate, pictures=pictures
        )
        self._posts[post.title] = placed.act
        if post.title == story.setup.get("welcome"):
            founder.write(community, "community.welcome", subject=placed.act)

    def _reply(self, story: Story, reply: Reply, title: str) -> None:
        self._person(reply.account).reply(self._homes[story.folder], self._posts[title], reply.text)


def opening(setup: Any, url: str, home_key: str) -> dict[str, Any]:
    """The fields of ICommunityFactory.Opening, in its order."""
    return {
        "salt": b"\0" * 32,
        "name": setup["name"],
        "symbol": setup["symbol"],
        "currency": NOBODY,
        "noticeSeconds": 30 * DAY,
        "royaltyBps": ROYALTY_BPS,
        "rates": RATES,
        "operator": NOBODY,
        "operatorBps": 0,
        "parent": NOBODY,
        "parentBps": 0,
        "parentMembership": 0,
        "homeUri": url,
        "homeKey": to_checksum_address(home_key),
        "tiers": [_tier(each) for each in setup["tiers"]],
    }


def _let_in(founder: Member, community: str, tier_id: int, people: Sequence[int]) -> None:
    """The tier is for these people alone: the home keeps the list, the chain its fingerprint."""
    accounts = "\n".join(account_of(index).address for index in people)
    kept = founder.post(f"/api/communities/{community}/allow-lists", {"accounts": accounts})
    fields = {"invitation_only": False, "invitee_discount_bps": 0, "allow_root": kept["root"]}
    founder.transact(community, "tier-access", tier_id=tier_id, **fields)


def _tier(each: Any) -> dict[str, Any]:
    """A tier's parameters, in the order of IMembershipBase.TierParams; `price_milli` are thousandths of a coin."""
    return {
        "label": each["label"].encode().ljust(32, b"\0"),
        "price": each["price_milli"] * 10**15,
        "periodSeconds": each["days"] * DAY,
        "earningSeconds": 0,
        "cap": each.get("cap", 0),
        "saleStart": 0,
        "saleEnd": 0,
        "soulbound": each.get("soulbound", False),
        "invitationOnly": False,
        "inviteeDiscountBps": INVITEE_DISCOUNT_BPS if each["price_milli"] else 0,
        "allowRoot": b"\0" * 32,
    }
