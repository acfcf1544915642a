"""Pages of crowdsales: the list, a sale, its token, and where the owner opens and runs them."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlmodel import Session

from backend.chain import CallFailed, Chain, ChainUnavailable
from backend.community.queries import CommunityView, require_owner
from backend.community.reading import Place, Shown, due_of
from backend.content.queries import feed_of
from backend.crowdsale.arithmetic import for_sale
from backend.crowdsale.bodies import PreviewBody
from backend.crowdsale.queries import PAGE, sales_of
from backend.crowdsale.reading import TOKEN_DECIMALS, SalePage, history_of, open_page, own_part, planned_page, sale_page
from backend.crowdsale.token import TokenView, distributions_of, holder_count, holder_of, holders_of, token_of
from backend.currency import Currency, currency_of
from backend.db import Reading
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.membership.queries import tiers_of
from backend.problems import NotFound
from backend.rendering import render, render_live
from backend.transactions import NATIVE, call_data

router = APIRouter(include_in_schema=False)
SalePath = Annotated[str, Path(pattern=r"^0x[0-9a-fA-F]{40}$")]
Before = Annotated[str | None, Query(pattern=r"^0x[0-9a-fA-F]{40}$")]
After = Annotated[str | None, Query(pattern=r"^[0-9]{1,77}-0x[0-9a-f]{40}$")]


@dataclass(frozen=True)
class TokenPart:
    """What the node says of the viewer's tokens. `delegate` None: nobody casts its votes."""

    income: int
    votes: int
    delegate: str | None


@router.get("/c/{community}/sales")
def sales(
    request: Request,
    here: Shown,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    before: Before = None,
) -> Response:
    """The crowdsales of a community."""
    view, at = here.view, here.at
    pages = _pages(host, session, view, before, at)
    owner = viewer is not None and viewer.account == view.owner
    return render(
        request,
        "crowdsale/sales.html",
        viewer=viewer,
        community=view,
        pages=pages,
        owner=owner,
        older=pages[-1].sale.address if len(pages) == PAGE else None,
    )


@router.get("/c/{community}/sales/{address}")
def sale(
    request: Request,
    here: Shown,
    address: SalePath,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
) -> Response:
    """A crowdsale: what one gets, for what, under which terms, and what one can do now."""
    return _sale(request, here, address, host, viewer, session, "crowdsale/sale.html")


@router.get("/fragments/c/{community}/sales/{address}/{part}")
def sale_part(
    request: Request,
    here: Shown,
    address: SalePath,
    part: Annotated[str, Path(pattern=r"^(progress|mine|terms|story)$")],
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
) -> Response:
    """A part of the sale's page that follows the chain."""
    return _sale(request, here, address, host, viewer, session, f"crowdsale/{part}_part.html")


@router.get("/c/{community}/sales/{address}/token")
@router.get("/fragments/c/{community}/sale-tokens/{address}")
def token(
    request: Request,
    here: Shown,
    address: SalePath,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    after: After = None,
) -> Response:
    """The token that a sale sold: who holds it, its income, and what a holder or the attestor can do."""
    view, at = here.view, here.at
    page = open_page(session, host.chain, view, address, at=at)
    if page.sale.token is None:
        raise NotFound("This sale sells memberships, no token.")
    found = token_of(session, view.chain_id, view.address, page.sale.token, at=at)
    balance, _, account = after.partition("-") if after else ("", "", "")
    holders = holders_of(session, found, after=(int(balance), account) if after else None)
    context: dict[str, Any] = {
        "community": view,
        "page": page,
        "token": found,
        "unit": Currency(found.address, found.symbol, TOKEN_DECIMALS),
        "holders": holders,
        "count": holder_count(session, found),
        "more": f"{holders[-1].balance}-{holders[-1].account}" if len(holders) == PAGE else None,
        "distributions": distributions_of(session, found),
        "mine": holder_of(session, found, viewer.account) if viewer else None,
        "part": _part(host.chain, found, viewer.account) if viewer else None,
        "attests": viewer is not None and viewer.account in (view.owner, found.attestor),
        "owner": viewer is not None and viewer.account == view.owner,
    }
    return render_live(request, "crowdsale/token.html", viewer=viewer, **context)


