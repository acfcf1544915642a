"""Stores for the tests of what they sell."""

from typing import Any

import pytest

from tests.factories.communities import community_of
from tests.factories.contracts import Chain
from tests.factories.stores import Shop, shop_of


@pytest.fixture(scope="session")
def coins(ledger: Chain, factory: Any) -> Shop:
    """A store paid in native coins."""
    return shop_of(community_of(ledger, factory))


@pytest.fixture(scope="session")
def tokens(ledger: Chain, factory: Any, token: Any) -> Shop:
    """A store paid in an ERC-20."""
    return shop_of(community_of(ledger, factory, token=token))


@pytest.fixture(scope="session", params=["native", "erc20"])
def shop(request: pytest.FixtureRequest) -> Shop:
    """Either store: what holds for both currencies."""
    either: Shop = request.getfixturevalue("coins" if request.param == "native" else "tokens")
    return either


@pytest.fixture
def account(ledger: Chain) -> Any:
    """A contract that reacts to what it is sent as a test tells it."""
    return ledger.deploy("HostileAccount")
