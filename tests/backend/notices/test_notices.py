"""Each event is told once to whom it concerns, and a reorg takes back what it undid."""

import re
from collections import Counter
from functools import partial
from typing import Any

import pytest
from sqlmodel import Session, select

from backend import clock
from backend.feed import consume
from backend.notices import collecting, jobs
from backend.renewals.tables import RenewalTry
from indexer.tables.badges import BadgeLedger
from indexer.tables.chain import Change
from tests.backend.notices.conftest import DAY, answered, member, notices
from tests.factories.home import (
    CHAIN_ID,
    COMMUNITY,
    MEMBERSHIP,
    Author,
    TestHome,
    membership_row,
)
from tests.factories.sales import COIN, contribution_row, sale_rows


def test_reply_is_told_once_to_the_author_and_to_those_who_spoke_before(home: TestHome) -> None:
    author = member(home, 7)
    answered(home, author)
    jobs.collect(home.host)

    told = [(each.kind, each.params["own"]) for each in notices(home, author)]
    assert told == [("reply", False)]
    assert [each.params["own"] for each in notices(home, home.owner)] == [True, True]


def test_inbox_shows_notices_as_sentences_and_forgets_none_that_is_unread(home: TestHome) -> None:
    author = member(home, 7)
    answered(home, author)
    client = home.client(author)

    page = client.get("/account/inbox").text
    before = client.get("/api/notices/unread").json()
    client.post("/account/inbox/read")

    assert "replied after you to “A post &lt;b&gt;of ours&lt;/b&gt;” in The Test." in page
    assert (before, client.get("/api/notices/unread").json()) == ({"unread": 1}, {"unread": 0})
    assert [each["unread"] for each in client.get("/api/notices").json()] == [False]
    assert client.get("/api/notices", headers={"cookie": ""}).status_code in (200, 401)
    assert home.client().get("/api/notices").status_code == 401
    assert "You are not signed in" in home.client().get("/account/inbox").text


def test_expiring_membership_is_told_once_three_days_before(home: TestHome) -> None:
    jobs.collect(home.host)
    soon, later = member(home, 7, days=2), member(home, 9, days=30)
    home.mine(at=clock.now() + DAY)
    jobs.collect(home.host)
    jobs.collect(home.host)

    assert [each.kind for each in notices(home, soon)] == ["expiring"] or not notices(home, soon)
    assert notices(home, later) == []
    home.mine(at=clock.now() + 28 * DAY)
    jobs.collect(home.host)
    jobs.collect(home.host)
    assert [each.kind for each in notices(home, later)] == ["expiring"]


def test_failed_renewal_is_told_with_its_reason_if_the_member_can_mend_it(home: TestHome) -> None:
    author = member(home, 7)
    for reason in ("node-away", "balance-too-low", "balance-too-low"):
        with home.host.database.writing() as session:
            session.merge(failed(author, reason))
        jobs.collect(home.host)

    [notice] = notices(home, author)
    assert (notice.kind, notice.params["reason"], notice.path) == (
        "renewal-failed",
        "balance-too-low",
        "/account/renewals",
    )


