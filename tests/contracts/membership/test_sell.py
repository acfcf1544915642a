"""IMembershipDesk.sell: by a sale of the community"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contracts.community.test_open_sale import open_sale
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
    community_of,
    factory_of,
    tier,
)
from tests.factories.contracts import NO_LEDGER, Chain, Receipt
from tests.factories.memberships import HOUR, SALE, SEAT_GRACE, earned_of, gift, invited

GOODS = 7 * PRICE + 3  # what a sale takes for three months: its own price


@pytest.fixture(scope="session", params=["native", "erc20"])
def seller(request: pytest.FixtureRequest, ledger: Chain, token: Any) -> World:
    """A community whose sales are accounts that do as the tests say."""
    factory = factory_of(ledger, sales=ledger.deploy("SaleFactoryMock"))
    return community_of(ledger, factory, token=None if request.param == "native" else token)


@pytest.fixture
def sale(seller: World) -> Iterator[str]:
    address = str(open_sale(seller).only("SaleOpened")["sale"])
    seller.chain.rpc("anvil_setBalance", address, hex(10**20))
    with seller.chain.impersonated(address):
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


def test_sell_makes_a_member_at_the_sales_own_price(seller: World, sale: str) -> None:
    start = seller.chain.now

    receipt = sell(seller, sale)

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
        "holder": seller.member,
        "tierId": MONTHLY,
        "payer": sale,
        "amount": GOODS,
        "periods": 3,
        "state": state,
    }
    assert (seller.state(token_id), seller.membership.ownerOf(token_id)) == (state, seller.member)
    assert seller.tier(MONTHLY)["seats"] == 1


def test_sell_binds_a_new_member_to_the_badge_that_it_chose_in_the_sale(seller: World, sale: str) -> None:
    badge = seller.join(sender=seller.other)
    start = seller.chain.now

    receipt = sell(seller, sale, badge=badge)

    state = receipt.only("MembershipJoined")["state"]
    assert (state["badge"], state["rate"], state["flags"]) == (badge, 500, CHOSEN)
    assert state["countAt"] == -(-(start + 14 * DAY) // HOUR)
    assert receipt.only("BadgeLedgerSet") == {"badge": badge, "amount": 0, "ledger": NO_LEDGER | {"used": 1}}


def test_sell_to_a_member_is_a_renewal(seller: World, sale: str) -> None:
    token_id = seller.join()
    before = seller.state(token_id)
    seller.chain.advance(10 * DAY)

    renewed = sell(seller, sale, token_id=token_id).only("MembershipRenewed")

    left = PRICE - earned_of(PRICE, 10 * DAY, MONTH)
    state = before | {
        "expiresAt": before["expiresAt"] + 3 * MONTH,
        "unearned": left + GOODS,
        "settledAt": seller.chain.now,
        "earnedAt": before["earnedAt"] + 3 * MONTH,
    }
    assert renewed == {
        "tokenId": token_id,
        "holder": seller.member,
        "payer": sale,
        "amount": GOODS,
        "tip": 0,
        "periods": 3,
        "state": state,
    }
    assert seller.state(token_id) == state


def test_sell_binds_a_member_that_was_given_its_first_time(seller: World, sale: str) -> None:
    badge = seller.join(sender=seller.other)
    token_id = gift(seller)

    state = sell(seller, sale, token_id=token_id, badge=badge).only("MembershipRenewed")["state"]

    assert (state["badge"], state["flags"]) == (badge, CHOSEN)
    assert state["rate"] == GOODS * 500 // (PRICE + GOODS)


def test_badge_chosen_in_a_sale_is_kept_when_the_membership_is_burned(seller: World, sale: str) -> None:
    """Whether the sale made the member or found one: nobody sheds its inviter by burning and coming back."""
    badge = seller.join(sender=seller.other)
    token_id = gift(seller)
    sell(seller, sale, token_id=token_id, badge=badge)

    burned = seller.chain.send(seller.membership.burn, token_id, seller.member, sender=seller.member)

    assert burned.only("MembershipBurned")["badge"] == badge
    assert seller.send_join().only("MembershipJoined")["state"]["badge"] == badge


def test_sell_never_replaces_a_badge(seller: World, sale: str) -> None:
    badge, token_id = invited(seller)
    other = seller.join(sender=seller.stranger)

    assert sell(seller, sale, token_id=token_id, badge=other).only("MembershipRenewed")["state"]["badge"] == badge


def test_sell_leaves_a_member_unbound_that_chose_to_be(seller: World, sale: str) -> None:
    badge = seller.join(sender=seller.other)
    token_id = seller.join()

    assert sell(seller, sale, token_id=token_id, badge=badge).only("MembershipRenewed")["state"]["badge"] == 0


@pytest.mark.parametrize("fault", ["unknown", "own", "never paid"])
def test_sell_passes_over_a_badge_that_cannot_bind(seller: World, sale: str, fault: str) -> None:
    """The sale has taken the money long ago: a bad badge must not keep it from delivering."""
    token_id = gift(seller)
    badge = {"unknown": 99, "own": token_id, "never paid": seller.join(FREE, sender=seller.other)}[fault]

    renewed = sell(seller, sale, token_id=token_id, badge=badge)

    assert renewed.only("MembershipRenewed")["state"]["badge"] == 0
    joined = sell(seller, sale, recipient=seller.founder, badge=99).only("MembershipJoined")
    assert joined["state"]["badge"] == 0


def test_sell_to_the_owner_of_a_minted_badge_leaves_it_unbound(seller: World, sale: str) -> None:
    badge, _ = invited(seller, sender=seller.stranger)
    with seller.chain.impersonated(seller.badges.address):
        seller.chain.send(seller.membership.markMinted, badge, sender=seller.badges.address)
    with seller.chain.impersonated(seller.membership.address):
        seller.chain.send(seller.badges.mintFor, badge, seller.member, sender=seller.membership.address)

    assert sell(seller, sale, badge=badge).only("MembershipJoined")["state"]["badge"] == 0


def test_sell_does_not_mind_pause_dates_lists_vouchers_and_retirement(seller: World, sale: str) -> None:
    chain, membership = seller.chain, seller.membership
    params = tier(saleEnd=chain.now + 1, allowRoot=b"\1" * 32, invitationOnly=True)
    chain.send(membership.createTier, params, sender=seller.founder)
    chain.send(membership.setTierPaused, 5, True, sender=seller.founder)
    chain.send(membership.retireTier, 5, chain.now + NOTICE, sender=seller.founder)
    chain.advance(NOTICE)

    token_id = sell(seller, sale, tier_id=5).only("MembershipJoined")["tokenId"]

    assert sell(seller, sale, tier_id=5, token_id=token_id).only("MembershipRenewed")["periods"] == 3


def test_sell_may_give_a_membership_for_nothing(seller: World, sale: str) -> None:
    state = sell(seller, sale, amount=0).only("MembershipJoined")["state"]

    assert (state["unearned"], state["earnedAt"]) == (0, 0)


def test_sell_keeps_the_cap(seller: World, sale: str) -> None:
    seller.chain.send(seller.membership.createTier, tier(cap=1), sender=seller.founder)
    token_id = sell(seller, sale, tier_id=5).only("MembershipJoined")["tokenId"]

    with seller.chain.reverts("TierSoldOut", tierId=5, cap=1):
        sell(seller, sale, tier_id=5, recipient=seller.other)
    seller.chain.advance(3 * MONTH + SEAT_GRACE)
    seller.chain.send(seller.membership.releaseSeat, token_id, sender=seller.stranger)
    sell(seller, sale, tier_id=5, recipient=seller.other)
    with seller.chain.reverts("TierSoldOut", tierId=5, cap=1):
        sell(seller, sale, tier_id=5, token_id=token_id)


@pytest.mark.parametrize("caller", ["founder", "stranger", "community"])
def test_sell_reverts_when_the_caller_is_no_sale(native: World, caller: str) -> None:
    """Not even the owner: who pays is then always a sale, whose terms nobody can change."""
    account = native.community.address if caller == "community" else getattr(native, caller)

    with native.chain.impersonated(account), native.chain.reverts("RoleMissing", caller=account, role=SALE):
        native.chain.send(native.membership.sell, MONTHLY, 1, 0, native.member, 0, 0, sender=account)


def test_sell_reverts_when_the_recipient_has_another_membership(seller: World, sale: str) -> None:
    seller.join()

    with seller.chain.reverts("AlreadyMember", account=seller.member):
        sell(seller, sale)


def test_sell_reverts_when_the_membership_is_not_the_recipients(seller: World, sale: str) -> None:
    token_id = seller.join(sender=seller.other)

    with seller.chain.reverts("NotHolder", tokenId=token_id, caller=seller.member):
        sell(seller, sale, token_id=token_id)


def test_sell_reverts_when_the_membership_is_of_another_tier(seller: World, sale: str) -> None:
    token_id = seller.join()

    with seller.chain.reverts("MembershipMismatch", tokenId=token_id, tierId=MONTHLY):
        sell(seller, sale, tier_id=FREE, token_id=token_id)


def test_sell_reverts_when_the_membership_does_not_exist(seller: World, sale: str) -> None:
    with seller.chain.reverts("TokenDoesNotExist"):
        sell(seller, sale, token_id=99)


def test_sell_reverts_when_the_tier_is_unknown(seller: World, sale: str) -> None:
    with seller.chain.reverts("TierUnknown", tierId=9):
        sell(seller, sale, tier_id=9)


@pytest.mark.parametrize(("tier_id", "periods"), [(MONTHLY, 0), (LIFE, 0), (LIFE, 2)])
def test_sell_reverts_when_periods_make_no_sense(seller: World, sale: str, tier_id: int, periods: int) -> None:
    with seller.chain.reverts("PeriodsInvalid", periods=periods):
        sell(seller, sale, tier_id=tier_id, periods=periods)


def test_sell_reverts_when_time_would_be_too_far_ahead(seller: World, sale: str) -> None:
    now = seller.chain.now

    with seller.chain.reverts("PaidTooFarAhead", expiresAt=now + 25 * MONTH, limit=now + 2 * YEAR):
        sell(seller, sale, periods=25)


def test_sell_reverts_when_the_payment_does_not_fit(seller: World, sale: str) -> None:
    seller.chain.rpc("anvil_setBalance", sale, hex(2**97))

    with seller.chain.reverts("PaymentTooLarge", amount=2**96, most=2**96 - 1):
        sell(seller, sale, amount=2**96)


def test_sell_reverts_when_the_value_is_not_the_amount(seller: World, sale: str) -> None:
    due = 0 if seller.token else GOODS

    with seller.chain.reverts("ValueMismatch", value=due + 1, due=due):
        sell(seller, sale, value=due + 1)


def test_sale_of_another_community_sells_nothing_here(seller: World, sale: str, native: World) -> None:
    with native.chain.reverts("RoleMissing", caller=sale, role=SALE):
        native.chain.send(native.membership.sell, MONTHLY, 1, 0, native.member, 0, 0, sender=sale)
