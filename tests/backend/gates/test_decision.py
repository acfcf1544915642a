"""A decision follows from rule, holdings and time, and from nothing else."""

import time
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from backend.gates.decision import FOREVER, Allowed, Balance, Condition, Denied, Held, Holdings, decide, holds
from backend.gates.rule import (
    LEVELS,
    MAX_NODES,
    Asset,
    AtLeast,
    BadgeLevel,
    Between,
    Contributed,
    HasAchievement,
    HasLicense,
    HoldsTier,
    HoldsToken,
    MemberSince,
    Not,
    OnList,
    Rule,
    all_of,
    any_of,
)
from tests.factories.gates import ACCOUNT, ASSETS, ROOTS, SALE, SPAN, TOKEN, helds, holdings, moments, positive, rules

TIER_1, TIER_2 = HoldsTier(frozenset({1})), HoldsTier(frozenset({2}))
COINS = Asset("erc20", TOKEN)
THREE = HoldsToken(COINS, 3)


def held(tier: int, expires_at: int, **more: object) -> Holdings:
    return replace(Holdings(ACCOUNT, (Held(tier, 7, expires_at),)), **more)  # type: ignore[arg-type]


def naive(rule: Rule, have: Holdings, at: int) -> bool | None:
    """The rule in other words: None is not known."""
    match rule:
        case Not(inner):
            return {True: False, False: True, None: None}[naive(inner, have, at)]
        case AtLeast(count, parts):
            answers = [naive(part, have, at) for part in parts]
            if sum(answer is True for answer in answers) >= count:
                return True
            return False if sum(answer is not False for answer in answers) < count else None
        case Between(start, end):
            return not ((start is not None and at < start) or (end is not None and at >= end))
    if have.account is None:
        return None
    match rule:
        case HoldsTier(tiers):
            return any(each.expires_at > at for each in have.memberships if each.tier_id in tiers)
        case BadgeLevel(level):
            return None if have.badge is None else have.badge >= 1 + LEVELS.index(level)
        case HasAchievement(achievement):
            return have.achievements[achievement] >= 1 if achievement in have.achievements else None
        case HasLicense(product):
            return have.licenses[product] > at if product in have.licenses else None
        case Contributed(sale, least):
            return have.contributed[sale] >= least if sale in have.contributed else None
        case OnList(root):
            return have.lists.get(root)
        case MemberSince(seconds):
            if not any(each.expires_at > at for each in have.memberships):
                return False
            return None if have.since is None else at - have.since >= seconds
        case HoldsToken(asset, least, most, max_age):
            if asset not in have.balances:
                return None
            balance = have.balances[asset]
            if max_age is not None and at >= balance.asked_at + max_age:
                return None
            return least <= balance.amount <= (balance.amount if most is None else most)
    raise AssertionError(rule)


@given(rules, holdings, moments)
def test_a_gate_is_open_exactly_when_the_rule_holds(rule: Rule, have: Holdings, at: int) -> None:
    assert isinstance(decide(rule, have, at=at), Allowed) == (naive(rule, have, at) is True)


@given(rules, holdings, moments)
def test_an_open_gate_stays_open_until_the_named_moment_and_not_at_it(rule: Rule, have: Holdings, at: int) -> None:
    decision = decide(rule, have, at=at)

    if isinstance(decision, Allowed):
        until = min(decision.until, 3 * SPAN)
        assert all(naive(rule, have, moment) is True for moment in range(at, until))
        assert decision.until == FOREVER or naive(rule, have, decision.until) is not True


@given(positive, holdings, helds, moments)
def test_more_never_closes_a_gate_that_excludes_nothing(rule: Rule, have: Holdings, more: Held, at: int) -> None:
    before = decide(rule, have, at=at)
    richer = replace(have, memberships=(*have.memberships, more), badge=3, achievements={1: 1, 2: 1, 3: 1})

    after = decide(rule, richer, at=at)

    if isinstance(before, Allowed):
        assert isinstance(after, Allowed)
        assert after.until >= before.until


@given(st.lists(rules, min_size=1, max_size=3), holdings, moments)
def test_not_all_is_any_not_and_not_any_is_all_not(parts: list[Rule], have: Holdings, at: int) -> None:
    each_not = [Not(part) for part in parts]

    assert holds(Not(all_of(*parts)), have, at) == holds(any_of(*each_not), have, at)
    assert holds(Not(any_of(*parts)), have, at) == holds(all_of(*each_not), have, at)
    assert holds(Not(Not(parts[0])), have, at) == holds(parts[0], have, at)


@given(rules, holdings, moments)
def test_a_refusal_names_only_what_is_lacking_and_each_way_once(rule: Rule, have: Holdings, at: int) -> None:
    decision = decide(rule, have, at=at)

    if isinstance(decision, Denied):
        ways = [
            [replace(each, way=0) for each in decision.conditions if each.way == way]
            for way in sorted({each.way for each in decision.conditions})
        ]
        assert [each.way for each in decision.conditions] == sorted(each.way for each in decision.conditions)
        assert not any(all(each in more for each in fewer) for fewer in ways for more in ways if fewer is not more)


