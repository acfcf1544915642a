"""No page keeps anybody out: axe finds nothing serious, no page is wider than a phone, and all read without scripts."""

import re
from typing import Any, Literal

from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.conftest import SECRET, Story, Wallet, on_sqlite, sign_in
from tests.fixtures.koinon import Koinon
from tests.fixtures.tools import ROOT, missing

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SERIOUS = {"serious", "critical"}
NARROW, WIDE = ViewportSize(width=360, height=740), ViewportSize(width=1440, height=900)

pytestmark = on_sqlite


def serious_faults(page: Page, part: str = "html") -> list[dict[str, Any]]:
    """What axe finds that keeps somebody out: each rule with its nodes. `part`: a CSS selector."""
    if not AXE.exists():
        missing("axe-core")
    page.evaluate(AXE.read_text())
    found = page.evaluate("part => axe.run(part, { resultTypes: ['violations'] })", part)["violations"]
    return [each for each in found if each["impact"] in SERIOUS]


def look(page: Page, url: str) -> None:
    """The page, in both schemes and widths, has no serious fault and does not scroll sideways."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.goto(url)
        for size in (NARROW, WIDE):
            page.set_viewport_size(size)

            assert [(each["id"], each["nodes"][0]["html"]) for each in serious_faults(page)] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], url


def test_pages_are_accessible_to_visitors_and_founders(
    page: Page, wallet: Wallet, story: Story, koinon: Koinon
) -> None:
    home = f"{koinon.url}/c/{story.community}"
    for url in (koinon.url, home, f"{home}/tiers", story.page, f"{koinon.url}/account", f"{koinon.url}/nowhere"):
        look(page, url)

    wallet.account = koinon.anvil.accounts[1]
    page.goto(story.page)
    page.get_by_role("button", name="Sign in").first.click()
    page.get_by_role("button", name="Pocket").click()
    sign_in(page)
    page.locator("[data-unsealed]").wait_for()

    for url in (story.page, f"{home}/write", f"{home}/recovery", f"{story.page}/edit", f"{koinon.url}/account"):
        look(page, url)


def test_pages_read_without_scripts(chromium: Browser, story: Story, koinon: Koinon) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto(koinon.url)
    page.get_by_role("link", name="The Repair Circle").first.click()
    page.get_by_role("link", name="Where the key is").click()

    expect(page.get_by_role("heading", name="The rest is for members")).to_be_visible()
    assert not re.search(SECRET, page.content())
    page.get_by_role("button", name="Русский").click()
    expect(page.get_by_role("heading", name="Дальше — для участников")).to_be_visible()
    context.close()
