"""ICommunity.openSale, and that the role of a sale is for good"""

import pytest

from tests.factories.communities import World, tier
from tests.factories.contracts import Receipt
from tests.factories.crowdsales import MEMBERSHIP, encoded, terms_of

SALE = 16


def open_sale(world: World, *, sender: str = "", goal: int = 1) -> Receipt:
    terms = encoded(terms_of(world.chain, MEMBERSHIP, goal=goal))
    return world.chain.send(world.community.openSale, terms, sender=sender or world.founder)


def sale_of(world: World) -> str:
    return str(open_sale(world).only("SaleOpened")["sale"])


def test_open_sale_gives_the_sale_its_role(native: World) -> None:
    receipt = open_sale(native)

    sale = receipt.only("SaleOpened")["sale"]
    assert receipt.names() == ["CrowdsaleMade", "RolesSet", "SaleOpened"]
    assert receipt.only("CrowdsaleMade")["sale"] == sale
    assert receipt.only("RolesSet") == {"account": sale, "roles": SALE}
    assert native.community.rolesOf(sale) == SALE
    assert native.chain.read(native.community.roles) == {"accounts": [sale], "roles_": [SALE]}


def test_each_sale_has_the_role(native: World) -> None:
    sales = {sale_of(native) for _ in range(2)}

    assert [native.community.rolesOf(sale) for sale in sales] == [SALE, SALE]


@pytest.mark.parametrize("roles", [0, 1, 15])
def test_set_roles_keeps_the_role_of_a_sale(native: World, roles: int) -> None:
    """Contributors were promised memberships: no owner may take the sale the right to give them."""
    sale = sale_of(native)

    receipt = native.chain.send(native.community.setRoles, sale, roles, sender=native.founder)

    assert receipt.only("RolesSet") == {"account": sale, "roles": SALE | roles}
    assert native.community.rolesOf(sale) == SALE | roles


def test_role_of_a_sale_is_no_other_role(native: World) -> None:
    sale = sale_of(native)

    assert [native.community.hasRole(sale, role) for role in (1, 2, 4, 8, SALE)] == [False] * 4 + [True]
    with native.chain.reverts("NotOwner", caller=sale), native.chain.impersonated(sale):
        native.chain.send(native.membership.createTier, tier(), sender=sale)


def test_open_sale_passes_on_why_there_is_none(native: World) -> None:
    with native.chain.reverts("GoalInvalid", goal=0, cap=terms_of(native.chain, MEMBERSHIP)["steps"][-1][0]):
        open_sale(native, goal=0)


def test_open_sale_reverts_when_the_caller_is_not_the_owner(native: World) -> None:
    native.chain.send(native.community.setRoles, native.stranger, 15, sender=native.founder)

    with native.chain.reverts("NotOwner", caller=native.stranger):
        open_sale(native, sender=native.stranger)
