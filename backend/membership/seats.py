"""The seats of tiers with a limit, and leaving one for good: releasing the seat of a membership that ended long ago,
burning one's own membership."""

from fastapi import APIRouter, Depends
from pydantic import Field

from backend.community.reading import Here
from backend.currency import currency_of
from backend.db import Opened
from backend.host import CurrentHost
from backend.identity.origin import require_same_origin
from backend.membership.queries import SEAT_GRACE, membership_by_id, tier_of
from backend.membership.standing import unearned_at
from backend.problems import Conflict
from backend.transactions import (
    RATIONED,
    Call,
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
def release_seat(here: Here, body: TokenRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """The seat of a membership that expired 30 days ago or earlier is free. Anybody may; nobody loses money by it."""
    with database.reading() as session:
        held = membership_by_id(session, here.view.chain_id, here.view.membership, body.token_id, at=here.at)
        tier = tier_of(session, here.view.chain_id, here.view.membership, held.tier_id, at=here.at)
    frees_at = held.expires_at + SEAT_GRACE
    if here.at < frees_at:
        raise SeatKept("A seat is free 30 days after the membership expired.", reason="seat-kept", frees_at=frees_at)
    call = Call("Membership", here.view.membership, "releaseSeat", (held.token_id,))
    text = say._(
        "Free the seat of membership #%(token)s (%(tier)s) of %(community)s: it expired more than 30 days ago."
    )
    summary = text % {"token": held.token_id, "tier": tier.label, "community": here.view.name}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/burn")
def burn(here: Here, body: TokenRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """The membership is no more; what is unearned comes back, and its badge becomes a token. Only its holder."""
    with database.reading() as session:
        held = membership_by_id(session, here.view.chain_id, here.view.membership, body.token_id, at=here.at)
    refund = currency_of(host.chain, here.view.currency).about(unearned_at(held, here.at), say.language)
    text = say._(
        "Burn your membership #%(token)s of %(community)s: it ends now and is gone for good. "
        "%(refund)s comes back to this wallet"
    )
    summary = text % {"token": held.token_id, "community": here.view.name, "refund": refund}
    call = Call("Membership", here.view.membership, "burn", (held.token_id, body.account))
    return prepare(host, call, account=body.account, summary=summary, say=say)
