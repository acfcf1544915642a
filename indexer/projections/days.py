"""What happened on each day in each tier, so that nobody has to count all members: changes of memberships -> sums."""

from collections import Counter

from indexer.events import Position
from indexer.projections.rows import Rows
from indexer.tables.bulk import Row
from indexer.tables.columns import DAY, EARNING_UNIT, RENEWAL_GRACE
from indexer.tables.membership import EarningDay, MembershipDay

SUMS = (
    *("joined", "started", "ended", "returned", "payers", "invited", "counted"),
    *("paid", "tips", "refunded", "badge_shares", "agreed"),
)
EMPTY = dict.fromkeys(SUMS, 0)


def add(rows: Rows, at: Position, tier_id: int, *, when: int | None = None, **amounts: int) -> None:
    """The day of `when`, by default of the event, has so much more in the columns named."""
    day = (at.at if when is None else when) // DAY
    found = rows.find(MembershipDay, (at.contract, tier_id, day))
    row = found or {"contract": at.contract, "tier_id": tier_id, "day": day, **EMPTY}
    rows.put(MembershipDay, **row | {name: row[name] + amount for name, amount in amounts.items()})


def membership_counted(rows: Rows, at: Position, *, before: Row | None, after: Row | None) -> None:
    """Since when and until when it is valid, what it is to invitations, and its money, are as `after` says."""
    _count_time(rows, at, before=before, after=after)
    _count_money(rows, at, before, by=-1)
    _count_money(rows, at, after, by=1)
    standing = _standing(after)
    standing.subtract(_standing(before))
    for (tier_id, name), change in standing.items():
        if change:
            add(rows, at, tier_id, **{name: change})


def consent_counted(rows: Rows, at: Position, *, before: Row | None, after: Row | None) -> None:
    """The day on which its membership ends counts the consent, as `after` says."""
    for consent, by in ((before, -1), (after, 1)):
        if consent is not None and consent["expires_at"] is not None:
            add(rows, at, consent["tier_id"], when=consent["expires_at"], agreed=by)


def _count_money(rows: Rows, at: Position, membership: Row | None, *, by: int) -> None:
    """The day on which all of its unearned money is earned has it too, or no more."""
    if membership is None or not membership["unearned"]:
        return
    amount, since, until = (membership[name] for name in ("unearned", "settled_at", "earned_at"))
    speed = amount * EARNING_UNIT // (until - since) if until > since else 0
    key = (at.contract, until // DAY, membership["rate"])
    row = rows.find(EarningDay, key) or {"unearned": 0, "speed": 0, "base": 0}
    sums = {"unearned": amount, "speed": speed, "base": speed * since}
    new = {name: row[name] + by * value for name, value in sums.items()}
    if new["unearned"]:
        rows.put(EarningDay, contract=at.contract, day=key[1], rate=key[2], **new)
    else:
        rows.remove(EarningDay, key)


def _count_time(rows: Rows, at: Position, *, before: Row | None, after: Row | None) -> None:
    was = before if before is not None and before["expires_at"] > at.at else None
    now = after if after is not None and after["expires_at"] > at.at else None
    if was is not None and now is not None and was["tier_id"] == now["tier_id"]:
        if was["expires_at"] != now["expires_at"]:
            add(rows, at, was["tier_id"], when=was["expires_at"], ended=-1)
            add(rows, at, now["tier_id"], when=now["expires_at"], ended=1)
        return
    if was is not None:
        add(rows, at, was["tier_id"], when=was["expires_at"], ended=-1)
        add(rows, at, was["tier_id"], ended=1, returned=int(now is not None))
    if now is not None:
        add(rows, at, now["tier_id"], started=1)
        add(rows, at, now["tier_id"], when=now["expires_at"], ended=1)
        if was is None and before is not None and at.at - before["expires_at"] <= RENEWAL_GRACE:
            add(rows, at, before["tier_id"], when=before["expires_at"], returned=1)


def _standing(row: Row | None) -> Counter[tuple[int, str]]:
    """Whether it can invite, was invited, and counts for who invited it."""
    if row is None:
        return Counter()
    invited = row["badge"] != 0
    found = {"payers": row["earned_at"] > 0, "invited": invited, "counted": invited and row["counted"]}
    return Counter((row["tier_id"], name) for name, value in found.items() if value)
