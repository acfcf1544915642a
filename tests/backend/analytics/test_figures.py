"""The overview's figures from mirror rows: every number against a count by hand, and only for the owner."""

import csv
import io
import json
from random import Random
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from backend import clock
from backend.analytics.charts import chart_of, round_up
from backend.analytics.queries import days_of, income, members_by_day, stays, unbooked_of
from backend.crowdsale.acts import WORDS_TYPE
from backend.membership.queries import earned_of
from backend.texts import harmless
from indexer.tables.columns import DAY, ZERO_ADDRESS, ZERO_HASH
from indexer.tables.membership import Earnings, Ending, Grant, Payment, Settlement
from tests.factories.home import CHAIN_ID, COMMUNITY, MEMBERSHIP, TestHome, body_of, membership_row, tier_row
from tests.factories.sales import SALE, sale_rows

START = 20_000 * DAY
API = f"/api/communities/{COMMUNITY}/figures"
PAGES = [f"/c/{COMMUNITY}/manage", f"/fragments/c/{COMMUNITY}/manage", f"/c/{COMMUNITY}/manage/figures.csv", API]
HOLDER = "0x" + "ab" * 20


def payment(number: int, token: int, at: int, until: int, *, amount: int = 0, kind: str = "join") -> Payment:
    return Payment(
        chain_id=CHAIN_ID,
        contract=MEMBERSHIP,
        block_number=number,
        log_index=0,
        token_id=token,
        kind=kind,
        holder=HOLDER,
        payer=HOLDER,
        tier_id=1,
        previous_tier_id=0,
        badge=0,
        amount=amount,
        tip=0,
        periods=1,
        expires_at=until,
        tx_hash=ZERO_HASH,
        at=at,
    )


def grant(number: int, token: int, at: int, until: int) -> Grant:
    return Grant(
        chain_id=CHAIN_ID,
        contract=MEMBERSHIP,
        block_number=number,
        log_index=0,
        token_id=token,
        holder=HOLDER,
        granter=HOLDER,
        expires_at=until,
        tx_hash=ZERO_HASH,
        at=at,
    )


def ending(number: int, token: int, at: int, *, refund: int = 0) -> Ending:
    return Ending(
        chain_id=CHAIN_ID,
        contract=MEMBERSHIP,
        block_number=number,
        log_index=0,
        token_id=token,
        kind="cancel",
        tier_id=1,
        holder=HOLDER,
        ended_by=HOLDER,
        paid_to=HOLDER,
        refund=refund,
        tx_hash=ZERO_HASH,
        at=at,
    )


MADE: dict[str, Any] = {"pay": payment, "grant": grant}


def history(seed: int) -> tuple[list[Any], dict[int, list[tuple[int, int]]]]:
    """Rows of a random story, and for each token its changes: (from when, until when it is valid)."""
    random, number = Random(seed), 0
    rows: list[Any] = []
    changes: dict[int, list[tuple[int, int]]] = {}
    for token in range(1, 13):
        at, until = START + random.randrange(60 * DAY), 0
        for step in range(random.randrange(1, 5)):
            number += 1
            kind = random.choice(["pay", "pay", "grant", "end"]) if step else "pay"
            until = at if kind == "end" else max(at, until) + random.randrange(1, 40) * DAY
            rows.append(ending(number, token, at) if kind == "end" else MADE[kind](number, token, at, until))
            changes.setdefault(token, []).append((at, until))
            at += random.randrange(1, 30 * DAY)
    return rows, changes


def valid(changes: list[tuple[int, int]], at: int) -> bool:
    """Whether the newest change up to `at` lasts beyond it."""
    past = [until for since, until in changes if since <= at]
    return bool(past) and past[-1] > at


@pytest.mark.parametrize("seed", range(6))
def test_members_by_day_are_those_that_a_count_by_hand_finds(home: TestHome, seed: int) -> None:
    rows, changes = history(seed)
    home.write(*rows)
    today = START // DAY + 100
    days = range(today - 95, today + 1)

    with home.host.database.reading() as session:
        found = members_by_day(days_of(session, CHAIN_ID, MEMBERSHIP), days, now=12)

    moments = [(day + 1) * DAY - 1 for day in days[:-1]]
    assert found == [*(sum(valid(each, moment) for each in changes.values()) for moment in moments), 12]


