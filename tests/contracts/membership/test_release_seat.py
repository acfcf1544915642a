"""IMembershipDesk.releaseSeat. By a join that needs the seat: test_join_with.py"""

from typing import Any

import pytest

from tests.factories.communities import (
    CHOSEN,
    DAILY,
    FOR_LIFE,
    LIFE,
    MONTH,
    MONTHLY,
    PRICE,
    RELEASED,
    World,
    community_of,
    tier,
)
from tests.factories.contracts import Chain, Receipt
from tests.factories.memberships import GRACE, SEAT_GRACE, money_of


def release(world: World, token_id: int) -> Receipt:
    return world.chain.send(world.membership.releaseSeat, token_id, sender=world.stranger)


@pytest.fixture
def single(ledger: Chain, factory: Any) -> World:
    """A tier with one seat."""
    return community_of(ledger, factory, tiers=[tier(cap=1)])


def test_release_seat_frees_it(single: World) -> None:
    token_id = single.join()
    before = single.state(token_id)
    single.chain.advance(MONTH + SEAT_GRACE)

    receipt = release(single, token_id)

    state = before | {"flags": CHOSEN | RELEASED}
    assert receipt.names() == ["SeatReleased"]
    assert receipt.only("SeatReleased") == {
        "tokenId": token_id,
        "tierId": MONTHLY,
        "seats": 0,
        "state": money_of(state),
    }
    assert (single.state(token_id), single.tier(MONTHLY)["seats"]) == (state, 0)
    assert single.membership.ownerOf(token_id) == single.member
    assert single.join(sender=single.other)


def test_released_member_comes_back_while_there_is_a_seat(single: World) -> None:
    token_id = single.join()
    single.chain.advance(MONTH + SEAT_GRACE)
    release(single, token_id)

    state = single.renew(token_id).only("MembershipRenewed")["state"]

    assert (state["flags"], single.tier(MONTHLY)["seats"]) == (CHOSEN, 1)


def test_released_members_renewal_reverts_when_the_seat_is_taken(single: World) -> None:
    token_id = single.join()
    single.chain.advance(MONTH + SEAT_GRACE)
    release(single, token_id)
    single.join(sender=single.other)

    with single.chain.reverts("TierSoldOut", tierId=MONTHLY, cap=1):
        single.renew(token_id)


def test_seat_is_kept_until_the_second_before(single: World) -> None:
    token_id = single.join()
    free_from = single.chain.now + MONTH + SEAT_GRACE
    single.chain.set_time(free_from - 1)

    with single.chain.reverts("MembershipNotExpired", tokenId=token_id, freeFrom=free_from):
        release(single, token_id)
    single.chain.advance(1)
    release(single, token_id)


def test_seat_of_a_cancelled_membership_is_free_a_month_after(single: World) -> None:
    token_id = single.join()
    single.chain.send(single.membership.cancel, token_id, single.member, sender=single.member)
    free_from = single.chain.now + SEAT_GRACE

    with single.chain.reverts("MembershipNotExpired", tokenId=token_id, freeFrom=free_from):
        release(single, token_id)
    single.chain.set_time(free_from)
    release(single, token_id)


def test_release_seat_reverts_twice(single: World) -> None:
    token_id = single.join()
    free_from = single.chain.now + MONTH + SEAT_GRACE
    single.chain.set_time(free_from)
    release(single, token_id)

    with single.chain.reverts("MembershipNotExpired", tokenId=token_id, freeFrom=free_from):
        release(single, token_id)


def test_seat_for_life_is_never_free(native: World) -> None:
    token_id = native.join(LIFE)
    native.chain.advance(100 * 365 * 86_400)

    with native.chain.reverts("MembershipNotExpired", tokenId=token_id, freeFrom=FOR_LIFE):
        release(native, token_id)


def test_release_seat_leaves_the_money_to_be_earned(native: World) -> None:
    token_id = native.join(DAILY)
    native.chain.advance(MONTH + SEAT_GRACE)

    release(native, token_id)

    assert native.settle(token_id).only("MembershipSettled")["earned"] == PRICE // 10


def test_release_seat_reverts_when_the_membership_does_not_exist(native: World) -> None:
    with native.chain.reverts("TokenDoesNotExist"):
        release(native, 1)


def test_renewal_before_anybody_released_the_seat_keeps_it(single: World) -> None:
    token_id = single.join()
    single.chain.advance(MONTH + GRACE + SEAT_GRACE)

    single.renew(token_id)

    assert single.tier(MONTHLY)["seats"] == 1
