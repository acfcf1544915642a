"""A friend's link leads a visitor inside: teaser, join at the invitee's price, hello, an answer, a renewal."""

from dataclasses import dataclass
from secrets import token_bytes

import pytest
from playwright.sync_api import Page, expect

from backend.keys.keyring import new_recovery_key, public_bytes
from backend.texts import badge_number
from scripts.member import Member
from tests.browser.conftest import SECRET, Wallet, on_sqlite, sign_in
from tests.fixtures.koinon import PAID, PRICE, Koinon, opening

pytestmark = on_sqlite
REDUCED = "0.009 ETH"


@dataclass(frozen=True)
class Circle:
    """A community with a gated post and one to say hello under, and a member with a name, whose badge invites."""

    founder: Member
    friend: Member
    community: str
    url: str
    gated: str
    hello: str
    badge: int


@pytest.fixture
def circle(koinon: Koinon) -> Circle:
    founder, friend = koinon.member(1), koinon.member(2)
    tiers = opening(koinon.url, koinon.host.home.address)["tiers"]
    tiers[PAID - 1]["inviteeDiscountBps"] = 1_000
    community = koinon.open_community(founder, salt=token_bytes(32), tiers=tiers).community
    koinon.await_head()
    founder.set_recovery(community, [public_bytes(new_recovery_key()) for _ in range(2)])
    founder.set_gate(community, "members", [PAID])
    hello = founder.publish(community, title="Say hello", teaser="Who are you?").act
    gated = founder.publish(community, title="Where the key is", teaser="A walk.", gate="members", rest=SECRET).act
    founder.write(community, "community.welcome", subject=hello)
    friend.join(community, tier_id=PAID)
    friend.say_name(community, "Ada")
    url = f"{koinon.url}/c/{community}"
    return Circle(founder, friend, community, url, gated, hello, friend.token_id(community))


def begin(page: Page, circle: Circle) -> None:
    """From the link to the lock of the gated post, and on to where the wallet is asked."""
    page.goto(f"{circle.url}?badge={circle.badge}")
    expect(page.get_by_text("Ada invites you.").first).to_be_visible()
    expect(
        page.get_by_text("You save on each period of your first payment: 0.001 ETH (Members).").first
    ).to_be_visible()
    page.get_by_role("link", name="Where the key is").click()
    expect(page.get_by_role("heading", name="The rest is for members")).to_be_visible()
    page.get_by_role("button", name=f"Join for {REDUCED}").click()
    page.get_by_role("button", name="Pocket").click()
    expect(page.locator("dialog[open]")).to_contain_text(REDUCED)


def go_on(page: Page) -> None:
    page.locator("dialog[open]").get_by_role("button", name="Continue in the wallet").click()


def test_invited_visitor_joins_says_hello_is_answered_and_renews(
    page: Page, wallet: Wallet, circle: Circle, koinon: Koinon
) -> None:
    begin(page, circle)
    go_on(page)
    sign_in(page)
    expect(page.get_by_text(SECRET)).to_be_visible()
    joined = koinon.member(5)
    assert joined.me(circle.community)["membership"]["tier_id"] == PAID

    page.get_by_label("Your name here").fill("Noor")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("You are Noor here.")).to_be_visible()
    page.get_by_label("Under “Say hello”").fill("Hello, I am new.")
    page.get_by_role("button", name="Say hello").click()
    page.get_by_role("link", name="See who answers").click()
    reply = page.locator(".reply", has_text="Hello, I am new.")
    expect(reply).to_contain_text("Noor")
    circle.founder.reply(circle.community, circle.hello, "Welcome, Noor.")
    expect(page.get_by_text("Welcome, Noor.")).to_be_visible()

    page.goto(f"{circle.url}/membership")
    before = joined.me(circle.community)["membership"]["expires_at"]
    page.get_by_label("For how long?").select_option("2")
    page.get_by_role("button", name="Renew", exact=True).click()
    expect(page.locator("dialog[open]")).to_contain_text("0.02 ETH")
    go_on(page)
    expect(page.locator("[data-activity]")).to_contain_text("Renewed.")
    after = joined.me(circle.community)["membership"]["expires_at"]
    assert after - before == 2 * 30 * 86_400
    page.goto(f"{koinon.url}/account/payments")
    page.get_by_role("link", name="Receipt").last.click()
    expect(page.get_by_text(f"badge No. {badge_number(circle.badge)}")).to_be_visible()
    expect(page.get_by_text("Ada", exact=True)).to_be_visible()


