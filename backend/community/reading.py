"""What a new member can do first: say who it is, say hello, invite others."""

from dataclasses import dataclass

from fastapi import Request
from sqlmodel import Session

from backend.community.queries import CommunityView, welcome_of
from backend.content.queries import PostView, free_post
from backend.discussion.queries import has_replied
from backend.identity.people import Person, person_of
from backend.membership.reading import Offer, invitation_link

NEWCOMER_SECONDS = 14 * 86_400
"""How long after joining somebody is one."""


@dataclass(frozen=True)
class Newcomer:
    """`thread`: where it says hello, if there is a post open to all; `link`: its own invitation, if it can invite."""

    person: Person | None
    thread: PostView | None
    said_hello: bool
    link: str | None

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
    return Newcomer(
        person=person_of(session, view.chain_id, view.address, account),
        thread=thread,
        said_hello=thread is not None and has_replied(session, view.chain_id, view.address, thread.id, account),
        link=invitation_link(base_url, view.address, held.token_id) if held.earned_at else None,
    )


def welcomed_cookie(community: str) -> str:
    """By which a browser remembers that the panel was put away."""
    return f"koinon_welcomed_{community.lower()[2:]}"
