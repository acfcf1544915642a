"""What pages of a founder keep for it: text that the browser does not copy, half-typed words, the tab that is open."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Story, Wallet, enter, on_sqlite
from tests.fixtures.koinon import PAID, Koinon

pytestmark = on_sqlite
NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"


def test_link_can_be_copied_by_hand_where_the_browser_refuses(
    page: Page, wallet: Wallet, story: Story, koinon: Koinon
) -> None:
    page.add_init_script(NO_CLIPBOARD)
    wallet.account = koinon.anvil.accounts[1]
    enter(page, f"{koinon.url}/c/{story.community}")
    page.get_by_role("button", name="Copy the link").click()

    text = page.get_by_label("Text to copy")
    expect(text).to_have_value(f"{koinon.url}/c/{story.community}")
    expect(text).to_be_focused()
    page.locator("dialog[open]").get_by_role("button", name="Close").last.click()
    expect(text).to_be_hidden()


def test_half_typed_words_and_open_folds_outlive_what_happens_elsewhere(
    page: Page, wallet: Wallet, story: Story, koinon: Koinon
) -> None:
    wallet.account = koinon.anvil.accounts[1]
    enter(page, koinon.url)
    page.goto(f"{koinon.url}/c/{story.community}/manage/tiers")
    tier = page.locator(f"article[data-tier='{PAID}']")
    tier.get_by_text("Name", exact=True).click()
    tier.get_by_label("New name").fill("Half a na")
    membership = page.request.get(f"{koinon.url}/api/communities/{story.community}").json()["membership"]
    story.founder.call("Membership", membership, "setTierPaused", PAID, True)

    expect(tier).to_contain_text("paused")
    expect(tier.get_by_label("New name")).to_have_value("Half a na")
    expect(tier.get_by_label("New name")).to_be_visible()

    tier.get_by_label("New name").fill("Menders")
    tier.get_by_role("button", name="Rename it").click()
    page.locator("dialog[open]").get_by_role("button", name="Continue in the wallet").click()
    expect(tier.get_by_role("heading")).to_contain_text("Menders")
    expect(tier.locator("[name=label][value='Menders']")).to_have_count(1)


def test_current_tab_is_in_sight_on_a_phone(page: Page, wallet: Wallet, story: Story, koinon: Koinon) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    wallet.account = koinon.anvil.accounts[1]
    enter(page, koinon.url)
    page.goto(f"{koinon.url}/c/{story.community}/manage/profile")

    for row in page.locator(".tabs--inner, .tabs > .wrap").all():
        expect(row.locator("[aria-current]")).to_be_in_viewport(ratio=0.9)
    expect(page.get_by_text("All of them are drawn from the address")).to_be_visible()
