"""Rows of a community of any size, as indexer and log would have written them.

Forty posts and twenty replies are real signed acts. Rows of further ones are copies of theirs under other ids: a signed
act takes 10 to 50 ms, and an author has 2,000 a day. Members are rows of the mirror: each with its payments, two in
five with a consent, one in ten bound to a badge.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Engine, Table, insert, select
from sqlmodel import Session, SQLModel

from backend import clock
from backend.community.tables import Profile
from backend.content.tables import Post
from backend.db import ProjectionTable
from backend.discussion.tables import Reply
from backend.market.messages import message_of
from backend.market.tables import SignedListing
from indexer.tables.columns import ZERO_ADDRESS, ZERO_HASH
from indexer.tables.community import Community
from indexer.tables.holdings import HoldingChange, tier_asset
from indexer.tables.membership import Earnings, Ending, Membership, Payment, Settlement
from indexer.tables.renewals import Consent, Funds
from tests.factories.days import count_days
from tests.factories.home import BADGES, CHAIN_ID, COMMUNITY, MEMBERSHIP, TestHome, body_of, community_rows
from tests.factories.mirrored_badges import ledger, rates, sale

DAY = 86_400
LARGE, LARGE_MEMBERSHIP, LARGE_BADGES = "0x" + "c1" * 20, "0x" + "3f" * 20, "0x" + "bb" * 20
PRICE = 10**16
FIRST_BLOCK, BLOCK_SECONDS = 10, 12
YEARS = 400 * DAY
SIGNED_POSTS, SIGNED_REPLIES = 40, 20
CHUNK = 5_000
PROFILE_TYPE = "application/vnd.koinon.profile+json"
Row = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """A community to be filled, with `posts` posts and `members` members."""

    community: str
    membership: str
    badges: str
    posts: int
    members: int


SMALL = Place(COMMUNITY, MEMBERSHIP, BADGES, SIGNED_POSTS, 40)


def large(posts: int, members: int) -> Place:
    return Place(LARGE, LARGE_MEMBERSHIP, LARGE_BADGES, posts, members)


def fill(home: TestHome, place: Place) -> str:
    """The large community beside the small one. Returns the post with the replies, which both have."""
    post = speak(home)
    home.write(*community_of(home, place))
    now = clock.now()
    head = block_of(now, now)
    for each in (SMALL, place):
        populate(home.mirror, each, now)
        list_badges(home, each, now)
    with Session(home.mirror) as session:
        count_days(session)
        session.commit()
    spread(home, place)
    home.mine(number=head + 1, at=now, final=head)
    return post


def speak(home: TestHome) -> str:
    """The signed acts of the small community; the newest post has the replies."""
    home.set_recovery()
    home.open_gate()
    member = home.author(2)
    home.member(member, tier=1, token_id=1 << 30)
    profile = home.stage(home.owner, json.dumps({"tagline": "Stars", "topics": ["Astronomy"]}), media_type=PROFILE_TYPE)
    home.say(home.owner, "community.profile", wallet=True, body=body_of(profile))
    for number in range(SIGNED_POSTS - 1):
        gated = number % 3 == 2
        rest = {"rest": "What members read. " * 40, "gate": "members"} if gated else {}
        home.publish(f"Post {number}", "The beginning of it, which everybody reads. " * 5, **rest)
    post = home.publish("The newest", "Say hello below.").act
    for number in range(SIGNED_REPLIES):
        home.reply(member, post, f"Hello {number}.")
    return post


def community_of(home: TestHome, place: Place) -> list[SQLModel]:
    """The rows of the small community, for another one."""
    other = {COMMUNITY: place.community, MEMBERSHIP: place.membership, BADGES: place.badges}
    rows = community_rows(home.owner.account, home.host.home.address)
    for row in rows:
        for name, value in row.model_dump().items():
            setattr(row, name, other.get(value, value) if isinstance(value, str) else value)
        if isinstance(row, Community):
            row.name, row.store = "The Large", "0x" + "58" * 20
    return rows


def spread(home: TestHome, place: Place) -> None:
    """The log's projections of the small community stand in the large one, with as many posts as it has."""
    with home.host.database.writing() as session:
        for table in ProjectionTable.metadata.sorted_tables:
            found = session.execute(select(table).where(table.c.community == COMMUNITY)).mappings()
            copies = [{**row, "community": place.community} for row in found]
            if table.name == Post.__tablename__:
                copies = list(more_posts(copies, place.posts))
            if table.name == Reply.__tablename__:
                copies += [reply for number in range(place.posts) for reply in more_replies(copies[:2], number)]
            for rows in pieces(iter(copies)):
                session.execute(insert(table), rows)


