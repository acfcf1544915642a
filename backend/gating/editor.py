"""What the editor's form holds, and the rule that it builds. Pure: everything typed is text, and wrong until it parses.

A draft has groups of conditions: within a group all, any or some of them must hold, and so must all, any or some of the
groups. That is one level less than rules can have; a deeper one has no draft and can only be replaced.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Literal

from backend.gates.rule import (
    LEVELS,
    UINT256,
    Asset,
    AtLeast,
    BadgeLevel,
    Between,
    Contributed,
    HasAchievement,
    HasLicense,
    HoldsTier,
    HoldsToken,
    Leaf,
    MemberSince,
    Not,
    OnList,
    Rule,
    RuleMalformed,
    Standard,
    parse_rule,
)

KINDS = (
    *("tier", "erc20", "erc721", "picture", "erc1155"),
    *("badge", "achievement", "license", "contributed", "since", "list", "date"),
)
JOINS = ("all", "any", "some")
MOST_GROUPS, MOST_ROWS = 6, 12
MOST_LISTED_TEXT = 600_000
DIGITS = 400
"""As many as 78 of an amount and 255 decimals can need."""
DAY = 86_400
Join = Literal["all", "any", "some"]


class Mistyped(ValueError):
    """The row builds no condition; the message is a code."""


@dataclass(frozen=True)
class Row:
    """One condition as it was typed. `error` is a code of what is wrong with it."""

    kind: str
    negated: bool = False
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    error: str = ""

    def one(self, name: str) -> str:
        """What was typed into the field, or empty."""
        found = self.values.get(name, ())
        return found[0].strip() if found else ""

    def many(self, name: str) -> Sequence[str]:
        return self.values.get(name, ())


@dataclass(frozen=True)
class Group:
    rows: Sequence[Row] = ()
    join: str = "any"
    count: str = "2"


@dataclass(frozen=True)
class Draft:
    """`name` is the gate's. `error`: what is wrong with the whole."""

    name: str = ""
    groups: Sequence[Group] = (Group(),)
    join: str = "all"
    count: str = "2"
    error: str = ""


@dataclass(frozen=True)
class Units:
    """Decimals of amounts: of an ERC-20 by its address (may raise Mistyped), and of the community's currency."""

    token: Callable[[str], int]
    currency: int


def license_draft(product: int) -> Draft:
    """A gate that a license for this product opens."""
    row = Row("license", values={"product": [str(product)]})
    return Draft(f"license-{product}", (Group((row,)),))


Form = Sequence[tuple[str, str]]
"""Names and values in the order of the page."""


def draft_of(form: Form) -> Draft:
    """What the form holds, as many groups and rows as there may be."""
    fields: dict[str, list[str]] = {}
    for name, value in form:
        fields.setdefault(name, []).append(value[:MOST_LISTED_TEXT] if name.endswith(".accounts") else value[:200])
    one = {name: values[0] for name, values in fields.items()}
    groups = []
    for g in range(MOST_GROUPS):
        if f"g{g}.join" not in one:
            break
        rows = []
        for r in range(MOST_ROWS):
            prefix = f"g{g}.r{r}."
            kind = one.get(prefix + "kind")
            if kind not in KINDS:
                break
            values = {name.removeprefix(prefix): each for name, each in fields.items() if name.startswith(prefix)}
            rows.append(Row(kind, prefix + "not" in one, {k: v for k, v in values.items() if k not in ("kind", "not")}))
        groups.append(Group(tuple(rows), _join(one.get(f"g{g}.join")), one.get(f"g{g}.count", "2")))
    return Draft(one.get("name", ""), tuple(groups) or (Group(),), _join(one.get("join")), one.get("count", "2"))


def _join(value: str | None) -> str:
    return value if value in JOINS else "all"


def changed(draft: Draft, do: str, form: Form) -> Draft:
    """The draft after a button: `add g0`, `remove g0 r1`, `group`, `ungroup g1`; any other changes nothing."""
    verb, *places = do.split(" ")
    numbers = [int(place[1:]) for place in places if place[1:].isdecimal() and len(place) < 4]
    groups = list(draft.groups)
    if verb == "group" and len(groups) < MOST_GROUPS:
        return replace(draft, groups=(*groups, Group()))
    if not numbers or numbers[0] >= len(groups):
        return draft
    group = groups[numbers[0]]
    if verb == "ungroup" and len(groups) > 1:
        del groups[numbers[0]]
    elif verb == "add" and len(group.rows) < MOST_ROWS:
        kind = dict(form).get(f"g{numbers[0]}.add", "tier")
        groups[numbers[0]] = replace(group, rows=(*group.rows, Row(kind if kind in KINDS else "tier")))
    elif verb == "remove" and len(numbers) > 1:
        rows = [row for index, row in enumerate(group.rows) if index != numbers[1]]
        groups[numbers[0]] = replace(group, rows=tuple(rows))
    return replace(draft, groups=tuple(groups))


