"""What a license opens: posts with their files behind gates that ask for it, on the product's page and beside it."""

from typing import Any

import pytest

from backend import clock
from backend.gates.decision import license_opens
from backend.gates.rule import AtLeast, Between, HasLicense, HoldsTier, Not, all_of, any_of
from indexer.tables.columns import FOR_LIFE
from indexer.tables.holdings import HoldingChange, license_asset
from tests.backend.test_statements import statements
from tests.factories.goods import STORE, license_row, open_store, product_row
from tests.factories.home import CHAIN_ID, COMMUNITY, Author, TestHome

PAGE = f"/c/{COMMUNITY}/store"
API = f"/api/communities/{COMMUNITY}"
LICENSE = {"op": "license", "product": 1}
MEMBER = {"op": "holds_tier", "tiers": [1]}
HOSTILE = "<script>alert(1)</script>"


def gate(home: TestHome, name: str, rule: dict[str, Any]) -> None:
    home.say(home.owner, "gate.set", wallet=True, data={"gate": name, "rule": rule})


@pytest.fixture
def shop(home: TestHome) -> TestHome:
    """Two products; a post behind the license of the first, one that asks for a membership too, one for everybody."""
    open_store(home)
    home.set_recovery()
    home.write(product_row(1), product_row(2))
    gate(home, "license", LICENSE)
    gate(home, "both", {"op": "all", "rules": [LICENSE, MEMBER]})
    home.publish("The score", rest="All of it", gate="license")
    home.publish(f"The talk {HOSTILE}", rest="All of it", gate="both")
    home.publish("For everybody")
    home.mine(at=clock.now())
    return home


def licensed(home: TestHome, author: Author) -> None:
    home.write(
        license_row(author.account),
        HoldingChange(
            chain_id=CHAIN_ID,
            account=author.account,
            asset=license_asset(STORE, 1),
            block_number=home.head,
            log_index=0,
            value=1,
            expires_at=FOR_LIFE,
        ),
    )


def test_the_product_names_what_asks_for_its_license(shop: TestHome) -> None:
    page, other = (shop.client().get(f"{PAGE}/{number}").text for number in (1, 2))

    assert "The score" in page
    assert "opens with the license" in page
    assert "asks for more than the license" in page
    assert HOSTILE not in page
    assert "For everybody" not in page
    assert "The score" not in other
    assert "No post asks for it so far." in other


def test_who_has_the_license_reads_at_once(shop: TestHome) -> None:
    holder = shop.author(2)
    licensed(shop, holder)
    client = shop.client(holder)

    opened = {each["title"]: each for each in client.get(f"{API}/store/products/1/opens").json()}
    page, mine = client.get(f"{PAGE}/1").text, client.get("/account/licenses").text

    assert (opened["The score"]["readable"], opened["The score"]["alone"]) == (True, True)
    talk = next(each for title, each in opened.items() if title.startswith("The talk"))
    assert (talk["readable"], talk["alone"]) == (False, False)
    assert "open to you" in page
    assert "The score" in mine
    assert "It opens:" in mine
    assert not any(each["readable"] for each in shop.client().get(f"{API}/store/products/1/opens").json())
    assert shop.client().get(f"{API}/store/products/3/opens").status_code == 404


def test_the_owner_is_led_to_a_gate_of_the_product_by_its_name(shop: TestHome) -> None:
    page = shop.client(shop.owner).get(f"{PAGE}/1").text
    editor = shop.client(shop.owner).get(f"/c/{COMMUNITY}/manage/gates/editor?product=2").text

    assert "manage/gates/editor?product=1" in page
    assert '<option value="2" selected>Product 2</option>' in editor
    assert 'value="license-2"' in editor
    assert "manage/gates/editor?product=1" not in shop.client().get(f"{PAGE}/1").text
    assert shop.client(shop.owner).get(f"/c/{COMMUNITY}/manage/gates/editor?product=0").status_code == 422
    assert shop.client(shop.author(2)).get(f"/c/{COMMUNITY}/manage/gates/editor?product=1").status_code == 403


def test_no_gate_hides_another_by_its_many_posts(shop: TestHome) -> None:
    for number in range(5):
        shop.publish(f"More {number}", rest="x", gate="both")
    holder = shop.author(2)
    licensed(shop, holder)

    mine = shop.client(holder).get("/account/licenses").text

    assert "The score" in mine
    assert mine.count("data-opened") == 1 + 3


def test_gates_that_hold_nothing_cost_nothing(shop: TestHome) -> None:
    client, path = shop.client(), f"{API}/store/products/1/opens"
    few = statements(shop, client, path)

    for number in range(12):
        gate(shop, f"empty-{number}", LICENSE)

    assert statements(shop, client, path) == few


@pytest.mark.parametrize(
    ("rule", "alone"),
    [
        (HasLicense(1), True),
        (any_of(HasLicense(1), HoldsTier(frozenset({1}))), True),
        (all_of(HasLicense(1), HoldsTier(frozenset({1}))), False),
        (AtLeast(2, (HasLicense(1), HasLicense(2), HoldsTier(frozenset({1})))), False),
        (all_of(HasLicense(1), Between(start=200)), False),
        (all_of(HasLicense(1), Between(start=50)), True),
        (Not(Not(HasLicense(1))), True),
        (Not(HasLicense(1)), None),
        (HasLicense(2), None),
    ],
)
def test_a_rule_says_whether_a_license_is_enough(rule: Any, alone: bool | None) -> None:
    assert license_opens(rule, 1, at=100) is alone
