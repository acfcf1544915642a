"""ICrowdsale.voteStop"""

import pytest

from tests.factories.communities import DAY, World
from tests.factories.crowdsales import CLIFF, COIN, GOAL, TIER_MONEY, VESTING, Sale, open_sale, with_tier

TOTAL = 20 * COIN  # what `shared` raises


def shared(world: World, *parts: int, **changes: int) -> Sale:
    """A finalized sale; backer, other and third contributed these parts of it."""
    sale = open_sale(world, **changes)
    for account, part in zip((sale.backer, sale.other, sale.third), parts, strict=False):
        sale.contribute(part, sender=account)
    sale.finish()
    return sale


def test_vote_is_counted_with_the_contribution(world: World) -> None:
    sale = shared(world, 5 * COIN, 15 * COIN)
    before = sale.contribution()

    receipt = sale.vote()

    assert receipt.names() == ["StopVoted"]
    assert receipt.only("StopVoted") == {
        "account": sale.backer,
        "weight": 5 * COIN,
        "votes": 5 * COIN,
        "electorate": TOTAL,
    }
    assert (sale.totals()["votes"], sale.totals()["stoppedAt"]) == (5 * COIN, 0)
    assert sale.vote_of() == {"weight": 5 * COIN, "voted": True}
    assert sale.contribution() == before | {"voted": True}


def test_vote_above_the_threshold_stops_the_sale_at_that_instant(world: World) -> None:
    sale = shared(world, 5 * COIN, 5 * COIN, 10 * COIN)
    sale.chain.advance(100 * DAY)
    sale.vote()

    receipt = sale.vote(sale.other)

    now = sale.chain.now
    unreleased = TOTAL - TOTAL * 100 * DAY // VESTING
    assert receipt.only("StopVoted")["votes"] == 10 * COIN
    assert receipt.only("CrowdsaleStopped") == {"stoppedAt": now, "unreleased": unreleased, "scheduled": TOTAL}
    assert (sale.totals()["votes"], sale.totals()["stoppedAt"]) == (10 * COIN, now)


@pytest.mark.parametrize(("bps", "part"), [(2000, 4 * COIN), (3000, 6 * COIN), (5000, 10 * COIN)])
def test_threshold_must_be_exceeded(native: World, bps: int, part: int) -> None:
    exact = shared(native, part, TOTAL - part, stopThresholdBps=bps)
    exact.vote()
    assert exact.totals()["stoppedAt"] == 0

    above = shared(native, part + 1, TOTAL - part - 1, stopThresholdBps=bps)
    above.vote()
    assert above.totals()["stoppedAt"] == native.chain.now


def test_what_the_founder_contributed_does_not_count(native: World) -> None:
    sale = open_sale(native)
    sale.contribute(60 * COIN, sender=sale.founder)
    sale.contribute(GOAL, sender=sale.founder)
    sale.contribute(4 * COIN)
    sale.contribute(6 * COIN, sender=sale.other)
    sale.finish()

    assert sale.totals()["electorate"] == 10 * COIN
    assert sale.vote_of(sale.founder) == {"weight": 0, "voted": False}
    assert sale.vote().only("CrowdsaleStopped")["scheduled"] == 80 * COIN


def test_what_others_paid_for_the_founder_does_not_count(native: World) -> None:
    sale = open_sale(native)
    sale.contribute(60 * COIN, sender=sale.third, recipient=sale.founder)
    sale.contribute(GOAL)
    sale.finish()

    assert sale.totals()["electorate"] == GOAL


