"""ICrowdsale.contribute: what each asset adds: the tier beside a token, whole periods, attested accounts"""

import pytest

from tests.factories.communities import PRICE, World
from tests.factories.crowdsales import (
    CAP,
    COIN,
    MEMBERSHIP,
    RESTRICTED,
    THRESHOLD,
    TIER_MONEY,
    UNIT,
    Sale,
    contribution_word,
    open_sale,
    raised_word,
    with_tier,
)

# The tier that goes with a token


def test_contribution_of_the_threshold_pays_for_the_tier(tiered: Sale) -> None:
    contributed = tiered.contribute(THRESHOLD).only("Contributed")

    assert contributed["contribution"] == contribution_word(THRESHOLD, 1000 * UNIT, tier=True)
    assert contributed["raised"] == raised_word(THRESHOLD, TIER_MONEY)
    assert tiered.claimable() == {"tokens": 0, "periods": 12, "price": TIER_MONEY}
    assert tiered.vote_of()["weight"] == THRESHOLD - TIER_MONEY


def test_contribution_below_the_threshold_does_not(tiered: Sale) -> None:
    contributed = tiered.contribute(THRESHOLD - 1).only("Contributed")

    assert (contributed["contribution"] & 1, tiered.totals()["tierMoney"]) == (0, 0)


def test_sum_that_reaches_the_threshold_pays_for_the_tier_once(tiered: Sale) -> None:
    for amount in (THRESHOLD - 1, 1, THRESHOLD):
        tiered.contribute(amount)

    assert (tiered.contribution()["tier"], tiered.totals()["tierMoney"]) == (True, TIER_MONEY)


def test_gift_of_the_threshold_pays_for_the_tier(tiered: Sale) -> None:
    tiered.contribute(THRESHOLD, sender=tiered.other, recipient=tiered.backer)

    assert (tiered.contribution()["tier"], tiered.totals()["tierMoney"]) == (True, TIER_MONEY)


def test_clipped_contribution_counts_for_the_threshold_as_taken(tiered: Sale) -> None:
    tiered.contribute(CAP - THRESHOLD + 1, sender=tiered.other)

    tiered.contribute(2 * THRESHOLD)

    assert not tiered.contribution()["tier"]


def test_what_pays_for_the_tier_buys_no_tokens(tiered: Sale) -> None:
    tiered.contribute(2 * THRESHOLD)

    assert tiered.contribution()["bought"] == 2000 * UNIT
    assert tiered.allocation_of() == 2000 * UNIT * (2 * THRESHOLD - TIER_MONEY) // (2 * THRESHOLD)


# Memberships


def test_contribution_buys_whole_periods(periods: Sale) -> None:
    contributed = periods.contribute(7 * PRICE).only("Contributed")

    assert contributed["contribution"] == contribution_word(7 * PRICE, 7)
    assert contributed["raised"] == raised_word(7 * PRICE, 7 * PRICE)
    assert periods.claimable() == {"tokens": 0, "periods": 7, "price": 7 * PRICE}


def test_periods_across_steps_are_split(periods: Sale) -> None:
    periods.contribute(298 * PRICE, sender=periods.other)

    assert periods.contribute(8 * PRICE).only("Contributed")["bought"] == 2 + 3


@pytest.mark.parametrize(
    ("before", "amount", "part", "price"),
    [(0, PRICE + 1, PRICE + 1, PRICE), (298 * PRICE, 7 * PRICE, 5 * PRICE, 2 * PRICE)],
)
def test_contribution_that_buys_a_part_of_a_period_reverts(
    periods: Sale, before: int, amount: int, part: int, price: int
) -> None:
    if before:
        periods.contribute(before, sender=periods.other)

    with periods.chain.reverts("PeriodsNotWhole", amount=part, price=price):
        periods.contribute(amount)


def test_clipped_contribution_buys_whole_periods(native: World) -> None:
    sale = open_sale(native, MEMBERSHIP)
    sale.contribute(496 * PRICE, sender=sale.other)

    contributed = sale.contribute(100 * PRICE + 1).only("Contributed")

    assert (contributed["amount"], contributed["bought"]) == (4 * PRICE, 2)


# Restricted tokens


def test_attested_account_contributes(restricted: Sale) -> None:
    assert restricted.contribute(COIN).only("Contributed")["bought"] == 1000 * UNIT


def test_contribution_reverts_when_the_account_is_not_attested(restricted: Sale) -> None:
    with restricted.chain.reverts("AccountRestricted", account=restricted.third, restriction=2):
        restricted.contribute(COIN, sender=restricted.third)


def test_contribution_reverts_when_the_attestation_has_ended(restricted: Sale) -> None:
    until = restricted.chain.now + 10
    restricted.attest(restricted.backer, until=until)
    restricted.chain.set_time(until)

    with restricted.chain.reverts("AccountRestricted", account=restricted.backer, restriction=2):
        restricted.contribute(COIN)


def test_contribution_reverts_when_the_account_is_frozen(restricted: Sale) -> None:
    restricted.chain.send(restricted.token.setFrozen, restricted.backer, True, sender=restricted.founder)

    with restricted.chain.reverts("AccountRestricted", account=restricted.backer, restriction=4):
        restricted.contribute(COIN)


def test_recipient_of_a_gift_must_be_attested_not_its_payer(restricted: Sale) -> None:
    restricted.contribute(COIN, sender=restricted.third, recipient=restricted.backer)

    with restricted.chain.reverts("AccountRestricted", account=restricted.third, restriction=2):
        restricted.contribute(COIN, recipient=restricted.third)


def test_restricted_sale_takes_what_a_step_costs(native: World) -> None:
    sale = open_sale(native, RESTRICTED, **with_tier())
    sale.attest(sale.backer)

    assert sale.contribute(2 * COIN).only("Contributed")["raised"] == raised_word(2 * COIN, TIER_MONEY)
