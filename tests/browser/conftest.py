"""A wallet in the page, as an extension would put it there: it announces itself by EIP-6963 and asks a person."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.keys.keyring import new_recovery_key, public_bytes
from scripts.member import Member
from tests.fixtures.anvil import Anvil
from tests.fixtures.koinon import PAID, Koinon

on_sqlite = pytest.mark.parametrize("koinon", ["sqlite"], indirect=True, scope="module")
"""What a browser sees does not depend on the database, which other tests vary."""
ANNOUNCE = """
const ask = async ({ method, params = [] }) => {
  const answer = JSON.parse(await window.askTheWallet(method, JSON.stringify(params)));
  if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
  return answer.result;
};
const info = { uuid: "6f1a2c1e-3f0b-4d5a-9c57-0d2b8e4f7a10", name: "Pocket", rdns: "org.example.pocket", icon: "" };
const detail = Object.freeze({ info, provider: { request: ask, on() {}, removeListener() {} } });
const announce = () => dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
addEventListener("eip6963:requestProvider", announce);
announce();
"""


@dataclass
class Wallet:
    """An account of the local node. `declined` are the methods that its owner says no to; `asked` all that it saw."""

    anvil: Anvil
    account: str
    declined: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    elsewhere: bool = False
    """It stands on another chain and has never heard of ours."""
    gas: str = ""
    """How much it gives a transaction, where it does not let the node say."""
    added: dict[str, Any] = field(default_factory=dict)
    """The chain that a page had it add."""
    shown: list[str] = field(default_factory=list)
    """Other accounts of it that pages may see."""
    hidden: list[str] = field(default_factory=list)
    """Those that they see once they have asked for more."""

    def answer(self, method: str, params: str) -> str:
        self.asked.append(method)
        if method in self.declined:
            return json.dumps({"error": {"code": 4001, "message": "User rejected the request."}})
        if method == "wallet_switchEthereumChain" and self.elsewhere:
            return json.dumps({"error": {"code": 4902, "message": "Unrecognized chain ID."}})
        try:
            return json.dumps({"result": self._result(method, json.loads(params))})
        except AssertionError as refused:
            return json.dumps({"error": {"code": -32603, "message": str(refused)}})

    def _result(self, method: str, params: list[Any]) -> Any:
        if method in ("eth_accounts", "eth_requestAccounts"):
            return [self.account, *self.shown]
        if method == "wallet_requestPermissions":
            self.shown, self.hidden = self.hidden, []
            return [{"parentCapability": "eth_accounts"}]
        if method == "eth_chainId" and self.elsewhere:
            return "0x1"
        if method == "wallet_addEthereumChain":
            self.elsewhere, self.added = False, params[0]
            return None
        if method == "eth_sendTransaction" and self.gas:
            params = [params[0] | {"gas": self.gas}]
        if method == "eth_signTypedData_v4":
            params = [params[0], json.loads(params[1])]
        return self.anvil.rpc(method, *params)


@pytest.fixture
def wallet(koinon: Koinon, page: Page) -> Iterator[Wallet]:
    """The wallet of the page, with an account that has joined nothing yet."""
    held = Wallet(koinon.anvil, koinon.anvil.accounts[5])
    page.expose_function("askTheWallet", held.answer)
    page.add_init_script(ANNOUNCE)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield held
    assert not broken


Visit = Callable[[int, str], Page]


@pytest.fixture
def wallets() -> dict[int, Wallet]:
    """The wallet of each who visits."""
    return {}


@pytest.fixture
def visit(koinon: Koinon, chromium: Browser, wallets: dict[int, Wallet]) -> Iterator[Visit]:
    """Opens a page in a browser of somebody's own, signed in, with a wallet."""

    def open_page(number: int, path: str) -> Page:
        person = koinon.member(number)
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
        context.set_default_timeout(20_000)
        context.add_cookies(
            [{"name": each.name, "value": each.value or "", "url": koinon.url} for each in person.browser.cookies]
        )
        page = context.new_page()
        wallets[number] = Wallet(koinon.anvil, koinon.anvil.accounts[number])
        page.expose_function("askTheWallet", wallets[number].answer)
        page.add_init_script(ANNOUNCE)
        page.goto(koinon.url + path)
        return page

    yield open_page
    for context in chromium.contexts:
        context.close()


@pytest.fixture
def founder(koinon: Koinon) -> Member:
    return koinon.member(1)


@pytest.fixture
def community(koinon: Koinon, founder: Member) -> str:
    """A new one, of the founder's."""
    opened = koinon.open_community(founder, salt=token_bytes(32))
    koinon.await_head()
    return opened.community


SECRET = "The spare key hangs behind the third beehive."
"""What only members may read."""


@dataclass(frozen=True)
class Story:
    """A community with one gated post."""

    founder: Member
    community: str
    post: str
    page: str


@pytest.fixture
def story(koinon: Koinon, founder: Member, community: str) -> Story:
    founder.set_recovery(community, [public_bytes(new_recovery_key()) for _ in range(2)])
    founder.set_gate(community, "members", [PAID])
    post = founder.publish(community, title="Where the key is", teaser="A short walk.", gate="members", rest=SECRET)
    return Story(founder, community, post.act, f"{koinon.url}/c/{community}/posts/{post.act}")


def sign_in(page: Page) -> None:
    """The explanation is agreed to."""
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("moves no money")
    dialog.get_by_role("button", name="Sign in").click()


def enter(page: Page, url: str) -> None:
    """The wallet of the page is connected and signed in."""
    page.goto(url)
    page.get_by_role("button", name="Connect").click()
    page.get_by_role("button", name="Pocket").click()
    page.locator("summary", has_text="0x").click()
    page.get_by_role("banner").get_by_role("button", name="Sign in").click()
    sign_in(page)
    expect(page.locator("a[href='/account']")).to_have_count(1)


def leave(page: Page) -> None:
    """Whoever sat at the browser is gone, with what it kept; nothing that the last page asked is still under way."""
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.goto("about:blank")
    page.context.clear_cookies()


def sit_down(page: Page, wallet: Wallet, koinon: Koinon, number: int, path: str) -> None:
    """Somebody else sits at the browser: its wallet is connected and signed in."""
    if page.url.startswith(koinon.url):
        leave(page)
    wallet.account = koinon.anvil.accounts[number]
    enter(page, koinon.url)
    page.goto(koinon.url + path)


def confirm(page: Page, *says: str) -> None:
    """The wallet is asked, for what the page says."""
    dialog = page.locator("dialog[open]")
    for words in says:
        expect(dialog).to_contain_text(words)
    dialog.get_by_role("button", name="Continue in the wallet").click()


def told(page: Page, words: str) -> None:
    """The page has said so; it is put away."""
    expect(page.locator("[data-activity]")).to_contain_text(words)
    page.evaluate("document.querySelector('[data-activity]').replaceChildren()")
