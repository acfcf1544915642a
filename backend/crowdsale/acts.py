"""Acts on sales: `sale.words` says what the money is for; `sale.update` counts a post among the news that a sale's page
shows, or no longer does."""

import json

from pydantic import BaseModel, Field, ValidationError
from sqlmodel import Session

from backend.content.queries import post_of
from backend.crowdsale.tables import SaleUpdate, SaleWords
from backend.gates.authority import owner_only
from backend.keys.bodies import public_body
from backend.log.kinds import ActData, Kind, Placed
from backend.problems import NotFound

WORDS_TYPE = "application/vnd.koinon.sale+json"


class SaleData(ActData):
    """Which sale it is about."""

    sale: str = Field(pattern=r"^0x[0-9a-f]{40}$")


class UpdateData(SaleData):
    """The act's subject is the post. `shown` False takes it off the sale's page."""

    shown: bool


class WordsBody(BaseModel):
    """The JSON of the body of `sale.words`: a line, and Markdown."""

    title: str = Field(default="", max_length=100)
    purpose: str = Field(default="", max_length=10_000)


def _may_say(session: Session, placed: Placed) -> str | None:
    return owner_only(session, placed) or (None if placed.act.body else "body-missing")


def _project_words(session: Session, placed: Placed) -> None:
    act, data = placed.act, SaleData.model_validate(placed.act.data)
    plain = public_body(session, act.body, WORDS_TYPE)
    try:
        body = WordsBody.model_validate(json.loads(plain.text)) if plain else WordsBody()
    except (ValueError, ValidationError, RecursionError):
        body = WordsBody()
    row = SaleWords(
        chain_id=act.chain_id,
        community=act.community,
        sale=data.sale,
        title=" ".join(body.title.split()),
        purpose=body.purpose,
    )
    session.merge(row)
    session.flush()


def _may(session: Session, placed: Placed) -> str | None:
    try:
        post_of(session, placed.act.chain_id, placed.act.community, placed.act.subject or "")
    except NotFound:
        return "post-unknown"
    return owner_only(session, placed)


def _project(session: Session, placed: Placed) -> None:
    act, data = placed.act, UpdateData.model_validate(placed.act.data)
    key = (act.chain_id, act.community, data.sale, act.subject)
    row = session.get(SaleUpdate, key)
    if data.shown and row is None:
        chain_id, community, sale, post_id = key
        session.add(
            SaleUpdate(chain_id=chain_id, community=community, sale=sale, post_id=post_id or "", seq=placed.seq)
        )
    elif not data.shown and row is not None:
        session.delete(row)
    session.flush()


KINDS = [
    Kind("sale.words", SaleData, _may_say, _project_words),
    Kind("sale.update", UpdateData, _may, _project),
]
