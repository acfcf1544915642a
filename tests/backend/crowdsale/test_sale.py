"""Where a sale stands, and what a contributor can do with its part, at every turn."""

from typing import Any

import pytest

from backend import clock
from backend.crowdsale.queries import contribution_of, payments_of, sale_of, sales_of
from backend.crowdsale.sale import ContributionView, SaleView
from backend.problems import NotFound
from tests.factories.home import CHAIN_ID, COMMUNITY, TestHome
from tests.factories.sales import COIN, DAY, FOUNDER, SALE, contribution_row, payment_row, sale_rows

BACKER, OTHER = "0x" + "ba" * 20, "0x" + "cd" * 20


@pytest.fixture
def at() -> int:
    return clock.now()


def read(home: TestHome, at: int, account: str = BACKER) -> tuple[SaleView, ContributionView]:
    with home.host.database.reading() as session:
        sale = sale_of(session, CHAIN_ID, COMMUNITY, SALE, at=at)
        return sale, contribution_of(session, sale, account)


@pytest.mark.parametrize(
    ("changes", "after", "state"),
    [
        ({}, 0, "open"),
        ({"starts_at": 2**39}, 0, "planned"),
        ({"raised": 9 * COIN}, DAY - 1, "open"),
        ({"raised": 9 * COIN}, DAY, "missed"),
        ({"raised": 10 * COIN}, DAY, "reached"),
        ({"raised": 100 * COIN}, 0, "reached"),
        ({"raised": 10 * COIN, "finalized_at": 5}, 0, "finalized"),
        ({"raised": 10 * COIN, "finalized_at": 5, "stopped_at": 6}, 0, "stopped"),
    ],
)
def test_state_is_the_contracts(home: TestHome, at: int, changes: dict[str, Any], after: int, state: str) -> None:
    home.write(*sale_rows(at=at, **changes))

    sale, _ = read(home, at + after)

    assert sale.state == state


def test_a_missed_goal_gives_all_back_once(home: TestHome, at: int) -> None:
    home.write(*sale_rows(at=at, raised=9 * COIN), contribution_row(BACKER, 9 * COIN))

    assert read(home, at)[1].refundable == 0
    assert read(home, at + DAY)[1].refundable == 9 * COIN

    home.write(contribution_row(BACKER, 9 * COIN, refunded=9 * COIN))
    assert read(home, at + DAY)[1].refundable == 0


def test_tokens_vest_with_the_money(home: TestHome, at: int) -> None:
    finalized: dict[str, Any] = {"raised": 20 * COIN, "finalized_at": at - 150 * DAY, "released": 3 * COIN}
    home.write(*sale_rows(at=at, **finalized), contribution_row(BACKER, 20 * COIN, claimed_tokens=400 * COIN))

    sale, part = read(home, at)

    assert (sale.vested_bps, sale.releasable) == (5_000, 7 * COIN)
    assert (part.allocation, part.claimable_tokens) == (2_000 * COIN, 600 * COIN)


def test_what_pays_for_a_membership_buys_no_tokens_and_has_no_vote(home: TestHome, at: int) -> None:
    tier: dict[str, Any] = {
        "tier_id": 1,
        "tier_periods": 2,
        "tier_price": COIN,
        "tier_threshold": 5 * COIN,
        "tier_money": 2 * COIN,
    }
    home.write(
        *sale_rows(at=at, raised=20 * COIN, finalized_at=at - 400 * DAY, **tier),
        contribution_row(BACKER, 20 * COIN, tier=True),
    )

    sale, part = read(home, at)

    assert sale.scheduled == 18 * COIN
    assert (part.periods, part.periods_price, part.weight) == (2, 2 * COIN, 18 * COIN)
    assert part.allocation == 2_000 * COIN * 18 // 20


def test_a_stop_pays_back_what_was_not_released(home: TestHome, at: int) -> None:
    stopped: dict[str, Any] = {"raised": 20 * COIN, "finalized_at": at - 200 * DAY, "stopped_at": at - 125 * DAY}
    home.write(*sale_rows(at=at, **stopped), contribution_row(BACKER, 5 * COIN), contribution_row(OTHER, 15 * COIN))

    sale, part = read(home, at)

    assert part.refundable == 5 * COIN * 3 // 4
    assert part.claimable_tokens == 500 * COIN // 4
    assert not part.may_vote
    assert not sale.can_be_stopped


def test_the_founder_has_no_vote_and_is_not_counted(home: TestHome, at: int) -> None:
    home.write(
        *sale_rows(at=at, raised=20 * COIN, finalized_at=at - DAY, founder_allocation=7 * COIN),
        contribution_row(FOUNDER, 5 * COIN),
        contribution_row(BACKER, 15 * COIN),
    )

    sale, part = read(home, at, FOUNDER)

    assert (sale.electorate, sale.votes_needed) == (15 * COIN, 15 * COIN * 3 // 10 + 1)
    assert (part.weight, part.may_vote) == (0, False)
    assert part.allocation == 507 * COIN
    assert read(home, at)[1].may_vote


def test_an_account_contributes_up_to_its_own_limit(home: TestHome, at: int) -> None:
    home.write(*sale_rows(at=at, raised=98 * COIN, account_max=8 * COIN), contribution_row(BACKER, 7 * COIN))

    assert read(home, at)[1].most == COIN
    assert read(home, at, OTHER)[1].most == 2 * COIN
    assert read(home, at)[0].quote(5 * COIN).taken == 2 * COIN


def test_a_sale_of_another_community_is_not_found(home: TestHome, at: int) -> None:
    home.write(*sale_rows(at=at, community="0x" + "99" * 20))

    with pytest.raises(NotFound):
        read(home, at)


def test_lists_are_paged_by_key(home: TestHome, at: int) -> None:
    addresses = [f"0x{number:040x}" for number in range(1, 25)]
    for number, address in enumerate(addresses):
        home.write(*sale_rows(at=at, address=address, made_at=at - number // 2))
    home.write(*sale_rows(at=at), *[payment_row(BACKER, number, number=number) for number in range(1, 25)])

    with home.host.database.reading() as session:
        first = sales_of(session, CHAIN_ID, COMMUNITY, at=at)
        second = sales_of(session, CHAIN_ID, COMMUNITY, at=at, before=first[-1].address)
        sale = sale_of(session, CHAIN_ID, COMMUNITY, SALE, at=at)
        newest = payments_of(session, sale)
        rest = payments_of(session, sale, before=(newest[-1].block_number, 0))

    assert [each.address for each in (*first, *second)] == [*addresses, SALE]
    assert [line.amount for line in (*newest, *rest)] == list(range(24, 0, -1))