def test_front_page_forgets_the_invitation_once_it_was_taken_up(page: Page, wallet: Wallet, circle: Circle) -> None:
    page.goto(f"{circle.url}?badge={circle.badge}")
    expect(page.get_by_text("Ada invites you.").first).to_be_visible()
    page.get_by_role("button", name=f"Join for {REDUCED}").first.click()
    page.get_by_role("button", name="Pocket").click()
    go_on(page)
    sign_in(page)

    expect(page.get_by_role("heading", name="Welcome to The Repair Circle")).to_be_visible()
    expect(page.get_by_text("Ada invites you.")).to_have_count(0)


def test_declining_leaves_no_half_state_and_the_invitation_stays(page: Page, wallet: Wallet, circle: Circle) -> None:
    wallet.declined.add("eth_sendTransaction")
    begin(page, circle)
    go_on(page)
    expect(page.get_by_role("alert").filter(has_text="You declined it")).to_be_visible()

    page.reload()

    expect(page.get_by_role("button", name=f"Join for {REDUCED}")).to_be_visible()


def test_lack_of_money_is_told_before_the_wallet_is_asked(
    page: Page, wallet: Wallet, circle: Circle, koinon: Koinon
) -> None:
    koinon.anvil.rpc("anvil_setBalance", wallet.account, hex(PRICE // 2))
    page.goto(f"{circle.url}?badge={circle.badge}")
    page.get_by_role("button", name=f"Join for {REDUCED}").click()
    page.get_by_role("button", name="Pocket").click()

    expect(page.locator("[data-activity]")).to_contain_text("You lack")

    assert "eth_sendTransaction" not in wallet.asked
    koinon.anvil.rpc("anvil_setBalance", wallet.account, hex(10**21))


def test_reload_in_mid_transaction_goes_on(page: Page, wallet: Wallet, circle: Circle, koinon: Koinon) -> None:
    koinon.anvil.rpc("evm_setAutomine", False)
    try:
        begin(page, circle)
        go_on(page)
        expect(page.locator("[data-activity]")).to_contain_text("On its way")
        page.reload()
        expect(page.locator("[data-activity]")).to_contain_text("On its way")
    finally:
        koinon.anvil.rpc("evm_setAutomine", True)
    koinon.anvil.mine(1)

    expect(page.locator("[data-activity]")).to_contain_text("Welcome. Your membership is yours")


def test_wallet_that_is_a_member_already_signs_in_and_sees_its_membership(
    page: Page, wallet: Wallet, circle: Circle, koinon: Koinon
) -> None:
    koinon.member(5).join(circle.community, tier_id=PAID)  # elsewhere, where this wallet was signed in
    page.goto(f"{circle.url}?badge={circle.badge}")
    page.get_by_role("button", name=f"Join for {REDUCED}").click()
    page.get_by_role("button", name="Pocket").click()

    expect(page.locator("dialog[open]")).to_contain_text("This wallet holds a membership here already")
    sign_in(page)
    page.wait_for_url(f"{circle.url}/membership")

    expect(page.locator("[data-membership]")).to_contain_text("valid")
    assert "eth_sendTransaction" not in wallet.asked


def test_tier_is_changed_for_what_was_shown(page: Page, wallet: Wallet, circle: Circle, koinon: Koinon) -> None:
    member = koinon.member(5)
    member.join(circle.community, tier_id=PAID)
    page.goto(f"{circle.url}/membership")
    page.get_by_role("button", name="Sign in").first.click()
    page.get_by_role("button", name="Pocket").click()
    sign_in(page)
    page.get_by_label("To which tier?").select_option(label="Patrons: 0.1 ETH every 360 days")
    page.get_by_label("Time paid on top").select_option("1")
    page.get_by_role("button", name="Show what it brings").click()
    shown = page.locator("[data-least]").get_attribute("data-least")
    expect(page.locator(".change-facts")).to_contain_text("0.1 ETH")

    page.get_by_role("button", name="Change to Patrons").click()
    expect(page.locator("dialog[open]")).to_contain_text("0.1 ETH to pay")
    go_on(page)
    expect(page.get_by_role("heading", name="Patrons").first).to_be_visible()

    held = member.me(circle.community)["membership"]
    assert held["tier_id"] == 3
    assert held["expires_at"] >= int(shown or 0)
