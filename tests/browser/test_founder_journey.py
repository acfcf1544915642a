"""A founder opens a community from three fields, offers what is free and paid, sees who stays, and withdraws."""

from playwright.sync_api import Page, expect

from scripts.member import Member
from scripts.playground.accounts import account_of
from tests.fixtures.demo import Demo

NAME = "The Lamp Room"
SECRET = "The key hangs behind the third beehive."
FRIEND, PAYER = 15, 16
"""Accounts of the demo's chain that no story uses."""


def confirm(page: Page, says: str) -> None:
    """What the wallet is asked for is what the page says; the chain has it when this returns."""
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text(says)
    dialog.get_by_role("button", name="Continue in the wallet").click()
    expect(page.locator("[data-activity]")).to_contain_text("Done")
    page.evaluate("document.querySelector('[data-activity]').replaceChildren()")


def be_the_founder(page: Page, url: str) -> None:
    """Vera has signed in anew by the demo's bar."""
    page.goto(url)
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith("/api/session")):
        page.locator("[data-persona=founder]").click()
    expect(page.locator("body[data-viewer^='0x']")).to_have_count(1)


def person(demo: Demo, index: int) -> Member:
    member = Member(demo.url, demo.rpc, account_of(index))
    member.sign_in()
    return member


def opens_it(page: Page, demo: Demo) -> str:
    """Three fields, and it is open; the address of its page."""
    page.goto(f"{demo.url}/open")
    page.get_by_label("What is it called?").fill(NAME)
    page.get_by_label("What does a membership cost?").fill("0.02")
    preview = page.locator("[data-preview]")
    expect(preview).to_contain_text(NAME)
    expect(preview).to_contain_text("0.02 ETH")
    page.get_by_role("button", name="Open it").click()
    confirm_open = page.locator("dialog[open]")
    expect(confirm_open).to_contain_text(f"Open the community {NAME}")
    expect(confirm_open).to_contain_text("0.02 ETH for a month")
    confirm_open.get_by_role("button", name="Continue in the wallet").click()
    page.wait_for_url("**/c/0x*")
    home = page.url
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    expect(page.get_by_role("heading", name="What comes next")).to_be_visible()
    assert NAME in page.request.get(home, headers={"cookie": ""}).text()  # a public page
    return home


def says_what_it_is(page: Page, demo: Demo, home: str) -> None:
    """What it is, and a free tier beside the paid one."""
    community = home.rpartition("/")[2]
    page.get_by_role("link", name="Write it").click()
    page.get_by_label("In one line").fill("Where lamps are mended.")
    page.get_by_role("radio", name="Look 5").check()
    page.get_by_role("button", name="Sign and save").click()
    page.wait_for_url(home)
    cover = f"{demo.url}/art/cover/{community}.svg"
    assert page.request.get(cover).text() == page.request.get(f"{cover}?look=4").text()
    expect(page.get_by_text("Where lamps are mended.")).to_be_visible()
    page.goto(f"{home}/manage/tiers")
    form = page.locator("[data-form='tending:create']")
    form.get_by_label("Name").fill("Reader")
    form.get_by_label("Price in ETH").fill("0")
    form.get_by_label("For", exact=False).last.select_option("31536000")
    form.get_by_role("button", name="Add the tier").click()
    confirm(page, "Add the tier Reader")
    expect(page.locator("[data-tier='2'] h2")).to_contain_text("Reader")


def raises_the_price(page: Page) -> None:
    """A rise is announced with its day; who is a member pays the old price until then."""
    paid = page.locator("article[data-tier='1']")
    paid.get_by_text("Price", exact=True).click()
    paid.get_by_label("New price in ETH").fill("0,03")
    paid.get_by_role("button", name="Set the price").click()
    confirm(page, "0.03 ETH for new members from now on")
    expect(paid).to_contain_text("pays 0.02 ETH until")