# --- Draft -> rule -----------------------------------------------------------------------------------------------


def rule_from(draft: Draft, units: Units, keep: Callable[[list[str]], str]) -> tuple[Draft, Rule | None]:
    """The rule, or None and what is wrong by row. `keep` remembers a list of accounts and gives its root."""
    groups: list[Group] = []
    parts: list[tuple[list[Rule], str, str]] = []
    for group in draft.groups:
        rows: list[Row] = []
        rules: list[Rule] = []
        for row in group.rows:
            try:
                leaf = _leaf(row, units, keep)
            except (Mistyped, RuleMalformed) as error:
                rows.append(replace(row, error=str(error) if isinstance(error, Mistyped) else "malformed"))
                continue
            rows.append(replace(row, values=_shown(row, leaf)))
            rules.append(Not(leaf) if row.negated else leaf)
        groups.append(replace(group, rows=tuple(rows)))
        if rules:
            parts.append((rules, group.join, group.count))
    checked = replace(draft, groups=tuple(groups))
    if any(row.error for group in groups for row in group.rows):
        return checked, None
    if not parts:
        return replace(checked, error="empty"), None
    try:
        joined = [_joined(*part) for part in parts]
        return checked, parse_rule(_joined(joined, draft.join, draft.count).encode())
    except (Mistyped, RuleMalformed) as error:
        return replace(checked, error=str(error) if isinstance(error, Mistyped) else "too-large"), None


def _shown(row: Row, leaf: Leaf) -> Mapping[str, Sequence[str]]:
    """A list that was taken in is known by its root from now on."""
    return {"root": [leaf.root]} if isinstance(leaf, OnList) else row.values


def _joined(rules: Sequence[Rule], join: str, count: str) -> Rule:
    if len(rules) == 1:
        return rules[0]
    if join != "some":
        return AtLeast(len(rules) if join == "all" else 1, tuple(rules))
    number = _number(count, 1, len(rules), "count")
    return AtLeast(number, tuple(rules))


def _leaf(row: Row, units: Units, keep: Callable[[list[str]], str]) -> Leaf:
    match row.kind:
        case "tier":
            tiers = frozenset(_number(each, 1, 65_535, "tier") for each in row.many("tiers"))
            if not tiers:
                raise Mistyped("tier")
            return HoldsTier(tiers)
        case "badge":
            level = row.one("level")
            return BadgeLevel(next((each for each in LEVELS if each == level), "bronze"))
        case "achievement":
            return HasAchievement(_number(row.one("achievement"), 1, (1 << 40) - 1, "achievement"))
        case "license":
            return HasLicense(_number(row.one("product"), 1, (1 << 40) - 1, "product"))
        case "contributed":
            sale = _address(row.one("sale"), "sale")
            return Contributed(sale, _amount(row.one("least"), units.currency, least=1))
        case "since":
            return MemberSince(DAY * _number(row.one("days"), 1, 36_500, "days"))
        case "list":
            return OnList(row.one("root") or keep(_accounts(row.one("accounts"))))
        case "date":
            return _between(row)
    return _token(row, units)


def _token(row: Row, units: Units) -> HoldsToken:
    contract = _address(row.one("contract"), "contract")
    token_id = _number(row.one("id"), 0, UINT256, "id") if row.kind in ("picture", "erc1155") else None
    if row.kind == "picture":
        return HoldsToken(Asset("erc721", contract, token_id))
    standard = _standard(row.kind)
    decimals = units.token(contract) if standard == "erc20" else 0
    most = _amount(row.one("most"), decimals, least=0) if row.one("most") else None
    least = _amount(row.one("least"), decimals, least=0) if row.one("least") else 0
    if (not least and most is None) or (most is not None and most < least):
        raise Mistyped("amount")
    max_age = _number(row.one("fresh"), 10, DAY, "fresh") if row.one("fresh") else None
    return HoldsToken(Asset(standard, contract, token_id), least, most, max_age)


def _standard(kind: str) -> Standard:
    """The kind of a row that no other case has taken."""
    match kind:
        case "erc20" | "erc721" | "erc1155":
            return kind
    raise ValueError(kind)


def _between(row: Row) -> Between:
    start, end = (_moment(row.one(name)) for name in ("from", "until"))
    if (start is None and end is None) or (start is not None and end is not None and end <= start):
        raise Mistyped("date")
    return Between(start, end)


