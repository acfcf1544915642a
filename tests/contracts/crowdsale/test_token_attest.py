"""ICommunityToken.attest, setAttestor and setFrozen"""

from typing import Any

import pytest

from tests.factories.contracts import NATIVE
from tests.factories.crowdsales import FOREVER, Sale

ISSUER = 4


def set_attestor(sale: Sale, attestor: str, *, sender: str = "") -> Any:
    return sale.chain.send(sale.token.setAttestor, attestor, sender=sender or sale.founder)


def freeze(sale: Sale, account: str, frozen: bool, *, sender: str = "") -> Any:
    return sale.chain.send(sale.token.setFrozen, account, frozen, sender=sender or sale.founder)


def test_owner_names_an_attestor(restricted: Sale) -> None:
    receipt = set_attestor(restricted, restricted.third)

    assert receipt.only("AttestorSet") == {"attestor": restricted.third, "by": restricted.founder}
    assert restricted.token.attestor() == restricted.third


def test_attestor_attests_many(restricted: Sale) -> None:
    set_attestor(restricted, restricted.third)
    accounts = [restricted.third, restricted.stranger]

    receipt = restricted.chain.send(restricted.token.attest, accounts, FOREVER, sender=restricted.third)

    holder = {"attestedUntil": FOREVER, "frozen": False}
    assert [event.fields for event in receipt.events] == [
        {"account": account, "holder": holder, "by": restricted.third} for account in accounts
    ]
    assert [restricted.token.isAttested(account) for account in accounts] == [True, True]
    assert restricted.chain.read(restricted.token.holderOf, restricted.stranger) == holder


def test_attestation_ends(restricted: Sale) -> None:
    until = restricted.chain.now + 10
    restricted.attest(restricted.third, until=until)

    restricted.chain.set_time(until - 1)
    assert restricted.token.isAttested(restricted.third)
    restricted.chain.set_time(until)
    assert not restricted.token.isAttested(restricted.third)


def test_attestation_is_taken_back(restricted: Sale) -> None:
    restricted.attest(restricted.backer, until=0)

    assert not restricted.token.isAttested(restricted.backer)


def test_attestor_freezes_and_thaws(restricted: Sale) -> None:
    set_attestor(restricted, restricted.third)

    frozen = freeze(restricted, restricted.backer, True, sender=restricted.third).only("HolderSet")
    assert frozen["holder"] == {"attestedUntil": FOREVER, "frozen": True}
    thawed = freeze(restricted, restricted.backer, False, sender=restricted.third).only("HolderSet")
    assert thawed["holder"] == {"attestedUntil": FOREVER, "frozen": False}


def test_attestation_does_not_thaw(restricted: Sale) -> None:
    freeze(restricted, restricted.backer, True)

    assert restricted.attest(restricted.backer).only("HolderSet")["holder"]["frozen"]


def test_former_attestor_attests_nobody(restricted: Sale) -> None:
    set_attestor(restricted, restricted.third)
    set_attestor(restricted, NATIVE)

    with restricted.chain.reverts("NotAttestor", caller=restricted.third):
        restricted.chain.send(restricted.token.attest, [restricted.third], FOREVER, sender=restricted.third)


@pytest.mark.parametrize("roles", [0, ISSUER, 15])
def test_roles_of_the_community_attest_nobody(restricted: Sale, roles: int) -> None:
    """Who signs vouchers does not say who may hold a security."""
    world, stranger = restricted.world, restricted.stranger
    if roles:
        world.chain.send(world.community.setRoles, stranger, roles, sender=world.founder)

    with restricted.chain.reverts("NotAttestor", caller=stranger):
        restricted.chain.send(restricted.token.attest, [stranger], FOREVER, sender=stranger)
    with restricted.chain.reverts("NotAttestor", caller=stranger):
        freeze(restricted, restricted.backer, True, sender=stranger)


def test_attestor_names_no_attestor(restricted: Sale) -> None:
    set_attestor(restricted, restricted.third)

    with restricted.chain.reverts("NotOwner", caller=restricted.third):
        set_attestor(restricted, restricted.stranger, sender=restricted.third)


def test_new_owner_of_the_community_names_attestors(restricted: Sale) -> None:
    world = restricted.world
    world.chain.send(world.community.offerOwnership, restricted.third, sender=world.founder)
    world.chain.send(world.community.acceptOwnership, sender=restricted.third)

    with restricted.chain.reverts("NotOwner", caller=restricted.founder):
        set_attestor(restricted, restricted.stranger)
    assert set_attestor(restricted, restricted.stranger, sender=restricted.third).names() == ["AttestorSet"]
