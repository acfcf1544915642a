"""ICommunity.setRoles, hasRole, rolesOf"""

import pytest

from tests.factories.communities import World


def test_set_roles_replaces_all_roles_of_an_account(native: World) -> None:
    native.chain.send(native.community.setRoles, native.stranger, 15, sender=native.founder)

    receipt = native.chain.send(native.community.setRoles, native.stranger, 4, sender=native.founder)

    assert receipt.only("RolesSet") == {"account": native.stranger, "roles": 4}
    assert native.community.rolesOf(native.stranger) == 4
    assert [native.community.hasRole(native.stranger, role) for role in (1, 2, 4, 8)] == [False, False, True, False]


def test_has_role_needs_every_bit_asked_for(native: World) -> None:
    native.chain.send(native.community.setRoles, native.stranger, 4, sender=native.founder)

    assert not native.community.hasRole(native.stranger, 12)


def test_has_role_is_true_of_the_owner_and_false_of_nothing(native: World) -> None:
    assert native.community.hasRole(native.founder, 8)
    assert not native.community.hasRole(native.stranger, 0)


@pytest.mark.parametrize("roles", [16, 255])
def test_set_roles_reverts_when_a_role_is_unknown(native: World, roles: int) -> None:
    with native.chain.reverts("RolesUnknown", roles=roles):
        native.chain.send(native.community.setRoles, native.stranger, roles, sender=native.founder)


def test_set_roles_reverts_when_the_caller_is_not_the_owner(native: World) -> None:
    native.chain.send(native.community.setRoles, native.stranger, 15, sender=native.founder)

    with native.chain.reverts("NotOwner", caller=native.stranger):
        native.chain.send(native.community.setRoles, native.stranger, 15, sender=native.stranger)
