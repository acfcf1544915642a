"""The sums of days that belong to membership rows which a test wrote by itself."""

from collections import defaultdict
from typing import Any

from sqlmodel import Session, delete, select

from indexer.tables.columns import DAY, EARNING_UNIT, FOR_LIFE, RENEWAL_GRACE
from indexer.tables.membership import EarningDay, Ending, Grant, Membership, MembershipDay, Payment, Settlement
from indexer.tables.renewals import Consent

COUNTED = (Membership, Payment, Grant, Ending, Settlement, Consent)
Sums = dict[tuple[int, str, int, int], dict[str, int]]


def count_days(session: Session) -> None:
    """MembershipDay and EarningDay say what the other tables do: each membership's time by its payments, grants and
    endings, or from `joined_at` on where it has none."""
    held = {(row.contract, row.token_id): row for row in session.exec(select(Membership))}
    changes: dict[tuple[str, int], list[Any]] = defaultdict(list)
    kinds: tuple[Any, ...] = (Payment, Grant, Ending)
    for model in kinds:
        for row in session.exec(select(model)):
            changes[row.contract, row.token_id].append(row)
    sums: Sums = defaultdict(lambda: defaultdict(int))
    for key in held.keys() | changes.keys():
        _count(sums, key[0], held.get(key), sorted(changes[key], key=lambda row: (row.block_number, row.log_index)))
    for row in session.exec(select(Settlement)):
        kept = held.get((row.contract, row.token_id))
        sums[row.chain_id, row.contract, kept.tier_id if kept else 1, row.at // DAY]["badge_shares"] += row.badge_share
    for agreed in session.exec(select(Consent)):
        kept = held.get((agreed.contract, agreed.token_id))
        agreed.expires_at = None
        if kept is None or kept.expires_at >= FOR_LIFE:
            continue
        if (kept.holder, kept.tier_id) == (agreed.holder, agreed.tier_id):
            agreed.expires_at = kept.expires_at
            sums[kept.chain_id, kept.contract, kept.tier_id, kept.expires_at // DAY]["agreed"] += 1
    session.exec(delete(MembershipDay))
    names = [name for name in MembershipDay.model_fields if name not in ("chain_id", "contract", "tier_id", "day")]
    for (chain_id, contract, tier_id, day), found in sums.items():
        values = {name: found[name] for name in names}
        session.add(MembershipDay(chain_id=chain_id, contract=contract, tier_id=tier_id, day=day, **values))
    _count_money(session, [row for row in held.values() if row.unearned])


def _count_money(session: Session, held: list[Membership]) -> None:
    sums: dict[tuple[int, str, int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in held:
        seconds = row.earned_at - row.settled_at
        speed = row.unearned * EARNING_UNIT // seconds if seconds > 0 else 0
        found = sums[row.chain_id, row.contract, row.earned_at // DAY, row.rate]
        for index, value in enumerate((row.unearned, speed, speed * row.settled_at)):
            found[index] += value
    session.exec(delete(EarningDay))
    for (chain_id, contract, day, rate), (unearned, speed, base) in sums.items():
        values = {"unearned": unearned, "speed": speed, "base": base}
        session.add(EarningDay(chain_id=chain_id, contract=contract, day=day, rate=rate, **values))


def _count(sums: Sums, contract: str, held: Membership | None, changes: list[Any]) -> None:
    """Adds one membership."""
    chain_id = held.chain_id if held else changes[0].chain_id
    times = [_time_of(row, held) for row in changes]
    if held is not None:
        if not times:
            times.append((held.joined_at, held.expires_at, held.tier_id))
        times[-1] = (times[-1][0], held.expires_at, held.tier_id)

    def add(tier_id: int, at: int, **amounts: int) -> None:
        for name, amount in amounts.items():
            sums[chain_id, contract, tier_id, at // DAY][name] += amount

    for index, (at, until, tier_id) in enumerate(times):
        following = times[index + 1] if index + 1 < len(times) else None
        before = times[index - 1] if index else None
        if until > at:
            end = min(until, following[0]) if following else until
            add(tier_id, at, started=1)
            goes_on = following is not None and following[1] > following[0]
            back = goes_on and following is not None and following[0] <= end + RENEWAL_GRACE
            add(tier_id, end, ended=1, returned=int(back))
        elif before is not None and following is not None and before[1] > at:
            add(before[2], at, returned=int(at < following[1] and following[0] <= at + RENEWAL_GRACE))
    for row in changes:
        if isinstance(row, Payment):
            add(row.tier_id, row.at, joined=int(row.kind == "join"), paid=row.amount, tips=row.tip)
        elif isinstance(row, Ending):
            add(row.tier_id, row.at, refunded=row.refund)
    if held is not None:
        invited = int(held.badge != 0)
        counted = invited * int(held.counted)
        add(held.tier_id, held.joined_at, payers=int(held.earned_at > 0), invited=invited, counted=counted)


def _time_of(row: Any, held: Membership | None) -> tuple[int, int, int]:
    """From when until when, in which tier."""
    tier_id = row.tier_id if hasattr(row, "tier_id") else held.tier_id if held else 1
    return row.at, row.at if isinstance(row, Ending) else row.expires_at, tier_id
