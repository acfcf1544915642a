"""Posts, their gated rest, their files; and the door where bodies come in before the acts that name them."""

from base64 import b64decode
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, Path, Query, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ValidationError
from sqlalchemy import func, select
from sqlmodel import Session, col

from backend import feed
from backend.content.queries import FileView, PostView, feed_of, post_of
from backend.content.reading import open_body, open_file, post_access
from backend.content.words import POST_TYPE, PostBody
from backend.db import Opened, Reading
from backend.gates.access import have_watched, rule_of
from backend.gates.decision import Allowed, Denied, decide
from backend.gates.holdings import holdings_of, is_member
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.keys.bodies import SALT_BYTES, Place, stage_file, stage_text
from backend.log.tables import StagedBody
from backend.problems import Forbidden, Malformed, NotFound, TooLarge, TooMuch
from backend.transactions import CommunityPath

router = APIRouter(prefix="/api/communities/{community}", tags=["content"], dependencies=[Depends(require_same_origin)])

IdPath = Annotated[str, Path(pattern=r"^b[a-z2-7]{58}$")]
INLINE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"})
"""What browsers may show in our origin; everything else is a download."""
TEXT_TYPE = "text/markdown"
REPLY_CHARACTERS = 8000
"""As the page's field: a page shows many replies, and each costs time to render."""
BODIES_A_DAY = 500
"""Bodies that one author may send to one community within a day: what is pinned is pinned for long."""
DAY = 86_400


class AccessAnswer(BaseModel):
    """`until` (exclusive, unix seconds) when allowed; else `conditions`: have, need, next step."""

    allowed: bool
    until: int | None = None
    conditions: list[dict[str, Any]] = []


class FileAnswer(BaseModel):
    cid: str
    size: int
    type: str
    sealed: bool
    alt: str


class PostAnswer(BaseModel):
    """A post without its gated rest. `base` is what an edit must name; `gate` None: all of it is here."""

    id: str
    seq: int
    author: str
    at: int
    edited_at: int | None
    base: str
    title: str
    teaser: str
    gate: str | None
    sealed: bool
    files: list[FileAnswer]
    access: AccessAnswer | None = None


class PostBodyAnswer(BaseModel):
    """The gated rest, and what proves that it is the author's: SHA-256(salt ‖ SHA-256 of each 1 MiB slice)."""

    type: str
    text: str
    salt: str
    commit: str
    until: int
    as_of_block: int


class StagedAnswer(BaseModel):
    """What the act must name. `commit` is for comparison: compute it yourself before you sign."""

    cid: str
    size: int
    commit: str
    item: str | None


@router.get("/posts")
def list_posts(
    community: CommunityPath,
    host: CurrentHost,
    session: Reading,
    before: Annotated[int | None, Query(ge=1, lt=1 << 31)] = None,
) -> list[PostAnswer]:
    """The newest posts below a record number, twenty at most; teasers only."""
    return [_answer(post) for post in feed_of(session, host.settings.chain_id, community, before=before)]


@router.get("/posts/{post_id}")
def read_post(
    community: CommunityPath, post_id: IdPath, host: CurrentHost, viewer: CurrentViewer, database: Opened
) -> PostAnswer:
    """A post, and whether its rest is open to the viewer."""
    post = _post(host, database, community, post_id)
    granted = post_access(database, post, viewer.account if viewer else None)
    return _answer(post).model_copy(update={"access": _access(granted.decision)})


@router.get("/posts/{post_id}/body")
def read_body(
    community: CommunityPath, post_id: IdPath, host: CurrentHost, viewer: CurrentViewer, database: Opened
) -> PostBodyAnswer:
    """The gated rest of a post: 403 with conditions when closed, 503 while nobody can say who holds what."""
    post = _post(host, database, community, post_id)
    opened = open_body(host, post, account=viewer.account if viewer else None)
    decision, plain = opened.access.decision, opened.plain
    return PostBodyAnswer(
        type=plain.media_type,
        text=plain.text,
        salt=plain.salt.hex(),
        commit=post.sealed.commit.hex() if post.sealed else "",
        until=decision.until if isinstance(decision, Allowed) else 0,
        as_of_block=opened.access.as_of.number,
    )


@router.get("/posts/{post_id}/files/{cid}", response_class=StreamingResponse)
def read_file(
    community: CommunityPath, post_id: IdPath, cid: IdPath, host: CurrentHost, viewer: CurrentViewer, database: Opened
) -> StreamingResponse:
    """A picture or file of a post; a sealed one only to whom the post's gate is open."""
    post = _post(host, database, community, post_id)
    file = next((each for each in post.files if each.cid == cid), None)
    if file is None:
        raise NotFound("The post has no such file.")
    size, pieces = open_file(host, post, file, account=viewer.account if viewer else None)
    return StreamingResponse(pieces, media_type=file.media_type, headers=_file_headers(file, size))


