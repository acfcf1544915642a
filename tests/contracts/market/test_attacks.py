"""Attacks on sellers and buyers, each played through the public face"""

from typing import Any

import pytest

from tests.factories.communities import MONTH, MONTHLY, PRICE, community_of, factory_of
from tests.factories.contracts import NATIVE, Chain, Reverted
from tests.factories.market import FEE_CAP_BPS, Stall, Status, split, stall_of

HONEST, RETURNS_FALSE, LIES_TRUE, TAKES_FEE, GIVES_MORE, TOKEN_CALLS_BACK = range(6)
ACCEPTS, REVERTS, BURNS_GAS, CALLS_BACK = range(4)
YES, NO, ANOTHER_WORD, WALLET_BURNS_GAS, WALLET_CALLS_BACK = range(5)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141  # of secp256k1


@pytest.fixture(scope="module")
def hostile(ledger: Chain, factory: Any, market: Any) -> Stall:
    """Before a community whose currency misbehaves as a test tells it."""
    return stall_of(community_of(ledger, factory, token=ledger.deploy("HostileToken")), market)


@pytest.fixture
def held(coins: Stall, wallet: Any) -> dict[str, Any]:
    """The badge belongs to a contract wallet; its listing, which needs no signature."""
    badges = coins.world.badges
    coins.transfer(badges, coins.badge, coins.seller, wallet.address)
    act(coins, wallet, badges.approve, coins.market.address, coins.badge)
    return coins.listing(seller=wallet.address, transferCount=1)


def act(stall: Stall, account: Any, method: Any, *arguments: Any, value: int = 0) -> Any:
    """The contract calls; reverts with what the call reverts with, inside ExecutionFailed."""
    data = bytes(method.encode_input(*arguments))
    return stall.chain.send(account.execute, method.contract.address, data, sender=stall.stranger, value=value)


def misbehave(stall: Stall, contract: Any, mode: int, target: str = NATIVE, payload: bytes = b"") -> None:
    stall.chain.send(contract.misbehave, mode, target, payload, sender=stall.stranger)


def answer(stall: Stall, contract: Any) -> str:
    """The error with which the last call back ended."""
    assert not contract.succeeded()
    return stall.chain.decode_error(bytes(contract.answer())).name


def another_badge(stall: Stall, owner: str) -> int:
    badge = stall.join(owner)
    stall.mint(badge, owner)
    stall.approve(stall.world.badges, badge, owner)
    return badge


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


def test_offer_is_drained_once(stall: Stall) -> None:
    """Also with the other signature that its key never gave: digests are spent, not signatures."""
    offer = stall.offer(tokenId=0, minAccrued=0)
    badge = another_badge(stall, stall.friend)
    stall.deposit(stall.buyer, PRICE)
    stall.accept(offer)

    for signature in (stall.sign(offer), twin(stall.sign(offer))):
        with stall.chain.reverts("OfferUnavailable", digest=stall.digest(offer), status=Status.Spent):
            stall.accept(offer, signature=signature, sender=stall.friend, token_id=badge)


def twin(signature: bytes) -> bytes:
    """The other signature of the same key over the same digest: s is replaced by -s."""
    s = ORDER - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])


def test_malleated_signature_gives_no_second_life(stall: Stall) -> None:
    listing = stall.listing()
    signature = twin(stall.sign(listing))
    stall.chain.send(stall.market.cancel, [stall.digest(listing)], sender=stall.seller)

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.Spent):
        stall.buy(listing, signature=signature)


@pytest.mark.parametrize(
    "domain",
    [
        {"chainId": 1},
        {"verifyingContract": "0x" + "12" * 20},
        {"name": "Koinon Badges"},
        {"version": "2"},
    ],
)
def test_signature_for_another_place_is_worthless(stall: Stall, domain: dict[str, Any]) -> None:
    listing, offer = stall.listing(), stall.offer()

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.SignatureInvalid):
        stall.buy(listing, signature=stall.sign(listing, **domain))
    with stall.chain.reverts("OfferUnavailable", digest=stall.digest(offer), status=Status.SignatureInvalid):
        stall.accept(offer, signature=stall.sign(offer, **domain))


def test_signature_for_another_market_is_worthless(stall: Stall) -> None:
    other = stall.chain.deploy("Market", stall.world.factory.address)
    listing = stall.listing()

    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.SignatureInvalid):
        stall.buy(listing, signature=stall.sign(listing, verifyingContract=other.address))


