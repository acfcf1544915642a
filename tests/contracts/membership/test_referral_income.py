"""What a badge earns of every payment of its members (E1, E15), and that settling changes nobody's money (I15)"""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.communities import DAY, MONTH, PRICE, World, community_of, tier
from tests.factories.contracts import Chain
from tests.factories.memberships import (
    HOUR,
    Money,
    agree,
    earned_of,
    gift,
    invited,
    join_by,
    ledger_of,
    prepay,
    renew_for,
    renew_with,
    transfer,
)

BRONZE, SILVER, GOLD = 500, 1_000, 1_500
SHARE = PRICE * BRONZE // 10_000

properties = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="session")
def steep(ledger: Chain, factory: Any) -> World:
    """Silver from the first counted member, gold from the second; one monthly tier, paid in odd units."""
    token = ledger.deploy("MockToken", "Odd", "ODD", 6)
    return community_of(
        ledger, factory, token=token, rates=(BRONZE, SILVER, GOLD, 1, 2, 0), tiers=[tier(price=999_983)]
    )


def settled(world: World, token_id: int) -> tuple[int, int]:
    """What was earned, and the badge's share of it."""
    fields = world.settle(token_id).only("MembershipSettled")
    return fields["earned"], fields["badgeShare"]


# Every payment, whoever makes it


def test_first_second_and_twelfth_payment_pay_the_badge_alike(world: World) -> None:
    """The payer names nobody: the member is bound."""
    badge, token_id = invited(world)

    for number in range(1, 13):
        world.chain.advance(MONTH)
        assert settled(world, token_id) == (PRICE, SHARE)
        assert (world.membership.accruedOf(badge), world.earned()) == (number * SHARE, number * (PRICE - SHARE))
        world.renew(token_id)

    assert ledger_of(world, badge)["volume"] == 12 * PRICE


@pytest.mark.parametrize("payer", ["stranger", "founder", "other"])
def test_payment_by_anybody_else_pays_the_badge_alike(native: World, payer: str) -> None:
    """A sponsor, the founder, the badge's own owner."""
    badge, token_id = invited(native)
    native.chain.advance(MONTH)
    native.settle(token_id)

    native.renew(token_id, sender=getattr(native, payer))
    native.chain.advance(MONTH)

    assert settled(native, token_id) == (PRICE, SHARE)
    assert native.membership.accruedOf(badge) == 2 * SHARE


def test_many_periods_at_once_pay_the_badge_as_they_are_earned(world: World) -> None:
    badge, _ = invited(world, periods=12)
    token_id = (1 << 24) + 2
    for number in (1, 2, 6, 12):
        world.chain.set_time(world.state(token_id)["expiresAt"] - (12 - number) * MONTH)
        world.settle(token_id)
        assert world.membership.accruedOf(badge) == number * SHARE


def test_renewal_by_a_keeper_pays_the_badge_alike(world: World) -> None:
    badge, token_id = invited(world)
    agree(world, token_id)
    prepay(world, PRICE)
    world.chain.advance(MONTH)
    renew_for(world, token_id)
    world.chain.advance(MONTH)
    world.settle(token_id)

    assert world.membership.accruedOf(badge) == 2 * SHARE


def test_payments_of_a_receiver_pay_the_badge_alike(native: World) -> None:
    """The badge belongs to the membership, whoever holds it."""
    _, token_id = invited(native)
    transfer(native, token_id, native.member, native.stranger)
    native.renew(token_id, sender=native.stranger)
    native.chain.advance(2 * MONTH)

    assert settled(native, token_id) == (2 * PRICE, 2 * SHARE)


def test_income_goes_to_the_badge_wherever_that_went(native: World) -> None:
    """I5: sold, given away, or its membership burned."""
    badge, token_id = invited(native, periods=2)
    native.chain.advance(MONTH)
    native.settle(token_id)
    native.chain.send(native.membership.burn, badge, native.other, sender=native.other)
    native.chain.send(native.badges.transferFrom, native.other, native.stranger, badge, sender=native.other)
    native.chain.advance(MONTH)
    native.settle(token_id)

    assert native.membership.accruedOf(badge) == 2 * SHARE


def test_gift_pays_no_badge_until_its_receiver_chooses_one(world: World) -> None:
    badge = world.join(sender=world.other)
    token_id = gift(world)
    world.chain.advance(MONTH)
    assert settled(world, token_id) == (PRICE, 0)

    renew_with(world, token_id, badge=badge)
    world.chain.advance(MONTH)

    assert settled(world, token_id) == (PRICE, SHARE)


def test_share_is_rounded_down_and_the_rest_is_the_communitys(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(price=39)])
    badge, token_id = invited(world)
    ledger.advance(MONTH)

    assert settled(world, token_id) == (39, 1)
    assert (world.membership.accruedOf(badge), world.earned()) == (1, 38)


# A rate is fixed when a payment is made


