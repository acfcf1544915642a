"""Levels of badges: what counts, what they take, and that none falls (E16, I13)"""

from typing import Any

import pytest
from eth_utils.crypto import keccak

from tests.factories.communities import COUNTED, DAY, FREE, MONTH, PRICE, World, community_of, tier
from tests.factories.contracts import Chain
from tests.factories.memberships import (
    BRONZE,
    GOLD,
    HOUR,
    SILVER,
    agree,
    gift,
    invited,
    issue,
    join_by,
    join_with,
    ledger_of,
    prepay,
    renew_for,
    set_rates,
    transfer,
)

CHEAP = PRICE // 10
LEDGERS = 2  # slot of Membership's mapping


@pytest.fixture
def ladder(ledger: Chain, factory: Any) -> World:
    """Silver from 2, gold from 3 counted members; the cheapest tier costs a tenth of the monthly one."""
    return community_of(
        ledger,
        factory,
        rates=(500, 1_000, 1_500, 2, 3, 0),
        tiers=[tier(), tier(price=CHEAP), tier(price=CHEAP, periodSeconds=HOUR), tier(price=0)],
    )


def bring(world: World, badge: int, number: int, tier_id: int = 1, **join: Any) -> list[int]:
    """So many wallets join by a badge."""
    return [join_by(world, badge, sender=account, tier_id=tier_id, **join) for account in accounts(world)[:number]]


def accounts(world: World) -> list[str]:
    return [world.member, world.stranger, *world.chain.accounts[6:9]]


def level(world: World, badge: int) -> tuple[int, int, int]:
    """Level, counted members, rate."""
    ledger = ledger_of(world, badge)
    return ledger["level"], ledger["counted"], int(world.membership.rateOf(badge))


# What counts


def test_member_counts_at_the_first_settlement_after_its_time(world: World) -> None:
    badge, token_id = invited(world)
    count_at = world.state(token_id)["countAt"] * HOUR
    world.chain.set_time(count_at - 1)
    assert world.settle(token_id).only("MembershipSettled")["ledger"]["counted"] == 0
    world.chain.advance(1)

    settled = world.settle(token_id).only("MembershipSettled")  # though it was settled a second ago

    assert settled["ledger"]["counted"] == 1
    state = world.state(token_id)
    assert (state["countAt"], state["flags"] & COUNTED) == (0, COUNTED)
    assert level(world, badge) == (BRONZE, 1, 500)


def test_member_counts_once(native: World) -> None:
    badge, token_id = invited(native)
    for _ in range(4):
        native.chain.advance(MONTH)
        native.settle(token_id)
        native.renew(token_id)

    assert ledger_of(native, badge)["counted"] == 1


def test_member_counts_also_when_all_its_money_was_earned_before(ladder: World) -> None:
    """Its hour of membership is over before its time to count has come."""
    badge = ladder.join(sender=ladder.other)
    (token_id,) = bring(ladder, badge, 1, tier_id=3)
    ladder.chain.advance(HOUR)
    ladder.settle(token_id)
    ladder.chain.advance(HOUR)

    settled = ladder.settle(token_id)

    assert ledger_of(ladder, badge)["counted"] == 1
    assert settled.names() in (["MembershipSettled"], [])


def test_renewal_counts_the_member_too(native: World) -> None:
    badge, token_id = invited(native)
    native.chain.advance(15 * DAY)

    native.renew(token_id)

    assert ledger_of(native, badge)["counted"] == 1


def test_member_counts_for_whoever_holds_it_then(native: World) -> None:
    badge, token_id = invited(native)
    transfer(native, token_id, native.member, native.stranger)
    native.chain.advance(15 * DAY)

    native.settle(token_id)

    assert ledger_of(native, badge)["counted"] == 1


def test_free_members_count_nothing(ladder: World) -> None:
    badge = ladder.join(sender=ladder.other)
    tokens = bring(ladder, badge, 5, tier_id=4)
    ladder.chain.advance(MONTH)

    ladder.settle(*tokens)

    assert level(ladder, badge) == (BRONZE, 0, 500)


