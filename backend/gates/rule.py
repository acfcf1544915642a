"""A rule is a boolean expression over holdings, as it stands in the log. Pure.

A rule is a tagged tree. Leaves ask for one thing that somebody holds; `all`, `any`, `n_of` and `not` join them. Each
has one canonical encoding, which an owner signs; amounts are decimal text in it, since JSON numbers end at 2**53.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

MAX_TIERS = 64
MAX_DEPTH = 6
MAX_NODES = 64
"""Leaves and joints of one rule together: what bounds every question about it."""
UINT256 = (1 << 256) - 1
LAST_MOMENT = 1 << 40
Level = Literal["bronze", "silver", "gold"]
LEVELS: tuple[Level, ...] = ("bronze", "silver", "gold")
Standard = Literal["erc20", "erc721", "erc1155"]
LEAST_MAX_AGE, MOST_MAX_AGE = 10, 86_400
"""Seconds that an asked balance of a rebasing token may be old."""


_MADE = re.compile(r"tiers(-[0-9]+)+")
"""The name that the page of a new post gives a gate (static/js/words.js)."""


def is_chosen(gate: str) -> bool:
    """Whether somebody chose the gate's name, so that it says something to people."""
    return _MADE.fullmatch(gate) is None


class RuleMalformed(ValueError):
    """This is no rule; the message says where."""


@dataclass(frozen=True)
class HoldsTier:
    """Holds a membership of one of these tiers that has not expired."""

    tiers: frozenset[int]

    def encode(self) -> dict[str, Any]:
        return {"op": "holds_tier", "tiers": sorted(self.tiers)}


@dataclass(frozen=True)
class BadgeLevel:
    """Owns a referral badge of at least this level."""

    level: Level

    def encode(self) -> dict[str, Any]:
        return {"op": "badge_level", "level": self.level}


@dataclass(frozen=True)
class HasAchievement:
    """Owns a token of this achievement of the community."""

    achievement: int

    def encode(self) -> dict[str, Any]:
        return {"op": "achievement", "achievement": self.achievement}


@dataclass(frozen=True)
class HasLicense:
    """Holds a license for this product of the community's store that has not expired."""

    product: int

    def encode(self) -> dict[str, Any]:
        return {"op": "license", "product": self.product}


@dataclass(frozen=True)
class Asset:
    """A token contract of the community's chain, or one id of it (always of an ERC-1155)."""

    standard: Standard
    contract: str
    id: int | None = None


@dataclass(frozen=True)
class HoldsToken:
    """Holds at least `least` and at most `most` base units of the asset (None: no limit).

    `max_age`: for tokens whose balances change without a transfer: the balance must have been asked for within so many
    seconds, and counts no longer.
    """

    asset: Asset
    least: int = 1
    most: int | None = None
    max_age: int | None = None

    def encode(self) -> dict[str, Any]:
        asset = self.asset
        fields: dict[str, Any] = {"op": asset.standard, "contract": asset.contract, "min": str(self.least)}
        if asset.id is not None:
            fields["id"] = str(asset.id)
        if self.most is not None:
            fields["max"] = str(self.most)
        if self.max_age is not None:
            fields["max_age"] = self.max_age
        return fields


@dataclass(frozen=True)
class Contributed:
    """Has at least `least` base units in this crowdsale, which were not refunded."""

    sale: str
    least: int

    def encode(self) -> dict[str, Any]:
        return {"op": "contributed", "sale": self.sale, "min": str(self.least)}


@dataclass(frozen=True)
class MemberSince:
    """Is a member, and has held a membership without a break for so many seconds."""

    seconds: int

    def encode(self) -> dict[str, Any]:
        return {"op": "member_since", "seconds": self.seconds}


@dataclass(frozen=True)
class OnList:
    """Stands on the list of accounts with this Merkle root, which is all that the log ever tells of it."""

    root: str

    def encode(self) -> dict[str, Any]:
        return {"op": "allow_list", "root": self.root}


