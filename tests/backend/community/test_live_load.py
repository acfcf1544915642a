"""Many who watch cost as few questions as one, and what breaks once does not end the telling."""

import asyncio

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from backend.community.live import Listener, Watcher
from tests.factories.home import CHAIN_ID, COMMUNITY, TestHome


def test_many_watchers_cost_no_more_questions_than_one(home: TestHome) -> None:
    home.publish("A post")
    listener = Listener(home.host.database, CHAIN_ID)
    strangers = [Watcher("0x" + f"{number:040x}", 0, 0) for number in range(50)]
    watchers = [Watcher(COMMUNITY, 0, 0) for _ in range(50)]
    asked: list[str] = []
    event.listen(home.host.database.engine, "before_cursor_execute", lambda *details: asked.append(details[2]))

    news = listener._news([*watchers, *strangers])

    assert _questions(asked) == 3
    assert [watcher for watcher, _ in news] == watchers
    assert listener._news([*watchers, *strangers]) == []
    assert _questions(asked) == 5


def _questions(asked: list[str]) -> int:
    return sum(statement.startswith("SELECT") for statement in asked)


def test_a_database_that_fails_once_is_asked_again(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    listener = Listener(home.host.database, CHAIN_ID)
    whole = listener._news
    failed: list[bool] = []

    def broken(watchers: list[Watcher]) -> object:
        if not failed:
            failed.append(True)
            raise OperationalError("SELECT", {}, Exception("the database is away"))
        return whole(watchers)

    monkeypatch.setattr(listener, "_news", broken)

    async def story() -> str:
        async with listener.running():
            stream = listener.watch(COMMUNITY, "log:0")
            await anext(stream)
            home.publish("A post")
            return await asyncio.wait_for(anext(stream), 10)

    assert asyncio.run(story()).startswith("id: log:1")


def test_no_more_watch_than_a_process_can_tell(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.community.live.WATCHERS", 0)

    answer = home.client().get(f"/api/communities/{COMMUNITY}/events")

    assert answer.status_code == 429