def test_more_than_a_page_in_one_second_is_told_whole(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "AT_ONCE", 2)
    author, now = home.author(7), clock.now()
    for number in range(5):
        home.write(membership_row(number, author.account, 1, now + DAY + number // 4, home.head))
        with home.host.database.writing() as session:
            session.merge(failed(author, "balance-too-low", token_id=number, at=now + number // 4))
    for _ in range(3):
        jobs.collect(home.host)

    assert Counter(each.kind for each in notices(home, author)) == {"expiring": 5, "renewal-failed": 5}


def test_income_is_told_once_until_it_is_claimed(home: TestHome) -> None:
    author = member(home, 7)
    for income, claimed in ((5 * COIN, 0), (9 * COIN, 0), (9 * COIN, 9 * COIN), (12 * COIN, 9 * COIN)):
        home.write(ledger(author, income, claimed))
        tell_badge(home)

    assert [each.params["amount"] for each in notices(home, author)] == [str(5 * COIN), str(3 * COIN)]


def test_reorg_takes_back_what_it_undid_and_never_tells_twice(home: TestHome) -> None:
    author = member(home, 7)
    home.write(ledger(author, 5 * COIN, 0))
    tell_badge(home)
    home.change("block", block=home.head, removed=True)
    consume_chain(home)
    undone = notices(home, author)
    tell_badge(home)
    tell_badge(home)

    assert undone == []
    assert len(notices(home, author)) == 1


def test_kinds_that_are_switched_off_are_not_told(home: TestHome) -> None:
    author = member(home, 7)
    client = home.client(author)
    client.post("/account/inbox/choices", data={"on": ["income"]})
    answered(home, author)

    assert notices(home, author) == []


def told_of_sale(home: TestHome, author: Author) -> list[str]:
    page = home.client(author).get("/account/inbox").text
    return list(re.findall(r'data-notice="sale-ended">.*?<a href="/account/inbox/\d+">([^<]*)</a>', page, re.DOTALL))


def test_each_turn_of_a_sale_tells_backers_and_founder_what_to_do(home: TestHome) -> None:
    backer, founder, now = home.author(7), home.owner, clock.now()
    jobs.collect(home.host)
    sale: dict[str, Any] = {"founder": founder.account, "raised": 12 * COIN, "ends_at": now + DAY}
    home.write(*sale_rows(at=now, **sale), contribution_row(backer.account, 12 * COIN))
    home.mine(at=now + DAY)
    jobs.collect(home.host)
    named = "The crowdsale “Bench Token” of The Test has ended and reached its goal: 12 ETH."

    assert told_of_sale(home, backer) == [f"{named} Once it is finalized, claim there what you paid for."]
    assert told_of_sale(home, founder) == [f"{named} Finalize it, so that its schedule begins."]

    sale["finalized_at"] = now + 2 * DAY
    home.write(*sale_rows(at=now, **sale))
    home.mine(at=now + 2 * DAY)
    jobs.collect(home.host)
    assert "is finalized. Claim there what you paid for." in told_of_sale(home, backer)[0]
    assert len(told_of_sale(home, founder)) == 1

    home.write(*sale_rows(at=now, **sale, stopped_at=now + 3 * DAY, unreleased=9 * COIN))
    home.mine(at=now + 3 * DAY)
    for _ in range(2):
        jobs.collect(home.host)
    stopped = "The crowdsale “Bench Token” of The Test was stopped"
    assert told_of_sale(home, backer)[0] == f"{stopped}. 9 ETH was not released: take your part back there."
    assert told_of_sale(home, founder)[0].startswith(f"{stopped} by its contributors: 9 ETH goes back to them")
    assert len(told_of_sale(home, backer)) == 3


def test_a_stop_that_a_reorg_moved_is_told_again(home: TestHome) -> None:
    backer, now = home.author(7), clock.now()
    jobs.collect(home.host)
    stopped = sale_rows(at=now, raised=12 * COIN, finalized_at=1, stopped_at=now + 60, unreleased=COIN)
    home.write(*stopped, contribution_row(backer.account, 12 * COIN))
    home.mine(at=now + 60)
    jobs.collect(home.host)
    before = len(told_of_sale(home, backer))

    home.change("block", block=home.head, removed=True)
    consume_chain(home)
    taken_back = len(told_of_sale(home, backer))
    jobs.collect(home.host)

    assert (before, taken_back, len(told_of_sale(home, backer))) == (1, 0, 1)


def test_what_the_clock_brought_is_told_again_when_a_reorg_took_it_back(home: TestHome) -> None:
    author = member(home, 7, days=4)
    jobs.collect(home.host)
    home.mine(at=clock.now() + DAY + DAY // 2)
    jobs.collect(home.host)
    before = len(notices(home, author))

    home.change("block", block=home.head, removed=True)
    consume_chain(home)
    taken_back = len(notices(home, author))
    jobs.collect(home.host)

    assert (before, taken_back, len(notices(home, author))) == (1, 0, 1)


def consume_chain(home: TestHome) -> None:
    with home.host.database.writing() as session:
        consume(session, "notices.chain", partial(jobs.follow_chain, home.host), CHAIN_ID)


def tell_badge(home: TestHome) -> None:
    with Session(home.mirror) as session:
        seq = len(session.exec(select(Change)).all()) + 1
        ids: dict[str, object] = {"community": COMMUNITY, "contract": MEMBERSHIP, "badge": 7}
        session.add(Change(chain_id=CHAIN_ID, seq=seq, block_number=home.head, kind="badge", ids=ids, removed=False))
        session.commit()
    consume_chain(home)


def ledger(author: Author, income: int, claimed: int) -> BadgeLedger:
    return BadgeLedger(
        chain_id=CHAIN_ID,
        contract=MEMBERSHIP,
        badge=7,
        owner=author.account,
        transfer_count=0,
        income=income,
        claimed=claimed,
        volume=0,
        counted=0,
        level=0,
        version=0,
        used=True,
        minted=False,
        block_number=1,
    )


def failed(author: Author, reason: str, *, token_id: int = 7, at: int | None = None) -> RenewalTry:
    return RenewalTry(
        chain_id=CHAIN_ID,
        contract=MEMBERSHIP,
        token_id=token_id,
        community=COMMUNITY,
        holder=author.account,
        tier_id=1,
        expires_at=clock.now() // DAY * DAY,  # of one membership, whenever this row is made
        reason=reason,
        price=10**16,
        tried_at=clock.now() if at is None else at,
        next_at=0,
    )
