"""A member puts money aside, lets a keeper renew and stops it, gives memberships and gives the own one away; the
founder gives time, frees a seat, and changes what badges earn, which their owners take over."""

from secrets import token_bytes

import pytest
from playwright.sync_api import Page, expect

from scripts import holder
from scripts.member import Member
from tests.browser.conftest import Wallet, confirm, on_sqlite, sit_down, told
from tests.fixtures.koinon import PAID, PRICE, Koinon, opening

pytestmark = on_sqlite

FOUNDER, MEMBER, FRIEND, OTHER = 1, 5, 6, 7
DAY = 86_400


@pytest.fixture
def community(koinon: Koinon, founder: Member) -> str:
    """Its paid tier has three seats, and one member."""
    tiers = opening(koinon.url, koinon.host.home.address)["tiers"]
    tiers[PAID - 1]["cap"] = 3
    opened = koinon.open_community(founder, salt=token_bytes(32), tiers=tiers)
    koinon.await_head()
    koinon.member(MEMBER).join(opened.community, tier_id=PAID)
    return opened.community


def ask(koinon: Koinon, community: str, function: str, *arguments: object, index: int = 0) -> int:
    """A word of what the memberships' contract says."""
    contract = koinon.place(community, "Membership")
    return koinon.word("Membership", contract, function, *arguments, index=index)


def test_member_puts_money_aside_and_takes_it_back(page: Page, wallet: Wallet, koinon: Koinon, community: str) -> None:
    member = koinon.anvil.accounts[MEMBER]
    token = koinon.member(MEMBER).token_id(community)
    sit_down(page, wallet, koinon, MEMBER, f"/c/{community}/membership")
    auto = page.locator("#auto")
    auto.get_by_label("Never for more than (each time, ETH)").fill("0.012")
    auto.get_by_label("At most how often?").fill("3")
    auto.get_by_role("button", name="Turn on").click()
    with page.expect_navigation():
        confirm(page, "be renewed 3 times, each for at most 0.012 ETH")
    expect(auto.get_by_text("3 times more, each for at most 0.012 ETH.")).to_be_visible()
    assert [ask(koinon, community, "consentOf", token, index=n) for n in (0, 1)] == [12 * PRICE // 10, 3]

    auto.get_by_label("How much to put aside (ETH)?").fill("0.03")
    auto.get_by_role("button", name="Put aside").click()
    with page.expect_navigation():
        confirm(page, "Put 0.03 ETH aside for your renewals")
    expect(auto.get_by_text("keeps 0.03 ETH for you")).to_be_visible()
    assert ask(koinon, community, "fundsOf", member) == 3 * PRICE
    auto.get_by_label("How much to take back (ETH)?").fill("0.01")
    auto.get_by_role("button", name="Take back").click()
    with page.expect_navigation():
        confirm(page, "Take 0.01 ETH that The Repair Circle keeps for you")
    expect(auto.get_by_text("keeps 0.02 ETH for you")).to_be_visible()
    assert ask(koinon, community, "fundsOf", member) == 2 * PRICE

    auto.get_by_role("button", name="Turn off").click()
    with page.expect_navigation():
        confirm(page, "Stop the automatic renewal")
    expect(auto.get_by_role("button", name="Turn on")).to_be_visible()
    assert ask(koinon, community, "consentOf", token, index=1) == 0


def test_member_gives_memberships_and_the_own_one_away(
    page: Page, wallet: Wallet, koinon: Koinon, community: str
) -> None:
    friend, other = (koinon.anvil.accounts[number] for number in (FRIEND, OTHER))
    token = koinon.member(MEMBER).token_id(community)
    sit_down(page, wallet, koinon, MEMBER, f"/c/{community}/gift?tier={PAID}")
    page.get_by_label("To which wallets?").fill(friend)
    page.get_by_label("For how long?").select_option("2")
    page.get_by_role("button", name="Pay and give").click()
    confirm(page, "Give 1 membership of The Repair Circle (Members) for 2 months", "0.02 ETH")
    told(page, "Given. They can read as soon as they sign in.")
    given = koinon.member(FRIEND).token_id(community)
    assert ask(koinon, community, "ownerOf", given) == int(friend, 16)
    assert ask(koinon, community, "unearnedOf", given) > PRICE

    page.goto(f"{koinon.url}/c/{community}/membership")
    page.get_by_role("button", name="Transfer to another wallet").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("To which wallet?").fill(other)
    dialog.get_by_role("button", name="Continue", exact=True).click()
    with page.expect_navigation():
        confirm(page, f"Give membership #{token} of The Repair Circle to")
    expect(page.get_by_text("This wallet is no member here")).to_be_visible()
    assert ask(koinon, community, "ownerOf", token) == int(other, 16)


def test_founder_gives_time_and_frees_a_seat(page: Page, wallet: Wallet, koinon: Koinon, community: str) -> None:
    token = koinon.member(MEMBER).token_id(community)
    before = ask(koinon, community, "expiresAt", token)
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}/manage/people")
    page.locator("[data-person]").get_by_role("button", name="Give time").click()
    page.get_by_label("Days", exact=True).fill("20")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_text(f"gets more time (#{token})")).to_be_visible()
    page.get_by_role("button", name="Give one membership").click()
    confirm(page, "Give 1 wallet a membership", "20 days in all")
    told(page, "They have their memberships.")
    assert ask(koinon, community, "expiresAt", token) == before + 20 * DAY

    assert ask(koinon, community, "tierOf", PAID, index=7) == 1
    koinon.anvil.advance(81 * DAY)
    koinon.await_head()
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}/manage/tiers")
    tier = page.locator(f"article[data-tier='{PAID}']")
    tier.get_by_role("button", name="Free the seat").click()
    confirm(page, f"Free the seat of membership #{token} (Members)")
    told(page, "The seat is free.")
    expect(tier.get_by_role("button", name="Free the seat")).to_have_count(0)
    assert ask(koinon, community, "tierOf", PAID, index=7) == 0


