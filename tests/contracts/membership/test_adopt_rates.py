"""IMembershipHolder.adoptRates"""

from typing import Any

import pytest

from tests.factories.communities import FREE, MONTH, RATES, World, community_of
from tests.factories.contracts import NATIVE, NO_LEDGER, Chain, Receipt
from tests.factories.memberships import BRONZE, GOLD, SILVER, invited, ledger_of, set_rates


def adopt(world: World, badge: int, *, sender: str = "") -> Receipt:
    return world.chain.send(world.membership.adoptRates, badge, sender=sender or world.other)


def test_adopt_rates_moves_a_badge_to_the_newest(world: World) -> None:
    badge, token_id = invited(world)
    set_rates(world)
    set_rates(world, goldBps=2_500)

    receipt = adopt(world, badge)

    assert receipt.names() == ["BadgeLedgerSet"]
    ledger = NO_LEDGER | {"used": 1, "version": 2}
    assert receipt.only("BadgeLedgerSet") == {"badge": badge, "amount": 0, "ledger": ledger}
    assert world.membership.rateOf(badge) == 600
    assert world.state(token_id)["rate"] == RATES["bronzeBps"]  # of what was paid before
    assert world.renew(token_id).only("MembershipRenewed")["state"]["rate"] == (500 + 600) // 2


def test_adopt_rates_keeps_income_and_raises_the_level_that_is_reached(native: World) -> None:
    badge, token_id = invited(native)
    native.chain.advance(MONTH)
    native.settle(token_id)
    before = ledger_of(native, badge)
    assert (before["counted"], before["level"]) == (1, BRONZE)
    set_rates(native, silverFrom=1, goldFrom=2)

    adopt(native, badge)

    assert ledger_of(native, badge) == before | {"version": 1, "level": SILVER}
    assert native.membership.rateOf(badge) == 1_200


def test_adopt_rates_never_lowers_a_level(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, rates=(500, 1_000, 1_500, 1, 1, 0))
    badge, token_id = invited(world)
    ledger.advance(MONTH)
    world.settle(token_id)
    assert ledger_of(world, badge)["level"] == GOLD
    set_rates(world, silverFrom=100, goldFrom=1_000)

    adopt(world, badge)

    assert (ledger_of(world, badge)["level"], world.membership.rateOf(badge)) == (GOLD, 2_000)


def test_adopt_rates_by_the_owner_of_a_minted_badge(native: World) -> None:
    badge, _ = invited(native)
    native.chain.send(native.badges.mint, badge, sender=native.other)
    native.chain.send(native.badges.transferFrom, native.other, native.stranger, badge, sender=native.other)
    set_rates(native)

    with native.chain.reverts("NotBadgeOwner", badge=badge, caller=native.other):
        adopt(native, badge)
    assert adopt(native, badge, sender=native.stranger).events


def test_adopt_rates_is_a_first_use(native: World) -> None:
    """Of a badge that has invited nobody yet: the rates of today are fixed; worse ones may come."""
    badge = native.join(sender=native.other)
    set_rates(native)

    assert adopt(native, badge).only("BadgeLedgerSet")["ledger"] == NO_LEDGER | {"used": 1, "version": 1}
    set_rates(native, bronzeBps=100)
    assert native.membership.rateOf(badge) == 600


def test_adopt_rates_twice_changes_nothing(native: World) -> None:
    badge, _ = invited(native)
    set_rates(native)
    adopt(native, badge)
    before = ledger_of(native, badge)

    adopt(native, badge)

    assert ledger_of(native, badge) == before


@pytest.mark.parametrize(
    "changes", [{"bronzeBps": 499}, {"silverBps": 999, "bronzeBps": 999}, {"goldBps": 1_499}], ids=str
)
def test_adopt_rates_reverts_when_one_is_lower(native: World, changes: dict[str, Any]) -> None:
    badge, _ = invited(native)
    set_rates(native, **changes)

    with native.chain.reverts("RatesLower", badge=badge, version=1):
        adopt(native, badge)


def test_adopt_rates_reverts_when_the_caller_does_not_own_the_badge(native: World) -> None:
    badge, _ = invited(native)
    native.chain.send(native.membership.setApprovalForAll, native.stranger, True, sender=native.other)

    for caller in (native.stranger, native.founder, native.member):
        with native.chain.reverts("NotBadgeOwner", badge=badge, caller=caller):
            adopt(native, badge, sender=caller)


def test_adopt_rates_makes_no_badge_of_a_membership_that_was_never_paid(native: World) -> None:
    """Else a free member could earn by inviting, and nobody could ever claim it."""
    badge = native.join(FREE, sender=native.other)
    set_rates(native)

    with native.chain.reverts("BadgeUnknown", badge=badge):
        adopt(native, badge)
    assert native.membership.badgeOwnerOf(badge) == NATIVE


def test_adopt_rates_reverts_when_there_is_no_such_badge(native: World) -> None:
    with native.chain.reverts("NotBadgeOwner", badge=99, caller=native.other):
        adopt(native, 99)
