"""ICommunity.offerOwnership and acceptOwnership"""

from tests.factories.communities import World, tier
from tests.factories.contracts import NATIVE


def test_ownership_changes_only_when_it_is_accepted(native: World) -> None:
    chain, community = native.chain, native.community

    offered = chain.send(community.offerOwnership, native.other, sender=native.founder)

    assert offered.only("OwnershipOffered") == {"owner": native.founder, "pendingOwner": native.other}
    assert (community.owner(), community.pendingOwner()) == (native.founder, native.other)
    accepted = chain.send(community.acceptOwnership, sender=native.other)
    assert accepted.only("OwnershipTransferred") == {"previousOwner": native.founder, "owner": native.other}
    assert (community.owner(), community.pendingOwner()) == (native.other, NATIVE)


def test_new_owner_has_the_powers_and_the_old_one_none(native: World) -> None:
    native.chain.send(native.community.offerOwnership, native.other, sender=native.founder)
    native.chain.send(native.community.acceptOwnership, sender=native.other)

    native.chain.send(native.membership.createTier, tier(), sender=native.other)
    with native.chain.reverts("NotOwner", caller=native.founder):
        native.chain.send(native.membership.createTier, tier(), sender=native.founder)


def test_ownership_changes_leave_roles_alone(native: World) -> None:
    native.chain.send(native.community.setRoles, native.stranger, 8, sender=native.founder)
    native.chain.send(native.community.offerOwnership, native.other, sender=native.founder)
    native.chain.send(native.community.acceptOwnership, sender=native.other)

    assert native.community.rolesOf(native.stranger) == 8


def test_offer_can_be_taken_back(native: World) -> None:
    native.chain.send(native.community.offerOwnership, native.other, sender=native.founder)
    native.chain.send(native.community.offerOwnership, NATIVE, sender=native.founder)

    with native.chain.reverts("NotPendingOwner", caller=native.other):
        native.chain.send(native.community.acceptOwnership, sender=native.other)


def test_accept_ownership_works_once(native: World) -> None:
    native.chain.send(native.community.offerOwnership, native.other, sender=native.founder)
    native.chain.send(native.community.acceptOwnership, sender=native.other)

    with native.chain.reverts("NotPendingOwner", caller=native.other):
        native.chain.send(native.community.acceptOwnership, sender=native.other)


def test_offer_ownership_reverts_when_the_caller_is_not_the_owner(native: World) -> None:
    with native.chain.reverts("NotOwner", caller=native.stranger):
        native.chain.send(native.community.offerOwnership, native.stranger, sender=native.stranger)
