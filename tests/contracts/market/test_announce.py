"""IMarket.announceListing and announceOffer"""

import pytest

from tests.factories.market import Stall


@pytest.mark.parametrize("kind", ["Listing", "Offer"])
def test_announce_publishes_everything(stall: Stall, kind: str) -> None:
    message = stall.listing() if kind == "Listing" else stall.offer()
    method = stall.market.announceListing if kind == "Listing" else stall.market.announceOffer

    receipt = stall.chain.send(method, message, stall.sign(message), sender=stall.stranger)

    assert receipt.only(f"{kind}Announced") == {
        "digest": stall.digest(message),
        kind.lower(): message,
        "signature": stall.sign(message),
    }


@pytest.mark.parametrize("kind", ["Listing", "Offer"])
def test_announce_reverts_when_nobody_signed(stall: Stall, kind: str) -> None:
    message = stall.listing() if kind == "Listing" else stall.offer()
    method = stall.market.announceListing if kind == "Listing" else stall.market.announceOffer
    account = message["seller" if kind == "Listing" else "buyer"]

    with stall.chain.reverts("SignatureInvalid", account=account):
        stall.chain.send(method, message, stall.sign(message, by=stall.stranger), sender=stall.stranger)
