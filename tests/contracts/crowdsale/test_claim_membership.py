"""ICrowdsale.claimMembership"""

import pytest

from tests.factories.communities import DAILY, DAY, FOR_LIFE, LIFE, MONTH, MONTHLY, PRICE, World
from tests.factories.crowdsales import (
    CAP,
    COIN,
    MEMBERSHIP,
    OWN_CLAIM,
    TIER_MONEY,
    VESTING,
    Sale,
    open_sale,
    with_tier,
)


def sold(world: World, count: int, **changes: object) -> Sale:
    """A finalized sale of which the backer bought so many periods, and the other all the rest up to the goal."""
    sale = open_sale(world, MEMBERSHIP, **changes)
    price = sale.terms["steps"][0][1]
    sale.contribute(count * price)
    sale.contribute(sale.terms["goal"], sender=sale.other)
    sale.finish()
    return sale


def test_claim_makes_the_contributor_a_member(world: World) -> None:
    sale = sold(world, 6)
    before = sale.balance()

    receipt = sale.join(6)

    claimed = receipt.only("MembershipClaimed")
    claims = {"tokens": 0, "periods": 6, "paid": 6 * PRICE, "refunded": False}
    assert claimed == {
        "account": sale.backer,
        "wallet": sale.backer,
        "tokenId": claimed["tokenId"],
        "periods": 6,
        "amount": 6 * PRICE,
        "claims": claims,
    }
    joined = receipt.only("MembershipJoined")
    assert (joined["tokenId"], joined["holder"], joined["payer"]) == (claimed["tokenId"], sale.backer, sale.address)
    assert (joined["amount"], joined["periods"]) == (6 * PRICE, 6)
    state = world.state(claimed["tokenId"])
    assert (state["tierId"], state["expiresAt"]) == (MONTHLY, sale.chain.now + 6 * MONTH)
    assert (state["unearned"], state["earnedAt"]) == (6 * PRICE, sale.chain.now + 6 * MONTH)
    assert (sale.balance(), world.balance(world.membership.address)) == (before - 6 * PRICE, 6 * PRICE)
    assert (sale.claims(), sale.claimable()) == (claims, {"tokens": 0, "periods": 0, "price": 0})


def test_claimed_membership_costs_what_the_steps_did(world: World) -> None:
    """Two periods at the price of the first step and three at the second's."""
    sale = open_sale(world, MEMBERSHIP)
    sale.contribute(298 * PRICE, sender=sale.other)
    sale.contribute(8 * PRICE)
    sale.finish()

    assert sale.join(5).only("MembershipJoined")["amount"] == 8 * PRICE


def test_periods_are_claimed_in_parts_to_the_last_unit(native: World) -> None:
    """Seven units for three periods: two, two and three."""
    sale = open_sale(native, MEMBERSHIP, goal=1, steps=((2, 1), (107, 5)))
    sale.contribute(7)
    sale.contribute(100, sender=sale.other)
    sale.finish()
    assert sale.claimable() == {"tokens": 0, "periods": 3, "price": 7}

    token_id = sale.join(1).only("MembershipClaimed")["tokenId"]
    amounts = [sale.join(1, token_id=token_id).only("MembershipClaimed")["amount"] for _ in range(2)]

    assert amounts == [2, 3]
    assert sale.claims() == {"tokens": 0, "periods": 3, "paid": 7, "refunded": False}


def test_member_renews_by_the_claim(world: World) -> None:
    sale = sold(world, 6)
    token_id = world.join()
    expires_at = world.state(token_id)["expiresAt"]

    receipt = sale.join(6, token_id=token_id)

    assert receipt.only("MembershipClaimed")["tokenId"] == token_id
    assert receipt.only("MembershipRenewed")["amount"] == 6 * PRICE
    assert world.state(token_id)["expiresAt"] == expires_at + 6 * MONTH


def test_contributor_chooses_the_wallet(world: World) -> None:
    """One that is a member of another tier cannot join: it names a second wallet of its own."""
    sale = sold(world, 6)
    world.join(DAILY)

    with sale.chain.reverts("AlreadyMember", account=sale.backer):
        sale.join(6)
    claimed = sale.join(6, wallet=sale.third).only("MembershipClaimed")

    assert (claimed["account"], claimed["wallet"]) == (sale.backer, sale.third)
    assert world.membership.ownerOf(claimed["tokenId"]) == sale.third
    assert sale.claims()["periods"] == 6


def test_lifelong_memberships_go_to_a_wallet_each(native: World) -> None:
    sale = sold(native, 2, tierId=LIFE)

    tokens = [sale.join(1, wallet=wallet).only("MembershipClaimed")["tokenId"] for wallet in (sale.backer, sale.third)]

    assert [native.state(token)["expiresAt"] for token in tokens] == [FOR_LIFE] * 2
    assert native.state(tokens[0])["unearned"] == PRICE


def test_more_periods_than_may_be_paid_ahead_are_claimed_later(native: World) -> None:
    sale = sold(native, 30)

    with native.chain.reverts(
        "PaidTooFarAhead", expiresAt=native.chain.now + 30 * MONTH, limit=native.chain.now + 730 * DAY
    ):
        sale.join(30)
    token_id = sale.join(24).only("MembershipClaimed")["tokenId"]
    native.chain.advance(7 * MONTH)
    sale.join(6, token_id=token_id)

    assert sale.claims() == {"tokens": 0, "periods": 30, "paid": 30 * PRICE, "refunded": False}


