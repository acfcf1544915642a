"""A child community, for all that divides income."""

from typing import Any

import pytest

from tests.factories.communities import World, community_of


@pytest.fixture
def child(native: World, factory: Any) -> World:
    """A community whose parent gets 10 % and whose operator 5 % of what is earned."""
    token_id = native.join(sender=native.founder)
    return community_of(
        native.chain,
        factory,
        operator=native.operator,
        operatorBps=500,
        parent=native.community.address,
        parentBps=1000,
        parentMembership=token_id,
    )
