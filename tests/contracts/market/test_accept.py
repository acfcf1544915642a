"""IMarket.accept"""

from typing import Any

import pytest

from tests.factories.communities import MONTH, PRICE
from tests.factories.contracts import NATIVE
from tests.factories.market import ACHIEVEMENT, FEE_CAP_BPS, Stall, Status, split

BRONZE_BPS = 500


def test_accept_moves_the_badge_and_pays_everybody(stall: Stall) -> None:
    offer = stall.offer()
    royalty, fee, proceeds = split(PRICE)
    before = stall.world.balance(stall.seller)

    receipt = stall.accept(offer, least=proceeds)

    assert receipt.only("OfferAccepted") == {
        "collection": offer["collection"],
        "tokenId": stall.badge,
        "seller": stall.seller,
        "buyer": stall.buyer,
        "currency": stall.world.currency,
        "price": PRICE,
        "royalty": royalty,
        "fee": fee,
        "feeRecipient": stall.page,
        "digest": stall.digest(offer),
    }
    assert stall.owner(stall.world.badges, stall.badge) == stall.buyer
    assert stall.world.balance(stall.seller) - before == proceeds
    assert stall.chain.read(stall.market.isSpent, stall.buyer, stall.digest(offer))
    if stall.world.token:
        community = stall.world.community.address
        assert (stall.world.balance(community), stall.world.balance(stall.page)) == (royalty, fee)
        assert stall.world.balance(stall.buyer) == 0
    else:
        assert (stall.till(), stall.funds(stall.buyer)) == ((royalty, fee), 0)
        assert receipt.only("FundsSet") == {"account": stall.buyer, "funds": 0}
        assert stall.world.balance(stall.market.address) == royalty + fee


def test_accept_leaves_the_rest_of_the_funds(coins: Stall) -> None:
    receipt = coins.accept(funds=3 * PRICE)

    assert receipt.only("FundsSet") == {"account": coins.buyer, "funds": 2 * PRICE}
    assert coins.funds(coins.buyer) == 2 * PRICE


def test_accept_in_native_coins_where_the_currency_is_a_token(tokens: Stall) -> None:
    before = tokens.chain.balance(tokens.seller)

    tokens.accept(tokens.offer(currency=NATIVE))

    assert tokens.chain.balance(tokens.seller) - before == split(PRICE)[2]


def test_accept_an_offer_for_any_badge(stall: Stall) -> None:
    offer = stall.offer(tokenId=0, minRateBps=BRONZE_BPS)

    stall.accept(offer)

    assert stall.owner(stall.world.badges, stall.badge) == stall.buyer


def test_accept_an_offer_for_any_badge_that_has_earned_nothing(stall: Stall) -> None:
    badge = stall.another_badge(stall.friend)

    stall.accept(stall.offer(tokenId=0, minAccrued=0), sender=stall.friend, token_id=badge)

    assert stall.owner(stall.world.badges, badge) == stall.buyer


def test_accept_an_offer_for_an_achievement(stall: Stall) -> None:
    badges, token_id = stall.world.badges, stall.achievement()
    stall.approve(badges, token_id, stall.seller)

    stall.accept(stall.offer(tokenId=token_id, minAccrued=0), token_id=token_id)

    assert stall.owner(badges, token_id) == stall.buyer


def test_accept_pushes_to_the_seller_what_the_page_does_not_take(stall: Stall) -> None:
    before = stall.world.balance(stall.seller)

    stall.accept(stall.offer(feeRecipient=NATIVE, feeBps=FEE_CAP_BPS))

    assert stall.world.balance(stall.seller) - before == PRICE - split(PRICE)[0]


def test_accept_of_an_offer_of_a_contract_wallet(coins: Stall) -> None:
    """EIP-1271."""
    wallet = coins.chain.deploy("WalletMock", coins.buyer)
    offer = coins.offer(buyer=wallet.address)
    coins.chain.send(coins.market.addFunds, wallet.address, sender=coins.stranger, value=PRICE)

    coins.accept(offer, signature=coins.sign(offer, by=coins.buyer), funds=0)

    assert coins.owner(coins.world.badges, coins.badge) == wallet.address


def test_accept_in_the_last_second(coins: Stall) -> None:
    coins.accept(coins.offer(deadline=coins.chain.now))

    assert coins.owner(coins.world.badges, coins.badge) == coins.buyer


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"price": 0}, Status.PriceZero),
        ({"feeBps": FEE_CAP_BPS + 1}, Status.FeeTooHigh),
        ({"deadline": -1}, Status.Expired),
        ({"counter": 1}, Status.CounterRaised),
        ({"tokenId": 1}, Status.TokenNotMeant),
        ({"level": 1}, Status.LevelTooLow),
        ({"minRateBps": BRONZE_BPS + 1}, Status.RateTooLow),
        ({"minAccrued": 1}, Status.AccruedTooLow),
    ],
)
def test_accept_reverts_when_the_offer_is_unavailable(stall: Stall, changes: dict[str, int], status: Status) -> None:
    """Each change is added to what would do."""
    base = stall.offer()
    relative = {"deadline": stall.chain.now, "price": 0, "feeBps": 0}
    offer = base | {name: relative.get(name, base[name]) + change for name, change in changes.items()}

    with stall.chain.reverts("OfferUnavailable", digest=stall.digest(offer), status=status):
        stall.accept(offer)
    assert stall.owner(stall.world.badges, stall.badge) == stall.seller


