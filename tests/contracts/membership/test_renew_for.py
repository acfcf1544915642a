"""IMembership.renewFor: renewals by keepers. Every reason why there is none: test_renewal_status.py"""

from typing import Any

import pytest

from tests.factories.communities import CHOSEN, DAY, FREE, MONTH, MONTHLY, NOTICE, PRICE, World, community_of, tier
from tests.factories.contracts import Chain
from tests.factories.memberships import (
    GRACE,
    HOUR,
    NEVER,
    agree,
    consent,
    gift,
    invited,
    ledger_of,
    prepay,
    renew_for,
)


@pytest.fixture
def ready(world: World) -> tuple[World, int]:
    """A monthly membership whose holder consented and has the money; its window has just opened."""
    token_id = world.join()
    agree(world, token_id)
    prepay(world, PRICE)
    world.chain.advance(MONTH - DAY)
    return world, token_id


def test_renew_for_extends_by_one_period_with_the_holders_money(ready: tuple[World, int]) -> None:
    world, token_id = ready
    before, now = world.state(token_id), world.chain.now
    held, purse = world.balance(world.membership.address), world.balance(world.member)
    left = int(world.membership.unearnedOf(token_id))

    receipt = renew_for(world, token_id)

    state = before | {
        "expiresAt": before["expiresAt"] + MONTH,
        "unearned": left + PRICE,
        "settledAt": now,
        "earnedAt": before["expiresAt"] + MONTH,
    }
    assert receipt.only("MembershipRenewed") == {
        "tokenId": token_id,
        "holder": world.member,
        "payer": world.member,
        "amount": PRICE,
        "tip": 0,
        "periods": 1,
        "state": state,
    }
    assert receipt.only("MembershipSettled")["earned"] == PRICE - left
    assert receipt.only("SubscriptionUpdate") == {"tokenId": token_id, "expiration": state["expiresAt"]}
    assert world.state(token_id) == state
    pulled = PRICE if world.token else 0  # native coins were in the contract before
    assert (world.balance(world.membership.address), world.balance(world.member)) == (held + pulled, purse - pulled)
    assert world.membership.fundsOf(world.member) == 0


def test_renew_for_uses_a_period_of_the_consent_up(ready: tuple[World, int]) -> None:
    world, token_id = ready

    receipt = renew_for(world, token_id)

    assert consent(world, token_id) == (PRICE, 11, NEVER)
    assert receipt.only("AutoRenewSet") == {
        "tokenId": token_id,
        "holder": world.member,
        "tierId": MONTHLY,
        "consent": {"maxPrice": PRICE, "periodsLeft": 11, "until": NEVER},
    }


def test_renew_for_pays_the_keeper_a_tip_out_of_the_price(ready: tuple[World, int]) -> None:
    world, token_id = ready
    left, tip = int(world.membership.unearnedOf(token_id)), PRICE // 50

    receipt = renew_for(world, token_id, tip)

    renewed = receipt.only("MembershipRenewed")
    assert (renewed["amount"], renewed["tip"]) == (PRICE, tip)
    assert renewed["state"]["unearned"] == left + PRICE - tip
    assert world.membership.fundsOf(world.stranger) == tip
    funds = [event.fields for event in receipt.events if event.name == "FundsSet"]
    assert funds[-1] == {"account": world.stranger, "funds": tip}


