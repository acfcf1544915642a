"""Attacks on a crowdsale: on its money, its tokens and its vote"""

import pytest

from tests.factories.communities import PRICE, World
from tests.factories.contracts import NATIVE, Chain, Reverted
from tests.factories.crowdsales import (
    CAP,
    COIN,
    GOAL,
    TIER_MONEY,
    UNIT,
    VESTING,
    Sale,
    encoded,
    open_sale,
    terms_of,
    with_tier,
)

# Free tokens, free votes, fake goals


def test_free_tokens_by_a_stop_after_fast_vesting(native: World) -> None:
    """Who holds more than the threshold lets half vest in a day and stops: it keeps half and has paid for half."""
    sale = open_sale(native, cliffSeconds=0, vestingSeconds=86_400)
    sale.contribute(8 * COIN)
    sale.contribute(12 * COIN, sender=sale.other)
    sale.finish()
    before = sale.balance(sale.backer)
    native.chain.advance(43_200)

    sale.claim()
    sale.vote()
    sale.refund()
    native.chain.advance(86_400)
    with native.chain.reverts("NothingToClaim", account=sale.backer):
        sale.claim()

    assert sale.tokens_of() == 8000 * UNIT // 2
    assert sale.balance(sale.backer) - before == 8 * COIN // 2
    sale.release()
    sale.refund(sale.other)
    assert (sale.balance(native.community.address), sale.balance()) == (10 * COIN, 0)


def test_free_tokens_by_cancelling_the_membership(tiered: Sale) -> None:
    """The tier's price comes back by `cancel`: it must not have bought tokens too."""
    world, sale = tiered.world, tiered
    sale.contribute(2 * COIN)
    sale.contribute(GOAL, sender=sale.other)
    sale.finish()
    before = sale.balance(sale.backer)
    token_id = sale.join(12).only("MembershipClaimed")["tokenId"]
    world.chain.send(world.membership.cancel, token_id, sale.backer, sender=sale.backer)

    paid = 2 * COIN - (sale.balance(sale.backer) - before)

    assert paid == 2 * COIN - TIER_MONEY
    assert sale.allocation_of() == 1000 * paid


def test_free_votes_by_cancelling_the_membership(native: World) -> None:
    """Wallets that contribute just the tier's price, and have it back, weigh nothing."""
    sale = open_sale(native, **with_tier(tierThreshold=TIER_MONEY))
    sale.contribute(GOAL, sender=sale.other)
    for account in (sale.backer, sale.third, sale.stranger):
        sale.contribute(TIER_MONEY, sender=account)
    sale.finish()

    assert sale.totals()["electorate"] == GOAL - TIER_MONEY
    with native.chain.reverts("VoteMissing", account=sale.third):
        sale.vote(sale.third)


@pytest.mark.parametrize(("bps", "factor"), [(2000, 4), (5000, 1)])
def test_fake_goal_by_second_wallets_has_this_bound(native: World, bps: int, factor: int) -> None:
    """A founder that fills a sale from second wallets, which nobody can tell apart, cannot be stopped once they hold
    (1 - threshold) of all; with a base unit less it can. Its money is bound for as long as everybody's."""
    for excess, stopped in ((0, False), (1, True)):
        sale = open_sale(native, stopThresholdBps=bps)
        sale.contribute(factor * GOAL - excess, sender=sale.third)
        sale.contribute(GOAL)
        sale.finish()

        sale.vote()

        assert (sale.totals()["stoppedAt"] != 0) is stopped


def test_founder_cannot_drown_the_vote_from_its_own_wallet(native: World) -> None:
    """Neither by itself, nor through somebody who pays for it, nor as a gift to others."""
    sale = open_sale(native)
    sale.contribute(40 * COIN, sender=sale.founder)
    sale.contribute(40 * COIN, sender=sale.third, recipient=sale.founder)
    with native.chain.reverts("GiftByFounder", recipient=sale.third):
        sale.contribute(COIN, sender=sale.founder, recipient=sale.third)
    sale.contribute(COIN)
    sale.finish()

    assert sale.vote().only("CrowdsaleStopped")["scheduled"] == 81 * COIN


def test_founder_cannot_shed_the_exclusion_by_giving_the_community_away(native: World) -> None:
    sale = open_sale(native)
    sale.contribute(40 * COIN, sender=sale.founder)
    sale.contribute(COIN)
    native.chain.send(native.community.offerOwnership, native.operator, sender=native.founder)
    native.chain.send(native.community.acceptOwnership, sender=native.operator)
    sale.finish()

    with native.chain.reverts("VoteOfFounder", account=sale.founder):
        sale.vote(sale.founder)
    assert sale.totals()["electorate"] == COIN


def test_goal_reached_in_the_last_second_counts_and_can_be_stopped(native: World) -> None:
    sale = open_sale(native)
    sale.contribute(COIN)
    native.chain.set_time(sale.terms["endsAt"] - 1)
    sale.contribute(GOAL - COIN, sender=sale.founder)
    sale.finish()
    before = sale.balance(sale.backer)

    sale.vote()
    sale.refund()

    assert sale.balance(sale.backer) - before == COIN


def test_bought_tokens_bring_no_vote_and_sold_ones_take_none(native: World) -> None:
    sale = open_sale(native)
    sale.reach()
    native.chain.advance(200 * 86_400)
    for account in (sale.backer, sale.other):
        sale.claim(account)
        sale.chain.send(sale.token.transfer, sale.third, sale.tokens_of(account), sender=account)

    with native.chain.reverts("VoteMissing", account=sale.third):
        sale.vote(sale.third)
    sale.vote(sale.other)
    assert sale.totals()["stoppedAt"] == native.chain.now


