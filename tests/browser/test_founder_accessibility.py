"""The founder's pages keep nobody out: see test_accessibility.py."""

from playwright.sync_api import Page

from tests.browser.conftest import Story, Wallet, on_sqlite, sign_in
from tests.browser.test_accessibility import look
from tests.fixtures.koinon import PAID, Koinon

pytestmark = on_sqlite

PARTS = ("", "/tiers", "/people", "/vouchers", "/money", "/profile")


def test_pages_of_founders_are_accessible_and_fit_a_phone(
    page: Page, wallet: Wallet, story: Story, koinon: Koinon
) -> None:
    koinon.member(6).join(story.community, tier_id=PAID)
    home = f"{koinon.url}/c/{story.community}"
    wallet.account = koinon.anvil.accounts[1]
    page.goto(story.page)
    page.get_by_role("button", name="Sign in").first.click()
    page.get_by_role("button", name="Pocket").click()
    sign_in(page)
    page.locator("[data-unsealed]").wait_for()

    for url in (f"{koinon.url}/open", home, f"{home}?as=expired", f"{story.page}?as=outsider"):
        look(page, url)
    for part in PARTS:
        look(page, f"{home}/manage{part}")
