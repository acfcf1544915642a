"""`make bench NAME=pages`: every page that lists, small and large, and what a first visit takes in Chromium."""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import rmtree

from playwright.sync_api import Browser
from sqlalchemy import text

from indexer.database import ANALYSED_ROWS
from scripts.bench.pages.fill import LARGE, SMALL, crowd, fill, large
from scripts.bench.pages.served import mining, served
from scripts.bench.pages.visits import Asked, answers, asked_of, first_visits
from scripts.bench.report import FIGURES, Cell, Figures, read, show, write
from tests.factories.home import TestHome, open_test_home
from tests.factories.tables import make_tables
from tests.fakes.node import answering_zero
from tests.fixtures.browser import chromium_path, launched
from tests.fixtures.postgres import running

POSTS, MEMBERS, COMMUNITIES = 10_000, 100_000, 1_000
MOST_BYTES, MOST_MILLISECONDS = 100_000, 1000
SQLITE = ["PRAGMA journal_mode=WAL", f"PRAGMA analysis_limit={ANALYSED_ROWS}", "ANALYZE"]
HOME = {"home: communities": "/", "home: a search": "/?q=large", "home: a search, no hit": "/?q=nothing"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="pages", description=__doc__)
    parser.add_argument("--posts", type=int, default=POSTS)
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    chosen = parser.parse_args()
    figures: dict[str, dict[str, Cell]] = {}
    visits: dict[str, dict[str, Cell]] = {}
    for engine in ("sqlite", "postgresql"):
        if chosen.only not in (None, engine):
            continue
        with filled(engine, chosen.posts, chosen.members) as (home, post):
            for name, row in measure(home, post, chosen.posts, chosen.members, visits).items():
                figures.setdefault(name, {}).update({f"{engine}_{column}": value for column, value in row.items()})
    everything: Figures = {**figures, **visits}
    if chosen.only:  # the other database's figures stay
        known = {name: row for name, row in earlier().items() if isinstance(row, dict)}
        everything = {name: {**known.get(name, {}), **row} for name, row in {**known, **figures, **visits}.items()}
    show("pages", everything)
    write("pages", everything)


def earlier() -> Figures:
    """The figures of the run before."""
    return read("pages") if (FIGURES / "pages.json").exists() else {}


@contextmanager
def filled(engine: str, posts: int, members: int) -> Iterator[tuple[TestHome, str]]:
    """A home with both communities, on this database."""
    folder = Path(tempfile.mkdtemp(prefix="koinon-pages-"))
    with ExitStack() as stack:
        stack.callback(rmtree, folder, ignore_errors=True)
        database = stack.enter_context(running()).create() if engine == "postgresql" else ""
        make_tables(database, folder)
        home = open_test_home(database, folder, rpc=stack.enter_context(answering_zero()))
        stack.callback(home.close)
        post = fill(home, large(posts, members))
        settle(home)
        yield home, post


def settle(home: TestHome) -> None:
    """The database is as a home's is: the indexer's file in WAL mode, or tables that PostgreSQL has looked at."""
    with home.mirror.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for words in SQLITE if home.host.database.sqlite else ["VACUUM ANALYZE"]:
            connection.execute(text(words))


def measure(
    home: TestHome, post: str, posts: int, members: int, visits: dict[str, dict[str, Cell]]
) -> dict[str, dict[str, Cell]]:
    """Small, large and ratio by page; the first visits are put into `visits`."""
    sides = [asked_of(home, each, post) for each in (SMALL, large(posts, members))]
    with mining(home), served(home) as url:
        found = answers(url, sides)
        starts: Asked = {name: (path, {}) for name, path in HOME.items()}
        few = answers(url, [starts])
        if chromium_path() is not None and home.host.database.sqlite:
            with launched() as browser:
                visits |= browsed(browser, url)
        crowd(home, COMMUNITIES)
        settle(home)
        many = answers(url, [starts])
    found |= {name: [few[name][0], many[name][0]] for name in starts}
    return {
        name: {"small_ms": small, "large_ms": big, "ratio": round(big / small, 2)}
        for name, (small, big) in found.items()
    }


def browsed(browser: Browser, url: str) -> dict[str, dict[str, Cell]]:
    """First visits in Chromium, with what they may take."""
    rows: dict[str, dict[str, Cell]] = {}
    for name, path in {
        "first page": "/",
        "small feed": f"/c/{SMALL.community}",
        "large feed": f"/c/{LARGE}",
    }.items():
        seen = first_visits(browser, url, path)
        rows[f"Chromium: {name}"] = {**seen}
    return rows


if __name__ == "__main__":
    main()
