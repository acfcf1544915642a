"""ICrowdsale.contribute"""

import pytest

from tests.factories.communities import World
from tests.factories.contracts import NATIVE
from tests.factories.crowdsales import (
    CAP,
    COIN,
    LENGTH,
    OPEN,
    REACHED,
    STEPS,
    UNIT,
    Sale,
    contribution_word,
    open_sale,
    raised_word,
)

FIRST, SECOND = STEPS[0][1], STEPS[1][1]  # prices of a token


def test_contribution_is_recorded_and_buys_at_the_price_of_the_step(sale: Sale) -> None:
    receipt = sale.contribute(COIN)

    assert receipt.only("Contributed") == {
        "account": sale.backer,
        "payer": sale.backer,
        "amount": COIN,
        "bought": 1000 * UNIT,
        "contribution": contribution_word(COIN, 1000 * UNIT),
        "raised": raised_word(COIN),
    }
    assert sale.contribution() == {"amount": COIN, "bought": 1000 * UNIT, "badge": 0, "tier": False, "voted": False}
    assert sale.totals() == {
        "raised": COIN, "tierMoney": 0, "finalizedAt": 0, "released": 0, "votes": 0, "stoppedAt": 0, "electorate": COIN,
    }  # fmt: skip
    assert (sale.balance(), sale.status()) == (COIN, OPEN)


def test_contribution_takes_exactly_the_amount(sale: Sale) -> None:
    sale.fund(sale.backer, COIN)
    before = sale.balance(sale.backer)

    sale.contribute(COIN, funds=0)

    assert sale.balance(sale.backer) == before - COIN


def test_contributions_of_an_account_add_up(sale: Sale) -> None:
    sale.contribute(COIN)

    receipt = sale.contribute(2 * COIN)

    assert receipt.only("Contributed")["contribution"] == contribution_word(3 * COIN, 3000 * UNIT)
    assert receipt.only("Contributed")["raised"] == raised_word(3 * COIN)


def test_contributions_of_accounts_are_apart(sale: Sale) -> None:
    sale.contribute(COIN)
    sale.contribute(2 * COIN, sender=sale.other)

    assert (sale.contribution()["amount"], sale.contribution(sale.other)["amount"]) == (COIN, 2 * COIN)
    assert sale.totals()["raised"] == 3 * COIN


def test_contribution_across_steps_is_split(sale: Sale) -> None:
    sale.contribute(49 * COIN, sender=sale.other)

    contributed = sale.contribute(3 * COIN).only("Contributed")

    assert contributed["bought"] == 1000 * UNIT + 2 * 500 * UNIT


@pytest.mark.parametrize(("offset", "bought"), [(-1, 1001), (0, 1000), (1, 500)])
def test_step_ends_when_its_amount_is_raised(native: World, offset: int, bought: int) -> None:
    """Around the boundary: a base unit of money buys 1000 of the token before it and 500 after."""
    sale = open_sale(native, steps=((10 * COIN, FIRST), (20 * COIN, SECOND)), goal=COIN)
    sale.contribute(10 * COIN + offset - 1, sender=sale.other)

    contributed = sale.contribute(2 if offset < 0 else 1).only("Contributed")

    assert contributed["bought"] == {1001: 2000, 1000: 1000, 500: 500}[bought]


def test_contribution_within_one_step_is_rounded_down_once(native: World) -> None:
    sale = open_sale(native, steps=((COIN, 3 * COIN), (2 * COIN, 7 * COIN)), goal=1)

    assert sale.contribute(8).only("Contributed")["bought"] == 2
    assert sale.contribute(1).only("Contributed")["bought"] == 0


def test_contribution_for_another_is_recorded_for_the_recipient(sale: Sale) -> None:
    contributed = sale.contribute(COIN, sender=sale.other, recipient=sale.backer).only("Contributed")

    assert (contributed["account"], contributed["payer"]) == (sale.backer, sale.other)
    assert (sale.contribution()["amount"], sale.contribution(sale.other)["amount"]) == (COIN, 0)


def test_last_contribution_is_clipped_to_the_cap(token_sale: Sale) -> None:
    """Of an ERC-20 the rest is not pulled."""
    sale = token_sale
    sale.contribute(CAP - COIN, sender=sale.other)
    sale.fund(sale.backer, 3 * COIN)
    before = sale.balance(sale.backer)

    contributed = sale.contribute(3 * COIN, funds=0).only("Contributed")

    assert (contributed["amount"], sale.totals()["raised"], sale.status()) == (COIN, CAP, REACHED)
    assert (sale.balance(sale.backer), sale.balance(), sale.funds_of()) == (before - COIN, CAP, 0)


def test_rest_of_clipped_native_coins_waits_for_the_payer(native_sale: Sale) -> None:
    sale = native_sale
    sale.contribute(CAP - COIN, sender=sale.other)

    receipt = sale.contribute(3 * COIN, recipient=sale.third)

    assert receipt.only("Contributed")["amount"] == COIN
    assert receipt.only("FundsSet") == {"account": sale.backer, "funds": 2 * COIN}
    assert (sale.funds_of(), sale.funds_of(sale.third), sale.balance()) == (2 * COIN, 0, CAP + 2 * COIN)


def test_contribution_in_the_first_and_in_the_last_second_counts(native: World) -> None:
    start = native.chain.now + 10
    sale = open_sale(native, startsAt=start)

    native.chain.set_time(start)
    sale.contribute(COIN)
    native.chain.set_time(sale.terms["endsAt"] - 1)
    sale.contribute(COIN)

    assert sale.totals()["raised"] == 2 * COIN


