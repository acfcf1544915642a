"""Collects notices, takes back what a reorg undid, and sends the mail of what is final."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from backend import clock
from backend.feed import MirrorStale, Tip, tip
from backend.host import Host
from backend.jobs import Job, enqueue
from backend.log.tables import LogRecord
from backend.market.queries import NoMarket, market_of
from backend.notices.choosing import forget_address
from backend.notices.collecting import (
    DAY_SECONDS,
    expiring,
    failed_renewals,
    look_again,
    replies,
    tell,
    turned_sales,
)
from backend.notices.mail import AddressRefused, MailFailed, MailRefused, letter, send
from backend.notices.tables import (
    NO_MAIL,
    OFF_CHAIN,
    QUEUED,
    REFUSED,
    REPLY,
    SENDING,
    SENT,
    UNSENT,
    WAITING,
    Notice,
    NoticeChoice,
)
from backend.notices.trading import ended_listings, of_badges, offers, trades
from indexer.tables.chain import Change
from indexer.tables.community import Community

MAILS_AT_ONCE = 50
MAILS_A_DAY = 20
"""To one account, of what happened within a day; the inbox has all."""
MOST_TRIES = 24
"""Of a mail that the server does not take now: about a day."""
MOST_REFUSALS = 3
"""Of an address, in a row and for good, before it gets no more mail."""


def collect(host: Host) -> bool:
    """Chore: what happened in the log, by the clock and at the keeper is told. True when there was anything."""
    chain_id = host.settings.chain_id
    with host.database.writing() as session:
        try:
            newest = tip(session, chain_id)
        except MirrorStale:
            return False
        sources = (replies, expiring, failed_renewals, turned_sales)
        events = [event for source in sources for event in source(session, newest)]
        with suppress(NoMarket):
            market = market_of(host.settings)
            events += [*offers(session, newest, market), *ended_listings(session, newest, market)]
        told = tell(session, events, tip=newest)
        _schedule_mail(host, session, newest)
    return told > 0


def follow_chain(host: Host, session: Session, changes: Sequence[Change]) -> None:
    """Consumer: what happened to badges is told, and what a reorg undid is taken back, unless its mail has gone."""
    chain_id = host.settings.chain_id
    undone = [change.block_number for change in changes if change.removed]
    if undone:
        taken_back = delete(Notice).where(
            col(Notice.chain_id) == chain_id,
            col(Notice.block_number) >= min(undone),
            col(Notice.kind).not_in(OFF_CHAIN),  # what a reorg forbids of the log is judged again, before mailing
            col(Notice.mail).in_([NO_MAIL, *UNSENT]),
        )
        session.execute(taken_back)
        look_again(session, chain_id)
    newest = tip(session, chain_id)
    tell(session, [*of_badges(session, newest, changes), *trades(session, newest, changes)], tip=newest)


def mail(host: Host, payload: dict[str, Any]) -> None:
    """Job: the notice's mail has gone, once, or never will. Raises MailFailed to be tried again."""
    with host.database.writing() as session:
        notice = session.get(Notice, payload["id"])
        choice = session.get(NoticeChoice, notice.account) if notice else None
        if notice is None or notice.mail not in UNSENT:
            return
        if (
            choice is None
            or choice.confirmed_at is None
            or notice.kind in choice.off
            or _void(session, notice)
            or _too_many(session, notice)
        ):
            notice.mail = NO_MAIL
            return
        community = session.get(Community, (notice.chain_id, notice.community))
        notice.mail = SENDING
        name = community.name if community else ""
    try:
        send(host.settings, letter(host, notice, choice, community=name))
    except MailFailed:
        tries = _tries(host, payload["id"])
        _mark(host, payload["id"], QUEUED if tries < MOST_TRIES else NO_MAIL)
        if tries < MOST_TRIES:
            raise
    except AddressRefused:
        _mark(host, payload["id"], REFUSED)
        _count_refusals(host, choice)
    except MailRefused:
        _mark(host, payload["id"], NO_MAIL)
    else:
        _mark(host, payload["id"], SENT)


def _schedule_mail(host: Host, session: Session, newest: Tip) -> None:
    if not host.settings.smtp:
        return
    final = select(col(Notice.id)).where(
        col(Notice.chain_id) == newest.chain_id,
        col(Notice.mail) == WAITING,
        col(Notice.block_number) <= newest.final_number,
    )
    for number in session.execute(final.order_by(col(Notice.id)).limit(MAILS_AT_ONCE)).scalars().all():
        enqueue(session, "notices.mail", key=_key(number), run_at=clock.now(), payload={"id": number})
        session.execute(update(Notice).where(col(Notice.id) == number).values(mail=QUEUED))


def _key(number: int) -> str:
    return f"notices.mail:{number}"


def _tries(host: Host, number: int) -> int:
    with host.database.reading() as session:
        found = session.execute(select(col(Job.attempts)).where(col(Job.key) == _key(number))).scalar_one_or_none()
    return found or 0


def _count_refusals(host: Host, choice: NoticeChoice) -> None:
    """An address whose last mails were all refused is forgotten."""
    with host.database.writing() as session:
        row = session.get(NoticeChoice, choice.account)
        mailed = select(col(Notice.mail)).where(
            col(Notice.account) == choice.account,
            col(Notice.mail).in_([SENT, REFUSED]),
            col(Notice.at) >= (choice.confirmed_at or 0),
        )
        last = session.execute(mailed.order_by(col(Notice.id).desc()).limit(MOST_REFUSALS)).scalars().all()
        if row is not None and row.address == choice.address and list(last) == [REFUSED] * MOST_REFUSALS:
            forget_address(session, row)


def _void(session: Session, notice: Notice) -> bool:
    """Whether the reply that it tells of was forbidden after all, by a reorg."""
    if notice.kind != REPLY:
        return False
    record = select(LogRecord).where(
        col(LogRecord.chain_id) == notice.chain_id,
        col(LogRecord.community) == notice.community,
        col(LogRecord.act_id) == notice.params["act"],
    )
    found = session.execute(record).scalar_one_or_none()
    return found is None or found.void


def _too_many(session: Session, notice: Notice) -> bool:
    """Whether the account has got a day's mails already."""
    mailed = select(col(Notice.id)).where(
        col(Notice.account) == notice.account,
        col(Notice.mail).in_([SENDING, SENT]),
        col(Notice.at) > notice.at - DAY_SECONDS,
        col(Notice.at) < notice.at + DAY_SECONDS,
    )
    return len(session.execute(mailed.limit(MAILS_A_DAY)).all()) == MAILS_A_DAY


def _mark(host: Host, number: int, state: str) -> None:
    with host.database.writing() as session:
        session.execute(update(Notice).where(col(Notice.id) == number).values(mail=state))
