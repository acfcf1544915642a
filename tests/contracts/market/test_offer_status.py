"""IMarket.offerStatus: it tells what `accept` by the holder would do"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories.communities import PRICE
from tests.factories.contracts import NATIVE, Reverted
from tests.factories.market import FEE_CAP_BPS, Stall, Status

Case = Callable[[Stall], dict[str, Any]]
RICH = 10 * PRICE


def cancelled(stall: Stall) -> dict[str, Any]:
    offer = stall.offer()
    stall.chain.send(stall.market.cancel, [stall.digest(offer)], sender=stall.buyer)
    return offer


def raised(stall: Stall) -> dict[str, Any]:
    stall.chain.send(stall.market.raiseCounter, sender=stall.buyer)
    return stall.offer()


def claimed(stall: Stall) -> dict[str, Any]:
    offer = stall.offer()
    stall.chain.send(stall.world.membership.claim, [stall.badge], stall.seller, sender=stall.seller)
    return offer


def unapproved(stall: Stall) -> dict[str, Any]:
    stall.chain.send(stall.world.badges.approve, NATIVE, stall.badge, sender=stall.seller)
    return stall.offer()


CASES: list[tuple[Status, Case]] = [
    (Status.Ready, lambda stall: stall.offer()),
    (Status.Ready, lambda stall: stall.offer(tokenId=0, minRateBps=500)),
    (Status.PriceZero, lambda stall: stall.offer(price=0)),
    (Status.FeeTooHigh, lambda stall: stall.offer(feeBps=FEE_CAP_BPS + 1)),
    (Status.Expired, lambda stall: stall.offer(deadline=stall.chain.now - 1)),
    (Status.CounterRaised, raised),
    (Status.Spent, cancelled),
    (Status.CollectionUnknown, lambda stall: stall.offer(collection=stall.world.membership.address)),
    (Status.CollectionUnknown, lambda stall: stall.offer(collection=stall.market.address)),
    (Status.CurrencyRefused, lambda stall: stall.offer(currency=stall.world.community.address)),
    (Status.NotApproved, unapproved),
    (Status.AccruedTooLow, claimed),
    (Status.TokenNotMeant, lambda stall: stall.offer(tokenId=stall.badge + 1)),
    (Status.LevelTooLow, lambda stall: stall.offer(level=1)),
    (Status.RateTooLow, lambda stall: stall.offer(minRateBps=501)),
    (Status.FundsTooLow, lambda stall: stall.offer(price=RICH + 1)),
]


@pytest.mark.parametrize(("status", "case"), CASES)
def test_offer_status_tells_what_accepting_would_do(stall: Stall, status: Status, case: Case) -> None:
    stall.deposit(stall.buyer, RICH)
    offer = case(stall)

    assert stall.offer_status(offer) == status
    if status == Status.Ready:
        stall.accept(offer, funds=0)
    else:
        with pytest.raises(Reverted):
            stall.accept(offer, funds=0)


def test_offer_status_tells_of_a_wrong_signature(stall: Stall) -> None:
    assert stall.offer_status(stall.offer(), b"") == Status.SignatureInvalid


def test_offer_status_tells_when_the_badge_is_no_token(stall: Stall) -> None:
    badge = stall.join(stall.friend)

    assert stall.offer_status(stall.offer(tokenId=0), token_id=badge) == Status.TokenUnknown


def test_offer_status_tells_when_an_achievement_is_locked(stall: Stall) -> None:
    token_id = stall.achievement(locked=True)
    offer = stall.offer(tokenId=token_id, minAccrued=0)

    assert stall.offer_status(offer, token_id=offer["tokenId"]) == Status.NotTransferable


def test_offer_status_tells_when_the_market_may_not_pull(tokens: Stall) -> None:
    tokens.deposit(tokens.buyer, PRICE)
    tokens.chain.send(tokens.world.token.approve, tokens.market.address, PRICE - 1, sender=tokens.buyer)

    assert tokens.offer_status(tokens.offer()) == Status.AllowanceTooLow


def test_offer_status_is_ready_when_the_market_may_pull_just_the_price(tokens: Stall) -> None:
    tokens.deposit(tokens.buyer, PRICE)
    tokens.chain.send(tokens.world.token.approve, tokens.market.address, PRICE, sender=tokens.buyer)

    assert tokens.offer_status(tokens.offer()) == Status.Ready
