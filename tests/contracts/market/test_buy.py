"""IMarket.buy, of badges and achievements"""

from typing import Any

import pytest

from tests.factories.communities import MONTH, PRICE
from tests.factories.contracts import NATIVE
from tests.factories.market import ACHIEVEMENT, FEE_BPS, FEE_CAP_BPS, ROYALTY_BPS, Stall, Status, split


def test_buy_moves_the_badge_and_pays_everybody(stall: Stall) -> None:
    listing = stall.listing()
    royalty, fee, proceeds = split(PRICE)
    community = stall.world.community.address
    stall.fund(stall.buyer, PRICE)
    before = stall.balances(stall.seller, stall.buyer)

    receipt = stall.buy(listing, funds=0)

    assert receipt.only("ListingBought") == {
        "collection": listing["collection"],
        "tokenId": stall.badge,
        "seller": stall.seller,
        "buyer": stall.buyer,
        "recipient": stall.buyer,
        "currency": stall.world.currency,
        "price": PRICE,
        "royalty": royalty,
        "fee": fee,
        "feeRecipient": stall.page,
        "digest": stall.digest(listing),
    }
    assert stall.owner(stall.world.badges, stall.badge) == stall.buyer
    after = stall.balances(stall.seller, stall.buyer)
    assert [now - then for now, then in zip(after, before, strict=True)] == [proceeds, -PRICE]
    if stall.world.token:
        assert stall.till() == (0, 0)
        assert (stall.world.balance(community), stall.world.balance(stall.page)) == (royalty, fee)
    else:
        assert stall.till() == (royalty, fee)
        assert stall.world.balance(stall.market.address) == royalty + fee


def test_buy_brings_the_income_of_the_badge(stall: Stall) -> None:
    income, world = stall.income, stall.world
    stall.buy(money=income)
    before = world.balance(stall.buyer)

    stall.chain.send(world.membership.claim, [stall.badge], stall.buyer, sender=stall.buyer)

    assert world.balance(stall.buyer) - before == income > 0


def test_buy_opens_the_till_of_a_page_once(stall: Stall) -> None:
    first = stall.buy()
    stall.approve(stall.world.badges, stall.badge, stall.buyer)
    again = stall.listing(seller=stall.buyer, transferCount=1)

    second = stall.buy(again, sender=stall.friend)

    assert first.only("TillOpened") == {
        "collection": stall.world.badges.address,
        "membership": stall.world.membership.address,
        "feeRecipient": stall.page,
        "royaltyBps": ROYALTY_BPS,
    }
    assert "TillOpened" not in second.names()
    royalty, fee, _ = split(PRICE)
    assert stall.till() == ((0, 0) if stall.world.token else (2 * royalty, 2 * fee))


def test_buy_gives_the_royalty_that_the_collections_state(stall: Stall) -> None:
    """ERC-2981: who gets it, and how much."""
    royalty, community = split(PRICE)[0], stall.world.community.address
    for collection in (stall.world.badges, stall.world.membership):
        stated = stall.chain.read(collection.royaltyInfo, stall.badge, PRICE)
        assert tuple(stated.values()) == (community, royalty)

    assert stall.buy().only("ListingBought")["royalty"] == royalty


def test_buy_hands_the_badge_to_the_recipient(stall: Stall) -> None:
    receipt = stall.buy(recipient=stall.friend)

    bought = receipt.only("ListingBought")
    assert (bought["buyer"], bought["recipient"]) == (stall.buyer, stall.friend)
    assert stall.owner(stall.world.badges, stall.badge) == stall.friend


def test_buy_without_a_page_takes_no_fee(stall: Stall) -> None:
    royalty = split(PRICE)[0]
    listing = stall.listing(feeRecipient=NATIVE, feeBps=FEE_CAP_BPS, minProceeds=PRICE - royalty)
    before = stall.world.balance(stall.seller)

    bought = stall.buy(listing).only("ListingBought")

    assert bought["fee"] == 0
    assert stall.world.balance(stall.seller) - before == PRICE - royalty
    assert stall.till(page=NATIVE) == ((0, 0) if stall.world.token else (royalty, 0))


@pytest.mark.parametrize("price", [1, 19, 20, 39, 40, 9_999, 2**96 - 1])
def test_buy_rounds_royalty_and_fee_down(tokens: Stall, price: int) -> None:
    royalty, fee, proceeds = split(price)
    before = tokens.world.balance(tokens.seller)

    bought = tokens.buy(tokens.listing(price=price)).only("ListingBought")

    assert (bought["royalty"], bought["fee"]) == (royalty, fee)
    assert tokens.world.balance(tokens.seller) - before == proceeds