def test_weight_is_what_is_scheduled(native: World) -> None:
    sale = open_sale(native, **with_tier())
    sale.contribute(GOAL)
    sale.contribute(COIN // 2, sender=sale.other)
    sale.finish()

    assert sale.vote_of()["weight"] == GOAL - TIER_MONEY
    assert sale.totals()["electorate"] == GOAL - TIER_MONEY + COIN // 2


def test_vote_needs_no_tokens(world: World) -> None:
    """The weight stays with the contributor who has sold them; the buyer has none."""
    sale = shared(world, 15 * COIN, 5 * COIN)
    sale.chain.advance(100 * DAY)
    sale.claim()
    tokens = sale.tokens_of()
    sale.chain.send(sale.token.transfer, sale.stranger, tokens, sender=sale.backer)

    with sale.chain.reverts("VoteMissing", account=sale.stranger):
        sale.vote(sale.stranger)
    assert sale.vote().only("StopVoted")["weight"] == 15 * COIN


def test_vote_in_the_first_and_in_the_last_second_of_the_schedule_counts(native: World) -> None:
    first = shared(native, TOTAL)
    assert first.vote().only("CrowdsaleStopped")["unreleased"] == TOTAL

    last = shared(native, TOTAL)
    last.chain.advance(VESTING - 1)
    assert last.vote().only("CrowdsaleStopped")["unreleased"] == TOTAL - TOTAL * (VESTING - 1) // VESTING


def test_vote_reverts_before_finalization(sale: Sale) -> None:
    sale.contribute(GOAL)

    with sale.chain.reverts("CrowdsaleNotFinalized"):
        sale.vote()
    sale.chain.set_time(sale.terms["endsAt"])
    with sale.chain.reverts("CrowdsaleNotFinalized"):
        sale.vote()


def test_vote_reverts_when_all_has_vested(sale: Sale) -> None:
    at = sale.reach()
    sale.chain.advance(VESTING)

    with sale.chain.reverts("CrowdsaleVested", vestedAt=at + VESTING):
        sale.vote()


def test_sale_without_schedule_cannot_be_stopped(native: World) -> None:
    sale = open_sale(native, cliffSeconds=0, vestingSeconds=0)
    at = sale.reach()

    with native.chain.reverts("CrowdsaleVested", vestedAt=at):
        sale.vote()


def test_sale_of_memberships_cannot_be_stopped(periods: Sale) -> None:
    """Its members cancel instead: their money is in the membership contract."""
    at = periods.reach()

    assert periods.vote_of() == {"weight": 0, "voted": False}
    with periods.chain.reverts("CrowdsaleVested", vestedAt=at):
        periods.vote()


def test_founder_has_no_vote(sale: Sale) -> None:
    sale.contribute(GOAL, sender=sale.founder)
    sale.reach()

    with sale.chain.reverts("VoteOfFounder", account=sale.founder):
        sale.vote(sale.founder)


def test_stranger_has_no_vote(sale: Sale) -> None:
    sale.reach()

    with sale.chain.reverts("VoteMissing", account=sale.stranger):
        sale.vote(sale.stranger)


def test_contributor_of_a_membership_only_has_no_vote(native: World) -> None:
    sale = open_sale(native, **with_tier(tierThreshold=TIER_MONEY))
    sale.contribute(GOAL, sender=sale.other)
    sale.contribute(TIER_MONEY)
    sale.finish()

    with native.chain.reverts("VoteMissing", account=sale.backer):
        sale.vote()


def test_nobody_votes_twice(world: World) -> None:
    sale = shared(world, 4 * COIN, 16 * COIN)
    sale.vote()

    with sale.chain.reverts("VoteAlreadyCast", account=sale.backer):
        sale.vote()
    assert sale.totals()["votes"] == 4 * COIN


def test_vote_after_claims_counts_whole(world: World) -> None:
    sale = shared(world, 4 * COIN, 16 * COIN)
    sale.chain.advance(CLIFF)
    sale.claim()

    assert sale.vote().only("StopVoted")["weight"] == 4 * COIN


def test_stop_is_final(sale: Sale) -> None:
    sale.reach()
    sale.vote()
    at = sale.chain.now
    sale.chain.advance(1)

    with sale.chain.reverts("CrowdsaleAlreadyStopped", stoppedAt=at):
        sale.vote(sale.other)
