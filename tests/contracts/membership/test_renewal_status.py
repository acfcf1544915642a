"""IMembershipHolder.renewalStatus: each reason, and that renewFor reverts with the same"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories.communities import DAY, LIFE, MONTH, MONTHLY, NOTICE, PRICE, World
from tests.factories.memberships import (
    ALLOWANCE_TOO_LOW,
    BALANCE_TOO_LOW,
    CONSENT_PAST,
    CONSENT_USED_UP,
    DUE,
    GRACE,
    LIFELONG,
    NEVER,
    NO_CONSENT,
    PRICE_ABOVE_CONSENT,
    TIER_RETIRED,
    TOO_EARLY,
    TOO_LATE,
    TRIAL,
    UNKNOWN,
    agree,
    issue,
    join_with,
    prepay,
    renew_for,
    transfer,
)


def status(world: World, token_id: int) -> dict[str, int]:
    return dict(world.chain.read(world.membership.renewalStatus, token_id))


def ready(world: World) -> int:
    """A membership that a keeper can renew now."""
    token_id = world.join()
    agree(world, token_id)
    prepay(world, PRICE)
    world.chain.advance(MONTH)
    return token_id


def unknown(world: World) -> int:
    return 99


def burned(world: World) -> int:
    token_id = ready(world)
    world.chain.send(world.membership.burn, token_id, world.member, sender=world.member)
    return token_id


def lifelong(world: World) -> int:
    token_id = world.join(LIFE)
    agree(world, token_id)
    return token_id


def without_consent(world: World) -> int:
    token_id = world.join()
    world.chain.advance(MONTH)
    return token_id


def transferred(world: World) -> int:
    token_id = world.join()
    agree(world, token_id)
    transfer(world, token_id, world.member, world.other)
    world.chain.advance(MONTH)
    return token_id


def opted_out(world: World) -> int:
    token_id = ready(world)
    agree(world, token_id, periods=0)
    return token_id


def used_up(world: World) -> int:
    token_id = world.join()
    agree(world, token_id, periods=1)
    prepay(world, PRICE)
    world.chain.advance(MONTH)
    renew_for(world, token_id)
    world.chain.advance(MONTH)
    return token_id


def past(world: World) -> int:
    token_id = ready(world)
    agree(world, token_id, until=world.chain.now - 1)
    return token_id


def early(world: World) -> int:
    token_id = ready(world)
    world.renew(token_id)
    return token_id


def late(world: World) -> int:
    token_id = ready(world)
    world.chain.advance(GRACE)
    return token_id


def retired(world: World) -> int:
    token_id = world.join(periods=2)
    agree(world, token_id)
    world.chain.send(world.membership.retireTier, MONTHLY, world.chain.now + NOTICE, sender=world.founder)
    prepay(world, PRICE)
    world.chain.advance(2 * MONTH)
    return token_id


def dear(world: World) -> int:
    token_id = ready(world)
    agree(world, token_id, most=PRICE - 1)
    return token_id


def poor(world: World) -> int:
    token_id = ready(world)
    if world.token:
        world.chain.send(world.token.transfer, world.stranger, 1, sender=world.member)
    else:
        world.chain.send(world.membership.withdrawFunds, world.member, 1, sender=world.member)
    return token_id


REASONS = [
    (unknown, UNKNOWN),
    (burned, UNKNOWN),
    (lifelong, LIFELONG),
    (without_consent, NO_CONSENT),
    (transferred, NO_CONSENT),
    (opted_out, NO_CONSENT),
    (used_up, CONSENT_USED_UP),
    (past, CONSENT_PAST),
    (early, TOO_EARLY),
    (late, TOO_LATE),
    (retired, TIER_RETIRED),
    (dear, PRICE_ABOVE_CONSENT),
    (poor, BALANCE_TOO_LOW),
]


@pytest.mark.parametrize(("arrange", "reason"), REASONS, ids=[arrange.__name__ for arrange, _ in REASONS])
def test_reason_is_that_of_the_revert(world: World, arrange: Callable[[World], int], reason: int) -> None:
    token_id = arrange(world)

    assert status(world, token_id)["status"] == reason
    with world.chain.reverts("RenewalImpossible", tokenId=token_id, status=reason):
        renew_for(world, token_id)


def test_too_low_an_allowance_is_the_reason(tokened: World) -> None:
    token_id = ready(tokened)
    tokened.chain.send(tokened.token.approve, tokened.membership.address, PRICE - 1, sender=tokened.member)

    assert status(tokened, token_id)["status"] == ALLOWANCE_TOO_LOW
    with tokened.chain.reverts("RenewalImpossible", tokenId=token_id, status=ALLOWANCE_TOO_LOW):
        renew_for(tokened, token_id)


def test_status_is_due_exactly_when_a_keeper_can_renew(world: World) -> None:
    token_id = ready(world)

    expires_at = world.chain.now
    assert status(world, token_id) == {
        "status": DUE,
        "price": PRICE,
        "opensAt": expires_at - DAY,
        "closesAt": expires_at + GRACE,
    }
    assert renew_for(world, token_id).events


@pytest.mark.parametrize(
    ("offset", "reason"), [(-DAY - 1, TOO_EARLY), (-DAY, DUE), (GRACE - 1, DUE), (GRACE, TOO_LATE)]
)
def test_status_at_the_edges_of_the_window(native: World, offset: int, reason: int) -> None:
    token_id = native.join()
    agree(native, token_id)
    prepay(native, PRICE)
    native.chain.advance(MONTH + offset)

    assert status(native, token_id)["status"] == reason


@pytest.mark.parametrize(("offset", "reason"), [(0, DUE), (1, CONSENT_PAST)])
def test_consent_lives_up_to_and_including_its_last_second(native: World, offset: int, reason: int) -> None:
    token_id = native.join()
    until = native.chain.now + MONTH
    agree(native, token_id, until=until)
    prepay(native, PRICE)
    native.chain.set_time(until + offset)

    assert status(native, token_id)["status"] == reason


@pytest.mark.parametrize(("offset", "reason"), [(-1, DUE), (0, TIER_RETIRED)])
def test_tier_is_renewed_until_it_retires(native: World, offset: int, reason: int) -> None:
    token_id = native.join()
    retires_at = native.chain.now + MONTH
    native.chain.send(native.membership.retireTier, MONTHLY, retires_at, sender=native.founder)
    agree(native, token_id)
    prepay(native, PRICE)
    native.chain.set_time(retires_at + offset)

    answer = status(native, token_id)
    assert (answer["status"], answer["price"]) == (reason, PRICE if reason == DUE else 0)


def test_status_tells_the_window_before_it_opens(native: World) -> None:
    token_id = native.join()
    expires_at = native.chain.now + MONTH

    assert status(native, token_id) == {
        "status": NO_CONSENT,
        "price": PRICE,
        "opensAt": expires_at - DAY,
        "closesAt": expires_at + GRACE,
    }


@pytest.mark.parametrize("token", ["unknown", "for life"])
def test_status_tells_no_window_where_there_is_none(native: World, token: str) -> None:
    token_id = 99 if token == "unknown" else lifelong(native)

    assert status(native, token_id) == {
        "status": UNKNOWN if token == "unknown" else LIFELONG,
        "price": 0,
        "opensAt": 0,
        "closesAt": 0,
    }


def test_trial_of_a_tier_for_life_is_renewed_by_nobody_else(native: World) -> None:
    """Its one payment is for good: that is for the holder to make."""
    consent: dict[str, Any] = {"consent": (10 * PRICE, 1, NEVER)}
    joined = join_with(native, LIFE, 0, price=0, **consent, **issue(native, tier_id=LIFE, kind=TRIAL, value=DAY))
    token_id = joined.only("MembershipJoined")["tokenId"]
    prepay(native, 10 * PRICE)
    native.chain.advance(DAY)

    assert status(native, token_id)["status"] == NO_CONSENT
    with native.chain.reverts("RenewalImpossible", tokenId=token_id, status=NO_CONSENT):
        renew_for(native, token_id)


def test_status_names_the_first_of_several_reasons(native: World) -> None:
    """No money, too early, and too dear: consent comes first."""
    token_id = native.join()
    agree(native, token_id, most=0, until=native.chain.now - 1)

    assert status(native, token_id)["status"] == CONSENT_PAST
    agree(native, token_id, most=0)
    assert status(native, token_id)["status"] == TOO_EARLY
    native.chain.advance(MONTH)
    assert status(native, token_id)["status"] == PRICE_ABOVE_CONSENT
    agree(native, token_id)
    assert status(native, token_id)["status"] == BALANCE_TOO_LOW
