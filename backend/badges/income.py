"""Income of badges by month, from what was settled and sold: the same numbers for whoever looks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, select
from sqlmodel import Session, col

from backend.badges.queries import Contracts, Key
from backend.badges.sums import added, sums
from indexer.tables.membership import Settlement
from indexer.tables.store import Purchase, Tip

MONTHS = 12
"""That a chart shows, up to and including the running one."""


@dataclass(frozen=True)
class MonthIncome:
    """What a badge earned in a calendar month (UTC), by whom it was paid. `starts_at`: its first second."""

    starts_at: int
    referrals: int
    sales: int

    @property
    def amount(self) -> int:
        return self.referrals + self.sales


@dataclass(frozen=True)
class Income:
    """The last MONTHS months, the running one last, and what came before them."""

    months: Sequence[MonthIncome]
    earlier: int

    @property
    def total(self) -> int:
        return self.earlier + sum(month.amount for month in self.months)

    @property
    def highest(self) -> int:
        return max(month.amount for month in self.months)


def income_of(
    session: Session, chain_id: int, contracts: Collection[Contracts], badges: Collection[Key], *, at: int
) -> Mapping[Key, Income]:
    """What each of these badges has earned. Three questions, whatever their number and age."""
    membership_of = {each.store: each.membership for each in contracts}
    settled = _by_month(session, chain_id, Settlement, {contract for contract, _ in badges}, badges)
    sold: dict[tuple[str, int, str], int] = {}
    for table in (Purchase, Tip):
        for (store, badge, month), amount in _by_month(session, chain_id, table, membership_of, badges).items():
            key = (membership_of[store], badge, month)
            sold[key] = sold.get(key, 0) + amount
    return {key: _income(key, settled, sold, at) for key in badges}


def months_before(at: int) -> list[tuple[str, int]]:
    """The last MONTHS months as `YYYY-MM` and first second, oldest first; the last one holds `at`."""
    now = datetime.fromtimestamp(at, UTC)
    count = now.year * 12 + now.month - 1
    starts = [datetime(each // 12, each % 12 + 1, 1, tzinfo=UTC) for each in range(count - MONTHS + 1, count + 1)]
    return [(f"{start:%Y-%m}", int(start.timestamp())) for start in starts]


def _income(
    key: Key, settled: Mapping[tuple[str, int, str], int], sold: Mapping[tuple[str, int, str], int], at: int
) -> Income:
    months = months_before(at)
    shown = [MonthIncome(start, settled.get((*key, name), 0), sold.get((*key, name), 0)) for name, start in months]
    oldest = months[0][0]
    earlier = sum(
        amount
        for amounts in (settled, sold)
        for (contract, badge, month), amount in amounts.items()
        if (contract, badge) == key and month < oldest
    )
    return Income(shown, earlier)


def _by_month(
    session: Session, chain_id: int, table: Any, contracts: Collection[str], badges: Collection[Key]
) -> dict[tuple[str, int, str], int]:
    if not badges or not contracts:
        return {}
    month = _month_of(session, col(table.at))
    statement = (
        select(col(table.contract), col(table.badge), month, *sums(session, table.badge_share))
        .where(
            col(table.chain_id) == chain_id,
            col(table.contract).in_(set(contracts)),
            col(table.badge).in_({badge for _, badge in badges}),
        )
        .group_by(col(table.contract), col(table.badge), month)
    )
    return {(contract, badge, name): added(parts) for contract, badge, name, *parts in session.execute(statement).all()}


def _month_of(session: Session, at: Any) -> ColumnElement[str]:
    """The calendar month (UTC) of unix seconds, as `YYYY-MM`."""
    if session.get_bind().dialect.name == "sqlite":
        return cast(func.strftime("%Y-%m", at, "unixepoch"), String)
    return cast(func.to_char(func.timezone("UTC", func.to_timestamp(at)), "YYYY-MM"), String)
