"""Moving a community to another home: what the owner needs for it, and the transaction (docs/log.md, "Moving").

Records of the old home count up to the base that the move names, by number and digest. So the base is the newest record
here, and everything up to it must be anchored first: what is not is in no copy but this home's.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from backend import clock
from backend.community.queries import HOME_URI, CommunityView, owned_community, require_owner, roles_of
from backend.community.reading import PUBLISHER, Here
from backend.db import Opened, Reading
from backend.host import CurrentHost, Host
from backend.identity.limits import Allowance, spend
from backend.identity.origin import require_same_origin
from backend.identity.viewer import SignedInViewer
from backend.jobs import enqueue
from backend.log.record import digest_of
from backend.log.tables import LogHead, PublishedManifest
from backend.problems import Conflict
from backend.rendering import render_live
from backend.transactions import (
    NATIVE,
    RATIONED,
    AddressText,
    Call,
    CommunityPath,
    Transaction,
    TransactionRequest,
    Translator,
    prepare,
)
from indexer.tables.columns import ZERO_HASH
from indexer.tables.community import Home

router = APIRouter(
    prefix="/api/communities/{community}", tags=["community"], dependencies=[Depends(require_same_origin)]
)
pages = APIRouter(include_in_schema=False)

ANCHORS = Allowance("anchor", most=6, seconds=3600)
"""That the owner of one community asks for: the home pays for each."""
Uri = Annotated[str, Field(pattern=f"^{HOME_URI}$", examples=["https://other-host.example"])]


class CannotMove(Conflict):
    """The move would lose words, or says nothing new. `reason`: `move-elsewhere` (another home serves it), `move-base`
    (the log has gone on), `move-not-anchored`, `move-same`."""

    slug, title = "cannot-move", "The community cannot be moved like this now"


@dataclass(frozen=True)
class Base:
    """Where a move would cut: the newest record here. `covered`: up to which the anchored manifest goes; `here`: this
    home serves the community; `may_anchor`: the owner lets this home publish manifests; `torn`: the last move named
    another record than the newest here, so that this home takes no words until a move names that."""

    sequence: int
    digest: str
    covered: int
    here: bool
    may_anchor: bool
    torn: bool = False

    @property
    def anchored(self) -> bool:
        """Whether all of the log is in the anchored manifest."""
        return self.covered >= self.sequence


class MoveAnswer(BaseModel):
    """The home of today, and the base that a move names now. `covered` of `sequence` records are anchored. `torn`: the
    last move named another record, and nobody can write until one names this."""

    home_uri: str
    home_key: str
    epoch: int
    here: bool
    sequence: int
    base_digest: str
    covered: int
    anchored: bool
    torn: bool


class AnchorAnswer(BaseModel):
    """What is final is published now; of `sequence` records `covered` were anchored before."""

    covered: int
    sequence: int


class MoveRequest(TransactionRequest):
    """`uri` without a path; `home_key`: address of the key with which the other home signs; `sequence` and
    `base_digest` as `GET move` told them."""

    uri: Uri
    home_key: AddressText
    sequence: Annotated[int, Field(ge=0, lt=1 << 63)] = 0
    base_digest: Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{64}$", examples=[ZERO_HASH])]


@router.get("/move")
def move(here: Here, host: CurrentHost, session: Reading) -> MoveAnswer:
    """What a move of the community would name, and whether its log is anchored."""
    base = base_of(session, host, here.view)
    return MoveAnswer(
        home_uri=here.view.home_uri,
        home_key=here.view.home_key,
        epoch=here.view.epoch,
        here=base.here,
        sequence=base.sequence,
        base_digest=base.digest,
        covered=base.covered,
        anchored=base.anchored,
        torn=base.torn,
    )


@router.post("/anchor", status_code=202)
def anchor_now(here: Here, host: CurrentHost, viewer: SignedInViewer, database: Opened) -> AnchorAnswer:
    """The home publishes what is final of the log, without waiting for its hour. Only the owner, seldom."""
    require_owner(here.view, viewer.account)
    chain_id, community, at = here.view.chain_id, here.view.address, clock.now()
    spend(database, ANCHORS, who=f"{chain_id}:{community}", at=at)
    payload = {"chain_id": chain_id, "community": community}
    with database.writing() as session:
        enqueue(session, "log.anchor", key=f"log.anchor:{chain_id}:{community}", run_at=at, payload=payload)
        base = base_of(session, host, here.view)
    return AnchorAnswer(covered=base.covered, sequence=base.sequence)


@router.post("/transactions/move-home", dependencies=RATIONED)
def move_home(here: Here, body: MoveRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """The next epoch begins at another home, or at this one under another address. Raises CannotMove."""
    with database.reading() as session:
        base = base_of(session, host, here.view)
    _require_movable(here.view, base, body)
    arguments = (body.uri, body.home_key, bytes.fromhex(body.base_digest[2:]), body.sequence)
    call = Call("Community", here.view.address, "moveHome", arguments)
    text = say._(
        "Move %(community)s to %(home)s, with its first %(count)s records. This host takes no more words then."
    )
    if body.home_key.lower() == host.home.address:
        text = say._("Tell the chain that %(community)s is at %(home)s now. The host stays the same.")
    summary = text % {"community": here.view.name, "home": body.uri, "count": body.sequence}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@pages.get("/c/{community}/manage/move")
@pages.get("/fragments/c/{community}/manage/move")
def page(
    request: Request, community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, session: Reading
) -> Response:
    """Where the owner moves the community to another home."""
    view, request.state.at = owned_community(session, host.settings.chain_id, community, viewer.account)
    base = base_of(session, host, view)
    return render_live(
        request, "community/move.html", viewer=viewer, community=view, base=base, host_key=host.home.address
    )


def base_of(session: Session, host: Host, view: CommunityView) -> Base:
    """Where a move of the community would cut."""
    head = session.get(LogHead, (view.chain_id, view.address))
    manifest = session.get(PublishedManifest, (view.chain_id, view.address, view.manifest_sequence))
    roles = {each.account: each.roles for each in roles_of(session, view.chain_id, view.address)}
    sequence, digest = (head.seq, digest_of(head.record)) if head and head.record else (0, ZERO_HASH)
    last = session.get(Home, (view.chain_id, view.address, view.epoch))
    named = (last.sequence, last.base_digest) if last else None
    return Base(
        sequence=sequence,
        digest=digest,
        covered=manifest.head_seq if manifest else 0,
        here=host.keeps(view.address, view.home_key),
        may_anchor=bool(roles.get(host.home.address, 0) & PUBLISHER) or view.owner == host.home.address,
        torn=head is not None and head.epoch != view.epoch and named != (sequence, digest),
    )


def _require_movable(view: CommunityView, base: Base, body: MoveRequest) -> None:
    if not base.here:
        raise CannotMove("Another home serves this community, and knows its newest record.", reason="move-elsewhere")
    if (body.sequence, body.base_digest.lower()) != (base.sequence, base.digest):
        raise CannotMove("The log has gone on meanwhile. Look again.", reason="move-base")
    if not base.anchored:
        detail = f"Of {base.sequence} records {base.covered} are anchored. Publish first."
        raise CannotMove(detail, reason="move-not-anchored")
    stays = not base.torn and (body.uri, body.home_key.lower()) == (view.home_uri, view.home_key)
    if stays or int(body.home_key, 16) == int(NATIVE, 16):
        raise CannotMove("That is where the community is, or no key at all.", reason="move-same")