def test_nobody_sells_for_the_zero_address(coins: Stall) -> None:
    """An invalid signature recovers to address 0."""
    offer = coins.offer(buyer=NATIVE)
    coins.chain.send(coins.market.addFunds, NATIVE, sender=coins.stranger, value=PRICE)

    with coins.chain.reverts("OfferUnavailable", digest=coins.digest(offer), status=Status.SignatureInvalid):
        coins.accept(offer, signature=bytes(65), funds=0)


# Collections


def test_fake_collection_is_refused(stall: Stall, factory: Any) -> None:
    """What is no contract, what answers otherwise, what another factory made, and mixtures of two communities."""
    chain, world = stall.chain, stall.world
    second, foreign = community_of(chain, factory), community_of(chain, factory_of(chain))
    account = chain.deploy("HostileAccount").address
    pairs = [
        (account, account),
        (stall.stranger, stall.stranger),
        (account, world.membership.address),
        (world.badges.address, account),
        (world.badges.address, stall.stranger),
        (world.badges.address, world.badges.address),
        (world.community.address, world.membership.address),
        (world.store.address, world.membership.address),
        (second.badges.address, world.membership.address),
        (world.badges.address, second.membership.address),
        (foreign.badges.address, foreign.membership.address),
        (foreign.membership.address, foreign.membership.address),
    ]

    for collection, membership in pairs:
        with chain.reverts("CollectionUnknown", collection=collection):
            stall.buy(stall.listing(collection=collection, membership=membership))


def test_fake_membership_cannot_vouch_for_a_badge(stall: Stall) -> None:
    """A contract that names a genuine community, and would say that any badge has earned a fortune."""
    liar = stall.chain.deploy("LyingMembership", stall.world.community.address)
    claim(stall)
    listing = stall.listing(membership=liar.address, minAccrued=10**18)

    with stall.chain.reverts("CollectionUnknown", collection=stall.world.badges.address):
        stall.buy(listing)
    assert stall.listing_status(listing) == Status.CollectionUnknown


@pytest.mark.parametrize("code", ["0x00", "0x5f5ff3", "0x60025ff3", "0x60205ff3", "0x5f195f5260205ff3"])
def test_membership_of_any_code_is_refused(stall: Stall, code: str) -> None:
    """It answers nothing, two bytes, address 0, or no address."""
    account = "0x" + "c0de" * 10

    with (
        stall.code_at(account, code),
        stall.chain.reverts("CollectionUnknown", collection=stall.world.badges.address),
    ):
        stall.buy(stall.listing(membership=account))


def test_badge_that_is_no_token_is_not_sold(stall: Stall) -> None:
    """It belongs to whoever holds the membership: the seller would go on holding that."""
    badge = stall.join(stall.friend)
    stall.chain.send(stall.world.badges.setApprovalForAll, stall.market.address, True, sender=stall.friend)

    with stall.chain.reverts("TokenDoesNotExist"):
        stall.buy(stall.listing(seller=stall.friend, tokenId=badge, minAccrued=0))


def test_badges_as_a_currency_cannot_be_pulled_from_their_owners(stall: Stall, factory: Any) -> None:
    """ERC-20 and ERC-721 share `transferFrom`: a community whose currency is the victim's collection, and a price that
    is the id of the victim's badge, which the market may move."""
    chain = stall.chain
    trap = Stall(community_of(chain, factory, token=stall.world.badges), stall.market)
    token_id = trap.achievement()
    trap.transfer(trap.world.badges, token_id, trap.seller, stall.stranger)
    trap.approve(trap.world.badges, token_id, stall.stranger)
    listing = trap.listing(
        seller=stall.stranger,
        tokenId=token_id,
        transferCount=1,
        price=stall.badge,
        feeRecipient=NATIVE,
        minProceeds=0,
        minAccrued=0,
    )
    signature = trap.sign(listing)

    with chain.reverts("TransferFromFailed"):
        chain.send(trap.market.buy, listing, signature, NATIVE, 0, sender=stall.friend)
    assert stall.owner(stall.world.badges, stall.badge) == stall.seller


# Accounts that react


