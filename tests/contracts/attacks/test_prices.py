"""Prices, notices and places: pause as a price rise, stockpiling an old price, filling the place of others"""

import pytest

from tests.contracts.community.test_open_sale import sale_of
from tests.factories.communities import (
    DAY,
    FREE,
    LIFE,
    MONTH,
    MONTHLY,
    NOTICE,
    PRICE,
    YEAR,
    World,
    tier,
)
from tests.factories.contracts import NATIVE, Receipt
from tests.factories.memberships import (
    agree,
    change_tier,
    issue,
    join_with,
    pay,
    prepay,
    renew_for,
    renew_with,
    transfer,
)


def test_founder_cannot_raise_the_price_under_a_waiting_payment(native: World) -> None:
    native.chain.send(native.membership.setTierPrice, MONTHLY, 2 * PRICE, sender=native.founder)

    with native.chain.reverts("PriceMismatch", expected=PRICE, price=2 * PRICE):
        native.chain.send(
            native.membership.join, MONTHLY, 1, PRICE, NATIVE, native.member, 0, sender=native.member, value=PRICE
        )


def test_pause_is_no_price_rise(native: World) -> None:
    """A founder pauses the tier and raises its price: members go on renewing at the old one through the notice."""
    token_id = native.join()
    native.chain.send(native.membership.setTierPaused, MONTHLY, True, sender=native.founder)
    native.chain.send(native.membership.setTierPrice, MONTHLY, 100 * PRICE, sender=native.founder)
    native.chain.advance(NOTICE - 1)

    assert native.renew(token_id).only("MembershipRenewed")["amount"] == PRICE


def test_pause_beside_retirement_keeps_the_notice(native: World) -> None:
    token_id = native.join()
    native.chain.send(native.membership.setTierPaused, MONTHLY, True, sender=native.founder)
    native.chain.send(native.membership.retireTier, MONTHLY, native.chain.now + NOTICE, sender=native.founder)
    native.chain.advance(NOTICE - 1)

    assert native.renew(token_id).only("MembershipRenewed")["amount"] == PRICE


def test_old_price_cannot_be_stockpiled_for_decades(native: World) -> None:
    """The announced rise is years away from nobody: paid time ends two years ahead, by join and renewals together."""
    token_id = native.join(periods=12)
    native.chain.send(native.membership.setTierPrice, MONTHLY, 2 * PRICE, sender=native.founder)
    native.renew(token_id, 12)
    now = native.chain.now

    with native.chain.reverts("PaidTooFarAhead", expiresAt=now + 25 * MONTH, limit=now + 2 * YEAR):
        native.renew(token_id)


def test_free_membership_cannot_be_forced_on_a_wallet_to_block_its_join(native: World) -> None:
    """One membership per wallet: whoever fills the place of another would keep it out."""
    with native.chain.reverts("GiftNotPaid", tierId=FREE):
        native.send_join(FREE, sender=native.stranger, recipient=native.member)


def test_free_renewals_by_a_stranger_do_not_put_off_what_was_paid(native: World) -> None:
    """The price falls to nothing: free periods that anybody can add must not stretch the earning of earlier money."""
    token_id = native.join()
    native.chain.send(native.membership.setTierPrice, MONTHLY, 0, sender=native.founder)
    earned_at = native.state(token_id)["earnedAt"]

    native.renew(token_id, 20, sender=native.stranger)

    assert native.state(token_id)["earnedAt"] == earned_at
    native.chain.advance(MONTH)
    native.settle(token_id)
    assert native.earned() == PRICE


def test_stranger_can_neither_shorten_nor_empty_a_membership(native: World) -> None:
    token_id = native.join()
    native.chain.advance(3 * DAY)
    expires_at, unearned = native.state(token_id)["expiresAt"], int(native.membership.unearnedOf(token_id))

    native.settle(token_id)
    native.renew(token_id, sender=native.stranger)

    assert native.state(token_id)["expiresAt"] == expires_at + MONTH
    assert native.membership.unearnedOf(token_id) == unearned + PRICE


# Pause as a price rise (E7): whoever may not join any more must still pay the old price


@pytest.mark.parametrize("way", ["renew", "renewWith", "renewSubscription", "renewFor"])
def test_pause_and_rise_reach_no_renewal_before_the_notice_ends(native: World, way: str) -> None:
    """By whichever call a member, its sponsor or its keeper renews."""
    token_id = native.join()
    agree(native, token_id, most=100 * PRICE)
    prepay(native, 100 * PRICE)
    for method, arguments in (
        (native.membership.setTierPaused, (MONTHLY, True)),
        (native.membership.setTierPrice, (MONTHLY, 100 * PRICE)),
        (native.membership.setTierAccess, (MONTHLY, True, b"\1" * 32, 0)),
        (native.membership.retireTier, (MONTHLY, native.chain.now + 10 * NOTICE)),
    ):
        native.chain.send(method, *arguments, sender=native.founder)
    native.chain.advance(NOTICE - 1)

    receipt = {
        "renew": lambda: native.renew(token_id),
        "renewWith": lambda: renew_with(native, token_id),
        "renewSubscription": lambda: pay(
            native, native.membership.renewSubscription, token_id, MONTH, amount=PRICE, value=PRICE
        ),
        "renewFor": lambda: renew_for(native, token_id),
    }[way]()

    assert receipt.only("MembershipRenewed")["amount"] == PRICE


