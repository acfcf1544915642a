"""Badges, their verified past income, achievements, and their prepared transactions."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from backend import feed
from backend.badges.achievements import token_of
from backend.badges.queries import (
    LEVELS,
    REFERRALS,
    BadgeView,
    badge_of,
    badges_by_id,
)
from backend.badges.reading import Record, cautions_for, own_badges, record_of
from backend.community.queries import CommunityView
from backend.community.reading import Here, Place, Shown
from backend.currency import Currency, currency_of
from backend.db import Opened, Reading
from backend.host import CurrentHost
from backend.identity.origin import require_same_origin
from backend.identity.people import spoken_of
from backend.identity.viewer import SignedInViewer
from backend.texts import badge_number
from backend.transactions import (
    RATIONED,
    AddressText,
    Call,
    Transaction,
    TransactionRequest,
    Translator,
    prepare,
)

router = APIRouter(prefix="/api/communities/{community}", tags=["badges"], dependencies=[Depends(require_same_origin)])
anywhere = APIRouter(prefix="/api", tags=["badges"])

MOST_BADGES = 40
MOST_TOKEN = 1 << 72
BadgeId = Annotated[int, Field(ge=1, lt=REFERRALS)]
BadgePath = Annotated[int, Path(ge=1, lt=REFERRALS)]
TokenId = Annotated[int, Field(ge=1, lt=MOST_TOKEN)]
TokenPath = Annotated[int, Path(ge=1, lt=MOST_TOKEN)]


class BadgeRequest(TransactionRequest):
    badge: BadgeId


class SettleRequest(TransactionRequest):
    """Memberships whose time has earned something."""

    token_ids: list[BadgeId] = Field(min_length=1, max_length=MOST_BADGES)


class ClaimRequest(TransactionRequest):
    """Badges of one owner, whose income is paid to `account`."""

    badges: list[BadgeId] = Field(min_length=1, max_length=MOST_BADGES)


class GiveRequest(TransactionRequest):
    """A badge or an achievement goes to another wallet."""

    token_id: TokenId
    to: AddressText


class MonthAnswer(BaseModel):
    starts_at: int
    amount: str
    amount_written: str


class BadgeAnswer(BaseModel):
    """A referral badge and what it has shown so far. Amounts are decimal strings in base units."""

    id: int
    owner: str
    level: Literal["bronze", "silver", "gold"]
    rate_bps: int
    minted: bool
    counted: int
    volume: str
    income: str
    income_written: str
    accrued: str
    accrued_written: str
    members: int
    paying: int
    ending: int
    to_come: str
    to_come_written: str
    earlier: str
    """Income of the time before `months`."""
    months: list[MonthAnswer]


class OwnBadgeAnswer(BadgeAnswer):
    community: str
    settle: list[int]
    """Memberships whose settlement would credit the badge now."""
    settle_share: str


class CautionAnswer(BaseModel):
    """Why giving the badge to this account might be a mistake."""

    cautions: list[Literal["own", "bound", "cannot-receive"]]


@router.get("/badges/{badge}")
def badge(here: Shown, badge: BadgePath, host: CurrentHost, session: Reading) -> BadgeAnswer:
    """One badge with its verified past income."""
    found = badge_of(session, here.view.chain_id, here.contracts, badge)
    return BadgeAnswer(**_fields(record_of(session, host.chain, here.view, here.contracts, found, at=here.at)))


@router.get("/badges/{token_id}/recipient")
def recipient(
    here: Here, token_id: TokenPath, account: Annotated[AddressText, Query()], host: CurrentHost, database: Opened
) -> CautionAnswer:
    """Whether another wallet can hold a badge or an achievement, and whether it should."""
    with database.reading() as session:
        owner = _owner_of(session, here, token_id)
        found = cautions_for(
            session, host.chain, here.contracts, owner=owner, token_id=token_id, recipient=account.lower(), at=here.at
        )
    return CautionAnswer(cautions=found)


@anywhere.get("/account/badges")
def own(host: CurrentHost, viewer: SignedInViewer, session: Reading) -> list[OwnBadgeAnswer]:
    """The viewer's badges in all communities."""
    at = feed.time_at(session, host.settings.chain_id)
    return [
        OwnBadgeAnswer(
            **_fields(each.record),
            community=here.community.address,
            settle=list(each.settling.token_ids),
            settle_share=str(each.settling.share),
        )
        for here in own_badges(session, host.chain, viewer.account, at=at)
        for each in here.badges
    ]


