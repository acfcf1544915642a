"""Steps, schedule and stop for any terms and contributions, beside the model (ECONOMY E20–E22)"""

from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.factories.communities import MONTH, PRICE, World
from tests.factories.crowdsale_model import Model, buy, vested
from tests.factories.crowdsales import MEMBERSHIP, UNIT, Sale, open_sale

MOST = 2**96 - 1
properties = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
widths = st.one_of(st.integers(1, 1000), st.integers(1, MOST // 8))
rises = st.one_of(st.integers(1, 1000), st.integers(1, 2**64))
tables = st.lists(st.tuples(widths, rises), min_size=1, max_size=8)
amounts = st.one_of(st.integers(1, 1000), st.integers(1, MOST))
shares = st.lists(st.integers(1, 10**24), min_size=1, max_size=6)
schedules = st.tuples(st.integers(0, 10**8), st.integers(0, 3 * 10**8)).filter(lambda pair: pair[0] <= pair[1])


def steps_of(table: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Rising amounts and prices. Of a price below one unit of money a whole token the supply would be too large."""
    steps, raised, price = [], 0, UNIT
    for width, rise in table:
        raised, price = raised + width, price + rise
        steps.append((raised, price))
    return steps


def fund(sale: Sale, account: str) -> None:
    sale.chain.send(sale.world.token.mint, account, MOST, sender=account)
    sale.chain.send(sale.world.token.approve, sale.address, MOST, sender=account)


def opened(world: World, steps: list[tuple[int, int]], **changes: Any) -> Sale:
    return open_sale(world, steps=tuple(steps), goal=1, founderAllocation=0, **changes)


@properties
@given(table=tables, parts=st.lists(amounts, min_size=1, max_size=6))
def test_contributions_buy_what_the_steps_say(
    played_tokened: World, table: list[tuple[int, int]], parts: list[int]
) -> None:
    steps = steps_of(table)
    with played_tokened.chain.undone():
        sale = opened(played_tokened, steps)
        fund(sale, sale.backer)
        raised = total = 0
        for part in parts:
            if raised == steps[-1][0]:
                break
            quoted = sale.chain.read(sale.contract.quote, part)
            contributed = sale.contribute(part, funds=0).only("Contributed")
            taken = min(part, steps[-1][0] - raised)
            bought = buy(steps, raised, taken, UNIT)
            assert (contributed["amount"], contributed["bought"]) == (taken, bought)
            assert (quoted["taken"], quoted["bought"]) == (taken, bought)
            raised, total = raised + taken, total + bought

        assert sale.totals()["raised"] == sale.balance() == raised
        assert total <= sale.token.maximum()


@properties
@given(table=tables, cuts=st.lists(amounts, max_size=5))
def test_cutting_a_contribution_gives_at_most_as_many_tokens(table: list[tuple[int, int]], cuts: list[int]) -> None:
    """Rounding is the protocol's: nobody gains by many small contributions, and nobody loses a token by them."""
    steps = steps_of(table)
    places = sorted({min(cut, steps[-1][0]) for cut in cuts} | {steps[-1][0]})

    parts = [buy(steps, start, end - start, UNIT) for start, end in zip([0, *places], places, strict=False)]

    whole = buy(steps, 0, steps[-1][0], UNIT)
    assert whole - len(places) - len(steps) <= sum(parts) <= whole


@properties
@given(before=st.integers(0, 300), periods=st.lists(st.integers(1, 16), min_size=1, max_size=6))
def test_periods_cost_what_the_steps_say_however_they_are_claimed(
    played_native: World, before: int, periods: list[int]
) -> None:
    with played_native.chain.undone():
        sale = open_sale(played_native, MEMBERSHIP, goal=PRICE)
        if before:
            sale.contribute(before * PRICE, sender=sale.other)
        sold = before
        for count in periods:
            cheap = max(0, min(count, 300 - sold))
            sale.contribute(cheap * PRICE + (count - cheap) * 2 * PRICE)
            sold += count
        amount, bought = sale.contribution()["amount"], sale.contribution()["bought"]
        assert bought == buy(list(sale.terms["steps"]), before * PRICE, amount, 1) == sum(periods)
        sale.finish()
        paid, token_id = 0, 0
        for count in periods:
            sale.chain.advance(count * MONTH)  # so that nobody is paid too far ahead
            claimed = sale.join(count, token_id=token_id).only("MembershipClaimed")
            assert claimed["amount"] == (amount - paid) * count // (bought - claimed["claims"]["periods"] + count)
            paid, token_id = paid + claimed["amount"], claimed["tokenId"]

        assert (paid, sale.balance()) == (amount, before * PRICE)


@properties
@given(
    parts=shares, schedule=schedules, moments=st.lists(st.integers(0, 2 * 10**8), min_size=1, max_size=4), odd=widths
)
def test_money_and_tokens_follow_one_schedule(
    played_tokened: World, parts: list[int], schedule: tuple[int, int], moments: list[int], odd: int
) -> None:
    cliff, duration = schedule
    with played_tokened.chain.undone():
        sale = opened(played_tokened, [(MOST, UNIT + odd)], cliffSeconds=cliff, vestingSeconds=duration)
        fund(sale, sale.backer)
        for part in parts:
            sale.contribute(part, funds=0)
        start, last = sale.finish(), (0, 0)
        bought, raised = sale.contribution()["bought"], sum(parts)
        for moment in sorted(moments):
            sale.chain.set_time(start + moment)
            due = sale.claimable()["tokens"], sale.releasable()
            if due[0]:
                sale.claim()
            if due[1]:
                sale.release()
            given_out = sale.tokens_of(), sale.totals()["released"]
            assert given_out == tuple(
                vested(total, start, cliff, duration, start + moment) for total in (bought, raised)
            )
            assert given_out >= last
            last = given_out


@properties
@given(
    parts=st.lists(st.integers(1, 10**24), min_size=2, max_size=5),
    founders=st.integers(0, 10**24),
    schedule=schedules,
    moment=st.integers(0, 3 * 10**8),
    bps=st.integers(2000, 5000),
    tier=st.integers(0, 5),
)
def test_stop_divides_everything_by_the_same_fraction(
    played_tokened: World, parts: list[int], founders: int, schedule: tuple[int, int], moment: int, bps: int, tier: int
) -> None:
    """Votes in order until it stops or all have voted; then everybody takes what it can, in any order."""
    cliff, duration = schedule
    assume(moment < duration)
    chain = played_tokened.chain
    voters = [account for account in chain.accounts if account != played_tokened.founder][: len(parts)]
    changes = {"tierId": 1, "tierPeriods": tier, "tierPrice": PRICE, "tierThreshold": 2 * tier * PRICE} if tier else {}
    with chain.undone():
        sale = opened(
            played_tokened,
            [(MOST, UNIT + 7)],
            cliffSeconds=cliff,
            vestingSeconds=duration,
            stopThresholdBps=bps,
            **changes,
        )
        model = Model(
            list(sale.terms["steps"]), 1, sale.terms["endsAt"], cliff, duration, bps, 0, sale.founder, UNIT,
            tier * PRICE, 2 * tier * PRICE,
        )  # fmt: skip
        for account, part in [*zip(voters, parts, strict=True), (played_tokened.founder, founders)]:
            if part:
                sale.contribute(part, sender=account)
                model.contribute(account, part)
        model.finalized_at = sale.finish()
        now = chain.advance(moment)
        assert sale.totals()["electorate"] == model.electorate()
        for account in voters:
            if model.can_vote(account, now):
                model.vote(account, now)
                assert sale.vote(account).only("StopVoted")["votes"] == model.votes()
        assert sale.totals()["stoppedAt"] == model.stopped_at
        chain.advance(duration)
        take_all(sale, model, [*voters, played_tokened.founder])


def take_all(sale: Sale, model: Model, everybody: list[str]) -> None:
    """Everybody takes what the model says, to the unit; what division leaves over stays, and stays small."""
    chain = sale.chain
    refunds = {account: model.refund_of(account, chain.now) for account in everybody}
    assert {account: sale.refund_of(account) for account in everybody} == refunds
    for account in everybody:
        if refunds[account]:
            sale.refund(account)
        due = model.claimable(account, chain.now)
        assert sale.claimable(account)["tokens"] == due
        if due:
            sale.claim(account)
    if model.releasable(chain.now):
        sale.release()
    left = sale.balance() - sale.totals()["tierMoney"]
    assert 0 <= left <= len(everybody)  # what division leaves over
    fraction = model.vested(10**30, chain.now)
    for account in everybody:  # I20: the vested part of the tokens is the released part of the money
        assert abs(sale.tokens_of(account) - model.allocation_of(account) * fraction // 10**30) <= 1
