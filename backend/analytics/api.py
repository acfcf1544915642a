"""The owner's figures as JSON: the same numbers as on the page and in the CSV file."""

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from backend import feed
from backend.analytics.reading import Figures, figures_of
from backend.community.queries import community_of, office_of, require_owner
from backend.currency import Currency, currency_of
from backend.db import Database, Opened
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.identity.viewer import SignedInViewer
from backend.transactions import CommunityPath

router = APIRouter(
    prefix="/api/communities/{community}", tags=["analytics"], dependencies=[Depends(require_same_origin)]
)


class Money(BaseModel):
    """An amount in base units, and as people write it."""

    amount: str
    written: str


class TierFigures(BaseModel):
    id: int
    label: str
    members: int


class DayFigures(BaseModel):
    """`at`: the day's first second (UTC); `paid` in base units."""

    at: int
    members: int
    joined: int
    paid: str


class StayFigures(BaseModel):
    """Of `members` at `since`, `lost` had left by `until` and did not renew within the grace; `rate_bps` 1/10 000."""

    since: int
    until: int
    members: int
    lost: int
    rate_bps: int
    in_grace: int


class BalanceFigures(BaseModel):
    """Posts of 30 days. `crowded`: what is paid crowds out what is free."""

    free: int
    gated: int
    crowded: bool


class FunnelFigures(BaseModel):
    can_invite: int
    have_invited: int
    invited: int
    counted: int


class SaleFigures(BaseModel):
    address: str
    name: str
    goal: Money
    cap: Money
    raised: Money
    ends_at: int
    finalized: bool


class FiguresAnswer(BaseModel):
    """`money` has `paid`, `tips`, `refunded`, `booked`, `booked_badges`, `due`, `due_badges`, `to_come`, `withdrawn`,
    `earned`, `store_booked` and `store_withdrawn`."""

    at: int
    block: int
    currency: str | None
    currency_symbol: str
    members: int
    tiers: list[TierFigures]
    days: list[DayFigures]
    stays: StayFigures
    money: dict[str, Money]
    balance: BalanceFigures
    invitations: FunnelFigures
    sales: list[SaleFigures]


MONEY = (
    *("paid", "tips", "refunded", "booked", "booked_badges", "due", "due_badges", "to_come", "withdrawn", "earned"),
    *("store_booked", "store_withdrawn"),
)


@router.get("/figures")
def read_figures(
    community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> FiguresAnswer:
    """Members, money, who stays and who invites, for the owner."""
    return _answer(_figures(host, database, community, viewer.account))


def _figures(host: Host, database: Database, community: str, account: str) -> Figures:
    with database.reading() as session:
        newest = feed.tip(session, host.settings.chain_id)
        at = feed.time_of(newest)
        view = community_of(session, host.settings.chain_id, community, at=at)
        require_owner(view, account)
        currency = currency_of(host.chain, view.currency)
        return figures_of(session, view, office_of(session, view), currency, at=at, block=newest.number)


def _money(amount: int, currency: Currency) -> Money:
    return Money(amount=str(amount), written=currency.written(amount))


def _answer(figures: Figures) -> FiguresAnswer:
    currency = figures.currency
    stays: dict[str, Any] = {name: getattr(figures.stays, name) for name in StayFigures.model_fields}
    return FiguresAnswer(
        at=figures.at,
        block=figures.block,
        currency=currency.address,
        currency_symbol=currency.symbol,
        members=figures.members,
        tiers=[TierFigures(id=tier_id, label=label, members=count) for tier_id, label, count in figures.tiers],
        days=[
            DayFigures(at=day.at, members=day.members, joined=day.joined, paid=str(day.paid)) for day in figures.days
        ],
        stays=StayFigures(**stays),
        money={name: _money(getattr(figures.income, name), currency) for name in MONEY},
        balance=BalanceFigures(free=figures.balance.free, gated=figures.balance.gated, crowded=figures.balance.crowded),
        invitations=FunnelFigures(**{name: getattr(figures.funnel, name) for name in FunnelFigures.model_fields}),
        sales=[
            SaleFigures(
                address=sale.address,
                name=sale.name,
                goal=_money(sale.goal, currency),
                cap=_money(sale.cap, currency),
                raised=_money(sale.raised, currency),
                ends_at=sale.ends_at,
                finalized=bool(sale.finalized_at),
            )
            for sale in figures.sales
        ],
    )
