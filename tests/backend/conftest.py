"""A home whose chain the test writes, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.pool import QueuePool

from tests.factories.home import TestHome, open_test_home


def in_use(home: TestHome) -> int:
    """How many connections to the database somebody has not given back."""
    pool = home.host.database.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


@pytest.fixture
def home(database_setting: str, data_folder: Path) -> Iterator[TestHome]:
    """An open community with tiers 1 to 3, owned by wallet 1; its node is away."""
    opened = open_test_home(database_setting, data_folder)
    yield opened
    assert in_use(opened) == 0, "something that was read has not been closed"
    opened.close()