@dataclass(frozen=True)
class Between:
    """It is `start` or later, and earlier than `end`, unix seconds; None: no limit."""

    start: int | None = None
    end: int | None = None

    def encode(self) -> dict[str, Any]:
        limits = {"from": self.start, "until": self.end}
        return {"op": "date", **{name: at for name, at in limits.items() if at is not None}}


@dataclass(frozen=True)
class AtLeast:
    """At least `count` of the rules hold. Written `all` and `any` where that says the same."""

    count: int
    rules: "tuple[Rule, ...]"

    def encode(self) -> dict[str, Any]:
        rules = [rule.encode() for rule in self.rules]
        if self.count == len(rules):
            return {"op": "all", "rules": rules}
        if self.count == 1:
            return {"op": "any", "rules": rules}
        return {"op": "n_of", "n": self.count, "rules": rules}


@dataclass(frozen=True)
class Not:
    """The rule does not hold, and that is known."""

    rule: "Rule"

    def encode(self) -> dict[str, Any]:
        return {"op": "not", "rule": self.rule.encode()}


Leaf = HoldsTier | BadgeLevel | HasAchievement | HasLicense | HoldsToken | Contributed | MemberSince | OnList | Between
Rule = Leaf | AtLeast | Not


def all_of(*rules: Rule) -> AtLeast:
    return AtLeast(len(rules), rules)


def any_of(*rules: Rule) -> AtLeast:
    return AtLeast(1, rules)


def leaves_of(rule: Rule) -> Iterator[Leaf]:
    """Every leaf, in the order in which the rule is written."""
    if isinstance(rule, AtLeast):
        for each in rule.rules:
            yield from leaves_of(each)
    elif isinstance(rule, Not):
        yield from leaves_of(rule.rule)
    else:
        yield rule


def parse_rule(value: object) -> Rule:
    """The rule that this JSON value writes. Raises RuleMalformed, also for operators of a later version."""
    return _Parser().rule(value, depth=1)


class _Parser:
    """Reads one rule, and counts its nodes: what is too deep or too large is refused before it is walked."""

    def __init__(self) -> None:
        self._nodes = 0

    def rule(self, value: object, *, depth: int) -> Rule:
        self._nodes += 1
        if depth > MAX_DEPTH:
            raise RuleMalformed(f"a rule is at most {MAX_DEPTH} levels deep")
        if self._nodes > MAX_NODES:
            raise RuleMalformed(f"a rule has at most {MAX_NODES} parts")
        if not isinstance(value, Mapping):
            raise RuleMalformed("a rule is an object with `op`")
        op = value.get("op")
        if op in ("all", "any", "n_of"):
            return self._joint(value, op, depth)
        if op == "not":
            _fields(value, "rule")
            return Not(self.rule(value["rule"], depth=depth + 1))
        return _leaf(value, op)

    def _joint(self, value: Mapping[str, object], op: str, depth: int) -> Rule:
        _fields(value, *(("n", "rules") if op == "n_of" else ("rules",)))
        parts = value["rules"]
        if not isinstance(parts, list | tuple) or not 1 <= len(parts) < MAX_NODES:
            raise RuleMalformed(f"`rules` of {op} lists 1 to {MAX_NODES - 1} rules")
        rules = tuple([self.rule(part, depth=depth + 1) for part in parts])
        count = {"all": len(rules), "any": 1}.get(op)
        return AtLeast(_integer(value, "n", 1, len(rules)) if count is None else count, rules)


def _leaf(value: Mapping[str, object], op: object) -> Leaf:
    if op == "holds_tier":
        return _holds_tier(value)
    if op in ("erc20", "erc721", "erc1155"):
        return _holds_token(value, op)
    if op == "badge_level":
        _fields(value, "level")
        return BadgeLevel(_level(value["level"]))
    if op == "achievement":
        _fields(value, "achievement")
        return HasAchievement(_integer(value, "achievement", 1, (1 << 40) - 1))
    if op == "license":
        _fields(value, "product")
        return HasLicense(_integer(value, "product", 1, (1 << 40) - 1))
    if op == "contributed":
        _fields(value, "sale", "min")
        return Contributed(_hex(value, "sale", 20), _amount(value, "min", 1))
    if op == "member_since":
        _fields(value, "seconds")
        return MemberSince(_integer(value, "seconds", 1, LAST_MOMENT))
    if op == "allow_list":
        _fields(value, "root")
        return OnList(_hex(value, "root", 32))
    if op == "date":
        return _between(value)
    raise RuleMalformed(f"operator {str(op)[:40]!r} is not known")


