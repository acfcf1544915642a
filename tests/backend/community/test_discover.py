"""Communities are found by their words, their topics and what is free, page by page."""

import json
from typing import Any

import pytest

from backend import clock
from backend.community.queries import PAGE, Search, discover
from indexer.tables.community import Community
from tests.factories.home import CHAIN_ID, COMMUNITY, TestHome, body_of, community_rows, tier_row

PROFILE = "application/vnd.koinon.profile+json"


def describe(home: TestHome, **words: Any) -> None:
    staged = home.stage(home.owner, json.dumps(words), media_type=PROFILE)
    home.say(home.owner, "community.profile", wallet=True, body=body_of(staged))


def found(home: TestHome, **search: Any) -> list[str]:
    with home.host.database.reading() as session:
        wanted = Search(home_key=home.host.home.address, **search)
        return [view.address for view in discover(session, CHAIN_ID, wanted, at=clock.now())]


def neighbours(home: TestHome, count: int) -> list[str]:
    """More communities of this home, the newest last."""
    addresses = []
    for number in range(count):
        rows = community_rows(home.owner.account, home.host.home.address)
        row = next(each for each in rows if isinstance(each, Community))
        row.address, row.name = f"0x{number + 1:040x}", f"Neighbour {number}"
        row.membership, row.opened_block = f"0x{number + 1000:040x}", 10 + number // 2
        home.write(row)
        addresses.append(row.address)
    return addresses


@pytest.mark.parametrize("words", ["test", "TEST", "stars", "Звёзды", "звёзды", "the roof", "100%", "dark_sky"])
def test_search_finds_name_profile_and_topics_in_any_case(home: TestHome, words: str) -> None:
    describe(home, tagline="Stars over THE roof", about="Звёзды над крышей: 100%", topics=["dark_sky"])

    assert found(home, words=words) == [COMMUNITY]


@pytest.mark.parametrize("words", ["nowhere", "test nowhere", "%", "darkXsky"])
def test_search_finds_nothing_else(home: TestHome, words: str) -> None:
    describe(home, tagline="Stars", topics=["dark_sky"])

    assert found(home, words=words) == []


def test_topics_are_compared_without_case(home: TestHome) -> None:
    describe(home, topics=["Dark  Skies", "dark skies", "Tea"])

    assert found(home, topic="dark skies") == [COMMUNITY]
    assert found(home, topic="dark") == []
    page = home.client().get("/").text
    assert "dark skies" in page
    assert found(home, topic="tea") == [COMMUNITY]
    describe(home, topics=["bread"])
    assert found(home, topic="tea") == []


@pytest.mark.parametrize(
    ("changes", "free"),
    [
        ({"price": 0}, True),
        ({}, False),
        ({"price": 0, "paused": True}, False),
        ({"price": 0, "invitation_only": True}, False),
        ({"price": 0, "cap": 2, "seats": 2}, False),
        ({"price": 0, "retires_at": 2**40 - 1}, False),
        ({"price": 0, "sale_end": 1}, False),
    ],
    ids=str,
)
def test_free_is_what_can_be_joined_without_payment_now(home: TestHome, changes: dict[str, Any], free: bool) -> None:
    home.write(tier_row(1), tier_row(2), tier_row(2, **changes))

    assert found(home, free=True) == ([COMMUNITY] if free else [])


def test_pages_of_the_list_have_no_gap_and_no_double(home: TestHome) -> None:
    made = neighbours(home, 2 * PAGE + 3)
    client, path, seen = home.client(), "/", []

    while path:
        page = client.get(path).text
        seen += [part[:42] for part in page.split('<h3><a href="/c/')[1:]]
        more = page.partition('href="/?after=')[2].partition("#")[0]
        path = f"/?after={more}" if more else ""

    assert sorted(seen) == sorted([*made, COMMUNITY])
    assert len(set(seen)) == len(seen)


def test_list_shows_nothing_of_other_homes_and_survives_odd_input(home: TestHome) -> None:
    with home.host.database.reading() as session:
        assert discover(session, CHAIN_ID, Search(home_key="0x" + "11" * 20), at=clock.now()) == []
    client = home.client()

    assert client.get("/?q=" + "x" * 101).status_code == 422
    assert client.get("/?after=1-0x12").status_code == 422
    assert "<script>" not in client.get("/?q=<script>alert(1)</script>&topic=<b>").text.replace("<script type", "")
