"""The founder builds "tier 2 or 3 coins" by clicking; who has the coins reads, and no longer once they are sold."""

from secrets import token_bytes

from playwright.sync_api import Page, expect

from scripts.coin import mint, pass_on, put_coin
from scripts.node import Node
from scripts.playground.accounts import account_of
from tests.browser.conftest import SECRET, Story, Wallet, enter, leave, on_sqlite
from tests.fixtures.koinon import Koinon

pytestmark = on_sqlite

COIN = 10**18
READER = 6


def builds_the_gate(page: Page, home: str, *, coin: str, symbol: str) -> None:
    """The founder puts the rule together, reads what it says, and signs it."""
    page.goto(f"{home}/manage/gates")
    page.get_by_role("link", name="New gate").click()
    page.get_by_label("Name of the gate").fill("patrons-or-coins")
    page.get_by_role("group", name="Membership of a tier").get_by_label("Members", exact=True).check()
    page.get_by_label("Kind of condition").select_option("erc20")
    page.get_by_role("button", name="Add the condition").click()
    coins = page.get_by_role("group", name="Coins (ERC-20)")
    coins.get_by_label("Contract", exact=True).fill(coin)
    coins.get_by_label("At least", exact=True).fill("3")
    page.get_by_role("button", name="Read what it says").click()
    says = page.locator("[data-outcome]")
    expect(says).to_contain_text("Any one of these:")
    expect(says).to_contain_text("a membership: Members")
    expect(says).to_contain_text(f"at least 3 {symbol}")
    expect(says).to_contain_text("As the owner you always pass.")
    page.get_by_role("button", name="Sign and set the gate").click()
    gate = page.locator("#gate-patrons-or-coins")
    expect(gate).to_contain_text(f"at least 3 {symbol}")


def publishes_behind_it(page: Page, home: str) -> str:
    """By its name; the address of the post."""
    page.goto(f"{home}/write")
    page.get_by_label("Title").fill("For those who hold it")
    page.get_by_role("radio", name="The beginning for everybody, the rest behind a gate of mine").check()
    page.get_by_label("Gate", exact=True).select_option("patrons-or-coins")
    page.get_by_label("For everybody", exact=True).fill("Come in.")
    page.get_by_label("For members", exact=True).fill(SECRET)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    return page.url


def reads_with_the_coins(page: Page, post: str, *, symbol: str) -> None:
    """Who is not signed in sees both ways; with the coins it reads, without a transaction."""
    page.goto(post)
    lock = page.locator(".lock")
    expect(lock).to_contain_text(f"At least 3 {symbol}")
    expect(lock).to_contain_text("A membership: Members")
    assert SECRET not in page.content()
    enter(page, post)
    expect(page.get_by_text(SECRET)).to_be_visible()
    page.evaluate("document.body.dataset.witness = 'same page'")


def reads_no_longer(page: Page, *, symbol: str) -> None:
    """One coin is sold: the open page closes by itself and says what is lacking."""
    low = page.locator(".lock").locator("[data-condition='balance-low']")
    expect(low).to_contain_text(f"At least 3 {symbol}")
    expect(low).to_contain_text(f"2 {symbol}")
    expect(low).to_contain_text("Get what is missing into this wallet.")
    assert SECRET not in page.content()
    expect(page.locator("body")).to_have_attribute("data-witness", "same page")


def test_founder_builds_a_gate_of_a_tier_or_coins_and_a_holder_reads_until_they_are_sold(
    page: Page, wallet: Wallet, story: Story, koinon: Koinon
) -> None:
    node, bank = Node(koinon.anvil.url), account_of(0)
    symbol = f"X{token_bytes(2).hex()}"
    coin = put_coin(node, bank, name="Comet coin", symbol=symbol)
    mint(node, bank, coin, account_of(READER).address, 3 * COIN)
    wallet.account = koinon.anvil.accounts[1]
    home = f"{koinon.url}/c/{story.community}"
    enter(page, koinon.url)

    builds_the_gate(page, home, coin=coin, symbol=symbol)
    assert "eth_signTypedData_v4" in wallet.asked
    post = publishes_behind_it(page, home)
    leave(page)
    wallet.account = koinon.anvil.accounts[READER]
    reads_with_the_coins(page, post, symbol=symbol)
    pass_on(node, account_of(READER), coin, koinon.anvil.accounts[7], COIN)
    reads_no_longer(page, symbol=symbol)
    assert "eth_sendTransaction" not in wallet.asked
    node.close()
