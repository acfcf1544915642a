"""Pages of what somebody holds: how it stands, what a change would bring, payments and receipts, the calendar."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend import clock
from backend.app import create_app
from indexer.tables.membership import Ending, Membership, Payment
from indexer.tables.renewals import Consent, Funds
from tests.factories.home import (
    BASE_URL,
    CHAIN_ID,
    COMMUNITY,
    MEMBERSHIP,
    Author,
    TestHome,
    membership_row,
    tier_row,
)
from tests.factories.mirrored_badges import ledger, rates

DAY = 86_400
MONTH = 30 * DAY
OTHER = "0x" + "0b" * 20
TX = "0x" + "7a" * 32


@pytest.fixture
def browser(home: TestHome) -> Iterator[TestClient]:
    with TestClient(create_app(home.host), base_url=BASE_URL) as client:
        yield client


@pytest.fixture
def member(home: TestHome) -> Author:
    return home.author(2)


def hold(home: TestHome, member: Author, **changes: Any) -> Membership:
    """The member's membership of tier 1, paid for a month that began ten days ago."""
    now = clock.now()
    row = membership_row(7, member.account, 1, now + 20 * DAY, 1)
    fields = {"unearned": 3 * 10**16, "settled_at": now - 10 * DAY, "earned_at": now + 20 * DAY} | changes
    for name, value in fields.items():
        setattr(row, name, value)
    home.write(tier_row(1, price=3 * 10**16, renewal_price=3 * 10**16), rates(), row)
    return row


def payment(holder: str, **changes: Any) -> Payment:
    fields: dict[str, Any] = {
        "block_number": 5,
        "log_index": 0,
        "token_id": 7,
        "kind": "join",
        "holder": holder,
        "payer": holder,
        "tier_id": 1,
        "previous_tier_id": 0,
        "badge": 0,
        "amount": 10**16,
        "tip": 0,
        "periods": 1,
        "expires_at": clock.now() + MONTH,
        "tx_hash": TX,
        "at": clock.now() - DAY,
    }
    return Payment(chain_id=CHAIN_ID, contract=MEMBERSHIP, **fields | changes)


def consent(member: Author, **changes: Any) -> Consent:
    fields: dict[str, Any] = {"tier_id": 1, "max_price": 4 * 10**16, "periods_left": 3, "until": 2**40 - 1}
    return Consent(
        chain_id=CHAIN_ID, contract=MEMBERSHIP, token_id=7, holder=member.account, block_number=1, **fields | changes
    )


def funds(member: Author, amount: int) -> Funds:
    return Funds(chain_id=CHAIN_ID, contract=MEMBERSHIP, account=member.account, amount=amount, block_number=1)


def ending(member: Author, *, at: int) -> Ending:
    return Ending(
        chain_id=CHAIN_ID,
        contract=MEMBERSHIP,
        block_number=6,
        log_index=0,
        token_id=7,
        kind="cancel",
        tier_id=1,
        holder=member.account,
        ended_by=member.account,
        paid_to=member.account,
        refund=123 * 10**14,
        tx_hash=TX,
        at=at,
    )


@pytest.mark.parametrize("path", ["/account", "/account/payments", "/account/settings", f"/c/{COMMUNITY}/membership"])
def test_pages_of_ones_own_ask_nobody_to_sign_in(browser: TestClient, path: str) -> None:
    page = browser.get(path)

    assert page.status_code == 200
    assert "You are not signed in" in page.text


@pytest.mark.parametrize(
    ("days", "words"),
    [(20, "valid"), (5, "It ends"), (-2, "It expired")],
)
def test_account_says_how_a_membership_stands(home: TestHome, member: Author, days: int, words: str) -> None:
    hold(home, member, expires_at=clock.now() + days * DAY)

    assert words in home.client(member).get("/account").text


