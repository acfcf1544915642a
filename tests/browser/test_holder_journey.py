"""A holder shares a link, a friend pays by it, the badge earns and is sold to a buyer who saw the same income."""

import re
from secrets import token_bytes

import pytest
from playwright.sync_api import Page, expect

from scripts import holder
from tests.browser.conftest import Visit, Wallet, on_sqlite
from tests.browser.test_accessibility import look
from tests.fixtures.koinon import NOBODY, PAID, PRICE, Koinon, opening

pytestmark = on_sqlite

MONTH = 31 * 86_400
SELLER, FRIEND, BUYER = 2, 3, 4
EARNED = "0.00045 ETH"
"""Five percent of the friend's first payment, from which a tenth was off."""


@pytest.fixture
def community(koinon: Koinon) -> str:
    """A community whose paid tiers take a tenth off for friends; the seller has paid for a year."""
    terms = opening(koinon.url, koinon.host.home.address)
    tiers = [{**tier, "inviteeDiscountBps": 1_000 if tier["price"] else 0} for tier in terms["tiers"]]
    opened = koinon.open_community(koinon.member(1), salt=token_bytes(32), tiers=tiers)
    koinon.await_head()
    koinon.member(SELLER).join(opened.community, tier_id=PAID, periods=12)
    return opened.community


def confirm(page: Page, words: str) -> None:
    """Reads what will happen, and sends it."""
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text(words)
    dialog.get_by_role("button", name="Continue in the wallet").click()


def choose(page: Page) -> None:
    page.get_by_role("button", name="Pocket").click()


def done(page: Page, words: str) -> None:
    expect(page.locator("[data-activity]")).to_contain_text(words)


def a_month_later(koinon: Koinon) -> None:
    koinon.anvil.advance(MONTH)
    koinon.anvil.mine()
    koinon.await_head()


def income(page: Page) -> str:
    """The block of verified past income, as it is read."""
    return page.locator(".record").first.inner_text()


def shares_the_link(koinon: Koinon, community: str, visit: Visit) -> str:
    """The seller's link, with the code of it."""
    badge = koinon.member(SELLER).token_id(community)
    page = visit(SELLER, "/account/badges")
    link = page.get_by_label("Invitation link").input_value()
    assert link == f"{koinon.url}/c/{community}?badge={badge}"
    expect(page.get_by_text("Your friend gets up to 10% off the first payment")).to_be_visible()
    page.get_by_text("Show it as a QR code").click()
    expect(page.get_by_alt_text("QR code of the invitation link")).to_be_visible()
    assert page.evaluate("document.querySelector('.qr').decode().then(() => true)")
    page.context.close()
    return link


def joins_by(link: str, visit: Visit) -> None:
    """A friend comes by the link."""
    page = visit(FRIEND, link)
    expect(page.get_by_text("invites you").first).to_be_visible()
    page.get_by_role("button", name="Join for 0.009 ETH").click()
    choose(page)
    confirm(page, "0.009 ETH")
    done(page, "Welcome")
    page.context.close()


def claims_and_lists(visit: Visit) -> str:
    """The seller takes what was earned and asks a price; what the badge's page says of its income."""
    page = visit(SELLER, "/account/badges")
    page.get_by_role("button", name="Settle 1 membership").click()
    choose(page)
    confirm(page, "what its time has earned is credited")
    done(page, "can be claimed")
    expect(page.locator(".figures").first).to_contain_text(EARNED)
    page.get_by_role("button", name=f"Claim {EARNED}").click()
    confirm(page, f"Claim {EARNED}")
    done(page, "The income is in your wallet")
    page.get_by_role("link", name="Sell or give away").click()
    page.get_by_label("Price in ETH").fill("0.03")
    page.get_by_role("button", name="Sign and list").click()
    confirm(page, "Let the market hand over badge")
    done(page, "Listed")
    expect(page.get_by_role("heading", name="For sale")).to_be_visible()
    seen = income(page)
    page.context.close()
    return seen


