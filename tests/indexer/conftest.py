"""An indexer on a fresh database that follows a fake chain."""

from collections.abc import Iterator

import pytest

from tests.factories.mirror import Mirror, mirroring
from tests.fakes.chain import FakeChain


@pytest.fixture
def chain() -> FakeChain:
    return FakeChain()


@pytest.fixture
def mirror(database: str, chain: FakeChain) -> Iterator[Mirror]:
    with mirroring(database, chain) as mirror:
        yield mirror
