"""Which signed listings and offers stand as far as the mirror knows; what wallets sign; what is taken in."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from backend import clock
from backend.badges.queries import contracts_of
from backend.market.keeping import keep_announced
from backend.market.messages import message_of
from backend.market.queries import PAGE, listings_of, offers_of, sales_of
from backend.market.tables import SignedListing, SignedOffer
from indexer.tables.community import Community
from indexer.tables.market import Listing, Offer
from tests.factories.home import BADGES, CHAIN_ID, COMMUNITY, MARKET, MEMBERSHIP, TestHome
from tests.factories.mirrored_badges import (
    BADGE,
    UNIT,
    ZERO,
    achievement,
    counter,
    funds,
    ledger,
    rates,
    sale,
    spent,
    token,
)

ALICE, BOB = "0x" + "aa" * 20, "0x" + "bb" * 20
OURS, FAKE = "0x" + "5d" * 20, "0x" + "fe" * 20
PAGE_PATH = f"/c/{COMMUNITY}/market"


def listed(home: TestHome, number: int = 1, **changes: Any) -> str:
    """Digest of a listing of ALICE's badge that the home keeps."""
    at = clock.now()
    fields: dict[str, Any] = {
        "community": COMMUNITY,
        "seller": ALICE,
        "token_id": BADGE,
        "badge": BADGE,
        "buyer": ZERO,
        "currency": ZERO,
        "price": UNIT,
        "starts_at": 0,
        "deadline": at + 100,
        "transfer_count": 0,
        "counter": 0,
        "message": dict(message_of("Listing", seller=ALICE, tokenId=BADGE, price=UNIT)),
        "signature": "0x" + "11" * 65,
        "kept_at": at + number,
    }
    digest = f"0x{number:064x}"
    with home.host.database.writing() as session:
        session.add(SignedListing(chain_id=CHAIN_ID, digest=digest, **{**fields, **changes}))
    return digest


def bid(home: TestHome, number: int = 1, **changes: Any) -> str:
    at = clock.now()
    fields: dict[str, Any] = {
        "community": COMMUNITY,
        "buyer": BOB,
        "token_id": 0,
        "level": 0,
        "currency": ZERO,
        "price": UNIT,
        "deadline": at + 100,
        "counter": 0,
        "message": dict(message_of("Offer", buyer=BOB, price=UNIT)),
        "signature": "0x" + "11" * 65,
        "kept_at": at + number,
    }
    digest = f"0x{number:064x}"
    with home.host.database.writing() as session:
        session.add(SignedOffer(chain_id=CHAIN_ID, digest=digest, **{**fields, **changes}))
    return digest


def standing(home: TestHome, **options: Any) -> list[str]:
    with Session(home.host.database.engine) as session:
        contracts = contracts_of(session, CHAIN_ID, COMMUNITY)
        found = listings_of(session, CHAIN_ID, MARKET, contracts, at=clock.now(), **options)
    return [each.digest for each in found]


def bids(home: TestHome, **options: Any) -> list[str]:
    with Session(home.host.database.engine) as session:
        contracts = contracts_of(session, CHAIN_ID, COMMUNITY)
        return [each.digest for each in offers_of(session, CHAIN_ID, MARKET, contracts, at=clock.now(), **options)]


def test_a_listing_stands_while_its_seller_holds_the_badge_unmoved(home: TestHome) -> None:
    home.write(rates(), ledger(ALICE))
    digest = listed(home)

    assert standing(home) == [digest]
    home.write(ledger(ALICE, transfer_count=2))
    assert standing(home) == []
    home.write(ledger(BOB))
    assert standing(home) == []


@pytest.mark.parametrize(
    "changes",
    [{"deadline": 1}, {"starts_at": 2**39}, {"counter": 1}, {"transfer_count": 1}, {"seller": BOB}],
    ids=str,
)
def test_a_listing_that_cannot_be_bought_is_not_shown(home: TestHome, changes: dict[str, Any]) -> None:
    home.write(rates(), ledger(ALICE))
    listed(home, **changes)

    assert standing(home) == []


def test_a_listing_ends_when_it_is_spent_or_its_counter_raised(home: TestHome) -> None:
    home.write(rates(), ledger(ALICE))
    digest = listed(home)

    home.write(spent(BOB, digest))
    assert standing(home) == [digest]
    home.write(counter(ALICE, 1))
    assert standing(home) == []
    home.write(counter(ALICE, 0), spent(ALICE, digest))
    assert standing(home) == []


def test_a_listing_for_one_buyer_is_shown_to_it_alone(home: TestHome) -> None:
    home.write(rates(), ledger(ALICE))
    digest = listed(home, buyer=BOB)

    assert standing(home) == []
    assert standing(home, viewer=BOB) == standing(home, viewer=ALICE) == [digest]