@router.post("/bodies", status_code=201)
def send_body(
    community: CommunityPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
    *,
    file: Annotated[UploadFile, File()],
    type: Annotated[str, Form(pattern=r"^[a-z]+/[a-z0-9.+-]{1,80}$", examples=["text/markdown"])],
    salt: Annotated[str, Form(max_length=40, examples=["c2l4dGVlbiBieXRlcyEhIQ=="])],
    gate: Annotated[str | None, Form(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")] = None,
    reply_to: Annotated[str | None, Form(pattern=r"^b[a-z2-7]{58}$")] = None,
) -> StagedAnswer:
    """Keeps a body for the act that will name it; sealed first when it goes behind a gate or under a gated post.

    Bodies that no act names within a day are deleted.
    """
    with database.reading() as session:
        place = _place(host, session, community, viewer.account, gate=gate, reply_to=reply_to)
    if reply_to is not None and type != TEXT_TYPE:
        raise Malformed("A reply is a text.")
    if type == TEXT_TYPE or type.startswith("application/vnd.koinon."):
        body = file.file.read()
        _check_words(type, body)
        if reply_to is not None and len(body.decode()) > REPLY_CHARACTERS:
            raise TooLarge(f"A reply has at most {REPLY_CHARACTERS} characters.", limit=REPLY_CHARACTERS)
        staged = stage_text(database, host.master, place, body=body, media_type=type, salt=_salt(salt))
    else:
        staged = stage_file(database, host.store, host.master, place, file=file.file, media_type=type, salt=_salt(salt))
    return StagedAnswer(cid=staged.cid, size=staged.size, commit=staged.commit.hex(), item=staged.item)


def _place(
    host: Host, session: Session, community: str, account: str, *, gate: str | None, reply_to: str | None
) -> Place:
    """Where the body goes, if the account may write there at all. The log judges again when the act comes: both by the
    wallet that signs alone, whatever its linked wallets hold."""
    chain_id, address = host.settings.chain_id, community.lower()
    at = feed.time_of(feed.fresh_tip(session, chain_id))
    host.log.require_home(session, chain_id, address)
    if reply_to is not None:
        gate = post_of(session, chain_id, address, reply_to).gate
    rule = None if gate is None else rule_of(session, chain_id, address, gate)
    holdings = holdings_of(session, chain_id, address, account, rule)
    if not holdings.governs and not (reply_to and is_member(holdings, at=at)):
        raise Forbidden("Only members write here.", reason="members-only")
    if gate is not None and rule is None:
        raise NotFound("There is no such gate.")
    have_watched(session, chain_id, address, rule, holdings, at)
    if isinstance(decide(rule, holdings, at=at), Denied):
        raise Forbidden("This gate is closed to you.", reason="gate-closed")
    _require_quota(session, chain_id, address, account, at)
    return Place(chain_id, address, account, gate, at)


def _require_quota(session: Session, chain_id: int, community: str, account: str, at: int) -> None:
    statement = (
        select(func.count())
        .select_from(StagedBody)
        .where(
            col(StagedBody.chain_id) == chain_id,
            col(StagedBody.community) == community,
            col(StagedBody.author) == account,
            col(StagedBody.created_at) > at - DAY,
        )
    )
    if session.execute(statement).scalar_one() >= BODIES_A_DAY:
        raise TooMuch(f"At most {BODIES_A_DAY} texts and files a day.", limit=BODIES_A_DAY)


def _check_words(media_type: str, body: bytes) -> None:
    try:
        if media_type == POST_TYPE:
            PostBody.model_validate_json(body)
        else:
            body.decode()
    except ValidationError as error:
        raise Malformed("This is no post.", errors=error.errors(include_url=False, include_input=False)) from error
    except UnicodeDecodeError as error:
        raise Malformed("A text is UTF-8.") from error


def _salt(text: str) -> bytes:
    try:
        salt = b64decode(text, altchars=b"-_", validate=True)
    except ValueError as error:
        raise Malformed("The salt is base64url.") from error
    if len(salt) != SALT_BYTES:
        raise Malformed(f"The salt has {SALT_BYTES} bytes.")
    return salt


def _post(host: Host, database: Opened, community: str, post_id: str) -> PostView:
    with database.reading() as session:
        return post_of(session, host.settings.chain_id, community, post_id)


def _answer(post: PostView) -> PostAnswer:
    return PostAnswer(
        id=post.id,
        seq=post.seq,
        author=post.author,
        at=post.at,
        edited_at=post.edited_at,
        base=post.base,
        title=post.title,
        teaser=post.teaser,
        gate=post.gate,
        sealed=post.sealed is not None,
        files=[
            FileAnswer(cid=each.cid, size=each.size, type=each.media_type, sealed=each.item is not None, alt=each.alt)
            for each in post.files
        ],
    )


def _access(decision: Allowed | Denied) -> AccessAnswer:
    if isinstance(decision, Allowed):
        return AccessAnswer(allowed=True, until=decision.until)
    return AccessAnswer(allowed=False, conditions=[condition.encode() for condition in decision.conditions])


def _file_headers(file: FileView, size: int) -> dict[str, str]:
    disposition: Literal["inline", "attachment"] = "inline" if file.media_type in INLINE_TYPES else "attachment"
    return {
        "content-length": str(size),
        "content-disposition": disposition,
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store" if file.item else "public, max-age=31536000, immutable",
    }
