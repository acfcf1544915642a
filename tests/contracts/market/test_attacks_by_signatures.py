"""Attacks by signatures: of other places, of other keys, used again, and of contracts (EIP-1271)"""

from typing import Any

import pytest

from tests.factories.communities import PRICE
from tests.factories.contracts import NATIVE, Reverted
from tests.factories.hostile import ACCEPTS, ANOTHER_WORD, NO, WALLET_BURNS_GAS, WALLET_CALLS_BACK, misbehave
from tests.factories.market import Stall, Status

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141  # of secp256k1


def test_offer_is_drained_once(stall: Stall) -> None:
    """Also with the other signature that its key never gave: digests are spent, not signatures."""
    offer = stall.offer(tokenId=0, minAccrued=0)
    badge = stall.another_badge(stall.friend)
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


# Contract wallets


@pytest.mark.parametrize("said", [NO, ANOTHER_WORD, WALLET_BURNS_GAS, WALLET_CALLS_BACK])
def test_wallet_that_does_not_say_yes_sells_nothing(coins: Stall, wallet: Any, held: dict[str, Any], said: int) -> None:
    """The one that calls back tries to cancel while it is asked: it is asked in a way that lets it change nothing."""
    digest = coins.digest(held)
    misbehave(coins.chain, wallet, ACCEPTS, coins.market.address, bytes(coins.market.cancel.encode_input([digest])))
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
