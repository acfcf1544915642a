"""What accounts choose to hear: kinds, a mail address that was confirmed, and the end of all mail; what they saw."""

import re
import secrets
from collections.abc import Collection

from sqlalchemy import select, update
from sqlmodel import Session, col

from backend import clock
from backend.db import Database
from backend.identity.limits import Allowance, spend
from backend.notices.tables import KINDS, NO_MAIL, UNSENT, Notice, NoticeChoice
from backend.problems import Malformed, NotFound, TooMuch

AGAIN_SECONDS = 300
"""Between two confirmations that one account asks for: nobody's mailbox is filled by it."""
ADDRESS = re.compile(
    r"(?!.*=\?)[^@\s\x00-\x1f\x7f<>()\[\]\"',;:\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250})\.[A-Za-z0-9-]{2,63}"
)
"""One address and nothing else in a header: no list, no comment, no encoded word."""

ASKED_ADDRESS = Allowance("mail-address", most=3, seconds=86_400)
"""Confirmations to one mailbox, whoever asks for them."""
ASKED_NETWORK = Allowance("mail-network", most=10, seconds=3_600)
ASKED_ACCOUNT = Allowance("mail-account", most=2, seconds=AGAIN_SECONDS)
"""Also when it asks many times at once, before one is sent; the second is for a mail that could not be sent."""


def ask(database: Database, account: str, *, address: str, network: str, at: int) -> str | None:
    """The token of the confirmation that this address needs, counted before it is sent; None: it needs none.

    Raises Malformed, TooMuch.
    """
    if address and not ADDRESS.fullmatch(address):
        raise Malformed("This is no e-mail address.", reason="address")
    with database.reading() as session:
        row = session.get(NoticeChoice, account)
    if not address or (row is not None and row.address == address):
        return None
    if row is not None and at - row.asked_at < AGAIN_SECONDS:
        raise TooMuch("Please wait a little.", retry_after=row.asked_at + AGAIN_SECONDS - at)
    spend(database, ASKED_ACCOUNT, who=account, at=at)
    spend(database, ASKED_NETWORK, who=network, at=at)
    spend(database, ASKED_ADDRESS, who=_mailbox(address), at=at)
    return secrets.token_urlsafe(24)


def choose(
    session: Session, account: str, *, on: Collection[str], address: str, token: str | None, language: str, at: int
) -> None:
    """The account's choice is this. `token`: of the confirmation that has been sent to a new address."""
    row = session.get(NoticeChoice, account)
    if row is None:
        row = NoticeChoice(account=account)
        session.add(row)
    row.off, row.language = [kind for kind in KINDS if kind not in on], language
    if token is not None:
        row.address, row.confirmed_at, row.token, row.asked_at = address, None, token, at
    elif not address:
        forget_address(session, row)
        row.token = ""


def confirm(session: Session, token: str, *, at: int) -> None:
    """Mail goes to this address from now on. Raises NotFound."""
    row = by_token(session, token)
    if row.address and row.confirmed_at is None:
        row.confirmed_at = at


def end_mail(session: Session, token: str) -> None:
    """No more mail goes there, and none of what waits. Raises NotFound."""
    forget_address(session, by_token(session, token))


def forget_address(session: Session, row: NoticeChoice) -> None:
    """The account has no address, and what waits is not mailed."""
    row.address, row.confirmed_at = "", None
    waiting = update(Notice).where(col(Notice.account) == row.account, col(Notice.mail).in_(UNSENT))
    session.execute(waiting.values(mail=NO_MAIL))


def mark_one(session: Session, chain_id: int, account: str, notice_id: int) -> str:
    """The account has seen this notice; gives the page that it is about. Raises NotFound."""
    row = session.get(Notice, notice_id)
    if row is None or row.account != account or row.chain_id != chain_id:
        raise NotFound("There is no such notice.")
    row.read_at = row.read_at or clock.now()
    return row.path


def mark_read(session: Session, chain_id: int, account: str) -> None:
    """All notices of the account have been seen."""
    mine = (col(Notice.chain_id) == chain_id, col(Notice.account) == account, col(Notice.read_at).is_(None))
    session.execute(update(Notice).where(*mine).values(read_at=clock.now()))


def by_token(session: Session, token: str) -> NoticeChoice:
    """Raises NotFound: a link works until the address changes."""
    found = select(NoticeChoice).where(col(NoticeChoice.token) == token, col(NoticeChoice.token) != "")
    row: NoticeChoice | None = session.execute(found).scalar_one_or_none()
    if row is None:
        raise NotFound("This link does not work any more.")
    return row


def _mailbox(address: str) -> str:
    """Where its mail arrives: mostly in one mailbox, in whatever case and with whatever tag it is written."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
