"""Tiers, memberships, and their prepared transactions."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field
from sqlmodel import Session

from backend import feed
from backend.community.queries import CommunityView, community_of
from backend.currency import currency_of
from backend.db import Opened, Reading
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.identity.people import spoken_of
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.log.append import next_number
from backend.membership.places import places_on_lists, proof_for, words_of
from backend.membership.queries import kept_badge, membership_by_id, membership_of, tier_of, tiers_of
from backend.membership.voucher_link import NO_VOUCHER, TRIAL, VoucherLink
from backend.transactions import (
    NATIVE,
    RATIONED,
    AddressText,
    Call,
    CommunityPath,
    Transaction,
    TransactionRequest,
    Translator,
    prepare,
)
from indexer.tables.columns import FOR_LIFE

router = APIRouter(
    prefix="/api/communities/{community}", tags=["membership"], dependencies=[Depends(require_same_origin)]
)
anywhere = APIRouter(prefix="/api", tags=["membership"])
NO_PERMIT = (0, 0, 0, bytes(32), bytes(32))
TierPath = Annotated[int, Path(ge=1, lt=1 << 16)]


class AutoRenewal(BaseModel):
    """Consent to renewals by keepers: at most `max_price` (base units) each, `periods` times, none after `until`."""

    max_price: str = Field(pattern=r"^(0|[1-9][0-9]{0,28})$", examples=["44000000000000000"])
    periods: int = Field(ge=0, lt=1 << 16)
    until: int = Field(default=FOR_LIFE, ge=0, le=FOR_LIFE)

    @property
    def struct(self) -> tuple[int, int, int]:
        """As the contract takes it."""
        return int(self.max_price), self.periods, self.until


class JoinRequest(TransactionRequest):
    """`account` pays and signs; `recipient` becomes the member (by default the same), invited by `badge` (0 = none).
    `released_id`: a membership that expired 30 days ago or earlier, whose seat in a full tier the join takes; 0 = none.
    """

    tier_id: int = Field(ge=1, lt=1 << 16)
    periods: int = Field(default=1, ge=1, le=120)
    recipient: AddressText | None = None
    badge: int = Field(default=0, ge=0, lt=1 << 40)
    voucher: VoucherLink | None = None
    auto_renew: AutoRenewal | None = None
    released_id: int = Field(default=0, ge=0, lt=1 << 40)


class RenewRequest(TransactionRequest):
    token_id: int = Field(ge=1, lt=1 << 40)
    periods: int = Field(default=1, ge=1, le=120)


class TransferRequest(TransactionRequest):
    token_id: int = Field(ge=1, lt=1 << 40)
    to: AddressText


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
    listed: bool
    invitation_only: bool


class PlaceAnswer(BaseModel):
    """`listed`: the tier has an allow-list; `proof`: that the viewer is on it, 32-byte words; null when it is not."""

    listed: bool
    proof: list[str] | None


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
            listed=tier.listed,
            invitation_only=tier.invitation_only,
        )
        for tier in tiers_of(session, view.chain_id, view.membership, at=at)
    ]


@router.get("/tiers/{tier_id}/place")
def place(
    community: CommunityPath, tier_id: TierPath, host: CurrentHost, viewer: SignedInViewer, session: Reading
) -> PlaceAnswer:
    """Whether the viewer is on the tier's allow-list, with the proof that a join passes. Nobody asks for another."""
    view, at = _community(host, session, community)
    tier = tier_of(session, view.chain_id, view.membership, tier_id, at=at)
    proof = places_on_lists(session, view, [tier], viewer.account).get(tier.id)
    return PlaceAnswer(listed=tier.listed, proof=proof)


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


