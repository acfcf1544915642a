"""The store's pages and API: what everybody sees, what is the creator's and the owner's, and what is refused."""

import hashlib
import json
from typing import Any

import pytest

from backend import clock
from tests.factories.goods import (
    MONTH,
    PRICE,
    ledger_row,
    license_row,
    open_store,
    policy_row,
    product_row,
    purchase_row,
    tip_row,
)
from tests.factories.home import COMMUNITY, TestHome

PAGE = f"/c/{COMMUNITY}/store"
API = f"/api/communities/{COMMUNITY}"
STRANGER = "0x" + "ee" * 20
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def shop(home: TestHome) -> TestHome:
    open_store(home)
    return home


def describe(home: TestHome, text: str, *, author: Any = None) -> Any:
    return home.client(author).post(f"{API}/store/descriptions", json={"text": text})


def test_a_visitor_sees_what_is_sold_and_who_is_paid(shop: TestHome) -> None:
    shop.write(product_row(), purchase_row(STRANGER))
    client = shop.client()

    listed, page = client.get(PAGE).text, client.get(f"{PAGE}/1").text

    assert "Product 1" in listed
    assert "0.009 ETH" in page
    assert "0.001 ETH" in page
    assert "Buy for 0.01 ETH" in page
    assert client.get(f"/fragments{PAGE}/1").status_code == 200
    assert client.get(f"/fragments{PAGE}").status_code == 200


def test_an_empty_store_says_what_to_do(shop: TestHome) -> None:
    member = shop.author(2)
    shop.member(member, tier=1)

    assert "Members sell what they made." in shop.client().get(PAGE).text
    assert "Be the first" in shop.client(shop.owner).get(PAGE).text
    assert shop.client(shop.owner).get(f"{PAGE}/new").status_code == 200


def test_only_who_may_list_gets_the_form(shop: TestHome) -> None:
    shop.write(policy_row(1_000, members_may_list=False))

    assert shop.client().get(f"{PAGE}/new").status_code == 401
    assert shop.client(shop.author(2)).get(f"{PAGE}/new").status_code == 403
    assert shop.client(shop.owner).get(f"{PAGE}/new").status_code == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cap": 1, "units": 1}, "All are sold."),
        ({"delisted": True}, "Its creator took it off sale."),
        ({"barred": True}, "The owner of the community took it off sale."),
        ({"retires_at": 2**33}, "It is not sold any more."),
        ({"price": 0}, "Get it"),
    ],
)
def test_every_state_says_why_and_what_next(shop: TestHome, changes: dict[str, Any], words: str) -> None:
    shop.write(product_row(**changes))

    assert words in shop.client().get(f"{PAGE}/1").text


def test_a_license_is_shown_to_its_holder(shop: TestHome) -> None:
    holder, at = shop.author(2), clock.now()
    shop.write(product_row(period_seconds=MONTH), license_row(holder.account, valid_until=at + 3_600))
    client = shop.client(holder)

    assert "Yours until" in client.get(f"{PAGE}/1").text
    assert "Renew for 0.01 ETH" in client.get("/account/licenses").text
    [told] = client.get("/api/account/licenses").json()
    assert (told["valid"], told["renewable"], told["product"]["label"]) == (True, True, "Product 1")
    assert "You are not signed in" in shop.client().get("/account/licenses").text
    assert shop.client().get("/api/account/licenses").status_code == 401
    assert "No licenses yet" in shop.client(shop.owner).get("/account/licenses").text


def test_the_creator_changes_and_is_paid_and_the_owner_bars(shop: TestHome) -> None:
    creator = shop.author(2)
    shop.write(
        product_row(creator=creator.account),
        ledger_row(creator.account, 5 * PRICE, PRICE),
        tip_row(creator.account, STRANGER, PRICE),
    )

    mine, theirs = (shop.client(who).get(f"{PAGE}/1").text for who in (creator, shop.author(3)))
    owners = shop.client(shop.owner).get(f"{PAGE}/1").text

    assert 'data-form="store:price"' in mine
    assert 'data-form="store:price"' not in theirs
    assert 'data-form="store:price"' not in owners
    assert "As the owner of the community" in owners
    assert "Claim 0.04 ETH" in shop.client(creator).get(PAGE).text
    assert 'data-action="store:claim"' not in shop.client(shop.author(3)).get(PAGE).text


