"""What a community's people do with tiers and memberships: prepared transactions of the owner, granters and issuers."""

from typing import Any, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, field_validator, model_validator

from backend import feed
from backend.community.queries import CommunityView, community_of
from backend.currency import currency_of
from backend.db import Database, Opened
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.membership.queries import TierView, membership_by_id, tier_of, tiers_of
from backend.membership.standing import unearned_at
from backend.problems import Conflict
from backend.texts import Say, fitting
from backend.transactions import (
    RATIONED,
    AddressText,
    Call,
    CommunityPath,
    Transaction,
    TransactionRequest,
    Translator,
    prepare,
)
from indexer.tables.columns import ZERO_HASH

router = APIRouter(
    prefix="/api/communities/{community}/transactions",
    tags=["membership"],
    dependencies=[Depends(require_same_origin), *RATIONED],
)

DAY = 86_400
MOST_PERIOD = 100 * 365 * DAY
MOST_PRICE = (1 << 96) - 1
MOST_GRANTS = 80
MOST_RATE = 3_000
"""LevelLib.MOST_RATE."""
MOST_LABEL = 32  # bytes
HashText = r"^0x[0-9a-f]{64}$"


class _Price(BaseModel):
    """With a price in base units, as decimal text."""

    price: str = Field(pattern=r"^[0-9]{1,29}$")

    @field_validator("price")
    @classmethod
    def _price_fits(cls, price: str) -> str:
        if int(price) > MOST_PRICE:
            raise ValueError("at most 2^96 - 1 base units")
        return price


class _Label(BaseModel):
    label: str = Field(min_length=1, max_length=MOST_LABEL)

    @field_validator("label")
    @classmethod
    def _label_fits(cls, label: str) -> str:
        return fitting(label, MOST_LABEL)


class LabelTaken(Conflict):
    """Two tiers of one name could not be told apart."""

    slug, title = "label-taken", "Another tier has this name"


class TierRequest(TransactionRequest):
    tier_id: int = Field(ge=1, lt=1 << 16)


class CreateTierRequest(TransactionRequest, _Price, _Label):
    """IMembershipBase.TierParams; times unix seconds, `period_seconds` 0 is for life, `cap` 0 no limit."""

    period_seconds: int = Field(ge=0, le=MOST_PERIOD)
    cap: int = Field(default=0, ge=0, lt=1 << 24)
    sale_start: int = Field(default=0, ge=0, lt=1 << 40)
    sale_end: int = Field(default=0, ge=0, lt=1 << 40)
    soulbound: bool = False
    invitation_only: bool = False
    invitee_discount_bps: int = Field(default=0, ge=0, le=2_000)
    allow_root: str = Field(default=ZERO_HASH, pattern=HashText)


class TierPriceRequest(TierRequest, _Price):
    pass


class TierPausedRequest(TierRequest):
    paused: bool


class TierLabelRequest(TierRequest, _Label):
    pass


class TierAccessRequest(TierRequest):
    """`allow_root` 0: everybody; else the root of a list that `POST allow-lists` gave."""

    invitation_only: bool
    invitee_discount_bps: int = Field(ge=0, le=2_000)
    allow_root: str = Field(default=ZERO_HASH, pattern=HashText)


class RetireTierRequest(TierRequest):
    """`retires_at`: renewals end then, unix seconds; a full notice away at least."""

    retires_at: int = Field(ge=1, lt=1 << 40)


class GrantPart(BaseModel):
    """Unpaid time; `token_id` the membership that the recipient holds, 0 for none."""

    recipient: AddressText
    tier_id: int = Field(ge=1, lt=1 << 16)
    seconds: int = Field(ge=1, lt=1 << 40)
    token_id: int = Field(default=0, ge=0, lt=1 << 40)


class GrantRequest(TransactionRequest):
    grants: list[GrantPart] = Field(min_length=1, max_length=MOST_GRANTS)


class RatesRequest(TransactionRequest):
    """What badges get by level, 1/10 000, and the counted members that silver and gold take."""

    bronze_bps: int = Field(ge=0, le=MOST_RATE)
    silver_bps: int = Field(ge=0, le=MOST_RATE)
    gold_bps: int = Field(ge=0, le=MOST_RATE)
    silver_from: int = Field(ge=1, lt=1 << 16)
    gold_from: int = Field(ge=1, lt=1 << 16)

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if not (self.bronze_bps <= self.silver_bps <= self.gold_bps and self.silver_from <= self.gold_from):
            raise ValueError("a higher level never gets less, and takes no fewer members")
        return self


