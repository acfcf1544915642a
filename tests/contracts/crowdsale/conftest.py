"""Sales of either community, one of each asset."""

from typing import Any

import pytest

from scripts.solc import artifacts
from tests.factories.communities import World, community_of, factory_of
from tests.factories.contracts import Chain
from tests.factories.crowdsales import MEMBERSHIP, RESTRICTED, Sale, open_sale, with_tier
from tests.factories.evm import Evm


@pytest.fixture(scope="session")
def played(ledger: Chain) -> Chain:
    """Where thousands of transactions are played: always the chain in this process."""
    return ledger if isinstance(ledger, Evm) else Evm(artifacts())


@pytest.fixture(scope="session")
def played_native(played: Chain) -> World:
    return community_of(played, factory_of(played))


@pytest.fixture(scope="session")
def played_tokened(played: Chain) -> World:
    return community_of(played, factory_of(played), token=played.deploy("MockToken", "Test Dollar", "TUSD", 6))


@pytest.fixture
def sale(world: World) -> Sale:
    """Of a utility token, for native coins and for an ERC-20."""
    return open_sale(world)


@pytest.fixture
def native_sale(native: World) -> Sale:
    """Of a utility token, for native coins."""
    return open_sale(native)


@pytest.fixture
def token_sale(tokened: World) -> Sale:
    """Of a utility token, for an ERC-20."""
    return open_sale(tokened)


@pytest.fixture
def periods(world: World) -> Sale:
    """Of periods of the monthly tier."""
    return open_sale(world, MEMBERSHIP)


@pytest.fixture
def tiered(world: World) -> Sale:
    """Of a utility token, with a year of the monthly tier for contributors of a coin."""
    return open_sale(world, **with_tier())


@pytest.fixture
def restricted(world: World) -> Sale:
    """Of a restricted token; the backer, the other and the founder are attested."""
    sale = open_sale(world, RESTRICTED)
    sale.attest(sale.backer, sale.other, sale.founder)
    return sale


@pytest.fixture
def hostile(ledger: Chain, factory: Any) -> World:
    """A community whose currency misbehaves as a test tells it."""
    return community_of(ledger, factory, token=ledger.deploy("HostileToken"))


@pytest.fixture
def account(ledger: Chain) -> Any:
    """A contract that reacts to what it is sent as a test tells it."""
    return ledger.deploy("HostileAccount")