# What strangers can do to a contributor


def test_stranger_cannot_turn_tokens_into_a_membership(tiered: Sale) -> None:
    """A base unit that lifts another's sum over the threshold moves none of its money."""
    tiered.contribute(COIN - 1)

    tiered.contribute(1, sender=tiered.stranger, recipient=tiered.backer)

    assert (tiered.contribution()["tier"], tiered.totals()["tierMoney"]) == (False, 0)
    tiered.contribute(1)
    assert tiered.contribution()["tier"]


def test_stranger_cannot_bind_a_contributor_to_its_badge(native: World) -> None:
    badge = native.join(sender=native.stranger)
    sale = open_sale(native, **with_tier())

    with native.chain.reverts("BadgeNotChosen", badge=badge, recipient=sale.backer):
        sale.contribute(COIN, sender=sale.stranger, recipient=sale.backer, badge=badge)


def test_contributor_cannot_bind_a_strangers_wallet_to_its_badge(native: World) -> None:
    """Binding squat: a membership that is claimed to another wallet is a gift without a badge."""
    badge = native.join(sender=native.operator)
    sale = open_sale(native, **with_tier())
    sale.contribute(CAP, badge=badge)
    sale.finalize()

    token_id = sale.join(12, wallet=sale.stranger).only("MembershipClaimed")["tokenId"]

    assert native.state(token_id)["badge"] == 0


def test_gift_blocks_no_refund(native: World) -> None:
    sale = open_sale(native)
    sale.contribute(COIN)
    sale.contribute(1, sender=sale.stranger, recipient=sale.backer)
    native.chain.set_time(sale.terms["endsAt"])

    assert sale.refund().only("ContributionRefunded")["amount"] == COIN + 1


def test_dearer_step_reached_first_by_another_costs_nobody_more(native: World) -> None:
    sale = open_sale(native)
    price = sale.terms["steps"][0][1]
    sale.contribute(50 * COIN, sender=sale.stranger)

    with native.chain.reverts("PriceTooHigh", price=2 * price, most=price):
        sale.contribute(COIN, price=price)


def test_sale_cannot_be_kept_from_filling_by_a_rest_below_the_least(native: World) -> None:
    """An attacker leaves less than an account must contribute: whoever comes may still fill it, and finalize."""
    sale = open_sale(native, accountMin=5 * COIN)
    sale.contribute(CAP - 1, sender=sale.stranger)

    sale.contribute(5 * COIN)

    assert sale.finalize().only("CrowdsaleFinalized")["raised"] == CAP


def test_nobody_can_begin_the_schedule_early_or_again(native: World) -> None:
    sale = open_sale(native)
    sale.contribute(CAP - 1)
    with native.chain.reverts("CrowdsaleNotOver", endsAt=sale.terms["endsAt"]):
        sale.finalize()
    at = sale.finish()
    native.chain.advance(VESTING)

    with native.chain.reverts("CrowdsaleAlreadyFinalized", finalizedAt=at):
        sale.finalize()


# Restricted tokens


def test_issuer_that_freezes_everybody_keeps_nobody_from_the_money(restricted: Sale) -> None:
    """Frozen and without attestation contributors still vote and are refunded (I23)."""
    sale = restricted
    sale.reach()
    for account in (sale.backer, sale.other):
        sale.chain.send(sale.token.setFrozen, account, True, sender=sale.founder)
    sale.attest(sale.backer, sale.other, until=0)

    sale.vote()
    amounts = [sale.refund(account).only("ContributionRefunded")["amount"] for account in (sale.backer, sale.other)]

    assert sum(amounts) == 2 * GOAL


# Implementations


def test_implementation_of_the_sale_is_of_no_use(ledger: Chain) -> None:
    sale, account = ledger.deploy("Crowdsale"), ledger.accounts[5]

    with pytest.raises(Reverted):
        ledger.send(sale.contribute, COIN, 2**128 - 1, NATIVE, account, 0, sender=account, value=COIN)
    for method in (sale.finalize, sale.release, sale.voteStop):
        with pytest.raises(Reverted):
            ledger.send(method, sender=account)
    for method in (sale.claimTokens, sale.claimRefund):
        with pytest.raises(Reverted):
            ledger.send(method, account, sender=account)
    assert ledger.balance(sale.address) == 0


def test_implementation_of_the_token_is_of_no_use(ledger: Chain) -> None:
    token, account = ledger.deploy("CommunityToken"), ledger.accounts[5]

    with ledger.reverts("AlreadyInitialized"):
        ledger.send(token.initialize, account, sender=account)
    with ledger.reverts("NotSale", caller=account):
        ledger.send(token.mint, account, 1, sender=account)


def test_sale_of_one_community_sells_no_memberships_of_another(native: World, tokened: World) -> None:
    """Only `openSale` gives the role: a sale that the factory makes for anybody else cannot take places."""
    made = open_sale(native, **with_tier())
    made.contribute(CAP)
    made.finalize()

    with tokened.chain.reverts("RoleMissing", caller=made.address, role=16), tokened.chain.impersonated(made.address):
        tokened.chain.send(tokened.membership.sell, 1, 1, PRICE, made.backer, 0, 0, sender=made.address)


def test_owner_only_opens_sales(native: World) -> None:
    with native.chain.reverts("NotOwner", caller=native.stranger):
        native.chain.send(native.community.openSale, encoded(terms_of(native.chain)), sender=native.stranger)