def sees_the_same_and_buys(community: str, visit: Visit, *, seen: str) -> None:
    """The buyer."""
    page = visit(BUYER, f"/c/{community}/market")
    stall = page.locator(".stall")
    expect(stall).to_contain_text("0.03 ETH")
    expect(stall).to_contain_text(EARNED)
    stall.get_by_role("heading").get_by_role("link").click()
    expect(page.locator(".record")).to_be_visible()
    assert income(page) == seen
    expect(page.get_by_text("What was claimed before stays with whoever claimed it")).to_be_visible()
    page.get_by_role("button", name="Buy for 0.03 ETH").click()
    choose(page)
    confirm(page, "for 0.03 ETH")
    done(page, "It is yours")
    expect(page.locator(".byline")).to_contain_text("you")
    page.context.close()


def claims_as_its_owner(visit: Visit) -> None:
    """The buyer has what the badge earns from the sale on."""
    page = visit(BUYER, "/account/badges")
    page.get_by_role("button", name=re.compile("Claim 0.0005 ETH")).click()
    choose(page)
    confirm(page, "Claim 0.0005 ETH")
    done(page, "The income is in your wallet")
    page.context.close()


def test_holder_invites_earns_claims_and_sells_to_somebody_who_trusts_the_income(
    koinon: Koinon, community: str, visit: Visit
) -> None:
    link = shares_the_link(koinon, community, visit)
    joins_by(link.removeprefix(koinon.url), visit)
    a_month_later(koinon)
    seen = claims_and_lists(visit)
    sees_the_same_and_buys(community, visit, seen=seen)
    friend = koinon.member(FRIEND)
    friend.renew(community, token_id=friend.token_id(community))
    a_month_later(koinon)
    holder.settle(koinon.member(BUYER), community)
    claims_as_its_owner(visit)
    assert holder.badges_of(koinon.member(SELLER), community) == []


def test_a_stale_listing_leaves_a_clear_message(koinon: Koinon, community: str, visit: Visit) -> None:
    seller = koinon.member(SELLER)
    badge = seller.token_id(community)
    holder.list_badge(seller, community, badge, price=PRICE)
    page = visit(BUYER, f"/c/{community}/badges/{badge}")
    button = page.get_by_role("button", name="Buy for 0.01 ETH")
    expect(button).to_be_visible()
    page.evaluate("document.querySelectorAll('[data-partial]').forEach((part) => part.removeAttribute('data-partial'))")
    holder.send(seller, community, "badge-give", token_id=badge, to=koinon.anvil.accounts[6])

    button.click()
    choose(page)

    done(page, "The badge has moved since this was signed")
    page.context.close()


def test_a_rejected_signature_and_too_little_money_leave_clear_messages(
    koinon: Koinon, community: str, visit: Visit, wallets: dict[int, Wallet]
) -> None:
    seller = koinon.member(SELLER)
    badge = seller.token_id(community)
    holder.send(seller, community, "badge-mint", badge=badge)
    page = visit(SELLER, f"/c/{community}/badges/{badge}")
    wallets[SELLER].declined.add("eth_signTypedData_v4")
    page.get_by_label("Price in ETH").fill("nothing")
    page.get_by_label("Price in ETH").fill("20000")
    page.get_by_role("button", name="Sign and list").click()
    choose(page)
    confirm(page, "Let the market hand over badge")
    expect(page.get_by_role("alert")).to_contain_text("You declined it in the wallet.")
    wallets[SELLER].declined.clear()
    page.get_by_role("button", name="Sign and list").click()
    done(page, "Listed")
    page.context.close()

    page = visit(BUYER, f"/c/{community}/badges/{badge}")
    page.get_by_role("button", name="Buy for 20000 ETH").click()
    choose(page)

    done(page, "You lack")
    assert "eth_sendTransaction" not in wallets[BUYER].asked
    page.context.close()


