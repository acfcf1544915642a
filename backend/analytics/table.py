"""Figures as CSV (RFC 4180): one number a line, so that any spreadsheet can group them."""

import csv
import io
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime

from backend.analytics.reading import Figures
from backend.texts import harmless

HEADER = ("figure", "of", "day", "value", "unit")


def figures_csv(figures: Figures) -> str:
    """All figures; amounts in base units of the currency, which the last column names with its decimals."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for name, of, day, value, unit in _lines(figures):
        writer.writerow((name, harmless(of), day, value, unit))
    return out.getvalue()


def day_of(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _lines(figures: Figures) -> Iterator[tuple[str, str, str, int, str]]:
    money = f"{figures.currency.symbol} / 10^{figures.currency.decimals}"
    today = day_of(figures.at)
    yield "members", "", today, figures.members, "members"
    for tier_id, label, count in figures.tiers:
        yield "members of a tier", f"{tier_id} {label}", today, count, "members"
    for day in figures.days:
        yield "members by day", "", day_of(day.at), day.members, "members"
        yield "joined", "", day_of(day.at), day.joined, "members"
        yield "paid", "", day_of(day.at), day.paid, money
    stays = figures.stays
    yield "members then", "", day_of(stays.since), stays.members, "members"
    yield "lost", "", day_of(stays.until), stays.lost, "members"
    yield "in grace", "", today, stays.in_grace, "members"
    income = figures.income
    for each in fields(income):
        yield "money", each.name, today, getattr(income, each.name), money
    balance, funnel = figures.balance, figures.funnel
    yield "posts of 30 days", "free", today, balance.free, "posts"
    yield "posts of 30 days", "gated", today, balance.gated, "posts"
    for each in fields(funnel):
        yield "invitations", each.name, today, getattr(funnel, each.name), "members"
    for sale in figures.sales:
        yield "crowdsale goal", sale.address, day_of(sale.starts_at), sale.goal, money
        yield "crowdsale raised", sale.address, today, sale.raised, money
