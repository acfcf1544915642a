"""IMembershipHolder.changeTier. Reverts: test_change_tier_reverts.py; any numbers: test_change_tier_properties.py"""

from typing import Any

from tests.factories.communities import (
    CHOSEN,
    DAY,
    FOR_LIFE,
    FREE,
    LIFE,
    MONTH,
    MONTHLY,
    PRICE,
    YEAR,
    World,
    community_of,
    tier,
)
from tests.factories.contracts import Chain
from tests.factories.memberships import (
    HOUR,
    SEAT_GRACE,
    TRIPLE,
    agree,
    change_tier,
    consent,
    earned_of,
    gift,
    invited,
    join_with,
    renew_with,
)


def test_change_tier_turns_what_is_unearned_into_time_of_the_other(grown: World) -> None:
    token_id = grown.join(periods=3)
    before = grown.state(token_id)
    now = grown.chain.advance(15 * DAY)
    left = 3 * PRICE - earned_of(3 * PRICE, 15 * DAY, 3 * MONTH)

    receipt = change_tier(grown, token_id, TRIPLE)

    bought = left * MONTH // (3 * PRICE)
    state = before | {
        "expiresAt": now + bought,
        "tierId": TRIPLE,
        "unearned": left,
        "settledAt": now,
        "earnedAt": now + bought,
    }
    assert receipt.only("MembershipTierChanged") == {
        "tokenId": token_id,
        "holder": grown.member,
        "tierId": TRIPLE,
        "previousTierId": MONTHLY,
        "amount": 0,
        "periods": 0,
        "state": state,
    }
    assert receipt.only("MembershipSettled")["earned"] == 3 * PRICE - left
    assert receipt.only("SubscriptionUpdate") == {"tokenId": token_id, "expiration": now + bought}
    assert receipt.only("MetadataUpdate") == {"_tokenId": token_id}
    assert (grown.state(token_id), grown.earned()) == (state, 3 * PRICE - left)
    assert (grown.tier(MONTHLY)["seats"], grown.tier(TRIPLE)["seats"]) == (0, 1)
    assert grown.membership.ownerOf(token_id) == grown.member


def test_change_tier_adds_whole_periods_paid_on_top(grown: World) -> None:
    token_id = grown.join(periods=3)
    now = grown.chain.now

    changed = change_tier(grown, token_id, TRIPLE, 2, amount=6 * PRICE).only("MembershipTierChanged")

    assert (changed["amount"], changed["periods"]) == (6 * PRICE, 2)
    state = changed["state"]
    assert (state["expiresAt"], state["earnedAt"], state["unearned"]) == (now + 3 * MONTH, now + 3 * MONTH, 9 * PRICE)


def test_change_tier_earns_over_the_other_tiers_earning_time(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(), tier(price=2 * PRICE, earningSeconds=10 * DAY)])
    token_id = world.join(periods=4)
    now = ledger.now

    state = change_tier(world, token_id, 2, 1, amount=2 * PRICE).only("MembershipTierChanged")["state"]

    assert (state["expiresAt"], state["earnedAt"]) == (now + 3 * MONTH, now + 30 * DAY)


def test_change_tier_to_life_pays_the_difference(tokened: World) -> None:
    token_id = tokened.join(periods=3)
    now = tokened.chain.advance(15 * DAY)
    left = 3 * PRICE - earned_of(3 * PRICE, 15 * DAY, 3 * MONTH)

    changed = change_tier(tokened, token_id, LIFE, 1, amount=10 * PRICE - left).only("MembershipTierChanged")

    state = changed["state"]
    assert (changed["amount"], changed["periods"]) == (10 * PRICE - left, 1)
    assert (state["expiresAt"], state["earnedAt"], state["unearned"]) == (FOR_LIFE, now + YEAR, 10 * PRICE)


