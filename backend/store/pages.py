"""Pages of the store: its products, one of them, the creator's form, the owner's policy, and the viewer's licenses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlmodel import Session

from backend import feed
from backend.chain import CallFailed, ChainUnavailable
from backend.community.queries import CommunityView, community_of, require_owner
from backend.currency import Currency, currency_of
from backend.db import Reading
from backend.host import CurrentHost, Host
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.membership.queries import membership_of
from backend.problems import Forbidden
from backend.rendering import render
from backend.store.bodies import ProductId
from backend.store.opening import Opened, opened_by
from backend.store.queries import (
    PAGE,
    LicenseView,
    income_of,
    ledger_of,
    licenses_of,
    policy_of,
    product_of,
    products_of,
    purchases_of,
    store_of,
    tips_to,
)
from backend.store.reading import product_page
from backend.transactions import CommunityPath, call_data

router = APIRouter(include_in_schema=False)
ProductPath = Annotated[ProductId, Path()]
Before = Annotated[int | None, Query(ge=1, lt=1 << 63)]
After = Annotated[str | None, Query(pattern=r"^0x[0-9a-f]{40}-[0-9]{1,18}$")]

SOME = 3
"""Posts of a gate that a license in a list names."""


@dataclass(frozen=True)
class Held:
    """A license of the viewer with what it belongs to."""

    view: CommunityView
    currency: Currency
    license: LicenseView
    opened: Sequence[Opened]
    """Some posts that ask for it."""


@router.get("/c/{community}/store")
def store(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    before: Before = None,
) -> Response:
    """What the community's people sell."""
    return _shop(request, community, host, viewer, session, before, "store/store.html")


@router.get("/fragments/c/{community}/store")
def store_part(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    before: Before = None,
) -> Response:
    """The products alone."""
    return _shop(request, community, host, viewer, session, before, "store/store_part.html")


@router.get("/c/{community}/store/new")
def new(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, session: Reading
) -> Response:
    """The creator's form. Raises Forbidden for who cannot list."""
    view, address, at = _view(request, host, session, community)
    policy = policy_of(session, view.chain_id, address)
    held = membership_of(session, view.chain_id, view.membership, viewer.account, at=at)
    owner = viewer.account == view.owner
    if not owner and (held is None or held.expired or not policy.members_may_list):
        reason = "members-only" if policy.members_may_list else "owner-only"
        raise Forbidden("Only members list products here.", reason=reason)
    return render(
        request,
        "store/new.html",
        viewer=viewer,
        community=view,
        currency=currency_of(host.chain, view.currency),
        policy=policy,
        membership_id=0 if owner or held is None else held.token_id,
        owner=owner,
    )


@router.get("/c/{community}/store/{product_id}")
def product(
    request: Request,
    community: CommunityPath,
    product_id: ProductPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
) -> Response:
    """A product, what it costs, and who gets the money."""
    return _product(request, community, product_id, host, viewer, session, "store/product.html")


@router.get("/fragments/c/{community}/store/{product_id}")
def product_part(
    request: Request,
    community: CommunityPath,
    product_id: ProductPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
) -> Response:
    """The product without its frame."""
    return _product(request, community, product_id, host, viewer, session, "store/product_part.html")


@router.get("/c/{community}/manage/store")
def manage(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, session: Reading
) -> Response:
    """The owner's policy, and the community's income from its store."""
    view, address, _ = _view(request, host, session, community)
    require_owner(view, viewer.account)
    earned, withdrawn = income_of(session, view.chain_id, address)
    return render(
        request,
        "store/manage.html",
        viewer=viewer,
        community=view,
        currency=currency_of(host.chain, view.currency),
        policy=policy_of(session, view.chain_id, address),
        earned=earned,
        withdrawn=withdrawn,
        due=_due(host, view, address),
        store=address,
    )


@router.get("/account/licenses")
def licenses(
    request: Request, host: CurrentHost, viewer: CurrentViewer, session: Reading, after: After = None
) -> Response:
    """The viewer's licenses in all communities."""
    return _licenses(request, host, viewer, session, after, "store/licenses.html")


