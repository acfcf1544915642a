"""IMembership.withdrawEarnings"""

from collections.abc import Iterator

import pytest

from tests.factories.communities import MONTH, PRICE, World


@pytest.fixture
def as_community(world: World) -> Iterator[str]:
    """The community's address, which can send transactions meanwhile."""
    address = str(world.community.address)
    with world.chain.impersonated(address):
        yield address


def test_withdraw_earnings_pays_what_was_earned(world: World, as_community: str) -> None:
    token_id = world.join()
    world.chain.advance(MONTH)
    world.settle(token_id)
    before = world.balance(world.stranger)

    receipt = world.chain.send(world.membership.withdrawEarnings, world.stranger, PRICE - 1, sender=as_community)

    assert receipt.only("EarningsWithdrawn") == {
        "to": world.stranger,
        "amount": PRICE - 1,
        "withdrawnTotal": PRICE - 1,
    }
    assert world.balance(world.stranger) - before == PRICE - 1
    assert tuple(world.membership.earnings()) == (PRICE, PRICE - 1)
    assert world.balance(world.membership.address) == 1


def test_withdraw_earnings_reverts_beyond_what_was_earned(world: World, as_community: str) -> None:
    token_id = world.join(periods=2)
    world.chain.advance(MONTH)
    world.settle(token_id)

    with world.chain.reverts("EarningsExceeded", amount=PRICE + 1, left=PRICE):
        world.chain.send(world.membership.withdrawEarnings, world.stranger, PRICE + 1, sender=as_community)
    world.chain.send(world.membership.withdrawEarnings, world.stranger, PRICE, sender=as_community)
    with world.chain.reverts("EarningsExceeded", amount=1, left=0):
        world.chain.send(world.membership.withdrawEarnings, world.stranger, 1, sender=as_community)


def test_withdraw_earnings_reverts_when_the_caller_is_not_the_community(native: World) -> None:
    for caller in (native.founder, native.stranger):
        with native.chain.reverts("NotCommunity", caller=caller):
            native.chain.send(native.membership.withdrawEarnings, caller, 0, sender=caller)
