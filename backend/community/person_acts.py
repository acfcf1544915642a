"""Acts by which a member says who it is: `person.create`, `person.edit`, `person.erase`; and `community.welcome`, by
which the owner says under which post newcomers say hello.

The name stands in the body, a public block, and the picture is a public file: both can be erased, unlike the act.
"""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field, ValidationError
from sqlmodel import Session

from backend.community.tables import Welcome
from backend.content.queries import post_of
from backend.gates.authority import may_take_part, owner_only
from backend.identity.people import Person, clean_name
from backend.keys.bodies import erase_blocks, public_body
from backend.log.act import Act, Body
from backend.log.kinds import BASE_NOT_CURRENT, ActData, Kind, Placed
from backend.problems import NotFound

PERSON_TYPE = "application/vnd.koinon.person+json"
PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp")


class PictureRef(ActData):
    """The picture: a public file."""

    cid: str = Field(max_length=100)
    size: int = Field(ge=1, le=1 << 20)
    type: str = Field(pattern=r"^image/(jpeg|png|webp)$")
    commit: bytes = Field(min_length=32, max_length=32)


class PersonData(ActData):
    """The whole new state beside the name, which is the act's body."""

    picture: PictureRef | None = None


class PersonBody(BaseModel):
    """The JSON of the body."""

    name: str = Field(max_length=200)


class NoData(ActData):
    """Acts whose subject says all."""


def _bodies(act: Act) -> Sequence[Body]:
    picture = PersonData.model_validate(act.data).picture
    named = [Body(picture.cid, picture.size, picture.commit)] if picture else []
    return [*([act.body] if act.body else []), *named]


def _may_create(session: Session, placed: Placed) -> str | None:
    if placed.act.body is None:
        return "body-missing"
    person = _own(session, placed.act)
    if person is not None and not person.erased:
        return "person-known"
    return may_take_part(session, placed, None)


def _may_edit(session: Session, placed: Placed) -> str | None:
    act, person = placed.act, _own(session, placed.act)
    if act.body is None:
        return "body-missing"
    if person is None or person.erased or person.id != act.subject:
        return "person-unknown"
    return may_take_part(session, placed, None) if act.base == person.base else BASE_NOT_CURRENT


def _may_erase(session: Session, placed: Placed) -> str | None:
    person = _own(session, placed.act)
    known = person is not None and not person.erased and person.id == placed.act.subject
    return None if known else "person-unknown"


def _create(session: Session, placed: Placed) -> None:
    """The row of an account that erased itself is used again: what it said then is gone."""
    act = placed.act
    key: dict[str, Any] = {"chain_id": act.chain_id, "community": act.community, "account": act.author}
    person = Person(**key, id=act.id, base=act.id, bodies=[], erased=False, at=placed.at, seq=placed.seq)
    _write(session, session.merge(person), placed)


def _edit(session: Session, placed: Placed) -> None:
    person = _own(session, placed.act)
    if person is not None:
        person.base, person.at, person.seq = placed.act.id, placed.at, placed.seq
        _write(session, person, placed)


def _write(session: Session, person: Person, placed: Placed) -> None:
    act, picture = placed.act, PersonData.model_validate(placed.act.data).picture
    person.name = _name(session, act)
    person.picture = picture.cid if picture else None
    person.picture_type, person.picture_size = (picture.type, picture.size) if picture else ("", 0)
    person.picture_commit = picture.commit.hex() if picture else ""
    person.bodies = [*person.bodies, *([body.cid, None] for body in _bodies(act))]
    session.flush()


def _name(session: Session, act: Act) -> str:
    plain = public_body(session, act.body, PERSON_TYPE)
    try:
        return clean_name(PersonBody.model_validate(json.loads(plain.text)).name) if plain else ""
    except (ValueError, ValidationError, RecursionError):
        return ""


def _erase(session: Session, placed: Placed) -> None:
    person = _own(session, placed.act)
    if person is not None:
        person.name, person.picture, person.erased = "", None, True
        session.flush()


def _delete(session: Session, placed: Placed) -> None:
    person = _own(session, placed.act)
    if person is not None:
        erase_blocks(session, placed.act, [(cid, item) for cid, item in person.bodies])


def _own(session: Session, act: Act) -> Person | None:
    return session.get(Person, (act.chain_id, act.community, act.author))


def _may_welcome(session: Session, placed: Placed) -> str | None:
    act = placed.act
    refused = owner_only(session, placed)
    if refused is not None:
        return refused
    try:
        post = post_of(session, act.chain_id, act.community, act.subject or "")
    except NotFound:
        return "post-unknown"
    return None if post.gate is None else "post-gated"


def _welcome(session: Session, placed: Placed) -> None:
    act = placed.act
    if act.subject is not None:
        session.merge(Welcome(chain_id=act.chain_id, community=act.community, post_id=act.subject, seq=placed.seq))
        session.flush()


KINDS = [
    Kind("person.create", PersonData, _may_create, _create, bodies=_bodies),
    Kind("person.edit", PersonData, _may_edit, _edit, bodies=_bodies),
    Kind("person.erase", NoData, _may_erase, _erase, effect=_delete),
    Kind("community.welcome", NoData, _may_welcome, _welcome),
]
