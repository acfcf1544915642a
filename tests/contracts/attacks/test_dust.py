"""Dust: rounding that is repeated at will, in a currency of 6 decimals (E1, I15)"""

from typing import Any

import pytest

from tests.factories.communities import DAY, MONTH, World, community_of, tier
from tests.factories.contracts import Chain
from tests.factories.memberships import HOUR, change_tier, invited, ledger_of

DOLLAR = 10**6
BPS = 500


@pytest.fixture
def cheap(ledger: Chain, factory: Any, token: Any) -> World:
    """Tiers at a dollar a month, a unit a month, and a cent by the hour."""
    tiers = [tier(price=DOLLAR), tier(price=1), tier(price=DOLLAR // 100, periodSeconds=HOUR)]
    return community_of(ledger, factory, token=token, tiers=tiers)


def test_settling_every_hour_robs_the_badge_of_nothing(cheap: World) -> None:
    """Each settlement rounds the badge's share down. All but one a day are passed over."""
    badge, token_id = invited(cheap)
    settlements = 0
    for _ in range(30 * 24):
        cheap.chain.advance(HOUR)
        settlements += cheap.settle(token_id).names().count("MembershipSettled")

    share = DOLLAR * BPS // 10_000
    assert settlements <= 32  # 30 days, the count, and the end
    assert share - settlements <= ledger_of(cheap, badge)["income"] <= share
    assert ledger_of(cheap, badge)["income"] + cheap.earned() == DOLLAR


def test_settling_one_membership_many_times_in_a_call_robs_nobody(cheap: World) -> None:
    badge, token_id = invited(cheap)
    cheap.chain.advance(10 * DAY)

    receipt = cheap.settle(*[token_id] * 100)

    assert receipt.names() == ["MembershipSettled"]
    assert ledger_of(cheap, badge)["income"] == -(-DOLLAR // 3) * BPS // 10_000


def test_settling_in_a_loop_does_not_hurry_the_earning(cheap: World) -> None:
    """Each settlement rounds what is earned up, at the member's cost: a unit each, and once a day."""
    _, token_id = invited(cheap)
    refundable = []
    for _ in range(24 * 60):
        cheap.chain.advance(60)
        cheap.settle(token_id)
        refundable.append(int(cheap.membership.unearnedOf(token_id)))

    exact = DOLLAR - DOLLAR * DAY // MONTH
    assert exact - 2 <= refundable[-1] <= exact


def test_price_of_one_unit_is_earned_once(cheap: World) -> None:
    badge, token_id = invited(cheap, tier_id=2)
    cheap.chain.advance(DAY)

    cheap.settle(token_id)
    cheap.chain.advance(MONTH)
    cheap.settle(token_id)

    assert (cheap.earned(), ledger_of(cheap, badge)["income"], ledger_of(cheap, badge)["volume"]) == (1, 0, 1)


def test_free_renewals_in_a_loop_rob_nobody_of_more_than_a_unit_each(cheap: World) -> None:
    """The price fell to nothing: a renewal costs nothing then and settles. It is bounded by the limit of time ahead."""
    badge, token_id = invited(cheap)
    cheap.chain.send(cheap.membership.setTierPrice, 1, 0, sender=cheap.founder)
    renewals = 0
    for _ in range(23):
        cheap.chain.advance(60)
        cheap.renew(token_id, sender=cheap.stranger)
        renewals += 1

    now = cheap.chain.now
    with cheap.chain.reverts("PaidTooFarAhead", expiresAt=now + 25 * MONTH - 23 * 60, limit=now + 730 * DAY):
        cheap.renew(token_id, sender=cheap.stranger)
    cheap.chain.advance(MONTH)
    cheap.settle(token_id)
    share = DOLLAR * BPS // 10_000
    assert share - renewals - 1 <= ledger_of(cheap, badge)["income"] <= share
    assert ledger_of(cheap, badge)["income"] + cheap.earned() == DOLLAR


def test_changing_to_and_fro_gives_no_dust_to_the_member(cheap: World) -> None:
    """Time is rounded down, what is earned up: whoever goes to and fro pays for the rounding itself."""
    _, token_id = invited(cheap, tier_id=3, periods=100)
    paid = 100 * DOLLAR // 100
    for target in (1, 3) * 10:
        cheap.chain.advance(7)
        change_tier(cheap, token_id, target)

    state = cheap.state(token_id)
    assert state["unearned"] <= paid
    assert state["unearned"] + cheap.earned() + ledger_of(cheap, (1 << 24) + 1)["income"] == paid
    assert state["expiresAt"] <= cheap.chain.now + 100 * HOUR


def test_dust_of_many_members_adds_up_to_the_unit(cheap: World) -> None:
    """I14: whatever rounding does, every unit paid is earned, refundable or a badge's."""
    badge = cheap.join(sender=cheap.other)
    tokens = [badge]
    for number, account in enumerate(cheap.chain.accounts[6:10]):
        cheap.fund(account, DOLLAR)
        cheap.chain.send(cheap.membership.join, 1, 1, DOLLAR, cheap.currency, account, badge, sender=account)
        tokens.append((1 << 24) + 2 + number)
        cheap.chain.advance(12_345)
    for passed in (DAY + 1, 2 * DAY + 3, 5 * DAY + 7):
        cheap.chain.advance(passed)
        cheap.settle(*tokens)

    unearned = sum(cheap.state(token_id)["unearned"] for token_id in tokens)
    assert unearned + cheap.earned() + ledger_of(cheap, badge)["income"] == 5 * DOLLAR
    assert cheap.balance(cheap.membership.address) == 5 * DOLLAR