def test_seller_that_reenters_is_paid_once(coins: Stall, wallet: Any, held: dict[str, Any]) -> None:
    """While it is being paid it buys, accepts, pays out and withdraws."""
    market, world = coins.market, coins.world
    coins.chain.send(market.addFunds, wallet.address, sender=coins.stranger, value=PRICE)
    offer = coins.offer(tokenId=0, minAccrued=0)
    coins.deposit(coins.buyer, PRICE)
    attempts = [
        market.buy.encode_input(held, b"", wallet.address, 0),
        market.accept.encode_input(offer, coins.sign(offer), coins.badge, 0),
        market.payOut.encode_input(world.badges.address, world.membership.address, coins.page),
        market.withdrawFunds.encode_input(wallet.address, PRICE),
    ]

    for payload in attempts:
        with coins.chain.undone():
            misbehave(coins, wallet, CALLS_BACK, market.address, bytes(payload))
            coins.buy(held, signature=b"")
            assert answer(coins, wallet) == "Reentrancy"
            assert coins.chain.balance(wallet.address) == split(PRICE)[2]
            assert coins.owner(world.badges, coins.badge) == coins.buyer


@pytest.mark.parametrize("mode", [REVERTS, BURNS_GAS])
def test_seller_that_refuses_its_coins_blocks_nobody(
    coins: Stall, wallet: Any, held: dict[str, Any], mode: int
) -> None:
    proceeds = split(PRICE)[2]
    misbehave(coins, wallet, mode)

    receipt = coins.buy(held, signature=b"")

    assert receipt.only("FundsSet") == {"account": wallet.address, "funds": proceeds}
    assert coins.owner(coins.world.badges, coins.badge) == coins.buyer
    before = coins.chain.balance(coins.friend)
    act(coins, wallet, coins.market.withdrawFunds, coins.friend, proceeds)
    assert coins.chain.balance(coins.friend) - before == proceeds


@pytest.mark.parametrize("mode", [REVERTS, BURNS_GAS])
def test_accepting_seller_that_refuses_its_coins_finds_them_here(coins: Stall, wallet: Any, mode: int) -> None:
    coins.transfer(coins.world.badges, coins.badge, coins.seller, wallet.address)
    act(coins, wallet, coins.world.badges.approve, coins.market.address, coins.badge)
    misbehave(coins, wallet, mode)
    offer = coins.offer()
    coins.deposit(coins.buyer, PRICE)

    act(coins, wallet, coins.market.accept, offer, coins.sign(offer), coins.badge, 0)

    assert coins.funds(wallet.address) == split(PRICE)[2]


def test_buyer_cannot_starve_the_sellers_wallet(coins: Stall, wallet: Any, held: dict[str, Any], ledger: Chain) -> None:
    """With little gas the wallet could not take its coins: then nothing is sold. A sale pays it at once."""
    buyer = ledger.deploy("HostileAccount")
    misbehave(coins, wallet, CALLS_BACK, NATIVE)
    call = bytes(coins.market.buy.encode_input(held, b"", NATIVE, 0))
    outcomes = set()

    for gas in range(20_000, 300_000, 2_000):
        with coins.chain.undone():
            coins.chain.send(buyer.starve, coins.market.address, call, gas, sender=coins.stranger, value=PRICE)
            sold = coins.owner(coins.world.badges, coins.badge) == buyer.address
            outcomes.add((sold, coins.chain.balance(wallet.address), coins.funds(wallet.address)))

    assert outcomes == {(False, 0, 0), (True, split(PRICE)[2], 0)}


@pytest.mark.parametrize("mode", [REVERTS, BURNS_GAS])
def test_page_that_refuses_its_fee_does_not_keep_the_royalty(coins: Stall, wallet: Any, mode: int) -> None:
    royalty, fee, _ = split(PRICE)
    misbehave(coins, wallet, mode)
    coins.buy(coins.listing(feeRecipient=wallet.address))
    world = coins.world

    coins.chain.send(
        coins.market.payOut, world.badges.address, world.membership.address, wallet.address, sender=coins.stranger
    )

    assert coins.chain.balance(world.community.address) == royalty
    assert coins.funds(wallet.address) == fee


def test_page_that_reenters_is_paid_once(coins: Stall, wallet: Any) -> None:
    world, market = coins.world, coins.market
    coins.buy(coins.listing(feeRecipient=wallet.address))
    key = (world.badges.address, world.membership.address, wallet.address)
    misbehave(coins, wallet, CALLS_BACK, market.address, bytes(market.payOut.encode_input(*key)))

    coins.chain.send(market.payOut, *key, sender=coins.stranger)

    assert answer(coins, wallet) == "Reentrancy"
    assert coins.chain.balance(wallet.address) == split(PRICE)[1]


