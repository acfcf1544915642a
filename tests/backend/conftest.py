"""A home whose chain the test writes, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.home import TestHome, open_test_home


@pytest.fixture
def home(database_setting: str, data_folder: Path) -> Iterator[TestHome]:
    """An open community with tiers 1 to 3, owned by wallet 1; its node is away."""
    opened = open_test_home(database_setting, data_folder)
    yield opened
    opened.close()