def test_a_rule_as_large_as_may_be_is_decided_in_no_time() -> None:
    parts = tuple(HoldsToken(Asset("erc1155", TOKEN, number), 1) for number in range(MAX_NODES - 1))
    started = time.perf_counter()

    for count in (1, len(parts) // 2, len(parts)):
        assert isinstance(decide(AtLeast(count, parts), Holdings(ACCOUNT), at=5), Denied)
        assert isinstance(decide(Not(AtLeast(count, parts)), Holdings(ACCOUNT), at=5), Denied)

    assert time.perf_counter() - started < 2


def test_a_membership_that_expires_this_second_has_expired() -> None:
    have = {"tier": 1, "token_id": 7}
    assert decide(TIER_1, held(1, 100), at=100) == Denied(
        (Condition("membership-expired", TIER_1.encode(), "renew", have, 100),)
    )


def test_who_has_not_signed_in_is_asked_to() -> None:
    rule = HoldsTier(frozenset({2, 1}))

    assert decide(rule, Holdings(None), at=5) == Denied((Condition("signed-out", rule.encode(), "sign-in"),))
    assert isinstance(decide(Not(rule), Holdings(None), at=5), Denied)


def test_who_holds_nothing_is_asked_to_join() -> None:
    assert decide(TIER_1, Holdings(ACCOUNT), at=5) == Denied(
        (Condition("membership-missing", TIER_1.encode(), "join"),)
    )


def test_another_tier_is_named_with_the_time_of_its_end_if_it_has_ended() -> None:
    have = {"tier": 2, "token_id": 7}

    lasting, ended = decide(TIER_1, held(2, 100), at=50), decide(TIER_1, held(2, 100), at=150)

    assert lasting == Denied((Condition("membership-other-tier", TIER_1.encode(), "change-tier", have),))
    assert ended == Denied((Condition("membership-other-tier", TIER_1.encode(), "change-tier", have, 100),))


def test_no_gate_is_open_to_everybody() -> None:
    assert decide(None, Holdings(None), at=5) == Allowed(FOREVER)


def test_every_gate_is_open_to_the_owner() -> None:
    assert decide(TIER_1, Holdings(ACCOUNT, governs=True), at=5) == Allowed(FOREVER)


def test_a_date_opens_for_everybody_also_without_an_account() -> None:
    assert decide(Between(10, 20), Holdings(None), at=10) == Allowed(20)
    assert decide(Between(10), Holdings(None), at=9) == Denied(
        (Condition("too-early", Between(10).encode(), "wait", at=10),)
    )
    assert decide(Between(end=20), Holdings(ACCOUNT), at=20) == Denied(())


def test_what_takes_over_before_another_ends_prolongs() -> None:
    have = Holdings(ACCOUNT, (Held(1, 7, 50),), licenses={1: 80})
    rule = any_of(TIER_1, all_of(HasLicense(1), Between(50)))

    assert decide(rule, have, at=10) == Allowed(80)
    assert decide(any_of(TIER_1, all_of(HasLicense(1), Between(51))), have, at=10) == Allowed(50)


def test_not_holds_until_what_it_excludes_begins() -> None:
    have = held(1, FOREVER, since=10)

    assert decide(Not(MemberSince(30)), have, at=20) == Allowed(40)
    assert decide(Not(TIER_1), held(1, 100), at=50) == Denied(
        (Condition("must-not-hold", Not(TIER_1).encode(), "wait", at=100),)
    )
    assert decide(Not(TIER_1), held(1, FOREVER), at=50) == Denied(())


def test_an_unknown_balance_opens_neither_a_rule_nor_its_opposite() -> None:
    for rule in (THREE, Not(THREE), all_of(THREE, Between(1)), any_of(THREE, TIER_2)):
        decision = decide(rule, Holdings(ACCOUNT), at=50)

        assert isinstance(decision, Denied)
        assert decision.conditions[0].code == "balance-unknown"

    assert decide(any_of(THREE, Between(1)), Holdings(ACCOUNT), at=50) == Allowed(FOREVER)


def test_a_balance_that_may_be_old_counts_while_it_is_young() -> None:
    rule = HoldsToken(COINS, 3, max_age=60)
    have = Holdings(ACCOUNT, balances={COINS: Balance(3, asked_at=100)})

    assert decide(rule, have, at=120) == Allowed(160)
    assert decide(rule, have, at=160) == Denied((Condition("balance-unknown", rule.encode(), "wait"),))
    assert decide(THREE, have, at=160) == Allowed(FOREVER)


def test_a_refusal_says_what_is_had_and_needed() -> None:
    one = Holdings(ACCOUNT, balances={COINS: Balance(1)})
    much = HoldsToken(COINS, 0, 0)

    assert decide(THREE, one, at=5) == Denied((Condition("balance-low", THREE.encode(), "get-token", {"amount": "1"}),))
    assert decide(much, one, at=5) == Denied((Condition("balance-high", much.encode(), "reduce", {"amount": "1"}),))
    assert decide(Not(THREE), replace(one, balances={COINS: Balance(3)}), at=5) == Denied(
        (Condition("must-not-hold", Not(THREE).encode(), "reduce"),)
    )


def test_every_kind_of_leaf_has_its_reason_and_next_step() -> None:
    nothing = Holdings(
        ACCOUNT,
        since=FOREVER,
        badge=0,
        achievements={1: 0},
        licenses={1: 0},
        contributed={SALE: 0},
        balances=dict.fromkeys(ASSETS, Balance(0)),
        lists={ROOTS[0]: False},
    )
    steps: dict[Rule, tuple[str, str]] = {
        BadgeLevel("silver"): ("badge-missing", "invite"),
        HasAchievement(1): ("achievement-missing", "earn"),
        HasLicense(1): ("license-missing", "buy-license"),
        Contributed(SALE, 5): ("contribution-low", "contribute"),
        MemberSince(5): ("membership-missing", "join"),
        OnList(ROOTS[0]): ("not-listed", "ask-owner"),
        OnList(ROOTS[1]): ("list-unknown", "wait"),
        THREE: ("balance-low", "get-token"),
    }

    for rule, expected in steps.items():
        decision = decide(rule, nothing, at=5)

        assert isinstance(decision, Denied)
        assert [(each.code, each.next) for each in decision.conditions] == [expected]

    assert decide(HasLicense(1), replace(nothing, licenses={1: 4}), at=5) == Denied(
        (Condition("license-expired", HasLicense(1).encode(), "buy-license", at=4),)
    )
    assert decide(MemberSince(30), held(1, 99, since=10), at=20) == Denied(
        (Condition("member-too-new", MemberSince(30).encode(), "wait", {"tier": 1, "token_id": 7, "since": 10}, 40),)
    )
    assert decide(BadgeLevel("gold"), replace(nothing, badge=2), at=5) == Denied(
        (Condition("badge-level-low", BadgeLevel("gold").encode(), "invite", {"level": "silver"}),)
    )


def test_what_must_not_be_held_is_given_away_or_waited_for() -> None:
    full = Holdings(
        ACCOUNT,
        (Held(1, 7, 90),),
        since=1,
        badge=3,
        achievements={1: 1},
        licenses={1: 70, 2: FOREVER},
        contributed={SALE: 9},
        lists={ROOTS[0]: True},
    )
    steps: dict[Rule, tuple[str, int | None]] = {
        BadgeLevel("gold"): ("give-away", None),
        HasAchievement(1): ("give-away", None),
        HasLicense(1): ("wait", 70),
        MemberSince(3): ("wait", 90),
        OnList(ROOTS[0]): ("ask-owner", None),
        Between(1, 60): ("wait", 60),
    }

    for rule, expected in steps.items():
        decision = decide(Not(rule), full, at=5)

        assert isinstance(decision, Denied)
        assert [(each.next, each.at) for each in decision.conditions] == [expected]

    for rule in (HasLicense(2), Contributed(SALE, 5), Between(1)):
        assert decide(Not(rule), full, at=5) == Denied(())


def test_the_easiest_way_comes_first_and_what_belongs_together_has_one_number() -> None:
    rule = any_of(all_of(THREE, HasAchievement(1)), TIER_1, all_of(TIER_1, BadgeLevel("gold")))
    have = Holdings(ACCOUNT, balances={COINS: Balance(0)}, achievements={1: 0}, badge=0)

    decision = decide(rule, have, at=5)

    assert isinstance(decision, Denied)
    assert [(each.way, each.next) for each in decision.conditions] == [(0, "join"), (1, "get-token"), (1, "earn")]
    assert decision.conditions[0].encode()["way"] == 0


def test_what_is_met_is_not_asked_for_again() -> None:
    have = held(1, 90, balances={COINS: Balance(0)}, achievements={1: 0})

    decision = decide(AtLeast(2, (TIER_1, THREE, HasAchievement(1))), have, at=5)

    assert isinstance(decision, Denied)
    assert [(each.way, each.code) for each in decision.conditions] == [(0, "balance-low"), (1, "achievement-missing")]


def test_a_way_that_nothing_opens_is_not_named() -> None:
    decision = decide(any_of(all_of(TIER_1, Between(end=3)), TIER_2), Holdings(ACCOUNT), at=5)

    assert isinstance(decision, Denied)
    assert [each.need for each in decision.conditions] == [TIER_2.encode()]
