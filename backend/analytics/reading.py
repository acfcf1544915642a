"""All figures of a community at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from backend import feed
from backend.analytics.queries import (
    Funnel,
    Income,
    SaleView,
    Settleable,
    Stays,
    days_of,
    funnel,
    income,
    members_by_day,
    sales_of,
    settleable,
    stays,
)
from backend.community.queries import CommunityView, OfficeView, office_of, owned_community
from backend.content.queries import posts_since
from backend.currency import Currency, currency_of
from backend.host import Host
from backend.membership.queries import members_by_tier, tiers_of
from indexer.tables.columns import DAY

SHOWN_DAYS, LEAST_DAYS = 90, 14
STAY_DAYS = 30
BALANCE_DAYS = 30
CROWDED_FROM = 3
"""Posts of the last days from which a balance says anything."""
SETTLED_AT_ONCE = 80
"""Memberships of one transaction: about 60,000 gas each."""


@dataclass(frozen=True)
class Day:
    """A day (UTC, `at` its first second): members when it ended, who joined in it, what was paid in it."""

    at: int
    members: int
    joined: int
    paid: int


@dataclass(frozen=True)
class Balance:
    """Posts of the last days that everybody can read, and that stand behind a gate."""

    free: int
    gated: int
    all_free: int
    all_gated: int

    @property
    def crowded(self) -> bool:
        """What is paid crowds out what is free: less than a third of the new posts can be read by everybody."""
        return self.free + self.gated >= CROWDED_FROM and 2 * self.free < self.gated


@dataclass(frozen=True)
class Figures:
    """Everything that the overview shows, and CSV and API say."""

    at: int
    block: int
    currency: Currency
    members: int
    tiers: Sequence[tuple[int, str, int]]
    """Id, label, valid members."""
    days: Sequence[Day]
    stays: Stays
    income: Income
    settleable: Settleable
    balance: Balance
    funnel: Funnel
    sales: Sequence[SaleView]

    @property
    def joined(self) -> int:
        """In the last 30 days."""
        return sum(day.joined for day in self.days[-30:])


def owned_figures(
    host: Host, session: Session, community: str, account: str
) -> tuple[CommunityView, OfficeView, Figures]:
    """The community of this account with its figures now. Raises NotFound, Forbidden."""
    newest = feed.tip(session, host.settings.chain_id)
    view, at = owned_community(session, host.settings.chain_id, community, account)
    office, currency = office_of(session, view), currency_of(host.chain, view.currency)
    return view, office, figures_of(session, view, office, currency, at=at, block=newest.number)


def figures_of(
    session: Session, view: CommunityView, office: OfficeView, currency: Currency, *, at: int, block: int
) -> Figures:
    """The figures at `at`; `block` is the newest that they rest on."""
    chain_id, contract = view.chain_id, view.membership
    today = at // DAY
    shown = min(max(today - view.opened_at // DAY + 1, LEAST_DAYS), SHOWN_DAYS)
    days, sums = range(today - shown + 1, today + 1), days_of(session, chain_id, contract)
    members = members_by_day(sums, days, now=view.members)
    joined, paid = ([getattr(sums[day], name) if day in sums else 0 for day in days] for name in ("joined", "paid"))
    by_tier = members_by_tier(session, chain_id, contract, at=at)
    free, gated = posts_since(session, chain_id, view.address, since=at - BALANCE_DAYS * DAY)
    all_free, all_gated = posts_since(session, chain_id, view.address, since=0)
    return Figures(
        at=at,
        block=block,
        currency=currency,
        members=view.members,
        tiers=[(tier.id, tier.label, by_tier.get(tier.id, 0)) for tier in tiers_of(session, chain_id, contract, at=at)],
        days=[Day(day * DAY, *each) for day, *each in zip(days, members, joined, paid, strict=True)],
        stays=stays(session, chain_id, contract, sums, most=STAY_DAYS, at=at),
        income=income(session, chain_id, contract, office.store, sums, at=at),
        settleable=settleable(session, chain_id, contract, at=at, most=SETTLED_AT_ONCE),
        balance=Balance(free, gated, all_free, all_gated),
        funnel=funnel(session, chain_id, contract, sums),
        sales=sales_of(session, chain_id, view.address),
    )
