"""IMembershipDesk.sell: by a sale of the community"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contracts.community.test_open_sale import sale_of
from tests.factories.communities import (
    CHOSEN,
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
from tests.factories.contracts import NO_LEDGER, Receipt
from tests.factories.memberships import HOUR, SALE, SEAT_GRACE, earned_of, gift, invited

GOODS = 7 * PRICE + 3  # what a sale takes for three months: its own price


@pytest.fixture
def sale(world: World) -> Iterator[str]:
    """The address of a crowdsale, which does as the tests say and has the coins."""
    address = sale_of(world)
    world.chain.rpc("anvil_setBalance", address, hex(10**20))
    with world.chain.impersonated(address):
        yield address


def sell(world: World, sale: str, **changes: Any) -> Receipt:
    """The sale pays `amount` for `periods`, and no more than that."""
    amount, value = changes.get("amount", GOODS), changes.get("value")
    arguments = (
        changes.get("tier_id", MONTHLY),
        changes.get("periods", 3),
        amount,
        changes.get("recipient", world.member),
        changes.get("badge", 0),
        changes.get("token_id", 0),
    )
    world.fund(sale, amount)
    before = world.balance(sale), world.balance(world.membership.address)
    value = (0 if world.token else amount) if value is None else value
    receipt = world.chain.send(world.membership.sell, *arguments, sender=sale, value=value)
    after = world.balance(sale), world.balance(world.membership.address)
    assert (before[0] - after[0], after[1] - before[1]) == (amount, amount)
    return receipt


def test_sell_makes_a_member_at_the_sales_own_price(world: World, sale: str) -> None:
    start = world.chain.now

    receipt = sell(world, sale)

    token_id = (MONTHLY << 24) + 1
    state = {
        "expiresAt": start + 3 * MONTH,
        "tierId": MONTHLY,
        "badge": 0,
        "unearned": GOODS,
        "settledAt": start,
        "earnedAt": start + 3 * MONTH,
        "rate": 0,
        "countAt": 0,
        "transferCount": 0,
        "flags": 0,
    }
    assert receipt.only("MembershipJoined") == {
        "tokenId": token_id,
        "holder": world.member,
        "tierId": MONTHLY,
        "payer": sale,
        "amount": GOODS,
        "periods": 3,
        "state": state,
    }
    assert (world.state(token_id), world.membership.ownerOf(token_id)) == (state, world.member)
    assert world.tier(MONTHLY)["seats"] == 1


def test_sell_binds_a_new_member_to_the_badge_that_it_chose_in_the_sale(world: World, sale: str) -> None:
    badge = world.join(sender=world.other)
    start = world.chain.now

    receipt = sell(world, sale, badge=badge)

    state = receipt.only("MembershipJoined")["state"]
    assert (state["badge"], state["rate"], state["flags"]) == (badge, 500, CHOSEN)
    assert state["countAt"] == -(-(start + 14 * DAY) // HOUR)
    assert receipt.only("BadgeLedgerSet") == {"badge": badge, "amount": 0, "ledger": NO_LEDGER | {"used": 1}}


def test_sell_to_a_member_is_a_renewal(world: World, sale: str) -> None:
    token_id = world.join()
    before = world.state(token_id)
    world.chain.advance(10 * DAY)

    renewed = sell(world, sale, token_id=token_id).only("MembershipRenewed")

    left = PRICE - earned_of(PRICE, 10 * DAY, MONTH)
    state = before | {
        "expiresAt": before["expiresAt"] + 3 * MONTH,
        "unearned": left + GOODS,
        "settledAt": world.chain.now,
        "earnedAt": before["earnedAt"] + 3 * MONTH,
    }
    assert renewed == {
        "tokenId": token_id,
        "holder": world.member,
        "payer": sale,
        "amount": GOODS,
        "tip": 0,
        "periods": 3,
        "state": state,
    }
    assert world.state(token_id) == state


def test_sell_binds_a_member_that_was_given_its_first_time(world: World, sale: str) -> None:
    badge = world.join(sender=world.other)
    token_id = gift(world)

    state = sell(world, sale, token_id=token_id, badge=badge).only("MembershipRenewed")["state"]

    assert (state["badge"], state["flags"]) == (badge, CHOSEN)
    assert state["rate"] == GOODS * 500 // (PRICE + GOODS)


def test_badge_chosen_in_a_sale_is_kept_when_the_membership_is_burned(world: World, sale: str) -> None:
    """Whether the sale made the member or found one: nobody sheds its inviter by burning and coming back."""
    badge = world.join(sender=world.other)
    token_id = gift(world)
    sell(world, sale, token_id=token_id, badge=badge)

    burned = world.chain.send(world.membership.burn, token_id, world.member, sender=world.member)

    assert burned.only("MembershipBurned")["badge"] == badge
    assert world.send_join().only("MembershipJoined")["state"]["badge"] == badge


def test_sell_never_replaces_a_badge(world: World, sale: str) -> None:
    badge, token_id = invited(world)
    other = world.join(sender=world.stranger)

    assert sell(world, sale, token_id=token_id, badge=other).only("MembershipRenewed")["state"]["badge"] == badge


def test_sell_leaves_a_member_unbound_that_chose_to_be(world: World, sale: str) -> None:
    badge = world.join(sender=world.other)
    token_id = world.join()

    assert sell(world, sale, token_id=token_id, badge=badge).only("MembershipRenewed")["state"]["badge"] == 0


@pytest.mark.parametrize("fault", ["unknown", "own", "never paid"])
def test_sell_passes_over_a_badge_that_cannot_bind(world: World, sale: str, fault: str) -> None:
    """The sale has taken the money long ago: a bad badge must not keep it from delivering."""
    token_id = gift(world)
    badge = {"unknown": 99, "own": token_id, "never paid": world.join(FREE, sender=world.other)}[fault]

    renewed = sell(world, sale, token_id=token_id, badge=badge)

    assert renewed.only("MembershipRenewed")["state"]["badge"] == 0
    joined = sell(world, sale, recipient=world.founder, badge=99).only("MembershipJoined")
    assert joined["state"]["badge"] == 0


def test_sell_to_the_owner_of_a_minted_badge_leaves_it_unbound(world: World, sale: str) -> None:
    badge, _ = invited(world, sender=world.stranger)
    with world.chain.impersonated(world.badges.address):
        world.chain.send(world.membership.markMinted, badge, sender=world.badges.address)
    with world.chain.impersonated(world.membership.address):
        world.chain.send(world.badges.mintFor, badge, world.member, sender=world.membership.address)

    assert sell(world, sale, badge=badge).only("MembershipJoined")["state"]["badge"] == 0


def test_sell_does_not_mind_pause_dates_lists_vouchers_and_retirement(world: World, sale: str) -> None:
    chain, membership = world.chain, world.membership
    params = tier(saleEnd=chain.now + 1, allowRoot=b"\1" * 32, invitationOnly=True)
    chain.send(membership.createTier, params, sender=world.founder)
    chain.send(membership.setTierPaused, 5, True, sender=world.founder)
    chain.send(membership.retireTier, 5, chain.now + NOTICE, sender=world.founder)
    chain.advance(NOTICE)

    token_id = sell(world, sale, tier_id=5).only("MembershipJoined")["tokenId"]

    assert sell(world, sale, tier_id=5, token_id=token_id).only("MembershipRenewed")["periods"] == 3


def test_sell_may_give_a_membership_for_nothing(world: World, sale: str) -> None:
    state = sell(world, sale, amount=0).only("MembershipJoined")["state"]

    assert (state["unearned"], state["earnedAt"]) == (0, 0)


def test_sell_keeps_the_cap(world: World, sale: str) -> None:
    world.chain.send(world.membership.createTier, tier(cap=1), sender=world.founder)
    token_id = sell(world, sale, tier_id=5).only("MembershipJoined")["tokenId"]

    with world.chain.reverts("TierSoldOut", tierId=5, cap=1):
        sell(world, sale, tier_id=5, recipient=world.other)
    world.chain.advance(3 * MONTH + SEAT_GRACE)
    world.chain.send(world.membership.releaseSeat, token_id, sender=world.stranger)
    sell(world, sale, tier_id=5, recipient=world.other)
    with world.chain.reverts("TierSoldOut", tierId=5, cap=1):
        sell(world, sale, tier_id=5, token_id=token_id)


@pytest.mark.parametrize("caller", ["founder", "stranger", "community"])
def test_sell_reverts_when_the_caller_is_no_sale(native: World, caller: str) -> None:
    """Not even the owner: who pays is then always a sale, whose terms nobody can change."""
    account = native.community.address if caller == "community" else getattr(native, caller)

    with native.chain.impersonated(account), native.chain.reverts("RoleMissing", caller=account, role=SALE):
        native.chain.send(native.membership.sell, MONTHLY, 1, 0, native.member, 0, 0, sender=account)


def test_sell_reverts_when_the_recipient_has_another_membership(world: World, sale: str) -> None:
    world.join()

    with world.chain.reverts("AlreadyMember", account=world.member):
        sell(world, sale)


def test_sell_reverts_when_the_membership_is_not_the_recipients(world: World, sale: str) -> None:
    token_id = world.join(sender=world.other)

    with world.chain.reverts("NotHolder", tokenId=token_id, caller=world.member):
        sell(world, sale, token_id=token_id)


def test_sell_reverts_when_the_membership_is_of_another_tier(world: World, sale: str) -> None:
    token_id = world.join()

    with world.chain.reverts("MembershipMismatch", tokenId=token_id, tierId=MONTHLY):
        sell(world, sale, tier_id=FREE, token_id=token_id)


def test_sell_reverts_when_the_membership_does_not_exist(world: World, sale: str) -> None:
    with world.chain.reverts("TokenDoesNotExist"):
        sell(world, sale, token_id=99)


def test_sell_reverts_when_the_tier_is_unknown(world: World, sale: str) -> None:
    with world.chain.reverts("TierUnknown", tierId=9):
        sell(world, sale, tier_id=9)


@pytest.mark.parametrize(("tier_id", "periods"), [(MONTHLY, 0), (LIFE, 0), (LIFE, 2)])
def test_sell_reverts_when_periods_make_no_sense(world: World, sale: str, tier_id: int, periods: int) -> None:
    with world.chain.reverts("PeriodsInvalid", periods=periods):
        sell(world, sale, tier_id=tier_id, periods=periods)


def test_sell_reverts_when_time_would_be_too_far_ahead(world: World, sale: str) -> None:
    now = world.chain.now

    with world.chain.reverts("PaidTooFarAhead", expiresAt=now + 25 * MONTH, limit=now + 2 * YEAR):
        sell(world, sale, periods=25)


def test_sell_reverts_when_the_payment_does_not_fit(world: World, sale: str) -> None:
    world.chain.rpc("anvil_setBalance", sale, hex(2**97))

    with world.chain.reverts("PaymentTooLarge", amount=2**96, most=2**96 - 1):
        sell(world, sale, amount=2**96)


def test_sell_reverts_when_the_value_is_not_the_amount(world: World, sale: str) -> None:
    due = 0 if world.token else GOODS

    with world.chain.reverts("ValueMismatch", value=due + 1, due=due):
        sell(world, sale, value=due + 1)


def test_sale_of_another_community_sells_nothing_here(native: World, hosted: World) -> None:
    sale = sale_of(hosted)

    with native.chain.impersonated(sale), native.chain.reverts("RoleMissing", caller=sale, role=SALE):
        native.chain.send(native.membership.sell, MONTHLY, 1, 0, native.member, 0, 0, sender=sale)
