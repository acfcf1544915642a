"""A reply reaches the author: a number beside the menu, a sentence in the inbox, and both are gone once it is read."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Story, Wallet, enter, on_sqlite
from tests.fixtures.koinon import PAID, Koinon

pytestmark = on_sqlite


def test_author_hears_of_a_reply_and_its_number_goes_once_it_is_read(
    page: Page, wallet: Wallet, story: Story, koinon: Koinon
) -> None:
    wallet.account = koinon.anvil.accounts[1]
    enter(page, koinon.url)
    unread = page.locator("[data-unread]")
    expect(unread).to_be_hidden()

    member = koinon.member(4)
    member.join(story.community, tier_id=PAID)
    member.reply(story.community, story.post, "I found it.")
    koinon.await_that(lambda: story.founder.get("/api/notices/unread") == {"unread": 1})
    page.reload()

    expect(unread).to_be_visible()
    expect(unread).to_have_text("Unread notices: 1")
    unread.click()
    notice = page.locator("[data-notice=reply]")
    expect(notice).to_have_count(1)
    expect(notice).to_contain_text("replied to your post “Where the key is” in The Repair Circle.")
    expect(notice).to_contain_text("new")
    page.get_by_role("button", name="Mark all as read").click()

    expect(notice).not_to_contain_text("new")
    expect(unread).to_be_hidden()
    notice.get_by_role("link").click()
    expect(page.get_by_text("I found it.")).to_be_visible()
