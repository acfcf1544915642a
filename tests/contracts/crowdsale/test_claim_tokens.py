"""ICrowdsale.claimTokens"""

import pytest

from tests.factories.communities import World
from tests.factories.contracts import NATIVE
from tests.factories.crowdsales import (
    ALLOCATION,
    CLIFF,
    GOAL,
    TIER_MONEY,
    UNIT,
    VESTING,
    Sale,
    open_sale,
    with_tier,
)

BOUGHT = 12_000 * UNIT  # of the backer in `Sale.reach`
OTHERS = 8_000 * UNIT


def test_claim_mints_what_has_vested(sale: Sale) -> None:
    sale.reach()
    sale.chain.advance(CLIFF)

    receipt = sale.claim()

    amount = BOUGHT * CLIFF // VESTING
    claims = {"tokens": amount, "periods": 0, "paid": 0, "refunded": False}
    assert receipt.only("TokensClaimed") == {"account": sale.backer, "amount": amount, "claims": claims}
    assert receipt.only("Transfer") == {"from": NATIVE, "to": sale.backer, "value": amount}
    assert (sale.tokens_of(), sale.token.totalSupply(), sale.claims()) == (amount, amount, claims)


@pytest.mark.parametrize("seconds", [CLIFF, CLIFF + 1, VESTING - 1, VESTING, 9 * VESTING])
def test_claim_follows_the_schedule(sale: Sale, seconds: int) -> None:
    sale.reach()
    sale.chain.advance(seconds)
    vested = BOUGHT * min(seconds, VESTING) // VESTING

    assert sale.claimable()["tokens"] == vested
    assert sale.claim().only("TokensClaimed")["amount"] == vested


def test_claims_add_up_to_what_one_would_have_given(sale: Sale) -> None:
    sale.reach()
    for seconds in (CLIFF, 1, 12_345, 86_400):
        sale.chain.advance(seconds)
        sale.claim()

    assert sale.tokens_of() == BOUGHT * (CLIFF + 1 + 12_345 + 86_400) // VESTING


def test_allocation_of_the_founder_vests_alike(sale: Sale) -> None:
    sale.reach()
    sale.chain.advance(CLIFF)

    sale.claim(sale.founder)

    assert sale.allocation_of(sale.founder) == ALLOCATION
    assert sale.tokens_of(sale.founder) == ALLOCATION * CLIFF // VESTING


def test_founder_that_contributed_gets_both(sale: Sale) -> None:
    sale.contribute(GOAL, sender=sale.founder)
    sale.finish()
    sale.chain.advance(VESTING)

    assert sale.claim(sale.founder).only("TokensClaimed")["amount"] == 10_000 * UNIT + ALLOCATION


def test_all_claims_together_stay_within_the_maximum(native: World) -> None:
    sale = open_sale(native)
    sale.contribute(100 * 10**18)
    sale.finalize()
    native.chain.advance(VESTING)
    sale.claim()
    sale.claim(sale.founder)

    assert sale.token.totalSupply() == sale.token.maximum() == 75_000 * UNIT + ALLOCATION


def test_tokens_of_the_tier_money_are_not_minted(native: World) -> None:
    sale = open_sale(native, **with_tier())
    sale.reach()
    native.chain.advance(VESTING)

    sale.claim()

    paid = 12 * 10**18
    assert sale.tokens_of() == BOUGHT * (paid - TIER_MONEY) // paid


def test_claim_reverts_before_the_cliff(sale: Sale) -> None:
    sale.reach()
    sale.chain.advance(CLIFF - 1)

    with sale.chain.reverts("NothingToClaim", account=sale.backer):
        sale.claim()


def test_claim_reverts_before_finalization(sale: Sale) -> None:
    sale.contribute(GOAL)
    sale.chain.set_time(sale.terms["endsAt"] + VESTING)

    with sale.chain.reverts("NothingToClaim", account=sale.backer):
        sale.claim()


def test_claim_reverts_when_the_goal_was_missed(sale: Sale) -> None:
    sale.contribute(GOAL - 1)
    sale.chain.set_time(sale.terms["endsAt"] + VESTING)

    with sale.chain.reverts("NothingToClaim", account=sale.backer):
        sale.claim()
    with sale.chain.reverts("NothingToClaim", account=sale.founder):
        sale.claim(sale.founder)


def test_claim_reverts_the_second_time(sale: Sale) -> None:
    sale.reach()
    sale.chain.advance(CLIFF)
    sale.claim()

    with sale.chain.reverts("NothingToClaim", account=sale.backer):
        sale.claim()


def test_claim_of_an_account_without_contribution_reverts(sale: Sale) -> None:
    sale.reach()
    sale.chain.advance(VESTING)

    with sale.chain.reverts("NothingToClaim", account=sale.stranger):
        sale.claim(sale.stranger)


def test_claim_after_a_stop_gives_what_had_vested_then(sale: Sale) -> None:
    sale.reach()
    sale.chain.advance(CLIFF)
    sale.vote()
    sale.chain.advance(VESTING)

    assert sale.claim().only("TokensClaimed")["amount"] == BOUGHT * CLIFF // VESTING
    assert sale.claim(sale.other).only("TokensClaimed")["amount"] == OTHERS * CLIFF // VESTING
    assert sale.claim(sale.founder).only("TokensClaimed")["amount"] == ALLOCATION * CLIFF // VESTING
    with sale.chain.reverts("NothingToClaim", account=sale.backer):
        sale.claim()


def test_claim_after_the_refund_of_a_stop_still_gives_the_vested_tokens(sale: Sale) -> None:
    sale.reach()
    sale.chain.advance(CLIFF)
    sale.vote()
    sale.refund()

    assert sale.claim().only("TokensClaimed")["amount"] == BOUGHT * CLIFF // VESTING


def test_sale_of_memberships_has_no_tokens_to_claim(periods: Sale) -> None:
    periods.reach()

    with periods.chain.reverts("NothingToClaim", account=periods.backer):
        periods.claim()


def test_restricted_tokens_go_to_attested_accounts_only(restricted: Sale) -> None:
    restricted.reach()
    restricted.chain.advance(VESTING)
    restricted.attest(restricted.backer, until=restricted.chain.now)

    with restricted.chain.reverts("TransferRestricted", restriction=2):
        restricted.claim()
    restricted.attest(restricted.backer)
    assert restricted.claim().only("TokensClaimed")["amount"] == BOUGHT


def test_restricted_tokens_do_not_go_to_frozen_accounts(restricted: Sale) -> None:
    restricted.reach()
    restricted.chain.advance(VESTING)
    freeze = restricted.token.setFrozen
    restricted.chain.send(freeze, restricted.backer, True, sender=restricted.founder)

    with restricted.chain.reverts("TransferRestricted", restriction=4):
        restricted.claim()
    restricted.chain.send(freeze, restricted.backer, False, sender=restricted.founder)
    assert restricted.claim().only("TokensClaimed")["amount"] == BOUGHT


def test_restricted_tokens_are_claimed_while_locked_up(restricted: Sale) -> None:
    restricted.reach()
    restricted.chain.advance(CLIFF)

    assert restricted.chain.now < restricted.token.lockedUntil()
    assert restricted.claim().only("TokensClaimed")["amount"] == BOUGHT * CLIFF // VESTING
