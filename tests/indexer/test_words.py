"""The packed words of events: the layouts of the contracts, and what is read from them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.events.words import (
    CONTRIBUTION,
    LEDGER,
    MONEY,
    RAISED,
    TERMS,
    Layout,
    contribution_of,
    ledger_of,
    money_of,
    raised_of,
    terms_of,
)
from tests.fakes.contracts import packed
from tests.fixtures.tools import ROOT

NATSPEC = [
    ROOT / "contracts" / "membership" / "IMembershipBase.sol",
    ROOT / "contracts" / "crowdsale" / "ICrowdsale.sol",
]
LAYOUTS = {
    "terms": (96, TERMS),
    "money": (224, MONEY),
    "ledger": (256, LEDGER),
    "contribution": (256, CONTRIBUTION),
    "raised": (256, RAISED),
}


def written(name: str) -> dict[str, int]:
    """Fields of the word with their bits, as the contracts' documentation says; `0 2` are two empty bits."""
    text = " ".join(line.strip().removeprefix("///") for path in NATSPEC for line in path.read_text().splitlines())
    found = re.search(rf"`{name}`(?: \(\d+ bits\):| is) `(.+?)`", text)
    assert found is not None
    return {"_" if field == "0" else _snake(field): int(bits) for field, bits in re.findall(r"(\w+) (\d+)", found[1])}


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", r"_\1", name).lower()


def values_of(layout: Layout) -> st.SearchStrategy[dict[str, int]]:
    names = {name: bits for name, bits in layout.bits.items() if name != "_"}
    return st.fixed_dictionaries({name: st.integers(0, 2**bits - 1) for name, bits in names.items()})


@pytest.mark.parametrize("name", LAYOUTS)
def test_layout_is_the_one_that_the_contract_documents(name: str) -> None:
    bits, layout = LAYOUTS[name]

    assert list(written(name).items()) == list(layout.bits.items())
    assert sum(layout.bits.values()) == bits


@pytest.mark.parametrize("layout", [layout for _, layout in LAYOUTS.values()], ids=LAYOUTS)
def test_fields_of_gives_back_what_was_packed(layout: Layout) -> None:
    @given(values=values_of(layout))
    def check(values: dict[str, int]) -> None:
        assert layout.fields_of(packed(layout, **values)) == values

    check()


def test_terms_of_reads_from_the_highest_bits_down() -> None:
    assert terms_of((2**40 - 1) << 56 | 7 << 40 | 5) == {"expires_at": 2**40 - 1, "tier_id": 7, "badge": 5}


def test_money_of_gives_seconds_and_names_the_flags() -> None:
    word = packed(MONEY, unearned=9, settled_at=1, earned_at=2, rate=500, count_at=3, transfer_count=4, flags=5)

    assert money_of(word) == {
        "unearned": 9,
        "settled_at": 1,
        "earned_at": 2,
        "rate": 500,
        "count_at": 3 * 3600,
        "transfer_count": 4,
        "counted": True,
        "chosen": False,
        "released": True,
    }


def test_ledger_of_names_what_is_either_so_or_not() -> None:
    word = packed(LEDGER, income=2**112 - 1, volume=2**104 - 1, counted=3, level=2, version=4, used=1, minted=0)

    assert ledger_of(word) == {
        "income": 2**112 - 1,
        "volume": 2**104 - 1,
        "counted": 3,
        "level": 2,
        "version": 4,
        "used": True,
        "minted": False,
    }


def test_contribution_of_names_the_flags() -> None:
    word = packed(CONTRIBUTION, amount=2**96 - 1, bought=2**104 - 1, badge=5, flags=2)

    assert contribution_of(word) == {
        "amount": 2**96 - 1,
        "bought": 2**104 - 1,
        "badge": 5,
        "tier": False,
        "voted": True,
    }


def test_raised_of_passes_over_what_holds_nothing() -> None:
    word = packed(RAISED, amount=7, tier_money=5, finalized_at=3) | 2**24 - 1

    assert raised_of(word) == {"amount": 7, "tier_money": 5, "finalized_at": 3}
