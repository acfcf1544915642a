"""Who watches a community is told what changed, by topic and id; who comes back is told what it missed."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlmodel import Session

from backend.community.live import Listener
from indexer.tables.chain import Change
from tests.factories.home import CHAIN_ID, COMMUNITY, TestHome


def change(home: TestHome, seq: int, community: str = COMMUNITY) -> None:
    ids = {"community": community, "token_id": 7}
    with Session(home.mirror) as session:
        session.add(Change(chain_id=CHAIN_ID, seq=seq, block_number=1, kind="membership", ids=ids, removed=False))
        session.commit()


async def events(stream: AsyncIterator[str], count: int) -> list[str]:
    """The next `count` events, without the greeting and signs of life."""
    found: list[str] = []
    while len(found) < count:
        text = await asyncio.wait_for(anext(stream), 30)
        if text.startswith("id:"):
            found.append(text)
    return found


def watch(home: TestHome, *, after: str | None, tell: list[int], count: int) -> list[str]:
    async def story() -> list[str]:
        listener = Listener(home.host.database, CHAIN_ID)
        async with listener.running():
            stream = listener.watch(COMMUNITY, after)
            await anext(stream)
            for seq in tell:
                await asyncio.to_thread(change, home, seq)
            found = await events(stream, count)
            await stream.aclose()  # type: ignore[attr-defined]
            return found

    return asyncio.run(story())


def test_a_change_on_chain_is_told(home: TestHome) -> None:
    (event,) = watch(home, after=None, tell=[1], count=1)

    assert event == 'id: chain:1\nevent: membership\ndata: {"topic": "membership", "id": "7"}\n\n'


def test_what_was_missed_is_told_again(home: TestHome) -> None:
    for seq in (1, 2, 3):
        change(home, seq)

    found = watch(home, after="chain:1", tell=[], count=2)

    assert [event.splitlines()[0] for event in found] == ["id: chain:2", "id: chain:3"]


def test_acts_of_the_log_are_told(home: TestHome) -> None:
    post = home.publish("New").act

    (event,) = watch(home, after="log:0", tell=[], count=1)

    assert event.startswith("id: log:1\nevent: post\n")
    assert post in event


def test_other_communities_are_not_told_of(home: TestHome) -> None:
    change(home, 1, "0x" + "11" * 20)
    change(home, 2)

    (event,) = watch(home, after="chain:0", tell=[], count=1)

    assert event.startswith("id: chain:2")


@pytest.mark.parametrize("after", ["", "chain:", "chain:x", "nonsense", "log:99999999999999999999"])
def test_a_strange_last_event_is_none(home: TestHome, after: str) -> None:
    (event,) = watch(home, after=after, tell=[1], count=1)

    assert event.startswith("id: chain:1")
