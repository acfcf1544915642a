"""A voucher in a link is what its issuer signed, or nothing."""

import base64
import json
from typing import Any

import pytest

from backend.membership.queries import TierView
from backend.membership.voucher_link import VoucherBroken, VoucherLink

NOBODY, ISSUER, OTHER = "0x" + "00" * 20, "0x" + "AA" * 20, "0x" + "bb" * 20
NOW = 1_800_000_000
TIER = TierView(1, "Member", 1_000, 1_000, 0, 86_400, 0, 0, 0, 0, False, 0, "open")


def terms(**changes: Any) -> dict[str, str]:
    fields = {
        "issuer": ISSUER,
        "tierId": "1",
        "kind": "0",
        "value": "2500",
        "recipient": NOBODY,
        "uses": "3",
        "deadline": str(NOW),
        "nonce": "9",
    }
    return {**fields, **changes}


def link(document: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def voucher(**changes: Any) -> VoucherLink:
    return VoucherLink.of_link(link({"voucher": terms(**changes), "signature": "0x" + "11" * 65}))


def test_link_is_read_as_it_was_written() -> None:
    given = voucher()

    assert VoucherLink.of_link(given.link) == given
    assert given.struct == (ISSUER.lower(), 1, 0, 2500, NOBODY, 3, NOW, 9)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%%%",
        "A" * 5000,
        link([]),
        link({"voucher": terms()}),
        link({"voucher": terms(), "signature": "0x123"}),
        link({"voucher": terms(tierId="65536"), "signature": "0x11"}),
        link({"voucher": terms(value="-1"), "signature": "0x11"}),
        link({"voucher": terms(value="01"), "signature": "0x11"}),
        link({"voucher": terms(kind="3"), "signature": "0x11"}),
        link({"voucher": terms(kind="2", value="0"), "signature": "0x11"}),
        link({"voucher": terms(issuer="nobody"), "signature": "0x11"}),
        link({"voucher": terms(surplus="1"), "signature": "0x11"}),
    ],
    ids=range(13),
)
def test_broken_links_are_refused(text: str) -> None:
    with pytest.raises(VoucherBroken):
        VoucherLink.of_link(text)


@pytest.mark.parametrize(
    ("changes", "without", "price"),
    [
        ({}, 1_000, 750),
        ({"value": "0"}, 900, 900),
        ({"value": "10000"}, 1_000, 0),
        ({"value": "3333"}, 1_000, 667),
        ({"kind": "1", "value": "400"}, 1_000, 400),
        ({"kind": "1", "value": "4000"}, 900, 900),
        ({"kind": "2", "value": "86400"}, 1_000, 0),
    ],
    ids=str,
)
def test_price_is_never_higher_with_a_voucher(changes: dict[str, str], without: int, price: int) -> None:
    assert voucher(**changes).price_of(TIER, without) == price


def test_fault_says_why_it_does_not_work() -> None:
    given = voucher(recipient=OTHER)

    assert given.fault(account=OTHER, used=2, at=NOW) is None
    assert given.fault(account=None, used=2, at=NOW) is None
    assert given.fault(account=ISSUER.lower(), used=0, at=NOW) == "other-wallet"
    assert given.fault(account=OTHER, used=3, at=NOW) == "used-up"
    assert given.fault(account=OTHER, used=0, at=NOW + 1) == "past"
