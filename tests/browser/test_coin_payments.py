"""A community that is paid in a coin of six decimals: what lacks, is allowed, is paid and comes back is told in it."""

from secrets import token_bytes

from playwright.sync_api import Page, expect

from scripts.coin import mint, put_coin
from scripts.node import Node
from scripts.playground.accounts import account_of
from tests.browser.conftest import Wallet, enter, on_sqlite
from tests.fixtures.koinon import NOBODY, Koinon, opening

pytestmark = on_sqlite
COIN = 10**6


def coins_of(koinon: Koinon, coin: str, account: str) -> int:
    data = "0x70a08231" + account[2:].lower().rjust(64, "0")  # balanceOf
    return int(koinon.anvil.rpc("eth_call", {"to": coin, "data": data}, "latest"), 16)


def confirm(page: Page, *words: str) -> None:
    dialog = page.locator("dialog[open]")
    for word in words:
        expect(dialog).to_contain_text(word)
    dialog.get_by_role("button", name="Continue in the wallet").click()


def test_member_pays_in_coins_and_gets_back_what_is_not_used_up(page: Page, wallet: Wallet, koinon: Koinon) -> None:
    node, bank = Node(koinon.anvil.url), account_of(0)
    coin = put_coin(node, bank, name="Test dollar", symbol="TUSD", decimals=6)
    tiers = [{**tier, "price": tier["price"] // 10**10} for tier in opening("", NOBODY)["tiers"]]
    opened = koinon.open_community(koinon.member(1), salt=token_bytes(32), currency=coin, tiers=tiers)
    koinon.await_head()
    home = f"{koinon.url}/c/{opened.community}"

    # What lacks is told in the community's coin before the wallet opens.
    enter(page, f"{home}/tiers")
    page.get_by_role("button", name="Join for 1 TUSD").click()
    expect(page.locator("[data-activity]")).to_contain_text("You lack 1 TUSD for this payment.")
    assert "eth_sendTransaction" not in wallet.asked

    # The contract is allowed exactly the price, then takes it.
    mint(node, bank, coin, wallet.account, 5 * COIN)
    page.get_by_role("button", name="Join for 1 TUSD").click()
    confirm(page, "1 TUSD")
    expect(page.locator("[data-activity]")).to_contain_text("Done")
    assert coins_of(koinon, coin, wallet.account) == 4 * COIN
    assert wallet.asked.count("eth_sendTransaction") == 2

    # It renews for what the page says, and lets a keeper take as much as it chooses.
    page.goto(f"{home}/membership")
    page.get_by_label("For how long?").select_option("2")
    page.get_by_role("button", name="Renew", exact=True).click()
    confirm(page, "2 TUSD")
    expect(page.locator("[data-activity]")).to_contain_text("Done")
    assert coins_of(koinon, coin, wallet.account) == 2 * COIN
    expect(page.locator("main")).to_contain_text("in 3 months")
    page.get_by_label("How much may be taken in all (TUSD)?").fill("1.5")
    page.get_by_role("button", name="Allow", exact=True).click()
    confirm(page, "1.5 TUSD", "Who may take it")
    expect(page.locator("main")).to_contain_text("Allowed now: 1.5 TUSD.")

    # It leaves, and what was not used up comes back in the same coins.
    page.get_by_role("button", name="End the membership").click()
    page.locator("dialog[open]").get_by_role("button", name="End it").click()
    confirm(page, "TUSD")
    expect(page.get_by_role("button", name="End the membership")).to_have_count(0)
    assert coins_of(koinon, coin, wallet.account) >= 4.9 * COIN
