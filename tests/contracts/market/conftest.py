"""The market, before a community of each kind."""

from typing import Any

import pytest

from tests.factories.communities import community_of
from tests.factories.contracts import Chain
from tests.factories.hostile import act
from tests.factories.market import Stall, stall_of


@pytest.fixture(scope="session")
def market(ledger: Chain, factory: Any) -> Any:
    return ledger.deploy("Market", factory.address)


@pytest.fixture(scope="session")
def coins(ledger: Chain, factory: Any, market: Any) -> Stall:
    """Before a community paid in native coins."""
    return stall_of(community_of(ledger, factory), market)


@pytest.fixture(scope="session")
def tokens(ledger: Chain, factory: Any, token: Any, market: Any) -> Stall:
    """Before a community paid in an ERC-20."""
    return stall_of(community_of(ledger, factory, token=token), market)


@pytest.fixture(scope="session", params=["native", "erc20"])
def stall(request: pytest.FixtureRequest) -> Stall:
    """Before either community: what holds for both currencies."""
    either: Stall = request.getfixturevalue("coins" if request.param == "native" else "tokens")
    return either


@pytest.fixture
def wallet(ledger: Chain) -> Any:
    """A contract that answers for its signatures, and reacts to what it is sent, as a test tells it."""
    return ledger.deploy("HostileWallet")


@pytest.fixture
def held(coins: Stall, wallet: Any) -> dict[str, Any]:
    """The badge belongs to that wallet; its listing, which needs no signature."""
    badges = coins.world.badges
    coins.transfer(badges, coins.badge, coins.seller, wallet.address)
    act(coins.chain, wallet, badges.approve, coins.market.address, coins.badge)
    return coins.listing(seller=wallet.address, transferCount=1)
