"""Who attacks."""

from typing import Any

import pytest

from tests.factories.communities import World, community_of
from tests.factories.contracts import Chain


@pytest.fixture
def hostile(ledger: Chain, factory: Any) -> World:
    """A community whose currency misbehaves as a test tells it."""
    return community_of(ledger, factory, token=ledger.deploy("HostileToken"))


@pytest.fixture
def account(ledger: Chain) -> Any:
    """A contract that reacts to what it is sent as a test tells it."""
    return ledger.deploy("HostileAccount")
