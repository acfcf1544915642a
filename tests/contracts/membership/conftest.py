"""More tiers, for all that goes from one to another."""

import pytest

from tests.factories.communities import PRICE, YEAR, World, tier


@pytest.fixture
def grown(world: World) -> World:
    """With a monthly tier at three times the price (TRIPLE), and a yearly one at ten times (YEARLY)."""
    for params in (tier(price=3 * PRICE), tier(price=10 * PRICE, periodSeconds=YEAR)):
        world.chain.send(world.membership.createTier, params, sender=world.founder)
    return world
