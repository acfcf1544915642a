"""A home whose mails go to a real SMTP server, which keeps them; who hears of what there."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from sqlmodel import select

from backend import clock
from backend.notices import jobs
from backend.notices.tables import Notice
from scripts.playground.ports import free_port
from tests.factories.home import Author, TestHome

DAY = 86_400


class Mailbox(Message):
    """What the mail server took."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[EmailMessage] = []
        self.taken: list[bytes] = []
        self.answers: dict[str, str] = {}
        """To recipients who get no mail."""

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address not in self.answers:
            envelope.rcpt_tos.append(address)
        return self.answers.get(address, "250 OK")

    def prepare_message(self, session: Any, envelope: Any) -> Any:
        self.taken.append(envelope.content)
        return super().prepare_message(session, envelope)

    def handle_message(self, message: Any) -> None:
        self.letters.append(message_from_bytes(message.as_bytes(), policy=default))


@pytest.fixture
def mailbox(home: TestHome) -> Iterator[Mailbox]:
    """The home sends mail by a real server."""
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port(0))
    server.start()
    url = f"smtp://127.0.0.1:{server.port}"
    home.host = replace(home.host, settings=home.host.settings.model_copy(update={"smtp": url}))
    yield box
    server.stop()


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
