"""The preview of Markdown: the owner's, of a bounded size, and rationed, since parsing takes the home's time."""

from dataclasses import replace

import pytest

from backend.content import desk
from tests.factories.home import COMMUNITY, TestHome

PREVIEW = f"/fragments/c/{COMMUNITY}/preview"


def test_a_preview_shows_words_or_says_that_there_are_none(home: TestHome) -> None:
    owner = home.client(home.owner)

    assert "<strong>bold</strong>" in owner.post(PREVIEW, data={"text": "**bold**"}).text
    assert "Nothing is written yet." in owner.post(PREVIEW, data={"text": " "}).text
    assert owner.post(PREVIEW, data={"text": "a" * 40_001}).status_code == 422
    assert home.client(home.author(2)).post(PREVIEW, data={"text": "a"}).status_code == 403


def test_previews_are_rationed(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "PREVIEWED", replace(desk.PREVIEWED, most=1, seconds=10**6))
    owner = home.client(home.owner)

    assert [owner.post(PREVIEW, data={"text": "a"}).status_code for _ in range(2)] == [200, 429]