def test_stays_count_who_did_not_come_back_within_the_grace(home: TestHome) -> None:
    now = START + 100 * DAY
    lapsed = now - 20 * DAY
    home.write(
        payment(1, 1, lapsed - 30 * DAY, lapsed),  # gone
        payment(2, 2, lapsed - 30 * DAY, lapsed),  # came back within the week
        payment(3, 2, lapsed + 6 * DAY, now + DAY, kind="renewal"),
        payment(4, 3, lapsed - 30 * DAY, lapsed),  # came back too late
        payment(5, 3, lapsed + 8 * DAY, now + DAY, kind="renewal"),
        payment(6, 4, lapsed - 30 * DAY, now + DAY),  # stays
        payment(7, 5, lapsed - 30 * DAY, now + DAY),  # cancelled
        ending(8, 5, lapsed + DAY),
        payment(9, 6, now - 33 * DAY, now - 3 * DAY),  # may still renew; joined later than the window's start
        membership_row(6, HOLDER, 1, now - 3 * DAY, 1),
    )

    with home.host.database.reading() as session:
        found = stays(session, CHAIN_ID, MEMBERSHIP, days_of(session, CHAIN_ID, MEMBERSHIP), most=30, at=now)

    assert (found.members, found.lost, found.in_grace, found.rate_bps) == (5, 3, 1, 6_000)


