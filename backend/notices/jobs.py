"""Collects notices, takes back what a reorg undid, and sends the mail of what is final."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from backend import clock
from backend.feed import MirrorStale, Tip, tip
from backend.host import Host
from backend.jobs import enqueue
from backend.log.tables import LogRecord
from backend.notices.collecting import ended_sales, expiring, failed_renewals, income, replies, tell
from backend.notices.mail import MailFailed, letter, send
from backend.notices.tables import NO_MAIL, REPLY, SENDING, SENT, WAITING, Notice, NoticeChoice
from indexer.tables.chain import Change
from indexer.tables.community import Community

MAILS_AT_ONCE = 50


def collect(host: Host) -> bool:
    """Chore: what happened in the log, by the clock and at the keeper is told. True when there was anything."""
    chain_id = host.settings.chain_id
    with host.database.writing() as session:
        try:
            newest = tip(session, chain_id)
        except MirrorStale:
            return False
        events = [
            event for source in (replies, expiring, failed_renewals, ended_sales) for event in source(session, newest)
        ]
        told = tell(session, events, tip=newest)
        _schedule_mail(host, session, newest)
    return told > 0


def follow_chain(host: Host, session: Session, changes: Sequence[Change]) -> None:
    """Consumer: income to claim is told, and what a reorg undid is taken back, unless its mail has gone."""
    chain_id = host.settings.chain_id
    undone = [change.block_number for change in changes if change.removed]
    if undone:
        taken_back = delete(Notice).where(
            col(Notice.chain_id) == chain_id,
            col(Notice.block_number) >= min(undone),
            col(Notice.kind) != REPLY,  # the log stands: what a reorg forbids is judged again, and seen before mailing
            col(Notice.mail).in_([NO_MAIL, WAITING]),
        )
        session.execute(taken_back)
    newest = tip(session, chain_id)
    tell(session, income(session, newest, changes), tip=newest)


def mail(host: Host, payload: dict[str, Any]) -> None:
    """Job: the notice's mail has gone, once. Raises MailFailed to be tried again."""
    with host.database.writing() as session:
        notice = session.get(Notice, payload["id"])
        choice = session.get(NoticeChoice, notice.account) if notice else None
        if notice is None or notice.mail != WAITING:
            return
        if choice is None or choice.confirmed_at is None or notice.kind in choice.off or _void(session, notice):
            notice.mail = NO_MAIL
            return
        community = session.get(Community, (notice.chain_id, notice.community))
        notice.mail = SENDING
        name = community.name if community else ""
    try:
        send(host.settings, letter(host, notice, choice, community=name))
    except MailFailed:
        _mark(host, payload["id"], WAITING)
        raise
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
        enqueue(session, "notices.mail", key=f"notices.mail:{number}", run_at=clock.now(), payload={"id": number})


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


def _mark(host: Host, number: int, state: str) -> None:
    with host.database.writing() as session:
        session.execute(update(Notice).where(col(Notice.id) == number).values(mail=state))
