"""Fake parents, and worthless tokens that are sent to a community"""

from typing import Any

from tests.factories.communities import PRICE, World, community_of, factory_of
from tests.factories.hostile import (
    TOKEN_CALLS_BACK,
    misbehave,
)


def test_fake_parent_is_refused(native: World, factory: Any, account: Any) -> None:
    """A contract that only looks like a community, and a clone of another factory."""
    foreign = community_of(native.chain, factory_of(native.chain))
    token_id = foreign.join()

    for parent in (account.address, foreign.community.address):
        with native.chain.reverts("ParentUnknown", parent=parent):
            community_of(
                native.chain, factory, sender=native.member, parent=parent, parentMembership=token_id, parentBps=1000
            )


def test_worthless_token_cannot_disturb_the_community(native: World, factory: Any) -> None:
    """Anybody may send a community any token and have it divided; while it is sent it calls for a share twice."""
    world = community_of(native.chain, factory, operator=native.operator, operatorBps=500)
    world.earn()
    bad = native.chain.deploy("HostileToken")
    native.chain.send(bad.mint, world.community.address, 1000, sender=world.stranger)
    collect = bytes(world.community.collect.encode_input(bad.address, world.operator))
    misbehave(world.chain, bad, TOKEN_CALLS_BACK, world.community.address, collect)

    world.collect(world.founder, bad.address)

    assert not bad.succeeded()
    assert (bad.balanceOf(world.founder), bad.balanceOf(world.community.address)) == (950, 50)
    assert world.community.dueOf(world.membership.address, world.founder) == PRICE * 95 // 100
