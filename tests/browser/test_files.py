"""A founder publishes a file for members: the page says how much of it is sent, and an outsider does not get it."""

import re
from secrets import token_bytes

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Story, Wallet, enter, leave, on_sqlite
from tests.fixtures.koinon import Koinon

pytestmark = on_sqlite
SLOW = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 500_000}


def test_a_file_for_members_is_sent_visibly_and_kept_from_others(
    page: Page, wallet: Wallet, story: Story, koinon: Koinon
) -> None:
    drawing = token_bytes(900_000)
    wallet.account = koinon.anvil.accounts[1]
    enter(page, koinon.url)
    page.goto(f"{koinon.url}/c/{story.community}/write")
    page.get_by_label("Title").fill("The plan of the mirror")
    page.get_by_role("radio", name="The beginning for everybody, the rest for members").check()
    page.get_by_label("For everybody", exact=True).fill("It is done.")
    page.get_by_label("For members", exact=True).fill("Build it from this.")
    page.locator("#files").set_input_files(
        [FilePayload(name="plan.bin", mimeType="application/octet-stream", buffer=drawing)]
    )
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW)

    page.get_by_role("button", name="Publish", exact=True).click()

    expect(page.locator("[data-slot=state]")).to_contain_text(re.compile(r"Sending plan\.bin: [1-9]0%"))
    network.send("Network.emulateNetworkConditions", {**SLOW, "uploadThroughput": -1})
    page.wait_for_url("**/posts/*")
    post, link = page.url, page.get_by_role("link", name="plan.bin")
    file = f"{koinon.url}{link.get_attribute('href')}"
    assert page.request.get(file).body() == drawing

    leave(page)
    page.goto(post)
    expect(page.locator(".lock")).to_be_visible()
    assert page.request.get(file).status == 403
