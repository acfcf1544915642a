"""Attacks by contracts that claim to be a collection, a membership contract or a currency"""

from typing import Any

import pytest

from tests.factories.communities import community_of, factory_of
from tests.factories.contracts import NATIVE
from tests.factories.market import Stall, Status


def test_fake_collection_is_refused(stall: Stall, factory: Any) -> None:
    """What is no contract, what answers otherwise, what another factory made, and mixtures of two communities: also by
    a page that has sold of the genuine collection before."""
    stall.buy()
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
    stall.buy()
    liar = stall.chain.deploy("LyingMembership", stall.world.community.address)
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
