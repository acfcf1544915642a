"""A visitor meets a lock, joins with a wallet, reads in place, and answers."""

from secrets import token_bytes

from playwright.sync_api import Page, expect

from tests.browser.conftest import SECRET, Story, Wallet, on_sqlite, sign_in
from tests.fixtures.koinon import PAID, Koinon

pytestmark = on_sqlite


def join(page: Page) -> None:
    """The first paid tier, up to where the wallet is asked."""
    page.get_by_role("button", name="Join for 0.01 ETH").click()
    page.get_by_role("button", name="Pocket").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("0.01 ETH")
    dialog.get_by_role("button", name="Continue in the wallet").click()


def test_member_reads_in_place_when_joined_with_a_wallet(page: Page, wallet: Wallet, story: Story) -> None:
    page.goto(story.page)
    expect(page.get_by_role("heading", name="The rest is for members")).to_be_visible()
    assert SECRET not in page.content()
    page.evaluate("document.body.dataset.witness = 'same page'")

    join(page)
    sign_in(page)

    expect(page.get_by_text(SECRET)).to_be_visible()
    expect(page.locator("[data-activity]")).to_contain_text("what was closed here is open to you now")
    expect(page.locator("header a[href='/account']")).to_have_count(1)
    expect(page.get_by_role("link", name="My membership", exact=True)).to_be_visible()
    expect(page.locator("body")).to_have_attribute("data-witness", "same page")
    assert [method for method in wallet.asked if method.startswith(("personal", "eth_send"))] == [
        "eth_sendTransaction",
        "personal_sign",
    ]


def test_member_replies_edits_and_erases_without_the_wallet(page: Page, wallet: Wallet, story: Story) -> None:
    page.goto(story.page)
    join(page)
    sign_in(page)
    expect(page.get_by_text(SECRET)).to_be_visible()
    asked = len(wallet.asked)

    page.get_by_label("Your reply").fill("I took the long way round.")
    page.get_by_role("button", name="Reply", exact=True).click()
    reply = page.locator(".reply")
    expect(reply).to_contain_text("I took the long way round.")
    reply.get_by_role("button", name="Edit").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("textbox", name="Your reply").fill("I took the *short* way.")
    dialog.get_by_role("button", name="Save").click()
    expect(reply).to_contain_text("I took the short way.")
    reply.get_by_role("button", name="Erase").click()
    page.locator("dialog[open]").get_by_role("button", name="Erase").click()

    expect(reply).to_contain_text("Erased by its author.")
    assert wallet.asked[asked:] == []


def test_page_says_so_and_works_on_when_the_wallet_declines(page: Page, wallet: Wallet, story: Story) -> None:
    page.goto(story.page)
    wallet.declined.add("eth_sendTransaction")
    join(page)
    expect(page.get_by_role("alert")).to_contain_text("You declined it in the wallet.")

    wallet.declined.clear()
    page.get_by_role("button", name="Continue in the wallet").click()
    sign_in(page)

    expect(page.get_by_text(SECRET)).to_be_visible()


def test_page_gives_the_contracts_reason_when_joining_would_revert(
    page: Page, wallet: Wallet, story: Story, koinon: Koinon
) -> None:
    page.goto(story.page)
    expect(page.get_by_role("heading", name="The rest is for members")).to_be_visible()
    membership = page.request.get(f"{koinon.url}/api/communities/{story.community}").json()["membership"]
    story.founder.call("Membership", membership, "setTierPaused", PAID, True)

    page.get_by_role("button", name="Join for 0.01 ETH").click()
    page.get_by_role("button", name="Pocket").click()

    expect(page.locator("[data-activity]")).to_contain_text("takes no new members")
    assert "eth_sendTransaction" not in wallet.asked


def test_page_that_needs_a_sign_in_offers_it_and_opens(
    page: Page, wallet: Wallet, story: Story, koinon: Koinon
) -> None:
    wallet.account = koinon.anvil.accounts[1]
    page.goto(f"{koinon.url}/c/{story.community}/manage/profile")

    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Pocket").click()
    sign_in(page)

    expect(page.get_by_role("heading", name="Words and look")).to_be_visible()
    page.get_by_label("Your name here").fill("Vera")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("banner")).to_contain_text("Vera")


def test_founder_makes_keys_and_publishes_for_members(page: Page, wallet: Wallet, koinon: Koinon) -> None:
    wallet.account = koinon.anvil.accounts[1]
    opened = koinon.open_community(koinon.member(1), salt=token_bytes(32))
    koinon.await_head()
    home = f"{koinon.url}/c/{opened.community}"
    page.goto(koinon.url)
    page.get_by_role("button", name="Connect").click()
    page.get_by_role("button", name="Pocket").click()
    page.locator("summary", has_text="0x").click()
    page.get_by_role("button", name="Sign in").click()
    sign_in(page)
    expect(page.locator("a[href='/account']")).to_have_count(1)  # the page has come again, now for its viewer

    page.goto(f"{home}/recovery")
    page.get_by_role("button", name="Make two keys").click()
    for name in ("Save key 1", "Save key 2"):
        with page.expect_download():
            page.get_by_role("button", name=name).click()
    page.get_by_role("button", name="Sign and finish").click()
    page.get_by_role("main").get_by_role("link", name="Write a post").click()
    page.get_by_label("Title").fill("A first word")
    page.get_by_role("radio", name="The beginning for everybody").check()
    page.get_by_label("For everybody", exact=True).fill("Come in.")
    page.get_by_label("For members", exact=True).fill(SECRET)
    page.get_by_role("button", name="Publish").click()

    expect(page.get_by_text(SECRET)).to_be_visible()
    assert SECRET not in page.request.get(page.url, headers={"cookie": ""}).text()


def test_an_open_page_shows_what_others_do_meanwhile(page: Page, story: Story, koinon: Koinon) -> None:
    page.goto(f"{koinon.url}/c/{story.community}")
    expect(page.get_by_text("0 members")).to_be_visible()

    story.founder.publish(story.community, title="Fresh from the press", teaser="Just now.")
    koinon.member(6).join(story.community, tier_id=PAID)

    expect(page.get_by_role("link", name="Fresh from the press")).to_be_visible()
    expect(page.get_by_text("1 member", exact=True)).to_be_visible()
