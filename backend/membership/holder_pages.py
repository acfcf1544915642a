"""Pages of what somebody holds: memberships, one membership with all that can be done, payments, receipts, calendar."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlmodel import Session

from backend import feed
from backend.badges.queries import contracts_of, inviting_badge
from backend.community.queries import CommunityView, community_of
from backend.community.reading import Place
from backend.crowdsale.queries import backed_by, waiting_periods
from backend.crowdsale.reading import TOKEN_DECIMALS
from backend.currency import Currency, currency_of
from backend.db import Opened, Reading
from backend.gates.wallets import member_wallets
from backend.host import CurrentHost, Host
from backend.identity.linking import MOST_WALLETS, linked_wallets, links_of
from backend.identity.login import Viewer, sessions_of
from backend.identity.people import person_of
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.market.queries import NoMarket
from backend.market.reading import Stand, stand_of_membership
from backend.membership.calendar import MEDIA_TYPE, Expiry, calendar
from backend.membership.held import Held, held_by, held_of, owned_of
from backend.membership.history import (
    PAGE,
    Entry,
    Position,
    entries_in,
    gifts_of,
    history_of_membership,
    shares_of,
)
from backend.membership.places import places_on_lists
from backend.membership.queries import PAGE as CARDS
from backend.membership.queries import MembershipView, funds_of, membership_by_id, membership_of
from backend.membership.reading import MembershipGood, invitation_link, membership_goods
from backend.membership.standing import change_of
from backend.membership.trade import payments_of
from backend.problems import NotFound
from backend.rendering import render, render_live
from backend.texts import Say, language_of
from backend.transactions import CommunityPath

router = APIRouter(include_in_schema=False)

HashPath = Annotated[str, Path(pattern=r"^0x[0-9a-f]{64}$")]
Before = Annotated[str | None, Query(pattern=r"^[0-9]{1,15}-[0-9]{1,9}$")]
After = Annotated[str | None, Query(pattern=r"^[0-9]{1,15}-0x[0-9a-f]{40}$")]


@router.get("/account")
@router.get("/fragments/account")
def account(
    request: Request, host: CurrentHost, viewer: CurrentViewer, session: Reading, after: After = None
) -> Response:
    """What the viewer holds and owns, and on the first page what its linked wallets hold, the newest of each."""
    at = request.state.at = feed.time_at(session, host.settings.chain_id)
    joined, _, contract = (after or "").partition("-")
    before = (int(joined), contract) if after else None
    held = held_by(host, session, viewer.account, at=at, before=before) if viewer else []
    last = held[-1].membership if len(held) == CARDS else None
    linked = linked_wallets(session, viewer.account) if viewer and before is None else []
    elsewhere = {wallet: held_by(host, session, wallet, at=at) for wallet in linked}
    sales = backed_by(session, host.settings.chain_id, viewer.account) if viewer else []
    backed = [(each, currency_of(host.chain, each.currency)) for each in sales]
    return render_live(
        request,
        "membership/account.html",
        viewer=viewer,
        held=held,
        elsewhere={wallet: there for wallet, there in elsewhere.items() if there},
        backed=backed if before is None else [],
        founded=owned_of(host, session, viewer.account, at=at) if viewer and before is None else [],
        after=after,
        more=f"{last.joined_at}-{last.contract}" if last else None,
    )


@router.get("/account/payments")
def payments(
    request: Request, host: CurrentHost, viewer: CurrentViewer, session: Reading, before: Before = None
) -> Response:
    """What the viewer and its linked wallets paid, got and were paid back, as sentences."""
    request.state.at = feed.time_at(session, host.settings.chain_id)
    linked = linked_wallets(session, viewer.account) if viewer else []
    wallets = [viewer.account, *linked] if viewer else []
    found = payments_of(session, host.settings.chain_id, wallets, before=_position(before)) if viewer else []
    return render(
        request,
        "membership/payments.html",
        viewer=viewer,
        entries=_with_currency(host, found),
        linked=linked,
        older="-".join(map(str, found[-1].position)) if len(found) == PAGE else None,
    )


@router.get("/account/settings")
def settings(request: Request, host: CurrentHost, viewer: CurrentViewer, session: Reading) -> Response:
    """Sessions, wallets, and the viewer's own data."""
    at = request.state.at = feed.time_at(session, host.settings.chain_id)
    return render(
        request,
        "membership/settings.html",
        viewer=viewer,
        sessions=sessions_of(session, viewer.account, at=at) if viewer else [],
        current=viewer.session_id if viewer else None,
        held=held_by(host, session, viewer.account, at=at) if viewer else [],
        links=links_of(session, viewer.account) if viewer else None,
        most=MOST_WALLETS,
    )


