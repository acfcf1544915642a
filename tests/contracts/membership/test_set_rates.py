"""IMembershipOffice.setRates, ratesOf, ratesVersion"""

from typing import Any

import pytest

from tests.factories.communities import PRICE, RATES, World, community_of, tier
from tests.factories.contracts import Chain
from tests.factories.memberships import BETTER, invited, join_by, ledger_of, set_rates

CHEAPEST = PRICE // 10  # of the tiers of the tests: the daily one


def rates(world: World, version: int) -> dict[str, int]:
    return dict(world.chain.read(world.membership.ratesOf, version))


def test_rates_of_the_opening_are_version_0(native: World) -> None:
    assert native.membership.ratesVersion() == 0
    assert rates(native, 0) == RATES | {"volumeUnit": CHEAPEST}


def test_set_rates_makes_the_next_version(world: World) -> None:
    receipt = set_rates(world)

    made = BETTER | {"volumeUnit": CHEAPEST}
    assert receipt.names() == ["RatesSet"]
    assert receipt.only("RatesSet") == {"version": 1, "rates": made}
    assert (world.membership.ratesVersion(), rates(world, 1)) == (1, made)
    assert rates(world, 0) == RATES | {"volumeUnit": CHEAPEST}


def test_set_rates_answers_the_version(native: World) -> None:
    native.chain.send(native.community.offerOwnership, native.chain.accounts[0], sender=native.founder)
    native.chain.send(native.community.acceptOwnership, sender=native.chain.accounts[0])

    assert native.chain.read(native.membership.setRates, tuple(BETTER.values())) == 1


def test_set_rates_takes_the_cheapest_paid_price_of_the_day(native: World) -> None:
    """Whatever the caller states: else a founder could put the levels out of reach."""
    for price in (77, PRICE):
        native.chain.send(native.membership.createTier, tier(price=price), sender=native.founder)

    assert set_rates(native, volumeUnit=2**96 - 1).only("RatesSet")["rates"]["volumeUnit"] == 77
    native.chain.send(native.membership.setTierPrice, 5, 0, sender=native.founder)
    assert set_rates(native).only("RatesSet")["rates"]["volumeUnit"] == CHEAPEST


def test_set_rates_without_a_paid_tier_asks_for_no_volume(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(price=0)])

    assert set_rates(world).only("RatesSet")["rates"]["volumeUnit"] == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"bronzeBps": 0, "silverBps": 0, "goldBps": 0},
        {"bronzeBps": 3_000, "silverBps": 3_000, "goldBps": 3_000},
        {"silverFrom": 1, "goldFrom": 1},
        {"goldFrom": 65_535},
    ],
    ids=str,
)
def test_set_rates_accepts_the_edges(native: World, changes: dict[str, Any]) -> None:
    assert set_rates(native, **changes).only("RatesSet")["rates"] == BETTER | changes | {"volumeUnit": CHEAPEST}


@pytest.mark.parametrize(
    "changes",
    [
        {"bronzeBps": 1_201},
        {"silverBps": 2_001},
        {"goldBps": 3_001},
        {"silverFrom": 0},
        {"silverFrom": 10},
    ],
    ids=str,
)
def test_set_rates_reverts_when_they_are_unsound(native: World, changes: dict[str, Any]) -> None:
    with native.chain.reverts("RatesInvalid"):
        set_rates(native, **changes)


def test_set_rates_reverts_when_the_caller_is_not_the_owner(native: World) -> None:
    with native.chain.reverts("NotOwner", caller=native.stranger):
        set_rates(native, sender=native.stranger)


def test_set_rates_ends_with_the_last_version(native: World) -> None:
    for _ in range(255):
        set_rates(native)

    with native.chain.reverts("Panic", code=0x11):
        set_rates(native)
    assert native.membership.ratesVersion() == 255


def test_badge_keeps_the_rates_of_its_first_use(native: World) -> None:
    """Whoever bought it knows what it earns."""
    badge, _ = invited(native)
    set_rates(native, bronzeBps=100)

    assert native.membership.rateOf(badge) == RATES["bronzeBps"]
    assert native.state(join_by(native, badge, sender=native.stranger))["rate"] == RATES["bronzeBps"]


def test_badge_that_is_first_used_later_has_the_new_rates(native: World) -> None:
    badge = native.join(sender=native.other)
    set_rates(native)

    assert native.membership.rateOf(badge) == 600
    token_id = join_by(native, badge)
    assert (native.state(token_id)["rate"], ledger_of(native, badge)["version"]) == (600, 1)


def test_minting_fixes_the_rates(native: World) -> None:
    badge = native.join(sender=native.other)
    native.chain.send(native.badges.mint, badge, sender=native.other)
    set_rates(native)

    assert native.membership.rateOf(badge) == RATES["bronzeBps"]
