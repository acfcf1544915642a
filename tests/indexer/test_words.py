"""The packed words of events: the layouts of the contracts, and what is read from them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.events.words import LEDGER, MONEY, TERMS, Layout, ledger_of, money_of, terms_of
from tests.fakes.contracts import packed
from tests.fixtures.tools import ROOT

NATSPEC = ROOT / "contracts" / "membership" / "IMembershipBase.sol"
LAYOUTS = {"terms": (96, TERMS), "money": (224, MONEY), "ledger": (256, LEDGER)}


def written(name: str) -> tuple[int, dict[str, int]]:
    """Bits of the word and of its fields, as the contract's documentation says; the words `0 2` are two empty bits."""
    found = re.search(rf"`{name}` \((\d+) bits\): `(.+?)`", NATSPEC.read_text())
    assert found is not None
    fields = re.findall(r"(\w+) (\d+)", found[2])
    return int(found[1]), {"_" if field == "0" else _snake(field): int(bits) for field, bits in fields}


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", r"_\1", name).lower()


def values_of(layout: Layout) -> st.SearchStrategy[dict[str, int]]:
    names = {name: bits for name, bits in layout.bits.items() if name != "_"}
    return st.fixed_dictionaries({name: st.integers(0, 2**bits - 1) for name, bits in names.items()})


@pytest.mark.parametrize("name", LAYOUTS)
def test_layout_is_the_one_that_the_contract_documents(name: str) -> None:
    bits, layout = LAYOUTS[name]

    assert written(name) == (bits, layout.bits)
    assert list(written(name)[1]) == list(layout.bits)
    assert sum(layout.bits.values()) == bits


@pytest.mark.parametrize("layout", [TERMS, MONEY, LEDGER], ids=LAYOUTS)
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
