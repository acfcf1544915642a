"""A founder makes an achievement, gives it, says more about it and lets somebody else sign vouchers for it."""

from playwright.sync_api import Locator, Page, expect

from scripts import holder
from scripts.member import Member
from tests.browser.conftest import Wallet, confirm, on_sqlite, sit_down, told
from tests.fixtures.koinon import Koinon

pytestmark = on_sqlite

FOUNDER, ISSUER, FRIEND = 1, 5, 6
CAP, MADE, LOCKED, SIGNER, ALLOWANCE = 2, 3, 4, 5, 6
"""Words of what the badges' contract says of an achievement, after the place where it begins and its label."""


def made(koinon: Koinon, community: str, *indices: int) -> list[int]:
    badges = koinon.place(community, "Badges")
    return [koinon.word("Badges", badges, "achievementOf", 1, index=index) for index in indices]


def folded(page: Page, name: str) -> Locator:
    """A form within what can be folded up, unfolded."""
    form = page.locator(f"[data-form='badges:{name}']")
    page.locator("details", has=form).locator("summary").click()
    return form


def test_founder_makes_an_achievement_and_gives_it(page: Page, wallet: Wallet, koinon: Koinon, community: str) -> None:
    issuer, friend = (koinon.anvil.accounts[number] for number in (ISSUER, FRIEND))
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}/achievements")
    form = page.locator("[data-form='badges:create']")
    form.get_by_label("Name").fill("First light")
    form.get_by_label("What is it for?").fill("Saw the first light.")
    form.get_by_label("How many can there be?").fill("10")
    form.get_by_label("It stays with whoever earned it").uncheck()
    form.get_by_text("Let somebody give it by signed vouchers").click()
    form.get_by_label("Who signs them").fill(issuer)
    form.get_by_label("How many vouchers may be used").fill("4")
    form.get_by_role("button", name="Create it").click()
    confirm(page, "Create the achievement “First light” in The Repair Circle")
    told(page, "The achievement is there.")
    assert made(koinon, community, CAP, MADE, LOCKED, SIGNER, ALLOWANCE) == [10, 0, 0, int(issuer, 16), 4]

    page.get_by_role("link", name="First light").click()
    form = page.locator("[data-form='badges:grant']")
    form.get_by_label("To which wallets?").fill(f"{friend} {friend}")
    form.get_by_role("button", name="Give it").click()
    with page.expect_navigation():
        confirm(page, "Give the achievement “First light” to 1 wallet")
    expect(page.locator("aside .facts")).to_contain_text("1 of 10")
    assert made(koinon, community, MADE) == [1]
    assert koinon.word("Badges", koinon.place(community, "Badges"), "ownerOf", 1 << 40 | 1) == int(friend, 16)


def test_founder_tells_more_of_an_achievement_and_changes_who_signs(
    page: Page, wallet: Wallet, koinon: Koinon, community: str, founder: Member
) -> None:
    friend = koinon.anvil.accounts[FRIEND]
    holder.create_achievement(founder, community, label="First light", description="Saw it.", locked=True)
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}/achievements/1")
    form = folded(page, "text")
    form.get_by_label("What is it for?").fill("Saw the last light.")
    form.get_by_label("Address of a page about it").fill("https://example.org/light")
    form.get_by_role("button", name="Change it").click()
    with page.expect_navigation():
        confirm(page, "Change what is told about the achievement “First light”")
    expect(page.locator("header .lead")).to_have_text("Saw the last light.")
    expect(page.get_by_role("link", name="https://example.org/light")).to_be_visible()

    form = folded(page, "issuer")
    form.get_by_label("Wallet of the issuer").fill(friend)
    form.get_by_label("How many vouchers may be used").fill("2")
    form.get_by_role("button", name="Set the issuer").click()
    with page.expect_navigation():
        confirm(page, "may sign 2 vouchers for “First light”")
    expect(page.locator("aside .facts")).to_contain_text("2 left")
    assert made(koinon, community, SIGNER, ALLOWANCE) == [int(friend, 16), 2]
    form = folded(page, "issuer")
    form.get_by_label("Wallet of the issuer").fill("")
    form.get_by_role("button", name="Set the issuer").click()
    with page.expect_navigation():
        confirm(page, "Nobody signs vouchers for “First light” any more")
    expect(page.locator("aside .facts")).to_contain_text("nobody")
    assert made(koinon, community, SIGNER, ALLOWANCE) == [0, 0]
