"""A creator changes what is sold, is thanked, and gives it up; a buyer buys for others and passes a license on."""

from hashlib import sha256
from secrets import token_bytes

import pytest
from eth_utils.address import to_checksum_address
from playwright.sync_api import Locator, Page, expect

from scripts import holder
from tests.browser.conftest import Wallet, confirm, on_sqlite, sit_down, told
from tests.fixtures.koinon import PAID, PRICE, Koinon

pytestmark = on_sqlite

FOUNDER, CREATOR, BUYER, FRIEND, HEIR = 1, 7, 8, 6, 5
PRODUCT = 1
PAYOUT, PRICED, RETIRES_AT, VERSION, DELISTED, BARRED = 1, 2, 6, 7, 11, 12
"""Words of what the store says of a product; the first is its creator."""
MILLI = 10**15


@pytest.fixture
def community(koinon: Koinon) -> str:
    """A member sells licenses for good."""
    opened = koinon.open_community(koinon.member(FOUNDER), salt=token_bytes(32))
    koinon.await_head()
    creator = koinon.member(CREATOR)
    creator.join(opened.community, tier_id=PAID)
    holder.send(
        creator,
        opened.community,
        "list-product",
        kind="course",
        label="Darning",
        digest="0x" + sha256(b"").hexdigest(),
        price=str(PRICE),
        period_seconds=0,
        cap=0,
        royalty_bps=0,
        payout=creator.address,
        community_bps=1_000,
        membership_id=creator.token_id(opened.community),
    )
    return opened.community


def product(koinon: Koinon, community: str, index: int = 0) -> int:
    return koinon.word("Store", koinon.place(community, "Store"), "productOf", PRODUCT, index=index)


def form(page: Page, name: str) -> Locator:
    """A form that may be folded up."""
    found = page.locator(f"[data-form='store:{name}']")
    page.locator("details", has=found).evaluate_all("all => all.forEach((each) => (each.open = true))")
    return found


def saved(page: Page) -> None:
    """The chain has it, and so has the page; no part of it is still to be drawn anew."""
    told(page, "Saved on the chain.")
    page.reload()


