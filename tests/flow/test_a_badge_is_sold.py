"""A badge from invitation to resale, through the doors that pages use: what was shown before is what the chain did."""

from dataclasses import dataclass
from secrets import token_bytes

import pytest
from eth_utils.address import to_checksum_address

from scripts import holder
from scripts.member import Member, Refused
from tests.fixtures.koinon import PAID, PRICE, Koinon

MONTH = 31 * 86_400
ASKED = 3 * PRICE


@dataclass
class Stage:
    """A community with a member who invited another, whose first month has passed."""

    koinon: Koinon
    community: str
    seller: Member
    friend: Member
    buyer: Member
    badge: int

    def seen(self) -> dict[str, object]:
        """The badge as everybody sees it."""
        return dict(self.buyer.get(f"/api/communities/{self.community}/badges/{self.badge}"))

    def listed(self) -> list[dict[str, object]]:
        return list(self.buyer.get(f"/api/communities/{self.community}/market/listings"))

    def month(self) -> None:
        self.koinon.anvil.advance(MONTH)
        self.koinon.anvil.mine()
        self.koinon.await_head()
        for person in (self.seller, self.friend, self.buyer):  # sessions end with the month
            person.sign_in()


@pytest.fixture
def stage(koinon: Koinon) -> Stage:
    opened = koinon.open_community(koinon.member(1), salt=token_bytes(32))
    koinon.await_head()
    seller, friend, buyer = (koinon.member(number) for number in (2, 3, 4))
    seller.join(opened.community, tier_id=PAID, periods=6)
    badge = seller.token_id(opened.community)
    friend.join(opened.community, tier_id=PAID, badge=badge)
    stage = Stage(koinon, opened.community, seller, friend, buyer, badge)
    stage.month()
    return stage


def test_income_is_the_buyers_from_the_sale_on(stage: Stage) -> None:
    holder.settle(stage.seller, stage.community)
    earned = PRICE * 500 // 10_000
    assert stage.seen()["accrued"] == stage.seen()["income"] == str(earned)
    holder.claim(stage.seller, stage.community)

    digest = holder.list_badge(stage.seller, stage.community, stage.badge, price=ASKED)
    [listing] = stage.listed()
    assert (listing["digest"], listing["price"], listing["income"]) == (digest, str(ASKED), str(earned))
    before = stage.seller.node.balance(stage.seller.address)
    holder.buy(stage.buyer, stage.community, digest)

    assert stage.seen()["owner"] == stage.buyer.address
    assert stage.listed() == []
    assert stage.seller.node.balance(stage.seller.address) - before == int(str(listing["proceeds"]))
    kept = stage.friend.node.balance(stage.community)
    holder.send(stage.friend, stage.community, "market-pay-out")
    assert stage.friend.node.balance(stage.community) - kept == ASKED * 500 // 10_000
    stage.friend.renew(stage.community, token_id=stage.friend.token_id(stage.community))
    stage.month()
    holder.settle(stage.buyer, stage.community)
    assert stage.seen()["accrued"] == str(earned)
    holder.claim(stage.buyer, stage.community)
    assert stage.seen()["accrued"] == "0"
    [sale] = stage.buyer.get(f"/api/communities/{stage.community}/market/sales")
    assert (sale["price"], sale["recipient"]) == (str(ASKED), stage.buyer.address)


def test_who_gives_a_badge_reads_whom_it_goes_to(stage: Stage) -> None:
    stage.friend.renew(stage.community, token_id=stage.friend.token_id(stage.community))
    stage.friend.say_name(stage.community, "Ada")
    holder.send(stage.seller, stage.community, "badge-mint", badge=stage.badge)
    body = {"account": stage.seller.address, "token_id": stage.badge, "to": stage.friend.address}

    prepared = stage.seller.post(f"/api/communities/{stage.community}/transactions/badge-give", body)

    assert f"to Ada ({to_checksum_address(stage.friend.address)})" in prepared["summary"]


def test_a_stale_listing_is_neither_shown_nor_prepared(stage: Stage) -> None:
    digest = holder.list_badge(stage.seller, stage.community, stage.badge, price=ASKED)
    holder.send(stage.seller, stage.community, "badge-give", token_id=stage.badge, to=stage.friend.address)
    holder.send(stage.friend, stage.community, "badge-give", token_id=stage.badge, to=stage.seller.address)

    assert stage.listed() == []
    with pytest.raises(Refused) as refused:
        holder.buy(stage.buyer, stage.community, digest)
    assert (refused.value.status, refused.value.reason) == (409, "market.transferred")


def test_cancelling_ends_one_listing_or_all(stage: Stage) -> None:
    first = holder.list_badge(stage.seller, stage.community, stage.badge, price=ASKED)
    second = holder.list_badge(stage.seller, stage.community, stage.badge, price=2 * ASKED)

    holder.send(stage.seller, stage.community, "market-cancel", digests=[first])
    assert [each["digest"] for each in stage.listed()] == [second]
    holder.send(stage.seller, stage.community, "market-cancel-all")
    assert stage.listed() == []
    with pytest.raises(Refused) as refused:
        holder.buy(stage.buyer, stage.community, second)
    assert refused.value.reason == "market.counter-raised"


