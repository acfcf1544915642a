"""Opening a community: which currencies a founder is offered."""

import re

import pytest
from sqlmodel import Session

from backend.chain import Chain
from backend.community.opening import Defaults
from backend.currency import Currency
from indexer.tables.community import Community
from tests.factories.home import CHAIN_ID, COMMUNITY, TestHome, membership_row

REAL, FAKE, STRANGE, COIN = ("0x" + each * 20 for each in ("5d", "0f", "57", "01"))
SYMBOLS = {None: "ETH", REAL: "USDC", FAKE: "usdc", STRANGE: "DAI", COIN: "ETH"}


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens name themselves so."""

    def currency_of(_: Chain, address: str | None) -> Currency:
        return Currency(address, SYMBOLS[address], 18)

    monkeypatch.setattr("backend.community.manage.currency_of", currency_of)
    monkeypatch.setattr("backend.community.manage.defaults_of", lambda _: Defaults("0x", "http://koinon.test", "0x"))


def paid_in(home: TestHome, number: int, currency: str, *, members: int = 0, home_key: str | None = None) -> None:
    """There is one more community."""
    membership = f"0x{number + 100:040x}"
    with Session(home.mirror) as session:
        fields = session.get_one(Community, (CHAIN_ID, COMMUNITY)).model_dump()
    fields |= {"address": f"0x{number:040x}", "membership": membership, "currency": currency}
    home.write(Community(**fields | ({"home_key": home_key} if home_key else {})))
    for token_id in range(1, members + 1):
        row = membership_row(token_id, "0x" + "dd" * 20, 1, 2**39, 1)
        row.contract = membership
        home.write(row)


def offered(home: TestHome) -> list[str]:
    """Addresses in the list, the native coin's empty."""
    return re.findall(r'<option value="(\w*)" data-symbol', home.client().get("/open").text)


def test_founders_are_offered_what_communities_of_this_home_are_paid_in(home: TestHome) -> None:
    paid_in(home, 1, REAL)
    paid_in(home, 2, STRANGE, home_key="0x" + "99" * 20)

    assert offered(home) == ["", REAL]


def test_of_two_tokens_of_one_symbol_that_of_more_members_is_offered(home: TestHome) -> None:
    paid_in(home, 1, FAKE, members=1)
    paid_in(home, 2, REAL, members=2)
    paid_in(home, 3, COIN, members=3)

    assert offered(home) == ["", REAL]
