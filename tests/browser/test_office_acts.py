"""What an owner does seldom: the parent's share falls, a stray token goes on, an offer and a waiting post are taken
back; and whoever has a name here erases it."""

from secrets import token_bytes

import pytest
from playwright.sync_api import Page, expect

from scripts.coin import mint, put_coin
from scripts.node import Node
from scripts.playground.accounts import account_of
from tests.browser.conftest import Wallet, confirm, on_sqlite, sit_down, told
from tests.fixtures.koinon import PAID, Koinon

pytestmark = on_sqlite

FOUNDER, HEIR = 1, 7
DAY = 86_400


@pytest.fixture
def community(koinon: Koinon) -> str:
    """A community that its founder opened as a member of another one, which gets five percent."""
    founder = koinon.member(FOUNDER)
    parent = koinon.open_community(founder, salt=token_bytes(32)).community
    koinon.await_head()
    founder.join(parent, tier_id=PAID)
    kin = {"parent": parent, "parentBps": 500, "parentMembership": founder.token_id(parent)}
    opened = koinon.open_community(founder, salt=token_bytes(32), **kin)
    koinon.await_head()
    return opened.community


def test_owner_lowers_the_parents_share_sends_a_stray_on_and_takes_an_offer_back(
    page: Page, wallet: Wallet, koinon: Koinon, community: str
) -> None:
    heir = koinon.anvil.accounts[HEIR]
    node, bank = Node(koinon.anvil.url), account_of(0)
    coin = put_coin(node, bank, name="Stray", symbol="STRAY", decimals=6)
    mint(node, bank, coin, f"0x{koinon.word('Community', community, 'membership'):040x}", 5_500_000)
    node.close()
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}/manage/money")
    page.get_by_text("Lower the parent's share").click()
    form = page.locator("[data-form='community:parent-share']")
    form.get_by_label("Share, %").fill("2,5")
    form.get_by_role("button", name="Lower it").click()
    confirm(page, "The parent community gets 2.5% of what The Repair Circle earns from now on.")
    told(page, "The parent's share is lower from now on.")
    expect(page.locator(".facts--shares")).to_contain_text("2.5%")
    assert koinon.word("Community", community, "parent", index=1) == 250

    page.goto(f"{koinon.url}/c/{community}/manage/money")
    page.get_by_text("Send a stray token on").click()
    form = page.locator("[data-form='community:sweep']")
    form.get_by_label("Address of the token").fill(coin)
    form.get_by_label("To which wallet?").fill(heir)
    form.get_by_role("button", name="Send it on").click()
    confirm(page, "Send 5.5 STRAY, which came to a contract of The Repair Circle by accident")
    told(page, "It is on its way to where you sent it.")
    assert koinon.word("CommunityToken", coin, "balanceOf", heir) == 5_500_000

    page.goto(f"{koinon.url}/c/{community}/manage/money")
    page.get_by_text("Offer the community to another wallet").click()
    form = page.locator("[data-form='community:offer']")
    form.get_by_label("To which wallet?").fill(heir)
    form.get_by_role("button", name="Offer it").click()
    confirm(page, "Nothing changes until they accept")
    told(page, "It is offered.")
    assert koinon.word("Community", community, "pendingOwner") == int(heir, 16)
    page.goto(f"{koinon.url}/c/{community}/manage/money")
    page.get_by_role("button", name="Take the offer back").click()
    confirm(page, "Take back the offer of The Repair Circle.")
    told(page, "The offer is taken back.")
    expect(page.get_by_text("Offer the community to another wallet")).to_be_visible()
    assert koinon.word("Community", community, "pendingOwner") == 0


def test_owner_takes_back_a_post_that_waits_and_erases_the_own_name(
    page: Page, wallet: Wallet, koinon: Koinon, community: str
) -> None:
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}/write")
    local = "at => new Date(1000 * at - 60000 * new Date().getTimezoneOffset()).toISOString().slice(0, 16)"
    tomorrow = page.evaluate(local, koinon.anvil.time + DAY)
    page.get_by_label("Title").fill("The day after")
    page.get_by_label("For everybody", exact=True).fill("Not yet.")
    page.get_by_text("Publish later").click()
    page.get_by_label("Day and time, as this device has it").fill(tomorrow)
    page.get_by_role("button", name="Publish", exact=True).click()
    waiting = page.locator("[data-scheduled]")
    expect(waiting).to_contain_text("The day after")
    waiting.get_by_role("button", name="Do not publish").click()
    told(page, "It will not be published.")
    expect(waiting).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Publish", exact=True)).to_be_visible()
    expect(waiting).to_have_count(0)

    page.goto(f"{koinon.url}/c/{community}/membership")
    person, said = page.locator("#person"), f"{koinon.url}/api/communities/{community}/people/{wallet.account}"
    person.get_by_label("Your name here").fill("Ada")
    person.get_by_role("button", name="Save").click()
    told(page, "Saved.")
    assert page.request.get(said).json()["name"] == "Ada"
    page.reload()
    person.get_by_role("button", name="Erase").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("nobody can call back copies")
    dialog.get_by_role("button", name="Erase").click()
    told(page, "Name and picture are gone.")
    expect(person.get_by_role("button", name="Erase")).to_have_count(0)
    assert page.request.get(said).json()["name"] == ""
