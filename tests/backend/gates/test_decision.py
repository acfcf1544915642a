"""A decision follows from rule, holdings and time, and from nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from backend.gates.decision import FOREVER, Allowed, Condition, Denied, Held, Holdings, decide
from backend.gates.rule import HoldsTier

ACCOUNT = "0x" + "aa" * 20
tiers = st.frozensets(st.integers(1, 6), min_size=1)
moments = st.integers(0, FOREVER)
helds = st.builds(Held, tier_id=st.integers(1, 6), token_id=st.integers(1, 100), expires_at=moments)
holdings = st.builds(Holdings, account=st.just(ACCOUNT), memberships=st.lists(helds, max_size=4).map(tuple))


def held(tier: int, expires_at: int) -> Holdings:
    return Holdings(ACCOUNT, (Held(tier, 7, expires_at),))


@given(tiers, holdings, moments)
def test_a_gate_is_open_exactly_while_a_membership_of_a_named_tier_lasts(
    named: frozenset[int], have: Holdings, at: int
) -> None:
    lasting = [each.expires_at for each in have.memberships if each.tier_id in named and each.expires_at > at]

    decision = decide(HoldsTier(named), have, at=at)

    assert decision == Allowed(max(lasting)) if lasting else isinstance(decision, Denied)


@given(tiers, holdings, moments)
def test_an_open_gate_stays_open_until_the_named_moment_and_not_at_it(
    named: frozenset[int], have: Holdings, at: int
) -> None:
    decision = decide(HoldsTier(named), have, at=at)

    if isinstance(decision, Allowed):
        assert isinstance(decide(HoldsTier(named), have, at=decision.until - 1), Allowed)
        assert isinstance(decide(HoldsTier(named), have, at=decision.until), Denied)


@given(tiers, holdings, helds, moments)
def test_one_more_membership_never_closes_a_gate(named: frozenset[int], have: Holdings, more: Held, at: int) -> None:
    if isinstance(decide(HoldsTier(named), have, at=at), Allowed):
        richer = Holdings(ACCOUNT, (*have.memberships, more))
        assert isinstance(decide(HoldsTier(named), richer, at=at), Allowed)


@given(tiers, holdings, moments)
def test_a_closed_gate_names_one_reason(named: frozenset[int], have: Holdings, at: int) -> None:
    decision = decide(HoldsTier(named), have, at=at)

    if isinstance(decision, Denied):
        (condition,) = decision.conditions
        assert condition.need_tiers == tuple(sorted(named))


def test_a_membership_that_expires_this_second_has_expired() -> None:
    assert decide(HoldsTier(frozenset({1})), held(1, 100), at=100) == Denied(
        (Condition("membership-expired", (1,), 1, 7, 100, "renew"),)
    )


def test_who_has_not_signed_in_is_asked_to() -> None:
    assert decide(HoldsTier(frozenset({2, 1})), Holdings(None), at=5) == Denied(
        (Condition("signed-out", (1, 2), None, None, None, "sign-in"),)
    )


def test_who_holds_nothing_is_asked_to_join() -> None:
    assert decide(HoldsTier(frozenset({1})), Holdings(ACCOUNT), at=5) == Denied(
        (Condition("membership-missing", (1,), None, None, None, "join"),)
    )


def test_another_tier_is_named_with_the_time_of_its_end_if_it_has_ended() -> None:
    rule = HoldsTier(frozenset({1}))

    lasting, ended = decide(rule, held(2, 100), at=50), decide(rule, held(2, 100), at=150)

    assert lasting == Denied((Condition("membership-other-tier", (1,), 2, 7, None, "change-tier"),))
    assert ended == Denied((Condition("membership-other-tier", (1,), 2, 7, 100, "change-tier"),))


def test_no_gate_is_open_to_everybody() -> None:
    assert decide(None, Holdings(None), at=5) == Allowed(FOREVER)


def test_every_gate_is_open_to_the_owner() -> None:
    assert decide(HoldsTier(frozenset({1})), Holdings(ACCOUNT, governs=True), at=5) == Allowed(FOREVER)
