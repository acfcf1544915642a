"""A membership changes hands through the doors that pages use: who buys it reads, and who sold it no longer does."""

from dataclasses import dataclass
from secrets import token_bytes
from typing import Any

import pytest

from backend.keys.keyring import new_recovery_key, public_bytes
from scripts import holder
from scripts.member import Member, Refused
from tests.fixtures.koinon import FREE, PAID, PRICE, Koinon

ASKED = 3 * PRICE
WORDS = "The spare key hangs behind the third beehive."
WEEK = 7 * 86_400


@dataclass
class Stage:
    """A community whose paid members read one post, and a member of it who wants to sell."""

    koinon: Koinon
    community: str
    post: str
    seller: Member
    buyer: Member
    token: int

    def listed(self) -> list[dict[str, Any]]:
        return list(self.buyer.get(f"/api/communities/{self.community}/market/listings"))

    def reads(self, person: Member) -> bool:
        try:
            return person.read(self.community, self.post).text == WORDS
        except Refused as refused:
            return refused.slug != "gate-denied"

    def refusal(self, digest: str, *, least: int = 0) -> Refused:
        with pytest.raises(Refused) as refused:
            holder.buy(self.buyer, self.community, digest, least=least)
        return refused.value


@pytest.fixture
def stage(koinon: Koinon) -> Stage:
    founder = koinon.member(1)
    community = koinon.open_community(founder, salt=token_bytes(32)).community
    koinon.await_head()
    founder.set_recovery(community, [public_bytes(new_recovery_key()) for _ in range(2)])
    founder.set_gate(community, "members", [PAID])
    post = founder.publish(community, title="Where the key is", teaser="A walk.", gate="members", rest=WORDS)
    seller, buyer = koinon.member(2), koinon.member(3)
    seller.join(community, tier_id=PAID, periods=3)
    return Stage(koinon, community, post.act, seller, buyer, seller.token_id(community))


def test_the_buyer_reads_and_the_seller_no_longer_does(stage: Stage) -> None:
    until = stage.seller.me(stage.community)["membership"]["expires_at"]
    digest = holder.list_membership(stage.seller, stage.community, price=ASKED)
    [listing] = stage.listed()
    assert (listing["digest"], listing["kind"], listing["token_id"]) == (digest, "membership", str(stage.token))
    told = listing["membership"]
    assert (told["tier_id"], told["expires_at"], told["min_expires_at"], told["badge"]) == (PAID, until, until, 0)
    assert (told["brings_badge"], told["promised"]) == (True, True)
    assert 0 < int(told["least_unearned"]) <= int(told["unearned"]) <= 3 * PRICE
    assert (stage.reads(stage.seller), stage.reads(stage.buyer)) == (True, False)

    before = stage.seller.node.balance(stage.seller.address)
    holder.buy(stage.buyer, stage.community, digest, least=int(told["least_unearned"]))

    assert stage.seller.node.balance(stage.seller.address) - before == int(listing["proceeds"])
    assert (stage.reads(stage.seller), stage.reads(stage.buyer)) == (False, True)
    assert stage.buyer.token_id(stage.community) == stage.token
    assert stage.listed() == []
    [sale] = stage.buyer.get(f"/api/communities/{stage.community}/market/sales")
    assert (sale["kind"], sale["token_id"], sale["price"]) == ("membership", str(stage.token), str(ASKED))
    kept = stage.buyer.node.balance(stage.community)
    holder.send(stage.buyer, stage.community, "market-pay-out", collection="memberships")
    assert stage.buyer.node.balance(stage.community) - kept == ASKED * 500 // 10_000


def test_a_member_is_told_before_the_wallet_opens_that_it_cannot_take_another(stage: Stage) -> None:
    digest = holder.list_membership(stage.seller, stage.community, price=ASKED)
    stage.buyer.join(stage.community, tier_id=FREE)

    assert stage.refusal(digest).slug == "already-member"
    page = stage.buyer.page(f"/c/{stage.community}/market")
    assert "a wallet holds one only" in page
    assert f'data-digest="{digest}"' not in page


def test_a_listing_ends_when_the_membership_changes(stage: Stage) -> None:
    digest = holder.list_membership(stage.seller, stage.community, price=ASKED)
    holder.send(stage.seller, stage.community, "badge-mint", badge=stage.token)  # it was promised

    assert stage.listed() == []
    assert stage.refusal(digest).reason == "market.badge-minted"
    other = holder.list_membership(stage.seller, stage.community, price=ASKED, with_badge=False)
    assert [each["digest"] for each in stage.listed()] == [other]
    assert stage.refusal(other, least=3 * PRICE).problem["error"] == "ListingUnavailable"
    holder.send(stage.seller, stage.community, "cancel", token_id=stage.token)
    assert stage.listed() == []
    assert stage.refusal(other).reason == "market.expiry-too-early"


def test_an_expired_membership_is_neither_shown_nor_sold(stage: Stage) -> None:
    digest = holder.list_membership(stage.seller, stage.community, price=ASKED, days=300)
    stage.koinon.anvil.advance(14 * WEEK)
    stage.koinon.anvil.mine()
    stage.koinon.await_head()

    assert stage.listed() == []
    assert stage.refusal(digest).reason == "market.not-transferable"
    stage.seller.sign_in()
    page = stage.seller.page(f"/c/{stage.community}/membership")
    assert "An expired membership cannot be sold" in page
    assert 'data-form="market:list"' not in page


def test_a_listing_is_taken_back_and_announced_for_other_homes(stage: Stage) -> None:
    digest = holder.list_membership(stage.seller, stage.community, price=ASKED)
    holder.send(stage.seller, stage.community, "listing-announce", digest=digest)
    assert [each["digest"] for each in stage.listed()] == [digest]
    assert "Cancel the listing" in stage.seller.page(f"/c/{stage.community}/membership")

    holder.send(stage.seller, stage.community, "market-cancel", digests=[digest])

    assert stage.listed() == []
    assert stage.refusal(digest).reason == "market.spent"
