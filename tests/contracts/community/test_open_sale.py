"""ICommunity.openSale, and that the role of a sale is for good"""

from typing import Any

import pytest

from tests.factories.communities import DAY, World, community_of, factory_of, tier
from tests.factories.contracts import Chain, Receipt

SALE = 16
STEP = (10**18, 10**15)


def terms(**changes: Any) -> tuple[Any, ...]:
    fields: dict[str, Any] = {
        "salt": b"\1" * 32,
        "asset": 0,
        "startsAt": 0,
        "endsAt": 0,
        "goal": 10**17,
        "cap": 10**18,
        "accountMin": 0,
        "accountMax": 0,
        "tierId": 1,
        "tierPeriods": 1,
        "tierThreshold": 0,
        "cliffSeconds": 30 * DAY,
        "vestingSeconds": 300 * DAY,
        "stopThresholdBps": 3000,
        "allowRoot": b"\0" * 32,
        "founderAllocation": 0,
        "lockupSeconds": 0,
        "tokenName": "",
        "tokenSymbol": "",
        "steps": [STEP],
    }
    return tuple((fields | changes).values())


@pytest.fixture
def seller(ledger: Chain) -> World:
    """A community whose sales are made by a mock: this is about the community."""
    return community_of(ledger, factory_of(ledger, sales=ledger.deploy("SaleFactoryMock")))


def open_sale(world: World, *, sender: str = "", **changes: Any) -> Receipt:
    return world.chain.send(world.community.openSale, terms(**changes), sender=sender or world.founder)


def test_open_sale_gives_the_sale_its_role(seller: World) -> None:
    receipt = open_sale(seller)

    sale = receipt.only("SaleOpened")["sale"]
    assert receipt.names() == ["RolesSet", "SaleOpened"]
    assert receipt.only("RolesSet") == {"account": sale, "roles": SALE}
    assert seller.community.rolesOf(sale) == SALE
    assert seller.chain.read(seller.community.roles) == {"accounts": [sale], "roles_": [SALE]}


def test_each_sale_has_the_role(seller: World) -> None:
    sales = [open_sale(seller, cap=cap).only("SaleOpened")["sale"] for cap in (1, 2)]

    assert len(set(sales)) == 2
    assert [seller.community.rolesOf(sale) for sale in sales] == [SALE, SALE]


@pytest.mark.parametrize("roles", [0, 1, 15])
def test_set_roles_keeps_the_role_of_a_sale(seller: World, roles: int) -> None:
    """Contributors were promised memberships: no owner may take the sale the right to give them."""
    sale = open_sale(seller).only("SaleOpened")["sale"]

    receipt = seller.chain.send(seller.community.setRoles, sale, roles, sender=seller.founder)

    assert receipt.only("RolesSet") == {"account": sale, "roles": SALE | roles}
    assert seller.community.rolesOf(sale) == SALE | roles


def test_role_of_a_sale_is_no_other_role(seller: World) -> None:
    sale = open_sale(seller).only("SaleOpened")["sale"]

    assert [seller.community.hasRole(sale, role) for role in (1, 2, 4, 8, SALE)] == [False] * 4 + [True]
    with seller.chain.reverts("NotOwner", caller=sale), seller.chain.impersonated(sale):
        seller.chain.send(seller.membership.createTier, tier(), sender=sale)


def test_open_sale_passes_on_why_there_is_none(seller: World) -> None:
    with seller.chain.reverts("TermsRefused"):
        open_sale(seller, cap=0)


def test_open_sale_reverts_when_the_caller_is_not_the_owner(seller: World) -> None:
    seller.chain.send(seller.community.setRoles, seller.stranger, 15, sender=seller.founder)

    with seller.chain.reverts("NotOwner", caller=seller.stranger):
        open_sale(seller, sender=seller.stranger)