def test_rise_never_costs_more_than_was_announced_a_notice_before(native: World) -> None:
    """I18: raised, lowered and raised again within one notice, a renewal pays the least that was announced."""
    token_id = native.join(periods=3)
    membership = native.membership
    native.chain.send(membership.setTierPrice, MONTHLY, 3 * PRICE, sender=native.founder)
    native.chain.advance(NOTICE // 2)
    with native.chain.reverts("PriceRisePending", tierId=MONTHLY, noticeEnds=native.chain.now + NOTICE // 2):
        native.chain.send(membership.setTierPrice, MONTHLY, 4 * PRICE, sender=native.founder)
    native.chain.send(membership.setTierPrice, MONTHLY, PRICE // 2, sender=native.founder)
    native.chain.send(membership.setTierPrice, MONTHLY, 9 * PRICE, sender=native.founder)
    native.chain.advance(NOTICE - 1)

    assert native.membership.renewalPrice(token_id) == PRICE // 2
    native.chain.advance(1)
    assert native.membership.renewalPrice(token_id) == 9 * PRICE


def test_founder_cannot_change_what_a_paid_period_is(native: World) -> None:
    """Period and earning time are fixed with the tier: no call changes them."""
    token_id = native.join()
    before = native.tier(MONTHLY)
    native.chain.send(native.membership.setTierPrice, MONTHLY, PRICE - 1, sender=native.founder)
    native.chain.send(native.membership.setTierLabel, MONTHLY, b"Other".ljust(32, b"\0"), sender=native.founder)
    native.chain.send(native.membership.setTierAccess, MONTHLY, False, b"\0" * 32, 2_000, sender=native.founder)

    after = native.tier(MONTHLY)
    assert (after["periodSeconds"], after["earningSeconds"]) == (before["periodSeconds"], before["earningSeconds"])
    assert native.renew(token_id).only("MembershipRenewed")["state"]["expiresAt"] == native.chain.now + 2 * MONTH


# Stockpiling an old price (E6): by whatever call


def stockpile(world: World, token_id: int, way: str) -> Receipt:
    """One more month than may be had, by each call that gives time."""
    membership, member = world.membership, world.member
    if way == "renew":
        return world.renew(token_id)
    if way == "a sponsor":
        return world.renew(token_id, sender=world.stranger)
    if way == "renewWith":
        return renew_with(world, token_id)
    if way == "renewSubscription":
        return pay(world, membership.renewSubscription, token_id, MONTH, amount=PRICE, value=PRICE)
    if way == "grant":
        return world.chain.send(membership.grant, [(member, MONTHLY, MONTH, token_id)], sender=world.founder)
    if way == "changeTier":
        world.chain.send(membership.createTier, tier(), sender=world.founder)
        return change_tier(world, token_id, 5, 1, amount=PRICE)
    sale = sale_of(world)
    world.chain.rpc("anvil_setBalance", sale, hex(PRICE))
    with world.chain.impersonated(sale):
        arguments = (MONTHLY, 1, PRICE, member, 0, token_id)
        return world.chain.send(membership.sell, *arguments, sender=sale, value=PRICE)


@pytest.mark.parametrize(
    "way", ["renew", "a sponsor", "renewWith", "renewSubscription", "grant", "changeTier", "a sale"]
)
def test_old_price_cannot_be_stockpiled_by_any_call(native: World, way: str) -> None:
    """A rise was announced. Time ahead ends two years from now, however it is come by."""
    token_id = native.join(periods=24)
    native.chain.send(native.membership.setTierPrice, MONTHLY, 2 * PRICE, sender=native.founder)
    now = native.chain.now

    with native.chain.reverts("PaidTooFarAhead", expiresAt=now + 25 * MONTH, limit=now + 2 * YEAR):
        stockpile(native, token_id, way)


@pytest.mark.parametrize("way", ["join", "joinWith", "giftMany", "a voucher"])
def test_old_price_cannot_be_stockpiled_by_a_first_payment(native: World, way: str) -> None:
    now, membership, payment = native.chain.now, native.membership, (25, PRICE, NATIVE)

    with native.chain.reverts("PaidTooFarAhead", expiresAt=now + 25 * MONTH, limit=now + 2 * YEAR):
        if way == "join":
            native.join(periods=25)
        elif way == "giftMany":
            pay(native, membership.giftMany, MONTHLY, *payment, [native.member], amount=25 * PRICE)
        else:
            issued = issue(native, value=10_000) if way == "a voucher" else {}
            join_with(native, periods=25, price=0 if issued else PRICE, **issued)


def test_time_bought_at_an_old_price_is_worth_no_more_in_another_tier(native: World) -> None:
    """What is unearned buys time at the price of today; what was stockpiled is money, not months."""
    native.chain.send(native.membership.createTier, tier(price=PRICE), sender=native.founder)
    token_id = native.join(periods=12)
    native.chain.send(native.membership.setTierPrice, 5, 12 * PRICE, sender=native.founder)

    state = change_tier(native, token_id, 5).only("MembershipTierChanged")["state"]

    assert state["expiresAt"] == native.chain.now + MONTH


def test_gift_cannot_block_the_join_that_its_victim_wants(native: World) -> None:
    """The shortest membership fills the victim's one place: it burns it, is paid for it, and joins."""
    squat = native.join(4, sender=native.stranger, recipient=native.member)
    native.chain.send(native.membership.burn, squat, native.member, sender=native.member)

    assert native.join(LIFE)


def test_transfer_cannot_block_the_renewals_of_its_victim(native: World) -> None:
    """Nobody pushes a second membership on a member."""
    native.join()
    other = native.join(sender=native.other)

    with native.chain.reverts("AlreadyMember", account=native.member):
        transfer(native, other, native.other, native.member)
