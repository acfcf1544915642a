"""A rule is read strictly, so that what was signed today means the same tomorrow."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.gates.rule import (
    MAX_DEPTH,
    MAX_NODES,
    MAX_TIERS,
    Asset,
    HoldsTier,
    HoldsToken,
    Not,
    Rule,
    RuleMalformed,
    all_of,
    any_of,
    leaves_of,
    parse_rule,
)
from tests.factories.gates import rules

ids = st.integers(1, (1 << 16) - 1)
TOKEN = "0x" + "e2" * 20
TIER = {"op": "holds_tier", "tiers": [1]}
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(TIER),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["op", "rules", "rule", "n", "tiers", "min", "id"]) | st.text(), inner)
        | st.builds(
            lambda op, parts: {"op": op, "rules": parts}, st.sampled_from(["all", "any", "n_of"]), st.lists(inner)
        )
        | st.builds(lambda part: {"op": "not", "rule": part}, inner)
    ),
    max_leaves=10,
)


def nested(depth: int) -> Any:
    value: Any = TIER
    for _ in range(depth - 1):
        value = {"op": "not", "rule": value}
    return value


@given(st.frozensets(ids, min_size=1, max_size=MAX_TIERS))
def test_a_rule_of_tiers_is_written_as_it_always_was(tiers: frozenset[int]) -> None:
    assert HoldsTier(tiers).encode() == {"op": "holds_tier", "tiers": sorted(tiers)}
    assert parse_rule(HoldsTier(tiers).encode()) == HoldsTier(tiers)


@given(rules)
def test_a_rule_is_read_as_it_is_written(rule: Rule) -> None:
    written = json.loads(json.dumps(rule.encode()))
    if depth(written) > MAX_DEPTH:
        return

    assert parse_rule(written) == rule
    assert parse_rule(written).encode() == written


def depth(written: Any) -> int:
    return 1 + max(
        map(depth, [*written.get("rules", []), *([written["rule"]] if "rule" in written else [])]), default=0
    )


@given(junk)
def test_whatever_is_no_rule_is_refused_as_such(value: Any) -> None:
    try:
        rule = parse_rule(value)
    except RuleMalformed:
        return
    assert parse_rule(rule.encode()) == rule


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "holds_tier",
        {},
        {"op": []},
        {"op": "any", "of": []},
        {"op": "any", "rules": []},
        {"op": "n_of", "rules": [TIER]},
        {"op": "n_of", "n": 0, "rules": [TIER]},
        {"op": "n_of", "n": 2, "rules": [TIER]},
        {"op": "n_of", "n": True, "rules": [TIER]},
        {"op": "not", "rules": [TIER]},
        {"op": "all", "n": 1, "rules": [TIER]},
        {"op": "holds_tier"},
        {"op": "holds_tier", "tiers": [1], "more": 1},
        {"op": "holds_tier", "tiers": []},
        {"op": "holds_tier", "tiers": list(range(1, MAX_TIERS + 2))},
        {"op": "holds_tier", "tiers": [0]},
        {"op": "holds_tier", "tiers": [1 << 16]},
        {"op": "holds_tier", "tiers": [True]},
        {"op": "holds_tier", "tiers": ["1"]},
        {"op": "holds_tier", "tiers": {"1": 1}},
        {"op": "badge_level", "level": "platinum"},
        {"op": "badge_level", "level": 1},
        {"op": "achievement", "achievement": 0},
        {"op": "license", "product": 1 << 40},
        {"op": "erc20", "contract": TOKEN},
        {"op": "erc20", "contract": TOKEN.upper(), "min": "1"},
        {"op": "erc20", "contract": TOKEN[:-1], "min": "1"},
        {"op": "erc20", "contract": TOKEN[:-1] + "g", "min": "1"},
        {"op": "erc20", "contract": TOKEN, "min": 1},
        {"op": "erc20", "contract": TOKEN, "min": "01"},
        {"op": "erc20", "contract": TOKEN, "min": "-1"},
        {"op": "erc20", "contract": TOKEN, "min": "٣"},
        {"op": "erc20", "contract": TOKEN, "min": "²"},
        {"op": "erc20", "contract": TOKEN, "min": "9" * 79},
        {"op": "erc20", "contract": TOKEN, "min": str(1 << 256)},
        {"op": "erc20", "contract": TOKEN, "min": "0"},
        {"op": "erc20", "contract": TOKEN, "min": "2", "max": "1"},
        {"op": "erc20", "contract": TOKEN, "min": "1", "id": "1"},
        {"op": "erc20", "contract": TOKEN, "min": "1", "max_age": 1},
        {"op": "erc1155", "contract": TOKEN, "min": "1"},
        {"op": "contributed", "sale": TOKEN, "min": "0"},
        {"op": "member_since", "seconds": 0},
        {"op": "allow_list", "root": TOKEN},
        {"op": "date"},
        {"op": "date", "from": 5, "until": 5},
        {"op": "date", "from": 0},
        nested(MAX_DEPTH + 1),
        {"op": "any", "rules": [{"op": "all", "rules": [TIER] * (MAX_NODES // 4)}] * 5},
    ],
)
def test_anything_else_is_no_rule(value: object) -> None:
    with pytest.raises(RuleMalformed):
        parse_rule(value)


def test_rules_within_the_bounds_are_rules() -> None:
    assert parse_rule(nested(MAX_DEPTH)) is not None
    assert sum(1 for _ in leaves_of(parse_rule({"op": "any", "rules": [TIER] * (MAX_NODES - 1)}))) == MAX_NODES - 1


def test_all_any_and_not_are_written_by_their_names() -> None:
    token, tier = HoldsToken(Asset("erc20", TOKEN), 3), HoldsTier(frozenset({2}))

    assert any_of(tier, token).encode()["op"] == "any"
    assert all_of(tier, Not(token)).encode() == {
        "op": "all",
        "rules": [
            {"op": "holds_tier", "tiers": [2]},
            {"op": "not", "rule": {"op": "erc20", "contract": TOKEN, "min": "3"}},
        ],
    }


def test_a_hostile_rule_is_refused_at_once() -> None:
    value: Any = TIER
    for _ in range(100_000):
        value = {"op": "not", "rule": value}
    wide: Any = {"op": "any", "rules": [{"op": "any", "rules": [TIER] * 63}] * 63}
    started = time.perf_counter()

    for hostile in (value, wide, {"op": "erc20", "contract": "0x" + "e" * 10_000_000, "min": "9" * 10_000_000}):
        with pytest.raises(RuleMalformed):
            parse_rule(hostile)

    assert time.perf_counter() - started < 1
    while isinstance(value, dict):  # taken apart by hand: the interpreter would recurse
        value = value.get("rule")