@pytest.mark.parametrize(
    ("changes", "kept", "words"),
    [
        ({}, 3 * 10**16, "It renews by itself."),
        ({}, 10**16, "0.02 ETH is missing in the coins that you put aside."),
        ({"max_price": 10**16}, 3 * 10**16, "is above your limit"),
        ({"periods_left": 0}, 3 * 10**16, "as often as you allowed"),
        ({"until": 1}, 3 * 10**16, "ended by the date that you set"),
    ],
    ids=str,
)
def test_account_warns_before_a_renewal_fails(
    home: TestHome, member: Author, changes: dict[str, Any], kept: int, words: str
) -> None:
    hold(home, member, expires_at=clock.now() + 3 * DAY)
    home.write(consent(member, **changes), funds(member, kept))

    client = home.client(member)

    assert words in client.get("/account").text
    assert words in client.get(f"/c/{COMMUNITY}/membership").text


@pytest.mark.parametrize(
    ("days", "tag", "words"),
    [(20, "renewal not ready", "is on, and not ready yet"), (0.5, "renewal failing", "will not work as it is")],
)
def test_a_renewal_that_lacks_money_fails_only_when_its_time_has_come(
    home: TestHome, member: Author, days: float, tag: str, words: str
) -> None:
    hold(home, member, expires_at=clock.now() + int(days * DAY))
    home.write(consent(member))

    client = home.client(member)

    assert tag in client.get("/account").text
    assert words in client.get(f"/c/{COMMUNITY}/membership").text


def test_membership_page_shows_what_would_come_back(home: TestHome, member: Author) -> None:
    hold(home, member)

    page = home.client(member).get(f"/c/{COMMUNITY}/membership").text

    assert re.search(r'(title="0\.01999\d* ETH">[^<]+</span>|>0\.02 ETH) would come back', page)
    assert f"{BASE_URL}/c/{COMMUNITY}?badge=7" in page


def test_membership_page_shows_a_change_of_tier_before_it_is_made(home: TestHome, member: Author) -> None:
    hold(home, member)
    home.write(tier_row(2, price=6 * 10**16))

    page = home.client(member).get(f"/c/{COMMUNITY}/membership?tier=2&periods=1").text

    assert "0.06 ETH" in page
    assert 'data-pays="60000000000000000"' in page
    assert 'data-tier="2" data-periods="1"' in page


def test_membership_page_says_why_a_tier_cannot_be_had(home: TestHome, member: Author) -> None:
    hold(home, member)
    home.write(tier_row(2, price=0, renewal_price=0))

    page = home.client(member).get(f"/c/{COMMUNITY}/membership?tier=2").text

    assert "A paid membership does not become a free one." in page
    assert "membership:change" not in page


def test_membership_page_of_a_stranger_shows_nothing_of_others(home: TestHome, member: Author) -> None:
    hold(home, member)

    page = home.client(home.author(3)).get(f"/c/{COMMUNITY}/membership").text

    assert "This wallet is no member here" in page
    assert 'data-membership="7"' not in page


def test_membership_that_its_holder_ended_is_not_called_expired(home: TestHome, member: Author) -> None:
    ended_at = clock.now() - DAY
    hold(home, member, expires_at=ended_at)
    home.write(ending(member, at=ended_at))
    client = home.client(member)

    for path in ("/account", f"/c/{COMMUNITY}/membership"):
        page = client.get(path).text
        assert "You ended it" in page
        assert "It expired" not in page


def test_link_of_a_badge_that_was_sold_is_not_offered_any_more(home: TestHome, member: Author) -> None:
    hold(home, member)
    home.write(ledger(OTHER, 7))
    sold = home.client(member).get(f"/c/{COMMUNITY}/membership").text
    home.write(ledger(member.account, 9, level=1))
    bought = home.client(member).get(f"/c/{COMMUNITY}/membership").text

    assert "?badge=" not in sold
    assert "You sold or gave away the badge of this membership." in sold
    assert f"{BASE_URL}/c/{COMMUNITY}?badge=9" in bought
    assert "you get 10.5% of each of their payments" in bought
    assert f"/c/{COMMUNITY}/badges/9" in bought


def test_old_price_is_said_to_hold_for_a_while(home: TestHome, member: Author) -> None:
    hold(home, member)
    home.write(tier_row(1, price=6 * 10**16, renewal_price=3 * 10**16, notice_ends=clock.now() + DAY))

    assert "The old price, 0.03 ETH, holds for you until" in home.client(member).get(f"/c/{COMMUNITY}/tiers").text


