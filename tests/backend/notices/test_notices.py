"""Each event is told once to whom it concerns, a reorg takes back what it undid, and mail goes to who confirmed."""

import re
from collections import Counter
from email import message_from_bytes
from email.policy import compat32, default

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlmodel import Session, select

from backend import clock
from backend.app import create_app
from backend.feed import consume, tip
from backend.jobs import Job
from backend.notices import collecting, jobs
from backend.notices.collecting import Event, tell
from backend.notices.tables import KINDS, Notice, NoticeChoice
from backend.renewals.tables import RenewalTry
from backend.worker import settle
from indexer.tables.badges import BadgeLedger
from indexer.tables.chain import Change
from indexer.tables.community import Community
from tests.backend.notices.conftest import Mailbox
from tests.factories.home import (
    BASE_URL,
    CHAIN_ID,
    COMMUNITY,
    MEMBERSHIP,
    Author,
    TestHome,
    membership_row,
)

DAY = 86_400


def notices(home: TestHome, author: Author) -> list[Notice]:
    with home.host.database.reading() as session:
        return list(session.exec(select(Notice).where(Notice.account == author.account)).all())


def member(home: TestHome, number: int, *, days: int = 300) -> Author:
    author = home.author(number)
    home.member(author, tier=1, until=clock.now() + days * DAY, token_id=number)
    return author


def answered(home: TestHome, author: Author) -> None:
    """The author's neighbour replies to a post of the owner, after the author did."""
    home.open_gate()
    post = home.publish("A post <b>of ours</b>", "Words.")
    for each in (author, member(home, 8)):
        home.reply(each, post.act, f"So it is, says {each.account}.")
    jobs.collect(home.host)


def confirmed(home: TestHome, client: TestClient, mailbox: Mailbox, address: str = "me@example.org") -> None:
    saved = client.post("/account/inbox/choices", data={"on": list(KINDS), "address": address})
    assert saved.status_code == 200, saved.text
    [link] = re.findall(r"http\S+token=\S+", mailbox.letters.pop().get_content())
    token = link.partition("token=")[2]
    assert client.get(link).status_code == 200
    assert client.post("/mail/confirm", data={"token": token}).status_code == 200


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
    for income, claimed in ((5, 0), (9, 0), (9, 9), (12, 9)):
        home.write(ledger(author, income, claimed))
        tell_badge(home)

    assert [each.params["amount"] for each in notices(home, author)] == ["5", "3"]


def test_reorg_takes_back_what_it_undid_and_never_tells_twice(home: TestHome) -> None:
    author = member(home, 7)
    home.write(ledger(author, 5, 0))
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


def test_mail_goes_once_when_final_to_a_confirmed_address(home: TestHome, mailbox: Mailbox) -> None:
    author = member(home, 7)
    client = TestClient(create_app(home.host), base_url=BASE_URL)
    client.cookies = home.client(author).cookies
    confirmed(home, client, mailbox)
    answered(home, author)
    settle(home.host)
    before = len(mailbox.letters)
    home.finalize()
    settle(home.host)
    settle(home.host)

    [letter] = mailbox.letters
    assert before == 0
    assert letter["To"] == "me@example.org"
    assert "replied after you" in letter.get_content()
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_mail_ends_by_one_click_from_anywhere(home: TestHome, mailbox: Mailbox) -> None:
    author = member(home, 7)
    client = TestClient(create_app(home.host), base_url=BASE_URL)
    client.cookies = home.client(author).cookies
    confirmed(home, client, mailbox)
    answered(home, author)
    home.finalize()
    settle(home.host)
    link = mailbox.letters.pop()["List-Unsubscribe"].strip(" <>").removeprefix(BASE_URL)

    ended = home.client().post(link, headers={"origin": "https://mail.example"})
    home.reply(member(home, 9), notices(home, author)[0].path.rpartition("/")[2], "Once more.")
    settle(home.host)

    assert ended.status_code == 200
    assert mailbox.letters == []


def test_unconfirmed_and_malformed_addresses_get_no_mail(home: TestHome, mailbox: Mailbox) -> None:
    author = member(home, 7)
    client = TestClient(create_app(home.host), base_url=BASE_URL)
    client.cookies = home.client(author).cookies
    wrong = client.post("/account/inbox/choices", data={"address": "me@example.org\r\nBcc: all@example.org"})
    client.post("/account/inbox/choices", data={"on": list(KINDS), "address": "me@example.org"})
    again = client.post("/account/inbox/choices", data={"on": list(KINDS), "address": "you@example.org"})
    mailbox.letters.clear()
    answered(home, author)
    home.finalize()
    settle(home.host)

    assert (wrong.status_code, again.status_code) == (422, 429)
    assert mailbox.letters == []
    assert client.get("/mail/confirm?token=").status_code == 404
    assert client.post("/mail/off?token=nothing").status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "=?utf-8?q?X=0AReply-To=3Aa=40evil.co=0A=0APay=20at=20evil.co?=",
        "X\n\nReply-To: a@evil.co\n\nPay at evil.co",
        "Ж =\x01?utf-8?b?WApSZXBseS1UbzogYUBldmlsLmNvCgpQYXk=?=",
    ],
)
def test_name_of_a_community_adds_no_header_and_no_line_to_mail(home: TestHome, mailbox: Mailbox, name: str) -> None:
    author = member(home, 7)
    client = TestClient(create_app(home.host), base_url=BASE_URL)
    client.cookies = home.client(author).cookies
    confirmed(home, client, mailbox)
    mailbox.taken.clear()
    rename(home, name)
    answered(home, author)
    home.finalize()
    settle(home.host)

    [taken] = mailbox.taken
    letter = message_from_bytes(taken, policy=compat32)
    assert [each for each in letter if not each.startswith("X-")] == [
        "From",
        "To",
        "Subject",
        "Date",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
        "Message-ID",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
    ]
    body = message_from_bytes(taken, policy=default).get_content()
    assert "replied after you" in body.splitlines()[0]
    assert [line for line in body.splitlines() if line.startswith(("Reply-To", "Pay"))] == []


