"""What holders do with a membership besides paying for it: prepared transactions, and what the pages about it show."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from backend import feed
from backend.community.queries import CommunityView, community_of
from backend.currency import currency_of
from backend.db import Database, Opened
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.identity.people import listed, spoken_of
from backend.identity.viewer import CurrentViewer
from backend.membership.places import places_on_lists, proof_for, words_of
from backend.membership.queries import MembershipView, TierView, holders_among, membership_by_id, tier_of
from backend.membership.standing import change_of, unearned_at
from backend.problems import Conflict
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

MOST_GIFTS = 50
"""In one transaction: each takes about 150,000 gas."""
BaseUnits = Field(pattern=r"^(0|[1-9][0-9]{0,28})$", examples=["40000000000000000"])
TokenId = Field(ge=1, lt=1 << 40)


class CannotChange(Conflict):
    """The contract would refuse this change of tier; `reason` is a stable code."""

    slug, title = "cannot-change", "This change of tier is not possible now"


class CannotGive(Conflict):
    """Some of the wallets hold a membership already: `members` are these, `who` the same in one line."""

    slug, title = "cannot-give", "Some of these wallets hold a membership already"


class ChangeTierRequest(TransactionRequest):
    """`pays` and `min_expires_at` are what the viewer was shown."""

    token_id: int = TokenId
    tier_id: int = Field(ge=1, lt=1 << 16)
    periods: int = Field(default=0, ge=0, le=120)
    pays: str = BaseUnits
    min_expires_at: int = Field(ge=0, le=FOR_LIFE)


class AutoRenewRequest(TransactionRequest):
    """Consent to renewals by keepers. `periods` 0 ends it; `until` is the last second of one."""

    token_id: int = TokenId
    max_price: str = BaseUnits
    periods: int = Field(ge=0, lt=1 << 16)
    until: int = Field(default=FOR_LIFE, ge=0, le=FOR_LIFE)


class AmountRequest(TransactionRequest):
    amount: str = BaseUnits


class TokenRequest(TransactionRequest):
    token_id: int = TokenId


class GiftRequest(TransactionRequest):
    """One membership each to wallets that have none."""

    tier_id: int = Field(ge=1, lt=1 << 16)
    periods: int = Field(default=1, ge=1, le=120)
    recipients: list[AddressText] = Field(min_length=1, max_length=MOST_GIFTS)


class ChangeWalletRequest(TransactionRequest):
    """`account` is the wallet that receives; the holder signed WalletChange until `deadline`."""

    token_id: int = TokenId
    deadline: int = Field(ge=0, le=FOR_LIFE)
    signature: str = Field(pattern=r"^0x([0-9a-fA-F]{2}){1,2048}$")


class ChangeAnswer(BaseModel):
    """What a change of tier would bring. Amounts are base units; a tier for life has `expires_at` 2**40 - 1."""

    tier_id: int
    periods: int
    credit: str
    credit_written: str
    due: str
    due_written: str
    expires_at: int
    min_expires_at: int
    refused: str | None


@router.get("/memberships/{token_id}/changes/{tier_id}")
def preview_change(
    community: CommunityPath,
    token_id: Annotated[int, Path(ge=1, lt=1 << 40)],
    tier_id: Annotated[int, Path(ge=1, lt=1 << 16)],
    host: CurrentHost,
    viewer: CurrentViewer,
    database: Opened,
    periods: Annotated[int, Query(ge=0, le=120)] = 0,
) -> ChangeAnswer:
    """What moving this membership to that tier would bring now, with `periods` paid on top. Only its holder learns
    whether it is on the list of a tier."""
    view, held, tier, at = _held(host, database, community, token_id)
    currency = currency_of(host.chain, view.currency)
    with database.reading() as session:
        wanted = tier_of(session, view.chain_id, view.membership, tier_id, at=at)
        mine = viewer is not None and viewer.account == held.holder
        listed = bool(places_on_lists(session, view, [wanted], held.holder)) if mine else False
    change = change_of(held, tier, wanted, periods, at=at, listed=listed)
    return ChangeAnswer(
        tier_id=wanted.id,
        periods=change.periods,
        credit=str(change.credit),
        credit_written=currency.written(change.credit),
        due=str(change.due),
        due_written=currency.written(change.due),
        expires_at=change.expires_at,
        min_expires_at=change.least_expires_at,
        refused=change.refused,
    )


@router.post("/transactions/change-tier", dependencies=RATIONED)
def change_tier(
    community: CommunityPath,
    body: ChangeTierRequest,
    host: CurrentHost,
    viewer: CurrentViewer,
    database: Opened,
    say: Translator,
) -> Transaction:
    """What is unearned buys time in another tier. Raises CannotChange with the reason, and NotOnList."""
    view, held, tier, at = _held(host, database, community, body.token_id)
    with database.reading() as session:
        wanted = tier_of(session, view.chain_id, view.membership, body.tier_id, at=at)
        proof = proof_for(session, view, wanted, held.holder, viewer=viewer)
    currency = currency_of(host.chain, view.currency)
    change = change_of(held, tier, wanted, body.periods, at=at, listed=wanted.listed)
    if change.refused is not None:
        raise CannotChange("The contract would refuse this change of tier now.", reason=f"change-{change.refused}")
    pays = int(body.pays) if not wanted.period_seconds else change.due
    arguments: tuple[Any, ...] = (
        held.token_id,
        wanted.id,
        change.periods,
        wanted.price,
        view.currency or NATIVE,
        body.min_expires_at,
        words_of(proof),
    )
    text = say._(
        "Change your membership of %(community)s from %(old)s to %(new)s: %(credit)s is credited, %(due)s to pay"
    )
    credit, due = (currency.written(each, say.language) for each in (change.credit, pays))
    words = {"community": view.name, "old": tier.label, "new": wanted.label}
    summary = text % {**words, "credit": credit, "due": due}
    call = Call("Membership", view.membership, "changeTier", arguments, pays, view.currency)
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/auto-renew", dependencies=RATIONED)
def auto_renew(
    community: CommunityPath, body: AutoRenewRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Lets keepers renew the membership, or no longer."""
    view, held, _, _ = _held(host, database, community, body.token_id)
    consent = (int(body.max_price), body.periods, body.until) if body.periods else (0, 0, 0)
    most = currency_of(host.chain, view.currency).written(int(body.max_price), say.language)
    words = {"community": view.name, "most": most}
    summary = say.may_renew(body.periods, **words) if body.periods else say.stop_renewing(view.name)
    call = Call("Membership", view.membership, "setAutoRenew", (held.token_id, consent))
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/allow", dependencies=RATIONED)
def allow(
    community: CommunityPath, body: AmountRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """The membership contract may take so much of the community's ERC-20 for renewals, in all; 0 ends it."""
    view, _ = _community(host, database, community)
    if view.currency is None:
        raise Conflict("Memberships here are paid in the chain's own coin, which needs no allowance.")
    written = currency_of(host.chain, view.currency).written(int(body.amount), say.language)
    text = say._("Allow the memberships of %(community)s to take up to %(amount)s from this wallet for renewals")
    call = Call("ERC20", view.currency, "approve", (view.membership, int(body.amount)))
    summary = text % {"community": view.name, "amount": written}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/add-funds", dependencies=RATIONED)
def add_funds(
    community: CommunityPath, body: AmountRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Coins are kept for the renewals of this account, and can be taken out again at any time."""
    view, _ = _community(host, database, community)
    written = currency_of(host.chain, None).written(int(body.amount), say.language)
    text = say._("Put %(amount)s aside for your renewals in %(community)s. You can take it back at any time")
    call = Call("Membership", view.membership, "addFunds", (body.account,), int(body.amount))
    return prepare(
        host, call, account=body.account, summary=text % {"community": view.name, "amount": written}, say=say
    )


@router.post("/transactions/withdraw-funds", dependencies=RATIONED)
def withdraw_funds(
    community: CommunityPath, body: AmountRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """What is kept for this account is paid to it."""
    view, _ = _community(host, database, community)
    written = currency_of(host.chain, view.currency).written(int(body.amount), say.language)
    text = say._("Take %(amount)s that %(community)s keeps for you back into this wallet")
    call = Call("Membership", view.membership, "withdrawFunds", (body.account, int(body.amount)))
    return prepare(
        host, call, account=body.account, summary=text % {"community": view.name, "amount": written}, say=say
    )


@router.post("/transactions/cancel", dependencies=RATIONED)
def cancel(
    community: CommunityPath, body: TokenRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """The membership ends now; what is unearned comes back to the holder."""
    view, held, tier, at = _held(host, database, community, body.token_id)
    refund = currency_of(host.chain, view.currency).about(unearned_at(held, at), say.language)
    text = say._("End your membership of %(community)s (%(tier)s) now. %(refund)s comes back to this wallet")
    summary = text % {"community": view.name, "tier": tier.label, "refund": refund}
    call = Call("Membership", view.membership, "cancel", (held.token_id, body.account))
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/gift", dependencies=RATIONED)
def gift(
    community: CommunityPath, body: GiftRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """A membership for each of these wallets, paid by the account. Nobody is bound to a badge by a gift.

    Raises CannotGive with those that hold one.
    """
    recipients = list(dict.fromkeys(each.lower() for each in body.recipients))
    view, at = _community(host, database, community)
    with database.reading() as session:
        tier = tier_of(session, view.chain_id, view.membership, body.tier_id, at=at)
        names = spoken_of(session, view.chain_id, view.address, recipients)
        holders = holders_among(session, view.chain_id, view.membership, recipients)
    if holders:
        members = [{"account": each, "name": names[each]} for each in recipients if each in holders]
        who = listed([each["name"] for each in members])
        raise CannotGive(f"These hold one: {who}.", reason="gift-members", members=members, who=who)
    due = tier.price * body.periods * len(recipients)
    arguments = (tier.id, body.periods, tier.price, view.currency or NATIVE, recipients)
    written = currency_of(host.chain, view.currency).written(due, say.language)
    seconds = tier.period_seconds * body.periods
    summary = say.gift(view.name, tier.label, written, seconds, len(recipients), listed(names.values()))
    call = Call("Membership", view.membership, "giftMany", arguments, due, view.currency)
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/change-wallet", dependencies=RATIONED)
def change_wallet(
    community: CommunityPath, body: ChangeWalletRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """A membership moves to another wallet of the same person: this one, which sends it; the other has signed."""
    view, held, _, _ = _held(host, database, community, body.token_id)
    signature = bytes.fromhex(body.signature[2:])
    arguments = (held.token_id, body.account, body.deadline, signature, b"")
    text = say._("Move membership #%(token)s of %(community)s from %(holder)s to this wallet")
    summary = text % {"token": held.token_id, "community": view.name, "holder": held.holder}
    call = Call("Membership", view.membership, "changeWallet", arguments)
    return prepare(host, call, account=body.account, summary=summary, say=say)


def _community(host: Host, database: Database, address: str) -> tuple[CommunityView, int]:
    with database.reading() as session:
        return _view(host, session, address)


def _view(host: Host, session: Session, address: str) -> tuple[CommunityView, int]:
    at = feed.time_at(session, host.settings.chain_id)
    return community_of(session, host.settings.chain_id, address, at=at), at


def _held(
    host: Host, database: Database, address: str, token_id: int
) -> tuple[CommunityView, MembershipView, TierView, int]:
    with database.reading() as session:
        view, at = _view(host, session, address)
        held = membership_by_id(session, view.chain_id, view.membership, token_id, at=at)
        return view, held, tier_of(session, view.chain_id, view.membership, held.tier_id, at=at), at
