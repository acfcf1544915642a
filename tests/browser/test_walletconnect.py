"""A wallet on another device, paired by a code: it signs in and joins through a relay that can read none of it."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from playwright.sync_api import Page, Request, WebSocket, expect

from tests.browser.conftest import SECRET, Story, on_sqlite, sign_in
from tests.browser.test_accessibility import serious_faults
from tests.fakes.relay import Relay
from tests.fixtures.koinon import Koinon
from tests.fixtures.tools import ROOT

pytestmark = on_sqlite
PROJECT = "0123456789abcdef0123456789abcdef"
CLIENT = ROOT / "backend" / "static" / "vendor" / "walletconnect.js"
PHONE = ROOT / "tests" / "fakes" / "phone.mjs"
JOIN = "Join for 0.01 ETH"
SIGNS = ["eth_sendTransaction", "personal_sign", "eth_signTypedData_v4"]
PROVIDER = """
const provider = () => new Promise((resolve) => {
  addEventListener("eip6963:announceProvider", ({ detail }) => detail.info.remote && resolve(detail.provider));
  dispatchEvent(new Event("eip6963:requestProvider"));
});
"""
TYPED = {
    "types": {
        "EIP712Domain": [{"name": "name", "type": "string"}, {"name": "chainId", "type": "uint256"}],
        "Word": [{"name": "text", "type": "string"}],
    },
    "primaryType": "Word",
    "domain": {"name": "Koinon", "chainId": 31337},
    "message": {"text": "beehive"},
}


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    running = Relay()
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def home_settings(relay: Relay) -> dict[str, Any]:
    return {"walletconnect_project": PROJECT, "walletconnect_relay": relay.url}


class Phone:
    """A wallet with an account that has joined nothing yet; the words of `tests/fakes/phone.mjs`."""

    def __init__(self, node: Path, relay: Relay, koinon: Koinon, account: str) -> None:
        self.account = account
        told = [str(CLIENT), relay.url, koinon.anvil.url, account]
        command = [str(node), "--experimental-websocket", "--no-warnings", str(PHONE), *told]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.hears("ready")

    def say(self, **command: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def hears(self, event: str) -> dict[str, Any]:
        """The next event, which must be this one."""
        assert self._process.stdout is not None
        heard: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert event in heard, heard
        return heard

    def stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


@pytest.fixture
def phone(node: Path, relay: Relay, koinon: Koinon, page: Page) -> Iterator[Phone]:
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda line: broken.append(line.text) if "Content Security Policy" in line.text else None)
    held = Phone(node, relay, koinon, koinon.anvil.accounts[6])
    yield held
    held.stop()
    assert not broken


def test_phone_joins_and_signs_in_through_a_relay_that_reads_nothing(
    page: Page, phone: Phone, relay: Relay, story: Story, koinon: Koinon
) -> None:
    reached: set[str] = set()
    page.on("request", lambda request: reached.add(origin(request)))
    page.on("websocket", lambda socket: reached.add(origin(socket)))
    page.goto(story.page)

    page.get_by_role("button", name=JOIN).click()
    proposed = pair(page, phone)
    expect(page.locator("dialog[open]")).to_contain_text("The contract's address comes from this home")
    go_on(page)
    assert phone.hears("asked") == {"asked": "eth_sendTransaction", "chain": f"eip155:{koinon.anvil.chain_id}"}
    sign_in(page)
    assert phone.hears("asked")["asked"] == "personal_sign"

    expect(page.get_by_text(SECRET)).to_be_visible()
    assert proposed["chains"] == [f"eip155:{koinon.anvil.chain_id}"]
    assert proposed["metadata"]["url"] == koinon.url
    assert reached == {koinon.url, relay.url}
    told = json.dumps(relay.asked[PROJECT]).lower()
    for readable in (phone.account[2:], story.community[2:], "eth_sendtransaction", "personal_sign", "attestation"):
        assert readable not in told


def test_home_says_where_a_communitys_contracts_are_as_the_chain_does(page: Page, story: Story, koinon: Koinon) -> None:
    said = page.request.get(f"{koinon.url}/api/communities/{story.community}").json()

    for name in ("membership", "badges", "store"):
        call = {"to": story.community, "data": "0x" + keccak(text=f"{name}()")[:4].hex()}
        assert koinon.anvil.rpc("eth_call", call, "latest")[-40:] == said[name][2:].lower()


def test_session_outlives_a_reload_and_signs_typed_data(page: Page, phone: Phone, story: Story) -> None:
    page.goto(story.page)
    connect(page, phone)

    page.reload()
    expect(page.get_by_role("button", name="Connect", exact=True)).to_have_count(0)
    signature = asks(page, "eth_signTypedData_v4", phone.account, json.dumps(TYPED))

    assert phone.hears("asked")["asked"] == "eth_signTypedData_v4"
    assert Account.recover_message(encode_typed_data(full_message=TYPED), signature=signature).lower() == phone.account


def test_wallet_that_looks_up_contracts_is_asked_for_their_address(page: Page, phone: Phone, story: Story) -> None:
    phone.say(grant=[*SIGNS, "eth_call"])
    page.goto(story.page)

    page.get_by_role("button", name=JOIN).click()
    pair(page, phone)

    assert phone.hears("asked")["asked"] == "eth_call"
    expect(page.locator("dialog[open]")).to_contain_text("Network fee")
    expect(page.get_by_text("The contract's address comes from this home")).to_be_hidden()


def test_owner_of_the_phone_declines(page: Page, phone: Phone, story: Story) -> None:
    phone.say(decline=["session_proposal"])
    page.goto(story.page)
    page.get_by_role("button", name=JOIN).click()
    scan(page, phone)
    phone.hears("proposed")
    expect(page.get_by_role("alert")).to_contain_text("You declined it in the wallet")
    page.get_by_role("button", name="Cancel").click()

    phone.say(decline=["eth_sendTransaction"])
    page.get_by_role("button", name=JOIN).click()
    pair(page, phone)
    go_on(page)
    phone.hears("asked")

    expect(page.get_by_role("alert")).to_contain_text("You declined it in the wallet")


def test_phone_that_ends_the_session_is_forgotten(page: Page, phone: Phone, story: Story) -> None:
    page.goto(story.page)
    connect(page, phone)

    phone.say(end=True)

    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_visible()


def test_page_that_disconnects_tells_the_phone(page: Page, phone: Phone, story: Story) -> None:
    page.goto(story.page)
    connect(page, phone)

    page.locator("[data-account] summary").click()
    page.get_by_role("button", name="Disconnect").click()

    phone.hears("ended")
    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_visible()


def test_page_hears_that_account_and_chain_changed(page: Page, phone: Phone, story: Story, koinon: Koinon) -> None:
    other = koinon.anvil.accounts[7]
    page.goto(story.page)
    connect(page, phone)
    page.evaluate(
        f"async () => {{ {PROVIDER} const wallet = await provider();"
        "const news = (event) => new Promise((resolve) => wallet.on(event, resolve));"
        "globalThis.heard = Promise.all(['accountsChanged', 'chainChanged'].map(news)); }"
    )

    phone.say(turn={"account": other, "chain": 5})

    assert page.evaluate("heard") == [[other], 5]
    assert asks(page, "eth_accounts") == [other]
    assert asks(page, "eth_chainId") == hex(koinon.anvil.chain_id)


def test_dialog_that_pairs_keeps_nobody_out(page: Page, phone: Phone, story: Story) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(reduced_motion="reduce")
    page.goto(story.page)
    page.get_by_role("button", name="Connect", exact=True).click()
    scan(page, phone)

    assert serious_faults(page, "dialog[open]") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_page_that_disconnects_forgets_the_session_while_the_relay_is_away(
    page: Page, phone: Phone, story: Story, relay: Relay
) -> None:
    page.goto(story.page)
    connect(page, phone)
    page.route_web_socket(re.compile(re.escape(relay.url)), lambda socket: None)
    page.reload()

    page.locator("[data-account] summary").click()
    page.get_by_role("button", name="Disconnect").click()

    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_visible()
    assert asks(page, "eth_accounts") == []


def test_relay_that_does_not_answer_is_told(page: Page, story: Story, relay: Relay) -> None:
    page.clock.install()
    page.route_web_socket(re.compile(re.escape(relay.url)), lambda socket: None)
    page.goto(story.page)
    page.get_by_role("button", name=JOIN).click()
    page.get_by_role("button", name="WalletConnect").click()
    expect(page.locator("dialog[open]")).to_contain_text("Reaching the relay")

    page.clock.fast_forward(25_000)

    expect(page.get_by_role("alert")).to_contain_text("did not answer")


def scan(page: Page, phone: Phone) -> None:
    """The code that the page shows is scanned."""
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("button", name="WalletConnect").click()
    expect(dialog).to_contain_text("Scan this with your wallet")
    expect(dialog.get_by_role("img", name="QR code")).to_be_visible()
    address = dialog.get_by_role("link", name="Open a wallet on this device").get_attribute("href")
    assert address
    assert address.startswith("wc:")
    phone.say(pair=address)


def pair(page: Page, phone: Phone) -> dict[str, Any]:
    """The phone's owner agrees to what the page proposed, which is given."""
    scan(page, phone)
    proposed: dict[str, Any] = phone.hears("proposed")["proposed"]
    phone.hears("approved")
    return proposed


def connect(page: Page, phone: Phone) -> None:
    page.get_by_role("button", name="Connect", exact=True).click()
    pair(page, phone)
    expect(page.locator("[data-account]")).to_contain_text(phone.account[-4:])


def go_on(page: Page) -> None:
    page.locator("dialog[open]").get_by_role("button", name="Continue in the wallet").click()


def asks(page: Page, method: str, *params: str) -> Any:
    """What the page's provider gives."""
    call = {"method": method, "params": params}
    return page.evaluate(f"async (call) => {{ {PROVIDER} return (await provider()).request(call); }}", call)


def origin(made: Request | WebSocket) -> str:
    found = re.match(r"[a-z]+://[^/]+", made.url)
    return found.group() if found else made.url