def test_founder_raises_the_rates_and_a_badge_takes_them_and_becomes_a_token(
    page: Page, wallet: Wallet, koinon: Koinon, community: str
) -> None:
    badge = koinon.member(MEMBER).token_id(community)
    koinon.member(FRIEND).join(community, tier_id=PAID, badge=badge)
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}/manage/tiers")
    form = page.locator("[data-form='tending:rates']")
    form.get_by_label("Bronze, %").fill("7,5")
    form.get_by_role("button", name="Set the rates").click()
    confirm(page, "get 7.5%, 10% or 15%", "silver takes 5 paying members, gold 25")
    told(page, "The rates are set, for badges that are first used from now on.")
    version = ask(koinon, community, "ratesVersion")
    assert ask(koinon, community, "ratesOf", version) == 750
    assert ask(koinon, community, "rateOf", badge) == 500

    sit_down(page, wallet, koinon, MEMBER, "/account/badges")
    page.get_by_role("button", name="Take the newest rates").click()
    confirm(page, "takes the newest rates")
    told(page, "The badge has the newest rates.")
    assert ask(koinon, community, "rateOf", badge) == 750

    page.goto(f"{koinon.url}/c/{community}/badges/{badge}")
    page.get_by_role("button", name="Make it a token").click()
    confirm(page, "a token, which can be sold and given away")
    told(page, "The badge is a token now.")
    badges, other = koinon.place(community, "Badges"), koinon.anvil.accounts[OTHER]
    assert koinon.word("Badges", badges, "ownerOf", badge) == int(koinon.anvil.accounts[MEMBER], 16)
    page.goto(f"{koinon.url}/c/{community}/badges/{badge}")
    page.get_by_role("button", name="Give to another wallet").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("To which wallet?").fill(other)
    dialog.get_by_role("button", name="Continue", exact=True).click()
    confirm(page, "with all that it earns from now on")
    told(page, "It belongs to the other wallet now.")
    assert koinon.word("Badges", badges, "ownerOf", badge) == int(other, 16)
    assert [each["id"] for each in holder.badges_of(koinon.member(OTHER), community)] == [badge]
