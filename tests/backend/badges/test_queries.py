"""What a badge has earned, who is bound to it, and what comes next: exact, and in a bounded number of questions."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import event
from sqlmodel import Session

from backend import clock
from backend.badges.bound import ENDING_SECONDS, bound_to, settlings_for
from backend.badges.income import MONTHS, income_of, months_before
from backend.badges.queries import badge_of, badges_of, contracts_of
from backend.problems import NotFound
from backend.texts import badge_number
from tests.factories.home import CHAIN_ID, COMMUNITY, MEMBERSHIP, TestHome
from tests.factories.mirrored_badges import BADGE, UNIT, bound, ledger, rates, settlement

ALICE, BOB = "0x" + "aa" * 20, "0x" + "bb" * 20
HUGE = 10**33 + 7
"""An amount that no float holds."""
KEY = (MEMBERSHIP, BADGE)


def at_of(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


def read(home: TestHome) -> Session:
    return Session(home.host.database.engine)


def test_a_membership_that_was_paid_has_a_badge_before_anybody_uses_it(home: TestHome) -> None:
    home.write(rates(), bound(BADGE, ALICE, expires_at=2**39, badge=0, earned_at=50))

    with read(home) as session:
        (badge,) = badges_of(session, CHAIN_ID, ALICE)

    assert (badge.id, badge.minted, badge.used, badge.level, badge.rate_bps) == (BADGE, False, False, 0, 500)


def test_a_membership_that_was_never_paid_has_none(home: TestHome) -> None:
    home.write(rates(), bound(BADGE, ALICE, expires_at=2**39, badge=0, earned_at=0))

    with read(home) as session:
        assert badges_of(session, CHAIN_ID, ALICE) == []
        with pytest.raises(NotFound):
            badge_of(session, CHAIN_ID, contracts_of(session, CHAIN_ID, COMMUNITY), BADGE)


def test_a_badge_keeps_the_rates_of_its_first_use(home: TestHome) -> None:
    home.write(rates(), rates(1, bronze_bps=700), ledger(ALICE), ledger(BOB, 77, version=1, level=2))

    with read(home) as session:
        [mine], [his] = badges_of(session, CHAIN_ID, ALICE), badges_of(session, CHAIN_ID, BOB)

    assert (mine.rate_bps, mine.newest_rates, his.rate_bps) == (500, 1, 1_500)


def test_progress_asks_for_members_and_volume_until_gold(home: TestHome) -> None:
    home.write(rates(), ledger(ALICE, counted=3, volume=4 * UNIT), ledger(BOB, 77, level=2))

    with read(home) as session:
        [mine], [his] = badges_of(session, CHAIN_ID, ALICE), badges_of(session, CHAIN_ID, BOB)

    progress = mine.progress
    assert progress is not None
    assert (progress.level, progress.members, progress.members_needed) == (1, 3, 5)
    assert (progress.volume, progress.volume_needed) == (4 * UNIT, 5 * UNIT)
    assert his.progress is None


def test_badges_are_paged_by_community_and_id(home: TestHome) -> None:
    home.write(rates(), *(ledger(ALICE, number) for number in range(1, 6)))

    with read(home) as session:
        first = badges_of(session, CHAIN_ID, ALICE, limit=3)
        last = badges_of(session, CHAIN_ID, ALICE, limit=3, after=(COMMUNITY, first[-1].id))

    assert [each.id for each in [*first, *last]] == [1, 2, 3, 4, 5]


def test_income_is_summed_exactly_by_calendar_month(home: TestHome) -> None:
    at = at_of(2026, 3, 31)
    home.write(
        settlement(HUGE, at_of(2026, 3, 1), index=0),
        settlement(1, at_of(2026, 3, 31) - 1, index=1),
        settlement(5, at_of(2026, 3, 1) - 1, index=2),
        settlement(7, at_of(2024, 1, 1), index=3),
        settlement(HUGE, at_of(2026, 3, 2), badge=BADGE + 1, index=4),
    )

    with read(home) as session:
        income = income_of(session, CHAIN_ID, [contracts_of(session, CHAIN_ID, COMMUNITY)], [KEY], at=at)[KEY]

    assert [month.amount for month in income.months[-2:]] == [5, HUGE + 1]
    assert (len(income.months), income.earlier, income.total) == (MONTHS, 7, HUGE + 13)


def test_months_end_with_the_running_one() -> None:
    months = months_before(at_of(2026, 1, 31))

    assert [months[0][0], months[-1][0]] == ["2025-02", "2026-01"]
    assert months[-1][1] == at_of(2026, 1, 1)


def test_bound_members_count_as_paying_while_their_paid_time_runs(home: TestHome) -> None:
    at = clock.now()
    soon, late = at + ENDING_SECONDS, at + ENDING_SECONDS + 1
    home.write(
        bound(1, ALICE, expires_at=soon, earned_at=soon, unearned=HUGE, rate=1_000),
        bound(2, BOB, expires_at=late, earned_at=late, unearned=1_000, rate=500),
        bound(3, "0x" + "cc" * 20, expires_at=at, earned_at=at, unearned=0, rate=500),
    )

    with read(home) as session:
        found = bound_to(session, CHAIN_ID, [KEY], at=at)[KEY]

    assert (found.members, found.paying, found.ending) == (3, 2, 1)
    assert found.to_come == HUGE // 10 + 50


def test_settling_says_what_the_contract_would_credit(home: TestHome) -> None:
    at = 1_000_000
    home.write(
        bound(1, ALICE, expires_at=2**39, settled_at=at - 100_000, earned_at=at + 100_000, unearned=1_001, rate=1_000),
        bound(2, BOB, expires_at=2**39, settled_at=at - 10, earned_at=at + 100_000, unearned=5_000, rate=1_000),
        bound(3, BOB, expires_at=2**39, settled_at=at - 10, earned_at=at, unearned=300, rate=1_000),
        bound(4, BOB, expires_at=2**39, settled_at=at - 10, earned_at=at + 9, unearned=0, rate=1_000, count_at=at),
    )

    with read(home) as session:
        settling = settlings_for(session, CHAIN_ID, [KEY], at=at)[KEY]

    assert sorted(settling.token_ids) == [1, 3, 4]
    assert settling.share == 501 // 10 + 30


def test_what_many_badges_have_done_is_asked_in_few_questions(home: TestHome) -> None:
    home.write(rates(), *(ledger(ALICE, number) for number in range(1, 21)))
    asked: list[str] = []
    event.listen(home.host.database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    with read(home) as session:
        keys = [badge.key for badge in badges_of(session, CHAIN_ID, ALICE)]
        bound_to(session, CHAIN_ID, keys, at=1)
        settlings_for(session, CHAIN_ID, keys, at=1)
        income_of(session, CHAIN_ID, [contracts_of(session, CHAIN_ID, COMMUNITY)], keys, at=10**9)

    assert len([each for each in asked if each.lstrip().upper().startswith("SELECT")]) <= 10


def test_numbers_are_those_of_the_pictures() -> None:
    assert badge_number(2 << 24 | 17) == "2-17"
    assert badge_number(3 << 40 | 4) == "3-4"