def test_creator_changes_price_sale_version_and_payout(
    page: Page, wallet: Wallet, koinon: Koinon, community: str
) -> None:
    friend = to_checksum_address(koinon.anvil.accounts[FRIEND])
    sit_down(page, wallet, koinon, CREATOR, f"/c/{community}/store/{PRODUCT}")
    form(page, "price").get_by_label("Price in ETH").fill("0.02")
    form(page, "price").get_by_role("button").click()
    confirm(page, "Sell “Darning” for 0.02 ETH from now on; renewals too.")
    saved(page)
    expect(page.locator("#buy")).to_contain_text("0.02 ETH")
    assert product(koinon, community, PRICED) == 2 * PRICE

    page.get_by_role("button", name="Take it off sale").click()
    confirm(page, "Take “Darning” off sale.")
    saved(page)
    expect(page.get_by_text("Its creator took it off sale.")).to_be_visible()
    assert product(koinon, community, DELISTED) == 1
    page.get_by_role("button", name="Sell it again").click()
    confirm(page, "Sell “Darning” again.")
    saved(page)
    expect(page.get_by_role("button", name="Buy for 0.02 ETH")).to_be_visible()
    assert product(koinon, community, DELISTED) == 0

    form(page, "version").get_by_label("Name").fill("Darning, slowly")
    form(page, "version").get_by_label("Description (Markdown)").fill("Twelve **stitches**.")
    form(page, "version").get_by_role("button").click()
    confirm(page, "Publish version 2 of “Darning”.")
    saved(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Darning, slowly")
    expect(page.locator(".prose strong")).to_have_text("stitches")
    assert product(koinon, community, VERSION) == 2

    form(page, "payout").get_by_label("Later sales are credited to").fill(friend)
    form(page, "payout").get_by_role("button").click()
    confirm(page, f"Credit later sales of “Darning, slowly” to {friend}.")
    saved(page)
    assert product(koinon, community, PAYOUT) == int(friend, 16)


def test_creator_retires_a_product_and_gives_it_up(page: Page, wallet: Wallet, koinon: Koinon, community: str) -> None:
    heir = to_checksum_address(koinon.anvil.accounts[HEIR])
    sit_down(page, wallet, koinon, CREATOR, f"/c/{community}/store/{PRODUCT}")
    day = form(page, "retire").get_by_label("Renewals end on (UTC)").input_value()
    form(page, "retire").get_by_role("button").click()
    confirm(page, "Retire “Darning” for good", "23:59 UTC on.")
    saved(page)
    expect(page.get_by_text("It is not sold any more.")).to_be_visible()
    ends = page.evaluate("day => Date.parse(`${day}T23:59:59Z`) / 1000", day)
    assert product(koinon, community, RETIRES_AT) == ends

    form(page, "hand-over").get_by_label("Give the product into the hands of").fill(heir)
    form(page, "hand-over").get_by_role("button").click()
    confirm(page, f"Give “Darning” into the hands of {heir}")
    saved(page)
    expect(page.get_by_role("heading", name="Yours to change")).to_have_count(0)
    assert product(koinon, community) == int(heir, 16)


def test_a_buyer_gives_a_license_tips_and_passes_one_on(
    page: Page, wallet: Wallet, koinon: Koinon, community: str
) -> None:
    creator, friend, heir = (koinon.anvil.accounts[number] for number in (CREATOR, FRIEND, HEIR))
    store = koinon.place(community, "Store")
    sit_down(page, wallet, koinon, BUYER, f"/c/{community}/store/{PRODUCT}")
    page.get_by_text("As a gift").click()
    form(page, "buy").get_by_label("Whose license is it?").fill(friend)
    page.get_by_role("button", name="Buy for 0.01 ETH").click()
    confirm(page, "Buy “Darning” for good: 0.01 ETH.", f"It is for {to_checksum_address(friend)}.")
    told(page, "It is theirs.")
    expect(page.get_by_text("a gift from")).to_be_visible()
    assert koinon.word("Store", store, "balanceOf", friend, PRODUCT) == 1
    assert koinon.word("Store", store, "ledgerOf", creator) == 9 * MILLI

    page.reload()
    page.get_by_label("Tip in ETH").fill("0.005")
    page.get_by_role("button", name="Tip", exact=True).click()
    confirm(page, "0.005 ETH: 0.0045 ETH to the creator, 0.0005 ETH to the community.")
    told(page, "Your thanks have arrived.")
    assert koinon.word("Store", store, "ledgerOf", creator) == 13_500 * MILLI // 1_000
    page.goto(f"{koinon.url}/c/{community}/store")
    page.get_by_label("Whose wallet?").fill(creator)
    page.get_by_label("Amount in ETH").fill("0,002")
    page.get_by_role("button", name="Tip", exact=True).click()
    confirm(page, f"Tip {to_checksum_address(creator)} 0.002 ETH: 0.0018 ETH to the creator")
    told(page, "Your thanks have arrived.")
    assert koinon.word("Store", store, "ledgerOf", creator) == 15_300 * MILLI // 1_000

    page.goto(f"{koinon.url}/c/{community}/store/{PRODUCT}")
    page.get_by_role("button", name="Buy for 0.01 ETH").click()
    confirm(page, "Buy “Darning” for good: 0.01 ETH.")
    told(page, "It is yours.")
    page.goto(f"{koinon.url}/account/licenses")
    form(page, "give").get_by_label("To which wallet?").fill(heir)
    form(page, "give").get_by_role("button").click()
    confirm(page, "Darning", to_checksum_address(heir))
    told(page, "The license is with the other wallet.")
    expect(page.get_by_text("No licenses yet")).to_be_visible()
    assert koinon.word("Store", store, "balanceOf", heir, PRODUCT) == 1


def test_the_owner_sets_the_policy_and_bars_a_product(
    page: Page, wallet: Wallet, koinon: Koinon, community: str
) -> None:
    store = koinon.place(community, "Store")
    sit_down(page, wallet, koinon, FOUNDER, f"/c/{community}/manage/store")
    page.get_by_label("The community's part of a sale, %").fill("12.5")
    page.get_by_label("Members can list").uncheck()
    page.get_by_role("button", name="Set the policy").click()
    confirm(page, "from now on the community gets 12.5%; only you can list.")
    saved(page)
    assert [koinon.word("Store", store, "policy", index=index) for index in range(2)] == [1_250, 0]

    page.goto(f"{koinon.url}/c/{community}/store/{PRODUCT}")
    page.get_by_role("button", name="Take it off sale").click()
    confirm(page, "Take “Darning” off sale.")
    saved(page)
    expect(page.get_by_text("The owner of the community took it off sale.")).to_be_visible()
    assert product(koinon, community, BARRED) == 1
    page.get_by_role("button", name="Allow it again").click()
    confirm(page, "Sell “Darning” again.")
    saved(page)
    expect(page.get_by_role("button", name="Buy for 0.01 ETH")).to_be_visible()
    assert product(koinon, community, BARRED) == 0
