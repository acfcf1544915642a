"""IMembershipHolder.changeTier by the formulas of E8, for any prices, periods and times, beside a model"""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.communities import DAY, FOR_LIFE, YEAR, World, community_of, tier
from tests.factories.contracts import Chain, Receipt, Reverted
from tests.factories.memberships import HOUR, Money, attempt, change_tier, join_by, limit_of

BRONZE, SILVER = 500, 1_000
MOST = 10**24

properties = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@dataclass(frozen=True)
class Terms:
    """Of a tier: 0 seconds are for life."""

    price: int
    period: int
    earning: int

    @property
    def params(self) -> dict[str, Any]:
        return tier(price=self.price, periodSeconds=self.period, earningSeconds=self.earning)

    @property
    def earns(self) -> int:
        return self.earning or self.period or YEAR


prices = st.one_of(st.integers(1, 1_000), st.integers(1, MOST))
periods = st.one_of(st.integers(DAY, 3 * DAY), st.integers(HOUR, 2 * YEAR))


@st.composite
def terms(draw: st.DrawFn, *, lifelong: bool = True) -> Terms:
    period = draw(st.one_of(st.just(0), periods)) if lifelong else draw(periods)
    most = period or 2 * YEAR
    earning = draw(st.one_of(st.just(0), st.integers(DAY, most))) if most >= DAY else 0
    return Terms(draw(prices), period, earning)


@dataclass(frozen=True)
class Change:
    """A member of one tier moves to another."""

    source: Terms
    target: Terms
    periods: int  # paid at the join
    passed: int
    more: int  # periods paid on top


@st.composite
def changes(draw: st.DrawFn) -> Change:
    source, target = draw(terms()), draw(terms())
    most = 2 * YEAR // source.period if source.period else 1
    more = draw(st.integers(0, 3)) if target.period else 1
    return Change(source, target, draw(st.integers(1, max(1, min(most, 30)))), draw(st.integers(0, 3 * YEAR)), more)


@pytest.fixture(scope="module")
def opened(ledger: Chain, factory: Any) -> World:
    """A community with an inviter, to which the examples add two tiers each."""
    world = community_of(
        ledger, factory, token=ledger.deploy("MockToken", "Any", "ANY", 0), rates=(BRONZE, SILVER, SILVER, 1, 1, 0)
    )
    world.join(sender=world.other)
    return world


def joined(world: World, change: Change) -> tuple[int, Money]:
    """Token id in the first new tier, and what its money must be."""
    for each in (change.source, change.target):
        world.chain.send(world.membership.createTier, each.params, sender=world.founder)
    source = world.chain.read(world.membership.tierCount) - 1
    now, terms_ = world.chain.now, change.source
    token_id = join_by(world, (1 << 24) + 1, tier_id=source, periods=change.periods)
    expires_at = now + terms_.period * change.periods if terms_.period else FOR_LIFE
    money = Money(0, now, 0, 0)
    seconds = terms_.earns * change.periods
    money.pay(terms_.price * change.periods, BRONZE, now=now, seconds=seconds, expires_at=expires_at)
    assert money.matches(world.state(token_id))
    return token_id, money


def converted(money: Money, change: Change, now: int, rate: int) -> tuple[int, int, Money]:
    """Expiry, amount due on top and money, by E8: `money` is settled."""
    target, left = change.target, money.unearned
    if not target.period:
        amount, expires_at, seconds = max(0, target.price - left), FOR_LIFE, target.earns
    else:
        amount = target.price * change.more
        expires_at = now + left * target.period // target.price + target.period * change.more
        seconds = left * target.earns // target.price + target.earns * change.more
    after = Money(left + amount, now, 0, money.rate)
    if left + amount:
        after.rate = (left * money.rate + amount * rate) // (left + amount)
        after.earned_at = min(now + seconds, expires_at)
    else:
        after.earned_at = min(money.earned_at, now)
    return expires_at, amount, after


@properties
@given(change=changes())
def test_change_tier_follows_the_documented_formulas(opened: World, change: Change) -> None:
    with opened.chain.undone():
        token_id, money = joined(opened, change)
        target = opened.chain.read(opened.membership.tierCount)
        now = opened.chain.advance(change.passed)
        counts = now >= opened.state(token_id)["countAt"] * HOUR
        earned, share = money.settle(now)
        silver = counts and earned >= opened.chain.read(opened.membership.ratesOf, 0)["volumeUnit"]
        expires_at, amount, after = converted(money, change, now, SILVER if silver else BRONZE)
        limit = limit_of(change.target.period, now)

        receipt = attempt(lambda: change_tier(opened, token_id, target, change.more, amount=amount))

        if change.target.period and expires_at == now:
            assert isinstance(receipt, Reverted)
            assert (receipt.name, receipt.arguments) == ("PeriodsInvalid", {"periods": 0})
            return
        if change.target.period and expires_at > limit:
            assert isinstance(receipt, Reverted)
            assert receipt.arguments == {"expiresAt": min(expires_at, FOR_LIFE), "limit": limit}
            return
        assert isinstance(receipt, Receipt)

        state = receipt.only("MembershipTierChanged")["state"]
        assert after.matches(state), (after, state)
        assert (state["expiresAt"], state["tierId"]) == (expires_at, target)
        assert opened.membership.accruedOf((1 << 24) + 1) == share
        assert opened.earned() == earned - share
        assert state == opened.state(token_id)


@properties
@given(change=changes())
def test_change_tier_conserves_what_is_unearned_and_paid(opened: World, change: Change) -> None:
    """I22: nothing is paid out, and nothing is lost but what time had earned."""
    with opened.chain.undone():
        token_id, _ = joined(opened, change)
        target = opened.chain.read(opened.membership.tierCount)
        opened.chain.advance(change.passed)
        left = opened.chain.read(opened.membership.unearnedOf, token_id)
        amount = change.target.price * change.more if change.target.period else max(0, change.target.price - left)

        changed = attempt(lambda: change_tier(opened, token_id, target, change.more, amount=amount))

        if isinstance(changed, Reverted):
            assert changed.name in ("PaidTooFarAhead", "PeriodsInvalid")
        else:
            assert opened.state(token_id)["unearned"] == left + amount


@properties
@given(first=terms(lifelong=False), second=terms(lifelong=False), turns=st.integers(1, 4))
def test_changing_to_and_fro_gains_no_time(opened: World, first: Terms, second: Terms, turns: int) -> None:
    """Each change rounds time down: no chain of changes buys a second that was not paid."""
    with opened.chain.undone():
        change = Change(first, second, 1, 0, 0)
        token_id, _ = joined(opened, change)
        source = opened.state(token_id)["tierId"]
        expires_at = opened.state(token_id)["expiresAt"]

        for turn in range(1, 2 * turns + 1):
            target = source + turn % 2
            changed = attempt(lambda target=target: change_tier(opened, token_id, target))  # type: ignore[misc]
            if isinstance(changed, Reverted):
                assert changed.name in ("PaidTooFarAhead", "PeriodsInvalid")
                return

        assert opened.state(token_id)["expiresAt"] <= expires_at
        assert opened.state(token_id)["unearned"] in (0, first.price)