def test_granted_time_counts_nothing(native: World) -> None:
    badge = native.join(sender=native.other)
    token_id = join_by(native, badge, tier_id=FREE)
    native.chain.send(native.membership.grant, [(native.member, FREE, 100 * DAY, token_id)], sender=native.founder)
    native.chain.advance(50 * DAY)

    assert native.settle(token_id).events == []
    assert ledger_of(native, badge)["counted"] == 0


def test_trial_counts_once_it_was_paid(native: World) -> None:
    badge = native.join(sender=native.other)
    trial = issue(native, kind=2, value=30 * DAY)
    token_id = join_with(native, periods=0, price=0, badge=badge, **trial).only("MembershipJoined")["tokenId"]
    native.chain.advance(20 * DAY)
    native.settle(token_id)
    assert ledger_of(native, badge)["counted"] == 0

    native.renew(token_id)
    native.chain.advance(15 * DAY)
    native.settle(token_id)
    assert ledger_of(native, badge)["counted"] == 1


def test_payment_by_a_sponsor_counts_the_member(native: World) -> None:
    badge = native.join(sender=native.other)
    token_id = join_by(native, badge, tier_id=FREE)
    native.chain.send(native.membership.setTierPrice, FREE, PRICE, sender=native.founder)
    native.chain.advance(MONTH)

    native.renew(token_id, sender=native.stranger)
    native.chain.advance(15 * DAY)
    native.settle(token_id)

    assert ledger_of(native, badge)["counted"] == 1


def test_gift_counts_nobody_until_its_receiver_is_bound(native: World) -> None:
    badge = native.join(sender=native.other)
    token_id = gift(native)
    native.chain.advance(MONTH)
    native.settle(token_id)

    assert (ledger_of(native, badge)["counted"], native.state(token_id)["countAt"]) == (0, 0)


def test_renewal_by_a_keeper_counts_the_member(native: World) -> None:
    badge, token_id = invited(native)
    agree(native, token_id)
    prepay(native, PRICE)
    native.chain.advance(MONTH)

    renew_for(native, token_id)

    assert ledger_of(native, badge)["counted"] == 1


# What a level takes


def test_levels_rise_with_counted_members(ladder: World) -> None:
    badge = ladder.join(sender=ladder.other)
    tokens = bring(ladder, badge, 4)
    ladder.chain.advance(MONTH)

    reached = []
    for token_id in tokens:
        ladder.settle(token_id)
        reached.append(level(ladder, badge))

    assert reached == [(BRONZE, 1, 500), (SILVER, 2, 1_000), (GOLD, 3, 1_500), (GOLD, 4, 1_500)]


