"""`community.profile`: what the owner says the community is. The words stand in the body, a public block."""

import json
from collections.abc import Sequence

from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import delete
from sqlmodel import Session, col

from backend.community.art import LOOKS
from backend.community.person_acts import KINDS as PERSON_KINDS
from backend.community.tables import Profile, Topic
from backend.community.topics import topic_key
from backend.gates.authority import owner_only
from backend.keys.bodies import public_body
from backend.log.kinds import ActData, Kind, Placed

PROFILE_TYPE = "application/vnd.koinon.profile+json"


class ProfileData(ActData):
    """Nothing beside the body."""


class ProfileBody(BaseModel):
    """The JSON of the body."""

    tagline: str = Field(default="", max_length=200)
    about: str = Field(default="", max_length=20_000)
    topics: list[str] = Field(default_factory=list, max_length=12)
    look: int = Field(default=0, ge=0, lt=LOOKS)


def _may(session: Session, placed: Placed) -> str | None:
    return owner_only(session, placed) or (None if placed.act.body else "body-missing")


def _project(session: Session, placed: Placed) -> None:
    act = placed.act
    plain = public_body(session, act.body, PROFILE_TYPE)
    try:
        body = ProfileBody.model_validate(json.loads(plain.text)) if plain else ProfileBody()
    except (ValueError, ValidationError, RecursionError):
        body = ProfileBody()
    row = session.get(Profile, (act.chain_id, act.community))
    if row is None:
        row = Profile(chain_id=act.chain_id, community=act.community, seq=placed.seq)
        session.add(row)
    row.tagline, row.about, row.topics, row.seq = body.tagline, body.about, body.topics, placed.seq
    row.look = body.look
    row.words = "\n".join([body.tagline, body.about, *body.topics]).casefold()
    session.flush()
    _index_topics(session, placed, body.topics)


def _index_topics(session: Session, placed: Placed, topics: Sequence[str]) -> None:
    act = placed.act
    session.execute(delete(Topic).where(col(Topic.chain_id) == act.chain_id, col(Topic.community) == act.community))
    for topic in dict.fromkeys(topic_key(each) for each in topics):
        if topic:
            session.add(Topic(chain_id=act.chain_id, community=act.community, topic=topic))
    session.flush()


KINDS = [Kind("community.profile", ProfileData, _may, _project, governs=True), *PERSON_KINDS]
