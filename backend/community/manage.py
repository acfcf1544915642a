"""Pages of a founder: opening a community, its words, its money and offices. Only the owner gets the latter."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from backend import feed
from backend.community.art import LOOKS
from backend.community.opening import defaults_of
from backend.community.queries import (
    collections_of,
    currencies_used,
    office_of,
    owned_community,
    roles_of,
)
from backend.community.reading import dues_of, owner_bps
from backend.crowdsale.queries import ripe_sales, sales_of
from backend.currency import Currency, currency_of
from backend.db import Opened, Reading
from backend.host import CurrentHost
from backend.identity.people import person_of
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.rendering import render, render_live
from backend.transactions import CommunityPath

router = APIRouter(include_in_schema=False)

Before = Annotated[str | None, Query(pattern=r"^[0-9]{1,15}-[0-9]{1,9}$")]
PAYMENTS = 20
ROLES = (1, 2, 4, 8)


@router.get("/open")
def open_page(request: Request, host: CurrentHost, viewer: CurrentViewer, session: Reading) -> Response:
    """Where anybody opens a community."""
    chain_id = host.settings.chain_id
    at = request.state.at = feed.time_at(session, chain_id)
    used = currencies_used(session, chain_id, host.home.address, at=at)
    currencies = _told_apart([currency_of(host.chain, address) for address in (None, *used)])
    defaults = None if host.settings.communities else defaults_of(host)
    return render(
        request,
        "community/open.html",
        viewer=viewer,
        currencies=currencies,
        defaults=defaults,
        opening=json.dumps(asdict(defaults)) if defaults else "",
    )


@router.get("/c/{community}/manage/profile")
def profile(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, session: Reading
) -> Response:
    """Where the owner says what the community is, and who the owner is in it."""
    view, request.state.at = owned_community(session, host.settings.chain_id, community, viewer.account)
    person = person_of(session, view.chain_id, view.address, viewer.account)
    return render(request, "community/profile.html", viewer=viewer, community=view, person=person, looks=range(LOOKS))


@router.get("/c/{community}/manage/money")
@router.get("/fragments/c/{community}/manage/money")
def money(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
    before: Before = None,
) -> Response:
    """Who shares in the income, who holds an office, and what was paid out."""
    with database.reading() as session:
        view, request.state.at = owned_community(session, host.settings.chain_id, community, viewer.account)
        office = office_of(session, view)
        crowdsales = sales_of(session, view.chain_id, view.address, at=request.state.at)
        roles = [each for each in roles_of(session, view.chain_id, view.address) if each.roles < 16]
        ripe = ripe_sales(session, view.chain_id, view.address, at=request.state.at)
        place = tuple(map(int, before.split("-"))) if before else None
        paid = collections_of(
            session, view.chain_id, view.address, before=(place[0], place[1]) if place else None, limit=PAYMENTS + 1
        )
    shown = paid[:PAYMENTS]
    currencies = {each.currency: currency_of(host.chain, each.currency) for each in shown}
    return render_live(
        request,
        "community/money.html",
        viewer=viewer,
        community=view,
        office=office,
        owner_bps=owner_bps(view, office),
        roles=roles,
        role_bits=ROLES,
        crowdsales=crowdsales,
        ripe=ripe,
        currency=currency_of(host.chain, view.currency),
        dues=dues_of(host, view, office, viewer.account),
        payments=[(each, currencies[each.currency]) for each in shown],
        older=f"{shown[-1].block_number}-{shown[-1].log_index}" if len(paid) > PAYMENTS else None,
        split_list=json.dumps([{"account": each.account, "bps": each.bps} for each in office.splits]),
    )


def _told_apart(currencies: Sequence[Currency]) -> list[Currency]:
    """The first of each symbol: whoever makes a token can give it the symbol of another."""
    first: dict[str, Currency] = {}
    for each in currencies:
        first.setdefault(each.symbol.casefold(), each)
    return list(first.values())
