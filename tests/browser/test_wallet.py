"""What a page does before a wallet opens and while a transaction is on its way: nothing is lost, nothing unsaid."""

from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SECRET, Story, Wallet, on_sqlite, sign_in
from tests.fixtures.koinon import PAID, PRICE, Koinon

pytestmark = on_sqlite
COARSE = """
const media = matchMedia;
globalThis.matchMedia = (query) => (query.includes("coarse") ? { matches: true } : media(query));
"""
SENDS = "eth_sendTransaction"


def start_joining(page: Page) -> None:
    page.get_by_role("button", name="Join for 0.01 ETH").click()
    page.get_by_role("button", name="Pocket").click()


def go_on(page: Page) -> None:
    page.locator("dialog[open]").get_by_role("button", name="Continue in the wallet").click()


def test_page_says_what_lacks_before_the_wallet_opens(page: Page, wallet: Wallet, story: Story) -> None:
    page.goto(story.page)
    wallet.anvil.rpc("anvil_setBalance", wallet.account, hex(PRICE // 4))
    start_joining(page)
    expect(page.locator("[data-activity]")).to_contain_text("You lack 0.0075 ETH for this payment.")

    wallet.anvil.rpc("anvil_setBalance", wallet.account, hex(PRICE))
    page.get_by_role("button", name="Join for 0.01 ETH").click()
    expect(page.locator("[data-activity]")).to_contain_text("the network's fee included")

    assert SENDS not in wallet.asked
    wallet.anvil.rpc("anvil_setBalance", wallet.account, hex(10**20))


def test_page_brings_the_wallet_to_the_network(page: Page, wallet: Wallet, story: Story, koinon: Koinon) -> None:
    page.goto(story.page)
    wallet.elsewhere = True

    start_joining(page)

    expect(page.locator("dialog[open]")).to_contain_text("Network fee")
    assert wallet.added == {
        "chainId": hex(koinon.anvil.chain_id),
        "chainName": "Test chain",
        "rpcUrls": [koinon.anvil.url],
        "nativeCurrency": {"name": "Ether", "symbol": "ETH", "decimals": 18},
    }


def test_wallet_is_not_asked_when_the_server_lies(page: Page, wallet: Wallet, story: Story) -> None:
    def lie(route: Route) -> None:
        answer = route.fetch()
        prepared: dict[str, Any] = answer.json()
        prepared["value"] = hex(2 * PRICE)
        route.fulfill(response=answer, json=prepared)

    page.route("**/transactions/join", lie)
    page.goto(story.page)

    start_joining(page)

    expect(page.locator("[data-activity]")).to_contain_text("something else than you asked for")
    assert SENDS not in wallet.asked


def test_transaction_is_followed_through_a_lost_connection(page: Page, wallet: Wallet, story: Story) -> None:
    lost = {"times": 3}

    def drop(route: Route) -> None:
        lost["times"] -= 1
        if lost["times"] >= 0:
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/api/transactions/*", drop)
    page.goto(story.page)
    start_joining(page)
    go_on(page)

    expect(page.locator("[data-activity]")).to_contain_text("goes on by itself")
    sign_in(page)
    expect(page.get_by_text(SECRET)).to_be_visible()


def test_double_click_sends_once(page: Page, wallet: Wallet, story: Story) -> None:
    page.goto(story.page)
    start_joining(page)

    page.locator("dialog[open]").get_by_role("button", name="Continue in the wallet").dblclick()

    sign_in(page)
    expect(page.get_by_text(SECRET)).to_be_visible()
    assert wallet.asked.count(SENDS) == 1


def test_reload_goes_on_with_a_transaction_that_then_reverts(
    page: Page, wallet: Wallet, story: Story, koinon: Koinon
) -> None:
    membership = page.request.get(f"{koinon.url}/api/communities/{story.community}").json()["membership"]
    page.goto(story.page)
    start_joining(page)
    expect(page.locator("dialog[open]")).to_contain_text("Network fee")
    story.founder.call("Membership", membership, "setTierPrice", PAID, 2 * PRICE)
    koinon.anvil.rpc("evm_setAutomine", False)
    try:
        wallet.gas = hex(500_000)
        go_on(page)
        expect(page.locator("[data-activity]")).to_contain_text("On its way")
        page.reload()
        expect(page.locator("[data-activity]")).to_contain_text("On its way")
        koinon.anvil.mine()
    finally:
        koinon.anvil.rpc("evm_setAutomine", True)

    expect(page.locator("[data-activity]")).to_contain_text("The contract refused it")
    expect(page.get_by_role("heading", name="The rest is for members")).to_be_visible()


def test_phone_without_wallet_is_led_to_one(page: Page, story: Story) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.add_init_script(COARSE)
    page.goto(story.page)
    page.get_by_role("button", name="Join for 0.01 ETH").click()

    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("No wallet was found")
    expect(dialog.get_by_role("link", name="MetaMask")).to_have_attribute(
        "href", f"https://metamask.app.link/dapp/{story.page.removeprefix('http://')}"
    )
    dialog.locator("summary", has_text="on another device").click()
    code = dialog.locator("img.qr")
    expect(code).to_be_visible()
    assert code.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