def test_income_adds_up_to_what_was_paid(home: TestHome) -> None:
    now, price = START + 100 * DAY, 3 * 10**16
    half = membership_row(1, HOLDER, 1, now + 15 * DAY, 1)
    half.unearned, half.settled_at, half.earned_at, half.rate = price, now - 15 * DAY, now + 15 * DAY, 1_000
    home.write(
        payment(1, 1, now - 15 * DAY, now + 15 * DAY, amount=price),
        payment(2, 2, now - 60 * DAY, now - 30 * DAY, amount=price),
        payment(3, 3, now - 5 * DAY, now + 25 * DAY, amount=price),
        ending(4, 3, now - 5 * DAY, refund=price),
        Settlement(
            chain_id=CHAIN_ID,
            contract=MEMBERSHIP,
            block_number=5,
            log_index=0,
            token_id=2,
            badge=0,
            earned=price,
            badge_share=0,
            at=now - 20 * DAY,
        ),
        Earnings(chain_id=CHAIN_ID, contract=MEMBERSHIP, earned_total=price, withdrawn_total=price // 4),
        half,
    )

    with home.host.database.reading() as session:
        days = days_of(session, CHAIN_ID, MEMBERSHIP)
        found = income(session, CHAIN_ID, MEMBERSHIP, ZERO_ADDRESS, days, at=now)

    assert (found.due, found.due_badges, found.to_come) == (price * 9 // 20, price // 20, price // 2)
    assert found.paid == found.refunded + found.booked + found.booked_badges + found.unbooked
    assert (found.earned, found.withdrawn) == (price + price * 9 // 20, price // 4)


held = st.tuples(
    st.integers(0, 2**96), st.integers(0, 40 * DAY), st.integers(1, 80 * DAY), st.sampled_from([0, 500, 2_000])
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(members=st.lists(held, min_size=6, max_size=6), later=st.integers(40 * DAY, 120 * DAY))
def test_sums_of_days_are_what_settling_each_membership_would_book(
    home: TestHome, members: list[tuple[int, int, int, int]], later: int
) -> None:
    rows = []
    for token, (amount, settled_at, seconds, rate) in enumerate(members, start=1):
        row = membership_row(token, HOLDER, 1, START + settled_at + seconds, 1)
        row.unearned, row.settled_at, row.rate = amount, START + settled_at, rate
        row.earned_at = row.settled_at + seconds
        rows.append(row)
    home.write(*rows)
    at = START + later
    each = [earned_of(amount, START + since, START + since + took, at=at) for amount, since, took, _ in members]
    badges = [earned * rate // 10_000 for earned, (_, _, _, rate) in zip(each, members, strict=True)]

    with home.host.database.reading() as session:
        found = unbooked_of(session, CHAIN_ID, MEMBERSHIP, at=at)

    assert found.due + found.due_badges + found.to_come == sum(amount for amount, *_ in members)
    assert abs(found.due + found.due_badges - sum(each)) <= len(members)
    assert abs(found.due_badges - sum(badges)) <= len(members)


def test_earned_of_rounds_up_and_ends() -> None:
    assert earned_of(10, 0, 3, at=1) == 4
    assert earned_of(10, 0, 3, at=3) == 10
    assert earned_of(10, 5, 8, at=5) == 0


def test_figures_are_for_the_owner_alone(home: TestHome) -> None:
    for path in PAGES:
        assert home.client().get(path).status_code == 401
        assert home.client(home.author(2)).get(path).status_code == 403
        assert home.client(home.owner).get(path).status_code == 200


def test_page_file_and_api_say_the_same(home: TestHome) -> None:
    now = clock.now()
    home.write(
        payment(1, 1, now - 2 * DAY, now + DAY, amount=5 * 10**16),
        payment(2, 2, now - 9 * DAY, now + DAY),
        membership_row(1, HOLDER, 1, now + DAY, 1),
        membership_row(2, "0x" + "cd" * 20, 1, now + DAY, 1),
    )
    client = home.client(home.owner)

    answer = client.get(API).json()
    lines = list(csv.DictReader(io.StringIO(client.get(PAGES[2]).text)))
    page = client.get(PAGES[0]).text

    assert answer["members"] == answer["days"][-1]["members"] == 2
    assert sum(day["joined"] for day in answer["days"]) == 2
    assert answer["money"]["paid"] == {"amount": str(5 * 10**16), "written": "0.05 ETH"}
    by_day = [int(line["value"]) for line in lines if line["figure"] == "members by day"]
    assert by_day == [day["members"] for day in answer["days"]]
    assert [line["value"] for line in lines if (line["figure"], line["of"]) == ("money", "paid")] == [str(5 * 10**16)]
    assert 'data-sum="paid" title="0.05 ETH">0.05 ETH' in page
    assert "<desc" in page
    assert "<details" in page


def test_page_warns_when_paid_posts_crowd_out_free_ones(home: TestHome) -> None:
    home.set_recovery()
    home.open_gate()
    client = home.client(home.owner)
    for number in range(3):
        home.publish(f"Closed {number}", rest="words", gate="members")
    assert "data-crowded" in client.get(PAGES[0]).text

    home.publish("Open", "For everybody")
    home.publish("Open too", "For everybody")

    assert "data-crowded" not in client.get(PAGES[0]).text


def test_a_sale_stands_by_the_title_that_its_owner_gave_it(home: TestHome) -> None:
    home.write(*sale_rows(at=clock.now()))
    words = {"title": "A new oven", "purpose": ""}
    staged = home.stage(home.owner, json.dumps(words), media_type=WORDS_TYPE)
    home.say(home.owner, "sale.words", body=body_of(staged), data={"sale": SALE})

    client = home.client(home.owner)

    assert [sale["name"] for sale in client.get(API).json()["sales"]] == ["A new oven"]
    assert f'<a href="/c/{COMMUNITY}/sales/{SALE}">A new oven</a>' in client.get(PAGES[0]).text


def test_labels_cannot_run_in_a_spreadsheet_or_a_page(home: TestHome) -> None:
    label = "<script>x</script>"
    home.write(tier_row(1, label=label), tier_row(2, label="=1+1"))
    client = home.client(home.owner)

    assert label not in client.get(PAGES[0]).text
    assert harmless("=1+1") == "'=1+1"
    assert harmless("Friends") == "Friends"
    assert "\n=" not in client.get(PAGES[2]).text


def test_the_number_of_statements_does_not_grow_with_the_community(home: TestHome) -> None:
    client, now = home.client(home.owner), clock.now()
    few = statements(home, client)
    for token in range(1, 41):
        home.write(payment(token, token, now - token * DAY // 2, now + DAY, amount=10))
        home.write(membership_row(token, f"0x{token:040x}", 1, now + DAY, 1))

    assert statements(home, client) == few


def statements(home: TestHome, client: TestClient) -> int:
    asked: list[str] = []

    def note(*details: Any) -> None:
        asked.append(details[2])

    event.listen(home.host.database.engine, "before_cursor_execute", note)
    assert client.get(API).status_code == 200
    event.remove(home.host.database.engine, "before_cursor_execute", note)
    return len([each for each in asked if each.startswith(("SELECT", "WITH"))])


@pytest.mark.parametrize(("value", "edge"), [(0, 1), (1, 1), (3, 4), (7, 8), (11, 20), (46, 50), (81, 100), (100, 100)])
def test_charts_end_at_a_round_number(value: int, edge: int) -> None:
    assert round_up(value) == edge


def test_a_chart_draws_what_it_is_given() -> None:
    chart = chart_of([0, 2, 4])

    assert (chart.top, chart.newest, len(chart.bars)) == (4, 4, 2)
    assert chart.bars[-1].y == 0
    assert chart.line.count("L") == 2