def test_payment_keeps_the_rate_of_its_day_though_the_level_rises(steep: World) -> None:
    price = steep.price_of(1)
    badge, first = invited(steep)
    second = join_by(steep, badge, sender=steep.stranger, periods=3)
    assert steep.state(second)["rate"] == BRONZE
    steep.chain.advance(MONTH)
    steep.settle(first)
    assert steep.membership.rateOf(badge) == SILVER

    assert settled(steep, second) == (price, price * BRONZE // 10_000)


def test_rates_of_old_and_new_money_are_mixed_by_their_amounts(steep: World) -> None:
    """The level rises between two payments of one member."""
    price = steep.price_of(1)
    badge, first = invited(steep)
    second = join_by(steep, badge, sender=steep.stranger, periods=4)
    steep.chain.advance(MONTH)
    steep.settle(first)

    state = steep.renew(second, 2).only("MembershipRenewed")["state"]

    left = 4 * price - earned_of(4 * price, MONTH, 4 * MONTH)
    # The renewal settles first, which counts this member too: gold
    assert steep.membership.rateOf(badge) == GOLD
    assert (state["unearned"], state["rate"]) == (
        left + 2 * price,
        (left * BRONZE + 2 * price * GOLD) // (left + 2 * price),
    )


def test_last_payment_decides_alone_when_nothing_is_left(steep: World) -> None:
    badge, first = invited(steep)
    steep.chain.advance(MONTH)
    steep.settle(first)
    assert steep.state(first)["unearned"] == 0

    assert steep.renew(first).only("MembershipRenewed")["state"]["rate"] == SILVER
    assert steep.membership.rateOf(badge) == SILVER


@dataclass
class Badge:
    """E15 and E16: silver from one counted member, gold from two, each with a price of earned volume for it."""

    unit: int
    income: int = 0
    volume: int = 0
    counted: int = 0
    level: int = 0

    def settle(self, money: Money, now: int, *, counts: bool) -> int:
        """What a member earned; its rate is not touched."""
        earned, share = money.settle(now)
        self.income, self.volume, self.counted = self.income + share, self.volume + earned, self.counted + counts
        self.level = max(self.level, min(2, self.counted, self.volume // self.unit))
        return earned

    @property
    def rate(self) -> int:
        return (BRONZE, SILVER, GOLD)[self.level]


@properties
@given(steps=st.lists(st.tuples(st.integers(0, 50 * DAY), st.integers(0, 3), st.booleans()), min_size=1, max_size=8))
def test_any_history_of_payments_pays_by_the_model(steep: World, steps: list[tuple[int, int, bool]]) -> None:
    """Payments of one member at rates that rise as it and another count: E1, E15 and E16, to the unit.

    A step: seconds, periods that the member pays then (0: none), whether the other one is settled before.
    """
    price = steep.price_of(1)
    with steep.chain.undone():
        token, mine = invited(steep)
        tokens = [mine, join_by(steep, token, sender=steep.stranger)]
        badge, now = Badge(price), steep.chain.now
        count_at, expires_at = -(-(now + 14 * DAY) // HOUR) * HOUR, now + MONTH
        purses = [Money(price, now, now + MONTH, BRONZE) for _ in tokens]
        uncounted, earned = {0, 1}, 0

        for gap, periods, settles in steps:
            now = steep.chain.advance(gap)
            due = [1] * (settles and now >= count_at and 1 in uncounted) + [0] * (periods > 0)
            for number in due:
                counts = now >= count_at and number in uncounted
                earned += badge.settle(purses[number], now, counts=counts)
                if counts:
                    uncounted.remove(number)
                if number:
                    steep.settle(tokens[1])
            if periods:
                state = steep.renew(mine, periods).only("MembershipRenewed")["state"]
                expires_at = max(expires_at, now) + periods * MONTH
                purses[0].pay(price * periods, badge.rate, now=now, seconds=periods * MONTH, expires_at=expires_at)
                assert purses[0].matches(state)
            ledger = ledger_of(steep, token)
            found = (ledger["income"], ledger["volume"], ledger["counted"], ledger["level"])
            assert found == (badge.income, badge.volume, badge.counted, badge.level)
            assert steep.earned() == earned - badge.income


# Order and frequency of settling (I15)


@properties
@given(
    cuts=st.lists(st.integers(1, 60 * DAY), max_size=6),
    order=st.permutations([0, 1, 2]),
    alone=st.booleans(),
)
def test_order_of_settling_changes_nobodys_money(steep: World, cuts: list[int], order: list[int], alone: bool) -> None:
    """Each settlement moves at most a unit; where rates do not change meanwhile, the rest is the same to the unit."""
    price = steep.price_of(1)
    with steep.chain.undone():
        badge = steep.join(sender=steep.other)
        accounts = [steep.member, steep.stranger, steep.chain.accounts[6]]
        tokens = [join_by(steep, badge, sender=account, periods=2) for account in accounts]
        start, settlements = steep.chain.now, 0
        for cut in sorted(cuts):
            steep.chain.set_time(max(start + cut, steep.chain.now))
            batch = [tokens[number] for number in order]
            receipts = [steep.settle(token_id) for token_id in batch] if alone else [steep.settle(*batch)]
            settlements += sum(receipt.names().count("MembershipSettled") for receipt in receipts)
        steep.chain.set_time(start + 2 * MONTH)
        steep.settle(*tokens)
        settlements += 3

        exact = 6 * price * BRONZE // 10_000
        income = ledger_of(steep, badge)["income"]
        assert exact - settlements <= income <= exact
        assert income + steep.earned() == 6 * price
        assert all(steep.state(token_id)["unearned"] == 0 for token_id in tokens)


def test_settling_late_gives_the_badge_what_settling_early_gives(steep: World) -> None:
    """A keeper that sleeps for a year costs nobody a unit."""
    badge = steep.join(sender=steep.other)
    tokens = [join_by(steep, badge, sender=account) for account in (steep.member, steep.stranger)]
    steep.chain.advance(MONTH)
    with steep.chain.undone():
        steep.settle(*tokens)
        early = ledger_of(steep, badge)
    steep.chain.advance(365 * DAY)
    steep.settle(*reversed(tokens))

    assert ledger_of(steep, badge) == early
