"""A founder shares the income, gives work away, changes who keeps the host, and hands the community over."""

import re

from playwright.sync_api import Locator, Page, expect

from scripts.member import Member
from tests.browser.conftest import Wallet, confirm, on_sqlite, sit_down
from tests.fixtures.koinon import PAID, Koinon

pytestmark = on_sqlite

FOUNDER, HELPER, PARTNER, HEIR = 1, 5, 6, 7
DAY = 86_400


def unfold(part: Locator, title: str) -> None:
    part.locator("summary", has_text=re.compile(f"^{title}$")).click()


def test_founder_gives_roles_and_takes_them_away(
    page: Page, wallet: Wallet, koinon: Koinon, community: str, founder: Member
) -> None:
    helper, host = koinon.anvil.accounts[HELPER], koinon.host.home.address
    founder.call("Community", community, "setRoles", host, 0)
    koinon.await_head()
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}")
    allow = page.get_by_role("button", name="Allow it")
    allow.click()
    with page.expect_navigation():
        confirm(page, "publisher")
    expect(allow).to_have_count(0)
    assert koinon.word("Community", community, "rolesOf", host) == 8

    page.goto(f"{koinon.url}/c/{community}/manage/money")
    page.get_by_text("Give a role").click()
    form = page.locator("[data-form='community:roles']")
    two = f"{koinon.anvil.accounts[6]}, {koinon.anvil.accounts[7]}"
    form.get_by_label("Wallet").fill(two)
    form.get_by_role("button", name="Give these roles").click()
    expect(form.get_by_role("alert")).to_contain_text("An address is 0x and 40 digits or letters")
    form.get_by_label("Wallet").fill(helper)
    form.get_by_label("granter").check()
    form.get_by_label("issuer").check()
    form.get_by_role("button", name="Give these roles").click()
    confirm(page, "granter, issuer")
    line = page.locator("section[aria-labelledby=roles] li", has_text="granter")
    expect(line).to_contain_text("issuer")
    assert koinon.word("Community", community, "rolesOf", helper) == 6

    line.get_by_role("button", name="Take away").click()
    confirm(page, "has no role")
    expect(line).to_have_count(0)
    assert koinon.word("Community", community, "rolesOf", helper) == 0


def test_founder_shares_the_income_and_changes_the_operator(
    page: Page, wallet: Wallet, koinon: Koinon, community: str
) -> None:
    partner = koinon.anvil.accounts[PARTNER]
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}/manage/money")
    shares = page.locator("section[aria-labelledby=shares]")
    shares.get_by_text("Share with co-founders").click()
    form = page.locator("[data-form='community:splits']")
    form.get_by_label("Wallet").fill(partner)
    form.get_by_label("Part, %").fill("12,5")
    form.get_by_role("button", name="Set the parts").click()
    confirm(page, "12.5")
    expect(shares.locator(".facts--shares")).to_contain_text("12.5")
    assert koinon.word("Community", community, "splits", index=4) == 1_250

    shares.get_by_text("Change the operator").click()
    form = page.locator("[data-form='community:operator']")
    form.get_by_label("Wallet of the operator").fill(partner)
    form.get_by_label("Share, %").fill("3")
    form.get_by_role("button", name="Announce it").click()
    confirm(page, "3")
    expect(shares.get_by_text("takes over")).to_have_count(1)
    assert koinon.word("Community", community, "announcedOperator", index=1) == 300

    koinon.anvil.advance(31 * DAY)
    koinon.await_head()
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}/manage/money")  # a session is over after so long
    shares.get_by_text("Change the operator").click()
    shares.get_by_role("button", name="Let it happen now").click()
    confirm(page, "operator")
    expect(shares.locator(".facts--shares")).to_contain_text("Operator")


def test_community_is_handed_over_once_the_other_accepts(
    page: Page, wallet: Wallet, koinon: Koinon, community: str
) -> None:
    heir = koinon.anvil.accounts[HEIR]
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}/manage/money")
    page.get_by_text("Offer the community to another wallet").click()
    form = page.locator("[data-form='community:offer']")
    form.get_by_label("To which wallet?").fill(heir)
    form.get_by_role("button", name="Offer it").click()
    confirm(page, "Offer")
    expect(page.get_by_role("button", name="Take the offer back")).to_be_visible()

    sit_down(page, wallet, koinon, HEIR, f"/c/{community}")
    page.get_by_role("button", name="Accept it").click()
    confirm(page, "own")
    expect(page.get_by_role("link", name="Manage")).to_be_visible()
    assert koinon.word("Community", community, "owner") == int(heir, 16)


def test_founder_ends_a_membership_pauses_a_tier_and_retires_it(
    page: Page, wallet: Wallet, koinon: Koinon, community: str
) -> None:
    member = koinon.member(HELPER)
    member.join(community, tier_id=PAID)
    koinon.await_head()
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}/manage/people")
    person = page.locator("[data-person]")
    person.get_by_role("button", name="End it").click()
    confirm(page, "End")
    expect(page.locator("[data-person]")).to_have_count(0)
    assert member.me(community)["membership"]["expired"]

    page.goto(f"{koinon.url}/c/{community}/manage/tiers")
    tier = page.locator(f"article[data-tier='{PAID}']")
    unfold(tier, "End it")
    tier.get_by_role("button", name="Pause it").click()
    confirm(page, "Pause")
    expect(tier).to_contain_text("paused")
    tier.get_by_role("button", name="Reopen it").click()  # what was unfolded stays so when the page follows the chain
    confirm(page, "can be joined again")
    expect(tier.locator(".tag").first).to_have_text("open")
    unfold(tier, "Name")
    tier.get_by_label("New name").fill("Regulars")
    tier.get_by_role("button", name="Rename it").click()
    confirm(page, "Regulars")
    expect(tier.get_by_role("heading")).to_contain_text("Regulars")
    tier.get_by_label("Renewals end on").fill("2099-01-01")
    tier.get_by_role("button", name="Retire it for good").click()
    page.locator("dialog[open]").get_by_role("button", name="Retire it", exact=True).click()
    confirm(page, "Regulars")
    expect(tier).to_contain_text("retired")
