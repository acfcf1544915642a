"""ICrowdsale.claimRefund"""

import pytest

from tests.factories.communities import DAY
from tests.factories.crowdsales import CLIFF, GOAL, TIER_MONEY, VESTING, Sale

PAID = {"backer": 12 * 10**18, "other": 8 * 10**18}  # in `Sale.reach`


def missed(sale: Sale) -> None:
    """Backer and other contribute less than the goal, and the sale ends."""
    sale.contribute(GOAL // 2)
    sale.contribute(GOAL // 2 - 1, sender=sale.other)
    sale.chain.set_time(sale.terms["endsAt"])


# The goal was missed


def test_refund_pays_the_contribution_back_when_the_goal_was_missed(sale: Sale) -> None:
    missed(sale)
    before = sale.balance(sale.backer)

    receipt = sale.refund()

    assert receipt.only("ContributionRefunded") == {"account": sale.backer, "to": sale.backer, "amount": GOAL // 2}
    assert sale.balance(sale.backer) == before + GOAL // 2
    assert (sale.balance(), sale.refund_of()) == (GOAL // 2 - 1, 0)
    assert set(sale.contribution().values()) == {0}


def test_refund_goes_where_the_contributor_says(sale: Sale) -> None:
    missed(sale)
    before = sale.balance(sale.third)

    refunded = sale.refund(to=sale.third).only("ContributionRefunded")

    assert (refunded["account"], refunded["to"]) == (sale.backer, sale.third)
    assert sale.balance(sale.third) == before + GOAL // 2


def test_all_are_refunded_to_the_last_unit(sale: Sale) -> None:
    missed(sale)
    sale.refund()
    sale.refund(sale.other)

    assert sale.balance() == 0


def test_refund_includes_what_would_have_paid_for_the_tier(tiered: Sale) -> None:
    missed(tiered)

    assert tiered.refund().only("ContributionRefunded")["amount"] == GOAL // 2


def test_periods_are_refunded_when_the_goal_was_missed(periods: Sale) -> None:
    periods.contribute(periods.terms["goal"] // 2)
    periods.chain.set_time(periods.terms["endsAt"])

    assert periods.refund().only("ContributionRefunded")["amount"] == periods.terms["goal"] // 2


def test_recipient_of_a_gift_is_refunded_not_its_payer(sale: Sale) -> None:
    sale.contribute(GOAL // 2, sender=sale.other, recipient=sale.backer)
    sale.chain.set_time(sale.terms["endsAt"])

    with sale.chain.reverts("NothingToRefund", account=sale.other):
        sale.refund(sale.other)
    assert sale.refund().only("ContributionRefunded")["amount"] == GOAL // 2


def test_refund_reverts_the_second_time(sale: Sale) -> None:
    missed(sale)
    sale.refund()

    with sale.chain.reverts("NothingToRefund", account=sale.backer):
        sale.refund()


def test_refund_reverts_before_the_end(sale: Sale) -> None:
    sale.contribute(GOAL - 1)
    sale.chain.set_time(sale.terms["endsAt"] - 1)

    assert sale.refund_of() == 0
    with sale.chain.reverts("NothingToRefund", account=sale.backer):
        sale.refund()


def test_refund_reverts_when_the_goal_was_reached(sale: Sale) -> None:
    sale.contribute(GOAL)
    sale.chain.set_time(sale.terms["endsAt"])

    with sale.chain.reverts("NothingToRefund", account=sale.backer):
        sale.refund()
    sale.finalize()
    with sale.chain.reverts("NothingToRefund", account=sale.backer):
        sale.refund()


def test_refund_without_contribution_reverts(sale: Sale) -> None:
    missed(sale)

    with sale.chain.reverts("NothingToRefund", account=sale.stranger):
        sale.refund(sale.stranger)


@pytest.mark.parametrize("act", ["unattested", "frozen"])
def test_refund_needs_no_attestation(restricted: Sale, act: str) -> None:
    missed(restricted)
    if act == "frozen":
        restricted.chain.send(restricted.token.setFrozen, restricted.backer, True, sender=restricted.founder)
    else:
        restricted.attest(restricted.backer, until=0)

    assert restricted.refund().only("ContributionRefunded")["amount"] == GOAL // 2


# The contributors stopped the sale


def test_refund_pays_the_part_that_was_not_released_after_a_stop(sale: Sale) -> None:
    sale.reach()
    sale.chain.advance(100 * DAY)
    sale.vote()
    sale.chain.advance(100 * DAY)
    unreleased = 2 * GOAL - 2 * GOAL * 100 * DAY // VESTING
    before = sale.balance(sale.backer)

    receipt = sale.refund()

    amount = PAID["backer"] * unreleased // (2 * GOAL)
    assert receipt.only("ContributionRefunded") == {"account": sale.backer, "to": sale.backer, "amount": amount}
    assert sale.balance(sale.backer) == before + amount
    assert (sale.claims()["refunded"], sale.refund_of()) == (True, 0)
    assert sale.contribution()["amount"] == PAID["backer"]


def test_refund_is_the_same_whether_money_was_released_before_or_not(sale: Sale) -> None:
    sale.reach()
    sale.chain.advance(100 * DAY)
    sale.vote()
    before = sale.refund_of()
    sale.release()

    assert sale.refund_of() == before
    assert sale.refund().only("ContributionRefunded")["amount"] == before


def test_stop_before_the_cliff_refunds_everything(sale: Sale) -> None:
    sale.reach()
    sale.chain.advance(CLIFF - 1)
    sale.vote()
    sale.refund()
    sale.refund(sale.other)

    assert sale.balance() == 0


def test_all_is_paid_out_after_a_stop_but_for_rounding(sale: Sale) -> None:
    sale.reach()
    sale.chain.advance(CLIFF + 12_345)
    sale.vote()
    sale.refund()
    sale.release()
    sale.refund(sale.other)

    assert 0 <= sale.balance() < 2


def test_founder_is_refunded_like_everybody_after_a_stop(sale: Sale) -> None:
    sale.contribute(GOAL, sender=sale.founder)
    sale.reach()
    sale.vote()

    assert sale.refund(sale.founder).only("ContributionRefunded")["amount"] == GOAL


def test_tier_money_is_not_refunded_after_a_stop_but_claimed(tiered: Sale) -> None:
    tiered.reach()
    tiered.vote()

    assert tiered.refund().only("ContributionRefunded")["amount"] == PAID["backer"] - TIER_MONEY
    token_id = tiered.join(12).only("MembershipClaimed")["tokenId"]
    before = tiered.balance(tiered.backer)
    tiered.chain.send(tiered.world.membership.cancel, token_id, tiered.backer, sender=tiered.backer)
    assert tiered.balance(tiered.backer) == before + TIER_MONEY


def test_refund_of_a_stop_reverts_the_second_time(sale: Sale) -> None:
    sale.reach()
    sale.vote()
    sale.refund()

    with sale.chain.reverts("NothingToRefund", account=sale.backer):
        sale.refund()


def test_refund_of_a_stop_reverts_without_contribution(sale: Sale) -> None:
    sale.reach()
    sale.vote()

    with sale.chain.reverts("NothingToRefund", account=sale.stranger):
        sale.refund(sale.stranger)


@pytest.mark.parametrize("act", ["unattested", "frozen"])
def test_refund_of_a_stop_needs_no_attestation(restricted: Sale, act: str) -> None:
    restricted.reach()
    if act == "frozen":
        restricted.chain.send(restricted.token.setFrozen, restricted.backer, True, sender=restricted.founder)
    else:
        restricted.attest(restricted.backer, until=0)
    restricted.vote()

    assert restricted.refund().only("ContributionRefunded")["amount"] == PAID["backer"]