def test_level_takes_earned_volume_for_each_member_that_it_takes(ladder: World) -> None:
    """Two members at half the unit are no silver; the third brings the volume that both lack."""
    ladder.chain.send(ladder.membership.setTierPrice, 2, CHEAP // 2, sender=ladder.founder)
    badge = ladder.join(sender=ladder.other)
    tokens = bring(ladder, badge, 5, tier_id=2)
    ladder.chain.advance(MONTH)

    reached = []
    for token_id in tokens:
        ladder.settle(token_id)
        reached.append((level(ladder, badge)[0], ledger_of(ladder, badge)["volume"]))

    half = CHEAP // 2
    assert reached == [(BRONZE, half), (BRONZE, 2 * half), (BRONZE, 3 * half), (SILVER, 4 * half), (SILVER, 5 * half)]


def test_volume_alone_lifts_no_level(ladder: World) -> None:
    badge = ladder.join(sender=ladder.other)
    tokens = bring(ladder, badge, 1, periods=24)
    ladder.chain.advance(24 * MONTH)

    ladder.settle(*tokens)

    assert level(ladder, badge) == (BRONZE, 1, 500)
    assert ledger_of(ladder, badge)["volume"] == 24 * PRICE


def test_volume_counts_when_it_is_earned(ladder: World) -> None:
    """Gold takes three times the unit: a member that just counted has brought half of it so far."""
    ladder.chain.send(ladder.membership.setTierPrice, 2, CHEAP, sender=ladder.founder)
    badge = ladder.join(sender=ladder.other)
    tokens = bring(ladder, badge, 3, tier_id=2)
    ladder.chain.advance(15 * DAY)
    ladder.settle(*tokens)
    assert level(ladder, badge) == (BRONZE, 3, 500)
    ladder.chain.advance(15 * DAY)

    ladder.settle(*tokens)

    assert level(ladder, badge) == (GOLD, 3, 1_500)


def test_volume_is_the_whole_payment(ladder: World) -> None:
    """The badge's own share is part of it."""
    badge = ladder.join(sender=ladder.other)
    tokens = bring(ladder, badge, 1)
    ladder.chain.advance(MONTH)
    ladder.settle(*tokens)

    assert ledger_of(ladder, badge)["volume"] == PRICE


def test_new_level_acts_on_payments_from_then_on(ladder: World) -> None:
    badge = ladder.join(sender=ladder.other)
    tokens = bring(ladder, badge, 3)
    ladder.chain.advance(MONTH)
    ladder.settle(*tokens)

    income = ledger_of(ladder, badge)["income"]
    ladder.renew(tokens[0])
    ladder.chain.advance(MONTH)
    ladder.settle(tokens[0])

    assert income == 3 * PRICE * 500 // 10_000
    assert ledger_of(ladder, badge)["income"] - income == PRICE * 1_500 // 10_000


def test_full_counters_of_a_badge_stop_and_make_no_settlement_revert(native: World) -> None:
    """Members and volume beyond what a ledger can hold are not counted; payments and refunds go on."""
    badge, token_id = invited(native)
    most = {"volume": 2**104 - 1, "counted": 2**20 - 1}
    word = most["volume"] << 40 | most["counted"] << 20 | 8  # used
    slot = keccak(badge.to_bytes(32, "big") + LEDGERS.to_bytes(32, "big"))
    native.chain.rpc("anvil_setStorageAt", native.membership.address, "0x" + slot.hex(), f"0x{word:064x}")
    assert {name: ledger_of(native, badge)[name] for name in most} == most
    native.chain.advance(15 * DAY)

    native.settle(token_id)
    native.renew(token_id)
    native.chain.send(native.membership.cancel, token_id, native.member, sender=native.member)

    ledger = ledger_of(native, badge)
    assert {name: ledger[name] for name in most} == most
    assert (ledger["level"], ledger["income"]) == (GOLD, PRICE // 2 * 500 // 10_000)


# No level falls


def test_level_stays_when_its_members_leave(ladder: World) -> None:
    badge = ladder.join(sender=ladder.other)
    tokens = bring(ladder, badge, 3)
    ladder.chain.advance(20 * DAY)
    ladder.settle(*tokens)
    assert level(ladder, badge)[0] == GOLD

    for token_id, account in zip(tokens, accounts(ladder), strict=False):
        ladder.chain.send(ladder.membership.burn, token_id, account, sender=account)

    assert level(ladder, badge) == (GOLD, 3, 1_500)


def test_level_stays_when_the_badge_is_sold(ladder: World) -> None:
    badge = ladder.join(sender=ladder.other)
    tokens = bring(ladder, badge, 3)
    ladder.chain.advance(MONTH)
    ladder.settle(*tokens)
    ladder.chain.send(ladder.badges.mint, badge, sender=ladder.other)

    ladder.chain.send(ladder.badges.transferFrom, ladder.other, ladder.founder, badge, sender=ladder.other)

    assert level(ladder, badge) == (GOLD, 3, 1_500)


def test_level_stays_when_thresholds_rise(ladder: World) -> None:
    badge = ladder.join(sender=ladder.other)
    tokens = bring(ladder, badge, 3)
    ladder.chain.advance(MONTH)
    ladder.settle(*tokens)
    set_rates(ladder, silverFrom=100, goldFrom=1_000)
    ladder.chain.send(ladder.membership.adoptRates, badge, sender=ladder.other)

    ladder.renew(tokens[0])
    ladder.chain.advance(MONTH)
    ladder.settle(tokens[0])

    assert level(ladder, badge) == (GOLD, 3, 2_000)
