"""What the tests themselves rest on: a transaction that anvil does not tell of is found all the same"""

import pytest

from tests.factories.communities import World


@pytest.mark.deep
def test_a_transaction_that_waits_is_mined_when_anvil_has_given_up(native: World) -> None:
    native.chain.rpc("evm_setAutomine", False)
    try:
        native.chain.send(native.community.setRoles, native.other, 2, sender=native.founder)
    finally:
        native.chain.rpc("evm_setAutomine", True)

    assert native.community.rolesOf(native.other) == 2
