"""Mail goes once to who confirmed an address, holds no word but ours and no line of others, and ends by one click."""

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
from backend.feed import tip
from backend.jobs import Job
from backend.notices import jobs
from backend.notices.collecting import Event, tell
from backend.notices.tables import KINDS, NoticeChoice
from backend.worker import settle
from indexer.tables.community import Community
from tests.backend.notices.conftest import DAY, Mailbox, answered, member, notices
from tests.factories.home import (
    BASE_URL,
    CHAIN_ID,
    COMMUNITY,
    Author,
    TestHome,
)


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
    home.reply(member(home, 9), notices(home, author)[0].path.rpartition("/")[2].partition("#")[0], "Once more.")
    settle(home.host)

    assert ended.status_code == 200
    assert mailbox.letters == []


def test_link_without_its_token_works_for_nobody(home: TestHome, mailbox: Mailbox) -> None:
    for number in (7, 9):
        client = home.client(member(home, number))
        client.post("/account/inbox/choices", data={"on": ["reply"]}, follow_redirects=False)

    visitor = home.client()
    asked = [visitor.get(path) for path in ("/mail/off", "/mail/off?token=", "/mail/confirm?token=")]
    ended = [visitor.post("/mail/off"), visitor.post("/mail/off?token=")]

    assert {answer.status_code for answer in (*asked, *ended)} == {404}


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


def confirmed(home: TestHome, client: TestClient, mailbox: Mailbox, address: str = "me@example.org") -> None:
    saved = client.post("/account/inbox/choices", data={"on": list(KINDS), "address": address})
    assert saved.status_code == 200, saved.text
    [link] = re.findall(r"http\S+token=\S+", mailbox.letters.pop().get_content())
    token = link.partition("token=")[2]
    assert client.get(link).status_code == 200
    assert client.post("/mail/confirm", data={"token": token}).status_code == 200


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
