"""Who members are: what an account says of itself, its picture, and the door where both come in before their act."""

import io
import json
from base64 import b64decode
from binascii import Error as BinasciiError
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Path, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError

from backend import feed
from backend.community.person_acts import PERSON_TYPE, PICTURE_TYPES, PersonBody
from backend.db import Opened, Reading
from backend.gates.holdings import holdings_of, is_member
from backend.host import CurrentHost, Host
from backend.identity.limits import Allowance, spend
from backend.identity.origin import require_same_origin
from backend.identity.people import clean_name, person_of
from backend.identity.viewer import SignedInViewer
from backend.ipfs.store import BlockMissing, cat, parse_cid
from backend.keys.bodies import SALT_BYTES, Place, stage_file, stage_text
from backend.problems import Forbidden, Malformed, NotFound, TooLarge

router = APIRouter(
    prefix="/api/communities/{community}/people", tags=["community"], dependencies=[Depends(require_same_origin)]
)

AddressPath = Annotated[str, Path(pattern=r"^0x[0-9a-fA-F]{40}$")]
UPLOADS = Allowance("person", most=40, seconds=86_400)
MOST_PICTURE = 200 * 1024
"""Bytes: the page makes a portrait of 320 x 320 that is far below."""
_MAGIC = {"image/jpeg": (b"\xff\xd8\xff", 0), "image/png": (b"\x89PNG\r\n\x1a\n", 0), "image/webp": (b"WEBP", 8)}


class PictureAnswer(BaseModel):
    """The picture as an act names it; `commit` in hex."""

    cid: str
    size: int
    type: str
    commit: str


class PersonAnswer(BaseModel):
    """What an account says of itself here. `id` and `base` are what an edit names; None before the first."""

    account: str
    name: str
    picture: PictureAnswer | None
    id: str | None
    base: str | None


class StagedPartAnswer(BaseModel):
    """What the act must name. `commit` is for comparison: compute it yourself before you sign."""

    cid: str
    size: int
    commit: str
    item: None = None


@router.get("/{account}")
def read_person(community: AddressPath, account: AddressPath, host: CurrentHost, session: Reading) -> PersonAnswer:
    """Name and picture of an account in this community; empty when it has said none."""
    found = person_of(session, host.settings.chain_id, community, account)
    if found is None or found.erased:
        return PersonAnswer(account=account.lower(), name="", picture=None, id=None, base=None)
    picture = None
    if found.picture is not None:
        picture = PictureAnswer(
            cid=found.picture, size=found.picture_size, type=found.picture_type, commit=found.picture_commit
        )
    return PersonAnswer(account=found.account, name=found.name, picture=picture, id=found.id, base=found.base)


@router.get("/{account}/pictures/{cid}")
def read_picture(
    community: AddressPath,
    account: AddressPath,
    cid: Annotated[str, Path(pattern=r"^[a-z2-7]{30,100}$")],
    host: CurrentHost,
    session: Reading,
) -> Response:
    """The account's picture. Nothing in it can run: it is served as a picture, in a sandbox."""
    found = person_of(session, host.settings.chain_id, community, account)
    if found is None or found.picture != cid:
        raise NotFound("There is no such picture.")
    try:
        body = b"".join(cat(host.store, parse_cid(cid)))
    except BlockMissing as error:
        raise NotFound("The picture is gone.") from error
    headers = {
        "content-security-policy": "default-src 'none'; sandbox",
        "content-disposition": "inline",
        "x-content-type-options": "nosniff",
        "cache-control": "private, max-age=3600",
    }
    return Response(body, media_type=found.picture_type, headers=headers)


@router.post("/uploads", status_code=201)
def send_part(
    community: AddressPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
    *,
    file: Annotated[UploadFile, File()],
    type: Annotated[str, Form(pattern=r"^[a-z]+/[a-z0-9.+-]{1,80}$", examples=["image/webp"])],
    salt: Annotated[str, Form(max_length=40, examples=["c2l4dGVlbiBieXRlcyEhIQ=="])],
) -> StagedPartAnswer:
    """Keeps a name (JSON) or a picture for the act that will name it; for members and who owns the community.

    What no act names within a day is deleted.
    """
    place = _place(host, database, community, viewer.account)
    spend(database, UPLOADS, who=f"{place.community}|{viewer.account}", at=place.at)
    body = file.file.read(MOST_PICTURE + 1)
    if len(body) > MOST_PICTURE:
        raise TooLarge(f"A picture has at most {MOST_PICTURE} bytes.", limit=MOST_PICTURE)
    if type == PERSON_TYPE:
        _check_person(body)
        staged = stage_text(database, host.master, place, body=body, media_type=type, salt=_salt(salt))
    else:
        _check_picture(type, body)
        staged = stage_file(
            database, host.store, host.master, place, file=io.BytesIO(body), media_type=type, salt=_salt(salt)
        )
    return StagedPartAnswer(cid=staged.cid, size=staged.size, commit=staged.commit.hex())


def _place(host: Host, database: Opened, community: str, account: str) -> Place:
    chain_id, address = host.settings.chain_id, community.lower()
    with database.reading() as session:
        at = feed.time_of(feed.fresh_tip(session, chain_id))
        host.log.require_home(session, chain_id, address)
        holdings = holdings_of(session, chain_id, address, account)
        known = person_of(session, chain_id, address, account)
    if not holdings.governs and not is_member(holdings, at=at) and known is None:
        raise Forbidden("Only members write here.", reason="members-only")
    return Place(chain_id, address, account, None, at)


def _check_person(body: bytes) -> None:
    try:
        name = PersonBody.model_validate(json.loads(body)).name
    except (ValueError, ValidationError, RecursionError) as error:
        raise Malformed("This is no name.") from error
    if not clean_name(name):
        raise Malformed("A name has at least one letter that can be seen.")


def _check_picture(media_type: str, body: bytes) -> None:
    if media_type not in PICTURE_TYPES:
        raise Malformed("A picture is JPEG, PNG or WebP.")
    magic, at = _MAGIC[media_type]
    if body[at : at + len(magic)] != magic:
        raise Malformed("The file is not the picture that it says it is.")


def _salt(text: str) -> bytes:
    try:
        salt = b64decode(text, altchars=b"-_", validate=True)
    except BinasciiError as error:
        raise Malformed("The salt is base64url.") from error
    if len(salt) != SALT_BYTES:
        raise Malformed(f"The salt has {SALT_BYTES} bytes.")
    return salt
