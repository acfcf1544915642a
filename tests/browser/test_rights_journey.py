"""Rights that are not for sale to everybody: a place on a list, what a license opens, a voucher that is taken back."""

import pytest
from playwright.sync_api import Page, expect

from backend.keys.keyring import new_recovery_key, public_bytes
from scripts import holder
from scripts.member import Member
from tests.browser.conftest import SECRET, Wallet, confirm, leave, on_sqlite, sit_down, told
from tests.fixtures.koinon import PAID, Koinon

pytestmark = on_sqlite

FOUNDER, GUEST, OTHER = 1, 5, 6


@pytest.fixture
def community(community: str, founder: Member) -> str:
    """With recovery keys, so that something can be published behind a gate."""
    founder.set_recovery(community, [public_bytes(new_recovery_key()) for _ in range(2)])
    return community


def test_founder_keeps_a_list_and_only_who_is_on_it_joins(
    page: Page, wallet: Wallet, koinon: Koinon, community: str
) -> None:
    guest, join = koinon.anvil.accounts[GUEST], f"/c/{community}/join?tier={PAID}"
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}/manage/tiers")
    tier = page.locator(f"article[data-tier='{PAID}']")
    tier.get_by_text("Who may join").click()
    tier.get_by_label("Who is on a list").check()
    tier.get_by_label("Wallets on the list").fill(f"{guest}\n{koinon.anvil.accounts[9]}")
    tier.get_by_role("button", name="Set it").click()
    confirm(page, "only who is on the list may join")
    told(page, "The tier is as you set it.")

    # Who is not on it learns so before any wallet is asked; a visitor is asked to sign in.
    sit_down(page, wallet, koinon, OTHER, join)
    expect(page.get_by_text("This wallet is not on its list.")).to_be_visible()
    expect(page.get_by_role("button", name="Join and pay")).to_have_count(0)
    leave(page)
    page.goto(koinon.url + join)
    expect(page.get_by_text("says whether your wallet is on its list")).to_be_visible()

    # Who is on it learns so, and the page finds the proof by itself.
    sit_down(page, wallet, koinon, GUEST, join)
    expect(page.get_by_text("You are on the list.")).to_be_visible()
    page.get_by_role("button", name="Join and pay").click()
    confirm(page, "Join The Repair Circle as Members", "0.01 ETH")
    page.wait_for_url(f"**/c/{community}")
    assert koinon.member(GUEST).me(community)["membership"]["tier_id"] == PAID


def test_a_file_that_was_bought_opens_at_once(
    page: Page, wallet: Wallet, koinon: Koinon, community: str, founder: Member
) -> None:
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}/store/new")
    page.get_by_label("Name", exact=True).fill("The score")
    page.get_by_label("Description (Markdown)").fill("For four voices.")
    page.get_by_label("Price in ETH").fill("0.01")
    page.get_by_role("button", name="List it").click()
    confirm(page, "List “The score” for 0.01 ETH")
    page.wait_for_url("**/store")
    page.get_by_role("link", name="The score").click()
    expect(page.get_by_text("until one does, the license opens nothing here")).to_be_visible()
    product = page.url.removeprefix(koinon.url)

    # The founder makes a gate of the product by its name, and publishes behind it.
    page.get_by_role("link", name="Make a gate that asks for it").click()
    expect(page.get_by_role("combobox").filter(has_text="The score")).to_be_visible()
    page.get_by_role("button", name="Read what it says").click()
    page.get_by_role("button", name="Sign and set the gate").click()
    expect(page.locator("#gate-license-1")).to_contain_text("The score")
    founder.publish(community, title="All four voices", teaser="The file.", gate="license-1", rest=SECRET)

    # A buyer sees what it opens, buys, and reads.
    sit_down(page, wallet, koinon, GUEST, product)
    opens = page.locator("[data-opened]")
    expect(opens).to_contain_text("All four voices")
    expect(opens).to_contain_text("opens with the license")
    page.get_by_role("button", name="Buy for 0.01 ETH").click()
    confirm(page, "The score", "0.01 ETH")
    expect(opens).to_contain_text("open to you")
    page.goto(f"{koinon.url}/account/licenses")
    page.get_by_role("link", name="All four voices").click()
    expect(page.get_by_text(SECRET)).to_be_visible()


def test_vouchers_are_taken_back_before_they_are_used(
    page: Page, wallet: Wallet, koinon: Koinon, community: str, founder: Member
) -> None:
    issuer = koinon.anvil.accounts[GUEST]
    holder.create_achievement(founder, community, label="First light", description="", issuer=issuer, allowance=3)
    sit_down(page, wallet, koinon, GUEST, f"/c/{community}/achievements/1")
    page.get_by_role("button", name="Sign it").click()
    link = page.locator("#v-link")
    expect(link).to_be_visible()
    address = link.input_value()

    # The issuer pastes the link; its page says so; nobody can use it.
    page.get_by_text("Take back a voucher").click()
    page.locator("#w-link").fill(address)
    page.get_by_role("button", name="Take it back").click()
    confirm(page, "Take back a voucher for “First light”")
    told(page, "Taken back: nobody can use it any more.")
    page.goto(address)
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator("[data-activity]")).to_contain_text("This voucher was used or taken back already.")
    sit_down(page, wallet, koinon, OTHER, address.removeprefix(koinon.url))
    expect(page.get_by_role("button", name="Take it back")).to_be_hidden()
    page.get_by_role("button", name="Take it").click()
    expect(page.locator("[data-activity]")).to_contain_text("the voucher was used or taken back")

    # A coupon of a membership ends on the founder's page.
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}/manage/vouchers")
    form = page.locator("[data-form='tending:voucher']")
    form.get_by_role("button").last.click()
    coupon = page.locator("li[data-voucher]")
    coupon.get_by_role("button", name="Withdraw").click()
    confirm(page, "nobody can use it any more")
    expect(coupon).to_contain_text("withdrawn")


def test_who_does_not_want_a_thing_burns_it(
    page: Page, wallet: Wallet, koinon: Koinon, community: str, founder: Member
) -> None:
    guest = koinon.member(GUEST)
    guest.join(community, tier_id=PAID)
    holder.create_achievement(founder, community, label="First light", description="", locked=True)
    holder.grant(founder, community, 1, [guest.address])
    sit_down(page, wallet, koinon, GUEST, f"/c/{community}/badges/{1 << 40 | 1}")
    page.get_by_text("I do not want it").click()
    page.get_by_role("button", name="Burn it").click()
    page.locator("dialog[open]").get_by_role("button", name="Burn it").click()
    confirm(page, "Burn your achievement “First light”")
    page.wait_for_url("**/account/badges")

    page.goto(f"{koinon.url}/c/{community}/membership")
    page.get_by_text("Burn it for good").click()
    page.get_by_role("button", name="Burn the membership").click()
    page.locator("dialog[open]").get_by_role("button", name="Burn it").click()
    confirm(page, "comes back to this wallet")
    expect(page.get_by_text("This wallet is no member here")).to_be_visible()
    assert guest.me(community)["membership"] is None
