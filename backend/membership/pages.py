"""Pages of joining: the tiers compared, and joining with all that one may choose, alone or as a gift."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from backend import feed
from backend.community.queries import CommunityView, community_of
from backend.db import Reading
from backend.host import CurrentHost, Host
from backend.identity.viewer import CurrentViewer
from backend.membership.held import held_of
from backend.membership.history import gifts_of
from backend.membership.queries import TierView, membership_of, uses_of
from backend.membership.reading import Offer, invited_by, offer_of, remembering
from backend.membership.standing import periods_of
from backend.membership.voucher_link import LONGEST_LINK, TRIAL, VoucherLink
from backend.problems import NotFound
from backend.rendering import render, render_live
from backend.transactions import CommunityPath

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Checkout:
    """A tier as the viewer can join it: what a period costs with invitation and voucher, and how many there may be."""

    tier: TierView
    price: int
    periods: list[int]
    voucher: VoucherLink | None
    fault: str | None
    """Why the voucher does not work: past, used-up, other-wallet."""
    proof: Sequence[str] | None = None
    """That the viewer is on the tier's list; None: it has none, the viewer is not on it, or nobody is signed in."""
    seat: int = 0
    """A membership whose seat the join frees and takes, since the tier is sold out; 0: none."""

    @property
    def trial_seconds(self) -> int:
        """Time that the voucher gives without payment; 0 when it is none of that kind."""
        works = self.voucher is not None and self.fault is None
        return self.voucher.value if works and self.voucher is not None and self.voucher.kind == TRIAL else 0

    @property
    def open(self) -> bool:
        """Whether it can be joined now: one by invitation with a voucher only, one with a list by who is on it, one
        that is sold out if a seat can be released."""
        listed = self.proof is not None or not self.tier.listed
        vouched = (self.voucher is not None and self.fault is None) or not self.tier.invitation_only
        seated = self.tier.state == "invitation" or (self.tier.state == "sold-out" and self.seat > 0)
        return self.tier.state == "open" or (seated and listed and vouched)


@router.get("/c/{community}/tiers")
@router.get("/fragments/c/{community}/tiers")
def tiers(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: CurrentViewer, session: Reading
) -> Response:
    """The tiers of a community on a page of their own, compared."""
    view, offer, _ = _offer(request, community, host, viewer, session)
    page = render_live(request, "membership/tiers.html", viewer=viewer, community=view, offer=offer)
    return remembering(request, view.address, page)


@router.get("/c/{community}/join")
def join(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    tier: Annotated[int | None, Query(ge=1, lt=1 << 16)] = None,
    voucher: Annotated[str | None, Query(max_length=LONGEST_LINK)] = None,
) -> Response:
    """Joining one tier: periods, auto-renewal, invitation (`?badge=`) and voucher (`?voucher=`)."""
    view, offer, at = _offer(request, community, host, viewer, session)
    given = VoucherLink.of_link(voucher) if voucher else None
    wanted = given.tier_id if given is not None else tier
    chosen = next((each for each in offer.tiers if each.id == wanted), None)
    if chosen is None and wanted is not None:
        raise NotFound("There is no such tier.")
    chosen = chosen or next((each for each in offer.tiers if offer.may_join(each)), None)
    chosen = chosen or next((each for each in offer.tiers if each.by_list), None)
    checkout = None
    if chosen is not None:
        fault = _fault(session, view, given, viewer.account if viewer else None, at) if given else None
        price = offer.price_of(chosen)
        if given is not None and fault is None:
            price = given.price_of(chosen, price)
        checkout = Checkout(
            chosen,
            price,
            periods_of(chosen, start=at, at=at),
            given,
            fault,
            offer.proofs.get(chosen.id),
            offer.seats.get(chosen.id, 0),
        )
    page = render(request, "membership/join.html", viewer=viewer, community=view, offer=offer, checkout=checkout)
    return remembering(request, view.address, page)


@router.get("/c/{community}/gift")
@router.get("/fragments/c/{community}/gift")
def gift(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    tier: Annotated[int | None, Query(ge=1, lt=1 << 16)] = None,
    to: Annotated[str | None, Query(pattern=r"^0x[0-9a-fA-F]{40}$")] = None,
) -> Response:
    """Giving memberships to others, renewing that of one (`?to=`), and what the viewer gave so far."""
    view, offer, at = _offer(request, community, host, viewer, session)
    theirs = membership_of(session, view.chain_id, view.membership, to.lower(), at=at) if to else None
    given = gifts_of(session, view.chain_id, view.membership, viewer.account) if viewer else []
    paid = [each for each in offer.tiers if each.state == "open" and each.price]
    chosen = next((each for each in paid if each.id == tier), paid[0] if paid else None)
    periods = periods_of(chosen, start=at, at=at) if chosen else []
    return render_live(
        request,
        "membership/gift.html",
        viewer=viewer,
        community=view,
        currency=offer.currency,
        offer=offer,
        theirs=held_of(host, session, [theirs], at=at)[0] if theirs else None,
        given=[(each, offer.currency) for each in given],
        paid=paid,
        tier=chosen,
        periods=periods,
    )


def _offer(
    request: Request, community: str, host: Host, viewer: CurrentViewer, session: Session
) -> tuple[CommunityView, Offer, int]:
    at = request.state.at = feed.time_at(session, host.settings.chain_id)
    view = community_of(session, host.settings.chain_id, community, at=at)
    account = viewer.account if viewer else None
    return view, offer_of(session, host.chain, view, account, at=at, badge=invited_by(request, view.address)), at


def _fault(session: Session, view: CommunityView, voucher: VoucherLink, account: str | None, at: int) -> str | None:
    used = uses_of(session, view.chain_id, view.membership, voucher.digest(view.chain_id, view.membership))
    return voucher.fault(account=account, used=used, at=at)