def test_withdrawing_account_that_reenters_is_paid_once(coins: Stall, wallet: Any) -> None:
    market = coins.market
    coins.deposit(coins.buyer, PRICE)  # of somebody else
    coins.chain.send(market.addFunds, wallet.address, sender=coins.stranger, value=PRICE)
    misbehave(
        coins, wallet, CALLS_BACK, market.address, bytes(market.withdrawFunds.encode_input(wallet.address, PRICE))
    )

    act(coins, wallet, market.withdrawFunds, wallet.address, PRICE)

    assert answer(coins, wallet) == "Reentrancy"
    assert (coins.chain.balance(wallet.address), coins.funds(coins.buyer)) == (PRICE, PRICE)


def test_buyer_that_refuses_tokens_gets_its_badge_without_a_call(coins: Stall, wallet: Any) -> None:
    """No hook: nobody is called between the move and the payment."""
    misbehave(coins, wallet, REVERTS)
    listing = coins.listing()

    act(coins, wallet, coins.market.buy, listing, coins.sign(listing), NATIVE, 0, value=PRICE)

    assert coins.owner(coins.world.badges, coins.badge) == wallet.address


# Contract wallets (EIP-1271)


@pytest.mark.parametrize("said", [NO, ANOTHER_WORD, WALLET_BURNS_GAS, WALLET_CALLS_BACK])
def test_wallet_that_does_not_say_yes_sells_nothing(coins: Stall, wallet: Any, held: dict[str, Any], said: int) -> None:
    """The one that calls back tries to cancel while it is asked: it is asked in a way that lets it change nothing."""
    digest = coins.digest(held)
    misbehave(coins, wallet, ACCEPTS, coins.market.address, bytes(coins.market.cancel.encode_input([digest])))
    coins.chain.send(wallet.say, said, sender=coins.stranger)

    with pytest.raises(Reverted) as caught:
        coins.buy(held, signature=b"")

    if said != WALLET_BURNS_GAS:
        expected = {"digest": digest, "status": Status.SignatureInvalid}
        assert (caught.value.name, caught.value.arguments) == ("ListingUnavailable", expected)
    assert coins.owner(coins.world.badges, coins.badge) == wallet.address
    assert not coins.chain.read(coins.market.isSpent, wallet.address, digest)


def test_wallet_that_says_yes_to_anything_signs_for_itself_only(coins: Stall, wallet: Any) -> None:
    listing, offer = coins.listing(), coins.offer()
    coins.deposit(coins.buyer, PRICE)

    with coins.chain.reverts("ListingUnavailable", digest=coins.digest(listing), status=Status.SignatureInvalid):
        act_plainly(coins, wallet, listing)
    with coins.chain.reverts("OfferUnavailable", digest=coins.digest(offer), status=Status.SignatureInvalid):
        coins.accept(offer, signature=wallet.address.encode(), funds=0)


def act_plainly(stall: Stall, wallet: Any, listing: dict[str, Any]) -> None:
    """The wallet buys, with a signature that it calls good."""
    with stall.chain.impersonated(wallet.address):
        stall.chain.send(stall.market.addFunds, wallet.address, sender=stall.stranger, value=PRICE)
        stall.buy(listing, signature=b"yes")


def test_wallet_that_changes_its_mind_sells_nothing(coins: Stall, wallet: Any, held: dict[str, Any]) -> None:
    """What a contract said of the listing before does not bind it: its sale fails, and the buyer pays gas only."""
    assert coins.listing_status(held, b"") == Status.Ready
    coins.chain.send(wallet.say, NO, sender=coins.stranger)

    with coins.chain.reverts("ListingUnavailable", digest=coins.digest(held), status=Status.SignatureInvalid):
        coins.buy(held, signature=b"")


# Tokens


