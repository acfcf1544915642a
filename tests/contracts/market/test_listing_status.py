"""IMarket.listingStatus: it tells what `buy` would do"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories.communities import DAILY, MONTH, PRICE
from tests.factories.contracts import NATIVE, Reverted
from tests.factories.market import FEE_CAP_BPS, Stall, Status

Case = Callable[[Stall], dict[str, Any]]


def friends(stall: Stall, **changes: Any) -> dict[str, Any]:
    """A listing of a membership of the friend."""
    token_id = stall.join(stall.friend, periods=4)
    stall.approve(stall.world.membership, token_id, stall.friend)
    return stall.membership_listing(token_id, seller=stall.friend) | changes


def cancelled(stall: Stall) -> dict[str, Any]:
    listing = stall.listing()
    stall.chain.send(stall.market.cancel, [stall.digest(listing)], sender=stall.seller)
    return listing


def raised(stall: Stall) -> dict[str, Any]:
    stall.chain.send(stall.market.raiseCounter, sender=stall.seller)
    return stall.listing()


def sold(stall: Stall) -> dict[str, Any]:
    listing = stall.listing()
    stall.buy(listing)
    return listing


def given(stall: Stall) -> dict[str, Any]:
    listing = stall.listing()
    stall.transfer(stall.world.badges, stall.badge, stall.seller, stall.friend)
    return listing


def come_back(stall: Stall) -> dict[str, Any]:
    listing = given(stall)
    stall.transfer(stall.world.badges, stall.badge, stall.friend, stall.seller)
    stall.approve(stall.world.badges, stall.badge, stall.seller)
    return listing


def claimed(stall: Stall) -> dict[str, Any]:
    listing = stall.listing()
    stall.chain.send(stall.world.membership.claim, [stall.badge], stall.seller, sender=stall.seller)
    return listing


def unapproved(stall: Stall) -> dict[str, Any]:
    stall.chain.send(stall.world.badges.approve, NATIVE, stall.badge, sender=stall.seller)
    return stall.listing()


def by_operator(stall: Stall) -> dict[str, Any]:
    unapproved(stall)
    stall.chain.send(stall.world.badges.setApprovalForAll, stall.market.address, True, sender=stall.seller)
    return stall.listing()


def unminted(stall: Stall) -> dict[str, Any]:
    return stall.listing(seller=stall.friend, tokenId=stall.join(stall.friend), minAccrued=0)


def locked(stall: Stall) -> dict[str, Any]:
    token_id = stall.achievement(locked=True)
    stall.chain.send(stall.world.badges.setApprovalForAll, stall.market.address, True, sender=stall.seller)
    return stall.listing(tokenId=token_id, minAccrued=0)


def soulbound(stall: Stall) -> dict[str, Any]:
    token_id = stall.join(stall.friend, tier_id=DAILY)
    stall.approve(stall.world.membership, token_id, stall.friend)
    return stall.membership_listing(token_id, seller=stall.friend)


def expired(stall: Stall) -> dict[str, Any]:
    listing = friends(stall, minUnearned=0)
    stall.chain.advance(4 * MONTH)
    return listing | {"deadline": stall.chain.now}


def earned(stall: Stall) -> dict[str, Any]:
    listing = friends(stall)
    stall.chain.advance(MONTH)
    return listing


def minted(stall: Stall) -> dict[str, Any]:
    listing = friends(stall, withBadge=True)
    stall.mint(listing["tokenId"], stall.friend)
    return listing


def foreign(stall: Stall) -> dict[str, Any]:
    account = stall.chain.deploy("HostileAccount")
    return stall.listing(membership=account.address)


CASES: list[tuple[Status, Case]] = [
    (Status.Ready, lambda stall: stall.listing()),
    (Status.Ready, by_operator),
    (Status.Ready, friends),
    (Status.Ready, lambda stall: friends(stall, withBadge=True)),
    (Status.PriceZero, lambda stall: stall.listing(price=0)),
    (Status.FeeTooHigh, lambda stall: stall.listing(feeBps=FEE_CAP_BPS + 1)),
    (Status.NotStarted, lambda stall: stall.listing(startsAt=stall.chain.now + 1)),
    (Status.Expired, lambda stall: stall.listing(deadline=stall.chain.now - 1)),
    (Status.CounterRaised, raised),
    (Status.Spent, cancelled),
    (Status.CollectionUnknown, foreign),
    (Status.CollectionUnknown, lambda stall: stall.listing(collection=stall.market.address)),
    (Status.CurrencyRefused, lambda stall: stall.listing(currency=stall.world.community.address)),
    (Status.ProceedsTooLow, lambda stall: stall.listing(minProceeds=PRICE)),
    (Status.TokenUnknown, unminted),
    (Status.Transferred, sold),
    (Status.Transferred, given),
    (Status.Transferred, come_back),
    (Status.NotHolder, lambda stall: stall.listing(seller=stall.friend)),
    (Status.NotApproved, unapproved),
    (Status.NotTransferable, locked),
    (Status.NotTransferable, soulbound),
    (Status.NotTransferable, expired),
    (Status.AccruedTooLow, claimed),
    (Status.AccruedTooLow, lambda stall: friends(stall, withBadge=True, minAccrued=1)),
    (Status.TierChanged, lambda stall: friends(stall, tierId=2)),
    (Status.ExpiryTooEarly, lambda stall: friends(stall, minExpiresAt=2**40 - 1)),
    (Status.UnearnedTooLow, earned),
    (Status.BadgeMinted, minted),
]


@pytest.mark.parametrize(("status", "case"), CASES)
def test_listing_status_tells_what_buying_would_do(stall: Stall, status: Status, case: Case) -> None:
    listing = case(stall)

    assert stall.listing_status(listing) == status
    if status == Status.Ready:
        stall.buy(listing)
    else:
        with pytest.raises(Reverted):
            stall.buy(listing)


@pytest.mark.parametrize("length", [0, 1, 63, 66])
def test_listing_status_tells_of_a_wrong_signature(stall: Stall, length: int) -> None:
    listing = stall.listing()
    signature = (stall.sign(listing) + b"\0")[:length]

    assert stall.listing_status(listing, signature) == Status.SignatureInvalid