@pytest.mark.parametrize("offset", [-1, LENGTH], ids=["before the start", "at the end"])
def test_contribution_reverts_when_the_sale_is_not_open(native: World, offset: int) -> None:
    start = native.chain.now + 10
    sale = open_sale(native, startsAt=start, endsAt=start + LENGTH)
    native.chain.set_time(start + offset)

    with native.chain.reverts("CrowdsaleNotOpen", startsAt=start, endsAt=start + LENGTH):
        sale.contribute(COIN)


def test_contribution_reverts_when_the_sale_is_full(sale: Sale) -> None:
    sale.contribute(CAP)

    with sale.chain.reverts("CrowdsaleFull", cap=CAP):
        sale.contribute(1, sender=sale.other)


def test_contribution_of_nothing_reverts(sale: Sale) -> None:
    with sale.chain.reverts("ContributionTooLow", amount=0, least=0):
        sale.contribute(0)


def test_contribution_reverts_below_the_least_of_an_account(native: World) -> None:
    sale = open_sale(native, accountMin=COIN)

    with native.chain.reverts("ContributionTooLow", amount=COIN - 1, least=COIN):
        sale.contribute(COIN - 1)


def test_least_of_an_account_is_of_its_sum(native: World) -> None:
    sale = open_sale(native, accountMin=COIN)
    sale.contribute(COIN)

    sale.contribute(1)

    assert sale.contribution()["amount"] == COIN + 1


def test_what_fills_the_cap_may_be_less_than_the_least(native: World) -> None:
    """Else nobody could fill a sale that lacks less than that."""
    sale = open_sale(native, accountMin=COIN)
    sale.contribute(CAP - 5, sender=sale.other)

    sale.contribute(5)

    assert (sale.totals()["raised"], sale.contribution()["amount"]) == (CAP, 5)


def test_contribution_reverts_above_the_most_of_an_account(native: World) -> None:
    sale = open_sale(native, accountMax=2 * COIN)
    sale.contribute(COIN)

    with native.chain.reverts("ContributionTooHigh", amount=2 * COIN + 1, most=2 * COIN):
        sale.contribute(COIN + 1)
    assert sale.contribute(COIN).only("Contributed")["amount"] == COIN


def test_most_of_an_account_is_of_what_the_cap_leaves_it(native: World) -> None:
    sale = open_sale(native, accountMax=99 * COIN)
    sale.contribute(99 * COIN, sender=sale.other)

    assert sale.contribute(500 * COIN).only("Contributed")["amount"] == COIN


def test_contribution_reverts_when_it_would_touch_a_dearer_step(sale: Sale) -> None:
    sale.contribute(49 * COIN, sender=sale.other)

    for most in (FIRST, SECOND - 1):
        with sale.chain.reverts("PriceTooHigh", price=SECOND, most=most):
            sale.contribute(2 * COIN, price=most)
    assert sale.contribute(COIN, price=FIRST).only("Contributed")["bought"] == 1000 * UNIT


def test_contribution_reverts_in_another_currency(sale: Sale) -> None:
    other = sale.stranger

    with sale.chain.reverts("CurrencyMismatch", expected=other, currency=sale.world.currency):
        sale.contribute(COIN, currency=other)


@pytest.mark.parametrize("value", [0, COIN - 1, COIN + 1])
def test_contribution_reverts_with_other_native_coins(native_sale: Sale, value: int) -> None:
    with native_sale.chain.reverts("ValueMismatch", value=value, due=COIN):
        native_sale.contribute(COIN, value=value)


def test_contribution_of_tokens_reverts_with_native_coins(token_sale: Sale) -> None:
    with token_sale.chain.reverts("ValueMismatch", value=1, due=0):
        token_sale.contribute(COIN, value=1)


@pytest.mark.parametrize("funds", [0, COIN - 1], ids=["nothing", "too little"])
def test_contribution_reverts_without_tokens(token_sale: Sale, funds: int) -> None:
    with token_sale.chain.reverts("TransferFromFailed"):
        token_sale.contribute(COIN, funds=funds)


def test_contribution_for_nobody_reverts(sale: Sale) -> None:
    with sale.chain.reverts("RecipientMissing"):
        sale.contribute(COIN, recipient=NATIVE)


def test_founder_contributes_for_itself_only(sale: Sale) -> None:
    with sale.chain.reverts("GiftByFounder", recipient=sale.backer):
        sale.contribute(COIN, sender=sale.founder, recipient=sale.backer)
    sale.contribute(COIN, sender=sale.founder)

    assert sale.contribution(sale.founder)["amount"] == COIN


def test_contribution_reverts_when_the_account_is_not_on_the_list(native: World) -> None:
    sale = open_sale(native, allowRoot=b"\1" * 32)

    with native.chain.reverts("NotAllowed", account=sale.backer):
        sale.contribute(COIN)


# Badges


def test_first_badge_that_a_contributor_chose_stays(sale: Sale) -> None:
    sale.contribute(COIN)

    contributed = sale.contribute(COIN, badge=2**40 - 1).only("Contributed")
    assert contributed["contribution"] == contribution_word(2 * COIN, 2000 * UNIT, badge=2**40 - 1)
    sale.contribute(COIN, badge=7)

    assert sale.contribution()["badge"] == 2**40 - 1


def test_badge_is_chosen_by_the_contributor_itself(sale: Sale) -> None:
    with sale.chain.reverts("BadgeNotChosen", badge=7, recipient=sale.backer):
        sale.contribute(COIN, sender=sale.other, recipient=sale.backer, badge=7)
