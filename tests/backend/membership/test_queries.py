"""What tiers cost whom, and who may join them now."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import clock
from backend.membership.queries import TierView, kept_badge, tiers_of
from indexer.tables.columns import RENEWAL_GRACE
from indexer.tables.membership import FormerMember
from tests.factories.home import CHAIN_ID, MEMBERSHIP, TestHome, tier_row

ALICE, BOB = "0x" + "aa" * 20, "0x" + "bb" * 20
TIER = TierView(
    id=1,
    label="Member",
    price=200,
    renewal_price=100,
    notice_ends=2**40,
    period_seconds=86_400,
    cap=0,
    seats=0,
    sale_start=0,
    sale_end=0,
    soulbound=False,
    invitee_discount_bps=1_000,
    allow_root="0x" + "00" * 32,
    invitation_only=False,
    paused=False,
    retires_at=0,
    state="open",
)


def state_of(home: TestHome, **changes: Any) -> str:
    """Of a tier with these values, now."""
    home.write(tier_row(1, **changes))
    with home.host.database.reading() as session:
        return tiers_of(session, CHAIN_ID, MEMBERSHIP, at=clock.now())[0].state


def test_price_through_a_badge_is_less_once() -> None:
    assert TIER.price_through(0) == 200
    assert TIER.price_through(5) == 180
    assert TIER.price_through(5, kept=7) == 200


@given(price=st.integers(0, 2**96 - 1), bps=st.integers(0, 2_000))
def test_price_through_a_badge_is_rounded_up(price: int, bps: int) -> None:
    reduced = replace(TIER, price=price, invitee_discount_bps=bps).price_through(1)

    assert 0 <= reduced * 10_000 - price * (10_000 - bps) < 10_000


def test_price_for_a_renewal_is_that_of_a_join_once_it_is_late() -> None:
    late = 1_000 + RENEWAL_GRACE

    assert TIER.price_for(1_000, at=late - 1) == 100
    assert TIER.price_for(1_000, at=late) == 200


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "open"),
        ({"paused": True}, "paused"),
        ({"retires_at": 2**40 - 1}, "retired"),
        ({"sale_start": 2**40 - 1}, "not-yet"),
        ({"sale_end": 1}, "over"),
        ({"cap": 5, "seats": 5}, "sold-out"),
        ({"invitation_only": True}, "invitation"),
        ({"allow_root": "0x" + "01" * 32}, "invitation"),
        ({"invitation_only": True, "cap": 5, "seats": 5}, "sold-out"),
    ],
    ids=str,
)
def test_state_says_whether_somebody_may_join(home: TestHome, changes: dict[str, Any], state: str) -> None:
    assert state_of(home, **changes) == state


def test_kept_badge_is_that_of_the_membership_that_the_wallet_burned(home: TestHome) -> None:
    home.write(FormerMember(chain_id=CHAIN_ID, contract=MEMBERSHIP, account=ALICE, badge=9, counted=True, left_at=1))

    with home.host.database.reading() as session:
        assert kept_badge(session, CHAIN_ID, MEMBERSHIP, ALICE) == 9
        assert kept_badge(session, CHAIN_ID, MEMBERSHIP, BOB) == 0