def test_listings_of_achievements_stand_too(home: TestHome) -> None:
    home.write(achievement(made=1), token(ALICE))
    digest = listed(home, token_id=1 << 40 | 1, badge=0)

    assert standing(home) == [digest]


def test_listings_are_paged_by_price_and_by_age(home: TestHome) -> None:
    home.write(rates(), *(ledger(ALICE, number) for number in range(1, 20)))
    made = [
        listed(
            home, number, token_id=number, badge=number, price=UNIT * (20 - number), kept_at=clock.now() + number // 2
        )
        for number in range(1, 20)
    ]

    for sort, expected in (("price", made[::-1]), ("newest", None)):
        first = standing(home, sort=sort)
        last = standing(home, sort=sort, after=first[-1])

        assert (len(first), len(last)) == (PAGE, 19 - PAGE)
        assert sorted([*first, *last]) == sorted(made)
        assert expected is None or [*first, *last] == expected


def test_an_offer_stands_while_its_buyer_has_the_money(home: TestHome) -> None:
    digest = bid(home)

    assert bids(home) == []
    home.write(funds(BOB, UNIT))
    assert bids(home) == [digest]
    home.write(counter(BOB, 1))
    assert bids(home) == []


def test_offers_on_a_badge_are_those_for_it_and_for_any(home: TestHome) -> None:
    home.write(funds(BOB, 9 * UNIT))
    anything, this, other = bid(home, 1), bid(home, 2, token_id=BADGE, price=2 * UNIT), bid(home, 3, token_id=9)

    assert bids(home, token_id=BADGE) == [this, anything]
    assert set(bids(home)) == {anything, this, other}


def test_sales_are_paged_and_asked_for_by_token(home: TestHome) -> None:
    home.write(*(sale(UNIT, block=number, seller=ALICE, buyer=BOB) for number in range(1, 16)))
    home.write(sale(7, block=20, token_id=5, seller=BOB, buyer=ALICE))

    with Session(home.host.database.engine) as session:
        contracts = contracts_of(session, CHAIN_ID, COMMUNITY)
        first = sales_of(session, CHAIN_ID, contracts)
        last = sales_of(session, CHAIN_ID, contracts, before=first[-1].place)
        [only] = sales_of(session, CHAIN_ID, contracts, token_id=5)

    assert [each.at for each in [*first, *last]] == [20, *range(15, 0, -1)]
    assert only.price == 7


def test_what_was_announced_on_chain_is_kept_once(home: TestHome) -> None:
    home.write(rates(), ledger(ALICE))
    digest = "0x" + "d1" * 32
    home.write(announced(digest, Listing, seller=ALICE), announced(digest, Offer, buyer=BOB))

    with home.host.database.writing() as session:
        for kind in ("listing", "offer", "listing"):
            keep_announced(session, CHAIN_ID, kind, market=MARKET, digest=digest, at=clock.now())

    assert standing(home) == [digest]


def test_announcements_of_impossible_counts_are_passed_over(home: TestHome) -> None:
    digest = "0x" + "d2" * 32
    home.write(announced(digest, Listing, seller=ALICE, transfer_count=2**64 - 1))

    with home.host.database.writing() as session:
        for each in (digest, "0x" + "d3" * 32):
            keep_announced(session, CHAIN_ID, "listing", market=MARKET, digest=each, at=1)
        assert session.exec(select(SignedListing)).all() == []


def paid_in(home: TestHome, currency: str) -> None:
    with Session(home.mirror) as session:
        session.get_one(Community, (CHAIN_ID, COMMUNITY)).currency = currency
        session.commit()


def test_only_the_coin_and_the_communitys_currency_are_shown(home: TestHome) -> None:
    home.write(rates(), ledger(ALICE), funds(BOB, UNIT))
    coin, own = bid(home, 1), bid(home, 2, currency=OURS)
    for number in range(3, 3 + PAGE):  # a page full of bids that cost nothing
        bid(home, number, currency=FAKE, price=2**90)
    listed(home, 1, currency=FAKE)
    asked = listed(home, 2, currency=OURS)

    assert (bids(home), standing(home)) == ([coin], [])
    paid_in(home, OURS)
    assert (set(bids(home)), standing(home)) == ({coin, own}, [asked])


@pytest.mark.parametrize("kind", ["listings", "offers"])
def test_a_token_of_ones_own_making_is_not_taken_in(home: TestHome, kind: str) -> None:
    home.write(rates(), ledger(ALICE))
    body = listing_body(currency=FAKE, **({"buyer": BOB} if kind == "offers" else {}))

    answer = home.client().post(f"/api/communities/{COMMUNITY}/market/{kind}", json=body)

    assert (answer.status_code, answer.json()["reason"]) == (409, "market.currency-refused")


