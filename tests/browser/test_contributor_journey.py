"""A founder opens a crowdsale by the form; a backer carries it to its goal and is paid in tokens and a membership, or
takes its money back; somebody buys from the store and tips."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Wallet, leave, on_sqlite, sign_in
from tests.browser.test_accessibility import look
from tests.fixtures.koinon import PAID, Koinon

pytestmark = on_sqlite
DAY = 86_400


@pytest.fixture
def home(koinon: Koinon, community: str) -> str:
    """The address of the community."""
    return f"{koinon.url}/c/{community}"


def enter(page: Page, wallet: Wallet, account: str, url: str) -> None:
    """Somebody else sits down at the browser and signs in."""
    page.goto(url)
    leave(page)
    wallet.account = account
    page.goto(url)
    page.get_by_role("button", name="Connect").click()
    page.get_by_role("button", name="Pocket").click()
    page.locator("summary", has_text="0x").click()
    page.get_by_role("button", name="Sign in").first.click()
    sign_in(page)
    expect(page.locator("a[href='/account']")).to_have_count(1)


def confirm(page: Page, *words: str) -> None:
    """The dialog says these words before the wallet is asked; then the home has seen the transaction."""
    dialog = page.locator("dialog[open]")
    for word in words:
        expect(dialog).to_contain_text(word)
    dialog.get_by_role("button", name="Continue in the wallet").click()
    told = page.locator("[data-activity]")
    expect(told).to_contain_text("Done")
    told.get_by_role("button", name="Close").click()


def balance_of(koinon: Koinon, account: str) -> int:
    return int(koinon.anvil.rpc("eth_getBalance", account, "latest"), 16)


def open_by_the_form(page: Page, home: str, *, goal: str, cap: str) -> None:
    """A utility token at a hundredth of a coin; contributors of a tenth become members for two periods."""
    page.goto(f"{home}/manage/sales")
    page.get_by_role("link", name="Open a crowdsale").first.click()
    page.get_by_label("Title of the sale").fill("A bench for all")
    page.get_by_label("What is the money for?").fill("Oak lasts *longest*.")
    page.get_by_label("Name", exact=True).fill("Bench Token")
    page.get_by_label("Symbol").fill("BENCH")
    page.get_by_label("Goal in ETH").fill(goal)
    page.get_by_label("Price of a token, ETH").first.fill("0.01")
    page.get_by_label("until so much is raised, ETH").first.fill(cap)
    page.get_by_label("Over how many days").fill("100")
    page.get_by_label("Nothing in the first days").fill("10")
    page.locator("#sale-tier").select_option(str(PAID))
    page.get_by_label("Periods", exact=True).fill("2")
    page.get_by_label("From a contribution of, ETH").fill("0.1")
    page.get_by_role("button", name="Add a step").click()
    page.get_by_role("button", name="Remove this step").click()
    expect(page.locator(".step:visible")).to_have_count(1)
    preview = page.locator(".plan-preview")
    expect(preview).to_contain_text("A bench for all")
    expect(preview).to_contain_text("With 0.1 ETH or more you also become a member: 2 periods")
    expect(preview).to_contain_text("10 days after it is finalized")
    page.get_by_role("button", name="Open the crowdsale").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text(f"goal {goal} ETH, cap {cap} ETH")
    dialog.get_by_role("button", name="Continue in the wallet").click()
    page.wait_for_url(re.compile(r"/c/0x[^/]+/sales/0x"))


def contributed(page: Page, wallet: Wallet, koinon: Koinon, home: str) -> str:
    """A sale that its backer has filled, and that is finalized: its address on this home."""
    founder, backer = koinon.anvil.accounts[1], koinon.anvil.accounts[5]
    enter(page, wallet, founder, home)
    open_by_the_form(page, home, goal="0.2", cap="0.3")
    sale = page.url
    enter(page, wallet, backer, sale)
    page.get_by_label("Amount in ETH").fill("0.3")
    page.get_by_role("button", name="Contribute").click()
    confirm(page, "28 BENCH")
    page.get_by_role("button", name="Finalize").click()
    confirm(page, "it raised 0.3 ETH")
    return sale


def test_form_of_a_sale_names_the_field_that_is_wrong_and_loses_nothing(
    page: Page, wallet: Wallet, koinon: Koinon, home: str
) -> None:
    enter(page, wallet, koinon.anvil.accounts[1], home)
    page.goto(f"{home}/manage/sales/new")
    goal, cap = page.get_by_label("Goal in ETH"), page.get_by_label("until so much is raised, ETH").first
    goal.fill("1")
    page.get_by_label("Price of a token, ETH").first.fill("0,01")

    def opens_not(field: Locator, why: str) -> None:
        page.get_by_role("button", name="Open the crowdsale").click()
        expect(field).to_be_focused()
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile(why))
        expect(page.locator("[aria-invalid]")).to_have_count(1)

    opens_not(cap, "Write an amount as a number")
    cap.fill("0.5")
    opens_not(goal, "above the cap")
    cap.fill("2")
    stop = page.get_by_label("Stopped by more than, %")
    stop.fill("5")
    opens_not(stop, "greater than or equal to 20")
    stop.fill("30")
    page.get_by_label("Nothing in the first days").fill("300")
    opens_not(page.get_by_label("Nothing in the first days"), "cannot be longer than the schedule")

    page.reload()

    expect(goal).to_have_value("1")
    expect(cap).to_have_value("2")
    expect(stop).to_have_value("30")


def test_one_vote_that_is_enough_says_so_and_stops_the_sale(
    page: Page, wallet: Wallet, koinon: Koinon, home: str
) -> None:
    backer = koinon.anvil.accounts[5]
    sale = contributed(page, wallet, koinon, home)
    koinon.anvil.advance(25 * DAY)
    koinon.await_head()
    enter(page, wallet, backer, sale)

    page.locator("summary", has_text="Vote to stop the schedule").click()
    expect(page.get_by_text("Your vote is enough: it stops the sale at once.")).to_be_visible()
    page.get_by_role("button", name="Stop the sale").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("of it to you")
    promised = re.search(r"([0-9.]+) ETH of it to you", dialog.inner_text())
    dialog.get_by_role("button", name="Continue in the wallet").click()

    expect(page.locator("[data-activity]")).to_contain_text("Your vote has stopped the sale.")
    expect(page.get_by_text("Its contributors stopped it.")).to_be_visible()
    expect(page.locator(".votes")).to_contain_text("0.28 ETH of the ≈ 0.0924 ETH")
    assert promised is not None
    refund = koinon.word("Crowdsale", sale.rpartition("/")[2], "refundOf", backer)
    assert abs(refund - int(float(promised[1]) * 10**18)) < 10**14
    tokens = koinon.word("Crowdsale", sale.rpartition("/")[2], "claimableOf", backer)
    expect(page.locator(".sale-own")).to_contain_text(re.compile(rf"Tokens in all≈ {str(tokens)[0]}"))
    expect(page.locator(".sale-own")).to_contain_text("of 28 BENCH, when it was stopped")


def test_backers_reach_the_goal_and_get_what_they_paid_for(
    page: Page, wallet: Wallet, koinon: Koinon, community: str, home: str
) -> None:
    founder, backer = koinon.anvil.accounts[1], koinon.anvil.accounts[5]
    enter(page, wallet, founder, home)
    open_by_the_form(page, home, goal="0.2", cap="0.3")
    expect(page.get_by_role("heading", name="A bench for all", level=1)).to_be_visible()
    expect(page.locator(".sale-text .prose")).to_contain_text("Oak lasts longest.")
    expect(page.get_by_label("Link to this sale")).to_have_value(page.url)
    sale = page.url

    page.goto(home)
    page.locator(".notice", has_text="A crowdsale is open:").get_by_role("link", name="A bench for all").click()
    enter(page, wallet, backer, sale)
    page.get_by_label("Amount in ETH").fill("0.5")
    quote = page.locator("[data-slot=quote]")
    expect(quote).to_contain_text("only 0.3 ETH will be taken, for 28 BENCH")
    expect(quote).to_contain_text("0.02 ETH of what is contributed pays for a membership")
    page.get_by_role("button", name="Contribute").click()
    confirm(page, "Contribute 0.3 ETH", "for 28 BENCH", "take it back if less than 0.2 ETH")
    assert koinon.word("Crowdsale", sale.rpartition("/")[2], "allocationOf", backer) == 28 * 10**18
    expect(page.locator(".sale-own")).to_contain_text("Tokens in all28 BENCH")
    expect(page.get_by_text("goal reached")).to_be_visible()
    page.get_by_role("button", name="Finalize").click()
    confirm(page, "it raised 0.3 ETH")
    expect(page.get_by_text("The schedule runs: 0% is let go.")).to_be_visible()
    expect(page.get_by_text("10 days after it is finalized")).to_have_count(0)
    page.goto(f"{home}/membership")
    expect(page.get_by_text("2 periods of membership that you paid for wait in a crowdsale.")).to_be_visible()
    page.get_by_role("link", name="Claim it there").click()
    page.get_by_role("button", name="Become a member").click()
    confirm(page, "for 2 periods")
    expect(page.get_by_role("link", name="Read the posts")).to_be_visible()
    membership = page.request.get(f"{koinon.url}/api/communities/{community}/me").json()["membership"]
    assert membership is not None


def test_what_has_vested_is_claimed_and_what_is_released_collected(
    page: Page, wallet: Wallet, koinon: Koinon, home: str
) -> None:
    founder, backer = koinon.anvil.accounts[1], koinon.anvil.accounts[5]
    sale = contributed(page, wallet, koinon, home)
    koinon.anvil.advance(50 * DAY)
    koinon.await_head()
    enter(page, wallet, backer, sale)  # the session has ended meanwhile
    expect(page.get_by_text(re.compile(r"The schedule runs: 50(\.\d+)?% is let go\."))).to_be_visible()
    page.get_by_role("button", name=re.compile("Claim .*BENCH")).click()
    confirm(page, "BENCH that have vested")
    expect(page.get_by_role("button", name="to the community")).to_have_count(0)
    page.get_by_role("link", name="Everything about the token BENCH").click()
    expect(page.get_by_text("nobody yet")).to_be_visible()
    page.get_by_role("button", name="Delegate votes").click()
    confirm(page, "count for yourself")
    expect(page.get_by_text("yourself", exact=True)).to_be_visible()

    enter(page, wallet, founder, home)
    page.goto(f"{home}/manage/money")
    page.get_by_role("listitem").filter(has_text="A bench for all").get_by_role("button", name="Release").click()
    confirm(page, "what the schedule has released so far")
    expect(page.get_by_role("listitem").filter(has_text="Crowdsales, daughter communities")).to_contain_text("Collect")
    page.goto(f"{home}/manage/sales")
    page.get_by_role("button", name="Collect it").click()
    page.locator("dialog[open]").get_by_role("button", name="Continue in the wallet").click()
    expect(page.get_by_text("waits for you")).to_have_count(0)


def test_everybody_takes_their_money_back_when_the_goal_is_missed(
    page: Page, wallet: Wallet, koinon: Koinon, home: str
) -> None:
    founder, backer = koinon.anvil.accounts[1], koinon.anvil.accounts[6]
    enter(page, wallet, founder, home)
    open_by_the_form(page, home, goal="5", cap="9")
    sale = page.url
    enter(page, wallet, backer, sale)
    page.get_by_label("Amount in ETH").fill("0.05")
    page.get_by_role("button", name="Contribute").click()
    confirm(page, "Contribute 0.05 ETH")
    expect(page.get_by_text("4.95 ETH to go.")).to_be_visible()

    koinon.anvil.advance(31 * DAY)
    koinon.await_head()
    enter(page, wallet, backer, sale)
    expect(page.get_by_text("The goal was missed.")).to_be_visible()
    before = balance_of(koinon, backer)
    page.get_by_role("button", name="Take back 0.05 ETH").click()
    confirm(page, "Take back 0.05 ETH")

    expect(page.get_by_text("refunded to")).to_be_visible()
    assert balance_of(koinon, backer) > before + 49 * 10**15


def test_a_sale_of_memberships_to_a_list_takes_whole_periods_of_those_on_it(
    page: Page, wallet: Wallet, koinon: Koinon, community: str, home: str
) -> None:
    listed, stranger = koinon.anvil.accounts[6], koinon.anvil.accounts[9]
    enter(page, wallet, koinon.anvil.accounts[1], home)
    page.goto(f"{home}/manage/sales/new")
    page.get_by_role("radio", name="Memberships of a tier").check()
    page.locator("#sale-soldTier").select_option(str(PAID))
    page.get_by_label("Goal in ETH").fill("0.01")
    page.get_by_label("Price of a period, ETH").first.fill("0.01")
    page.get_by_label("until so much is raised, ETH").first.fill("0.05")
    page.get_by_label("Only these accounts, one a line").fill(f"{listed}\n{koinon.anvil.accounts[7]}")
    expect(page.locator(".plan-preview")).to_contain_text("accounts of the founder's list")
    page.get_by_role("button", name="Open the crowdsale").click()
    page.locator("dialog[open]").get_by_role("button", name="Continue in the wallet").click()
    page.wait_for_url(re.compile(r"/c/0x[^/]+/sales/0x"))
    expect(page.get_by_role("heading", name="Memberships: Members", level=1)).to_be_visible()
    sale = page.url

    enter(page, wallet, stranger, sale)
    expect(page.get_by_text("Your wallet is not on the list of this sale.")).to_be_visible()
    page.get_by_role("button", name="Contribute").click()
    expect(page.get_by_role("alert").filter(has_text="Ask the founder for a place")).to_be_visible()
    enter(page, wallet, listed, sale)
    page.get_by_label("How many periods?").fill("1.5")
    page.get_by_role("button", name="Contribute").click()
    expect(page.get_by_text("Give a whole number of periods")).to_have_count(1)
    page.get_by_label("How many periods?").fill("5")
    expect(page.get_by_text("Periods for 0.05 ETH: 5.")).to_be_visible()
    page.get_by_role("button", name="Contribute").click()
    confirm(page, "Contribute 0.05 ETH", "5 periods")
    page.get_by_role("button", name="Finalize").click()
    confirm(page, "memberships “Members”")
    page.get_by_role("button", name="Become a member").click()
    confirm(page, "as Members for 5 periods")

    member = page.request.get(f"{koinon.url}/api/communities/{community}/me").json()["membership"]
    assert member["expires_at"] > koinon.anvil.time + 149 * DAY


def test_a_member_sells_and_is_paid_in_the_same_transaction(
    page: Page, wallet: Wallet, koinon: Koinon, community: str, home: str
) -> None:
    creator, buyer = koinon.anvil.accounts[7], koinon.anvil.accounts[8]
    koinon.member(7).join(community, tier_id=PAID)
    enter(page, wallet, creator, f"{home}/store")
    page.get_by_role("link", name="Sell something").first.click()
    page.get_by_label("Name", exact=True).fill("Darning, by heart")
    page.get_by_label("Description (Markdown)").fill("Twelve stitches, **slowly**.")
    page.get_by_label("Price in ETH").fill("0.01")
    page.get_by_label("License", exact=True).select_option("2592000")
    page.get_by_role("button", name="List it").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("List “Darning, by heart” for 0.01 ETH. Of each sale the community gets 10%")
    dialog.get_by_role("button", name="Continue in the wallet").click()
    page.wait_for_url("**/store")
    page.get_by_role("link", name="Darning, by heart").click()
    product = page.url
    expect(page.get_by_text("Twelve stitches, slowly.")).to_be_visible()

    enter(page, wallet, buyer, product)
    expect(page.get_by_role("row", name="The Repair Circle")).to_contain_text("0.001 ETH")
    page.get_by_label("Periods").fill("2")
    page.get_by_role("button", name="Buy for 0.01 ETH").click()
    confirm(page, "License “Darning, by heart” until", "0.02 ETH", "Sales are final.")
    expect(page.get_by_text("Yours until")).to_be_visible()
    page.get_by_label("Tip in ETH").fill("0.005")
    page.get_by_role("button", name="Tip", exact=True).click()
    confirm(page, "0.0045 ETH to the creator, 0.0005 ETH to the community")
    page.goto(f"{koinon.url}/account/licenses")
    expect(page.get_by_text("Darning, by heart")).to_be_visible()
    page.get_by_role("button", name="Renew for 0.01 ETH").click()
    confirm(page, "0.01 ETH")

    enter(page, wallet, creator, f"{home}/store")
    before = balance_of(koinon, creator)
    page.get_by_role("button", name="Claim 0.0315 ETH").click()
    confirm(page, "Claim 0.0315 ETH that sales and tips have credited to you.")
    assert balance_of(koinon, creator) > before + 31 * 10**15

    page.goto(product)
    page.get_by_role("button", name="Take it off sale").click()
    confirm(page, "Who has a license keeps it")
    expect(page.get_by_text("off sale", exact=True)).to_be_visible()


def test_pages_of_sales_and_the_store_are_accessible(page: Page, wallet: Wallet, koinon: Koinon, home: str) -> None:
    enter(page, wallet, koinon.anvil.accounts[1], home)
    open_by_the_form(page, home, goal="5", cap="9")
    sale = page.url
    page.goto(f"{home}/store/new")
    page.get_by_label("Name", exact=True).fill("Needles")
    page.get_by_label("Price in ETH").fill("0")
    page.get_by_role("button", name="List it").click()
    page.locator("dialog[open]").get_by_role("button", name="Continue in the wallet").click()
    page.wait_for_url("**/store")

    for url in (f"{home}/sales", sale, f"{sale}/token", f"{home}/manage/sales", f"{home}/manage/sales/new"):
        look(page, url)
    for url in (f"{home}/store", f"{home}/store/1", f"{home}/store/new", f"{home}/manage/store"):
        look(page, url)
    look(page, f"{koinon.url}/account/licenses")
