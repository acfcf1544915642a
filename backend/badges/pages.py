"""Pages of badges: the viewer's own, a badge's public one with its verified income, achievements, and pictures."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlmodel import Session

from backend import feed
from backend.badges.achievements import (
    AchievementView,
    achievement_of,
    achievements_of,
    token_of,
    tokens_held,
    tokens_of,
)
from backend.badges.chart import chart_of
from backend.badges.pictures import SAFE, invitation, picture, qr_code
from backend.badges.queries import (
    OWN_PAGE,
    REFERRALS,
    badge_of,
    claims_of,
    may_grant,
)
from backend.badges.reading import Gains, Good, discount_of, goods_of, own_badges
from backend.community.reading import Place, Shown
from backend.currency import currency_of
from backend.db import Reading
from backend.host import CurrentHost, Host
from backend.identity.linking import linked_wallets
from backend.identity.viewer import CurrentViewer
from backend.market.queries import NoMarket
from backend.market.reading import Stand, stand_on
from backend.membership.queries import tiers_of
from backend.problems import NotFound
from backend.rendering import render, render_live
from backend.transactions import CommunityPath

router = APIRouter(include_in_schema=False)

TokenPath = Annotated[int, Path(ge=1, lt=1 << 72)]
BadgePath = Annotated[int, Path(ge=1, lt=REFERRALS)]
AchievementPath = Annotated[int, Path(ge=1, lt=1 << 32)]
PICTURE_SECONDS = 300


@router.get("/account/badges")
@router.get("/fragments/account/badges")
def own(
    request: Request,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    after: Annotated[str | None, Query(pattern=r"^0x[0-9a-f]{40}-[0-9]{1,13}$")] = None,
) -> Response:
    """The viewer's badges in all communities, and on the first page those of its linked wallets."""
    at = request.state.at = feed.time_at(session, host.settings.chain_id)
    behind = (after[:42], int(after[43:])) if after else None
    found = own_badges(session, host.chain, viewer.account, at=at, after=behind) if viewer else []
    count = sum(len(each.badges) for each in found)
    last = found[-1].badges[-1].record.badge if count == OWN_PAGE else None
    linked = linked_wallets(session, viewer.account) if viewer and behind is None else []
    elsewhere = {wallet: own_badges(session, host.chain, wallet, at=at) for wallet in linked}
    return render_live(
        request,
        "badges/own.html",
        viewer=viewer,
        here=found,
        elsewhere={wallet: there for wallet, there in elsewhere.items() if there},
        base_url=host.settings.base_url,
        chart_of=chart_of,
        invitation=invitation,
        after=after,
        next=f"{last.community}-{last.id}" if last else None,
    )


@router.get("/c/{community}/badges/{token_id}")
@router.get("/fragments/c/{community}/badges/{token_id}")
def one(
    request: Request, here: Shown, token_id: TokenPath, host: CurrentHost, viewer: CurrentViewer, session: Reading
) -> Response:
    """A badge, for its owner, its buyer and everybody else: the same verified income."""
    account = viewer.account if viewer else None
    good = goods_of(session, host.chain, here.view, here.contracts, [token_id], at=here.at).get(token_id)
    if good is None:
        raise NotFound("There is no such badge: a membership that was never paid has none.")
    return render_live(
        request,
        "badges/badge.html",
        viewer=viewer,
        community=here.view,
        good=good,
        mine=account == good.owner,
        stand=_stand(session, host, here, good, account),
        native=currency_of(host.chain, None),
        chart_of=chart_of,
        invitation=invitation,
        base_url=host.settings.base_url,
        **_referral(session, here, good),
    )


@router.get("/c/{community}/badges/{token_id}/picture.svg")
def drawn(here: Shown, token_id: TokenPath, host: CurrentHost, session: Reading) -> Response:
    """The picture that the chain draws of a badge or an achievement."""
    version = _version(session, here, token_id)
    svg = picture(host.chain, here.contracts.badges, token_id, version)
    headers = SAFE | {"cache-control": f"public, max-age={PICTURE_SECONDS}"}
    return Response(svg, media_type="image/svg+xml", headers=headers)