def _moment(text: str) -> int | None:
    if not text:
        return None
    try:
        return max(1, int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()))
    except (ValueError, OverflowError) as error:
        raise Mistyped("date") from error


def _accounts(text: str) -> list[str]:
    accounts = [_address(each, "accounts") for each in text.replace(",", " ").replace(";", " ").split()]
    if not accounts:
        raise Mistyped("accounts")
    return accounts


def _address(text: str, code: str) -> str:
    address = text.lower()
    if len(address) != 42 or not address.startswith("0x") or set(address[2:]) - set("0123456789abcdef"):
        raise Mistyped(code)
    return address


def _number(text: str, least: int, most: int, code: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 78 and least <= int(text) <= most):
        raise Mistyped(code)
    return int(text)


def _amount(text: str, decimals: int, *, least: int) -> int:
    """Base units of what was typed in whole units. Raises Mistyped when that has more digits than the token."""
    try:
        with localcontext(prec=DIGITS):
            value = Decimal(text.replace(",", ".").replace(" ", "")).scaleb(decimals)
            if not value.is_finite() or value.adjusted() > 78 or value != value.to_integral_value():
                raise Mistyped("amount")
    except ArithmeticError as error:
        raise Mistyped("amount") from error
    if not least <= value <= UINT256:
        raise Mistyped("amount")
    return int(value)


# --- Rule -> draft -----------------------------------------------------------------------------------------------


def draft_from(name: str, rule: Rule, units: Units) -> Draft | None:
    """The draft that builds this rule; None for one that is deeper than a draft."""
    try:
        if isinstance(rule, AtLeast) and any(isinstance(part, AtLeast) for part in rule.rules):
            join, count = _join_of(rule)
            groups = tuple(_group(part, units) for part in rule.rules)
            return Draft(name, groups, join, count) if len(groups) <= MOST_GROUPS else None
        return Draft(name, (_group(rule, units),))
    except Mistyped:
        return None


def _group(rule: Rule, units: Units) -> Group:
    if not isinstance(rule, AtLeast):
        return Group((_row(rule, units),))
    if len(rule.rules) > MOST_ROWS:
        raise Mistyped("too-large")
    join, count = _join_of(rule)
    return Group(tuple(_row(part, units) for part in rule.rules), join, count)


def _join_of(rule: AtLeast) -> tuple[str, str]:
    join = "all" if rule.count == len(rule.rules) else "any" if rule.count == 1 else "some"
    return join, str(rule.count)


def _row(rule: Rule, units: Units) -> Row:
    if isinstance(rule, Not):
        if isinstance(rule.rule, Not | AtLeast):
            raise Mistyped("too-deep")
        return replace(_row(rule.rule, units), negated=True)
    match rule:
        case HoldsTier(tiers):
            return Row("tier", values={"tiers": [str(each) for each in sorted(tiers)]})
        case BadgeLevel(level):
            return Row("badge", values={"level": [level]})
        case HasAchievement(achievement):
            return Row("achievement", values={"achievement": [str(achievement)]})
        case HasLicense(product):
            return Row("license", values={"product": [str(product)]})
        case Contributed(sale, least):
            return Row("contributed", values={"sale": [sale], "least": [_typed(least, units.currency)]})
        case MemberSince(seconds) if seconds % DAY == 0:
            return Row("since", values={"days": [str(seconds // DAY)]})
        case OnList(root):
            return Row("list", values={"root": [root]})
        case Between(start, end):
            limits = {"from": start, "until": end}
            return Row("date", values={name: [_typed_moment(at)] for name, at in limits.items() if at is not None})
        case HoldsToken():
            return _token_row(rule, units)
    raise Mistyped("too-deep")


def _token_row(leaf: HoldsToken, units: Units) -> Row:
    asset = leaf.asset
    values = {"contract": [asset.contract], **({} if asset.id is None else {"id": [str(asset.id)]})}
    if asset.standard == "erc721" and asset.id is not None:
        if (leaf.least, leaf.most, leaf.max_age) != (1, None, None):
            raise Mistyped("too-deep")
        return Row("picture", values=values)
    decimals = units.token(asset.contract) if asset.standard == "erc20" else 0
    limits = {"least": leaf.least or None, "most": leaf.most}
    values |= {name: [_typed(amount, decimals)] for name, amount in limits.items() if amount is not None}
    return Row(asset.standard, values=values | ({"fresh": [str(leaf.max_age)]} if leaf.max_age else {}))


def _typed(amount: int, decimals: int) -> str:
    with localcontext(prec=DIGITS):
        text = f"{Decimal(amount).scaleb(-decimals):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _typed_moment(at: int) -> str:
    if at % 60 or at > 253_402_300_000:
        raise Mistyped("too-deep")
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M")
