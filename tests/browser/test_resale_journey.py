"""A member sells the rest of a membership; who buys it reads in the seller's place."""

import re

from playwright.sync_api import expect

from scripts import holder
from tests.browser.conftest import SECRET, Story, Visit, Wallet, on_sqlite
from tests.browser.test_accessibility import look
from tests.browser.test_holder_journey import choose, confirm, done
from tests.fixtures.koinon import FREE, PAID, PRICE, Koinon

pytestmark = on_sqlite
FOUNDER, SELLER, BUYER, MEMBER = 1, 2, 3, 4


def test_a_membership_is_listed_bought_and_read_with(koinon: Koinon, story: Story, visit: Visit) -> None:
    koinon.member(SELLER).join(story.community, tier_id=PAID, periods=3)
    post = f"/c/{story.community}/posts/{story.post}"

    page = visit(SELLER, post)
    expect(page.get_by_text(SECRET)).to_be_visible()
    page.goto(f"{koinon.url}/c/{story.community}/membership")
    page.get_by_label("Price in ETH").fill("0.02")
    expect(page.get_by_label("Promise its badge with it")).to_be_checked()
    page.get_by_role("button", name="Sign and list").click()
    choose(page)
    confirm(page, "Let the market hand over membership")
    done(page, "Listed")
    expect(page.locator("#sell").get_by_text("you get 0.019 ETH")).to_be_visible()

    buyer = visit(BUYER, post)
    expect(buyer.get_by_text(SECRET)).to_have_count(0)
    buyer.goto(f"{koinon.url}/c/{story.community}/market")
    stall = buyer.locator(".stall")
    expect(stall.get_by_text("membership", exact=True)).to_be_visible()
    expect(stall).to_contain_text(re.compile("Paid and not used yet.*ETH"))
    expect(stall).to_contain_text("goes with it, with 0 ETH to claim")
    stall.get_by_role("button", name="Buy for 0.02 ETH").click()
    choose(buyer)
    confirm(buyer, "paid until")
    done(buyer, "you read what its tier opens")

    buyer.goto(koinon.url + post)
    expect(buyer.get_by_text(SECRET)).to_be_visible()
    page.goto(koinon.url + post)
    expect(page.get_by_text(SECRET)).to_have_count(0)

    office = visit(FOUNDER, f"/c/{story.community}/market")
    expect(office.locator(".list").get_by_text("Membership #")).to_be_visible()
    office.get_by_role("button", name="Hand them over to the community").click()
    choose(office)
    confirm(office, "Pay the royalties")
    done(office, "The royalties are with the community")


def test_a_page_that_says_more_than_is_promised_opens_no_wallet(
    koinon: Koinon, story: Story, visit: Visit, wallets: dict[int, Wallet]
) -> None:
    koinon.member(SELLER).join(story.community, tier_id=PAID)
    holder.list_membership(koinon.member(SELLER), story.community, price=PRICE)
    page = visit(BUYER, f"/c/{story.community}/market")
    button = page.locator(".stall").get_by_role("button", name="Buy for 0.01 ETH")
    button.evaluate("button => (button.dataset.until = String(Number(button.dataset.until) + 1))")

    button.click()
    choose(page)

    done(page, "something else than you asked for")
    assert "eth_sendTransaction" not in wallets[BUYER].asked


def test_who_is_a_member_is_told_so_before_the_wallet_opens(
    koinon: Koinon, story: Story, visit: Visit, wallets: dict[int, Wallet]
) -> None:
    koinon.member(SELLER).join(story.community, tier_id=PAID)
    holder.list_membership(koinon.member(SELLER), story.community, price=PRICE)
    page = visit(BUYER, f"/c/{story.community}/market")
    button = page.locator(".stall").get_by_role("button", name="Buy for 0.01 ETH")
    expect(button).to_be_visible()
    page.evaluate("document.querySelectorAll('[data-partial]').forEach((part) => part.removeAttribute('data-partial'))")
    koinon.member(BUYER).join(story.community, tier_id=FREE)

    button.click()
    choose(page)

    done(page, "a wallet holds one only")
    assert "eth_sendTransaction" not in wallets[BUYER].asked


def test_pages_of_resale_keep_nobody_out(koinon: Koinon, story: Story, visit: Visit) -> None:
    home = f"{koinon.url}/c/{story.community}"
    koinon.member(SELLER).join(story.community, tier_id=PAID)
    koinon.member(MEMBER).join(story.community, tier_id=PAID)
    holder.list_membership(koinon.member(SELLER), story.community, price=PRICE)
    page = visit(SELLER, f"/c/{story.community}/membership")
    look(page, f"{home}/membership")
    page = visit(MEMBER, f"/c/{story.community}/membership")
    look(page, f"{home}/membership")
    look(page, f"{home}/market")
