"""Attacks of sellers on buyers, of buyers on sellers, and of pages on both, by listings and offers"""

from typing import Any

from tests.factories.communities import PRICE, community_of
from tests.factories.contracts import Chain
from tests.factories.market import FEE_CAP_BPS, Stall, Status, split, stall_of


def claim(stall: Stall) -> None:
    stall.chain.send(stall.world.membership.claim, [stall.badge], stall.seller, sender=stall.seller)


# Seller against buyer


def test_claim_just_before_a_sale_undoes_the_sale(stall: Stall) -> None:
    """The buyer's transaction waits; the seller empties the badge a moment before."""
    listing = stall.listing()
    claim(stall)
    stall.fund(stall.buyer, PRICE)
    accounts = (stall.seller, stall.buyer, stall.page, stall.market.address, stall.world.community.address)
    before = stall.balances(*accounts)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.AccruedTooLow):
        stall.buy(listing, funds=0)

    assert (stall.balances(*accounts), stall.till()) == (before, (0, 0))
    assert stall.owner(stall.world.badges, stall.badge) == stall.seller


def test_listing_that_promises_nothing_does_not_bind_the_buyer(stall: Stall) -> None:
    """The page shows what has accrued, the listing signs 0: the buyer says what it saw."""
    listing, seen = stall.listing(minAccrued=0), stall.income
    claim(stall)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.AccruedTooLow):
        stall.buy(listing, money=seen)


def test_claim_just_before_an_offer_is_accepted_undoes_the_sale(stall: Stall) -> None:
    offer = stall.offer()
    claim(stall)

    with stall.chain.reverts("OfferUnavailable", digest=stall.digest(offer), status=Status.AccruedTooLow):
        stall.accept(offer)
    assert not stall.chain.read(stall.market.isSpent, stall.buyer, stall.digest(offer))


def test_membership_cancelled_just_before_the_sale_is_not_sold(stall: Stall) -> None:
    """The seller takes its refund; the shell would be left to the buyer."""
    membership = stall.world.membership
    token_id = stall.join(stall.friend, periods=4)
    stall.approve(membership, token_id, stall.friend)
    listing = stall.membership_listing(token_id, seller=stall.friend)

    stall.chain.send(membership.cancel, token_id, stall.friend, sender=stall.friend)

    with stall.chain.reverts("MembershipExpired", tokenId=token_id, expiresAt=stall.chain.now):
        stall.buy(listing)


def test_membership_cancelled_and_renewed_cheaply_is_not_sold(stall: Stall) -> None:
    """The refund of a year is taken, a month is paid."""
    membership = stall.world.membership
    token_id = stall.join(stall.friend, periods=12)
    stall.approve(membership, token_id, stall.friend)
    listing = stall.membership_listing(token_id, seller=stall.friend)
    stall.chain.send(membership.cancel, token_id, stall.friend, sender=stall.friend)
    stall.world.renew(token_id, sender=stall.friend)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.ExpiryTooEarly):
        stall.buy(listing)
    timeless = listing | {"minExpiresAt": 0}
    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(timeless), status=Status.UnearnedTooLow):
        stall.buy(timeless)


def test_badge_minted_away_just_before_the_membership_is_sold(stall: Stall) -> None:
    """An unminted badge, with all its income, goes with the membership: the seller mints it and keeps it."""
    token_id = stall.join(stall.friend, periods=4)
    stall.approve(stall.world.membership, token_id, stall.friend)
    listing = stall.membership_listing(token_id, seller=stall.friend, withBadge=True)
    stall.mint(token_id, stall.friend)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.BadgeMinted):
        stall.buy(listing)


def test_seller_cancels_a_block_before(stall: Stall) -> None:
    listing = stall.listing()
    stall.chain.send(stall.market.cancel, [stall.digest(listing)], sender=stall.seller)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.Spent):
        stall.buy(listing)
    assert stall.owner(stall.world.badges, stall.badge) == stall.seller


def test_seller_sells_elsewhere_first(stall: Stall) -> None:
    """Two pages hold listings of the same badge: one sale ends both."""
    first, second = stall.listing(), stall.listing(feeRecipient=stall.stranger)
    stall.buy(first)

    with stall.chain.reverts("TransferFromIncorrectOwner"):
        stall.buy(second, sender=stall.friend)


# Buyer against seller


def test_listing_does_not_revive_when_the_badge_comes_back(stall: Stall) -> None:
    """The seller listed it cheaply, gave it away, and bought it back when it was worth more."""
    badges, listing = stall.world.badges, stall.listing()
    stall.transfer(badges, stall.badge, stall.seller, stall.friend)
    stall.transfer(badges, stall.badge, stall.friend, stall.seller)
    stall.approve(badges, stall.badge, stall.seller)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.Transferred):
        stall.buy(listing)


def test_listing_does_not_revive_when_the_membership_comes_back(stall: Stall) -> None:
    membership = stall.world.membership
    token_id = stall.join(stall.friend, periods=4)
    listing = stall.membership_listing(token_id, seller=stall.friend)
    stall.transfer(membership, token_id, stall.friend, stall.stranger)
    stall.transfer(membership, token_id, stall.stranger, stall.friend)
    stall.approve(membership, token_id, stall.friend)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.Transferred):
        stall.buy(listing)


def test_bought_badge_that_comes_back_is_not_sold_by_the_same_listing(stall: Stall) -> None:
    listing = stall.listing()
    stall.buy(listing)
    stall.transfer(stall.world.badges, stall.badge, stall.buyer, stall.seller)
    stall.approve(stall.world.badges, stall.badge, stall.seller)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.Transferred):
        stall.buy(listing)


def test_listing_signed_ahead_for_the_next_counter_does_not_come_alive(stall: Stall) -> None:
    """Somebody tricks the seller into signing for counter 1, and waits until it cancels all."""
    listing = stall.listing(counter=1, price=1, minProceeds=0)
    stall.chain.send(stall.market.raiseCounter, sender=stall.seller)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.CounterRaised):
        stall.buy(listing)


def test_nothing_is_sold_for_nothing(stall: Stall) -> None:
    listing = stall.listing(price=0, minProceeds=0)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.PriceZero):
        stall.buy(listing)


def test_page_cannot_take_more_than_the_seller_signed(stall: Stall) -> None:
    listing = stall.listing(feeBps=FEE_CAP_BPS)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.ProceedsTooLow):
        stall.buy(listing)


def test_buyer_cannot_name_another_page(stall: Stall) -> None:
    signature = stall.sign(signed := stall.listing())
    listing = signed | {"feeRecipient": stall.buyer}

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.SignatureInvalid):
        stall.buy(listing, signature=signature)


def test_royalty_and_fee_never_reach_the_price(ledger: Chain, factory: Any, market: Any) -> None:
    """At the caps, from the smallest price on; the factory opens no community with a higher royalty."""
    stall = stall_of(community_of(ledger, factory, royaltyBps=1_000), market)
    for price in (1, 2, 6, 7, 19, 20):
        royalty, fee, proceeds = split(price, 1_000, FEE_CAP_BPS)
        assert royalty + fee < price
        listing = stall.listing(price=price, feeBps=FEE_CAP_BPS, minProceeds=proceeds)
        with ledger.undone():
            bought = stall.buy(listing).only("ListingBought")
            assert (bought["royalty"], bought["fee"]) == (royalty, fee)
    with ledger.reverts("RoyaltyTooHigh", bps=1_001, capBps=1_000):
        community_of(ledger, factory, royaltyBps=1_001)
