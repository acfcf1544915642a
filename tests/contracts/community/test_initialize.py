"""ICommunity.initialize: once, in the transaction that makes the clone"""

from typing import Any

import pytest

from tests.factories.communities import HOME_KEY, HOME_URI, OPERATOR_CAP_BPS, World
from tests.factories.contracts import NATIVE, Chain


def setup(owner: str) -> tuple[Any, ...]:
    return (owner, owner, owner, 500, 1000, HOME_URI, HOME_KEY)


@pytest.mark.parametrize("who", ["founder", "stranger"])
def test_initialize_reverts_after_the_opening(native: World, who: str) -> None:
    caller = getattr(native, who)

    with native.chain.reverts("AlreadyInitialized"):
        native.chain.send(native.community.initialize, setup(caller), sender=caller)


def test_implementation_belongs_to_nobody(ledger: Chain) -> None:
    implementation = ledger.deploy("Community", NATIVE, OPERATOR_CAP_BPS)

    with ledger.reverts("AlreadyInitialized"):
        ledger.send(implementation.initialize, setup(ledger.accounts[5]), sender=ledger.accounts[5])
    assert implementation.owner() == NATIVE