def test_tier_is_claimed_beside_the_tokens(tiered: Sale) -> None:
    tiered.reach()

    claimed = tiered.join(12).only("MembershipClaimed")

    assert claimed["claims"] == {"tokens": 0, "periods": 12, "paid": TIER_MONEY, "refunded": False}
    tiered.chain.advance(VESTING)
    assert tiered.claim().only("TokensClaimed")["claims"]["periods"] == 12
    assert tiered.release().only("Released")["released"] == 2 * tiered.terms["goal"] - 2 * TIER_MONEY


def test_tier_costs_what_the_terms_say_after_a_rise(tiered: Sale) -> None:
    """Else a founder could move scheduled money to the members' contract by raising the price."""
    world = tiered.world
    tiered.reach()
    world.chain.send(world.membership.setTierPrice, MONTHLY, 80 * PRICE, sender=world.founder)

    assert tiered.join(12).only("MembershipJoined")["amount"] == TIER_MONEY


def test_paused_tier_is_claimed(tiered: Sale) -> None:
    world = tiered.world
    tiered.reach()
    world.chain.send(world.membership.setTierPaused, MONTHLY, True, sender=world.founder)

    assert tiered.join(12).only("MembershipJoined")["periods"] == 12


def test_claim_after_a_stop_is_possible(tiered: Sale) -> None:
    tiered.reach()
    tiered.vote()
    tiered.refund()

    assert tiered.join(12).only("MembershipClaimed")["amount"] == TIER_MONEY


# Badges


def test_badge_of_the_contribution_binds_the_new_member(native: World) -> None:
    badge = native.join(sender=native.other)
    sale = open_sale(native, **with_tier())
    sale.contribute(CAP, badge=badge)
    sale.finalize()

    token_id = sale.join(12).only("MembershipClaimed")["tokenId"]

    assert native.state(token_id)["badge"] == badge


def test_badge_that_became_the_contributors_own_stops_no_claim(native: World) -> None:
    badge = native.join(sender=native.other)
    sale = open_sale(native, **with_tier())
    sale.contribute(CAP, badge=badge)
    sale.finalize()
    native.chain.send(native.badges.mint, badge, sender=native.other)
    native.chain.send(native.badges.transferFrom, native.other, sale.backer, badge, sender=native.other)

    token_id = sale.join(12).only("MembershipClaimed")["tokenId"]

    assert native.state(token_id)["badge"] == 0


def test_badge_that_never_was_stops_no_claim(native: World) -> None:
    sale = open_sale(native, **with_tier())
    sale.contribute(CAP, badge=2**40 - 1)
    sale.finalize()

    token_id = sale.join(12).only("MembershipClaimed")["tokenId"]

    assert native.state(token_id)["badge"] == 0


# Who may claim, and when


def test_nobody_claims_for_another_at_first(world: World) -> None:
    sale = sold(world, 6)
    sale.chain.advance(OWN_CLAIM - 1)

    with sale.chain.reverts("NotContributor", account=sale.backer, caller=sale.stranger):
        sale.join(6, sender=sale.stranger, account=sale.backer)


def test_anybody_claims_for_another_in_the_end(world: World) -> None:
    """So that the community earns what was bought and never fetched."""
    sale = sold(world, 6)
    sale.chain.advance(OWN_CLAIM)

    claimed = sale.join(6, sender=sale.stranger, account=sale.backer).only("MembershipClaimed")

    assert (claimed["account"], claimed["wallet"]) == (sale.backer, sale.backer)
    assert world.membership.ownerOf(claimed["tokenId"]) == sale.backer


def test_nobody_claims_for_another_to_a_third(world: World) -> None:
    sale = sold(world, 6)
    sale.chain.advance(OWN_CLAIM)

    with sale.chain.reverts("NotContributor", account=sale.backer, caller=sale.stranger):
        sale.join(6, sender=sale.stranger, account=sale.backer, wallet=sale.stranger)


def test_claim_reverts_before_finalization(periods: Sale) -> None:
    periods.contribute(500 * PRICE)

    with periods.chain.reverts("CrowdsaleNotFinalized"):
        periods.join(1)


@pytest.mark.parametrize("count", [0, 7])
def test_claim_of_no_or_too_many_periods_reverts(native: World, count: int) -> None:
    sale = sold(native, 6)

    with native.chain.reverts("PeriodsInvalid", periods=count, left=6):
        sale.join(count)


def test_claim_reverts_when_all_was_claimed(native: World) -> None:
    sale = sold(native, 6)
    token_id = sale.join(6).only("MembershipClaimed")["tokenId"]

    with native.chain.reverts("PeriodsInvalid", periods=1, left=0):
        sale.join(1, token_id=token_id)


def test_claim_without_contribution_reverts(native: World) -> None:
    sale = sold(native, 6)

    with native.chain.reverts("PeriodsInvalid", periods=1, left=0):
        sale.join(1, sender=sale.stranger)


def test_claim_below_the_threshold_reverts(tiered: Sale) -> None:
    tiered.contribute(COIN - 1)
    tiered.contribute(CAP, sender=tiered.other)
    tiered.finalize()

    with tiered.chain.reverts("PeriodsInvalid", periods=12, left=0):
        tiered.join(12)


def test_renewal_of_anothers_membership_reverts(native: World) -> None:
    sale = sold(native, 6)
    token_id = native.join(sender=native.operator)

    with native.chain.reverts("NotHolder", tokenId=token_id, caller=sale.backer):
        sale.join(6, token_id=token_id)


def test_renewal_of_a_membership_of_another_tier_reverts(native: World) -> None:
    sale = sold(native, 6)
    token_id = native.join(DAILY)

    with native.chain.reverts("MembershipMismatch", tokenId=token_id, tierId=DAILY):
        sale.join(6, token_id=token_id)
