"""What is on sale, what a license is worth now, and how a payment is divided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import clock
from backend.store.queries import (
    FIRST_COMMUNITY_BPS,
    LicenseView,
    badge_bps_of,
    free_seat,
    license_of,
    licenses_of,
    policy_of,
    product_of,
    products_of,
    split_of,
)
from indexer.tables.badges import BadgeLedger, BadgeRates
from tests.factories.goods import MONTH, STORE, license_row, open_store, policy_row, product_row
from tests.factories.home import CHAIN_ID, COMMUNITY, MEMBERSHIP, TestHome, membership_row
from tests.factories.stores import divide

HOLDER, OTHER = "0x" + "aa" * 20, "0x" + "bb" * 20
DAY = 86_400


@given(
    amount=st.integers(0, 2**96 - 1),
    badge=st.integers(0, 3_000),
    community=st.integers(0, 10_000),
)
def test_a_split_is_the_contracts_and_adds_up(amount: int, badge: int, community: int) -> None:
    split = split_of(amount, badge_bps=badge, community_bps=community)

    assert (split.badge, split.payee, split.community) == divide(amount, badge, community)
    assert split.badge + split.payee + split.community == amount


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "on-sale"),
        ({"cap": 2, "units": 2}, "sold-out"),
        ({"delisted": True}, "delisted"),
        ({"barred": True}, "delisted"),
        ({"retires_at": 2**39}, "retired"),
    ],
)
def test_state_says_whether_one_can_buy(home: TestHome, changes: dict[str, int], state: str) -> None:
    home.write(product_row(**changes))

    with home.host.database.reading() as session:
        assert product_of(session, CHAIN_ID, STORE, 1, at=clock.now()).state == state


def test_what_is_off_sale_is_listed_for_its_creator_only(home: TestHome) -> None:
    home.write(product_row(1, delisted=True, creator=HOLDER), product_row(2, barred=True), product_row(3))
    at = clock.now()

    with home.host.database.reading() as session:
        everybody = products_of(session, CHAIN_ID, STORE, at=at)
        creator = products_of(session, CHAIN_ID, STORE, at=at, shown_to=HOLDER)

    assert [product.id for product in everybody] == [3]
    assert [product.id for product in creator] == [3, 1]


def test_products_are_paged_by_id(home: TestHome) -> None:
    home.write(*[product_row(number) for number in range(1, 24)])

    with home.host.database.reading() as session:
        first = products_of(session, CHAIN_ID, STORE, at=1)
        rest = products_of(session, CHAIN_ID, STORE, at=1, before=first[-1].id)

    assert [product.id for product in (*first, *rest)] == list(range(23, 0, -1))


def held(home: TestHome, at: int) -> LicenseView:
    with home.host.database.reading() as session:
        product = product_of(session, CHAIN_ID, STORE, 1, at=at)
        found = license_of(session, COMMUNITY, product, HOLDER)
    assert found is not None
    return found


def test_a_license_with_a_period_ends_and_is_renewed_for_a_while(home: TestHome) -> None:
    at = clock.now()
    home.write(product_row(period_seconds=MONTH, delisted=True), license_row(HOLDER, valid_until=at))

    assert not held(home, at).valid
    assert held(home, at - 1).valid
    assert held(home, at + 7 * DAY - 1).renewable
    assert not held(home, at + 7 * DAY).renewable


def test_a_license_is_not_renewed_beyond_two_years(home: TestHome) -> None:
    at = clock.now()
    home.write(product_row(period_seconds=MONTH), license_row(HOLDER, valid_until=at + 730 * DAY - MONTH))

    assert held(home, at).product.most_periods(at + 730 * DAY - MONTH) == 1
    assert held(home, at).renewable
    assert held(home, at).product.most_periods(at) == 24
    assert not held(home, at - 1).renewable


def test_a_license_for_good_is_never_renewed(home: TestHome) -> None:
    home.write(product_row(), license_row(HOLDER, units=3))

    assert held(home, clock.now()).valid
    assert not held(home, clock.now()).renewable


def test_a_long_expired_seat_can_be_taken_when_all_are_sold(home: TestHome) -> None:
    at = clock.now()
    home.write(
        product_row(period_seconds=MONTH, cap=2, units=2),
        license_row(HOLDER, valid_until=at - 7 * DAY + 1),
        license_row(OTHER, valid_until=at - 7 * DAY),
    )

    with home.host.database.reading() as session:
        assert free_seat(session, product_of(session, CHAIN_ID, STORE, 1, at=at)) == OTHER
        assert free_seat(session, product_of(session, CHAIN_ID, STORE, 1, at=at - 1)) is None


def test_licenses_of_all_communities_are_paged(home: TestHome) -> None:
    open_store(home)
    home.write(*[product_row(number) for number in range(1, 24)])
    home.write(*[license_row(HOLDER, number) for number in range(1, 24)], license_row(OTHER, 1))

    with home.host.database.reading() as session:
        first = licenses_of(session, CHAIN_ID, HOLDER, at=1)
        rest = licenses_of(session, CHAIN_ID, HOLDER, at=1, after=(STORE, first[-1].product.id))

    assert [each.product.id for each in (*first, *rest)] == list(range(1, 24))


def test_the_policy_is_ten_percent_until_the_owner_says_otherwise(home: TestHome) -> None:
    with home.host.database.reading() as session:
        assert policy_of(session, CHAIN_ID, STORE).community_bps == FIRST_COMMUNITY_BPS

    home.write(policy_row(2_500, members_may_list=False))
    with home.host.database.reading() as session:
        policy = policy_of(session, CHAIN_ID, STORE)
    assert (policy.community_bps, policy.members_may_list) == (2_500, False)


def rates_row(version: int) -> BadgeRates:
    return BadgeRates(
        chain_id=CHAIN_ID,
        contract=MEMBERSHIP,
        version=version,
        bronze_bps=500 * version + 500,
        silver_bps=1_000,
        gold_bps=1_500,
        silver_from=5,
        gold_from=25,
        volume_unit=0,
        block_number=1,
        at=1,
    )


def test_the_badge_that_the_payer_came_by_has_its_levels_rate(home: TestHome) -> None:
    row = membership_row(5, HOLDER, 1, 2**39, 1)
    row.badge = 3
    home.write(row, rates_row(0), rates_row(1))

    def bps() -> int:
        with home.host.database.reading() as session:
            return badge_bps_of(session, CHAIN_ID, MEMBERSHIP, HOLDER)

    assert bps() == 1_000  # never used: the newest rates
    ledger = BadgeLedger(
        chain_id=CHAIN_ID,
        contract=MEMBERSHIP,
        badge=3,
        owner=OTHER,
        transfer_count=0,
        income=0,
        claimed=0,
        volume=0,
        counted=0,
        level=0,
        version=0,
        used=True,
        minted=False,
        block_number=1,
    )
    home.write(ledger)
    assert bps() == 500
    ledger.level = 2
    home.write(ledger)
    assert bps() == 1_500
    with home.host.database.reading() as session:
        assert badge_bps_of(session, CHAIN_ID, MEMBERSHIP, OTHER) == 0
