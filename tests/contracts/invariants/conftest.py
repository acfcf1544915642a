"""The chain on which random histories are played: always the one in this process"""

import pytest

from scripts.solc import artifacts
from tests.contracts.invariants.arena import Arena


@pytest.fixture(scope="session")
def arena() -> Arena:
    return Arena(artifacts())
