"""A restricted token: the founder says who may hold it, backers get it, vote, pass it on and share what it earns."""

from dataclasses import dataclass
from decimal import Decimal
from secrets import token_bytes

import pytest
from eth_utils.address import to_checksum_address
from playwright.sync_api import Page, expect

from scripts import holder
from scripts.member import Member
from tests.browser.conftest import Wallet, confirm, on_sqlite, sit_down, told
from tests.fixtures.koinon import NOBODY, PRICE, Koinon

pytestmark = on_sqlite

FOUNDER, BACKER, FRIEND, ATTESTOR = 1, 5, 6, 7
DAY, YEAR = 86_400, 31_536_000
CAP, TOKEN_PRICE, TOKEN = 2 * PRICE, PRICE // 10, 10**18
SAVED = "Saved on the chain."


@dataclass(frozen=True)
class Sold:
    """A sale of a restricted token; `page` is its page, and the token's is below it."""

    founder: Member
    community: str
    sale: str
    token: str

    @property
    def page(self) -> str:
        return f"/c/{self.community}/sales/{self.sale}"


@pytest.fixture
def sold(koinon: Koinon) -> Sold:
    """It is open, and nobody is attested."""
    founder = koinon.member(FOUNDER)
    community = koinon.open_community(founder, salt=token_bytes(32)).community
    koinon.await_head()
    terms = {
        "salt": "0x" + token_bytes(32).hex(),
        "asset": "restricted",
        "starts_at": 0,
        "ends_at": koinon.anvil.time + 30 * DAY,
        "goal": PRICE,
        "steps": [{"up_to": CAP, "price": TOKEN_PRICE}],
        "stop_threshold_bps": 3_300,
        "token_name": "Bench Part",
        "token_symbol": "PART",
    }
    holder.send(founder, community, "open-sale", terms=terms)
    [sale] = founder.get(f"/api/communities/{community}/sales")
    return Sold(founder, community, sale["address"].lower(), sale["token"])


@pytest.fixture
def held(koinon: Koinon, sold: Sold) -> Sold:
    """The backer is attested, reached the cap with a hundredth more than was left, and holds all twenty tokens."""
    accounts = [koinon.anvil.accounts[number] for number in (BACKER, FRIEND)]
    until = koinon.anvil.time + YEAR
    holder.send(sold.founder, sold.community, "attest", token=sold.token, accounts=accounts, until=until)
    backer, sent = koinon.member(BACKER), CAP + PRICE
    arguments = (sent, TOKEN_PRICE, NOBODY, backer.address, 0)
    backer.call("Crowdsale", sold.sale, "contribute", *arguments, value=sent)
    backer.call("Crowdsale", sold.sale, "finalize")
    backer.await_indexed(backer.call("Crowdsale", sold.sale, "claimTokens", backer.address).tx_hash)
    return sold


def test_founder_attests_accounts_and_names_an_attestor(page: Page, wallet: Wallet, koinon: Koinon, sold: Sold) -> None:
    backer, friend, attestor = (to_checksum_address(koinon.anvil.accounts[n]) for n in (BACKER, FRIEND, ATTESTOR))
    sit_down(page, wallet, koinon, FOUNDER, f"{sold.page}/token")
    form = page.locator("[data-form='crowdsale:attest']")
    day = form.get_by_label("Until (UTC)").input_value()
    form.get_by_label("Accounts, one a line").fill(f"{backer}\n{friend}")
    form.get_by_role("button", name="Attest").click()
    confirm(page, f"Attest that {backer}, {friend} may hold PART until", "23:59 UTC")
    told(page, "The accounts are attested.")
    until = page.evaluate("day => Date.parse(`${day}T23:59:59Z`) / 1000", day)
    assert [koinon.word("CommunityToken", sold.token, "holderOf", each) for each in (backer, friend)] == [until] * 2

    page.reload()
    form.get_by_label("Accounts, one a line").fill(friend)
    form.get_by_label("Until (UTC)").fill("")
    form.get_by_role("button", name="Attest").click()
    confirm(page, f"Take back the attestation of {friend} for PART.")
    told(page, "The accounts are attested no more.")
    assert koinon.word("CommunityToken", sold.token, "isAttested", friend) == 0

    page.reload()
    form = page.locator("[data-form='crowdsale:set-attestor']")
    form.get_by_label("Who attests beside you").fill(attestor)
    form.get_by_role("button", name="Save").click()
    confirm(page, f"Let {attestor} attest and freeze holders of PART, beside you.")
    told(page, SAVED)
    assert koinon.word("CommunityToken", sold.token, "attestor") == int(attestor, 16)
    page.reload()
    form.get_by_label("Who attests beside you").fill("")
    form.get_by_role("button", name="Save").click()
    confirm(page, "Nobody beside you attests and freezes holders of PART any more.")
    told(page, SAVED)
    assert koinon.word("CommunityToken", sold.token, "attestor") == 0


