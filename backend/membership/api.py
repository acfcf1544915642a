"""Tiers, memberships, and their prepared transactions."""

from typing import Annotated, Any, Self

from eth_utils.address import to_checksum_address
from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field
from sqlmodel import Session

from backend import clock, feed
from backend.chain import CallFailed
from backend.community.queries import CommunityView, community_of
from backend.currency import Currency, currency_of
from backend.db import Opened, Reading
from backend.host import CurrentHost, Host
from backend.identity.limits import Allowance, network_of, spend
from backend.identity.origin import require_same_origin
from backend.identity.viewer import CurrentViewer
from backend.log.append import next_number
from backend.membership.prepare import NotEnough, Prepared, allowance_first, call_data, rehearse
from backend.membership.queries import kept_badge, membership_by_id, membership_of, tier_of, tiers_of
from backend.texts import Say, say_of

router = APIRouter(
    prefix="/api/communities/{community}", tags=["membership"], dependencies=[Depends(require_same_origin)]
)

AddressText = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]
CommunityPath = Annotated[str, Path(pattern=r"^0x[0-9a-fA-F]{40}$")]
Translator = Annotated[Say, Depends(say_of)]


PREPARED = Allowance("prepare", most=240, seconds=60)
"""For one network: each asks the node to execute a transaction."""


def _ration(request: Request, database: Opened) -> None:
    spend(database, PREPARED, who=network_of(request.client.host if request.client else None), at=clock.now())


class Transaction(BaseModel):
    """What a wallet signs. `value` is 0x hex wei; `before` come first, each confirmed before the next."""

    to: str
    data: str
    value: str
    chainId: int  # noqa: N815 - the name that wallets use
    summary: str
    before: list["Transaction"]

    @classmethod
    def of(cls, prepared: Prepared, chain_id: int) -> Self:
        return cls(
            to=to_checksum_address(prepared.to),
            data="0x" + prepared.data.hex(),
            value=hex(prepared.value),
            chainId=chain_id,
            summary=prepared.summary,
            before=[cls.of(each, chain_id) for each in prepared.before],
        )


class JoinRequest(BaseModel):
    """`account` pays and signs; `recipient` becomes the member (by default the same), invited by `badge` (0 = none)."""

    account: AddressText
    tier_id: int = Field(ge=1, lt=1 << 16)
    periods: int = Field(default=1, ge=1, le=120)
    recipient: AddressText | None = None
    badge: int = Field(default=0, ge=0, lt=1 << 40)


class RenewRequest(BaseModel):
    account: AddressText
    token_id: int = Field(ge=1, lt=1 << 40)
    periods: int = Field(default=1, ge=1, le=120)


class TransferRequest(BaseModel):
    account: AddressText
    token_id: int = Field(ge=1, lt=1 << 40)
    to: AddressText


class CollectRequest(BaseModel):
    account: AddressText


class TierAnswer(BaseModel):
    id: int
    label: str
    price: str
    renewal_price: str
    price_written: str
    period_seconds: int
    seats: int
    cap: int
    soulbound: bool
    invitee_discount_bps: int
    state: str


@router.get("/tiers")
def tiers(community: CommunityPath, host: CurrentHost, session: Reading) -> list[TierAnswer]:
    """The tiers; prices are decimal strings in base units."""
    view, at = _community(host, session, community)
    currency = currency_of(host.chain, view.currency)
    return [
        TierAnswer(
            id=tier.id,
            label=tier.label,
            price=str(tier.price),
            renewal_price=str(tier.renewal_price),
            price_written=currency.written(tier.price),
            period_seconds=tier.period_seconds,
            seats=tier.seats,
            cap=tier.cap,
            soulbound=tier.soulbound,
            invitee_discount_bps=tier.invitee_discount_bps,
            state=tier.state,
        )
        for tier in tiers_of(session, view.chain_id, view.membership, at=at)
    ]


@router.get("/me")
def me(community: CommunityPath, host: CurrentHost, viewer: CurrentViewer, session: Reading) -> dict[str, Any]:
    """What the viewer is here, and what its next acts need: the home's time and the next numbers."""
    view, at = _community(host, session, community)
    if viewer is None:
        return {"account": None, "at": at}
    held = membership_of(session, view.chain_id, view.membership, viewer.account, at=at)
    wallet, key = (next_number(session, view.chain_id, view.address, each) for each in (viewer.account, viewer.key))
    return {
        "account": viewer.account,
        "at": at,
        "owner": view.owner == viewer.account,
        "key": viewer.key,
        "next_n": {"wallet": wallet, "key": key},
        "membership": None
        if held is None
        else {
            "token_id": held.token_id,
            "tier_id": held.tier_id,
            "expires_at": held.expires_at,
            "expired": held.expired,
        },
    }


