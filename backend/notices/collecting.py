"""Finds what accounts should hear of: each source has a cursor, and each event a key, so that nothing is told twice."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from backend.content.tables import Post
from backend.crowdsale.tables import SaleWords
from backend.db import insert_into
from backend.discussion.tables import Reply
from backend.feed import FeedCursor, Tip, time_of
from backend.log.tables import LogHead, LogRecord
from backend.notices.tables import (
    EXPIRING,
    NO_MAIL,
    RENEWAL,
    REPLY,
    SALE,
    WAITING,
    Notice,
    NoticeChoice,
)
from backend.renewals.tables import RenewalTry
from indexer.tables.community import Community
from indexer.tables.crowdsale import Contribution, Sale
from indexer.tables.membership import Membership, Tier

AHEAD_SECONDS = 3 * 86_400
"""How long before its end a membership is said to expire soon."""
LEAST_PERIOD = 7 * 86_400
"""Of tiers whose members are told: a shorter one would be nothing but notices."""
AT_ONCE = 500
MENDABLE = ("balance-too-low", "allowance-too-low", "price-above-consent", "consent-used-up", "consent-past")
"""Reasons of a failed renewal that its member can mend, and so hears of."""
LOG_CURSOR = "notices.log:"
SALES_CURSOR = "notices.sales"
BY_THE_CLOCK = ("notices.expiring", "notices.renewals", SALES_CURSOR, "notices.offers", "notices.listings")
"""Cursors that are times."""
DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Event:
    """Something that an account should hear of."""

    account: str
    kind: str
    key: str
    community: str
    path: str
    params: dict[str, Any] = field(default_factory=dict)
    block_number: int | None = None
    at: int | None = None


def tell(session: Session, events: Iterable[Event], *, tip: Tip) -> int:
    """Each event is a notice of its account, unless it was told before or is not wanted. Returns how many are new."""
    told, choices = 0, {row.account: row for row in session.execute(select(NoticeChoice)).scalars()}
    for event in events:
        choice = choices.get(event.account)
        if choice is not None and event.kind in choice.off:
            continue
        row = insert_into(session, Notice).values(
            chain_id=tip.chain_id,
            account=event.account,
            kind=event.kind,
            key=event.key,
            community=event.community,
            params=event.params,
            path=event.path,
            at=time_of(tip) if event.at is None else event.at,
            block_number=tip.number if event.block_number is None else event.block_number,
            mail=WAITING if choice is not None and choice.confirmed_at is not None else NO_MAIL,
        )
        fresh = row.on_conflict_do_nothing(index_elements=["account", "key"]).returning(col(Notice.id))
        told += session.execute(fresh).scalar_one_or_none() is not None
    return told


def replies(session: Session, tip: Tip) -> list[Event]:
    """New replies, for the post's author and for whoever replied there before."""
    found: list[Event] = []
    heads = select(LogHead).where(col(LogHead.chain_id) == tip.chain_id)
    cursors = select(FeedCursor).where(
        col(FeedCursor.chain_id) == tip.chain_id, col(FeedCursor.consumer).startswith(LOG_CURSOR)
    )
    known = {row.consumer: row.seq for row in session.execute(cursors).scalars()}
    for head in session.execute(heads).scalars().all():
        name = LOG_CURSOR + head.community
        seen = known.get(name, 0)
        if head.seq <= seen:
            continue
        records = select(LogRecord).where(
            col(LogRecord.chain_id) == tip.chain_id,
            col(LogRecord.community) == head.community,
            col(LogRecord.seq) > seen,
        )
        rows = session.execute(records.order_by(col(LogRecord.seq)).limit(AT_ONCE)).scalars().all()
        for record in rows:
            if record.kind == "reply.create" and not record.void:
                found += _of_reply(session, record)
        move(session, name, tip.chain_id, rows[-1].seq if rows else head.seq)
    return found


def _of_reply(session: Session, record: LogRecord) -> list[Event]:
    reply = session.get(Reply, (record.chain_id, record.community, record.act_id))
    post = session.get(Post, (record.chain_id, record.community, reply.post_id)) if reply else None
    if reply is None or post is None or reply.erased:
        return []
    earlier = select(col(Reply.author)).where(
        col(Reply.chain_id) == record.chain_id,
        col(Reply.community) == record.community,
        col(Reply.post_id) == post.id,
        col(Reply.seq) < reply.seq,
        col(Reply.erased).is_(False),
    )
    others = set(session.execute(earlier.distinct().limit(AT_ONCE)).scalars()) - {reply.author, post.author}
    path = f"/c/{record.community}/posts/{post.id}#reply-{reply.id}"
    params = {"author": reply.author, "title": post.title, "act": record.act_id}
    told = [] if post.author == reply.author else [(post.author, True)]
    return [
        Event(
            account,
            REPLY,
            f"reply:{record.act_id}",
            record.community,
            path,
            params | {"own": own},
            record.as_of_number,
            at=reply.at,
        )
        for account, own in [*told, *((account, False) for account in sorted(others))]
    ]


