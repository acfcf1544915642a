"""Each event of Market and the rows that it leaves."""

from dataclasses import asdict
from typing import Any

import pytest

from indexer.events import Event
from indexer.events.market import (
    CounterRaised,
    FundsSet,
    ListingAnnounced,
    ListingBought,
    OfferAccepted,
    OfferAnnounced,
    SignatureCancelled,
    TillOpened,
    TillPaidOut,
)
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.market import Counter, Listing, Offer, Resale, Spent, Till, TillPayment
from indexer.tables.renewals import Funds
from tests.factories.events import log_of
from tests.factories.mirror import Mirror
from tests.fakes.contracts import MARKET, FakeCommunity, account
from tests.fakes.suite import BUYER, PAGE, SELLER, listing, offer

ALICE, COIN = account(1), account(70)
DIGEST, OTHER = "0x" + "d1" * 32, "0x" + "d2" * 32
SIGNATURE = b"\0\xff" * 33


@pytest.fixture
def community(mirror: Mirror) -> FakeCommunity:
    """Opened in block 1; a page has opened a till for its badges in block 2."""
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    emit(mirror, TillOpened(community.badges, community.membership, PAGE, 500))
    return community


def emit(mirror: Mirror, *events: Event) -> dict[str, Any]:
    """One block holds these events of the Market, and is indexed. What rows say of the first one's place."""
    block = mirror.chain.mine(*(log_of(MARKET, event) for event in events))
    mirror.catch_up()
    tx_hash = block.log_as_json(0)["transactionHash"]
    return {"block_number": block.number, "log_index": 0, "tx_hash": tx_hash, "at": block.timestamp}


def sold(community: FakeCommunity, *, currency: str = ZERO_ADDRESS, digest: str = DIGEST) -> ListingBought:
    return ListingBought(community.badges, 1, SELLER, BUYER, ALICE, currency, 1_000, 50, 10, PAGE, digest)


def accepted(community: FakeCommunity) -> OfferAccepted:
    return OfferAccepted(community.badges, 2**72 - 1, SELLER, BUYER, ZERO_ADDRESS, 1_000, 50, 10, PAGE, DIGEST)


def test_listing_announced_is_kept_as_it_was_signed(mirror: Mirror, community: FakeCommunity) -> None:
    place = emit(mirror, ListingAnnounced(DIGEST, listing(community), SIGNATURE))

    assert mirror.row(Listing) == asdict(listing(community)) | {
        "contract": MARKET,
        "digest": DIGEST,
        "community": community.address,
        "state": "open",
        "signature": "0x" + SIGNATURE.hex(),
        "announced_at": place["at"],
        "block_number": place["block_number"],
    }
    told = {"community": community.address, "contract": MARKET, "digest": DIGEST}
    assert mirror.feed()[0] == ("listing", told)


def test_offer_announced_is_kept_as_it_was_signed(mirror: Mirror, community: FakeCommunity) -> None:
    place = emit(mirror, OfferAnnounced(DIGEST, offer(community), SIGNATURE))

    assert mirror.row(Offer) == asdict(offer(community)) | {
        "contract": MARKET,
        "digest": DIGEST,
        "community": community.address,
        "state": "open",
        "signature": "0x" + SIGNATURE.hex(),
        "announced_at": place["at"],
        "block_number": place["block_number"],
    }


def test_what_is_announced_again_keeps_its_state(mirror: Mirror, community: FakeCommunity) -> None:
    first = emit(mirror, ListingAnnounced(DIGEST, listing(community), SIGNATURE))
    emit(mirror, SignatureCancelled(SELLER, DIGEST))
    emit(mirror, ListingAnnounced(DIGEST, listing(community), b"another"))

    row = mirror.row(Listing)
    assert (row["state"], row["announced_at"]) == ("cancelled", first["at"])
    assert mirror.feed() == [("block", {})]