@router.post("/transactions/join", dependencies=[Depends(_ration)])
def join(
    community: CommunityPath, body: JoinRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """A first purchase; a wallet that already has a membership gets its renewal's reason instead."""
    with database.reading() as session:
        view, at = _community(host, session, community)
        tier = tier_of(session, view.chain_id, view.membership, body.tier_id, at=at)
        recipient = (body.recipient or body.account).lower()
        kept = kept_badge(session, view.chain_id, view.membership, recipient)
    currency = currency_of(host.chain, view.currency)
    price = tier.price_through(body.badge, kept=kept)
    due = price * body.periods
    arguments = (tier.id, body.periods, price, view.currency or "0x" + "00" * 20, recipient, body.badge)
    length = tier.period_seconds * body.periods
    summary = say.join(view.name, tier.label, currency.written(due), length)
    data = call_data("Membership", "join", *arguments)
    return _paid(host, view, currency, account=body.account, data=data, due=due, summary=summary, say=say)


@router.post("/transactions/renew", dependencies=[Depends(_ration)])
def renew(
    community: CommunityPath, body: RenewRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """An extension from expiry, or from now if expired. Anybody may pay it."""
    with database.reading() as session:
        view, at = _community(host, session, community)
        held = membership_by_id(session, view.chain_id, view.membership, body.token_id, at=at)
        tier = tier_of(session, view.chain_id, view.membership, held.tier_id, at=at)
    currency = currency_of(host.chain, view.currency)
    price = tier.price_for(held.expires_at, at=at)
    due = price * body.periods
    summary = say.renew(view.name, tier.label, currency.written(due), tier.period_seconds * body.periods)
    arguments = (held.token_id, body.periods, price, view.currency or "0x" + "00" * 20)
    data = call_data("Membership", "renew", *arguments)
    return _paid(host, view, currency, account=body.account, data=data, due=due, summary=summary, say=say)


@router.post("/transactions/transfer", dependencies=[Depends(_ration)])
def transfer(
    community: CommunityPath, body: TransferRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """A membership goes to another wallet, with its time and its unearned money."""
    with database.reading() as session:
        view, _ = _community(host, session, community)
    summary = say.transfer(view.name, body.token_id, body.to)
    data = call_data("Membership", "transferFrom", body.account, body.to, body.token_id)
    prepared = Prepared(view.membership, data, 0, summary)
    rehearse(host.chain, prepared, account=body.account, contract="Membership")
    return Transaction.of(prepared, view.chain_id)


@router.post("/transactions/collect", dependencies=[Depends(_ration)])
def collect(
    community: CommunityPath, body: CollectRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """All that the memberships have earned for this account is paid to it."""
    with database.reading() as session:
        view, _ = _community(host, session, community)
    prepared = Prepared(
        view.address,
        call_data("Community", "collect", view.membership, body.account),
        0,
        say.collect(view.name),
    )
    rehearse(host.chain, prepared, account=body.account, contract="Community")
    return Transaction.of(prepared, view.chain_id)


@router.get("/transactions/{tx_hash}")
def transaction(
    community: CommunityPath,  # noqa: ARG001 - part of the address
    tx_hash: Annotated[str, Path(pattern=r"^0x[0-9a-f]{64}$")],
    host: CurrentHost,
) -> dict[str, Any]:
    """The life of a sent transaction: `pending`, `reverted` or `confirmed`, and whether our index has its block."""
    receipt = host.chain.receipt(tx_hash)
    if receipt is None:
        return {"state": "pending", "block": None, "indexed": False}
    with host.database.reading() as session:
        indexed = feed.tip(session, host.settings.chain_id).number >= receipt.block_number
    state = "confirmed" if receipt.succeeded else "reverted"
    return {"state": state, "block": receipt.block_number, "indexed": indexed}


def _community(host: Host, session: Session, address: str) -> tuple[CommunityView, int]:
    at = feed.time_at(session, host.settings.chain_id)
    return community_of(session, host.settings.chain_id, address, at=at), at


def _paid(
    host: Host, view: CommunityView, currency: Currency, *, account: str, data: bytes, due: int, summary: str, say: Say
) -> Transaction:
    """A call of the membership contract that moves `due` from the account, tried before it is handed out."""
    if currency.address is None:
        _require_funds(host, account, due)
        prepared = Prepared(view.membership, data, due, summary)
    else:
        words = say.approve(view.name, currency.written(due))
        before = allowance_first(
            host.chain, currency=currency.address, spender=view.membership, account=account, amount=due, summary=words
        )
        prepared = Prepared(view.membership, data, 0, summary, before)
    if not prepared.before:  # what waits for an approval would revert now
        rehearse(host.chain, prepared, account=account, contract="Membership")
    return Transaction.of(prepared, view.chain_id)


def _require_funds(host: Host, account: str, due: int) -> None:
    try:
        balance = host.chain.balance(account)
    except CallFailed as error:
        raise NotEnough("The wallet's balance cannot be read.") from error
    if balance < due:
        raise NotEnough("The wallet holds too little for this.", have=str(balance), need=str(due))
