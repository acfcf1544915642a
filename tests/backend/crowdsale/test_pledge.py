"""What a contribution is said to give is what the written rules give for it, whatever was contributed before."""

from hypothesis import given
from hypothesis import strategies as st

from backend.crowdsale.arithmetic import TOKEN, Step
from backend.crowdsale.sale import ContributionView, SaleView, Terms
from tests.factories.crowdsale_model import Backer, Model
from tests.factories.sales import COIN, DAY, FOUNDER

STEPS = [(40 * COIN, COIN // 1000), (100 * COIN, COIN // 300)]
PEOPLE = [FOUNDER, "0x" + "ba" * 20, "0x" + "cd" * 20]


def sale_of(model: Model) -> SaleView:
    """The model's sale as pages read it."""
    terms = Terms(
        asset="utility",
        starts_at=0,
        ends_at=model.ends_at,
        goal=model.goal,
        account_min=0,
        account_max=0,
        allow_root="0x" + "00" * 32,
        steps=[Step(*step) for step in model.steps],
        tier_id=1,
        tier_periods=1,
        tier_price=model.tier_money,
        tier_threshold=model.tier_threshold,
        cliff_seconds=model.cliff,
        vesting_seconds=model.duration,
        stop_threshold_bps=model.threshold_bps,
        founder_allocation=model.allocation,
        lockup_seconds=0,
        token_name="Bench Token",
        token_symbol="BENCH",
    )
    return SaleView(
        chain_id=1,
        address="0x" + "5a" * 20,
        community="0x" + "c0" * 20,
        token="0x" + "70" * 20,
        founder=FOUNDER,
        currency=None,
        membership="0x" + "3e" * 20,
        maximum=0,
        terms=terms,
        raised=model.raised,
        tier_money=model.raised - model.scheduled,
        finalized_at=model.finalized_at,
        released=0,
        votes=model.votes(),
        electorate=model.electorate(),
        stopped_at=model.stopped_at,
        unreleased=0,
        made_at=0,
        tx_hash="",
        at=1,
    )


def part_of(model: Model, account: str, backer: Backer) -> ContributionView:
    return ContributionView(
        sale=sale_of(model),
        account=account,
        amount=backer.amount,
        bought=backer.bought,
        badge=0,
        tier=backer.tier,
        voted=backer.voted,
        claimed_tokens=0,
        claimed_periods=0,
        paid=0,
        refunded=0,
        funds=0,
    )


def model(tier_money: int, threshold: int) -> Model:
    return Model(
        steps=STEPS,
        goal=COIN,
        ends_at=10 * DAY,
        cliff=0,
        duration=100 * DAY,
        threshold_bps=3_000,
        allocation=7 * COIN,
        founder=FOUNDER,
        unit=TOKEN,
        tier_money=tier_money,
        tier_threshold=max(threshold, tier_money),
    )


@given(
    tier_money=st.integers(0, 3 * COIN),
    threshold=st.integers(0, 9 * COIN),
    payments=st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(1, 30 * COIN), st.booleans()), max_size=8),
)
def test_pledge_is_what_the_contribution_then_does(
    tier_money: int, threshold: int, payments: list[tuple[str, int, bool]]
) -> None:
    rules = model(tier_money, threshold)
    for account, amount, gift in payments:
        if rules.raised == rules.cap:
            break
        backer = rules.backer(account)
        before, free = rules.allocation_of(account), backer.amount - rules.part(backer)

        pledge = part_of(rules, account, backer).pledge(amount, gift=gift)

        taken = rules.contribute(account, amount, gift=gift)
        after = rules.allocation_of(account)
        assert (pledge.bought.taken, pledge.allocation, pledge.gets) == (taken, after, after - before)
        assert pledge.tier_money == backer.amount - rules.part(backer) - free