@router.get("/c/{community}/badges/{badge}/invitation.svg")
def invitation_code(community: CommunityPath, badge: BadgePath, host: CurrentHost) -> Response:
    """The invitation link of a badge as a QR code. Whether the badge exists, the link's page says."""
    svg = qr_code(invitation(host.settings.base_url, community.lower(), badge))
    headers = SAFE | {"cache-control": f"public, max-age={PICTURE_SECONDS}"}
    return Response(svg, media_type="image/svg+xml", headers=headers)


@router.get("/c/{community}/achievements")
@router.get("/fragments/c/{community}/achievements")
def gallery(
    request: Request,
    here: Shown,
    viewer: CurrentViewer,
    session: Reading,
    before: Annotated[int | None, Query(ge=1, lt=1 << 32)] = None,
) -> Response:
    """What can be achieved in a community."""
    account = viewer.account if viewer else None
    chain_id, badges = here.view.chain_id, here.contracts.badges
    shown = achievements_of(session, chain_id, badges, before=before)
    held = tokens_held(session, chain_id, badges, account) if account else []
    return render_live(
        request,
        "badges/achievements.html",
        viewer=viewer,
        community=here.view,
        achievements=shown,
        held={token.achievement: token for token in held},
        owner=account == here.view.owner,
        before=before,
        older=shown[-1].id if shown and shown[-1].id > 1 else None,
    )


@router.get("/c/{community}/achievements/claim")
def claim_voucher(request: Request, here: Shown, viewer: CurrentViewer) -> Response:
    """Where whoever got a voucher takes what it is for. The voucher stands behind the # and never reaches us."""
    return render(request, "badges/voucher.html", viewer=viewer, community=here.view)


@router.get("/c/{community}/achievements/{achievement_id}")
@router.get("/fragments/c/{community}/achievements/{achievement_id}")
def achievement(
    request: Request,
    here: Shown,
    achievement_id: AchievementPath,
    viewer: CurrentViewer,
    session: Reading,
    after: Annotated[str, Query(pattern=r"^[0-9]{1,22}$")] = "0",
) -> Response:
    """One achievement, and who has it."""
    account = viewer.account if viewer else None
    chain_id, badges = here.view.chain_id, here.contracts.badges
    found: AchievementView = achievement_of(session, chain_id, badges, achievement_id)
    tokens = tokens_of(session, chain_id, badges, found.id, after=int(after))
    owner = account == here.view.owner
    return render_live(
        request,
        "badges/achievement.html",
        viewer=viewer,
        community=here.view,
        achievement=found,
        tokens=tokens,
        after=after,
        next=str(tokens[-1].id) if tokens and tokens[-1].serial < found.made else None,
        owner=owner,
        grants=owner or (account is not None and may_grant(session, chain_id, here.view.address, account)),
        issues=account is not None and account == found.issuer and found.allowance > 0,
        badges=badges,
    )


def _referral(session: Session, here: Place, good: Good) -> dict[str, Any]:
    """What only a referral badge has: what an invitation gives, what was claimed."""
    if good.record is None:
        return {"gains": None, "claims": ()}
    tiers = tiers_of(session, here.view.chain_id, here.contracts.membership, at=here.at)
    badge = good.record.badge
    return {
        "gains": Gains(discount_of(tiers), badge.rate_bps),
        "claims": claims_of(session, here.view.chain_id, badge),
    }


def _stand(session: Session, host: Host, here: Place, good: Good, account: str | None) -> Stand | None:
    """None where there is no market."""
    try:
        return stand_on(session, host, here, good, viewer=account)
    except NoMarket:
        return None


def _version(session: Session, here: Place, token_id: int) -> int:
    chain_id, badges = here.view.chain_id, here.contracts.badges
    if token_id < REFERRALS:
        return badge_of(session, chain_id, here.contracts, token_id).changed
    token = token_of(session, chain_id, badges, token_id)
    return achievement_of(session, chain_id, badges, token.achievement).changed