def test_an_offer_is_made_and_accepted_by_clicking(koinon: Koinon, community: str, visit: Visit) -> None:
    seller = koinon.member(SELLER)
    badge = seller.token_id(community)
    holder.send(seller, community, "badge-mint", badge=badge)
    page = visit(BUYER, f"/c/{community}/market")
    page.get_by_label("I would pay, in ETH").fill("0.02")
    page.get_by_role("button", name="Sign the offer").click()
    choose(page)
    confirm(page, "Put 0.02 ETH into the market")
    done(page, "Your offer stands")
    page.context.close()

    page = visit(SELLER, f"/c/{community}/badges/{badge}")
    page.get_by_role("button", name="Sell: you get 0.019 ETH").click()
    choose(page)
    confirm(page, "Let the market hand over badge")
    confirm(page, "of which you get 0.019 ETH at least")
    done(page, "Sold")
    expect(page.locator("#sales")).to_be_visible()
    expect(page.get_by_text("royalty 0.001 ETH")).to_be_visible()
    page.context.close()


def test_giving_warns_before_a_contract_that_cannot_hold_it(koinon: Koinon, community: str, visit: Visit) -> None:
    seller = koinon.member(SELLER)
    badge = seller.token_id(community)
    holder.send(seller, community, "badge-mint", badge=badge)
    page = visit(SELLER, f"/c/{community}/badges/{badge}")
    page.get_by_role("button", name="Give to another wallet").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("To which wallet?").fill(koinon.factory)
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog).to_contain_text("does not say that it can hold such tokens")

    dialog.get_by_label("To which wallet?").fill(koinon.anvil.accounts[BUYER])
    dialog.get_by_role("button", name="Continue").click()
    choose(page)
    confirm(page, "with all that it earns from now on")

    done(page, "It belongs to the other wallet now")
    page.context.close()


def test_an_issuer_signs_a_voucher_and_a_friend_takes_it(koinon: Koinon, community: str, visit: Visit) -> None:
    founder = koinon.member(1)
    holder.create_achievement(
        founder,
        community,
        label="First light",
        description="Saw it.",
        locked=True,
        issuer=koinon.anvil.accounts[SELLER],
        allowance=3,
    )
    page = visit(SELLER, f"/c/{community}/achievements/1")
    page.get_by_role("button", name="Sign it").click()
    choose(page)
    link = page.get_by_label("Link of the voucher", exact=True)
    expect(link).to_be_visible()
    address = link.input_value().removeprefix(koinon.url)
    page.context.close()

    page = visit(FRIEND, address)
    expect(page.get_by_role("heading", name="First light")).to_be_visible()
    page.get_by_role("button", name="Take it").click()
    choose(page)
    confirm(page, "Take the achievement “First light”")

    page.wait_for_url("**/achievements/1")
    expect(page.get_by_role("heading", name="Who has it")).to_be_visible()
    holders = koinon.member(FRIEND).get(f"/api/communities/{community}/achievements/1/holders")
    assert [each["owner"] for each in holders] == [koinon.anvil.accounts[FRIEND].lower()]
    assert NOBODY not in page.url
    page.context.close()


def test_pages_of_holders_keep_nobody_out(koinon: Koinon, community: str, visit: Visit) -> None:
    founder, seller = koinon.member(1), koinon.member(SELLER)
    badge = seller.token_id(community)
    koinon.member(FRIEND).join(community, tier_id=PAID, badge=badge)
    a_month_later(koinon)
    seller, founder = koinon.member(SELLER), koinon.member(1)
    holder.settle(seller, community)
    holder.list_badge(seller, community, badge, price=PRICE)
    holder.offer(koinon.member(BUYER), community, price=PRICE)
    made = holder.create_achievement(founder, community, label="First light", description="Saw it.", locked=False)
    holder.grant(founder, community, made, [seller.account.address])
    home = f"{koinon.url}/c/{community}"

    page = visit(SELLER, "/account/badges")
    for url in (
        f"{koinon.url}/account/badges",
        f"{home}/badges/{badge}",
        f"{home}/badges/{made << 40 | 1}",
        f"{home}/market",
        f"{home}/market/sales",
        f"{home}/achievements/{made}",
        f"{home}/achievements/claim",
    ):
        look(page, url)
    page.context.close()
    page = visit(1, f"/c/{community}/achievements")
    for url in (f"{home}/achievements", f"{home}/achievements/{made}", f"{home}/badges/{badge}"):
        look(page, url)
    page.context.close()
