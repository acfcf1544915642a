"""How auto-renewals stand: for the member whose money it is, and for the owner of the community."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from backend import feed
from backend.community.queries import owned_community
from backend.currency import currency_of
from backend.db import Reading
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.identity.viewer import SignedInViewer
from backend.renewals.queries import Standing, counts_in, next_place, place_of, standings_in, standings_of
from backend.transactions import CommunityPath

router = APIRouter(
    prefix="/api/communities/{community}", tags=["renewals"], dependencies=[Depends(require_same_origin)]
)
anywhere = APIRouter(prefix="/api", tags=["renewals"], dependencies=[Depends(require_same_origin)])
After = Annotated[str | None, Query(pattern=r"^\d{1,13}-\d{1,13}$")]


class RenewalAnswer(BaseModel):
    """The auto-renewal of a membership. Amounts are decimal strings in base units, times unix seconds.

    `reason` says why the last try failed, or why there will be none; None when nothing is wrong. `short` is what the
    prepaid balance lacks; `tx_hash` the keeper's last transaction for it.
    """

    community: str
    token_id: int
    holder: str
    tier: str
    expires_at: int
    opens_at: int
    closes_at: int
    price: str
    price_written: str
    max_price: str
    periods_left: int
    until: int
    prepaid: str | None
    short: str
    reason: str | None
    tried_at: int | None
    next_at: int | None
    tx_hash: str | None


class RenewalsAnswer(BaseModel):
    """A page of a community's auto-renewals by expiry; `next` is the `after` of the following page."""

    agreed: int
    soon: int
    failing: int
    renewals: list[RenewalAnswer]
    next: str | None


@anywhere.get("/renewals")
def my_renewals(host: CurrentHost, viewer: SignedInViewer, session: Reading) -> list[RenewalAnswer]:
    """What keepers may renew with the viewer's money, in all communities."""
    at = feed.time_at(session, host.settings.chain_id)
    return [_answer(host, each) for each in standings_of(session, host.settings.chain_id, viewer.account, at=at)]


@router.get("/renewals")
def renewals(
    community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, session: Reading, after: After = None
) -> RenewalsAnswer:
    """The owner sees every member's auto-renewal, and why any of them fails."""
    chain_id = host.settings.chain_id
    view, at = owned_community(session, chain_id, community, viewer.account)
    found = standings_in(session, chain_id, view.membership, at=at, after=place_of(after))
    counts = counts_in(session, chain_id, view.membership, at=at)
    return RenewalsAnswer(
        agreed=counts.agreed,
        soon=counts.soon,
        failing=counts.failing,
        renewals=[_answer(host, each) for each in found],
        next=next_place(found),
    )


def _answer(host: Host, standing: Standing) -> RenewalAnswer:
    return RenewalAnswer(
        community=standing.community,
        token_id=standing.token_id,
        holder=standing.holder,
        tier=standing.tier_label,
        expires_at=standing.expires_at,
        opens_at=standing.opens_at,
        closes_at=standing.closes_at,
        price=str(standing.price),
        price_written=currency_of(host.chain, standing.currency).written(standing.price),
        max_price=str(standing.max_price),
        periods_left=standing.periods_left,
        until=standing.until,
        prepaid=None if standing.prepaid is None else str(standing.prepaid),
        short=str(standing.short),
        reason=standing.reason,
        tried_at=standing.tried_at,
        next_at=standing.next_at,
        tx_hash=standing.tx_hash,
    )
