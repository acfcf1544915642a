"""What each change of a membership adds to its days."""

import pytest

from indexer.tables.columns import DAY, EARNING_UNIT, RENEWAL_GRACE
from indexer.tables.membership import EarningDay, Membership, MembershipDay
from tests.factories.mirror import Mirror
from tests.fakes.chain import BLOCK_SECONDS
from tests.fakes.contracts import MONTH, PRICE, FakeCommunity, account

ALICE, BOB = account(1), account(2)


@pytest.fixture
def community(mirror: Mirror) -> FakeCommunity:
    """Opened in block 1."""
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    return community


def sums(mirror: Mirror, *names: str) -> dict[tuple[int, int], tuple[int, ...]]:
    """These columns by tier and day after the opening, where any is not 0."""
    mirror.catch_up()
    first = mirror.chain.blocks[1].timestamp // DAY
    found = {
        (row["tier_id"], row["day"] - first): tuple(row[name] for name in names) for row in mirror.rows(MembershipDay)
    }
    return {key: values for key, values in found.items() if any(values)}


def now(mirror: Mirror) -> int:
    """When the next block is."""
    return mirror.chain.head.timestamp + BLOCK_SECONDS


def test_a_join_begins_today_and_ends_when_it_expires(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.join(ALICE, 1, at=now(mirror)))

    found = sums(mirror, "joined", "started", "ended", "payers", "paid")

    assert found == {(1, 0): (1, 1, 0, 1, PRICE), (1, MONTH // DAY): (0, 0, 1, 0, 0)}


def test_a_renewal_in_time_moves_the_end(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.join(ALICE, 1, at=now(mirror)))
    mirror.chain.mine(*community.renew(1, ALICE))

    assert sums(mirror, "started", "ended", "returned") == {(1, 0): (1, 0, 0), (1, 2 * MONTH // DAY): (0, 1, 0)}


@pytest.mark.parametrize(("late", "returned"), [(0, 1), (RENEWAL_GRACE, 1), (RENEWAL_GRACE + 1, 0)])
def test_who_renews_late_has_returned_within_the_grace_alone(
    mirror: Mirror, community: FakeCommunity, late: int, returned: int
) -> None:
    ended = now(mirror) + BLOCK_SECONDS - late
    mirror.chain.mine(*community.join(ALICE, 1, at=ended - MONTH))
    mirror.chain.mine(*community.renew(1, ALICE))

    found = sums(mirror, "started", "ended", "returned")

    assert sum(values[2] for values in found.values()) == returned
    assert sum(values[0] - values[1] for values in found.values()) == 0
    assert found[1, (ended - MONTH + 2 * MONTH) // DAY - mirror.chain.blocks[1].timestamp // DAY] == (0, 1, 0)


def test_another_tier_is_an_end_that_returned_and_a_start(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.join(ALICE, 1, at=now(mirror)))
    mirror.chain.mine(*community.change_tier(1, 2))

    found = sums(mirror, "started", "ended", "returned")

    assert found == {(1, 0): (1, 1, 1), (2, 0): (1, 0, 0), (2, MONTH // DAY): (0, 1, 0)}


def test_who_cancels_ends_today(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.join(ALICE, 1, at=now(mirror)))
    mirror.chain.mine(*community.cancel(1, at=now(mirror)))

    assert sums(mirror, "started", "ended", "returned") == {(1, 0): (1, 1, 0)}


def test_what_expired_before_and_is_burned_ends_but_once(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.join(ALICE, 1, at=now(mirror)))
    mirror.chain.mine(*community.cancel(1, at=now(mirror)))
    mirror.chain.mine(*community.burn(1, at=now(mirror)))

    assert sums(mirror, "started", "ended", "payers") == {(1, 0): (1, 1, 0)}


def test_consent_is_counted_on_the_day_on_which_the_membership_ends(mirror: Mirror, community: FakeCommunity) -> None:
    month = MONTH // DAY
    mirror.chain.mine(*community.join(ALICE, 1, at=now(mirror)))
    mirror.chain.mine(*community.agree(1))
    assert sums(mirror, "agreed") == {(1, month): (1,)}

    mirror.chain.mine(*community.renew(1, ALICE))
    assert sums(mirror, "agreed") == {(1, 2 * month): (1,)}

    mirror.chain.mine(*community.disagree(1))
    assert sums(mirror, "agreed") == {}


@pytest.mark.parametrize("how", ["moved", "burned"])
def test_consent_ends_with_who_gave_it(mirror: Mirror, community: FakeCommunity, how: str) -> None:
    mirror.chain.mine(*community.join(ALICE, 1, at=now(mirror)))
    mirror.chain.mine(*community.agree(1))
    assert sums(mirror, "agreed") != {}

    mirror.chain.mine(*(community.move(1, BOB) if how == "moved" else community.burn(1, at=now(mirror))))

    assert sums(mirror, "agreed") == {}


def test_unearned_money_is_counted_on_the_day_on_which_it_is_all_earned(
    mirror: Mirror, community: FakeCommunity
) -> None:
    mirror.chain.mine(*community.join(ALICE, 1, at=now(mirror)))
    mirror.chain.mine(*community.join(BOB, 1, at=now(mirror)))
    mirror.catch_up()

    held, days = mirror.rows(Membership), mirror.rows(EarningDay)

    assert sum(day["unearned"] for day in days) == 2 * PRICE
    half = min(row["settled_at"] for row in held) + MONTH // 2
    earned = sum(day["speed"] * half - day["base"] for day in days) / EARNING_UNIT / PRICE
    assert earned == pytest.approx(1, abs=0.01)

    for token in (1, 2):
        mirror.chain.mine(*community.cancel(token, at=now(mirror)))
    mirror.catch_up()
    assert mirror.rows(EarningDay) == []
