"""Tiers for accounts on a list: who is on it learns so and joins, and nobody learns it of somebody else."""

import pytest

from backend import clock
from tests.factories.home import COMMUNITY, Author, TestHome, membership_row, tier_row

API = f"/api/communities/{COMMUNITY}"
JOIN = f"/c/{COMMUNITY}/join?tier=2"
DAY = 86_400
ON_LIST, NOT_ON_LIST = "You are on the list.", "This wallet is not on its list."


@pytest.fixture
def guest(home: TestHome) -> Author:
    """Wallet 2, on the list of tier 2, which the founder has kept here."""
    guest = home.author(2)
    accounts = "\n".join([guest.account, "0x" + "11" * 20, "0x" + "12" * 20])
    made = home.client(home.owner).post(f"{API}/allow-lists", json={"accounts": accounts})
    home.write(tier_row(2, allow_root=made.json()["root"]))
    return guest


def test_a_change_of_what_cannot_be_is_refused(home: TestHome) -> None:
    paths = ["memberships/1000000000000000000000000000000/changes/2", "memberships/7/changes/70000"]

    assert [home.client().get(f"{API}/{path}").status_code for path in paths] == [422, 422]


def test_the_page_tells_each_viewer_whether_it_is_on_the_list(home: TestHome, guest: Author) -> None:
    mine, others, visitors = (home.client(each).get(JOIN).text for each in (guest, home.author(3), None))

    assert ON_LIST in mine
    assert "data-proof" in mine
    assert "Join and pay" in mine
    assert NOT_ON_LIST in others
    assert "Join and pay" not in others
    assert "Sign in, and this page says whether your wallet is on its list." in visitors
    assert "data-proof" not in others + visitors


def test_the_cards_of_tiers_say_the_same(home: TestHome, guest: Author) -> None:
    path = f"/c/{COMMUNITY}/tiers"
    mine, others = (home.client(each).get(path).text for each in (guest, home.author(3)))

    assert "You are on the list of this tier." in mine
    assert "For invited accounts" in others
    assert "data-proof" not in others


def test_only_the_account_itself_gets_its_proof(home: TestHome, guest: Author) -> None:
    path = f"{API}/tiers/2/place"

    assert len(home.client(guest).get(path).json()["proof"]) in (1, 2)
    assert home.client(guest).get(f"{API}/tiers/1/place").json() == {"listed": False, "proof": None}
    assert home.client(home.author(3)).get(path).json() == {"listed": True, "proof": None}
    assert home.client().get(path).status_code == 401
    assert home.client(guest).get(f"{API}/tiers/9/place").status_code == 404
    assert home.client(guest).get(f"{API}/tiers/65536/place").status_code == 422


def test_nobody_learns_from_a_prepared_join_who_is_on_the_list(home: TestHome, guest: Author) -> None:
    other, body = home.author(3), {"account": guest.account, "tier_id": 2}

    refusals = [
        home.client(viewer).post(f"{API}/transactions/join", json=asked)
        for viewer, asked in [
            (None, body),
            (other, body),
            (other, {**body, "account": other.account, "recipient": guest.account}),
            (other, {**body, "account": other.account}),
        ]
    ]

    assert [each.status_code for each in refusals] == [403] * 4
    assert [each.json()["reason"] for each in refusals] == [*["list-sign-in"] * 3, "not-on-list"]


def test_a_change_to_the_tier_is_offered_to_who_is_on_the_list(home: TestHome, guest: Author) -> None:
    home.mine(at=clock.now())
    until = clock.now() + DAY
    home.write(membership_row(7, guest.account, 1, until, 1), membership_row(8, home.author(3).account, 1, until, 1))

    page, other = (
        home.client(each).get(f"/c/{COMMUNITY}/membership?tier=2&periods=1").text for each in (guest, home.author(3))
    )
    asked = [
        home.client(viewer).get(f"{API}/memberships/7/changes/2?periods=1").json()["refused"]
        for viewer in (guest, home.author(3), None)
    ]

    assert "Change to Tier 2" in page
    assert "data-proof" in page
    assert "Change to Tier 2" not in other
    assert asked == [None, "closed", "closed"]
    body = {"account": guest.account, "token_id": 7, "tier_id": 2, "periods": 1, "pays": "0", "min_expires_at": 0}
    refused = home.client(home.author(3)).post(f"{API}/transactions/change-tier", json=body)
    assert (refused.status_code, refused.json()["reason"]) == (403, "list-sign-in")


def test_a_late_renewal_takes_a_place_on_the_list(home: TestHome, guest: Author) -> None:
    home.mine(at=clock.now())
    late, other = clock.now() - 8 * DAY, home.author(3)
    home.write(membership_row(7, guest.account, 2, late, 1), membership_row(8, other.account, 2, late, 1))

    mine, others = (home.client(each).get(f"/c/{COMMUNITY}/membership").text for each in (guest, other))
    answer = home.client(other).post(f"{API}/transactions/renew", json={"account": other.account, "token_id": 8})

    assert "data-proof" in mine
    assert "Renewing it takes a place on its list." in others
    assert 'data-form="membership:renew"' not in others
    assert (answer.status_code, answer.json()["reason"]) == (403, "not-on-list")


def test_a_list_with_invitations_takes_a_voucher_too(home: TestHome, guest: Author) -> None:
    made = home.client(home.owner).post(f"{API}/allow-lists", json={"accounts": guest.account}).json()
    home.write(tier_row(2, allow_root=made["root"], invitation_only=True))

    page = home.client(guest).get(JOIN).text

    assert ON_LIST in page
    assert "Join and pay" not in page
