"""IMembershipDesk.giftMany"""

from typing import Any

import pytest

from tests.factories.communities import DAY, FREE, LIFE, MONTH, MONTHLY, PRICE, YEAR, World, community_of, tier
from tests.factories.contracts import Chain, Receipt
from tests.factories.memberships import invited, pay


def gift_many(world: World, recipients: list[str], tier_id: int = MONTHLY, periods: int = 1, **changes: Any) -> Receipt:
    price = changes.get("price", PRICE)
    arguments = (tier_id, periods, price, changes.get("currency", world.currency), recipients)
    amount = price * periods * len(recipients)
    if "funds" not in changes:
        value = changes.get("value")
        return pay(world, world.membership.giftMany, *arguments, amount=amount, sender=world.stranger, value=value)
    world.fund(world.stranger, changes["funds"])
    return world.chain.send(world.membership.giftMany, *arguments, sender=world.stranger)


def test_gift_many_makes_a_member_of_each(world: World) -> None:
    recipients, start = world.chain.accounts[6:9], world.chain.now

    receipt = gift_many(world, recipients, periods=3)

    joined = [event.fields for event in receipt.events if event.name == "MembershipJoined"]
    state = {
        "expiresAt": start + 3 * MONTH,
        "tierId": MONTHLY,
        "badge": 0,
        "unearned": 3 * PRICE,
        "settledAt": start,
        "earnedAt": start + 3 * MONTH,
        "rate": 0,
        "countAt": 0,
        "transferCount": 0,
        "flags": 0,
    }
    assert joined == [
        {
            "tokenId": (MONTHLY << 24) + number,
            "holder": recipient,
            "tierId": MONTHLY,
            "payer": world.stranger,
            "amount": 3 * PRICE,
            "periods": 3,
            "state": state,
        }
        for number, recipient in enumerate(recipients, 1)
    ]
    assert [world.membership.ownerOf(each["tokenId"]) for each in joined] == recipients
    assert [world.state(each["tokenId"]) for each in joined] == [state] * 3
    assert world.tier(MONTHLY)["seats"] == 3


def test_gift_many_for_life(native: World) -> None:
    receipt = gift_many(native, native.chain.accounts[6:8], LIFE, price=10 * PRICE)

    assert receipt.names().count("MembershipJoined") == 2


def test_gift_many_to_nobody_takes_nothing(world: World) -> None:
    assert gift_many(world, []).events == []


def test_gift_many_costs_the_full_price_whoever_invited(ledger: Chain, factory: Any) -> None:
    """A wallet that burned its membership keeps its badge; the sponsor saves nothing by it."""
    world = community_of(ledger, factory, tiers=[tier(inviteeDiscountBps=1_000)])
    badge, token_id = invited(world, price=PRICE * 9 // 10)
    ledger.send(world.membership.burn, token_id, world.member, sender=world.member)

    state = gift_many(world, [world.member]).only("MembershipJoined")["state"]

    assert (state["badge"], state["rate"], state["unearned"]) == (badge, 500, PRICE)


def test_gift_many_to_oneself_among_others_is_ones_own_payment(native: World) -> None:
    receipt = gift_many(native, [native.member, native.stranger])

    flags = [event.fields["state"]["flags"] for event in receipt.events if event.name == "MembershipJoined"]
    assert flags == [0, 2]


def test_gift_many_reverts_when_one_is_a_member(world: World) -> None:
    world.join(sender=world.other)

    with world.chain.reverts("AlreadyMember", account=world.other):
        gift_many(world, [world.member, world.other])
    assert world.membership.balanceOf(world.member) == 0


def test_gift_many_reverts_when_one_is_named_twice(native: World) -> None:
    with native.chain.reverts("AlreadyMember", account=native.member):
        gift_many(native, [native.member, native.other, native.member])


def test_gift_many_reverts_when_seats_run_out(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(cap=2)])

    with ledger.reverts("TierSoldOut", tierId=MONTHLY, cap=2):
        gift_many(world, ledger.accounts[6:9])
    assert gift_many(world, ledger.accounts[6:8]).events


def test_gift_many_reverts_when_the_tier_takes_invitations_only(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(invitationOnly=True)])

    with ledger.reverts("VoucherNeeded", tierId=MONTHLY):
        gift_many(world, [world.member])


def test_gift_many_reverts_when_the_tier_is_paused(native: World) -> None:
    native.chain.send(native.membership.setTierPaused, MONTHLY, True, sender=native.founder)

    with native.chain.reverts("TierPaused", tierId=MONTHLY):
        gift_many(native, [native.member])


def test_gift_many_reverts_when_the_tier_is_not_on_sale(ledger: Chain, factory: Any) -> None:
    start = ledger.now + DAY
    world = community_of(ledger, factory, tiers=[tier(saleStart=start)])

    with ledger.reverts("TierNotOnSale", tierId=MONTHLY, saleStart=start, saleEnd=0):
        gift_many(world, [world.member])


def test_gift_many_reverts_when_the_tier_retires(native: World) -> None:
    retires_at = native.chain.now + YEAR
    native.chain.send(native.membership.retireTier, MONTHLY, retires_at, sender=native.founder)

    with native.chain.reverts("TierRetired", tierId=MONTHLY, retiresAt=retires_at):
        gift_many(native, [native.member])


@pytest.mark.parametrize(
    ("arguments", "error", "details"),
    [
        ({"tier_id": 9}, "TierUnknown", {"tierId": 9}),
        ({"tier_id": FREE, "price": 0}, "GiftNotPaid", {"tierId": FREE}),
        ({"periods": 0}, "PeriodsInvalid", {"periods": 0}),
        ({"tier_id": LIFE, "periods": 2, "price": 10 * PRICE}, "PeriodsInvalid", {"periods": 2}),
        ({"price": PRICE - 1}, "PriceMismatch", {"expected": PRICE - 1, "price": PRICE}),
        ({"value": PRICE}, "ValueMismatch", {"value": PRICE, "due": 2 * PRICE}),
        ({"value": 2 * PRICE + 1}, "ValueMismatch", {"value": 2 * PRICE + 1, "due": 2 * PRICE}),
    ],
)
def test_gift_many_reverts_when_something_is_wrong(
    native: World, arguments: dict[str, Any], error: str, details: dict[str, int]
) -> None:
    with native.chain.reverts(error, **details):
        gift_many(native, [native.member, native.other], **arguments)


def test_gift_many_reverts_when_paid_too_far_ahead(native: World) -> None:
    now = native.chain.now

    with native.chain.reverts("PaidTooFarAhead", expiresAt=now + 25 * MONTH, limit=now + 2 * YEAR):
        gift_many(native, [native.member], periods=25)


def test_gift_many_reverts_when_the_currency_is_not_the_expected_one(world: World) -> None:
    with world.chain.reverts("CurrencyMismatch", expected=world.founder, currency=world.currency):
        gift_many(world, [world.member], currency=world.founder, funds=PRICE)


def test_gift_many_reverts_when_the_allowance_is_too_small(tokened: World) -> None:
    with tokened.chain.reverts("TransferFromFailed"):
        gift_many(tokened, [tokened.member, tokened.other], funds=2 * PRICE - 1)


def test_gift_many_reverts_when_coins_come_with_a_token_payment(tokened: World) -> None:
    with tokened.chain.reverts("ValueMismatch", value=1, due=0):
        gift_many(tokened, [tokened.member], value=1)
