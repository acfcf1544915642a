"""What the log needs to know of a kind of act: its shape, who may, and what it changes.

The log itself knows no kind; `catalog.py` hands `append` and `replay` the registry of all of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from backend.log.act import Act, Body
from backend.log.record import AsOf
from backend.problems import Problem

BASE_NOT_CURRENT = "base-not-current"
"""The reason by which `may` refuses an edit of a version that is not the newest."""


class ActRefused(Problem):
    """The author may not do this. `reason` is a stable code."""

    slug, title, status = "act-refused", "You may not do this here", 403


class ActData(BaseModel):
    """Base of the schemas of `Act.data`: nothing beside the named fields, no conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


@dataclass(frozen=True)
class Placed:
    """An act at its place in the log: what is judged and projected, alike at append and at replay."""

    act: Act
    epoch: int
    seq: int
    at: int
    as_of: AsOf


def _public_body_only(act: Act) -> Sequence[Body]:
    return [act.body] if act.body else []


def _nothing(session: Session, placed: Placed) -> None:
    """The default of `Kind.effect`."""


def _always(session: Session, placed: Placed) -> str | None:  # noqa: ARG001 - the default of `Kind.admit`
    return None


@dataclass(frozen=True)
class Kind:
    """`may` answers None or a reason code why not, from tables as of `placed.as_of`; it changes nothing.

    `project` folds the act into projections. `governs`: only a wallet may sign it, never a session key.
    `bodies`: every body that the act names and that must have been sent before it. `admit`: like `may`, but asked only
    when the home appends, about what only the home knows. `effect`: what `project` must not do again at every replay,
    such as deleting what was erased.
    """

    name: str
    schema: type[ActData]
    may: Callable[[Session, Placed], str | None]
    project: Callable[[Session, Placed], None]
    governs: bool = False
    bodies: Callable[[Act], Sequence[Body]] = _public_body_only
    admit: Callable[[Session, Placed], str | None] = _always
    effect: Callable[[Session, Placed], None] = _nothing


Kinds = Mapping[str, Kind]
