"""A rule is read strictly, so that what was signed today means the same tomorrow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.gates.rule import MAX_TIERS, HoldsTier, RuleMalformed, parse_rule

ids = st.integers(1, (1 << 16) - 1)


@given(st.frozensets(ids, min_size=1, max_size=MAX_TIERS))
def test_a_rule_is_read_as_it_is_written(tiers: frozenset[int]) -> None:
    assert parse_rule(HoldsTier(tiers).encode()) == HoldsTier(tiers)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "holds_tier",
        {},
        {"op": "any", "of": []},
        {"op": "holds_tier"},
        {"op": "holds_tier", "tiers": [1], "more": 1},
        {"op": "holds_tier", "tiers": []},
        {"op": "holds_tier", "tiers": list(range(1, MAX_TIERS + 2))},
        {"op": "holds_tier", "tiers": [0]},
        {"op": "holds_tier", "tiers": [1 << 16]},
        {"op": "holds_tier", "tiers": [True]},
        {"op": "holds_tier", "tiers": ["1"]},
        {"op": "holds_tier", "tiers": {"1": 1}},
    ],
)
def test_anything_else_is_no_rule(value: object) -> None:
    with pytest.raises(RuleMalformed):
        parse_rule(value)