def test_buy_takes_the_highest_fee(stall: Stall) -> None:
    fee = PRICE * FEE_CAP_BPS // 10_000
    listing = stall.listing(feeBps=FEE_CAP_BPS, minProceeds=PRICE - split(PRICE)[0] - fee)

    assert stall.buy(listing).only("ListingBought")["fee"] == fee


def test_buy_by_the_page_itself(stall: Stall) -> None:
    """Its own fee moves nowhere."""
    stall.buy(sender=stall.page)

    assert stall.owner(stall.world.badges, stall.badge) == stall.page


def test_buy_in_native_coins_where_the_currency_is_a_token(tokens: Stall) -> None:
    royalty, fee, proceeds = split(PRICE)
    before = tokens.chain.balance(tokens.seller)

    tokens.buy(tokens.listing(currency=NATIVE))

    assert tokens.chain.balance(tokens.seller) - before == proceeds
    assert tokens.till() == (royalty, fee)


def test_buy_of_a_private_sale_by_the_buyer_it_names(stall: Stall) -> None:
    stall.buy(stall.listing(buyer=stall.buyer))

    assert stall.owner(stall.world.badges, stall.badge) == stall.buyer


def test_buy_by_a_short_signature(stall: Stall) -> None:
    """EIP-2098: 64 bytes, so that a purchase costs less."""
    listing = stall.listing()
    signature = stall.sign(listing)
    high = (signature[64] - 27) << 7
    short = signature[:32] + bytes([signature[32] | high]) + signature[33:64]

    stall.buy(listing, signature=short)

    assert stall.owner(stall.world.badges, stall.badge) == stall.buyer


def test_buy_of_an_account_that_has_both_a_key_and_code(coins: Stall) -> None:
    """EIP-7702: its key goes on signing, whatever its code says."""
    listing = coins.listing()
    signature = coins.sign(listing)

    with coins.code_at(coins.seller, "0x00"):
        assert coins.chain.rpc("eth_getCode", coins.seller, "latest").startswith("0x00")
        coins.buy(listing, signature=signature)

    assert coins.owner(coins.world.badges, coins.badge) == coins.buyer


def test_buy_of_a_contract_wallet(stall: Stall) -> None:
    """EIP-1271, by the wallet's owner; this wallet takes no coins, so its proceeds wait for it."""
    world, wallet = stall.world, stall.chain.deploy("WalletMock", stall.seller)
    stall.transfer(world.badges, stall.badge, stall.seller, wallet.address)
    with stall.chain.impersonated(wallet.address):
        stall.approve(world.badges, stall.badge, wallet.address)
    listing = stall.listing(seller=wallet.address, transferCount=1)

    stall.buy(listing, signature=stall.sign(listing, by=stall.seller))

    proceeds = split(PRICE)[2]
    assert stall.owner(world.badges, stall.badge) == stall.buyer
    assert stall.funds(wallet.address) == (0 if world.token else proceeds)
    assert world.balance(wallet.address) == (proceeds if world.token else 0)


def test_buy_of_an_achievement(stall: Stall) -> None:
    token_id = stall.achievement()
    stall.approve(stall.world.badges, token_id, stall.seller)

    stall.buy(stall.listing(tokenId=token_id, minAccrued=0))

    assert token_id >= ACHIEVEMENT
    assert stall.owner(stall.world.badges, token_id) == stall.buyer


def test_buy_at_both_ends_of_its_time(coins: Stall) -> None:
    now = coins.chain.now
    for listing in (coins.listing(startsAt=now), coins.listing(deadline=now)):
        with coins.chain.undone():
            coins.buy(listing)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"price": 0}, Status.PriceZero),
        ({"feeBps": FEE_CAP_BPS + 1}, Status.FeeTooHigh),
        ({"feeBps": 2**16 - 1}, Status.FeeTooHigh),
        ({"startsAt": 1}, Status.NotStarted),
        ({"deadline": -1}, Status.Expired),
        ({"counter": 1}, Status.CounterRaised),
        ({"minProceeds": 1}, Status.ProceedsTooLow),
        ({"transferCount": 1}, Status.Transferred),
        ({"minAccrued": 1}, Status.AccruedTooLow),
    ],
)
def test_buy_reverts_when_the_listing_is_unavailable(stall: Stall, changes: dict[str, int], status: Status) -> None:
    """Each change is added to what would do."""
    base = stall.listing()
    relative = {"startsAt": stall.chain.now, "deadline": stall.chain.now, "price": 0, "feeBps": 0}
    listing = base | {name: relative.get(name, base[name]) + change for name, change in changes.items()}

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=status):
        stall.buy(listing)


