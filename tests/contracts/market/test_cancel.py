"""IMarket.cancel and raiseCounter"""

from tests.factories.market import Stall, Status


def cancel(stall: Stall, *messages: dict[str, object], sender: str = "") -> list[str]:
    digests = [stall.digest(each) for each in messages]
    receipt = stall.chain.send(stall.market.cancel, digests, sender=sender or stall.seller)
    cancelled = [event.fields for event in receipt.events if event.name == "SignatureCancelled"]
    assert cancelled == [{"account": sender or stall.seller, "digest": digest} for digest in digests]
    return receipt.names()


def test_cancel_ends_listings_for_good(stall: Stall) -> None:
    first, second, kept = stall.listing(), stall.listing(), stall.listing()

    cancel(stall, first, second)

    for listing in (first, second):
        assert stall.chain.read(stall.market.isSpent, stall.seller, stall.digest(listing))
        with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.Spent):
            stall.buy(listing)
    stall.buy(kept)


def test_cancel_ends_an_offer(stall: Stall) -> None:
    offer = stall.offer()

    cancel(stall, offer, sender=stall.buyer)

    with stall.chain.reverts("OfferUnavailable", digest=stall.digest(offer), status=Status.Spent):
        stall.accept(offer)


def test_cancel_by_a_stranger_ends_nothing(stall: Stall) -> None:
    listing = stall.listing()

    cancel(stall, listing, sender=stall.stranger)

    assert not stall.chain.read(stall.market.isSpent, stall.seller, stall.digest(listing))
    stall.buy(listing)


def test_cancel_twice_changes_nothing(stall: Stall) -> None:
    listing = stall.listing()
    cancel(stall, listing)

    cancel(stall, listing)

    assert stall.listing_status(listing) == Status.Spent


def test_raise_counter_cancels_all_that_was_signed(stall: Stall) -> None:
    listing, offer = stall.listing(), stall.offer(buyer=stall.seller)

    raised = stall.chain.send(stall.market.raiseCounter, sender=stall.seller).only("CounterRaised")

    assert raised == {"account": stall.seller, "counter": stall.chain.read(stall.market.counterOf, stall.seller)}
    assert raised["counter"] > 0
    with stall.chain.reverts("ListingUnavailable", digest=stall.digest(listing), status=Status.CounterRaised):
        stall.buy(listing)
    with stall.chain.reverts("OfferUnavailable", digest=stall.digest(offer), status=Status.CounterRaised):
        stall.accept(offer, sender=stall.friend)


def test_raise_counter_leaves_others_alone(stall: Stall) -> None:
    listing = stall.listing()
    stall.chain.send(stall.market.raiseCounter, sender=stall.stranger)

    stall.buy(listing)

    assert stall.chain.read(stall.market.counterOf, stall.seller) == 0


def test_signatures_of_the_new_counter_work(stall: Stall) -> None:
    counter = stall.chain.send(stall.market.raiseCounter, sender=stall.seller).only("CounterRaised")["counter"]

    stall.buy(stall.listing(counter=counter))

    assert stall.owner(stall.world.badges, stall.badge) == stall.buyer


def test_raise_counter_never_comes_back(stall: Stall) -> None:
    counters = [
        stall.chain.send(stall.market.raiseCounter, sender=stall.seller).only("CounterRaised")["counter"]
        for _ in range(5)
    ]

    assert counters == sorted(set(counters))