@router.post("/transactions/badge-mint", dependencies=RATIONED)
def mint(here: Here, body: BadgeRequest, host: CurrentHost, say: Translator) -> Transaction:
    """The badge becomes a token, which can be listed and given away."""
    call = Call("Badges", here.contracts.badges, "mint", (body.badge,))
    summary = say._("Make badge %(badge)s of %(community)s a token, which can be sold and given away")
    return prepare(host, call, account=body.account, summary=summary % _names(here.view, body.badge), say=say)


@router.post("/transactions/badge-settle", dependencies=RATIONED)
def settle(here: Here, body: SettleRequest, host: CurrentHost, say: Translator) -> Transaction:
    """What time has earned becomes income, of the badge and of the community. Anybody may."""
    call = Call("Membership", here.view.membership, "settle", (body.token_ids,))
    summary = say.ngettext(
        "Settle %(count)s membership of %(community)s: what its time has earned is credited",
        "Settle %(count)s memberships of %(community)s: what their time has earned is credited",
        len(body.token_ids),
        community=here.view.name,
    )
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/badge-claim", dependencies=RATIONED)
def claim(here: Here, body: ClaimRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """The income of badges is paid to their owner; a badge that is no token yet becomes one."""
    with database.reading() as session:
        found = badges_by_id(session, here.view.chain_id, here.contracts, set(body.badges))
        accrued = sum(each.accrued for each in found.values())
    call = Call("Membership", here.view.membership, "claim", (body.badges, body.account))
    summary = say._("Claim %(amount)s that your badges of %(community)s have earned, to this wallet") % {
        "amount": currency_of(host.chain, here.view.currency).written(accrued, say.language),
        "community": here.view.name,
    }
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/badge-adopt-rates", dependencies=RATIONED)
def adopt_rates(here: Here, body: BadgeRequest, host: CurrentHost, say: Translator) -> Transaction:
    """The badge gets the newest rates, none of which may be lower than its own."""
    call = Call("Membership", here.view.membership, "adoptRates", (body.badge,))
    summary = say._("Badge %(badge)s of %(community)s takes the newest rates")
    return prepare(host, call, account=body.account, summary=summary % _names(here.view, body.badge), say=say)


@router.post("/transactions/badge-give", dependencies=RATIONED)
def give(here: Here, body: GiveRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """A badge, or an achievement, goes to another wallet, with all that it earns from then on."""
    with database.reading() as session:
        receiver = spoken_of(session, here.view.chain_id, here.view.address, [body.to])[body.to]
    call = Call("Badges", here.contracts.badges, "transferFrom", (body.account, body.to, body.token_id))
    summary = say._("Give badge %(badge)s of %(community)s, with all that it earns from now on, to %(to)s")
    names = {**_names(here.view, body.token_id), "to": receiver}
    return prepare(host, call, account=body.account, summary=summary % names, say=say)


def _owner_of(session: Session, here: Place, token_id: int) -> str:
    if token_id >= REFERRALS:
        return token_of(session, here.view.chain_id, here.contracts.badges, token_id).owner
    return badge_of(session, here.view.chain_id, here.contracts, token_id).owner


def _names(view: CommunityView, badge: int) -> dict[str, object]:
    return {"badge": badge_number(badge), "community": view.name}


def _fields(record: Record) -> dict[str, Any]:
    badge: BadgeView = record.badge
    currency: Currency = record.currency
    return {
        "id": badge.id,
        "owner": badge.owner,
        "level": LEVELS[badge.level],
        "rate_bps": badge.rate_bps,
        "minted": badge.minted,
        "counted": badge.counted,
        "volume": str(badge.volume),
        "income": str(badge.income),
        "income_written": currency.written(badge.income),
        "accrued": str(badge.accrued),
        "accrued_written": currency.written(badge.accrued),
        "members": record.bound.members,
        "paying": record.bound.paying,
        "ending": record.bound.ending,
        "to_come": str(record.bound.to_come),
        "to_come_written": currency.written(record.bound.to_come),
        "earlier": str(record.income.earlier),
        "months": [
            MonthAnswer(starts_at=each.starts_at, amount=str(each.amount), amount_written=currency.written(each.amount))
            for each in record.income.months
        ],
    }