def publishes(page: Page, home: str) -> None:
    """First posts: one for everybody, one for members, looked at before."""
    page.goto(f"{home}/recovery")
    page.get_by_role("button", name="Make two keys").click()
    for name in ("Save key 1", "Save key 2"):
        with page.expect_download():
            page.get_by_role("button", name=name).click()
    page.get_by_role("button", name="Sign and finish").click()
    page.get_by_role("main").get_by_role("link", name="Write a post").click()
    page.get_by_label("Title").fill("Come in")
    page.get_by_label("For everybody", exact=True).fill("The **door** is open.")
    page.get_by_role("button", name="Preview").first.click()
    expect(page.locator("#text-preview strong")).to_have_text("door")
    page.get_by_role("button", name="Go on writing").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Come in")
    page.goto(f"{home}/write")
    page.get_by_label("Title").fill("For those inside")
    page.get_by_role("radio", name="The beginning for everybody").check()
    page.get_by_label("For members", exact=True).fill(SECRET)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    page.goto(f"{page.url}?as=outsider")
    expect(page.get_by_role("heading", name="The rest is for members")).to_be_visible()
    assert SECRET not in page.content()


def gives_a_membership(page: Page, home: str) -> None:
    """Somebody is given a membership."""
    friend = account_of(FRIEND).address
    page.goto(f"{home}/manage/people")
    expect(page.locator("[data-person]")).to_have_count(1)
    page.get_by_label("To whom?").fill(f"{friend}, Reader, 90\nnobody, Reader, 90")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_text("no address: 0x")).to_be_visible()
    page.get_by_role("button", name="Give one membership").click()
    confirm(page, "Give 1 wallet a membership")
    expect(page.locator("[data-person]")).to_have_count(2)


def signs_a_coupon(page: Page, home: str) -> None:
    """A coupon costs nothing to sign, and can be withdrawn."""
    page.goto(f"{home}/manage/vouchers")
    page.get_by_label("Off the price, %").fill("25")
    page.get_by_label("Note to yourself").fill("Spring fair")
    page.get_by_role("button", name="Sign it").click()
    expect(page.locator("[data-voucher]")).to_contain_text("25% off the first payment")
    page.get_by_role("button", name="Withdraw").click()
    confirm(page, "nobody can use it any more")
    expect(page.locator("li[data-voucher]")).to_contain_text("withdrawn")


def sees_and_withdraws(page: Page, home: str) -> None:
    """Who stays, what is earned, and it is taken."""
    page.goto(f"{home}/manage")
    expect(page.locator(".numbers")).to_contain_text("2")
    expect(page.locator("[data-sum=paid]")).to_have_text("0.03 ETH")
    page.get_by_role("button", name="Book it").click()
    confirm(page, "Book what time has earned on 1 membership")
    page.get_by_role("button", name="Collect").first.click()
    confirm(page, "that the memberships of The Lamp Room have earned for you")
    expect(page.locator("[data-sum=withdrawn]")).not_to_have_text("0 ETH")
    earned = page.locator("[data-sum=withdrawn]").inner_text()
    page.goto(f"{home}/manage/money")
    expect(page.locator("#paid")).to_be_visible()
    expect(page.get_by_text(earned)).to_be_visible()


def test_a_founder_opens_offers_publishes_grants_sees_and_withdraws(page: Page, demo: Demo) -> None:
    be_the_founder(page, demo.url)
    home = opens_it(page, demo)
    says_what_it_is(page, demo, home)
    raises_the_price(page)
    publishes(page, home)
    payer = person(demo, PAYER)
    payer.join(home.rpartition("/")[2], tier_id=1)
    payer.close()
    gives_a_membership(page, home)
    signs_a_coupon(page, home)
    with_node(demo, days=15)
    be_the_founder(page, home)
    sees_and_withdraws(page, home)


def with_node(demo: Demo, *, days: int) -> None:
    """The chain's clock is so much later."""
    assert demo.post("/demo/jump", {"days": days}).ok
