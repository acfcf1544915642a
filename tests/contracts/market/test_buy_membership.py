"""IMarket.buy, of memberships"""

from typing import Any

import pytest

from tests.factories.communities import DAILY, LIFE, MONTH, PRICE
from tests.factories.market import Stall, Status, split


@pytest.fixture
def pass_(stall: Stall) -> int:
    """A membership of the friend, paid for four months, one of which is past; the market may move it."""
    token_id = stall.join(stall.friend, periods=4)
    stall.chain.advance(MONTH)
    stall.approve(stall.world.membership, token_id, stall.friend)
    return token_id


def listed(stall: Stall, token_id: int, **changes: Any) -> dict[str, Any]:
    return stall.membership_listing(token_id, seller=stall.friend, **changes)


def test_buy_moves_a_membership_with_its_time_and_money(stall: Stall, pass_: int) -> None:
    before, state = stall.world.balance(stall.friend), stall.world.state(pass_)
    listing = listed(stall, pass_)
    royalty, fee, proceeds = split(PRICE)

    bought = stall.buy(listing, money=listing["minUnearned"]).only("ListingBought")

    assert (bought["collection"], bought["tokenId"]) == (stall.world.membership.address, pass_)
    assert (bought["royalty"], bought["fee"]) == (royalty, fee)
    assert stall.owner(stall.world.membership, pass_) == stall.buyer
    assert stall.world.state(pass_) == state | {"transferCount": 1, "flags": 0}
    assert stall.world.balance(stall.friend) - before == proceeds
    waiting = stall.till(collection=stall.world.membership.address)
    assert waiting == ((0, 0) if stall.world.token else (royalty, fee))


def test_buy_of_a_membership_for_life(stall: Stall) -> None:
    token_id = stall.join(stall.friend, tier_id=LIFE)
    stall.approve(stall.world.membership, token_id, stall.friend)

    stall.buy(listed(stall, token_id))

    assert stall.owner(stall.world.membership, token_id) == stall.buyer


def test_buy_of_a_membership_hands_it_to_the_recipient(stall: Stall, pass_: int) -> None:
    stall.buy(listed(stall, pass_), recipient=stall.stranger)

    assert stall.owner(stall.world.membership, pass_) == stall.stranger


def test_buy_of_a_membership_brings_the_badge_that_was_not_minted(stall: Stall, pass_: int) -> None:
    invited = stall.join(stall.stranger, badge=pass_)
    stall.chain.advance(MONTH)
    stall.world.settle(invited)
    income = int(stall.chain.read(stall.world.membership.accruedOf, pass_))

    stall.buy(listed(stall, pass_, withBadge=True, minAccrued=income))

    before = stall.world.balance(stall.buyer)
    stall.chain.send(stall.world.membership.claim, [pass_], stall.buyer, sender=stall.buyer)
    assert stall.world.balance(stall.buyer) - before == income > 0
    assert stall.owner(stall.world.badges, pass_) == stall.buyer


@pytest.mark.parametrize(
    ("field", "status"),
    [
        ("transferCount", Status.Transferred),
        ("tierId", Status.TierChanged),
        ("minExpiresAt", Status.ExpiryTooEarly),
        ("minUnearned", Status.UnearnedTooLow),
    ],
)
def test_buy_reverts_when_the_membership_is_not_as_signed(stall: Stall, pass_: int, field: str, status: Status) -> None:
    listing = listed(stall, pass_)
    listing[field] += 1

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=status):
        stall.buy(listing)
    assert stall.owner(stall.world.membership, pass_) == stall.friend


def test_buy_reverts_when_the_buyer_wants_more_money(stall: Stall, pass_: int) -> None:
    listing = listed(stall, pass_)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.UnearnedTooLow):
        stall.buy(listing, money=listing["minUnearned"] + 1)


def test_buy_reverts_when_time_has_earned_the_money(stall: Stall, pass_: int) -> None:
    """Nobody settles: what counts is what a refund would be."""
    listing = listed(stall, pass_)
    stall.chain.advance(1000)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.UnearnedTooLow):
        stall.buy(listing)


def test_buy_reverts_when_the_badge_was_minted(stall: Stall, pass_: int) -> None:
    listing = listed(stall, pass_, withBadge=True)
    stall.mint(pass_, stall.friend)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.BadgeMinted):
        stall.buy(listing)


def test_buy_reverts_when_the_badge_has_less_income(stall: Stall, pass_: int) -> None:
    listing = listed(stall, pass_, withBadge=True, minAccrued=1)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.AccruedTooLow):
        stall.buy(listing)


def test_buy_does_not_ask_for_a_badge_that_was_not_promised(stall: Stall, pass_: int) -> None:
    stall.mint(pass_, stall.friend)

    stall.buy(listed(stall, pass_, minAccrued=PRICE))

    assert stall.owner(stall.world.badges, pass_) == stall.friend


def test_buy_reverts_when_the_recipient_is_a_member(stall: Stall, pass_: int) -> None:
    stall.join(stall.buyer)

    with stall.chain.reverts("AlreadyMember", account=stall.buyer):
        stall.buy(listed(stall, pass_))


def test_buy_reverts_when_the_membership_has_expired(stall: Stall, pass_: int) -> None:
    expires_at = stall.chain.now + 3 * MONTH
    listing = listed(stall, pass_, minUnearned=0, deadline=expires_at)
    stall.chain.set_time(expires_at)

    with stall.chain.reverts("MembershipExpired", tokenId=pass_, expiresAt=expires_at):
        stall.buy(listing)


def test_buy_reverts_when_the_tier_is_soulbound(stall: Stall) -> None:
    token_id = stall.join(stall.friend, tier_id=DAILY)
    stall.approve(stall.world.membership, token_id, stall.friend)

    with stall.chain.reverts("TierSoulbound", tierId=DAILY):
        stall.buy(listed(stall, token_id))


def test_buy_ends_the_consent_to_renewals(stall: Stall, pass_: int) -> None:
    consent = (PRICE, 3, 2**40 - 1)
    stall.chain.send(stall.world.membership.setAutoRenew, pass_, consent, sender=stall.friend)

    stall.buy(listed(stall, pass_))

    assert stall.chain.read(stall.world.membership.consentOf, pass_)["periodsLeft"] == 0
