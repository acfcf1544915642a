"""The owner's figures as JSON: the same numbers as on the page and in the CSV file."""

from dataclasses import asdict

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from backend.analytics.reading import Figures, owned_figures
from backend.currency import Currency
from backend.db import Opened
from backend.host import CurrentHost
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


@router.get("/figures")
def read_figures(
    community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> FiguresAnswer:
    """Members, money, who stays and who invites, for the owner."""
    with database.reading() as session:
        _, _, figures = owned_figures(host, session, community, viewer.account)
    return _answer(figures)


def _money(amount: int, currency: Currency) -> Money:
    return Money(amount=str(amount), written=currency.written(amount))


def _answer(figures: Figures) -> FiguresAnswer:
    currency, income = figures.currency, figures.income
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
        stays=StayFigures(**asdict(figures.stays), rate_bps=figures.stays.rate_bps),
        money={name: _money(getattr(income, name), currency) for name in (*asdict(income), "earned")},
        balance=BalanceFigures(free=figures.balance.free, gated=figures.balance.gated, crowded=figures.balance.crowded),
        invitations=FunnelFigures(**asdict(figures.funnel)),
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
