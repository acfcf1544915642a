"""Attacks by keepers, buyers and founders on those who consented to renewals (E9, I8, I17)"""

import pytest

from tests.factories.communities import DAY, FREE, LIFE, MONTH, MONTHLY, NOTICE, PRICE, World, tier
from tests.factories.memberships import (
    CONSENT_USED_UP,
    GRACE,
    NEVER,
    NO_CONSENT,
    PRICE_ABOVE_CONSENT,
    TIER_RETIRED,
    TOO_EARLY,
    agree,
    change_tier,
    consent,
    join_with,
    prepay,
    renew_for,
    transfer,
)


def refuses(world: World, token_id: int, reason: int) -> None:
    """No keeper gets a unit."""
    before = world.balance(world.member), world.membership.fundsOf(world.member)
    with world.chain.reverts("RenewalImpossible", tokenId=token_id, status=reason):
        renew_for(world, token_id)
    assert (world.balance(world.member), world.membership.fundsOf(world.member)) == before


def test_stale_consent_pulls_nobody(world: World) -> None:
    """The victim consented, sold its membership, and is given another: by a buyer, who consented for it beforehand."""
    victim, attacker = world.member, world.other
    sold = world.join(sender=victim)
    agree(world, sold, most=100 * PRICE)
    prepay(world, 100 * PRICE, victim)
    transfer(world, sold, victim, world.founder)
    given = world.join(sender=attacker)
    agree(world, given, most=100 * PRICE, sender=attacker)

    transfer(world, given, attacker, victim)
    world.chain.advance(MONTH)

    for token_id in (sold, given):
        assert consent(world, token_id) == (0, 0, 0)
        refuses(world, token_id, NO_CONSENT)


def test_stale_consent_does_not_come_back_with_the_membership(world: World) -> None:
    """The attacker buys it and gives it back."""
    token_id = world.join()
    agree(world, token_id)
    prepay(world, PRICE)
    transfer(world, token_id, world.member, world.other)
    transfer(world, token_id, world.other, world.member)
    world.chain.advance(MONTH)

    refuses(world, token_id, NO_CONSENT)


def test_seller_cannot_leave_a_consent_for_the_buyer(native: World) -> None:
    """Nor one that fits the next count of transfers: only the holder of the day consents, for now."""
    token_id = native.join(sender=native.other)
    agree(native, token_id, most=100 * PRICE, sender=native.other)
    prepay(native, 100 * PRICE)
    transfer(native, token_id, native.other, native.member)

    with native.chain.reverts("NotHolder", tokenId=token_id, caller=native.other):
        agree(native, token_id, most=100 * PRICE, sender=native.other)
    native.chain.advance(MONTH)
    refuses(native, token_id, NO_CONSENT)


def test_sponsor_cannot_consent_for_the_recipient(native: World) -> None:
    with native.chain.reverts("NotHolder", tokenId=(MONTHLY << 24) + 1, caller=native.other):
        join_with(native, sender=native.other, recipient=native.member, consent=(100 * PRICE, 12, NEVER))


@pytest.mark.parametrize("ending", ["cancel", "revoke", "opt out", "change of tier"])
def test_ended_consent_does_not_revive_when_the_member_comes_back(world: World, ending: str) -> None:
    token_id = world.join(periods=12)
    agree(world, token_id)
    prepay(world, PRICE)
    if ending == "cancel":
        world.chain.send(world.membership.cancel, token_id, world.member, sender=world.member)
        world.renew(token_id, sender=world.stranger)
    elif ending == "revoke":
        world.chain.send(world.membership.revoke, token_id, sender=world.founder)
        world.renew(token_id, sender=world.stranger)
    elif ending == "opt out":
        agree(world, token_id, periods=0)
    else:
        world.chain.send(world.membership.createTier, tier(), sender=world.founder)
        change_tier(world, token_id, 5)
        change_tier(world, token_id, MONTHLY)
    world.chain.set_time(world.state(token_id)["expiresAt"])
    prepay(world, PRICE)

    refuses(world, token_id, NO_CONSENT)


def test_keeper_cannot_pull_twice_in_a_period(world: World) -> None:
    token_id = world.join()
    agree(world, token_id)
    world.chain.advance(MONTH - DAY)
    prepay(world, PRICE)
    renew_for(world, token_id)
    prepay(world, PRICE)

    for passed in (0, DAY, MONTH - 2):
        with world.chain.undone():
            world.chain.advance(passed)
            refuses(world, token_id, TOO_EARLY)


def test_keeper_cannot_catch_up_on_periods_that_were_missed(native: World) -> None:
    """A week after expiry it is over: the member is not pulled for months in which it had nothing."""
    token_id = native.join()
    agree(native, token_id)
    prepay(native, 12 * PRICE)
    native.chain.advance(MONTH + GRACE - 1)

    renew_for(native, token_id)
    refuses(native, token_id, TOO_EARLY)
    assert native.membership.fundsOf(native.member) == 11 * PRICE


