"""The seats of tiers with a limit, and leaving one for good: releasing the seat of a membership that ended long ago,
burning one's own membership."""

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import Session

from backend import feed
from backend.community.queries import CommunityView, community_of
from backend.currency import currency_of
from backend.db import Opened
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.membership.queries import SEAT_GRACE, MembershipView, membership_by_id, tier_of
from backend.membership.standing import unearned_at
from backend.problems import Conflict
from backend.transactions import (
    RATIONED,
    Call,
    CommunityPath,
    Transaction,
    TransactionRequest,
    Translator,
    prepare,
)

router = APIRouter(
    prefix="/api/communities/{community}/transactions",
    tags=["membership"],
    dependencies=[Depends(require_same_origin), *RATIONED],
)


class SeatKept(Conflict):
    """The seat is somebody's: `frees_at` says when anybody can release it, unix seconds."""

    slug, title = "seat-kept", "This seat is not free yet"


class TokenRequest(TransactionRequest):
    token_id: int = Field(ge=1, lt=1 << 40)


@router.post("/release-seat")
def release_seat(
    community: CommunityPath, body: TokenRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """The seat of a membership that expired 30 days ago or earlier is free. Anybody may; nobody loses money by it."""
    with database.reading() as session:
        view, held, at = _held(host, session, community, body.token_id)
        tier = tier_of(session, view.chain_id, view.membership, held.tier_id, at=at)
    frees_at = held.expires_at + SEAT_GRACE
    if at < frees_at:
        raise SeatKept("A seat is free 30 days after the membership expired.", reason="seat-kept", frees_at=frees_at)
    call = Call("Membership", view.membership, "releaseSeat", (held.token_id,))
    text = say._(
        "Free the seat of membership #%(token)s (%(tier)s) of %(community)s: it expired more than 30 days ago."
    )
    summary = text % {"token": held.token_id, "tier": tier.label, "community": view.name}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/burn")
def burn(
    community: CommunityPath, body: TokenRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """The membership is no more; what is unearned comes back, and its badge becomes a token. Only its holder."""
    with database.reading() as session:
        view, held, at = _held(host, session, community, body.token_id)
    refund = currency_of(host.chain, view.currency).about(unearned_at(held, at))
    text = say._(
        "Burn your membership #%(token)s of %(community)s: it ends now and is gone for good. "
        "%(refund)s comes back to this wallet"
    )
    summary = text % {"token": held.token_id, "community": view.name, "refund": refund}
    call = Call("Membership", view.membership, "burn", (held.token_id, body.account))
    return prepare(host, call, account=body.account, summary=summary, say=say)


def _held(host: Host, session: Session, community: str, token_id: int) -> tuple[CommunityView, MembershipView, int]:
    at = feed.time_at(session, host.settings.chain_id)
    view = community_of(session, host.settings.chain_id, community, at=at)
    return view, membership_by_id(session, view.chain_id, view.membership, token_id, at=at), at