def test_buy_reverts_when_the_buyer_wants_more_income(stall: Stall) -> None:
    listing = stall.listing(minAccrued=0)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.AccruedTooLow):
        stall.buy(listing, money=stall.income + 1)


def test_buy_reverts_when_an_achievement_is_to_bring_income(stall: Stall) -> None:
    token_id = stall.achievement()
    stall.approve(stall.world.badges, token_id, stall.seller)
    listing = stall.listing(tokenId=token_id, minAccrued=1)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.AccruedTooLow):
        stall.buy(listing)


def test_buy_reverts_when_the_achievement_is_locked(stall: Stall) -> None:
    token_id = stall.achievement(locked=True)
    stall.chain.send(stall.world.badges.setApprovalForAll, stall.market.address, True, sender=stall.seller)

    with stall.chain.reverts("TokenLocked", tokenId=token_id):
        stall.buy(stall.listing(tokenId=token_id, minAccrued=0))


def test_buy_reverts_when_the_signature_is_anothers(stall: Stall) -> None:
    listing = stall.listing()

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.SignatureInvalid):
        stall.buy(listing, signature=stall.sign(listing, by=stall.buyer))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tokenId", 1),
        ("price", PRICE - 1),
        ("minProceeds", 0),
        ("feeBps", FEE_BPS - 1),
        ("deadline", 2**40 - 1),
        ("minAccrued", 0),
        ("tierId", 1),
        ("minExpiresAt", 1),
        ("minUnearned", 1),
        ("withBadge", True),
        ("salt", 2**255),
    ],
)
def test_buy_reverts_when_a_field_is_not_the_signed_one(stall: Stall, field: str, value: Any) -> None:
    """Also those that say nothing of a badge."""
    signature = stall.sign(signed := stall.listing())
    listing = signed | {field: value}

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.SignatureInvalid):
        stall.buy(listing, signature=signature)


def test_buy_reverts_when_the_caller_is_not_the_named_buyer(stall: Stall) -> None:
    with stall.chain.reverts("BuyerMismatch", caller=stall.stranger, buyer=stall.buyer):
        stall.buy(stall.listing(buyer=stall.buyer), sender=stall.stranger)


@pytest.mark.parametrize("change", [-1, 1, -PRICE])
def test_buy_reverts_when_the_coins_are_not_the_price(coins: Stall, change: int) -> None:
    with coins.chain.reverts("ValueMismatch", value=PRICE + change, due=PRICE):
        coins.buy(value=PRICE + change)


def test_buy_reverts_when_coins_come_with_a_price_in_tokens(tokens: Stall) -> None:
    with tokens.chain.reverts("ValueMismatch", value=1, due=0):
        tokens.buy(value=1)


def test_buy_reverts_when_the_currency_is_not_the_communitys(stall: Stall) -> None:
    other = stall.chain.deploy("MockToken", "Other", "OTH", 18)

    with stall.chain.reverts("CurrencyMismatch", expected=other.address, currency=stall.world.currency):
        stall.buy(stall.listing(currency=other.address))


def test_buy_reverts_when_the_market_may_not_move_the_badge(stall: Stall) -> None:
    stall.chain.send(stall.world.badges.approve, NATIVE, stall.badge, sender=stall.seller)

    with stall.chain.reverts("NotOwnerNorApproved"):
        stall.buy()


def test_buy_reverts_when_the_seller_is_not_the_owner(stall: Stall) -> None:
    with stall.chain.reverts("TransferFromIncorrectOwner"):
        stall.buy(stall.listing(seller=stall.friend))


@pytest.mark.parametrize("funds", [0, PRICE - 1])
def test_buy_reverts_when_the_tokens_cannot_be_pulled(tokens: Stall, funds: int) -> None:
    listing = tokens.listing()

    with tokens.chain.reverts("TransferFromFailed"):
        tokens.buy(listing, funds=funds)
    assert tokens.owner(tokens.world.badges, tokens.badge) == tokens.seller


def test_buy_keeps_nothing_of_a_price_in_tokens(tokens: Stall) -> None:
    tokens.buy()

    assert tokens.world.balance(tokens.market.address) == 0
    assert tokens.chain.read(tokens.world.token.allowance, tokens.buyer, tokens.market.address) == 0


def test_buy_of_a_badge_whose_membership_has_expired(stall: Stall) -> None:
    """The badge is a thing of its own."""
    stall.chain.advance(MONTH)
    listing = stall.listing()

    stall.buy(listing)

    assert stall.owner(stall.world.badges, stall.badge) == stall.buyer
