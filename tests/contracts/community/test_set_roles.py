"""ICommunity.setRoles, hasRole, rolesOf, roles"""

import pytest

from tests.factories.communities import World


def listed(world: World) -> dict[str, int]:
    found = world.chain.read(world.community.roles)
    return dict(zip(found["accounts"], found["roles_"], strict=True))


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


def test_roles_lists_who_has_one(native: World) -> None:
    chain, set_roles = native.chain, native.community.setRoles
    assert listed(native) == {}

    for account, roles in ((native.stranger, 1), (native.other, 12), (native.member, 2), (native.stranger, 3)):
        chain.send(set_roles, account, roles, sender=native.founder)

    assert listed(native) == {native.stranger: 3, native.other: 12, native.member: 2}


def test_roles_forgets_who_has_none_any_more(native: World) -> None:
    chain, set_roles = native.chain, native.community.setRoles
    accounts = native.chain.accounts[2:8]
    for account in accounts:
        chain.send(set_roles, account, 8, sender=native.founder)

    for account in (accounts[0], accounts[3], accounts[5], native.community.address):
        chain.send(set_roles, account, 0, sender=native.founder)

    assert listed(native) == {accounts[1]: 8, accounts[2]: 8, accounts[4]: 8}
    assert [native.community.rolesOf(account) for account in accounts] == [0, 8, 8, 0, 8, 0]
