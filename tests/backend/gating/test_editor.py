"""What is typed into the editor builds exactly the rule that it shows, or says where it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.gates.rule import (
    Asset,
    AtLeast,
    HoldsTier,
    HoldsToken,
    MemberSince,
    Not,
    OnList,
    Rule,
    any_of,
    parse_rule,
)
from backend.gating.editor import Draft, Form, Mistyped, Units, changed, draft_from, draft_of, rule_from
from tests.factories.gates import rules

TOKEN = "0x" + "e2" * 20
ROOT = "0x" + "1a" * 32
UNITS = Units(lambda contract: 18, 6)
ONE = 10**18


def fields(**values: str) -> Form:
    """A form with one group of one row."""
    return [("name", "a-gate"), ("g0.join", "any"), *((f"g0.r0.{name}", value) for name, value in values.items())]


def built(form: Form) -> tuple[Draft, Rule | None]:
    return rule_from(draft_of(form), UNITS, lambda accounts: ROOT)


def form_of(draft: Draft) -> Form:
    """As the page would send the draft again."""
    form = [("name", draft.name), ("join", draft.join), ("count", draft.count)]
    for g, group in enumerate(draft.groups):
        form += [(f"g{g}.join", group.join), (f"g{g}.count", group.count)]
        for r, row in enumerate(group.rows):
            form += [(f"g{g}.r{r}.kind", row.kind), *([(f"g{g}.r{r}.not", "1")] if row.negated else [])]
            form += [(f"g{g}.r{r}.{name}", value) for name, values in row.values.items() for value in values]
    return form


@given(rules)
def test_a_rule_that_the_page_can_edit_comes_back_as_it_was(rule: Rule) -> None:
    draft = draft_from("a-gate", rule, UNITS)
    if draft is None:
        return
    _, again = built(form_of(draft))

    assert again is not None
    assert again.encode() == flat(rule).encode()


def flat(rule: Rule) -> Rule:
    """Joints of one part say no more than the part."""
    if isinstance(rule, Not):
        return Not(flat(rule.rule))
    if isinstance(rule, AtLeast):
        parts = tuple(flat(part) for part in rule.rules)
        return parts[0] if len(parts) == 1 else AtLeast(rule.count, parts)
    return rule


def test_tier_two_or_three_coins() -> None:
    form = [
        *fields(kind="tier", tiers="2"),
        ("g0.r1.kind", "erc20"),
        ("g0.r1.contract", TOKEN.upper().replace("0X", "0x")),
        ("g0.r1.least", "3"),
    ]

    _, rule = built(form)

    assert rule == any_of(HoldsTier(frozenset({2})), HoldsToken(Asset("erc20", TOKEN), 3 * ONE))


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"kind": "tier"}, "tier"),
        ({"kind": "tier", "tiers": "0"}, "tier"),
        ({"kind": "erc20", "contract": "0x12", "least": "1"}, "contract"),
        ({"kind": "erc20", "contract": TOKEN}, "amount"),
        ({"kind": "erc20", "contract": TOKEN, "least": "0.0000000000000000001"}, "amount"),
        ({"kind": "erc20", "contract": TOKEN, "least": "1e400"}, "amount"),
        ({"kind": "erc20", "contract": TOKEN, "least": "NaN"}, "amount"),
        ({"kind": "erc20", "contract": TOKEN, "least": "1e999999999999"}, "amount"),
        ({"kind": "erc20", "contract": TOKEN, "least": "3", "most": "2"}, "amount"),
        ({"kind": "erc20", "contract": TOKEN, "least": "3", "fresh": "1"}, "fresh"),
        ({"kind": "picture", "contract": TOKEN, "id": "x"}, "id"),
        ({"kind": "since", "days": "0"}, "days"),
        ({"kind": "list", "accounts": "0x12 0x34"}, "accounts"),
        ({"kind": "list", "accounts": " "}, "accounts"),
        ({"kind": "date"}, "date"),
        ({"kind": "date", "from": "2030-01-01T00:00", "until": "2029-01-01T00:00"}, "date"),
        ({"kind": "date", "from": "soon"}, "date"),
        ({"kind": "achievement"}, "achievement"),
        ({"kind": "license", "product": "1" * 90}, "product"),
        ({"kind": "contributed", "sale": TOKEN, "least": "1.1234567"}, "amount"),
        ({"kind": "list", "root": "0x12"}, "malformed"),
    ],
)
def test_what_builds_no_condition_is_named(values: dict[str, str], error: str) -> None:
    draft, rule = built(fields(**values))

    if rule is None:
        assert [row.error for row in draft.groups[0].rows] == [error] or draft.error
    else:
        assert error == "malformed"
        with pytest.raises(ValueError):
            parse_rule(rule.encode())


def test_a_contract_that_is_none_is_named() -> None:
    def nothing(contract: str) -> int:
        raise Mistyped("no-contract")

    draft, rule = rule_from(
        draft_of(fields(kind="erc20", contract=TOKEN, least="1")), Units(nothing, 6), lambda _: ROOT
    )

    assert rule is None
    assert draft.groups[0].rows[0].error == "no-contract"


def test_a_list_is_taken_in_once_and_known_by_its_root_then() -> None:
    kept: list[list[str]] = []

    def keep(accounts: list[str]) -> str:
        kept.append(accounts)
        return ROOT

    draft, rule = rule_from(draft_of(fields(kind="list", accounts=f"{TOKEN},\n{TOKEN}")), UNITS, keep)
    _, again = rule_from(draft_of(form_of(draft)), UNITS, keep)

    assert rule == again == OnList(ROOT)
    assert kept == [[TOKEN, TOKEN]]
    assert TOKEN not in str(form_of(draft))


def test_buttons_add_and_remove_conditions_and_groups() -> None:
    form = [*fields(kind="since", days="30"), ("g0.add", "erc20")]
    draft = draft_of(form)

    added = changed(draft, "add g0", form)
    removed = changed(added, "remove g0 r0", form)
    grouped = changed(added, "group", form)

    assert [row.kind for row in added.groups[0].rows] == ["since", "erc20"]
    assert [row.kind for row in removed.groups[0].rows] == ["erc20"]
    assert len(grouped.groups) == 2
    assert changed(grouped, "ungroup g1", form) == added
    assert rule_from(draft, UNITS, lambda _: ROOT)[1] == MemberSince(30 * 86_400)
    for nonsense in ("add g9", "remove g0", "remove", "ungroup g0", "add gx", "add g²", ""):
        assert changed(draft, nonsense, form).groups == draft.groups


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["g0.join", "g0.r0.kind", "g0.r0.tiers", "join", "count", "g0.add"]) | st.text(),
            st.text() | st.sampled_from(["tier", "erc20", "some"]),
        )
    ),
    st.text(),
)
def test_no_form_breaks_the_editor(form: list[tuple[str, str]], do: str) -> None:
    rule_from(changed(draft_of(form), do, form), UNITS, lambda accounts: ROOT)
