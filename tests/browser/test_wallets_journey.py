"""A reader links a wallet that holds the membership: the post opens in place, and closes when the link is gone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ANNOUNCE, SECRET, Story, Wallet, enter, on_sqlite
from tests.browser.test_accessibility import look
from tests.fixtures.koinon import PAID, Koinon

pytestmark = on_sqlite


@pytest.fixture
def drawer(koinon: Koinon, page: Page, wallet: Wallet) -> Wallet:
    """A second wallet in the same browser, which holds a membership."""
    held = Wallet(koinon.anvil, koinon.anvil.accounts[6])
    page.expose_function("askTheDrawer", held.answer)
    names = {"askTheWallet": "askTheDrawer", "Pocket": "Drawer", "org.example.pocket": "org.example.drawer"}
    script = ANNOUNCE
    for before, after in names.items():
        script = script.replace(before, after)
    page.add_init_script(f"{{{script}}}")
    return held


def link(page: Page, name: str) -> None:
    """Up to where the other wallet is asked."""
    dialog = page.locator("dialog[open]").last
    expect(dialog).to_contain_text("costs nothing and moves no money")
    dialog.get_by_role("button", name="Choose the wallet").click()
    page.locator("dialog[open]").last.get_by_role("button", name=name).click()


def test_a_linked_wallet_opens_the_post_in_place_and_unlinking_closes_it(
    page: Page, wallet: Wallet, drawer: Wallet, story: Story, koinon: Koinon
) -> None:
    koinon.member(6).join(story.community, tier_id=PAID)
    enter(page, story.page)
    expect(page.get_by_role("heading", name="The rest is for members")).to_be_visible()
    assert SECRET not in page.content()
    page.evaluate("document.body.dataset.witness = 'same page'")

    page.get_by_role("button", name="Link that wallet").click()
    link(page, "Drawer")

    expect(page.get_by_text(SECRET)).to_be_visible()
    expect(page.locator("body")).to_have_attribute("data-witness", "same page")
    expect(page.locator("body")).to_have_attribute("data-viewer", wallet.account.lower())
    expect(page.locator("#replies")).to_contain_text("switch to it to reply")
    assert [method for method in drawer.asked if method.startswith(("personal", "eth_send"))] == ["personal_sign"]

    settings = page.context.new_page()
    settings.goto(f"{koinon.url}/account/settings")
    mine = settings.locator("section", has=settings.get_by_role("heading", name="Your wallets"))
    expect(mine).to_contain_text(drawer.account, ignore_case=True)
    mine.get_by_role("button", name="Unlink").click()
    settings.locator("dialog[open]").get_by_role("button", name="Unlink").click()
    expect(mine).to_contain_text("No other wallet counts for you yet.")

    expect(page.get_by_role("heading", name="The rest is for members")).to_be_visible()
    assert SECRET not in page.content()
    expect(page.locator("body")).to_have_attribute("data-witness", "same page")
    settings.close()


def test_another_account_of_the_same_wallet_is_asked_for_and_the_viewer_stays(
    page: Page, wallet: Wallet, story: Story, koinon: Koinon
) -> None:
    koinon.member(7).join(story.community, tier_id=PAID)
    enter(page, story.page)
    page.get_by_role("button", name="Link that wallet").click()
    link(page, "Pocket")
    alert = page.locator("dialog[open]").get_by_role("alert")
    expect(alert).to_contain_text("no account but those that are yours already")

    wallet.hidden = [koinon.anvil.accounts[7]]
    wallet.declined.add("personal_sign")
    link(page, "Pocket")
    expect(alert).to_contain_text("You declined it in the wallet.")
    wallet.declined.clear()
    link(page, "Pocket")

    expect(page.get_by_text(SECRET)).to_be_visible()
    expect(page.locator("body")).to_have_attribute("data-viewer", wallet.account.lower())
    page.reload()
    expect(page.get_by_text(SECRET)).to_be_visible()


def test_pages_about_linked_wallets_keep_nobody_out_in_either_language(
    page: Page, wallet: Wallet, drawer: Wallet, story: Story, koinon: Koinon
) -> None:
    drawer.account = koinon.anvil.accounts[8]
    koinon.member(8).join(story.community, tier_id=PAID)
    wallet.account = koinon.anvil.accounts[9]
    enter(page, f"{koinon.url}/account/settings")
    expect(page.get_by_text("No other wallet counts for you yet.")).to_be_visible()
    look(page, page.url)
    page.get_by_role("button", name="Link another wallet").click()
    link(page, "Drawer")
    expect(page.locator(f"[data-wallet='{drawer.account.lower()}']")).to_be_visible()

    pages = ["/account", "/account/settings", "/account/payments", "/account/badges"]
    pages.append(f"/c/{story.community}/membership")
    for language, words in (("English", "Your wallets"), ("Русский", "Ваши кошельки")):
        page.goto(f"{koinon.url}/account/settings")
        page.get_by_role("button", name=language).click()
        expect(page.get_by_role("heading", name=words)).to_be_visible()
        for path in pages:
            look(page, koinon.url + path)
    look(page, story.page)