def test_accept_reverts_when_a_membership_is_asked_for(stall: Stall) -> None:
    offer = stall.offer(collection=stall.world.membership.address)

    with stall.chain.reverts("OfferUnavailable", digest=stall.digest(offer), status=Status.CollectionUnknown):
        stall.accept(offer)


@pytest.mark.parametrize("terms", [{"level": 1}, {"minRateBps": 1}, {"minAccrued": 1}, {"tokenId": 0}])
def test_accept_reverts_when_an_achievement_is_to_earn(stall: Stall, terms: dict[str, int]) -> None:
    badges, token_id = stall.world.badges, stall.achievement()
    stall.approve(badges, token_id, stall.seller)
    offer = stall.offer(**{"tokenId": token_id, "minAccrued": 0} | terms)

    assert token_id > ACHIEVEMENT
    with stall.chain.reverts("OfferUnavailable", digest=stall.digest(offer), status=Status.TokenNotMeant):
        stall.accept(offer, token_id=token_id)


def test_accept_reverts_when_the_signature_is_anothers(stall: Stall) -> None:
    offer = stall.offer()

    with stall.chain.reverts("OfferUnavailable", digest=stall.digest(offer), status=Status.SignatureInvalid):
        stall.accept(offer, signature=stall.sign(offer, by=stall.seller))


@pytest.mark.parametrize(
    ("field", "value"),
    [("tokenId", 0), ("price", PRICE + 1), ("feeBps", 0), ("minAccrued", 0), ("deadline", 2**40 - 1)],
)
def test_accept_reverts_when_a_field_is_not_the_signed_one(stall: Stall, field: str, value: Any) -> None:
    signature = stall.sign(signed := stall.offer())
    offer = signed | {field: value}

    with stall.chain.reverts("OfferUnavailable", digest=stall.digest(offer), status=Status.SignatureInvalid):
        stall.accept(offer, signature=signature)


def test_accept_reverts_when_the_offer_was_accepted(stall: Stall) -> None:
    offer = stall.offer(tokenId=0, minAccrued=0)
    stall.accept(offer)
    badge = stall.another_badge(stall.friend)

    with stall.chain.reverts("OfferUnavailable", digest=stall.digest(offer), status=Status.Spent):
        stall.accept(offer, sender=stall.friend, token_id=badge)


def test_accept_reverts_when_the_seller_would_get_less(stall: Stall) -> None:
    proceeds = split(PRICE)[2]

    with stall.chain.reverts("ProceedsTooLow", proceeds=proceeds, least=proceeds + 1):
        stall.accept(least=proceeds + 1)


def test_accept_reverts_when_the_buyer_took_its_coins_back(coins: Stall) -> None:
    with coins.chain.reverts("FundsTooLow", account=coins.buyer, amount=PRICE, funds=PRICE - 1):
        coins.accept(funds=PRICE - 1)


def test_accept_reverts_when_the_buyers_tokens_cannot_be_pulled(tokens: Stall) -> None:
    with tokens.chain.reverts("TransferFromFailed"):
        tokens.accept(funds=PRICE - 1)


def test_accept_reverts_when_the_currency_is_not_the_communitys(stall: Stall) -> None:
    other = stall.chain.deploy("MockToken", "Other", "OTH", 18)

    with stall.chain.reverts("CurrencyMismatch", expected=other.address, currency=stall.world.currency):
        stall.accept(stall.offer(currency=other.address), funds=0)


def test_accept_reverts_when_the_caller_does_not_own_the_badge(stall: Stall) -> None:
    with stall.chain.reverts("TransferFromIncorrectOwner"):
        stall.accept(sender=stall.stranger)


def test_accept_reverts_when_the_market_may_not_move_the_badge(stall: Stall) -> None:
    stall.chain.send(stall.world.badges.approve, NATIVE, stall.badge, sender=stall.seller)

    with stall.chain.reverts("NotOwnerNorApproved"):
        stall.accept()


def test_accept_reverts_when_the_badge_is_no_token(stall: Stall) -> None:
    badge = stall.join(stall.friend)

    with stall.chain.reverts("TokenDoesNotExist"):
        stall.accept(stall.offer(tokenId=0, minAccrued=0), sender=stall.friend, token_id=badge)


def test_accept_takes_a_badge_that_has_risen(stall: Stall) -> None:
    """Income that grows after the offer was made goes along."""
    offer = stall.offer()
    later = stall.join(stall.stranger, badge=stall.badge)
    stall.chain.advance(MONTH // 2)
    stall.world.settle(later)

    stall.accept(offer)

    assert stall.income > offer["minAccrued"]
