"""IMembershipHolder.setAutoRenew and consentOf"""

import pytest

from tests.factories.communities import DAY, MONTH, MONTHLY, PRICE, World, tier
from tests.factories.memberships import NEVER, agree, change_tier, consent, transfer


def test_set_auto_renew_gives_consent(world: World) -> None:
    token_id = world.join()
    before = world.state(token_id)

    receipt = agree(world, token_id, most=2 * PRICE, periods=6, until=world.chain.now + 200 * DAY)

    given = {"maxPrice": 2 * PRICE, "periodsLeft": 6, "until": world.chain.now + 200 * DAY}
    assert receipt.names() == ["AutoRenewSet"]
    assert receipt.only("AutoRenewSet") == {
        "tokenId": token_id,
        "holder": world.member,
        "tierId": MONTHLY,
        "consent": given,
    }
    assert consent(world, token_id) == tuple(given.values())
    assert world.state(token_id) == before


def test_set_auto_renew_replaces_the_consent_before(native: World) -> None:
    token_id = native.join()
    agree(native, token_id, most=9 * PRICE, periods=9)

    agree(native, token_id, most=PRICE, periods=1, until=5)

    assert consent(native, token_id) == (PRICE, 1, 5)


def test_set_auto_renew_takes_the_edges(native: World) -> None:
    token_id = native.join()

    agree(native, token_id, most=2**96 - 1, periods=2**16 - 1, until=NEVER)

    assert consent(native, token_id) == (2**96 - 1, 2**16 - 1, NEVER)


def test_set_auto_renew_of_no_period_ends_the_consent(world: World) -> None:
    token_id = world.join()
    agree(world, token_id)

    receipt = agree(world, token_id, periods=0)

    assert receipt.only("AutoRenewSet") == {
        "tokenId": token_id,
        "holder": world.member,
        "tierId": 0,
        "consent": {"maxPrice": 0, "periodsLeft": 0, "until": 0},
    }
    assert consent(world, token_id) == (0, 0, 0)


def test_set_auto_renew_of_no_period_without_consent_does_nothing(native: World) -> None:
    token_id = native.join()

    assert agree(native, token_id, periods=0).events == []


def test_consent_ends_with_a_transfer_on_both_sides(native: World) -> None:
    token_id = native.join()
    agree(native, token_id)

    transfer(native, token_id, native.member, native.other)
    assert consent(native, token_id) == (0, 0, 0)
    transfer(native, token_id, native.other, native.member)
    assert consent(native, token_id) == (0, 0, 0)


def test_receiver_can_give_its_own_consent(native: World) -> None:
    token_id = native.join()
    agree(native, token_id, periods=9)
    transfer(native, token_id, native.member, native.other)

    agree(native, token_id, periods=3, sender=native.other)

    assert consent(native, token_id) == (PRICE, 3, NEVER)


def test_consent_does_not_come_back_with_the_tier(native: World) -> None:
    native.chain.send(native.membership.createTier, tier(), sender=native.founder)
    token_id = native.join()
    agree(native, token_id)

    change_tier(native, token_id, 5)
    change_tier(native, token_id, MONTHLY)

    assert consent(native, token_id) == (0, 0, 0)


def test_consent_may_be_given_for_an_expired_membership(native: World) -> None:
    token_id = native.join()
    native.chain.advance(MONTH + DAY)

    agree(native, token_id)

    assert consent(native, token_id) == (PRICE, 12, NEVER)


def test_set_auto_renew_reverts_when_the_caller_is_not_the_holder(native: World) -> None:
    token_id = native.join()
    native.chain.send(native.membership.approve, native.stranger, token_id, sender=native.member)

    for caller in (native.stranger, native.founder):
        with native.chain.reverts("NotHolder", tokenId=token_id, caller=caller):
            agree(native, token_id, sender=caller)


@pytest.mark.parametrize("name", ["setAutoRenew", "consentOf"])
def test_consent_reverts_when_the_membership_does_not_exist(native: World, name: str) -> None:
    arguments = (1, (PRICE, 1, NEVER)) if name == "setAutoRenew" else (1,)

    with native.chain.reverts("TokenDoesNotExist"):
        native.chain.send(getattr(native.membership, name), *arguments, sender=native.member)