def expiring(session: Session, tip: Tip) -> list[Event]:
    """Memberships that end within three days, or ended while nobody looked, without anybody who renews them."""
    until = time_of(tip) + AHEAD_SECONDS
    since = cursor_of(session, "notices.expiring", tip.chain_id) or time_of(tip)
    ending = (
        col(Membership.chain_id) == tip.chain_id,
        col(Membership.expires_at) > since,
        col(Membership.expires_at) <= until,
    )
    until = end_of_page(session, col(Membership.expires_at), *ending) or until
    statement = (
        select(Membership, Tier, Community)
        .join(Tier, (col(Tier.chain_id) == tip.chain_id) & _same_tier())
        .join(Community, (col(Community.chain_id) == tip.chain_id) & _same_contract())
        .where(*ending, col(Membership.expires_at) <= until, col(Tier.period_seconds) >= LEAST_PERIOD)
    )
    rows = session.execute(statement).all()
    move(session, "notices.expiring", tip.chain_id, until)
    return [
        Event(
            row.holder,
            EXPIRING,
            f"expiring:{row.contract}:{row.token_id}:{row.expires_at}",
            community.address,
            f"/c/{community.address}/membership",
            {"expires_at": row.expires_at, "tier": tier.label},
        )
        for row, tier, community in rows
    ]


def failed_renewals(session: Session, tip: Tip) -> list[Event]:
    """Renewals that failed for a reason that the member can mend."""
    since = cursor_of(session, "notices.renewals", tip.chain_id)
    tried = (col(RenewalTry.chain_id) == tip.chain_id, col(RenewalTry.reason).in_(MENDABLE))
    until = end_of_page(session, col(RenewalTry.tried_at), *tried, col(RenewalTry.tried_at) > since)
    statement = select(RenewalTry).where(*tried, col(RenewalTry.tried_at) >= since)  # that second may have got more
    if until is not None:
        statement = statement.where(col(RenewalTry.tried_at) <= until)
    rows = session.execute(statement.order_by(col(RenewalTry.tried_at))).scalars().all()
    if rows:
        move(session, "notices.renewals", tip.chain_id, rows[-1].tried_at)
    return [
        Event(
            row.holder,
            RENEWAL,
            f"renewal:{row.contract}:{row.token_id}:{row.expires_at}:{row.reason}",
            row.community,
            "/account/renewals",
            {"reason": row.reason, "price": str(row.price), "expires_at": row.expires_at},
        )
        for row in rows
    ]


def turned_sales(session: Session, tip: Tip) -> list[Event]:
    """Crowdsales whose time is over, that were finalized or stopped: for contributors and the founder."""
    now = time_of(tip)
    since = cursor_of(session, SALES_CURSOR, tip.chain_id) or now
    move(session, SALES_CURSOR, tip.chain_id, now)
    found: list[Event] = []
    for turn, time in (
        ("sale", Sale.ends_at),
        ("sale-finalized", Sale.finalized_at),
        ("sale-stopped", Sale.stopped_at),
    ):
        turned = select(Sale).where(col(Sale.chain_id) == tip.chain_id, col(time) >= since, col(time) <= now)
        for sale in session.execute(turned.where(col(time) > 0)).scalars().all():
            found += _of_sale(session, tip, sale, turn)
    return found


def look_again(session: Session, chain_id: int) -> None:
    """What the clock brought within a day is told again, where a reorg took it back: the new blocks may hold it too."""
    for name in BY_THE_CLOCK:
        seen = cursor_of(session, name, chain_id)
        if seen:
            move(session, name, chain_id, max(seen - DAY_SECONDS, 1))


def _of_sale(session: Session, tip: Tip, sale: Sale, turn: str) -> list[Event]:
    """`turn`: what has become of the sale, the first part of the event's key."""
    if turn == "sale" and sale.stopped_at:  # which tells more
        return []
    contributors = select(col(Contribution.account)).where(
        col(Contribution.chain_id) == tip.chain_id,
        col(Contribution.contract) == sale.address,
        col(Contribution.amount) > 0,
    )
    accounts = {sale.founder, *session.execute(contributors).scalars()}
    words = session.get(SaleWords, (tip.chain_id, sale.community, sale.address))
    params = {
        "turn": turn,
        "sale": (words.title if words else "") or sale.token_name,
        "reached": sale.raised >= sale.goal,
        "finalized": sale.finalized_at > 0,
        "raised": str(sale.raised),
        "unreleased": str(sale.unreleased),
    }
    path = f"/c/{sale.community}/sales/{sale.address}"
    key = f"{turn}:{sale.address}"
    return [
        Event(account, SALE, key, sale.community, path, params | {"founder": account == sale.founder})
        for account in sorted(accounts)
        if turn != "sale-finalized" or account != sale.founder  # who did it, or lets it be done
    ]


def _same_tier() -> Any:
    return (col(Tier.contract) == col(Membership.contract)) & (col(Tier.tier_id) == col(Membership.tier_id))


def _same_contract() -> Any:
    return col(Community.membership) == col(Membership.contract)


def end_of_page(session: Session, time: Any, *where: ColumnElement[bool]) -> int | None:
    """The second up to which a page reads, whole, however much it holds; None if all that is there fits."""
    last = select(time).where(*where).order_by(time).offset(AT_ONCE - 1).limit(1)
    found: int | None = session.execute(last).scalar_one_or_none()
    return found


def cursor_of(session: Session, name: str, chain_id: int) -> int:
    row = session.get(FeedCursor, (name, chain_id))
    return row.seq if row else 0


def move(session: Session, name: str, chain_id: int, to: int) -> None:
    moved = insert_into(session, FeedCursor).values(consumer=name, chain_id=chain_id, seq=to)
    session.execute(moved.on_conflict_do_update(index_elements=["consumer", "chain_id"], set_={"seq": to}))