@router.post("/transactions/join", dependencies=RATIONED)
def join(
    community: CommunityPath,
    body: JoinRequest,
    host: CurrentHost,
    viewer: CurrentViewer,
    database: Opened,
    say: Translator,
) -> Transaction:
    """A first purchase; a wallet that already has a membership gets its renewal's reason instead.

    With a voucher its price holds, and a trial takes no payment; with `auto_renew` keepers may renew from then on. A
    tier with an allow-list takes who is on it, and tells nobody else who that is: the recipient has signed in.
    """
    recipient, voucher = (body.recipient or body.account).lower(), body.voucher
    with database.reading() as session:
        view, at = _community(host, session, community)
        tier = tier_of(session, view.chain_id, view.membership, body.tier_id, at=at)
        kept = kept_badge(session, view.chain_id, view.membership, recipient)
        proof = proof_for(session, view, tier, recipient, viewer=viewer)
    price, trial = tier.price_through(body.badge, kept=kept), voucher is not None and voucher.kind == TRIAL
    if voucher is not None:
        price = voucher.price_of(tier, price)
    periods = 0 if trial else body.periods
    due = price * periods
    arguments = [tier.id, periods, price, view.currency or NATIVE, recipient, body.badge]
    written = currency_of(host.chain, view.currency).written(due, say.language)
    length = voucher.value if voucher is not None and trial else tier.period_seconds * periods
    summary = say.join(view.name, tier.label, written, length)
    if recipient != body.account.lower():
        summary = say._("%(summary)s, as a gift to %(recipient)s") % {"summary": summary, "recipient": recipient}
    function = "join"
    if tier.listed or voucher is not None or body.auto_renew is not None or body.released_id:
        function = "joinWith"
        arguments.append(_extras(proof, voucher, body.auto_renew, body.released_id))
    if body.auto_renew is not None:
        most = currency_of(host.chain, view.currency).written(int(body.auto_renew.max_price), say.language)
        summary = say.auto_renewal(summary, most, body.auto_renew.periods)
    call = Call("Membership", view.membership, function, arguments, due, view.currency)
    return prepare(host, call, account=body.account, summary=summary, say=say)


def _extras(
    proof: list[str], voucher: VoucherLink | None, consent: AutoRenewal | None, released_id: int
) -> tuple[Any, ...]:
    """IMembershipDesk.JoinExtras."""
    terms, signature = (voucher.struct, bytes.fromhex(voucher.signature[2:])) if voucher else (NO_VOUCHER, b"")
    return words_of(proof), terms, signature, consent.struct if consent else (0, 0, 0), NO_PERMIT, released_id, 0, b""


@router.post("/transactions/renew", dependencies=RATIONED)
def renew(
    community: CommunityPath,
    body: RenewRequest,
    host: CurrentHost,
    viewer: CurrentViewer,
    database: Opened,
    say: Translator,
) -> Transaction:
    """An extension from expiry, or from now if expired. Anybody may pay it, but a late one of a tier with a list: that
    is a join again, and its holder must be on the list and ask for it.
    """
    with database.reading() as session:
        view, at = _community(host, session, community)
        held = membership_by_id(session, view.chain_id, view.membership, body.token_id, at=at)
        tier = tier_of(session, view.chain_id, view.membership, held.tier_id, at=at)
        late = tier.listed and tier.is_join(held.expires_at, at=at)
        proof = proof_for(session, view, tier, held.holder, viewer=viewer) if late else []
    price = tier.price_for(held.expires_at, at=at)
    due = price * body.periods
    written = currency_of(host.chain, view.currency).written(due, say.language)
    summary = say.renew(view.name, tier.label, written, tier.period_seconds * body.periods)
    arguments: list[Any] = [held.token_id, body.periods, price, view.currency or NATIVE]
    function = "renewWith" if late else "renew"
    if late:
        arguments += [0, words_of(proof), NO_PERMIT]
    call = Call("Membership", view.membership, function, arguments, due, view.currency)
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/transfer", dependencies=RATIONED)
def transfer(
    community: CommunityPath, body: TransferRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """A membership goes to another wallet, with its time and its unearned money."""
    with database.reading() as session:
        view, _ = _community(host, session, community)
        receiver = spoken_of(session, view.chain_id, view.address, [body.to])[body.to]
    call = Call("Membership", view.membership, "transferFrom", (body.account, body.to, body.token_id))
    summary = say.transfer(view.name, body.token_id, receiver)
    return prepare(host, call, account=body.account, summary=summary, say=say)


@anywhere.get("/transactions/{tx_hash}")
def transaction(
    tx_hash: Annotated[str, Path(pattern=r"^0x[0-9a-f]{64}$")],
    host: CurrentHost,
) -> dict[str, Any]:
    """The life of a sent transaction: `pending`, `reverted` or `confirmed`, whether our index has its block, and
    whether no reorg can take it back any more."""
    receipt = host.chain.receipt(tx_hash)
    if receipt is None:
        return {"state": "pending", "block": None, "indexed": False, "final": False}
    with host.database.reading() as session:
        tip = feed.tip(session, host.settings.chain_id)
    return {
        "state": "confirmed" if receipt.succeeded else "reverted",
        "block": receipt.block_number,
        "indexed": tip.number >= receipt.block_number,
        "final": tip.final_number >= receipt.block_number,
    }


def _community(host: Host, session: Session, address: str) -> tuple[CommunityView, int]:
    at = feed.time_at(session, host.settings.chain_id)
    return community_of(session, host.settings.chain_id, address, at=at), at