@pytest.mark.parametrize(
    ("mode", "error", "received"),
    [
        (RETURNS_FALSE, "TransferFromFailed", None),
        (LIES_TRUE, "TransferShort", 0),
        (TAKES_FEE, "TransferShort", split(PRICE)[2] * 99 // 100 + 1),
        (GIVES_MORE, "TransferShort", split(PRICE)[2] + 1),
    ],
)
@pytest.mark.parametrize("way", ["buy", "accept"])
def test_misbehaving_token_buys_nothing(hostile: Stall, mode: int, error: str, received: int | None, way: str) -> None:
    listing, offer = hostile.listing(), hostile.offer()
    hostile.fund(hostile.buyer, PRICE)
    misbehave(hostile, hostile.world.token, mode)
    proceeds = split(PRICE)[2]
    received = proceeds - proceeds // 100 if mode == TAKES_FEE else received
    arguments = {} if received is None else {"received": received, "due": proceeds}

    with hostile.chain.reverts(error, **arguments):
        if way == "buy":
            hostile.buy(listing, funds=0)
        else:
            hostile.accept(offer, funds=0)
    assert hostile.owner(hostile.world.badges, hostile.badge) == hostile.seller


def test_token_without_return_value_pays_everybody(ledger: Chain, factory: Any, market: Any) -> None:
    """As USDT."""
    stall = stall_of(community_of(ledger, factory, token=ledger.deploy("NoReturnToken")), market)
    royalty, fee, proceeds = split(PRICE)
    before = stall.world.balance(stall.seller)

    stall.buy()

    assert stall.world.balance(stall.seller) - before == proceeds
    assert stall.balances(stall.world.community.address, stall.page) == [royalty, fee]


def test_token_that_reenters_cannot_let_one_arrival_pay_two_sales(hostile: Stall) -> None:
    world, market = hostile.world, hostile.market
    other = another_badge(hostile, hostile.friend)
    inner = hostile.listing(seller=hostile.friend, tokenId=other, minAccrued=0)
    listing, offer = hostile.listing(), hostile.offer(tokenId=0, minAccrued=0)
    attempts = [
        market.buy.encode_input(inner, hostile.sign(inner), NATIVE, 0),
        market.accept.encode_input(offer, hostile.sign(offer), other, 0),
        market.withdrawFunds.encode_input(world.token.address, 0),
    ]

    for payload in attempts:
        with hostile.chain.undone():
            hostile.fund(hostile.buyer, PRICE)
            misbehave(hostile, world.token, TOKEN_CALLS_BACK, market.address, bytes(payload))
            hostile.buy(listing, funds=0)
            assert answer(hostile, world.token) == "Reentrancy"
            assert hostile.owner(world.badges, other) == hostile.friend


def test_token_that_reenters_cannot_have_an_offer_accepted_twice(hostile: Stall) -> None:
    market, token = hostile.market, hostile.world.token
    offer = hostile.offer(tokenId=0, minAccrued=0)
    other = another_badge(hostile, hostile.friend)
    hostile.fund(hostile.buyer, 2 * PRICE)
    again = market.accept.encode_input(offer, hostile.sign(offer), other, 0)
    misbehave(hostile, token, TOKEN_CALLS_BACK, market.address, bytes(again))

    hostile.accept(offer, funds=0)

    assert answer(hostile, token) == "Reentrancy"
    assert hostile.owner(hostile.world.badges, other) == hostile.friend


def test_claim_from_inside_a_payment_takes_nothing_from_the_buyer(hostile: Stall) -> None:
    """The seller's token calls back while the buyer pays: the badge, and what it accrued, are the buyer's already."""
    world, income = hostile.world, hostile.income
    payload = world.membership.claim.encode_input([hostile.badge], hostile.seller)
    hostile.fund(hostile.buyer, PRICE)
    misbehave(hostile, world.token, TOKEN_CALLS_BACK, world.membership.address, bytes(payload))

    hostile.buy(funds=0)

    assert not world.token.succeeded()
    assert hostile.income == income
    assert hostile.owner(world.badges, hostile.badge) == hostile.buyer


def test_month_passes_and_nothing_is_lost(stall: Stall) -> None:
    """Income of the badge that falls due after the sale is the buyer's."""
    later = stall.join(stall.stranger, badge=stall.badge, tier_id=MONTHLY)
    stall.buy()
    stall.chain.advance(MONTH)
    stall.world.settle(later)
    due, before = stall.income, stall.world.balance(stall.buyer)

    stall.chain.send(stall.world.membership.claim, [stall.badge], stall.buyer, sender=stall.buyer)

    assert stall.world.balance(stall.buyer) - before == due > 0