def test_funds_are_offered_back_to_who_is_no_member_any_more(home: TestHome, member: Author) -> None:
    home.write(funds(member, 5 * 10**16))

    page = home.client(member).get(f"/c/{COMMUNITY}/membership").text

    assert "keeps 0.05 ETH for you" in page
    assert 'data-form="membership:withdraw"' in page


def test_payments_are_sentences_of_the_viewer_alone(home: TestHome, member: Author) -> None:
    home.write(
        tier_row(1),
        payment(member.account),
        payment(OTHER, log_index=1, payer=member.account, token_id=8),
        payment(OTHER, log_index=2, token_id=9, amount=77 * 10**16),
        payment(member.account, log_index=3, kind="renewal", payer=OTHER, tip=2),
    )

    page = home.client(member).get("/account/payments").text

    assert "You joined The Test as Tier 1" in page
    assert "You gave" in page
    assert "was renewed by itself" in page
    assert "0.77 ETH" not in page


def test_payments_are_paged_without_a_gap(home: TestHome, member: Author) -> None:
    home.write(tier_row(1), *(payment(member.account, block_number=number) for number in range(1, 61)))
    client = home.client(member)

    path, seen = "/account/payments", []
    while path:
        page = client.get(path).text
        seen += [int(part.split('"')[0]) for part in page.split("?block=")[1:]]
        before = page.partition("/account/payments?before=")[2].partition('"')[0]
        path = f"/account/payments?before={before}" if before else ""

    assert seen == list(range(60, 0, -1))


def test_receipt_divides_a_payment_to_the_last_unit(home: TestHome, member: Author) -> None:
    home.write(
        tier_row(1),
        payment(member.account, badge=3, amount=10**16 + 1),
        rates(),
        ledger(OTHER, 3),
    )

    page = home.client(member).get(f"/c/{COMMUNITY}/receipts/{TX}?block=5").text

    assert "You joined The Test as Tier 1" in page
    assert "0.0005 ETH (5%) for badge No. 0-3" in page
    assert "0.009500000000000001 ETH for the community" in page


def test_receipt_of_a_refund_says_what_came_back(home: TestHome, member: Author) -> None:
    home.write(tier_row(1), ending(member, at=clock.now()))

    assert "0.0123 ETH came back to you" in home.client(member).get(f"/c/{COMMUNITY}/receipts/{TX}?block=6").text


def test_receipt_of_an_unknown_transaction_is_not_found(browser: TestClient) -> None:
    assert browser.get(f"/c/{COMMUNITY}/receipts/{TX}?block=6").status_code == 404
    assert browser.get(f"/c/{COMMUNITY}/receipts/0x12?block=6").status_code == 422


def test_calendar_holds_the_viewers_expiry(home: TestHome, member: Author) -> None:
    hold(home, member)

    answer = home.client(member).get(f"/c/{COMMUNITY}/membership/expiry.ics")

    assert answer.headers["content-type"].startswith("text/calendar")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.text.startswith("BEGIN:VCALENDAR\r\n")
    assert "SUMMARY:Membership of The Test ends\r\n" in answer.text
    assert home.client(member).get("/account/expiries.ics").text.count("BEGIN:VEVENT") == 1


def test_calendar_needs_a_sign_in_and_a_membership(browser: TestClient, home: TestHome, member: Author) -> None:
    assert browser.get(f"/c/{COMMUNITY}/membership/expiry.ics").status_code == 401
    assert home.client(member).get(f"/c/{COMMUNITY}/membership/expiry.ics").status_code == 404


def test_move_page_tells_which_wallet_takes_over(home: TestHome, browser: TestClient, member: Author) -> None:
    hold(home, member)
    deadline = f"deadline={clock.now() + DAY}"
    query = f"token=7&to={OTHER}&{deadline}&signature=0x{'11' * 65}"

    page = browser.get(f"/c/{COMMUNITY}/membership/move?{query}").text

    assert 'data-action="membership:accept-move"' in page
    assert browser.get(f"/c/{COMMUNITY}/membership/move?{query.replace('token=7', 'token=9')}").status_code == 404
    late = query.replace(deadline, "deadline=5")
    assert "This link is too old." in browser.get(f"/c/{COMMUNITY}/membership/move?{late}").text