def test_backer_takes_back_the_surplus_delegates_and_gives_tokens(
    page: Page, wallet: Wallet, koinon: Koinon, held: Sold
) -> None:
    backer, friend = (to_checksum_address(koinon.anvil.accounts[number]) for number in (BACKER, FRIEND))
    sit_down(page, wallet, koinon, BACKER, held.page)
    page.get_by_role("button", name="Take back 0.01 ETH sent beyond the cap").click()
    confirm(page, "Take back 0.01 ETH that you sent beyond the cap.")
    told(page, "The money is back in your wallet.")
    expect(page.get_by_role("button", name="sent beyond the cap")).to_have_count(0)
    assert koinon.word("Crowdsale", held.sale, "fundsOf", backer) == 0

    page.get_by_role("link", name="Everything about the token PART").click()
    page.locator("[data-form='crowdsale:delegate']").get_by_label("Account").fill(friend)
    page.get_by_role("button", name="Delegate votes").click()
    confirm(page, f"Let {friend} cast the votes of your PART. The tokens stay yours.")
    told(page, "Your votes count from now on.")
    assert koinon.word("CommunityToken", held.token, "delegates", backer) == int(friend, 16)
    assert koinon.word("CommunityToken", held.token, "getVotes", friend) == 20 * TOKEN

    page.reload()
    page.get_by_text("Give tokens to another wallet").click()
    form = page.locator("[data-form='crowdsale:send']")
    form.get_by_label("To which wallet?").fill(friend)
    form.get_by_label("How many PART?").fill("2,5")
    form.get_by_role("button", name="Give").click()
    confirm(page, f"Give 2.5 PART to {friend}.")
    told(page, "The tokens are with the other wallet.")
    expect(page.locator("section[aria-labelledby=holders]")).to_contain_text("17.5 PART")
    assert koinon.word("CommunityToken", held.token, "balanceOf", friend) == 5 * TOKEN // 2


def test_holders_share_income_and_who_is_frozen_takes_none(
    page: Page, wallet: Wallet, koinon: Koinon, held: Sold
) -> None:
    backer = to_checksum_address(koinon.anvil.accounts[BACKER])
    attestor = koinon.anvil.accounts[ATTESTOR]
    holder.send(held.founder, held.community, "set-attestor", token=held.token, to=attestor)
    sit_down(page, wallet, koinon, FOUNDER, f"{held.page}/token")
    page.get_by_label("Share among all holders, in ETH").fill("0.02")
    page.get_by_role("button", name="Share", exact=True).click()
    confirm(page, "Share 0.02 ETH among all who hold PART now")
    told(page, "It is shared among the holders of this moment.")
    expect(page.locator("section[aria-labelledby=income]")).to_contain_text("0.02 ETH")
    assert koinon.word("CommunityToken", held.token, "distributed") == 2 * PRICE

    sit_down(page, wallet, koinon, ATTESTOR, f"{held.page}/token")
    page.locator(f"button[data-holder='{backer.lower()}']").click()
    confirm(page, f"Freeze {backer}: it can neither send nor receive PART")
    told(page, SAVED)
    expect(page.get_by_role("button", name="Thaw")).to_have_count(1)
    assert koinon.word("CommunityToken", held.token, "holderOf", backer, index=1) == 1
    page.goto(f"{koinon.url}{held.page}/token")
    page.locator(f"button[data-holder='{backer.lower()}']").click()
    confirm(page, f"Thaw {backer}: it can send and receive PART again.")
    told(page, SAVED)
    assert koinon.word("CommunityToken", held.token, "holderOf", backer, index=1) == 0

    sit_down(page, wallet, koinon, BACKER, f"{held.page}/token")
    due = koinon.word("CommunityToken", held.token, "incomeOf", backer)
    assert 2 * PRICE - 1 <= due <= 2 * PRICE  # it is rounded down
    written = f"{Decimal(due) / TOKEN:f} ETH"
    page.get_by_role("button", name="of income").click()  # it says about how much
    confirm(page, f"Claim {written}: your part of what holders of PART have earned.")
    told(page, "The income is in your wallet.")
    expect(page.get_by_role("button", name="of income")).to_have_count(0)
    assert [koinon.word("CommunityToken", held.token, "incomeOf", backer, index=n) for n in (0, 1)] == [0, due]


def test_founder_counts_a_post_among_the_news_and_takes_it_off(
    page: Page, wallet: Wallet, koinon: Koinon, sold: Sold
) -> None:
    sold.founder.publish(sold.community, title="The bench is drawn", teaser="Oak.")
    sit_down(page, wallet, koinon, FOUNDER, sold.page)
    news = page.locator("section[aria-labelledby=news]")
    news.get_by_label("Count a post among the news").select_option(label="The bench is drawn")
    news.get_by_role("button", name="Add").click()
    told(page, "The post is among the news of the sale.")
    expect(news.get_by_role("link", name="The bench is drawn")).to_be_visible()

    page.goto(f"{koinon.url}{sold.page}")
    news.get_by_role("button", name="Take off").click()
    expect(news.get_by_text("Write a post, free or for members")).to_be_visible()
    expect(news.get_by_role("link", name="The bench is drawn")).to_have_count(0)