@pytest.mark.parametrize("address", ["=?utf-8?q?a=40b.co=2C?=me@example.org", "me(you)@example.org", "[me@example.org"])
def test_address_that_is_more_than_one_is_refused(home: TestHome, mailbox: Mailbox, address: str) -> None:
    client = home.client(member(home, 7))
    client = TestClient(create_app(home.host), base_url=BASE_URL, cookies=client.cookies)

    assert client.post("/account/inbox/choices", data={"address": address}).status_code == 422
    assert mailbox.taken == []


def test_confirmation_that_could_not_be_sent_is_asked_for_again(home: TestHome, mailbox: Mailbox) -> None:
    author = member(home, 7)
    client = TestClient(create_app(home.host), base_url=BASE_URL)
    client.cookies = home.client(author).cookies
    mailbox.answers["me@example.org"] = "450 later"
    failed = client.post("/account/inbox/choices", data={"address": "me@example.org"})
    shown = client.get("/account/inbox").text
    mailbox.answers.clear()

    confirmed(home, client, mailbox)

    assert failed.status_code == 503
    assert "me@example.org" not in shown
    assert "This address has not been confirmed yet." not in client.get("/account/inbox").text


@pytest.mark.parametrize(("asked", "most"), [("Me+{}@example.org", 3), ("me{}@example.org", 10)])
def test_nobody_is_flooded_with_confirmations(home: TestHome, mailbox: Mailbox, asked: str, most: int) -> None:
    answers = []
    for number in range(most + 1):
        client = home.client(home.author(20 + number))
        client.post("/account/inbox/choices", data={"address": "no address"})
        answers.append(client.post("/account/inbox/choices", data={"address": asked.format(number)}).status_code)

    assert answers == [200] * most + [429]
    assert len(mailbox.taken) == most


def test_mails_that_are_not_taken_now_hold_up_no_other(
    home: TestHome, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MAILS_AT_ONCE", 1)
    slow, quick = home.author(7), home.author(9)
    mailbox.answers["slow@example.org"] = "450 later"
    tell_each(home, slow, "slow@example.org", 1)
    tell_each(home, quick, "quick@example.org", 1)
    settle(home.host)
    settle(home.host)
    before = [each.mail for each in notices(home, slow)]
    with home.host.database.writing() as session:
        session.execute(update(Job).values(run_at=0, attempts=jobs.MOST_TRIES - 1))
    settle(home.host)

    assert [each["To"] for each in mailbox.letters] == ["quick@example.org"]
    assert (before, [each.mail for each in notices(home, slow)]) == (["queued"], ["none"])
    assert queued(home) == []


def test_address_that_refuses_three_mails_for_good_gets_no_more(home: TestHome, mailbox: Mailbox) -> None:
    author = home.author(7)
    mailbox.answers["gone@example.org"] = "550 5.1.1 no such mailbox"
    tell_each(home, author, "gone@example.org", 4)
    settle(home.host)

    assert [each.mail for each in notices(home, author)] == ["refused"] * 3 + ["none"]
    assert queued(home) == []
    with home.host.database.reading() as session:
        assert session.exec(select(NoticeChoice.address)).all() == [""]


def test_mails_of_a_day_are_few_and_the_inbox_keeps_all(home: TestHome, mailbox: Mailbox) -> None:
    author, other = home.author(7), home.author(9)
    tell_each(home, author, "me@example.org", jobs.MAILS_A_DAY + 2)
    tell_each(home, other, "other@example.org", 1)
    settle(home.host)

    assert Counter(each["To"] for each in mailbox.letters) == {
        "me@example.org": jobs.MAILS_A_DAY,
        "other@example.org": 1,
    }
    assert Counter(each.mail for each in notices(home, author)) == {"sent": jobs.MAILS_A_DAY, "none": 2}


def tell_each(home: TestHome, author: Author, address: str, count: int) -> None:
    """So many notices for who gets mail there, all final."""
    choice = NoticeChoice(account=author.account, address=address, confirmed_at=clock.now() - 1, token=address)
    params = {"expires_at": clock.now() + DAY, "tier": "Gold"}
    events = [Event(author.account, "expiring", f"e:{n}", COMMUNITY, "/account", params) for n in range(count)]
    with home.host.database.writing() as session:
        session.add(choice)
        session.flush()
        tell(session, events, tip=tip(session, CHAIN_ID))
    home.finalize()


def queued(home: TestHome) -> list[str]:
    with home.host.database.reading() as session:
        return list(session.exec(select(Job.key).where(Job.kind == "notices.mail", Job.state != "done")).all())


def rename(home: TestHome, name: str) -> None:
    with Session(home.mirror) as session:
        session.execute(update(Community).values(name=name))
        session.commit()


def consume_chain(home: TestHome) -> None:
    with home.host.database.writing() as session:
        consumer = {"notices.chain": lambda session, changes: jobs.follow_chain(home.host, session, changes)}
        consume(session, consumer, CHAIN_ID)


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