@router.get("/fragments/account/wallets")
def wallets_part(request: Request, host: CurrentHost, viewer: SignedInViewer, session: Reading) -> Response:
    """The viewer's linked wallets, alone."""
    request.state.at = feed.time_at(session, host.settings.chain_id)
    links = links_of(session, viewer.account)
    return render(request, "identity/wallets_part.html", viewer=viewer, links=links, most=MOST_WALLETS)


@router.get("/account/expiries.ics")
def expiries(request: Request, host: CurrentHost, viewer: SignedInViewer, session: Reading) -> Response:
    """When the viewer's memberships expire."""
    at = feed.time_at(session, host.settings.chain_id)
    return _calendar(request, host, held_by(host, session, viewer.account, at=at), at, "memberships")


@router.get("/c/{community}/membership")
def membership(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    tier: Annotated[int | None, Query(ge=1, lt=1 << 16)] = None,
    periods: Annotated[int, Query(ge=0, le=120)] = 0,
) -> Response:
    """The viewer's membership of one community, and all that can be done with it; `tier`: a change to look at."""
    context = _one(request, host, viewer, session, community)
    held: Held | None = context["held"]
    wanted = next((each for each in held.tiers if each.id == tier), None) if held else None
    change = None
    if held is not None and wanted is not None:
        listed = wanted.id in context["places"]
        change = change_of(held.membership, held.tier, wanted, periods, at=request.state.at, listed=listed)
    return render(request, "membership/membership.html", viewer=viewer, change=change, **context)


@router.get("/fragments/c/{community}/membership")
def membership_part(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: CurrentViewer, session: Reading
) -> Response:
    """How the viewer's membership stands, alone."""
    context = _one(request, host, viewer, session, community)
    return render(request, "membership/membership_part.html", viewer=viewer, **context)


@router.get("/fragments/c/{community}/membership/sale")
def sale_part(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: CurrentViewer, session: Reading
) -> Response:
    """What the viewer asks for its membership, alone."""
    context = _one(request, host, viewer, session, community)
    return render(request, "membership/sale_part.html", viewer=viewer, **context)


@router.get("/fragments/c/{community}/person")
def person_part(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: CurrentViewer, session: Reading
) -> Response:
    """The viewer's name and picture in this community, alone."""
    context = _one(request, host, viewer, session, community)
    return render(request, "community/person.html", viewer=viewer, **context)


@router.get("/c/{community}/membership/expiry.ics")
def expiry(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, session: Reading
) -> Response:
    """When the viewer's membership of this community expires."""
    held = _one(request, host, viewer, session, community)["held"]
    if held is None:
        raise NotFound("You hold no membership of this community.")
    return _calendar(request, host, [held], request.state.at, held.view.symbol.lower())


@router.get("/c/{community}/membership/move")
def move(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    session: Reading,
    token: Annotated[int, Query(ge=1, lt=1 << 40)],
    to: Annotated[str, Query(pattern=r"^0x[0-9a-fA-F]{40}$")],
    deadline: Annotated[int, Query(ge=0, lt=1 << 40)],
    signature: Annotated[str, Query(pattern=r"^0x([0-9a-fA-F]{2}){1,1024}$")],
) -> Response:
    """Where the other wallet takes over a membership that its holder has signed away to it."""
    at = request.state.at = feed.time_at(session, host.settings.chain_id)
    view = community_of(session, host.settings.chain_id, community, at=at)
    held = membership_by_id(session, view.chain_id, view.membership, token, at=at)
    return render(
        request,
        "membership/move.html",
        viewer=viewer,
        community=view,
        held=held_of(host, session, [held], at=at, asked=True)[0],
        to=to.lower(),
        deadline=deadline,
        signature=signature,
    )


@router.get("/c/{community}/receipts/{tx_hash}")
def receipt(
    request: Request,
    community: CommunityPath,
    tx_hash: HashPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    database: Opened,
    block: Annotated[int | None, Query(ge=0, lt=1 << 53)] = None,
) -> Response:
    """What a transaction did to memberships, and who got which part. `block`: where it is, else the node is asked."""
    if block is None:
        mined = host.chain.receipt(tx_hash)
        if mined is None:
            raise NotFound("The chain has no such transaction (yet).")
        block = mined.block_number
    with database.reading() as session:
        at = request.state.at = feed.time_at(session, host.settings.chain_id)
        view = community_of(session, host.settings.chain_id, community, at=at)
        entries = entries_in(session, view.chain_id, view.membership, block=block, tx_hash=tx_hash)
        shares = [shares_of(session, view.chain_id, each) for each in entries]
    if not entries:
        raise NotFound("This transaction changed no membership of this community.")
    return render(
        request,
        "membership/receipt.html",
        viewer=viewer,
        community=view,
        entries=[(*each, parts) for each, parts in zip(_with_currency(host, entries), shares, strict=True)],
        tx_hash=tx_hash,
        block=block,
    )