@router.get("/c/{community}/manage/sales")
@router.get("/fragments/c/{community}/manage/sales")
def manage(
    request: Request,
    here: Shown,
    host: CurrentHost,
    viewer: SignedInViewer,
    session: Reading,
    before: Before = None,
) -> Response:
    """Where the owner runs the community's sales."""
    view, at = here.view, here.at
    require_owner(view, viewer.account)
    pages = _pages(host, session, view, before, at)
    source = view.currency or NATIVE
    return render_live(
        request,
        "crowdsale/manage.html",
        viewer=viewer,
        community=view,
        pages=pages,
        currency=currency_of(host.chain, view.currency),
        source=source,
        due=due_of(host, view, source, view.owner),
        before=before,
        older=pages[-1].sale.address if len(pages) == PAGE else None,
    )


@router.get("/c/{community}/manage/sales/new")
def plan(request: Request, here: Shown, host: CurrentHost, viewer: SignedInViewer, session: Reading) -> Response:
    """The guided form for a new sale."""
    view, at = here.view, here.at
    require_owner(view, viewer.account)
    tiers = [tier for tier in tiers_of(session, view.chain_id, view.membership, at=at) if not tier.cap]
    currency = currency_of(host.chain, view.currency)
    return render(request, "crowdsale/new.html", viewer=viewer, community=view, tiers=tiers, currency=currency)


@router.post("/fragments/c/{community}/manage/sales/preview", dependencies=[Depends(require_same_origin)])
def preview(
    request: Request,
    here: Shown,
    body: PreviewBody,
    host: CurrentHost,
    viewer: SignedInViewer,
    session: Reading,
) -> Response:
    """The terms as contributors will read them."""
    view, at = here.view, here.at
    require_owner(view, viewer.account)
    terms = body.terms()
    maximum = 0 if terms.sells_periods else for_sale(terms.steps) + terms.founder_allocation
    said = (body.title.strip(), body.purpose)
    page = planned_page(session, host.chain, view, terms, at=at, maximum=maximum, said=said)
    return render(request, "crowdsale/preview.html", viewer=viewer, community=view, page=page)


def _pages(host: Host, session: Session, view: CommunityView, before: str | None, at: int) -> list[SalePage]:
    found = sales_of(session, view.chain_id, view.address, at=at, before=before)
    tiers = tiers_of(session, view.chain_id, view.membership, at=at)
    return [sale_page(host.chain, view, each, tiers) for each in found]


def _sale(
    request: Request,
    here: Place,
    address: str,
    host: Host,
    viewer: CurrentViewer,
    session: Session,
    template: str,
) -> Response:
    view, at = here.view, here.at
    page = open_page(session, host.chain, view, address, at=at)
    owner = viewer is not None and viewer.account == view.owner
    return render(
        request,
        template,
        viewer=viewer,
        community=view,
        page=page,
        own=own_part(session, view, page.sale, viewer.account, at=at) if viewer else None,
        history=history_of(session, page.sale),
        owner=owner,
        posts=feed_of(session, view.chain_id, view.address) if owner else [],
    )


def _part(chain: Chain, token: TokenView, account: str) -> TokenPart | None:
    """None when the node does not say."""
    answers = []
    for function in ("incomeOf", "getVotes", "delegates"):
        answer = _asked(chain, token.address, call_data("CommunityToken", function, account))
        if answer is None:
            return None
        answers.append(answer)
    income, votes, delegate = answers
    return TokenPart(income, votes, f"0x{delegate:040x}" if delegate else None)


def _asked(chain: Chain, to: str, data: bytes) -> int | None:
    """The first number of what a view answers now; None when the node does not say."""
    try:
        return int.from_bytes(chain.call(to, data)[:32])
    except (CallFailed, ChainUnavailable):
        return None