def test_nobody_lists_what_another_holds(stage: Stage) -> None:
    holder.list_badge(stage.seller, stage.community, stage.badge, price=ASKED)

    with pytest.raises(Refused) as refused:
        holder.list_badge(stage.buyer, stage.community, stage.badge, price=1)
    assert refused.value.status in (401, 409)
    assert [each["price"] for each in stage.listed()] == [str(ASKED)]


def test_an_offer_is_accepted_out_of_the_buyers_funds(stage: Stage) -> None:
    digest = holder.offer(stage.buyer, stage.community, price=ASKED)
    [bid] = stage.seller.get(f"/api/communities/{stage.community}/market/offers")
    assert (bid["digest"], bid["buyer"]) == (digest, stage.buyer.address)
    holder.send(stage.seller, stage.community, "badge-mint", badge=stage.badge)

    with pytest.raises(Refused) as refused:
        holder.accept(stage.seller, stage.community, digest, stage.badge, least=ASKED)
    assert refused.value.slug == "would-revert"  # the royalty leaves less than that
    holder.accept(stage.seller, stage.community, digest, stage.badge, least=ASKED * 95 // 100)

    assert stage.seen()["owner"] == stage.buyer.address
    assert stage.seller.get(f"/api/communities/{stage.community}/market/offers") == []


def test_accepting_an_offer_says_which_income_goes_with_the_badge(stage: Stage) -> None:
    holder.settle(stage.seller, stage.community)
    digest = holder.offer(stage.buyer, stage.community, price=ASKED)
    holder.send(stage.seller, stage.community, "badge-mint", badge=stage.badge)
    holder.send(stage.seller, stage.community, "badge-approve", token_id=stage.badge)
    wanted = {"account": stage.seller.account.address, "digest": digest, "token_id": stage.badge, "min_proceeds": "1"}

    prepared = stage.seller.post(f"/api/communities/{stage.community}/transactions/offer-accept", wanted)

    assert "0.0005 ETH of income that you have not claimed goes with it" in prepared["summary"]


def test_an_offer_without_the_money_is_not_taken_in(stage: Stage) -> None:
    digest = holder.offer(stage.buyer, stage.community, price=ASKED)
    holder.send(stage.buyer, stage.community, "market-withdraw-funds", amount=str(ASKED))

    assert stage.seller.get(f"/api/communities/{stage.community}/market/offers") == []
    with pytest.raises(Refused) as refused:
        holder.accept(stage.seller, stage.community, digest, stage.badge, least=1)
    assert refused.value.status == 409


def test_pictures_are_the_chains_and_safe(stage: Stage) -> None:
    answer = stage.buyer.browser.get(
        f"{stage.koinon.url}/c/{stage.community}/badges/{stage.badge}/picture.svg", timeout=20
    )

    assert answer.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.text.startswith("<svg")


def test_cautions_name_contracts_that_cannot_hold_it_and_bound_members(stage: Stage, koinon: Koinon) -> None:
    holder.send(stage.seller, stage.community, "badge-mint", badge=stage.badge)
    path = f"/api/communities/{stage.community}/badges/{stage.badge}/recipient?account="

    assert stage.seller.get(path + stage.buyer.address)["cautions"] == []
    assert stage.seller.get(path + stage.friend.address)["cautions"] == ["bound"]
    assert stage.seller.get(path + stage.seller.address)["cautions"] == ["own"]
    assert stage.seller.get(path + koinon.factory.lower())["cautions"] == ["cannot-receive"]


def test_achievements_are_granted_and_claimed_by_voucher(stage: Stage, koinon: Koinon) -> None:
    founder = koinon.member(1)
    fields = {"label": "First light", "description": "Saw it.", "locked": True}

    made = holder.create_achievement(founder, stage.community, **fields)
    holder.grant(founder, stage.community, made, [stage.seller.account.address, stage.buyer.account.address])

    words = {"description": "Saw it first.", "uri": "https://example.org/light"}
    holder.send(founder, stage.community, "achievement-text", achievement_id=made, **words)
    [told] = founder.get(f"/api/communities/{stage.community}/achievements")
    assert (told["description"], told["uri"], told["made"]) == (*words.values(), 2)
    holders = founder.get(f"/api/communities/{stage.community}/achievements/{made}/holders")
    assert [each["owner"] for each in holders] == [stage.seller.address, stage.buyer.address]
    with pytest.raises(Refused) as refused:
        holder.grant(stage.buyer, stage.community, made, [stage.buyer.account.address])
    assert refused.value.problem["error"] == "RoleMissing"
    with pytest.raises(Refused) as locked:
        holder.send(stage.seller, stage.community, "badge-give", token_id=made << 40 | 1, to=stage.buyer.address)
    assert locked.value.problem["error"] == "TokenLocked"