def test_policy_and_income_are_the_owners(shop: TestHome) -> None:
    path = f"/c/{COMMUNITY}/manage/store"

    assert shop.client().get(path).status_code == 401
    assert shop.client(shop.author(2)).get(path).status_code == 403
    assert "The community's part of a sale" in shop.client(shop.owner).get(path).text.replace("&#39;", "'")


def test_words_of_a_product_are_kept_and_defused(shop: TestHome) -> None:
    text = json.dumps({"name": "x", "description": f"{HOSTILE} **bold** [x](javascript:alert(1))"})
    digest = "0x" + hashlib.sha256(text.encode()).hexdigest()

    answer = describe(shop, text, author=shop.owner)
    shop.write(product_row(digest=digest, label=HOSTILE[:32]))
    page = shop.client().get(f"{PAGE}/1").text

    assert (answer.status_code, answer.json()["digest"]) == (201, digest)
    assert "<strong>bold</strong>" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert shop.client().get(f"{API}/store/products/1").json()["cid"] == answer.json()["cid"]


def test_only_members_describe_and_only_descriptions(shop: TestHome) -> None:
    good = json.dumps({"description": "x"})

    assert describe(shop, good).status_code == 401
    assert describe(shop, good, author=shop.author(2)).status_code == 403
    for bad in ("[]", "nothing", '{"description": 1}', json.dumps({"description": "ж" * 9_000}), "[" * 16_000):
        assert describe(shop, bad, author=shop.owner).status_code == 422


def test_a_product_without_its_words_says_so(shop: TestHome) -> None:
    shop.write(product_row())

    assert "The description of this product is not kept here." in shop.client().get(f"{PAGE}/1").text


@pytest.mark.parametrize(
    ("operation", "body", "status"),
    [
        ("buy", {"product_id": 9, "price": "1", "version": 1}, 404),
        ("buy", {"product_id": 1, "price": "-1", "version": 1}, 422),
        ("buy", {"product_id": 1, "price": "1", "version": 1, "quantity": 0}, 422),
        ("buy", {"product_id": 2**64, "price": "1", "version": 1}, 422),
        ("tip", {"payee": "me", "amount": "1"}, 422),
        ("tip", {"payee": STRANGER, "amount": "0"}, 422),
        ("tip", {"payee": STRANGER, "amount": "1", "product_id": 9}, 404),
        ("list-product", {"label": "ж" * 17, "digest": "0x" + "11" * 32, "kind": "file", "price": 1}, 422),
        ("set-product-price", {"product_id": 9, "price": "1"}, 404),
        ("retire-product", {"product_id": 1, "at": 0}, 422),
        ("set-store-policy", {"community_bps": 10_001, "members_may_list": True}, 422),
        ("set-product-listed", {"product_id": 1, "listed": False}, 503),
    ],
)
def test_bad_requests_are_problems(shop: TestHome, operation: str, body: dict[str, Any], status: int) -> None:
    shop.write(product_row())

    answer = shop.client().post(f"{API}/transactions/{operation}", json={"account": STRANGER, **body})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", [f"{PAGE}/9", f"{PAGE}/0", f"{PAGE}/x", f"{API}/store/products/9"])
def test_what_is_not_there_is_not_found(shop: TestHome, path: str) -> None:
    assert shop.client().get(path).status_code in (404, 422)


def test_products_are_told_in_whole_numbers(shop: TestHome) -> None:
    shop.write(product_row(), product_row(2, delisted=True))

    [told] = shop.client().get(f"{API}/store/products").json()

    assert (told["price"], told["price_written"], told["state"]) == (str(PRICE), "0.01 ETH", "on-sale")