def test_announcements_in_a_token_of_ones_own_making_are_passed_over(home: TestHome) -> None:
    digest = "0x" + "d1" * 32
    home.write(announced(digest, Offer, buyer=BOB, currency=FAKE))

    with home.host.database.writing() as session:
        keep_announced(session, CHAIN_ID, "offer", market=MARKET, digest=digest, at=1)
        assert session.exec(select(SignedOffer)).all() == []


@pytest.mark.parametrize(
    ("limit", "others"), [("MOST_LIVE", BOB), ("MOST_ANNOUNCED", ALICE)], ids=["of one account", "of a community"]
)
def test_no_more_announcements_are_kept_than_may_be(
    home: TestHome, limit: str, others: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"backend.market.keeping.{limit}", 2)
    at = clock.now()
    bid(home, 1, buyer=others, deadline=at - 1)  # is over: takes no room
    bid(home, 2, buyer=others)
    first, second = "0x" + "d1" * 32, "0x" + "d2" * 32
    home.write(announced(first, Offer, buyer=BOB), announced(second, Offer, buyer=BOB))

    with home.host.database.writing() as session:
        for digest in (first, second):
            keep_announced(session, CHAIN_ID, "offer", market=MARKET, digest=digest, at=at)
        kept = {each.digest for each in session.exec(select(SignedOffer)).all()}

    assert kept == {f"0x{2:064x}", first}


def announced(digest: str, table: Any, **changes: Any) -> Any:
    """A row of the mirror: somebody announced this."""
    fields = {
        "chain_id": CHAIN_ID,
        "contract": MARKET,
        "digest": digest,
        "community": COMMUNITY,
        "state": "open",
        "collection": BADGES,
        "membership": MEMBERSHIP,
        "token_id": BADGE,
        "currency": ZERO,
        "price": UNIT,
        "fee_recipient": ZERO,
        "fee_bps": 0,
        "deadline": 2**39,
        "min_accrued": 0,
        "counter": 0,
        "salt": 5,
        "signature": "0x" + "11" * 65,
        "announced_at": 1,
        "block_number": 1,
    }
    more: dict[Any, dict[str, Any]] = {
        Listing: {
            "min_proceeds": 0,
            "buyer": ZERO,
            "starts_at": 0,
            "transfer_count": 0,
            "tier_id": 0,
            "min_expires_at": 0,
            "min_unearned": 0,
            "with_badge": False,
        },
        Offer: {"level": 0, "min_rate_bps": 0},
    }
    return table(**{**fields, **more[table], **changes})


def test_nothing_is_shown_as_for_sale_while_the_chain_is_away(home: TestHome) -> None:
    home.write(rates(), ledger(ALICE))
    listed(home)
    client = home.client()

    page = client.get(PAGE_PATH).text

    assert "nothing is shown as for sale" in page
    assert 'data-action="market:buy"' not in page
    assert client.get(f"/api/communities/{COMMUNITY}/market/listings").status_code == 503


@pytest.mark.parametrize(
    "query", ["?sort=worst", "?after=nonsense", f"?after=0x{'00' * 32}", "/sales?before=x", "/sales?before=1"]
)
def test_bad_questions_are_refused(home: TestHome, query: str) -> None:
    assert home.client().get(PAGE_PATH + query).status_code in (404, 422)


def listing_body(**changes: Any) -> dict[str, Any]:
    body = {
        "seller": ALICE,
        "token_id": BADGE,
        "currency": ZERO,
        "price": "1",
        "min_proceeds": "1",
        "deadline": 2**39,
        "transfer_count": 0,
        "counter": "0",
        "salt": "1",
        "signature": "0x" + "11" * 65,
    }
    return {**body, **changes}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"price": "-1"}, 422),
        ({"price": 2**200}, 422),
        ({"price": str(2**96)}, 422),
        ({"min_accrued": "9" * 29}, 422),
        ({"signature": "0x"}, 422),
        ({"signature": "0x" + "1" * 20_000}, 422),
        ({"seller": "me"}, 422),
        ({"counter": str(2**64)}, 422),
        ({"salt": "9" * 78}, 422),
        ({"token_id": 0}, 422),
        ({}, 503),
    ],
    ids=str,
)
def test_listings_that_nobody_can_have_signed_are_refused(home: TestHome, changes: dict[str, Any], status: int) -> None:
    home.write(rates(), ledger(ALICE))
    client: TestClient = home.client()

    answer = client.post(f"/api/communities/{COMMUNITY}/market/listings", json=listing_body(**changes))

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_another_sites_page_cannot_give_a_listing(home: TestHome) -> None:
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}

    answer = home.client().post(f"/api/communities/{COMMUNITY}/market/listings", json=listing_body(), headers=headers)

    assert answer.status_code == 403