def _holds_tier(value: Mapping[str, object]) -> HoldsTier:
    _fields(value, "tiers")
    tiers = value["tiers"]
    if not isinstance(tiers, list) or not 1 <= len(tiers) <= MAX_TIERS:
        raise RuleMalformed(f"`tiers` lists 1 to {MAX_TIERS} tier ids")
    if any(type(tier) is not int or not 1 <= tier < 1 << 16 for tier in tiers):
        raise RuleMalformed("a tier id is an integer from 1 to 65535")
    return HoldsTier(frozenset(tiers))


def _holds_token(value: Mapping[str, object], standard: Standard) -> HoldsToken:
    _fields(value, "contract", "min", maybe=("id", "max", "max_age"))
    token_id = _amount(value, "id", 0) if "id" in value else None
    if (token_id is None) != (standard == "erc20") and standard != "erc721":
        raise RuleMalformed("an ERC-1155 balance has an `id`, an ERC-20 balance has none")
    asset = Asset(standard, _hex(value, "contract", 20), token_id)
    most = _amount(value, "max", 0) if "max" in value else None
    least = _amount(value, "min", 0)
    if (least == 0 and most is None) or (most is not None and most < least):
        raise RuleMalformed("`min` is above 0 or `max` says how much at most, and `max` is not below `min`")
    max_age = _integer(value, "max_age", LEAST_MAX_AGE, MOST_MAX_AGE) if "max_age" in value else None
    return HoldsToken(asset, least, most, max_age)


def _between(value: Mapping[str, object]) -> Between:
    _fields(value, maybe=("from", "until"))
    start = _integer(value, "from", 1, LAST_MOMENT) if "from" in value else None
    end = _integer(value, "until", 1, LAST_MOMENT) if "until" in value else None
    if (start is None and end is None) or (start is not None and end is not None and end <= start):
        raise RuleMalformed("a date has `from`, `until`, or both in this order")
    return Between(start, end)


def _level(value: object) -> Level:
    for level in LEVELS:
        if value == level:
            return level
    raise RuleMalformed(f"`level` is one of {', '.join(LEVELS)}")


def _fields(value: Mapping[str, object], *names: str, maybe: tuple[str, ...] = ()) -> None:
    wanted = {"op", *names}
    if not wanted <= set(value) <= wanted | set(maybe):
        raise RuleMalformed(f"{value['op']} has {', '.join(f'`{name}`' for name in (*names, *maybe))} and nothing else")


def _integer(value: Mapping[str, object], name: str, least: int, most: int) -> int:
    number = value[name]
    if type(number) is not int or not least <= number <= most:
        raise RuleMalformed(f"`{name}` is an integer from {least} to {most}")
    return number


def _amount(value: Mapping[str, object], name: str, least: int) -> int:
    text = value[name]
    if not isinstance(text, str) or len(text) > 78 or not text.isascii() or not text.isdecimal():
        raise RuleMalformed(f"`{name}` is a decimal number as text")
    number = int(text)
    if str(number) != text or not least <= number <= UINT256:
        raise RuleMalformed(f"`{name}` is from {least} to 2**256 - 1, without leading zeros")
    return number


def _hex(value: Mapping[str, object], name: str, size: int) -> str:
    text = value[name]
    if not isinstance(text, str) or len(text) != 2 + 2 * size or text[:2] != "0x":
        raise RuleMalformed(f"`{name}` is a 0x text of {size} bytes")
    if set(text[2:]) - set("0123456789abcdef"):
        raise RuleMalformed(f"`{name}` has digits 0-9 and a-f only")
    return text