def test_keeper_cannot_pull_more_often_than_was_allowed(native: World) -> None:
    token_id = native.join()
    agree(native, token_id, periods=1)
    prepay(native, 12 * PRICE)
    native.chain.advance(MONTH)
    renew_for(native, token_id)
    native.chain.advance(MONTH)

    refuses(native, token_id, CONSENT_USED_UP)


def test_founder_cannot_pull_more_than_was_allowed(native: World) -> None:
    """A risen price ends the renewals; the member is not pulled at it, and may go on by itself."""
    token_id = native.join()
    agree(native, token_id, most=PRICE)
    prepay(native, 100 * PRICE)
    native.chain.send(native.membership.setTierPrice, MONTHLY, 50 * PRICE, sender=native.founder)
    native.chain.advance(NOTICE)

    refuses(native, token_id, PRICE_ABOVE_CONSENT)
    native.chain.send(native.membership.setTierPrice, MONTHLY, PRICE, sender=native.founder)
    assert renew_for(native, token_id).only("MembershipRenewed")["amount"] == PRICE


def test_founder_cannot_rush_a_price_into_the_window(native: World) -> None:
    """The rise is announced as the window opens: the old price holds for this renewal, though more is allowed."""
    token_id = native.join()
    agree(native, token_id, most=50 * PRICE)
    prepay(native, 50 * PRICE)
    native.chain.advance(MONTH - DAY)
    native.chain.send(native.membership.setTierPrice, MONTHLY, 50 * PRICE, sender=native.founder)
    native.chain.advance(DAY + GRACE - 1)

    assert renew_for(native, token_id).only("MembershipRenewed")["amount"] == PRICE


def test_founder_cannot_renew_into_a_tier_that_ended(native: World) -> None:
    token_id = native.join()
    agree(native, token_id)
    prepay(native, PRICE)
    native.chain.send(native.membership.retireTier, MONTHLY, native.chain.now + NOTICE, sender=native.founder)
    native.chain.advance(NOTICE)

    refuses(native, token_id, TIER_RETIRED)


def test_consent_to_a_free_tier_does_not_pay_once_it_costs(native: World) -> None:
    """Gather first, charge later: who consented to nothing is not charged."""
    token_id = native.join(FREE)
    agree(native, token_id, most=0)
    prepay(native, 100 * PRICE)
    native.chain.send(native.membership.setTierPrice, FREE, PRICE, sender=native.founder)
    native.chain.advance(NOTICE)

    refuses(native, token_id, PRICE_ABOVE_CONSENT)


def test_consent_is_for_one_tier(native: World) -> None:
    """The member moves to a tier for life and back: its word on the monthly price is gone."""
    token_id = native.join(periods=12)
    agree(native, token_id)
    change_tier(native, token_id, LIFE, 1)
    change_tier(native, token_id, MONTHLY)

    assert consent(native, token_id) == (0, 0, 0)


def test_keeper_takes_its_tip_out_of_the_price(world: World) -> None:
    """The member pays the price and no more, however many keepers race; the loser gets a reason and pays gas."""
    token_id = world.join()
    agree(world, token_id)
    prepay(world, PRICE)
    world.chain.advance(MONTH)
    purse = world.balance(world.member) + world.membership.fundsOf(world.member)

    world.chain.send(world.membership.renewFor, token_id, PRICE // 50, sender=world.founder)

    left = world.balance(world.member) + world.membership.fundsOf(world.member)
    assert purse - left == PRICE
    with world.chain.reverts("RenewalImpossible", tokenId=token_id, status=TOO_EARLY):
        renew_for(world, token_id, PRICE // 50)
    assert world.membership.fundsOf(world.stranger) == 0


def test_keeper_cannot_draw_on_an_allowance_without_consent(tokened: World) -> None:
    """An allowance for one's own payments is no consent."""
    token_id = tokened.join()
    tokened.fund(tokened.member, 100 * PRICE)
    tokened.chain.advance(MONTH)

    refuses(tokened, token_id, NO_CONSENT)


def test_nobody_pays_by_the_allowance_of_another(tokened: World) -> None:
    token_id = tokened.join()
    tokened.fund(tokened.member, 100 * PRICE)
    membership, arguments = tokened.membership, (1, PRICE, tokened.currency)

    for method, before in ((membership.renew, (token_id,)), (membership.join, (MONTHLY,))):
        after = (tokened.stranger, 0) if before == (MONTHLY,) else ()
        with tokened.chain.reverts("TransferFromFailed"):
            tokened.chain.send(method, *before, *arguments, *after, sender=tokened.stranger)