def _one(request: Request, host: Host, viewer: Viewer | None, session: Session, community: str) -> dict[str, Any]:
    """`held`: the viewer's membership here or None; `funds`: what the contract keeps for it; `entries`: its history;
    `places`: proofs of its places on the lists of tiers; `others`: linked wallets that are members when it is none."""
    at = request.state.at = feed.time_at(session, host.settings.chain_id)
    view = community_of(session, host.settings.chain_id, community, at=at)
    chain_id, contract = view.chain_id, view.membership
    found = membership_of(session, chain_id, contract, viewer.account, at=at) if viewer else None
    others = member_wallets(session, chain_id, view.address, viewer.account) if viewer and not found else []
    held = held_of(host, session, [found], at=at, asked=True)[0] if found else None
    history = history_of_membership(session, chain_id, contract, found.token_id) if found else []
    if found and viewer:
        gifts = gifts_of(session, chain_id, contract, viewer.account)
        history = sorted([*history, *gifts], key=lambda each: each.position, reverse=True)
    funds = funds_of(session, chain_id, [contract], viewer.account) if viewer else {}
    good, stand = _for_sale(session, host, view, found, at=at)
    inviting = (
        inviting_badge(session, chain_id, view.address, viewer.account, found.token_id) if found and viewer else None
    )
    return {
        "good": good,
        "stand": stand,
        "community": view,
        "held": held,
        "places": places_on_lists(session, view, held.tiers, viewer.account) if held and viewer else {},
        "others": others,
        "funds": funds.get(contract, 0),
        "currency": currency_of(host.chain, view.currency),
        "waiting": waiting_periods(session, chain_id, view.address, viewer.account, at=at) if viewer else [],
        "entries": _with_currency(host, history),
        "inviting": inviting,
        "link": invitation_link(host.settings.base_url, view.address, inviting.id) if inviting else "",
        "person": person_of(session, chain_id, view.address, viewer.account) if viewer else None,
    }


def _for_sale(
    session: Session, host: Host, view: CommunityView, held: MembershipView | None, *, at: int
) -> tuple[MembershipGood | None, Stand | None]:
    """The membership as a buyer sees it, and what is asked for it; no stand where there is no market."""
    if held is None:
        return None, None
    place = Place(view, contracts_of(session, view.chain_id, view.address), at)
    good = membership_goods(session, view.chain_id, place.contracts, [held.token_id], at=at)[held.token_id]
    try:
        return good, stand_of_membership(session, host, place, good)
    except NoMarket:
        return good, None


def _with_currency(host: Host, entries: Sequence[Entry]) -> list[tuple[Entry, Any]]:
    def unit(entry: Entry) -> Currency:
        tokens = Currency(None, entry.symbol, TOKEN_DECIMALS) if entry.symbol else None
        return tokens or currency_of(host.chain, entry.currency)

    return [(each, unit(each)) for each in entries]


def _position(text: str | None) -> Position | None:
    block, _, log = (text or "").partition("-")
    return (int(block), int(log)) if text else None


def _calendar(request: Request, host: Host, held: Sequence[Held], at: int, name: str) -> Response:
    say = Say(language_of(request))
    entries = [_expiry(host, say, each) for each in held if not each.membership.for_life]
    safe = "".join(each for each in name if each.isascii() and each.isalnum()) or "membership"
    headers = {"content-disposition": f'attachment; filename="{safe}.ics"'}
    return Response(calendar(entries, now=at), media_type=MEDIA_TYPE, headers=headers)


def _expiry(host: Host, say: Say, held: Held) -> Expiry:
    view, token = held.view, held.membership.token_id
    title = say._("Membership of %(community)s ends") % {"community": view.name}
    text = say._("Tier: %(tier)s. Renew it to keep reading; the link leads to your membership.") % {
        "tier": held.tier.label
    }
    uid = f"{view.chain_id}-{view.membership}-{token}@{host.settings.domain}"
    url = f"{host.settings.base_url}/c/{view.address}/membership"
    return Expiry(uid, title, text, url, held.membership.expires_at)
