"""A page of a home that no node confirms says so, and stops saying it once a node answers, without a reload."""

import pytest
from playwright.sync_api import Page, expect

from backend import clock
from tests.browser.conftest import on_sqlite
from tests.fixtures.koinon import Koinon

pytestmark = on_sqlite


def test_notice_goes_once_the_chain_is_confirmed(page: Page, koinon: Koinon, monkeypatch: pytest.MonkeyPatch) -> None:
    later = clock.now() + 3_600
    monkeypatch.setattr(clock, "now", lambda: later)
    page.goto(koinon.url)
    notice = page.locator("[data-standing=away]")
    expect(notice).to_contain_text("No node confirms the chain right now.")
    page.evaluate("document.body.dataset.witness = 'same page'")

    monkeypatch.undo()

    expect(notice).to_have_count(0)
    expect(page.locator("body")).to_have_attribute("data-witness", "same page")
