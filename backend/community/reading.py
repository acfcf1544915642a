"""Where a route is; what a new member can do first; what an owner's community still lacks, and what is due to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request
from sqlmodel import Session

from backend import feed
from backend.badges.queries import Contracts, contracts_of, inviting_badge
from backend.chain import CallFailed, ChainUnavailable
from backend.community.queries import CommunityView, OfficeView, community_of, roles_of, welcome_of
from backend.content.queries import PostView, free_post, post_count
from backend.currency import Currency, currency_of
from backend.db import Opened, Reading
from backend.discussion.queries import has_replied
from backend.host import CurrentHost, Host
from backend.identity.people import Person, person_of
from backend.keys.custody import LEAST_RECOVERY_KEYS, recovery_keys
from backend.membership.queries import had_members, tiers_of
from backend.membership.reading import Offer, invitation_link
from backend.transactions import NATIVE, CommunityPath, call_data

PUBLISHER = 8

StepName = Literal["words", "name", "keys", "post", "plan", "anchor", "invite"]
SourceName = Literal["memberships", "store", "received", "coins"]


@dataclass(frozen=True)
class Place:
    """A community, its contracts, and the time at which it is looked at."""

    view: CommunityView
    contracts: Contracts
    at: int


def place_of(session: Session, chain_id: int, community: str) -> Place:
    """Raises NotFound."""
    at = feed.time_at(session, chain_id)
    view = community_of(session, chain_id, community, at=at)
    return Place(view, contracts_of(session, chain_id, view.address), at)


def place_here(community: CommunityPath, host: CurrentHost, database: Opened) -> Place:
    with database.reading() as session:
        return place_of(session, host.settings.chain_id, community)


def place_shown(request: Request, community: CommunityPath, host: CurrentHost, session: Reading) -> Place:
    place = place_of(session, host.settings.chain_id, community)
    request.state.at = place.at
    return place


Here = Annotated[Place, Depends(place_here)]
"""The community of the address; read in a transaction of its own, which is over when a node is asked."""
Shown = Annotated[Place, Depends(place_shown)]
"""The same, read in the transaction of the request; its page tells the time by `at`."""


@dataclass(frozen=True)
class Step:
    """One thing to do next, and whether it is done."""

    name: StepName
    done: bool


def next_steps(session: Session, view: CommunityView, *, at: int) -> Sequence[Step]:
    """What a community needs to be whole; empty once all is there."""
    tiers = [tier for tier in tiers_of(session, view.chain_id, view.membership, at=at) if tier.state != "retired"]
    roles = {each.account: each.roles for each in roles_of(session, view.chain_id, view.address)}
    owner = person_of(session, view.chain_id, view.address, view.owner)
    done: dict[StepName, bool] = {
        "words": bool(view.tagline or view.about),
        "name": owner is not None and bool(owner.name),
        "keys": len(recovery_keys(session, view.chain_id, view.address)) >= LEAST_RECOVERY_KEYS,
        "post": post_count(session, view.chain_id, view.address) > 0,
        "plan": any(tier.price for tier in tiers) and any(not tier.price for tier in tiers),
        "anchor": bool(roles.get(view.home_key, 0) & PUBLISHER) or view.owner == view.home_key,
        "invite": had_members(session, view.chain_id, view.membership, besides=view.owner),
    }
    return [] if all(done.values()) else [Step(name, value) for name, value in done.items()]


def due_of(host: Host, view: CommunityView, source: str, account: str) -> int:
    """What `collect` would pay the account of this source now, base units; 0 when the node does not say."""
    try:
        return int.from_bytes(host.chain.call(view.address, call_data("Community", "dueOf", source, account))[:32])
    except (CallFailed, ChainUnavailable):
        return 0


@dataclass(frozen=True)
class Due:
    """What an account can collect of one source now, base units of `currency`."""

    name: SourceName
    source: str
    currency: Currency
    amount: int


def dues_of(host: Host, view: CommunityView, office: OfficeView, account: str) -> list[Due]:
    """What waits for the account: of memberships, of the store, and of what the community was sent."""
    sources: list[tuple[SourceName, str]] = [
        ("memberships", view.membership),
        ("store", office.store),
        ("received", view.currency or NATIVE),
    ]
    if view.currency:
        sources.append(("coins", NATIVE))
    return [
        Due(
            name,
            source,
            currency_of(host.chain, source_currency(view, office, source)),
            due_of(host, view, source, account),
        )
        for name, source in sources
    ]


def source_currency(view: CommunityView, office: OfficeView, source: str) -> str | None:
    """In which currency a source of income pays; None is the native coin."""
    if source in (view.membership, office.store):
        return view.currency
    return None if source == NATIVE else source


def owner_bps(view: CommunityView, office: OfficeView) -> int:
    """What is left to the owner of all that is earned, 1/10 000."""
    return 10_000 - view.operator_bps - view.parent_bps - sum(each.bps for each in office.splits)


NEWCOMER_SECONDS = 14 * 86_400
"""How long after joining somebody is one."""


@dataclass(frozen=True)
class Newcomer:
    """`thread`: where it says hello, if there is a post open to all; `link`: its own invitation, if it can invite, by a
    badge that gets `rate_bps` of payments."""

    person: Person | None
    thread: PostView | None
    said_hello: bool
    link: str | None
    rate_bps: int

    @property
    def named(self) -> bool:
        return self.person is not None and bool(self.person.name)


def newcomer_of(
    request: Request, session: Session, view: CommunityView, offer: Offer, account: str | None
) -> Newcomer | None:
    """The viewer as a new member; None for everybody else, and for who has put the panel away."""
    held = offer.mine
    if account is None or held is None or held.expired or held.joined_at <= request.state.at - NEWCOMER_SECONDS:
        return None
    if request.cookies.get(welcomed_cookie(view.address)):
        return None
    thread = free_post(session, view.chain_id, view.address, welcome_of(session, view.chain_id, view.address))
    base_url = request.app.state.settings.base_url
    badge = inviting_badge(session, view.chain_id, view.address, account, held.token_id)
    return Newcomer(
        person=person_of(session, view.chain_id, view.address, account),
        thread=thread,
        said_hello=thread is not None and has_replied(session, view.chain_id, view.address, thread.id, account),
        link=invitation_link(base_url, view.address, badge.id) if badge else None,
        rate_bps=badge.rate_bps if badge else 0,
    )


def welcomed_cookie(community: str) -> str:
    """By which a browser remembers that the panel was put away."""
    return f"koinon_welcomed_{community.lower()[2:]}"