def test_change_tier_to_life_in_coins_keeps_what_is_too_much(native: World) -> None:
    """The price less what is unearned rises with every second: no wallet knows it when it signs."""
    token_id = native.join(periods=3)
    offered = 10 * PRICE - int(native.membership.unearnedOf(token_id)) + PRICE // 100
    native.chain.advance(12)
    due = 10 * PRICE - (3 * PRICE - earned_of(3 * PRICE, 12, 3 * MONTH))

    receipt = change_tier(native, token_id, LIFE, 1, amount=offered)

    assert receipt.only("MembershipTierChanged")["amount"] == due
    assert receipt.only("FundsSet") == {"account": native.member, "funds": offered - due}
    assert native.state(token_id)["unearned"] == 10 * PRICE
    native.chain.send(native.membership.withdrawFunds, native.member, offered - due, sender=native.member)
    assert native.balance(native.membership.address) == 10 * PRICE + native.earned()


def test_change_tier_to_life_pays_nothing_when_enough_is_unearned(world: World) -> None:
    """And gives nothing back: no cash out."""
    token_id = world.join(periods=12)

    changed = change_tier(world, token_id, LIFE, 1, amount=0).only("MembershipTierChanged")

    assert (changed["amount"], changed["state"]["unearned"]) == (0, 12 * PRICE)


def test_change_tier_from_life_keeps_what_is_unearned_only(world: World) -> None:
    token_id = world.join(LIFE)
    now = world.chain.advance(YEAR // 2)

    state = change_tier(world, token_id, MONTHLY).only("MembershipTierChanged")["state"]

    assert (state["expiresAt"], state["unearned"]) == (now + 5 * MONTH, 5 * PRICE)
    assert state["earnedAt"] == state["expiresAt"]


def test_change_tier_from_free_to_paid_is_a_first_payment(world: World) -> None:
    token_id = world.join(FREE)
    now = world.chain.advance(DAY)

    state = change_tier(world, token_id, MONTHLY, 2, amount=2 * PRICE).only("MembershipTierChanged")["state"]

    assert state == {
        "expiresAt": now + 2 * MONTH,
        "tierId": MONTHLY,
        "badge": 0,
        "unearned": 2 * PRICE,
        "settledAt": now,
        "earnedAt": now + 2 * MONTH,
        "rate": 0,
        "countAt": 0,
        "transferCount": 0,
        "flags": CHOSEN,
    }


def test_change_tier_between_free_tiers_takes_periods(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(price=0), tier(price=0, periodSeconds=DAY)])
    token_id = world.join()

    with ledger.reverts("PeriodsInvalid", periods=0):
        change_tier(world, token_id, 2)
    state = change_tier(world, token_id, 2, 5, amount=0).only("MembershipTierChanged")["state"]
    assert (state["expiresAt"], state["earnedAt"], state["unearned"]) == (ledger.now + 5 * DAY, 0, 0)


def test_change_tier_of_dust_that_was_earned_early_ends_its_earning(ledger: Chain, factory: Any) -> None:
    """What is earned is rounded up: a unit at once. The tier costs nothing by now, and neither does the other."""
    world = community_of(ledger, factory, tiers=[tier(price=1), tier(price=0)])
    token_id = world.join()
    ledger.send(world.membership.setTierPrice, MONTHLY, 0, sender=world.founder)
    now = ledger.advance(DAY)

    state = change_tier(world, token_id, FREE, 1).only("MembershipTierChanged")["state"]

    assert (state["unearned"], state["earnedAt"], state["expiresAt"]) == (0, now, now + MONTH)
    assert world.earned() == 1


def test_change_tier_drops_granted_time(grown: World) -> None:
    token_id = grown.join()
    grown.chain.send(grown.membership.grant, [(grown.member, MONTHLY, 100 * DAY, token_id)], sender=grown.founder)
    now = grown.chain.now

    with grown.chain.reverts("ExpiryTooEarly", expiresAt=now + 10 * DAY, least=now + 10 * DAY + 1):
        change_tier(grown, token_id, TRIPLE, least=now + 10 * DAY + 1)
    state = change_tier(grown, token_id, TRIPLE, least=now + 10 * DAY).only("MembershipTierChanged")["state"]
    assert state["expiresAt"] == now + 10 * DAY


