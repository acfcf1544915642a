"""What a page says of a membership is what the contract would do: refunds, changes of tier, renewals by keepers."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.membership.queries import ConsentView, MembershipView, TierView
from backend.membership.standing import (
    SLACK_SECONDS,
    Outlook,
    change_of,
    periods_of,
    renewal_of,
    standing_of,
    unearned_at,
)

DAY = 86_400
MONTH = 30 * DAY
NOW = 1_800_000_000
LIFE = 2**40 - 1
TIER = TierView(
    id=1,
    label="Member",
    price=300,
    renewal_price=300,
    notice_ends=0,
    period_seconds=MONTH,
    cap=0,
    seats=0,
    sale_start=0,
    sale_end=0,
    soulbound=False,
    invitee_discount_bps=0,
    state="open",
)
DEAR = replace(TIER, id=2, price=600, renewal_price=600)
FREE = replace(TIER, id=3, price=0, renewal_price=0)
FOR_LIFE = replace(TIER, id=4, price=5_000, period_seconds=0)
HELD = MembershipView(
    community="0x" + "c0" * 20,
    contract="0x" + "3e" * 20,
    token_id=7,
    holder="0x" + "aa" * 20,
    tier_id=1,
    expires_at=NOW + 20 * DAY,
    joined_at=NOW - 10 * DAY,
    expired=False,
    unearned=300,
    settled_at=NOW - 10 * DAY,
    earned_at=NOW + 20 * DAY,
)
CONSENT = ConsentView(tier_id=1, max_price=400, periods_left=2, until=LIFE)


@pytest.mark.parametrize(
    ("expires_at", "standing"),
    [
        (LIFE, "life"),
        (NOW, "expired"),
        (NOW + 1, "soon"),
        (NOW + 7 * DAY, "soon"),
        (NOW + 7 * DAY + 1, "valid"),
    ],
)
def test_standing_turns_at_its_edges(expires_at: int, standing: str) -> None:
    assert standing_of(replace(HELD, expires_at=expires_at), at=NOW) == standing


@given(
    unearned=st.integers(0, 2**96 - 1),
    length=st.integers(1, 2 * 365 * DAY),
    passed=st.integers(0, 3 * 365 * DAY),
)
def test_unearned_falls_to_nothing_and_is_rounded_down(unearned: int, length: int, passed: int) -> None:
    held = replace(HELD, unearned=unearned, settled_at=NOW, earned_at=NOW + length)

    left = unearned_at(held, NOW + passed)

    exact = unearned * max(length - passed, 0)
    assert 0 <= exact - left * length < length


def test_change_turns_what_is_unused_into_time() -> None:
    change = change_of(HELD, TIER, DEAR, 1, at=NOW)

    assert (change.credit, change.due) == (200, 600)
    assert change.expires_at == NOW + 10 * DAY + MONTH
    assert change.least_expires_at <= change.expires_at
    assert change.refused is None


def test_change_promises_no_more_than_holds_until_it_is_signed() -> None:
    change = change_of(HELD, TIER, DEAR, 0, at=NOW)

    for later in (0, 60, SLACK_SECONDS):
        assert change_of(HELD, TIER, DEAR, 0, at=NOW + later).expires_at >= change.least_expires_at


def test_change_to_a_tier_for_life_costs_the_rest() -> None:
    change = change_of(HELD, TIER, FOR_LIFE, 0, at=NOW)

    assert change.periods == 1
    assert change.expires_at == LIFE
    assert change.due >= FOR_LIFE.price - 200
    assert change.due >= FOR_LIFE.price - unearned_at(HELD, NOW + SLACK_SECONDS)


@pytest.mark.parametrize(
    ("tier", "periods", "refused"),
    [
        (TIER, 1, "same"),
        (FREE, 1, "free"),
        (replace(DEAR, state="paused"), 1, "closed"),
        (DEAR, 120, "too-far"),
        (replace(DEAR, price=10**30), 0, "no-time"),
        (DEAR, 0, None),
    ],
    ids=str,
)
def test_change_says_why_the_contract_would_refuse(tier: TierView, periods: int, refused: str | None) -> None:
    assert change_of(HELD, TIER, tier, periods, at=NOW).refused == refused


@pytest.mark.parametrize(
    ("changes", "balance", "allowance", "outlook", "lack"),
    [
        ({}, 300, None, "on", 0),
        ({}, 299, None, "balance", 1),
        ({}, 300, 300, "on", 0),
        ({}, 300, 100, "allowance", 200),
        ({"max_price": 299}, 300, None, "price", 1),
        ({"periods_left": 0}, 300, None, "used-up", 0),
        ({"until": NOW}, 300, None, "past", 0),
        ({"tier_id": 2}, 300, None, "off", 0),
    ],
    ids=str,
)
def test_renewal_names_what_would_stop_it(
    changes: dict[str, Any], balance: int, allowance: int | None, outlook: Outlook, lack: int
) -> None:
    consent = replace(CONSENT, **changes)

    renewal = renewal_of(HELD, TIER, consent, balance=balance, allowance=allowance, at=NOW)

    assert (renewal.outlook, renewal.lack) == (outlook, lack)
    assert renewal.opens_at == HELD.expires_at - DAY
    assert renewal.closes_at == HELD.expires_at + 7 * DAY


def test_renewal_is_off_without_consent_and_over_when_its_window_is() -> None:
    late = HELD.expires_at + 7 * DAY

    assert renewal_of(HELD, TIER, None, balance=300, allowance=None, at=NOW).outlook == "off"
    assert renewal_of(HELD, TIER, CONSENT, balance=300, allowance=None, at=late).outlook == "past"
    retired = replace(TIER, retires_at=NOW + 1)
    assert renewal_of(HELD, retired, CONSENT, balance=300, allowance=None, at=NOW).outlook == "retired"


def test_periods_end_where_the_contract_takes_no_more() -> None:
    assert periods_of(TIER, start=NOW, at=NOW) == [1, 2, 3, 6, 12, 24]
    assert periods_of(TIER, start=NOW + 365 * DAY, at=NOW) == [1, 2, 3, 6, 12]
    assert periods_of(replace(TIER, period_seconds=3 * 365 * DAY), start=NOW, at=NOW) == [1]
    assert periods_of(FOR_LIFE, start=NOW, at=NOW) == [1]
