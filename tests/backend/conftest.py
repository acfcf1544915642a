"""A home whose chain the test writes, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.pool import QueuePool

from tests.factories.home import TestHome, open_test_home
from tests.factories.tables import make_tables
from tests.fixtures.postgres import Postgres, name_of


def in_use(home: TestHome) -> int:
    """How many connections to the database somebody has not given back."""
    pool = home.host.database.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a home's empty tables."""
    folder = tmp_path_factory.mktemp("tables")
    make_tables("", folder)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture(scope="session")
def postgres_tables(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database with a home's empty tables."""
    url = postgres.create()
    make_tables(url, tmp_path_factory.mktemp("tables"))
    return name_of(url)


@pytest.fixture
def home_database(engine: str, data_folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """KOINON_DATABASE of a home with empty tables, which are copies: to make them takes longer than most tests."""
    if engine == "sqlite":
        for name, content in request.getfixturevalue("sqlite_tables").items():
            (data_folder / name).write_bytes(content)
        yield ""
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create(request.getfixturevalue("postgres_tables"))
    yield url
    server.drop(url)


@pytest.fixture
def home(home_database: str, data_folder: Path) -> Iterator[TestHome]:
    """An open community with tiers 1 to 3, owned by wallet 1; its node is away."""
    opened = open_test_home(home_database, data_folder)
    yield opened
    assert in_use(opened) == 0, "something that was read has not been closed"
    opened.close()