class TokenRequest(TransactionRequest):
    token_id: int = Field(ge=1, lt=1 << 40)


class SettleRequest(TransactionRequest):
    token_ids: list[int] = Field(min_length=1, max_length=MOST_GRANTS)


@router.post("/create-tier")
def create_tier(
    community: CommunityPath, body: CreateTierRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """A new tier, open from then on unless its dates say otherwise."""
    view = _view(host, database, community)
    _refuse_taken(database, view, body.label)
    params = (
        body.label.encode().ljust(32, b"\0"),
        int(body.price),
        body.period_seconds,
        0,
        body.cap,
        body.sale_start,
        body.sale_end,
        body.soulbound,
        body.invitation_only,
        body.invitee_discount_bps,
        bytes.fromhex(body.allow_root[2:]),
    )
    text = say._("Add the tier %(tier)s to %(community)s: %(price)s %(length)s.")
    named = {
        "tier": body.label,
        "price": _price(host, view, body.price, say),
        "length": say.length(body.period_seconds),
    }
    return _prepared(host, view, body, say, "createTier", (params,), text % _named(view, **named))


@router.post("/tier-price")
def tier_price(
    community: CommunityPath, body: TierPriceRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """What joining costs at once, and renewing after the notice where it is a rise."""
    view, tier, at = _tier(host, database, community, body.tier_id)
    price = int(body.price)
    text = say._("%(tier)s costs %(price)s from now on, for new members and for those who renew.")
    if price > tier.price:
        text = say._(
            "%(tier)s costs %(price)s for new members from now on; who is a member now pays it from %(date)s on."
        )
    summary = text % {
        "tier": tier.label,
        "price": _price(host, view, body.price, say),
        "date": say.date(at + view.notice_seconds),
    }
    return _prepared(host, view, body, say, "setTierPrice", (tier.id, price), summary)


@router.post("/tier-paused")
def tier_paused(
    community: CommunityPath, body: TierPausedRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Stops or reopens joins; renewals go on."""
    view, tier, _ = _tier(host, database, community, body.tier_id)
    text = (
        say._("Nobody can join %(tier)s until you reopen it. Who is a member renews as before.")
        if body.paused
        else say._("%(tier)s can be joined again.")
    )
    return _prepared(host, view, body, say, "setTierPaused", (tier.id, body.paused), text % {"tier": tier.label})


@router.post("/tier-label")
def tier_label(
    community: CommunityPath, body: TierLabelRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Renames a tier."""
    view, tier, _ = _tier(host, database, community, body.tier_id)
    _refuse_taken(database, view, body.label, but=tier.id)
    summary = say._("The tier %(old)s is called %(new)s from now on.") % {"old": tier.label, "new": body.label}
    label = body.label.encode().ljust(32, b"\0")
    return _prepared(host, view, body, say, "setTierLabel", (tier.id, label), summary)


@router.post("/tier-access")
def tier_access(
    community: CommunityPath, body: TierAccessRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Who may join, and what an invited person saves."""
    view, tier, _ = _tier(host, database, community, body.tier_id)
    who = say._("everybody may join")
    if body.invitation_only:
        who = say._("only who has an invitation may join")
    elif body.allow_root != ZERO_HASH:
        who = say._("only who is on the list may join")
    text = say._("%(tier)s: %(who)s, and whoever a member invites saves %(discount)s of the first payment.")
    named = {"tier": tier.label, "who": who, "discount": say.percent(body.invitee_discount_bps)}
    arguments = (tier.id, body.invitation_only, bytes.fromhex(body.allow_root[2:]), body.invitee_discount_bps)
    return _prepared(host, view, body, say, "setTierAccess", arguments, text % named)


@router.post("/retire-tier")
def retire_tier(
    community: CommunityPath, body: RetireTierRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Ends joins at once and renewals on a day, for good."""
    view, tier, _ = _tier(host, database, community, body.tier_id)
    text = say._("Nobody joins %(tier)s any more, and nobody renews it from %(date)s on. This cannot be taken back.")
    summary = text % {"tier": tier.label, "date": say.date(body.retires_at)}
    return _prepared(host, view, body, say, "retireTier", (tier.id, body.retires_at), summary)


@router.post("/grant")
def grant(
    community: CommunityPath, body: GrantRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Unpaid time for people, whether they are members or not."""
    view = _view(host, database, community)
    count = len({part.recipient.lower() for part in body.grants})
    days = [round(part.seconds / DAY) for part in body.grants]
    text = say.ngettext(
        "Give %(count)s wallet a membership of %(community)s without payment: %(days)s days in all.",
        "Give %(count)s wallets memberships of %(community)s without payment: %(days)s days in all.",
        count,
        **_named(view, days=sum(days)),
    )
    grants = [(part.recipient, part.tier_id, part.seconds, part.token_id) for part in body.grants]
    return _prepared(host, view, body, say, "grant", (grants,), text)


@router.post("/revoke")
def revoke(
    community: CommunityPath, body: TokenRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Ends a membership now; what it has not been earned of it is the holder's."""
    with database.reading() as session:
        at = feed.time_at(session, host.settings.chain_id)
        view = community_of(session, host.settings.chain_id, community, at=at)
        held = membership_by_id(session, view.chain_id, view.membership, body.token_id, at=at)
    text = say._("End membership #%(token)s of %(community)s now. About %(refund)s go back to its holder.")
    refunded = currency_of(host.chain, view.currency).written(unearned_at(held, at), say.language)
    summary = text % _named(view, token=held.token_id, refund=refunded)
    return _prepared(host, view, body, say, "revoke", (held.token_id,), summary)


@router.post("/rates")
def rates(
    community: CommunityPath, body: RatesRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """What badges get that are first used from now on; others keep theirs until their owners take the new ones."""
    view = _view(host, database, community)
    text = say._(
        "Badges that are first used from now on get %(bronze)s, %(silver)s or %(gold)s of what their members pay; "
        "silver takes %(silver_from)s paying members, gold %(gold_from)s. Badges of today keep their rates."
    )
    shares = [say.percent(each) for each in (body.bronze_bps, body.silver_bps, body.gold_bps)]
    named = dict(zip(("bronze", "silver", "gold"), shares, strict=True))
    summary = text % {**named, "silver_from": body.silver_from, "gold_from": body.gold_from}
    arguments = (body.bronze_bps, body.silver_bps, body.gold_bps, body.silver_from, body.gold_from, 0)
    return _prepared(host, view, body, say, "setRates", (arguments,), summary)


@router.post("/settle")
def settle(
    community: CommunityPath, body: SettleRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Books what time has earned on these memberships. Anybody may."""
    view = _view(host, database, community)
    text = say.ngettext(
        "Book what time has earned on %(count)s membership of %(community)s. No money moves yet.",
        "Book what time has earned on %(count)s memberships of %(community)s. No money moves yet.",
        len(body.token_ids),
        **_named(view),
    )
    return _prepared(host, view, body, say, "settle", (body.token_ids,), text)


def _refuse_taken(database: Database, view: CommunityView, label: str, *, but: int = 0) -> None:
    """Raises LabelTaken when another tier that is not retired has the name."""
    with database.reading() as session:
        tiers = tiers_of(session, view.chain_id, view.membership, at=0)
    same = [each for each in tiers if each.label.casefold() == label.casefold() and each.id != but]
    if any(not each.retires_at for each in same):
        raise LabelTaken(f"A tier is called {label} already.", reason="label-taken")


def _view(host: Host, database: Database, community: str) -> CommunityView:
    with database.reading() as session:
        at = feed.time_at(session, host.settings.chain_id)
        return community_of(session, host.settings.chain_id, community, at=at)


def _tier(host: Host, database: Database, community: str, tier_id: int) -> tuple[CommunityView, TierView, int]:
    with database.reading() as session:
        at = feed.time_at(session, host.settings.chain_id)
        view = community_of(session, host.settings.chain_id, community, at=at)
        return view, tier_of(session, view.chain_id, view.membership, tier_id, at=at), at


def _price(host: Host, view: CommunityView, price: str, say: Say) -> str:
    return currency_of(host.chain, view.currency).written(int(price), say.language) if int(price) else say._("free")


def _named(view: CommunityView, **more: Any) -> dict[str, Any]:
    return {"community": view.name, **more}


def _prepared(
    host: Host,
    view: CommunityView,
    body: TransactionRequest,
    say: Say,
    function: str,
    arguments: tuple[Any, ...],
    summary: str,
) -> Transaction:
    call = Call("Membership", view.membership, function, arguments)
    return prepare(host, call, account=body.account, summary=summary, say=say)
