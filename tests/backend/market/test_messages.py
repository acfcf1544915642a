"""What wallets sign for the market, and what a sale leaves to the seller."""

import pytest
from eth_account.messages import encode_typed_data

from backend.market.messages import Message, arguments_of, digest_of, fields_of, message_of, typed
from backend.market.reading import proceeds_of
from tests.factories.home import CHAIN_ID, MARKET
from tests.factories.market import LISTING, OFFER

ALICE, BOB = "0x" + "aa" * 20, "0x" + "bb" * 20
OURS, FAKE = "0x" + "5d" * 20, "0x" + "fe" * 20


def test_messages_have_the_fields_that_the_contract_signs() -> None:
    assert dict(fields_of("Listing")) == LISTING
    assert dict(fields_of("Offer")) == OFFER
    with pytest.raises(KeyError):
        message_of("Listing", nonsense=1)


def test_digest_is_the_wallets() -> None:
    message: Message = message_of("Offer", buyer=BOB, tokenId=1 << 70, price=2**96 - 1)
    signable = encode_typed_data(full_message=typed("Offer", message, chain_id=CHAIN_ID, market=MARKET))

    assert digest_of("Offer", message, chain_id=CHAIN_ID, market=MARKET)
    assert arguments_of("Offer", message)[3] == 1 << 70
    assert signable.header


@pytest.mark.parametrize(("price", "royalty", "fee"), [(1, 500, 0), (10**18 + 1, 1_000, 500), (99, 500, 250)])
def test_proceeds_are_what_the_contract_pays(price: int, royalty: int, fee: int) -> None:
    assert (
        proceeds_of(price, royalty_bps=royalty, fee_bps=fee)
        == price - price * royalty // 10_000 - price * fee // 10_000
    )