def test_change_tier_ends_consent(grown: World) -> None:
    token_id = grown.join()
    agree(grown, token_id)

    receipt = change_tier(grown, token_id, TRIPLE)

    assert receipt.only("AutoRenewSet") == {
        "tokenId": token_id,
        "holder": grown.member,
        "tierId": 0,
        "consent": {"maxPrice": 0, "periodsLeft": 0, "until": 0},
    }
    change_tier(grown, token_id, MONTHLY)
    assert consent(grown, token_id) == (0, 0, 0)


def test_change_tier_of_an_expired_membership_begins_now(grown: World) -> None:
    token_id = grown.join()
    now = grown.chain.advance(3 * MONTH)

    state = change_tier(grown, token_id, TRIPLE, 1, amount=3 * PRICE).only("MembershipTierChanged")["state"]

    assert (state["expiresAt"], state["unearned"], grown.earned()) == (now + MONTH, 3 * PRICE, PRICE)


# Badges


def test_change_tier_mixes_the_rates_of_old_and_new_money(grown: World) -> None:
    badge = grown.join(sender=grown.other)
    token_id = gift(grown)
    renew_with(grown, token_id, badge=badge)
    assert grown.state(token_id)["rate"] == 250

    state = change_tier(grown, token_id, TRIPLE, 1, amount=3 * PRICE).only("MembershipTierChanged")["state"]

    assert (state["badge"], state["rate"]) == (badge, (2 * 250 + 3 * 500) // 5)


def test_change_tier_settles_for_the_badge_first(grown: World) -> None:
    badge, token_id = invited(grown)
    grown.chain.advance(15 * DAY)

    settled = change_tier(grown, token_id, TRIPLE).only("MembershipSettled")

    assert (settled["badge"], settled["earned"], settled["badgeShare"]) == (badge, PRICE // 2, PRICE // 40)
    assert grown.membership.accruedOf(badge) == PRICE // 40


def test_change_tier_starts_counting_with_a_first_payment(native: World) -> None:
    badge = native.join(sender=native.other)
    token_id = join_with(native, FREE, badge=badge).only("MembershipJoined")["tokenId"]
    assert native.state(token_id)["countAt"] == 0
    now = native.chain.now

    state = change_tier(native, token_id, MONTHLY, 1, amount=PRICE).only("MembershipTierChanged")["state"]

    assert state["countAt"] == -(-(now + 14 * DAY) // HOUR)


def test_change_tier_without_payment_leaves_the_choice_of_a_badge(native: World) -> None:
    """A gift is turned into another tier: its receiver has still paid nothing."""
    native.chain.send(native.membership.createTier, tier(price=3 * PRICE), sender=native.founder)
    token_id = gift(native)

    assert change_tier(native, token_id, TRIPLE).only("MembershipTierChanged")["state"]["flags"] == 0


# Seats


def test_change_tier_needs_a_seat(native: World) -> None:
    native.chain.send(native.membership.createTier, tier(cap=1), sender=native.founder)
    token_id = native.join()
    native.join(TRIPLE, sender=native.other)

    with native.chain.reverts("TierSoldOut", tierId=TRIPLE, cap=1):
        change_tier(native, token_id, TRIPLE)
    assert native.tier(MONTHLY)["seats"] == 1


def test_change_tier_frees_the_seat_that_it_leaves(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(cap=1), tier()])
    token_id = world.join()

    change_tier(world, token_id, 2)

    assert world.join(sender=world.other) == (MONTHLY << 24) + 2


def test_change_tier_frees_no_seat_twice(native: World) -> None:
    token_id = native.join()
    native.join(sender=native.other)
    native.chain.advance(MONTH + SEAT_GRACE)
    native.chain.send(native.membership.releaseSeat, token_id, sender=native.stranger)

    state = change_tier(native, token_id, LIFE, 1, amount=10 * PRICE).only("MembershipTierChanged")["state"]

    assert (native.tier(MONTHLY)["seats"], native.tier(LIFE)["seats"], state["flags"]) == (1, 1, CHOSEN)
