"""Pages of sales: every state says what is so and what to do next; nobody sees or does what is the owner's."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from backend import clock
from tests.factories.home import COMMUNITY, TestHome
from tests.factories.sales import (
    COIN,
    DAY,
    SALE,
    STEPS,
    TOKEN,
    contribution_row,
    holder_row,
    payment_row,
    sale_rows,
    token_row,
)

PAGE = f"/c/{COMMUNITY}/sales/{SALE}"
MANAGE = f"/c/{COMMUNITY}/manage/sales"
PARTS = [f"/fragments{PAGE}/{part}" for part in ("progress", "mine", "terms", "story")]
HOSTILE = '"><script>alert(1)</script>'
TERMS: dict[str, Any] = {
    "salt": "0x" + "01" * 32,
    "asset": "utility",
    "starts_at": 0,
    "ends_at": 2_000_000_000,
    "goal": str(COIN),
    "steps": [{"up_to": str(2 * COIN), "price": str(10**16)}],
    "cliff_seconds": 30 * DAY,
    "vesting_seconds": 300 * DAY,
    "stop_threshold_bps": 3_000,
    "token_name": "Bench Token",
    "token_symbol": "BENCH",
}


@pytest.fixture
def backer(home: TestHome) -> TestClient:
    """Somebody who contributed 9 coins."""
    author = home.author(2)
    home.write(token_row(), contribution_row(author.account, 9 * COIN), payment_row(author.account, 9 * COIN))
    return home.client(author)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"starts_at": 2**33}, "It is not open yet."),
        ({"raised": 9 * COIN}, "1 ETH to go."),
        ({"raised": 12 * COIN}, "The goal is reached, and more is welcome."),
        ({"raised": 9 * COIN, "ends_at": 2}, "Take back 9 ETH"),
        ({"raised": 12 * COIN, "ends_at": 2}, 'data-action="crowdsale:finalize"'),
        ({"raised": 9 * COIN, "finalized_at": 1}, "Claim 900 BENCH"),
        ({"raised": 9 * COIN, "finalized_at": 1, "stopped_at": 2, "unreleased": COIN}, "Its contributors stopped it."),
    ],
)
def test_every_state_says_what_comes_next(
    home: TestHome, backer: TestClient, changes: dict[str, Any], words: str
) -> None:
    home.write(*sale_rows(at=clock.now(), **changes))

    page = backer.get(PAGE)

    assert page.status_code == 200
    assert words in page.text
    assert all(backer.get(part).status_code == 200 for part in PARTS)
    assert any(words in backer.get(part).text for part in PARTS)


def test_a_sale_of_memberships_says_how_long_a_period_is_and_has_no_schedule(
    home: TestHome, backer: TestClient
) -> None:
    of_periods: dict[str, Any] = {"asset": 0, "tier_id": 1, "token": "0x" + "00" * 20}
    home.write(*sale_rows(at=clock.now(), **of_periods))
    assert "One period makes you “Tier 1” for a month." in backer.get(PAGE).text

    home.write(*sale_rows(at=clock.now(), raised=STEPS[-1][0], **of_periods))
    page = backer.get(PAGE).text
    assert "and then everybody can claim" in page
    assert "begins the schedule" not in page
    assert "Would have ended" in page


MILLI = COIN // 1000
STORY: dict[str, Any] = {
    "raised": 600 * MILLI,
    "tier_money": 30 * MILLI,
    "goal": 300 * MILLI,
    "steps": ((COIN, MILLI),),
    "tier_id": 1,
    "tier_periods": 1,
    "tier_price": 10 * MILLI,
    "tier_threshold": 100 * MILLI,
    "stop_threshold_bps": 3_300,
    "cliff_seconds": 0,
    "vesting_seconds": 60 * DAY,
}
"""A sale that raised 0.6 of which three memberships take 0.01 each."""


def backers(home: TestHome) -> list[TestClient]:
    """Those who gave 0.3, 0.2 and 0.1."""
    people = [home.author(number) for number in (2, 3, 4)]
    amounts = [300 * MILLI, 200 * MILLI, 100 * MILLI]
    for author, amount in zip(people, amounts, strict=True):
        home.write(contribution_row(author.account, amount, bought=amount * 1000, tier=True))
    return [home.client(author) for author in people]


def plain(page: str) -> str:
    """What a page says, without the marks of its words."""
    return re.sub(r"<[^>]+>", "", page)


def test_what_memberships_take_is_said_wherever_it_lacks(home: TestHome) -> None:
    now = clock.now()
    home.write(*sale_rows(at=now, finalized_at=now - 10 * DAY, **STORY), token_row())

    page = plain(backers(home)[2].get(PAGE).text)

    assert "It is for 0.57 ETH: the other 0.03 ETH of what was raised pays for memberships." in page
    assert "Of it for your membership0.01 ETH" in page
    assert "of the ≈ 0.1881 ETH that it takes" in page
    assert "That is more than 33% of 0.57 ETH, the weight of all who can vote." in page
    assert "your vote weighs 0.09 ETH and is for good. It is what you contributed without" in page


def test_a_vote_that_is_enough_says_that_it_stops_the_sale(home: TestHome) -> None:
    now = clock.now()
    home.write(*sale_rows(at=now, finalized_at=now - 10 * DAY, **STORY), token_row())
    large, middle, small = (client.get(PAGE).text for client in backers(home))

    assert "Your vote is enough: it stops the sale at once." in large
    assert re.search(r"≈ 0\.2416\d* ETH comes back to you\.", plain(large))  # 0.29 of which 50 of 60 days are left
    assert "data-stops" in middle  # 0.19 of more than 0.1881
    assert "data-stops" not in small
    assert "Your vote is enough" not in small


def test_after_a_stop_only_what_had_vested_is_promised(home: TestHome) -> None:
    now = clock.now()
    times: dict[str, Any] = {"finalized_at": now - 20 * DAY, "stopped_at": now - 10 * DAY, "unreleased": 475 * MILLI}
    home.write(*sale_rows(at=now, **times, **STORY), token_row())
    large, middle, _ = (client.get(PAGE).text for client in backers(home))

    assert 'title="48.333333333333333333 BENCH"' in large
    assert re.search(r"≈ 48\.33+ BENCH of 290 BENCH", plain(large))
    assert re.search(r"≈ 31\.66+ BENCH", plain(middle))
    schedule = large.partition('id="schedule"')[2].partition("</table>")[0]
    assert "16.66%" in schedule
    assert "100%</td>" not in schedule
    assert "50%" not in schedule


def test_a_release_is_offered_to_the_owner_once_it_is_worth_its_fee(home: TestHome) -> None:
    now = clock.now()
    owner, backer = home.client(home.owner), backers(home)[0]
    offered = []
    for seconds in (60, DAY):
        home.write(*sale_rows(at=now, finalized_at=now - seconds, **STORY), token_row())
        pages = [client.get(PAGE).text for client in (owner, backer)] + [owner.get(MANAGE).text]
        pages.append(owner.get(f"/c/{COMMUNITY}/manage/money").text)
        offered.append(["crowdsale:release" in page for page in pages])

    assert offered == [[False] * 4, [True, False, True, True]]


def test_a_paid_membership_that_waits_is_named_where_memberships_are(home: TestHome) -> None:
    now = clock.now()
    home.write(*sale_rows(at=now, finalized_at=now - DAY, **STORY), token_row())
    first = backers(home)[0]
    page = f"/c/{COMMUNITY}/membership"

    assert "1 period of membership that you paid for waits in a crowdsale." in first.get(page).text
    assert PAGE in first.get(page).text
    assert "waits in a crowdsale" not in home.client(home.author(5)).get(page).text
    claimed = contribution_row(home.author(2).account, 300 * MILLI, tier=True, claimed_periods=1)
    home.write(claimed)
    assert "waits in a crowdsale" not in first.get(page).text


def test_the_front_page_names_only_sales_that_are_open(home: TestHome) -> None:
    front, client = f"/c/{COMMUNITY}", home.client()

    states: list[tuple[dict[str, Any], bool]] = [({}, True), ({"raised": 100 * COIN}, False), ({"ends_at": 2}, False)]
    for changes, named in states:
        home.write(*sale_rows(at=clock.now(), **changes))
        assert (f'href="{PAGE}">Bench Token</a>' in client.get(front).text) is named


def test_a_visitor_reads_everything_and_is_asked_to_sign_in_for_its_part(home: TestHome) -> None:
    home.write(*sale_rows(at=clock.now()), token_row())
    client = home.client()

    page = client.get(PAGE).text

    assert "What you get" in page
    assert "With more than 30% of the weight it is stopped" in page
    assert re.search(r'class="mark-goal">Goal: [0-9]', page)
    assert re.search(r"<span>At most: [0-9]", page)
    assert "Sign in to see what you contributed here" in page
    assert "Bench Token" in client.get(f"/c/{COMMUNITY}/sales").text
    assert "Nobody holds any yet" in client.get(f"{PAGE}/token").text


def test_the_list_tells_who_is_on_it(home: TestHome) -> None:
    listed, other = home.author(2), home.author(3)
    owner = home.client(home.owner)
    answer = owner.post(f"/api/communities/{COMMUNITY}/sales/allow-lists", json={"accounts": [listed.account]})
    home.write(*sale_rows(at=clock.now(), allow_root=answer.json()["root"]))

    assert "the proof is found for you" in home.client(listed).get(PAGE).text
    assert "Your wallet is not on the list of this sale." in home.client(other).get(PAGE).text


def test_names_of_tokens_are_defused(home: TestHome) -> None:
    home.write(*sale_rows(at=clock.now(), token_name=HOSTILE, token_symbol=HOSTILE), token_row(name=HOSTILE))
    client = home.client()

    for path in (PAGE, f"{PAGE}/token", f"/c/{COMMUNITY}/sales", *PARTS):
        assert "<script>alert" not in client.get(path).text


@pytest.mark.parametrize("path", [MANAGE, f"{MANAGE}/new"])
def test_running_sales_is_the_owners(home: TestHome, path: str) -> None:
    home.write(*sale_rows(at=clock.now(), raised=100 * COIN))

    assert home.client().get(path).status_code == 401
    assert home.client(home.author(2)).get(path).status_code == 403
    assert home.client(home.owner).get(path).status_code == 200


def test_the_preview_is_what_contributors_will_read(home: TestHome) -> None:
    path = f"/fragments{MANAGE}/preview"
    owner = home.client(home.owner)

    said = {"title": "A new oven", "purpose": "It *bakes*."}
    preview = owner.post(path, json={**TERMS, "token_name": HOSTILE, **said})

    assert preview.status_code == 200
    assert "200 BENCH" in preview.text
    assert "A new oven" in preview.text
    assert "<em>bakes</em>" in preview.text
    assert "<script>alert" not in preview.text
    assert owner.post(path, json={**TERMS, "steps": []}).status_code == 422
    assert home.client(home.author(2)).post(path, json=TERMS).status_code == 403
    assert home.client().post(path, json=TERMS).status_code == 401


def test_the_token_page_shows_holders_and_lets_only_the_attestor_attest(home: TestHome) -> None:
    attestor, holder = home.author(2), home.author(3)
    home.write(
        *sale_rows(at=clock.now(), asset=2, raised=20 * COIN, finalized_at=1),
        token_row(restricted=True, attestor=attestor.account, supply=COIN),
        holder_row(holder.account, COIN, frozen=True),
    )

    theirs = home.client(holder).get(f"{PAGE}/token").text

    assert "Your tokens are frozen" in theirs
    assert 'data-form="crowdsale:attest"' not in theirs
    assert 'data-form="crowdsale:attest"' in home.client(attestor).get(f"{PAGE}/token").text
    assert 'data-form="crowdsale:set-attestor"' not in home.client(attestor).get(f"{PAGE}/token").text
    assert 'data-form="crowdsale:set-attestor"' in home.client(home.owner).get(f"{PAGE}/token").text
    assert home.client().get(f"/fragments/c/{COMMUNITY}/sale-tokens/{SALE}").status_code == 200


@pytest.mark.parametrize("path", [f"/c/{COMMUNITY}/sales/{TOKEN}", f"{PAGE}/token", f"/c/{COMMUNITY}/sales/0x12"])
def test_what_is_not_there_is_not_found(home: TestHome, path: str) -> None:
    assert home.client().get(path).status_code in (404, 422)


def test_pages_need_as_few_questions_for_many_sales_as_for_one(home: TestHome) -> None:
    client = home.client()
    asked: list[str] = []
    event.listen(home.host.database.engine, "before_cursor_execute", lambda *details: asked.append(details[2]))

    def questions(count: int) -> int:
        for number in range(count):
            home.write(*sale_rows(at=clock.now(), address=f"0x{number:040x}"))
        asked.clear()
        assert client.get(f"/c/{COMMUNITY}/sales").status_code == 200
        return len(asked)

    assert questions(1) == questions(15)