def test_tip_is_pulled_by_the_keeper(ready: tuple[World, int]) -> None:
    world, token_id = ready
    renew_for(world, token_id, PRICE // 100)
    before = world.balance(world.stranger)

    world.chain.send(world.membership.withdrawFunds, world.stranger, PRICE // 100, sender=world.stranger)

    assert world.balance(world.stranger) - before == PRICE // 100


def test_renew_for_takes_prepaid_coins(native: World) -> None:
    token_id = native.join()
    agree(native, token_id)
    prepay(native, 3 * PRICE)
    native.chain.advance(MONTH)

    assert renew_for(native, token_id).only("FundsSet") == {"account": native.member, "funds": 2 * PRICE}


def test_renew_for_takes_what_was_refunded(native: World) -> None:
    """In native coins a refund of another membership is as good as prepaid."""
    first = native.join()
    native.chain.send(native.membership.revoke, first, sender=native.founder)
    native.chain.send(native.membership.burn, first, native.member, sender=native.member)
    token_id = gift(native)
    agree(native, token_id)
    native.chain.advance(MONTH)

    assert renew_for(native, token_id).only("FundsSet")["funds"] == 0


def test_renew_for_counts_as_the_holders_payment(native: World) -> None:
    token_id = gift(native)
    agree(native, token_id)
    prepay(native, PRICE)
    native.chain.advance(MONTH)

    assert renew_for(native, token_id).only("MembershipRenewed")["state"]["flags"] == CHOSEN


def test_renew_for_pays_the_badge(world: World) -> None:
    badge, token_id = invited(world)
    agree(world, token_id)
    prepay(world, PRICE)
    world.chain.advance(MONTH)

    state = renew_for(world, token_id, PRICE // 50).only("MembershipRenewed")["state"]

    assert (state["badge"], state["rate"]) == (badge, 500)
    world.chain.advance(MONTH)
    world.settle(token_id)
    kept = PRICE - PRICE // 50  # the badge's share is of what is left without the tip
    assert ledger_of(world, badge)["income"] == PRICE * 500 // 10_000 + kept * 500 // 10_000


def test_renew_for_by_the_holder_itself(ready: tuple[World, int]) -> None:
    world, token_id = ready

    assert world.chain.send(world.membership.renewFor, token_id, PRICE // 50, sender=world.member).events
    assert world.membership.fundsOf(world.member) == PRICE // 50


def test_renew_for_twice_in_a_window_reverts(native: World) -> None:
    """I8: at most once in a period."""
    token_id = native.join()
    agree(native, token_id)
    prepay(native, 5 * PRICE)
    native.chain.advance(MONTH - DAY)
    renew_for(native, token_id)

    with native.chain.reverts("RenewalImpossible", tokenId=token_id, status=6):
        renew_for(native, token_id)


def test_renew_for_every_period_until_the_consent_is_used_up(native: World) -> None:
    token_id = native.join()
    agree(native, token_id, periods=3)
    prepay(native, 9 * PRICE)

    for left in (2, 1, 0):
        native.chain.advance(MONTH)
        assert renew_for(native, token_id).events
        assert consent(native, token_id)[1] == left

    native.chain.advance(MONTH)
    with native.chain.reverts("RenewalImpossible", tokenId=token_id, status=4):
        renew_for(native, token_id)
    assert native.membership.fundsOf(native.member) == 6 * PRICE


def test_renew_for_pays_the_old_price_during_a_notice(native: World) -> None:
    token_id = native.join()
    agree(native, token_id, most=PRICE)
    prepay(native, PRICE)
    native.chain.advance(MONTH - DAY)
    native.chain.send(native.membership.setTierPrice, MONTHLY, 2 * PRICE, sender=native.founder)

    assert renew_for(native, token_id).only("MembershipRenewed")["amount"] == PRICE


def test_renew_for_pays_a_risen_price_within_the_consent(native: World) -> None:
    token_id = native.join()
    agree(native, token_id, most=2 * PRICE)
    prepay(native, 2 * PRICE)
    native.chain.send(native.membership.setTierPrice, MONTHLY, 2 * PRICE, sender=native.founder)
    native.chain.advance(NOTICE)

    assert renew_for(native, token_id).only("MembershipRenewed")["amount"] == 2 * PRICE


def test_renew_for_of_a_free_membership_takes_nothing(native: World) -> None:
    token_id = native.join(FREE)
    agree(native, token_id, most=0)
    native.chain.advance(MONTH)

    renewed = renew_for(native, token_id).only("MembershipRenewed")

    assert (renewed["amount"], renewed["state"]["expiresAt"]) == (0, native.chain.now + MONTH)


def test_renew_for_in_a_paused_tier_goes_on(native: World) -> None:
    token_id = native.join()
    agree(native, token_id)
    prepay(native, PRICE)
    native.chain.send(native.membership.setTierPaused, MONTHLY, True, sender=native.founder)
    native.chain.advance(MONTH)

    assert renew_for(native, token_id).events


# The window


@pytest.mark.parametrize(
    ("period", "early"), [(HOUR, HOUR // 10), (DAY, DAY // 10), (10 * DAY, DAY), (MONTH, DAY), (400 * DAY, DAY)]
)
def test_window_opens_a_day_or_a_tenth_of_the_period_before_expiry(
    ledger: Chain, factory: Any, period: int, early: int
) -> None:
    world = community_of(ledger, factory, tiers=[tier(periodSeconds=period)])
    token_id = world.join()
    expires_at = ledger.now + period
    agree(world, token_id)
    prepay(world, PRICE)
    ledger.set_time(expires_at - early - 1)

    with ledger.reverts("RenewalImpossible", tokenId=token_id, status=6):
        renew_for(world, token_id)
    ledger.advance(1)
    state = renew_for(world, token_id).only("MembershipRenewed")["state"]
    assert state["expiresAt"] == expires_at + period


def test_window_closes_a_week_after_expiry(native: World) -> None:
    token_id = native.join()
    agree(native, token_id)
    prepay(native, PRICE)
    native.chain.advance(MONTH + GRACE - 1)

    with native.chain.undone():
        assert renew_for(native, token_id).only("MembershipRenewed")["state"]["expiresAt"] == native.chain.now + MONTH
    native.chain.advance(1)
    with native.chain.reverts("RenewalImpossible", tokenId=token_id, status=7):
        renew_for(native, token_id)


# Tips


@pytest.mark.parametrize("tip", [PRICE // 50 + 1, PRICE, 2**96 - 1])
def test_renew_for_reverts_when_the_tip_is_too_high(ready: tuple[World, int], tip: int) -> None:
    world, token_id = ready

    with world.chain.reverts("TipTooHigh", tip=tip, most=PRICE // 50):
        renew_for(world, token_id, tip)


def test_renew_for_reverts_when_a_free_renewal_is_to_pay_a_tip(native: World) -> None:
    token_id = native.join(FREE)
    agree(native, token_id, most=0)
    native.chain.advance(MONTH)

    with native.chain.reverts("TipTooHigh", tip=1, most=0):
        renew_for(native, token_id, 1)


def test_renew_for_takes_no_coins(native: World) -> None:
    token_id = native.join()

    with native.chain.reverts("unknown", data=b""):
        native.chain.send(native.membership.renewFor, token_id, 0, sender=native.stranger, value=1)