@pytest.mark.parametrize(
    "changes", [{"collection": ALICE}, {"membership": ALICE}], ids=["a stranger's token", "another's membership"]
)
def test_messages_about_strangers_are_passed_over(
    mirror: Mirror, community: FakeCommunity, changes: dict[str, str]
) -> None:
    emit(mirror, ListingAnnounced(DIGEST, listing(community, **changes), SIGNATURE))
    emit(mirror, OfferAnnounced(DIGEST, offer(community, **changes), SIGNATURE))

    assert mirror.rows(Listing) == mirror.rows(Offer) == []


def test_a_membership_can_be_listed(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, ListingAnnounced(DIGEST, listing(community, collection=community.membership), SIGNATURE))

    assert mirror.row(Listing)["community"] == community.address


def test_listing_bought_is_a_resale_whose_shares_wait_in_the_till(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, ListingAnnounced(DIGEST, listing(community), SIGNATURE))
    place = emit(mirror, sold(community))

    assert mirror.row(Listing)["state"] == "sold"
    assert mirror.row(Resale) == place | {
        "contract": MARKET,
        "community": community.address,
        "kind": "listing",
        "collection": community.badges,
        "token_id": 1,
        "seller": SELLER,
        "buyer": BUYER,
        "recipient": ALICE,
        "currency": ZERO_ADDRESS,
        "price": 1_000,
        "royalty": 50,
        "fee": 10,
        "fee_recipient": PAGE,
        "digest": DIGEST,
    }
    till = mirror.row(Till)
    assert (till["royalty_bps"], till["royalties"], till["fees"]) == (500, 50, 10)
    sale = {"community": community.address, "collection": community.badges, "token_id": 1}
    assert mirror.feed()[0] == ("resale", sale)


def test_shares_of_a_sale_for_tokens_were_paid_with_it(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, sold(community, currency=COIN))

    till = mirror.row(Till)
    assert (till["royalties"], till["fees"]) == (0, 0)


def test_offer_accepted_is_a_resale_to_its_buyer(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, OfferAnnounced(DIGEST, offer(community), SIGNATURE))
    emit(mirror, accepted(community))

    resale = mirror.row(Resale)
    assert (resale["kind"], resale["recipient"], resale["token_id"]) == ("offer", BUYER, 2**72 - 1)
    assert mirror.row(Offer)["state"] == "accepted"
    assert mirror.row(Spent)["account"] == BUYER


def test_till_paid_out_is_empty(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, sold(community))
    paid = TillPaidOut(community.badges, community.membership, PAGE, 50, 10)
    place = emit(mirror, paid)

    till = mirror.row(Till)
    assert (till["royalties"], till["fees"], till["royalty_bps"]) == (0, 0, 500)
    assert mirror.row(TillPayment) == place | {
        "contract": MARKET,
        "community": community.address,
        "collection": community.badges,
        "fee_recipient": PAGE,
        "royalties": 50,
        "fees": 10,
    }


def test_signature_cancelled_ends_only_the_signers_message(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, ListingAnnounced(DIGEST, listing(community), SIGNATURE))
    emit(mirror, OfferAnnounced(OTHER, offer(community), SIGNATURE))
    emit(mirror, SignatureCancelled(ALICE, DIGEST), SignatureCancelled(BUYER, OTHER))

    assert mirror.row(Listing)["state"] == "open"
    assert mirror.row(Offer)["state"] == "cancelled"
    assert [(row["account"], row["state"]) for row in mirror.rows(Spent)] == [
        (ALICE, "cancelled"),
        (BUYER, "cancelled"),
    ]


def test_what_was_cancelled_before_it_was_announced_never_opens(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, SignatureCancelled(SELLER, DIGEST))
    emit(mirror, ListingAnnounced(DIGEST, listing(community), SIGNATURE))

    assert mirror.row(Listing)["state"] == "cancelled"


def test_counter_raised_replaces_the_counter(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, CounterRaised(ALICE, 5), CounterRaised(ALICE, 2**64 - 1))

    assert mirror.row(Counter) == {"contract": MARKET, "account": ALICE, "counter": 2**64 - 1, "block_number": 3}


def test_funds_set_replaces_the_funds(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, FundsSet(ALICE, 2**128 - 1))

    assert mirror.row(Funds) == {"contract": MARKET, "account": ALICE, "amount": 2**128 - 1, "block_number": 3}
