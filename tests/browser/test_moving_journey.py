"""An owner moves a community to another host by the page, which waits for the anchor and says what is left to do."""

from playwright.sync_api import expect

from tests.browser.conftest import Story, Visit, Wallet, on_sqlite
from tests.browser.test_accessibility import look
from tests.browser.test_holder_journey import choose, confirm
from tests.fixtures.koinon import FINALITY, Koinon

pytestmark = on_sqlite
FOUNDER = 1


def anchored(koinon: Koinon, story: Story) -> None:
    """The home's own worker has anchored all that was said."""
    koinon.anvil.mine(FINALITY)
    koinon.await_head()
    koinon.await_that(lambda: bool(story.founder.get(f"/api/communities/{story.community}/move")["anchored"]))


def test_an_owner_publishes_first_and_then_moves(
    koinon: Koinon, story: Story, visit: Visit, wallets: dict[int, Wallet]
) -> None:
    page = visit(FOUNDER, f"/c/{story.community}/manage/profile")
    page.get_by_role("link", name="Host", exact=True).click()
    look(page, page.url)
    expect(page.get_by_role("button", name="Move the community")).to_be_disabled()
    page.get_by_role("button", name="Publish now").click()
    expect(page.locator("[data-activity]")).to_contain_text("publishes now what is final")
    anchored(koinon, story)
    page.reload()
    expect(page.get_by_text("a stranger can prove it without this host")).to_be_visible()
    look(page, page.url)

    page.get_by_label("Address of the host").fill("https://other-home.example")
    page.get_by_label("Its home key").fill("0x" + "77" * 20)
    page.get_by_label("I know that nobody can write").check()
    page.get_by_role("button", name="Move the community").click()
    choose(page)
    confirm(page, "to https://other-home.example")

    expect(page.locator("[data-moved]").get_by_role("link")).to_have_attribute(
        "href", f"https://other-home.example/c/{story.community}"
    )
    look(page, page.url)


def test_a_page_of_another_base_opens_no_wallet(
    koinon: Koinon, story: Story, visit: Visit, wallets: dict[int, Wallet]
) -> None:
    anchored(koinon, story)
    page = visit(FOUNDER, f"/c/{story.community}/manage/move")
    page.get_by_label("Address of the host").fill("https://other-home.example")
    page.get_by_label("Its home key").fill("0x" + "77" * 20)
    page.get_by_label("I know that nobody can write").check()
    form = page.locator("[data-form='move:go']")
    form.evaluate("form => (form.dataset.digest = '0x' + '12'.repeat(32))")

    page.get_by_role("button", name="Move the community").click()
    choose(page)

    expect(page.get_by_role("alert").filter(has_text="Somebody has written something")).to_be_visible()
    assert "eth_sendTransaction" not in wallets[FOUNDER].asked