@router.get("/fragments/account/licenses")
def licenses_part(
    request: Request, host: CurrentHost, viewer: CurrentViewer, session: Reading, after: After = None
) -> Response:
    """The same without its frame."""
    return _licenses(request, host, viewer, session, after, "store/licenses_part.html")


def _view(request: Request, host: Host, session: Session, community: str) -> tuple[CommunityView, str, int]:
    at = request.state.at = feed.time_at(session, host.settings.chain_id)
    view = community_of(session, host.settings.chain_id, community, at=at)
    return view, store_of(session, view.chain_id, view.address), at


def _shop(
    request: Request,
    community: str,
    host: Host,
    viewer: CurrentViewer,
    session: Session,
    before: int | None,
    template: str,
) -> Response:
    view, address, at = _view(request, host, session, community)
    account = viewer.account if viewer else None
    found = products_of(session, view.chain_id, address, at=at, before=before, shown_to=account)
    policy = policy_of(session, view.chain_id, address)
    held = membership_of(session, view.chain_id, view.membership, account, at=at) if account else None
    member = held is not None and not held.expired
    return render(
        request,
        template,
        viewer=viewer,
        community=view,
        products=found,
        currency=currency_of(host.chain, view.currency),
        policy=policy,
        may_list=account == view.owner or (member and policy.members_may_list),
        ledger=ledger_of(session, view.chain_id, address, account) if account else None,
        tips=tips_to(session, view.chain_id, address, account) if account else [],
        before=before,
        older=found[-1].id if len(found) == PAGE else None,
    )


def _product(
    request: Request,
    community: str,
    product_id: int,
    host: Host,
    viewer: CurrentViewer,
    session: Session,
    template: str,
) -> Response:
    view, address, at = _view(request, host, session, community)
    found = product_of(session, view.chain_id, address, product_id, at=at)
    account = viewer.account if viewer else None
    currency = currency_of(host.chain, view.currency)
    context: dict[str, Any] = {
        "community": view,
        "page": product_page(session, host.store, view, found, currency=currency, account=account),
        "purchases": purchases_of(session, found),
        "creator": account == found.creator,
        "owner": account == view.owner,
        "opened": opened_by(session, view, [found.id], account=account, at=at)[found.id],
    }
    return render(request, template, viewer=viewer, **context)


def _licenses(
    request: Request, host: Host, viewer: CurrentViewer, session: Session, after: str | None, template: str
) -> Response:
    chain_id = host.settings.chain_id
    at = request.state.at = feed.time_at(session, chain_id)
    contract, _, number = after.partition("-") if after else ("", "", "")
    start = (contract, int(number)) if after else None
    found = licenses_of(session, chain_id, viewer.account, at=at, after=start) if viewer else []
    views: dict[str, CommunityView] = {}
    for each in found:
        if each.community not in views:
            views[each.community] = community_of(session, chain_id, each.community, at=at)
    account = viewer.account if viewer else None
    opened = {
        address: opened_by(session, each, _products_in(found, address), account=account, at=at, each=SOME)
        for address, each in views.items()
    }
    held = [
        Held(
            views[each.community],
            currency_of(host.chain, views[each.community].currency),
            each,
            opened[each.community][each.product.id],
        )
        for each in found
    ]
    last = found[-1].product if len(found) == PAGE else None
    return render(
        request, template, viewer=viewer, held=held, older=f"{last.contract}-{last.id}" if last else None, after=after
    )


def _products_in(licenses: Sequence[LicenseView], community: str) -> list[int]:
    return [each.product.id for each in licenses if each.community == community]


def _due(host: Host, view: CommunityView, address: str) -> int | None:
    """What `collect` would pay the owner now; None when the node does not say."""
    try:
        return int.from_bytes(host.chain.call(view.address, call_data("Community", "dueOf", address, view.owner))[:32])
    except (CallFailed, ChainUnavailable):
        return None
