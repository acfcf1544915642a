"""Pages where the owner tends tiers, people and coupons."""

import csv
import io
from collections.abc import Iterator
from typing import Annotated

import segno
from eth_utils.address import to_checksum_address
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from backend.badges.queries import newest_rates
from backend.community.queries import CommunityView, owned_community
from backend.currency import currency_of
from backend.db import Database, Opened
from backend.host import CurrentHost
from backend.identity.viewer import SignedInViewer
from backend.membership.lists import list_sizes
from backend.membership.people import PersonView, State, Wanted, people_of
from backend.membership.queries import free_seats, members_by_tier, tiers_of
from backend.membership.vouchers import voucher_of, vouchers_of
from backend.rendering import render_live
from backend.texts import harmless
from backend.transactions import CommunityPath

router = APIRouter(include_in_schema=False)

DigestPath = Annotated[str, Path(pattern=r"^0x[0-9a-f]{64}$")]
Words = Annotated[str, Query(pattern=r"^[^\x00-\x1f]{0,60}$")]
TierQuery = Annotated[str, Query(pattern=r"^[0-9]{0,5}$")]
After = Annotated[str | None, Query(pattern=r"^[0-9]{1,13}-[0-9]{1,13}$")]
Before = Annotated[int | None, Query(ge=1, lt=1 << 40)]
EXPORT_PAGE = 500
VOUCHERS_PAGE = 20
HEADER = ("membership", "wallet", "tier", "tier_label", "joined_at", "expires_at", "state", "badge")


@router.get("/c/{community}/manage/tiers")
@router.get("/fragments/c/{community}/manage/tiers")
def tiers(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> Response:
    """What memberships there are, and what they cost."""
    with database.reading() as session:
        view, request.state.at = owned_community(session, host.settings.chain_id, community, viewer.account)
        found = tiers_of(session, view.chain_id, view.membership, at=request.state.at)
        return render_live(
            request,
            "membership/manage_tiers.html",
            viewer=viewer,
            community=view,
            currency=currency_of(host.chain, view.currency),
            tiers=found,
            members=members_by_tier(session, view.chain_id, view.membership, at=request.state.at),
            lists=list_sizes(session, view.chain_id, view.address),
            seats=free_seats(session, view.chain_id, view.membership, [tier.id for tier in found], at=request.state.at),
            rates=newest_rates(session, view.chain_id, view.membership),
        )


@router.get("/c/{community}/manage/people")
@router.get("/fragments/c/{community}/manage/people")
def people(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
    q: Words = "",
    tier: TierQuery = "",
    state: State = "valid",
    after: After = None,
) -> Response:
    """Who the members are."""
    wanted = Wanted(q, int(tier) if tier else None, state)
    with database.reading() as session:
        view, request.state.at = owned_community(session, host.settings.chain_id, community, viewer.account)
        at = request.state.at
        page = people_of(session, view.chain_id, view.membership, wanted, at=at, after=after)
        return render_live(
            request,
            "membership/manage_people.html",
            viewer=viewer,
            community=view,
            currency=currency_of(host.chain, view.currency),
            page=page,
            wanted=wanted,
            after=after,
            tiers=tiers_of(session, view.chain_id, view.membership, at=at),
        )


@router.get("/c/{community}/manage/people.csv")
def people_file(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
    q: Words = "",
    tier: TierQuery = "",
    state: State = "all",
) -> StreamingResponse:
    """Members as a file for spreadsheets, read from the database piece by piece."""
    with database.reading() as session:
        view, request.state.at = owned_community(session, host.settings.chain_id, community, viewer.account)
    wanted = Wanted(q, int(tier) if tier else None, state)
    headers = {
        "content-disposition": f'attachment; filename="members-{view.address[:10]}.csv"',
        "cache-control": "private, no-store",
    }
    lines = _lines(database, view, wanted, request.state.at)
    return StreamingResponse(lines, media_type="text/csv", headers=headers)


@router.get("/c/{community}/manage/vouchers")
@router.get("/fragments/c/{community}/manage/vouchers")
def vouchers(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
    before: Before = None,
) -> Response:
    """Coupons, trials and invitations that the owner signed."""
    with database.reading() as session:
        view, request.state.at = owned_community(session, host.settings.chain_id, community, viewer.account)
        found = vouchers_of(
            session,
            view.chain_id,
            view.address,
            view.membership,
            issuer=viewer.account,
            before=before,
            limit=VOUCHERS_PAGE + 1,
        )
        tiers = tiers_of(session, view.chain_id, view.membership, at=request.state.at)
    shown = found[:VOUCHERS_PAGE]
    return render_live(
        request,
        "membership/manage_vouchers.html",
        viewer=viewer,
        community=view,
        currency=currency_of(host.chain, view.currency),
        tiers=tiers,
        labels={tier.id: tier.label for tier in tiers},
        vouchers=shown,
        older=shown[-1].created_at if len(found) > VOUCHERS_PAGE else None,
    )


@router.get("/c/{community}/manage/vouchers/{digest}.svg")
def voucher_picture(
    request: Request,
    community: CommunityPath,
    digest: DigestPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
) -> Response:
    """The link of a voucher as a QR code, for who signed it."""
    with database.reading() as session:
        view, request.state.at = owned_community(session, host.settings.chain_id, community, viewer.account)
        found = voucher_of(session, view.chain_id, view.address, view.membership, digest, issuer=viewer.account)
    out = io.BytesIO()
    link = f"{host.settings.base_url}/c/{view.address}/join?voucher={found.code}"
    segno.make(link, error="l", micro=False).save(out, kind="svg", scale=4, border=4, light="white")
    headers = {"cache-control": "private, no-store"}
    return Response(out.getvalue(), media_type="image/svg+xml", headers=headers)


def _lines(database: Database, view: CommunityView, wanted: Wanted, at: int) -> Iterator[str]:
    yield _csv(HEADER)
    after: str | None = None
    while True:
        with database.reading() as session:
            page = people_of(session, view.chain_id, view.membership, wanted, at=at, after=after, limit=EXPORT_PAGE)
        yield "".join(_csv(_cells(each)) for each in page.people)
        if page.after is None:
            return
        after = page.after


def _cells(each: PersonView) -> tuple[object, ...]:
    state = "expired" if each.expired else "valid"
    expiry = "" if each.for_life else each.expires_at
    return (
        *(each.token_id, to_checksum_address(each.holder), each.tier_id, harmless(each.tier), each.joined_at),
        *(expiry, state, each.badge or ""),
    )


def _csv(cells: tuple[object, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