def more_posts(posts: list[Row], most: int) -> Iterator[Row]:
    """Older copies, then the posts themselves with the numbers after them."""
    older = max(most - len(posts), 0)
    for number in range(older):
        yield {**posts[number % len(posts)], "id": name_of("b", number), "seq": number}
    for row in posts:
        yield {**row, "seq": row["seq"] + older}


def more_replies(replies: list[Row], number: int) -> Iterator[Row]:
    """The replies to an older post."""
    for index, row in enumerate(replies):
        yield {**row, "id": name_of("c", 2 * number + index), "post_id": name_of("b", number)}


def populate(mirror: Engine, place: Place, now: int) -> None:
    """Members with all that the chain knows of them."""
    makers = (memberships, payments, endings, settlements, consents, funds, holdings)
    with mirror.begin() as connection:
        for make in makers:
            for rows in pieces(make(place, now)):
                connection.execute(insert(make_table(make)), rows)
        totals = {"contract": place.membership, "earned_total": PRICE * place.members, "withdrawn_total": PRICE}
        connection.execute(insert(table_of(Earnings)), [{"chain_id": CHAIN_ID, **totals}])


def make_table(make: Any) -> Table:
    return table_of(TABLES[make.__name__])


def table_of(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


def span(place: Place, token: int, now: int) -> tuple[int, int, int]:
    """When a member joined, renewed (0: never) and ends: one in five has ended, and half of the others renewed."""
    joined = now - YEARS + YEARS * token // (place.members + 1)
    if token % 5 == 0:
        return joined, 0, min(joined + 30 * DAY, now - token % DAY)
    until = now + DAY + (token * 7919) % (30 * DAY)
    return joined, max(until - 30 * DAY, joined + 1) if token % 2 else 0, until


def memberships(place: Place, now: int) -> Iterator[Row]:
    for token in range(1, place.members + 1):
        joined, renewed, until = span(place, token, now)
        ended = until <= now
        yield {
            **here(place),
            "token_id": token,
            "holder": account_of(place, token),
            "tier_id": 1 + token % 3,
            "badge": 1 + token // 100 if token % 10 == 3 else 0,
            "expires_at": until,
            "unearned": 0 if ended else PRICE,
            "settled_at": renewed or joined,
            "earned_at": until,
            "rate": 500 if token % 10 == 3 else 0,
            "count_at": 0,
            "transfer_count": 0,
            "counted": token % 10 == 3,
            "chosen": True,
            "released": False,
            "joined_at": joined,
            "block_number": block_of(renewed or joined, now),
        }


def payments(place: Place, now: int) -> Iterator[Row]:
    for token in range(1, place.members + 1):
        joined, renewed, until = span(place, token, now)
        common = {**here(place), "token_id": token, "holder": account_of(place, token), "tier_id": 1 + token % 3}
        common |= {"payer": common["holder"], "badge": 0, "amount": PRICE, "tip": 0, "periods": 1, "tx_hash": ZERO_HASH}
        first = min(until, joined + 30 * DAY) if renewed else until
        for kind, at, expires_at in (("join", joined, first), ("renewal", renewed, until)):
            if at:
                placed = {"block_number": block_of(at, now), "log_index": 2 * token + (kind == "renewal"), "at": at}
                previous = common["tier_id"] if kind == "renewal" else 0
                yield {**common, **placed, "kind": kind, "expires_at": expires_at, "previous_tier_id": previous}


def endings(place: Place, now: int) -> Iterator[Row]:
    for token in range(50, place.members + 1, 50):
        _, _, until = span(place, token, now)
        holder = account_of(place, token)
        yield {
            **here(place),
            "block_number": block_of(until, now),
            "log_index": token,
            "token_id": token,
            "kind": "cancel",
            "tier_id": 1 + token % 3,
            "holder": holder,
            "ended_by": holder,
            "paid_to": holder,
            "refund": PRICE // 4,
            "tx_hash": ZERO_HASH,
            "at": until,
        }


def settlements(place: Place, now: int) -> Iterator[Row]:
    for token in range(1, place.members + 1):
        _, renewed, _ = span(place, token, now)
        if renewed:
            placed = {"block_number": block_of(renewed, now), "log_index": token, "at": renewed}
            badge = 1 + token // 100 if token % 10 == 3 else 0
            money = {"badge": badge, "earned": PRICE, "badge_share": PRICE // 20 if badge else 0}
            yield {**here(place), **placed, **money, "token_id": token}


def consents(place: Place, now: int) -> Iterator[Row]:
    for token in range(1, place.members + 1):
        if token % 5 in (1, 2):
            agreed = {"max_price": PRICE * 3, "periods_left": 12, "until": now + YEARS, "block_number": FIRST_BLOCK}
            holder = {"holder": account_of(place, token), "tier_id": 1 + token % 3}
            *_, until = span(place, token, now)
            yield {**here(place), **holder, **agreed, "token_id": token, "expires_at": until}


def funds(place: Place, _now: int) -> Iterator[Row]:
    for token in range(1, place.members + 1):
        if token % 5 in (1, 2):
            amount = {"amount": PRICE * (token % 3), "block_number": FIRST_BLOCK}
            yield {**here(place), "account": account_of(place, token), **amount}


def holdings(place: Place, now: int) -> Iterator[Row]:
    for token in range(1, place.members + 1):
        joined, renewed, until = span(place, token, now)
        yield {
            "chain_id": CHAIN_ID,
            "account": account_of(place, token),
            "asset": tier_asset(place.membership, 1 + token % 3),
            "block_number": block_of(renewed or joined, now),
            "log_index": token,
            "value": 1,
            "expires_at": until,
        }


TABLES: Mapping[str, type[SQLModel]] = {
    "memberships": Membership,
    "payments": Payment,
    "endings": Ending,
    "settlements": Settlement,
    "consents": Consent,
    "funds": Funds,
    "holdings": HoldingChange,
}


def list_badges(home: TestHome, place: Place, now: int) -> None:
    """Badges and sales of the market: one for each hundredth member at least ten."""
    many = max(10, place.members // 100)
    at = {"contract": place.membership}
    rows: list[SQLModel] = [rates().model_copy(update=at)]
    for badge in range(1, many + 1):
        rows.append(ledger(account_of(place, badge), badge).model_copy(update=at))
        sold = sale(PRICE, block=badge, token_id=badge, seller=account_of(place, badge), buyer=account_of(place, 2))
        rows.append(sold.model_copy(update={"community": place.community, "collection": place.badges, "log_index": 7}))
    home.write(*(type(row)(**row.model_dump()) for row in rows))
    with home.host.database.writing() as session:
        session.add_all(listing(place, badge, now) for badge in range(1, many + 1))


def listing(place: Place, badge: int, now: int) -> SignedListing:
    seller = account_of(place, badge)
    return SignedListing(
        chain_id=CHAIN_ID,
        digest="0x" + place.community[2:10] + f"{badge:056x}",
        community=place.community,
        seller=seller,
        token_id=badge,
        badge=badge,
        buyer=ZERO_ADDRESS,
        currency=ZERO_ADDRESS,
        price=PRICE,
        starts_at=0,
        deadline=now + YEARS,
        transfer_count=0,
        counter=0,
        message=dict(message_of("Listing", seller=seller, tokenId=badge, price=PRICE)),
        signature="0x" + "11" * 65,
        kept_at=now - badge,
    )


def crowd(home: TestHome, many: int) -> None:
    """So many further communities of this home, each with a profile that a search looks at."""
    [first, *_] = community_rows(home.owner.account, home.host.home.address)
    base = first.model_dump()
    rows, profiles = [], []
    for number in range(many):
        address = {"address": f"0x{number:08x}" + "aa" * 16, "membership": f"0x{number:08x}" + "ab" * 16}
        rows.append({**base, **address, "name": f"Circle {number}", "opened_block": number})
        said = {"tagline": "A circle", "about": "Of friends.", "words": f"a circle of friends {number}", "topics": []}
        profiles.append({"chain_id": CHAIN_ID, "community": address["address"], "seq": 1, **said})
    with home.mirror.begin() as connection:
        connection.execute(insert(table_of(Community)), rows)
    with home.host.database.writing() as session:
        session.execute(insert(Profile), profiles)


def here(place: Place) -> Row:
    return {"chain_id": CHAIN_ID, "contract": place.membership}


def account_of(place: Place, token: int) -> str:
    return f"0x{place.membership[2:10]}{token:032x}"


def block_of(at: int, now: int) -> int:
    return FIRST_BLOCK + (at - now + YEARS) // BLOCK_SECONDS


def name_of(letter: str, number: int) -> str:
    """What looks like the id of an act."""
    digits = "abcdefghijklmnopqrstuvwxyz234567"
    text = "".join(digits[(number >> shift) & 31] for shift in range(285, -5, -5))
    return f"b{letter}{text[1:]}"


def pieces(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(rows, CHUNK)):
        yield some
