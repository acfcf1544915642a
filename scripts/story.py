"""The demo's story as data: a folder of scripts/stories per community, Markdown files as posts with their replies.

A post file starts with fields, one a line; `---` begins the teaser, `--- rest` what is behind the gate, and
`--- reply <account> <days after the post>` each reply. Days are relative to the demo's start and may be fractions.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STORIES = Path(__file__).resolve().parent / "stories"
_PART = re.compile(r"^---(.*)$", re.MULTILINE)
_WRAPPED = re.compile(r"(?<=[^\n|])\n {0,3}(?=[A-Za-z(*\"'])")  # not between rows of a list or table


@dataclass(frozen=True)
class Reply:
    """What account number `account` answers at `day`."""

    account: int
    day: float
    text: str


@dataclass(frozen=True)
class Picture:
    path: Path
    alt: str


@dataclass(frozen=True)
class Post:
    title: str
    day: float
    gate: str | None
    picture: Picture | None
    teaser: str
    rest: str | None
    replies: tuple[Reply, ...]


@dataclass(frozen=True)
class Story:
    """One community: what its founder states (`community.toml`) and what is written there."""

    folder: Path
    setup: Mapping[str, Any]
    posts: tuple[Post, ...]


def load_stories() -> list[Story]:
    """All stories, in the order of their folders' names."""
    return [_story(folder) for folder in sorted(STORIES.iterdir()) if folder.is_dir()]


def _story(folder: Path) -> Story:
    setup = tomllib.loads((folder / "community.toml").read_text())
    setup["about"] = _unwrapped(setup["about"])
    return Story(folder, setup, tuple(_post(path) for path in sorted(folder.glob("*.md"))))


def _post(path: Path) -> Post:
    head, *parts = list(_parts(path.read_text()))
    fields = dict(line.split(": ", 1) for line in head[1].splitlines())
    day = float(fields["day"])
    texts = {name: text for name, text in parts if not name.startswith("reply")}
    replies = [_reply(name, text, day) for name, text in parts if name.startswith("reply")]
    return Post(
        title=fields["title"],
        day=day,
        gate=fields.get("gate"),
        picture=Picture(path.parent / fields["picture"], fields["alt"]) if "picture" in fields else None,
        teaser=texts[""],
        rest=texts.get("rest"),
        replies=tuple(replies),
    )


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """(what stands behind `---`, the text below it); the first part has no such line."""
    first, *rest = _PART.split(text)
    yield "fields", first.strip()
    for name, part in zip(rest[::2], rest[1::2], strict=True):
        yield name.strip(), _unwrapped(part)


def _unwrapped(text: str) -> str:
    """A paragraph is one line, as people write it in a page's field."""
    return _WRAPPED.sub(" ", text.strip())


def _reply(name: str, text: str, day: float) -> Reply:
    _, account, after = name.split()
    return Reply(int(account), day + float(after), text)
