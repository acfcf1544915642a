"""Pages of posts: reading one with its replies, and writing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from backend import feed
from backend.community.queries import CommunityView, community_of, owned_community, require_owner, welcome_of
from backend.community.reading import newcomer_of
from backend.content.queries import FileView, PostView, post_of
from backend.content.reading import decision_as, imagined, open_body, post_access
from backend.content.scheduling import waiting
from backend.db import Database, Opened
from backend.discussion.queries import reply_counts
from backend.discussion.reading import OpenedReply, open_replies
from backend.feed import MirrorStale
from backend.gates.access import GateDenied
from backend.gates.decision import Condition, Denied
from backend.gates.wallets import member_wallets
from backend.gating.reading import Lock, gate_choices, lock_of
from backend.host import CurrentHost, Host
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.keys.custody import LEAST_RECOVERY_KEYS, recovery_keys
from backend.membership.reading import Offer, invited_by, offer_as, offer_of, remembering
from backend.problems import NotFound
from backend.rendering import is_served, render
from backend.texts import Say, say_of
from backend.transactions import CommunityPath, Translator

router = APIRouter(include_in_schema=False)

PostPath = Annotated[str, Path(pattern=r"^b[a-z2-7]{58}$")]
ViewAs = Annotated[str | None, Query(alias="as", pattern=r"^(outsider|expired|tier-[0-9]{1,5})$")]


@dataclass(frozen=True)
class Scene:
    """What every page about one post shows, for one viewer."""

    view: CommunityView
    post: PostView
    offer: Offer
    account: str | None
    reply_count: int
    welcomes: bool
    """Whether newcomers are asked to say hello under it."""

    def context(self) -> dict[str, Any]:
        files = self.post.files
        return {
            "community": self.view,
            "post": self.post,
            "offer": self.offer,
            "welcomes": self.welcomes,
            "own": self.post.author == self.account,
            "pictures": [file for file in files if file.item is None and file.media_type.startswith("image/")],
            "sealed_pictures": [file for file in files if file.item and file.media_type.startswith("image/")],
            "files": [file for file in files if file.item is None and not file.media_type.startswith("image/")],
            "sealed_files": [file for file in files if file.item and not file.media_type.startswith("image/")],
            "reply_count": self.reply_count,
        }


@router.get("/c/{community}/posts/{post_id}")
def read(
    request: Request,
    community: CommunityPath,
    post_id: PostPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    database: Opened,
    say: Translator,
    who: ViewAs = None,
) -> Response:
    """A post: its teaser, its rest or why that is closed, its replies. `as`: as somebody else would see it."""
    scene = _scene(request, host, database, community, post_id, viewer)
    if who is not None:
        require_owner(scene.view, viewer.account if viewer else "")
        offer = offer_as(scene.offer, scene.view, who, at=request.state.at)
        context = {
            **scene.context(),
            "offer": offer,
            "own": False,
            **_seen_as(request, host, scene, who, say, at=request.state.at),
        }
        return render(request, "content/post.html", viewer=viewer, viewing_as=who, newcomer=None, **context)
    context = {**scene.context(), **_rest(request, host, scene, say), **_replies(host, scene)}
    with database.reading() as session:
        newcomer = newcomer_of(request, session, scene.view, scene.offer, scene.account)
    page = render(request, "content/post.html", viewer=viewer, viewing_as=None, newcomer=newcomer, **context)
    return remembering(request, community, page)


@router.get("/fragments/c/{community}/posts/{post_id}/body")
def body_part(
    request: Request,
    community: CommunityPath,
    post_id: PostPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    database: Opened,
    say: Translator,
) -> Response:
    """The rest of a post, or why it is closed, alone."""
    scene = _scene(request, host, database, community, post_id, viewer)
    return render(request, "content/body.html", viewer=viewer, **scene.context(), **_rest(request, host, scene, say))


@router.get("/fragments/c/{community}/posts/{post_id}/replies")
def replies_part(
    request: Request,
    community: CommunityPath,
    post_id: PostPath,
    host: CurrentHost,
    viewer: CurrentViewer,
    database: Opened,
) -> Response:
    """The replies of a post alone."""
    scene = _scene(request, host, database, community, post_id, viewer)
    return render(request, "discussion/replies.html", viewer=viewer, **scene.context(), **_replies(host, scene))


@router.get("/c/{community}/write")
def write(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> Response:
    """Where the owner writes a new post."""
    return _compose(request, host, database, community, viewer)


@router.get("/c/{community}/posts/{post_id}/edit")
def edit(
    request: Request,
    community: CommunityPath,
    post_id: PostPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
) -> Response:
    """Where the owner edits a post."""
    with database.reading() as session:
        post = post_of(session, host.settings.chain_id, community, post_id)
    return _compose(request, host, database, community, viewer, post=post)


def _scene(
    request: Request, host: Host, database: Database, community: str, post_id: str, viewer: CurrentViewer
) -> Scene:
    chain_id, account = host.settings.chain_id, viewer.account if viewer else None
    with database.reading() as session:
        at = request.state.at = feed.time_at(session, chain_id)
        view = community_of(session, chain_id, community, at=at)
        post = post_of(session, chain_id, view.address, post_id)
        counts = reply_counts(session, chain_id, view.address, [post.id])
        offer = offer_of(session, host.chain, view, account, at=at, badge=invited_by(request, view.address))
        welcomes = welcome_of(session, chain_id, view.address) == post.id
    return Scene(view, post, offer, account, counts.get(post.id, 0), welcomes)


def _rest(request: Request, host: Host, scene: Scene, say: Say) -> dict[str, Any]:
    """`body` when the gate is open, else `lock`; `unavailable` while nobody can say."""
    closed: dict[str, Any] = {"body": None, "lock": None, "unavailable": False}
    if scene.post.gate is None:
        return closed
    try:
        decision = post_access(host.database, scene.post, scene.account).decision
        if isinstance(decision, Denied):
            return {**closed, "lock": _lock(request, host, scene, decision.conditions, say)}
        return {**closed, "body": open_body(host, scene.post, account=scene.account).plain.text}
    except MirrorStale:
        return {**closed, "unavailable": True}
    except GateDenied as closing:  # the chain moved between the question and the release
        conditions = [Condition(**each) for each in closing.extensions["conditions"]]
        return {**closed, "lock": _lock(request, host, scene, conditions, say)}
    except NotFound:
        return {**closed, "body": ""}


def _lock(request: Request, host: Host, scene: Scene, conditions: Sequence[Condition], say: Say) -> Lock:
    with host.database.reading() as session:
        served = partial(is_served, request)
        return lock_of(session, host.chain, scene.view, conditions, say, served=served)


def _seen_as(request: Request, host: Host, scene: Scene, who: str, say: Say, *, at: int) -> dict[str, Any]:
    """What somebody like this would get of the post: never more than the gate would let them have."""
    holdings = imagined(who, [tier.id for tier in scene.offer.tiers], at=at)
    closed: dict[str, Any] = {
        "body": None,
        "lock": None,
        "unavailable": False,
        "replies": None,
        "may_reply": False,
        "others": (),
        "sealed_pictures": [],
        "sealed_files": [],
    }
    post = scene.post
    try:
        with host.database.reading() as session:
            decision = decision_as(session, post.chain_id, post.community, post.gate, holdings)
    except MirrorStale:
        return {**closed, "unavailable": True}
    if isinstance(decision, Denied):
        return {**closed, "lock": _lock(request, host, scene, decision.conditions, say)}
    shown = scene.context()
    opened = {name: shown[name] for name in ("sealed_pictures", "sealed_files")}
    return {
        **closed,
        **opened,
        **(_rest(request, host, scene, say) if post.gate else {}),
        "replies": _replies(host, scene)["replies"],
    }


def _replies(host: Host, scene: Scene) -> dict[str, Any]:
    """The replies when the viewer may read the post, whether it may write one, and if not which linked wallets may."""
    held = scene.offer.mine
    member = held is not None and not held.expired
    may = member or (scene.account is not None and scene.account == scene.view.owner)
    opened: list[OpenedReply] | None
    try:
        opened = open_replies(host, scene.post, account=scene.account)
    except (GateDenied, MirrorStale):
        opened = None
    others: Sequence[str] = ()
    if not may and opened is not None and scene.account is not None:
        with host.database.reading() as session:
            others = member_wallets(session, scene.view.chain_id, scene.view.address, scene.account)
    return {"replies": opened, "may_reply": may, "others": others}


def _compose(
    request: Request,
    host: Host,
    database: Database,
    community: str,
    viewer: SignedInViewer,
    *,
    post: PostView | None = None,
) -> Response:
    with database.reading() as session:
        view, at = owned_community(session, host.settings.chain_id, community, viewer.account)
        request.state.at = at
        offer = offer_of(session, host.chain, view, viewer.account, at=at)
        keys = recovery_keys(session, view.chain_id, view.address)
        choices = gate_choices(session, host.chain, view, say_of(request))
        scheduled = [] if post else waiting(session, view.chain_id, view.address)
    files = post.files if post else ()
    return render(
        request,
        "content/compose.html",
        viewer=viewer,
        community=view,
        offer=offer,
        gates=json.dumps({gate: list(tiers) for gate, tiers in offer.of_tiers.items()}),
        choices=choices,
        recovery_needed=len(keys) < LEAST_RECOVERY_KEYS,
        post=post,
        scheduled=scheduled,
        rest=open_body(host, post, account=viewer.account).plain.text if post and post.sealed else "",
        kept=files,
        files=json.dumps([_reference(file) for file in files]),
        alts=json.dumps([{"cid": file.cid, "alt": file.alt} for file in files]),
    )


def _reference(file: FileView) -> dict[str, Any]:
    """The file as an act names it, with bytes in hex."""
    return {
        "cid": file.cid,
        "size": file.size,
        "type": file.media_type,
        "commit": file.commit,
        **({"item": file.item} if file.item else {}),
    }
