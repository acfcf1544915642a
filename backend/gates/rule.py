"""A rule is a boolean expression over holdings, as it stands in the log. Pure.

Version 1 of the format has one leaf; a rule is a tagged tree, so that later nodes (all, any, n-of, not, outside tokens)
add operators without changing what is signed today.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_TIERS = 64


class RuleMalformed(ValueError):
    """This is no rule; the message says where."""


@dataclass(frozen=True)
class HoldsTier:
    """Holds a membership of one of these tiers that has not expired."""

    tiers: frozenset[int]

    def encode(self) -> dict[str, Any]:
        return {"op": "holds_tier", "tiers": sorted(self.tiers)}


Rule = HoldsTier


def parse_rule(value: object) -> Rule:
    """The rule that this JSON value writes. Raises RuleMalformed, also for operators of a later version."""
    if not isinstance(value, Mapping):
        raise RuleMalformed("a rule is an object with `op`")
    if value.get("op") != "holds_tier":
        raise RuleMalformed(f"operator {value.get('op')!r} is not known")
    if set(value) != {"op", "tiers"}:
        raise RuleMalformed("holds_tier has `tiers` and nothing else")
    tiers = value["tiers"]
    if not isinstance(tiers, list) or not 1 <= len(tiers) <= MAX_TIERS:
        raise RuleMalformed(f"`tiers` lists 1 to {MAX_TIERS} tier ids")
    if any(type(tier) is not int or not 1 <= tier < 1 << 16 for tier in tiers):
        raise RuleMalformed("a tier id is an integer from 1 to 65535")
    return HoldsTier(frozenset(tiers))
