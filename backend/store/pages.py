"""Pages of the store: its products, one of them, the creator's form, the owner's policy, and the viewer's licenses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlmodel import Session

from backend import feed
from backend.community.queries import CommunityView, communities_by_address, require_owner
from backend.community.reading import Shown, due_of
from backend.currency import Currency, currency_of
from backend.db import Reading
from backend.host import CurrentHost, Host
from backend.identity.linking import linked_wallets
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.membership.queries import membership_of
from backend.problems import Forbidden
from backend.rendering import render, render_live
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
    tips_to,
)
from backend.store.reading import product_page

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
@router.get("/fragments/c/{community}/store")
def store(
    request: Request, here: Shown, host: CurrentHost, viewer: CurrentViewer, session: Reading, before: Before = None
) -> Response:
    """What the community's people sell."""
    view, address, at = here.view, here.contracts.store, here.at
    account = viewer.account if viewer else None
    found = products_of(session, view.chain_id, address, at=at, before=before, shown_to=account)
    policy = policy_of(session, view.chain_id, address)
    held = membership_of(session, view.chain_id, view.membership, account, at=at) if account else None
    member = held is not None and not held.expired
    return render_live(
        request,
        "store/store.html",
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


@router.get("/c/{community}/store/new")
def new(request: Request, here: Shown, host: CurrentHost, viewer: SignedInViewer, session: Reading) -> Response:
    """The creator's form. Raises Forbidden for who cannot list."""
    view, address, at = here.view, here.contracts.store, here.at
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
@router.get("/fragments/c/{community}/store/{product_id}")
def product(
    request: Request, here: Shown, product_id: ProductPath, host: CurrentHost, viewer: CurrentViewer, session: Reading
) -> Response:
    """A product, what it costs, and who gets the money."""
    view, address, at = here.view, here.contracts.store, here.at
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
    return render_live(request, "store/product.html", viewer=viewer, **context)


@router.get("/c/{community}/manage/store")
def manage(request: Request, here: Shown, host: CurrentHost, viewer: SignedInViewer, session: Reading) -> Response:
    """The owner's policy, and the community's income from its store."""
    view, address = here.view, here.contracts.store
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
        due=due_of(host, view, address, view.owner),
        store=address,
    )


@router.get("/account/licenses")
@router.get("/fragments/account/licenses")
def licenses(
    request: Request, host: CurrentHost, viewer: CurrentViewer, session: Reading, after: After = None
) -> Response:
    """The viewer's licenses in all communities, and on the first page those of its linked wallets."""
    at = request.state.at = feed.time_at(session, host.settings.chain_id)
    contract, _, number = after.partition("-") if after else ("", "", "")
    start = (contract, int(number)) if after else None
    held = _held(host, session, viewer.account, wallet=viewer.account, at=at, start=start) if viewer else []
    linked = linked_wallets(session, viewer.account) if viewer and start is None else []
    elsewhere = {each: _held(host, session, viewer.account, wallet=each, at=at) for each in linked if viewer}
    last = held[-1].license.product if len(held) == PAGE else None
    return render_live(
        request,
        "store/licenses.html",
        viewer=viewer,
        held=held,
        elsewhere={wallet: there for wallet, there in elsewhere.items() if there},
        older=f"{last.contract}-{last.id}" if last else None,
        after=after,
    )


def _held(
    host: Host, session: Session, account: str, *, wallet: str, at: int, start: tuple[str, int] | None = None
) -> list[Held]:
    """A page of the wallet's licenses, with what they open for the account."""
    chain_id = host.settings.chain_id
    found = licenses_of(session, chain_id, wallet, at=at, after=start)
    views = communities_by_address(session, chain_id, {each.community for each in found}, at=at)
    opened = {
        address: opened_by(session, each, _products_in(found, address), account=account, at=at, each=SOME)
        for address, each in views.items()
    }
    return [
        Held(
            views[each.community],
            currency_of(host.chain, views[each.community].currency),
            each,
            opened[each.community][each.product.id],
        )
        for each in found
    ]


def _products_in(licenses: Sequence[LicenseView], community: str) -> list[int]:
    return [each.product.id for each in licenses if each.community == community]
