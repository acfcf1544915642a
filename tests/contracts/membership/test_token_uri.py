"""Membership.tokenURI and contractURI: JSON and picture"""

import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.badges import HOSTILE, document, texts, trait
from tests.factories.communities import FOR_LIFE, FREE, LIFE, MONTH, World, community_of, tier
from tests.factories.contracts import Chain

LABELS = st.binary(min_size=32, max_size=32) | st.text(max_size=20).map(
    lambda text: text.encode()[:32].ljust(32, b"\0")
)
DAY_ONE = 1_830_297_600  # 2028-01-01T00:00:00Z


@pytest.fixture(scope="session")
def art(ledger: Chain) -> Any:
    return ledger.deploy("MembershipArt")


def readable(label: bytes) -> str:
    """What is left of a label: UTF-8 up to the first zero, without control characters and what XML forbids."""
    text = label.partition(b"\0")[0].decode(errors="ignore").replace("\n", " ")
    return "".join(each for each in text if unicodedata.category(each) != "Cc" and each not in "\ufffe\uffff")


def test_token_uri_of_a_membership(native: World) -> None:
    token_id = native.join()
    expires_at = native.chain.now + MONTH
    day = datetime.fromtimestamp(expires_at, UTC)

    parsed = document(native.membership.tokenURI(token_id))

    assert texts(parsed.pop("image")) == [
        *("Test Community", "Member", "1", f"{day.day} {day:%b %Y}", "MEMBERSHIP", "NUMBER", "VALID UNTIL"),
    ]
    assert parsed == {
        "name": f"Test Community #{token_id}",
        "description": "Membership of Test Community: Member.",
        "attributes": [
            {"trait_type": "tier", "value": "Member"},
            {"trait_type": "number", "value": "1"},
            {"display_type": "date", "trait_type": "expires", "value": expires_at},
        ],
    }


def test_token_uri_of_a_membership_for_life(native: World) -> None:
    parsed = document(native.membership.tokenURI(native.join(LIFE)))

    assert (trait(parsed, "tier"), trait(parsed, "expires")) == ("Patron", "never")
    assert texts(parsed["image"])[3:] == ["for life", "MEMBERSHIP", "NUMBER", "VALID"]


@pytest.mark.parametrize(
    ("expires_at", "shown"),
    [
        (DAY_ONE - 1, "31 Dec 2027"),
        (DAY_ONE, "1 Jan 2028"),
        (DAY_ONE + 59 * 86_400, "29 Feb 2028"),
        (DAY_ONE + 270 * 86_400, "27 Sep 2028"),
        (FOR_LIFE - 1, "20 Feb 36812"),
    ],
)
def test_token_uri_shows_the_date_in_utc(ledger: Chain, art: Any, expires_at: int, shown: str) -> None:
    parsed = document(ledger.read(art.tokenURI, "A", b"B".ljust(32, b"\0"), 1, expires_at))

    assert texts(parsed["image"])[3] == shown


def test_token_uri_tells_tiers_apart_by_color(native: World) -> None:
    one, two = native.join(), native.join(FREE, sender=native.other)

    images = [document(native.membership.tokenURI(token_id))["image"] for token_id in (one, two)]

    assert [image.count("hsl(146,") for image in images] == [6, 0]
    assert [image.count("hsl(264,") for image in images] == [0, 6]


def test_token_uri_shows_each_membership_another_pattern(ledger: Chain, art: Any) -> None:
    images = [
        document(ledger.read(art.tokenURI, "A", b"B".ljust(32, b"\0"), 1 << 24 | serial, 1))["image"]
        for serial in range(1, 9)
    ]

    assert len({image[image.index("<ellipse") : image.index('<g id="h"')] for image in images}) > 6


def test_contract_uri_is_json_of_the_community(native: World) -> None:
    parsed = document(native.membership.contractURI())

    assert texts(parsed.pop("image"))[:2] == ["Test Community", "TEST"]
    assert parsed == {
        "name": "Test Community",
        "symbol": "TEST",
        "description": "Memberships of Test Community.",
    }


def test_attack_names_that_break_out_of_text_and_json(ledger: Chain, factory: Any) -> None:
    """They are shown as what they are; `texts` refuses anything but a picture."""
    label = HOSTILE.encode().ljust(32, b"\0")
    world = community_of(ledger, factory, name=HOSTILE + "~1~B99999", symbol="<&\"'", tiers=[tier(label=label)])
    name = HOSTILE + "~1~B99999"

    parsed, whole = document(world.membership.tokenURI(world.join())), document(world.membership.contractURI())

    assert (parsed["name"], trait(parsed, "tier")) == (f"{name} #{1 << 24 | 1}", HOSTILE)
    assert texts(parsed["image"])[:2] == [name, HOSTILE]
    assert (whole["symbol"], texts(whole["image"])[:2]) == ("<&\"'", [name, "<&\"'"])


@given(
    label=st.binary(min_size=32, max_size=32)
    | st.text(max_size=10).map(lambda text: text.encode()[:32].ljust(32, b"\0"))
)
def test_token_uri_is_well_formed_for_any_label(ledger: Chain, art: Any, label: bytes) -> None:
    parsed = document(ledger.read(art.tokenURI, "A", label, 1 << 24 | 1, 1))

    assert trait(parsed, "tier") == readable(label)
    assert texts(parsed["image"])[1] == readable(label)
