"""Each event leaves nothing behind when a reorg takes its block back."""

import copy
from collections.abc import Callable

import pytest

from indexer.events import EVENTS, Event, badges, community, crowdsale, market, membership, store, token
from indexer.events.words import CONTRIBUTION, RAISED
from indexer.tables.columns import FOR_LIFE, ZERO_ADDRESS, ZERO_HASH
from tests.factories.events import log_of
from tests.factories.mirror import Mirror
from tests.fakes.chain import FakeLog
from tests.fakes.contracts import MARKET, PRICE, RATES, FakeCommunity, account, packed
from tests.fakes.suite import (
    BUYER,
    CREATOR,
    PAGE,
    SALE,
    SELLER,
    TOKEN,
    achievement,
    listing,
    offer,
    payment,
    product,
    sale_made,
)

ALICE, BOB, CAROL, DAVE = account(1), account(2), account(3), account(4)
DIGEST, LISTED, OFFERED = ("0x" + digits * 32 for digits in ("d1", "d2", "d3"))
DEED, TOKEN_ID = 1, 1 << 40 | 1
CONTRIBUTED = crowdsale.Contributed(
    ALICE, ALICE, 5, 5, packed(CONTRIBUTION, amount=5, bought=5), packed(RAISED, amount=5)
)
Act = Callable[[FakeCommunity], list[FakeLog]]


def hub(event: Event) -> Act:
    return lambda ours: [ours.hub(event)]


def member(event: Event) -> Act:
    return lambda ours: [ours.token(event)]


def badge(event: Event) -> Act:
    return lambda ours: [log_of(ours.badges, event)]


def shop(event: Event) -> Act:
    return lambda ours: [log_of(ours.store, event)]


def sale(event: Event) -> Act:
    return lambda _: [log_of(SALE, event)]


def coin(event: Event) -> Act:
    return lambda _: [log_of(TOKEN, event)]


def trade(make: Callable[[FakeCommunity], Event]) -> Act:
    return lambda ours: [log_of(MARKET, make(ours))]


ACTS: dict[str, Act] = {
    "CommunityFactory.CommunityOpened": lambda _: FakeCommunity(2).open(),
    "Community.ManifestPublished": hub(community.ManifestPublished(5, DIGEST, 1, ALICE)),
    "Community.HomeMoved": hub(community.HomeMoved(2, "https://new.example", ALICE, DIGEST, 1)),
    "Community.KeySet": hub(community.KeySet(ALICE, DIGEST, 5)),
    "Community.RolesSet": hub(community.RolesSet(ALICE, 8)),
    "Community.OwnershipOffered": hub(community.OwnershipOffered(BOB, ALICE)),
    "Community.OwnershipTransferred": hub(community.OwnershipTransferred(BOB, ALICE)),
    "Community.SharesSet": hub(community.SharesSet(ALICE, 1, BOB, 2, (community.Split(ALICE, 3),), 5)),
    "Community.OperatorAnnounced": hub(community.OperatorAnnounced(ALICE, 1, 2)),
    "Community.Collected": hub(community.Collected(ALICE, ALICE, ZERO_ADDRESS, 1, 1, BOB)),
    "Membership.TierSet": lambda ours: ours.set_price(1, PRICE + 1),
    "Membership.MembershipJoined": lambda ours: ours.join(DAVE, 1, at=9_000),
    "Membership.MembershipJoined again": lambda ours: ours.join(CAROL, 1, at=9_000, badge=1),
    "Membership.MembershipRenewed": lambda ours: ours.renew(1, BOB, tip=1),
    "Membership.MembershipGranted": lambda ours: ours.grant(DAVE, 2, at=9_000),
    "Membership.MembershipGranted more": lambda ours: ours.grant_more(1),
    "Membership.MembershipTierChanged": lambda ours: ours.change_tier(1, 2),
    "Membership.MembershipCancelled": lambda ours: ours.cancel(1, at=5_000),
    "Membership.MembershipRevoked": lambda ours: ours.revoke(1, at=5_000),
    "Membership.MembershipBurned": lambda ours: ours.burn(1, at=9_000),
    "Membership.MembershipMoved": lambda ours: ours.move(1, CAROL),
    "Membership.SeatReleased": lambda ours: ours.release(1),
    "Membership.MembershipSettled": lambda ours: ours.settle(2, counts=True),
    "Membership.BadgeLedgerSet": lambda ours: ours.set_ledger(1, amount=5),
    "Membership.BadgeClaimed": lambda ours: ours.claim(1, ALICE),
    "Membership.RatesSet": member(membership.RatesSet(1, RATES)),
    "Membership.AutoRenewSet": lambda ours: ours.agree(1, periods_left=3),
    "Membership.AutoRenewSet ended": lambda ours: ours.disagree(1),
    "Membership.FundsSet": lambda ours: ours.add_funds(ALICE, 5),
    "Membership.VoucherUsed": member(membership.VoucherUsed(DIGEST, BOB, 1, 1)),
    "Membership.EarningsWithdrawn": lambda ours: ours.withdraw(),
    "Membership.Swept": member(membership.Swept(ZERO_ADDRESS, BOB, 1)),
    "Badges.AchievementSet": badge(badges.AchievementSet(DEED, achievement(cap=5))),
    "Badges.AchievementGranted": badge(badges.AchievementGranted(DEED, BOB, TOKEN_ID, (ALICE,), 1)),
    "Badges.AchievementClaimed": badge(badges.AchievementClaimed(DEED, TOKEN_ID, ALICE, BOB, 5, 1, 4)),
    "Badges.AchievementVoucherWithdrawn": badge(badges.AchievementVoucherWithdrawn(DEED, BOB, 5, BOB)),
    "Badges.Transfer": lambda ours: ours.move_badge(1, ALICE, BOB),
    "Badges.Transfer of a deed": lambda ours: ours.move_badge(TOKEN_ID, ALICE, BOB),
    "Badges.Transfer to nobody": lambda ours: ours.move_badge(TOKEN_ID, ALICE, ZERO_ADDRESS),
    "Store.PolicySet": shop(store.PolicySet(5, False)),
    "Store.ProductSet": shop(store.ProductSet(2, CREATOR, product())),
    "Store.LicenseBought": shop(store.LicenseBought(1, BOB, BOB, 1, 1, 1, FOR_LIFE, 2, payment(payee_total=180))),
    "Store.LicenseSeatReleased": shop(store.LicenseSeatReleased(1, ALICE, 0)),
    "Store.Tipped": shop(store.Tipped(CREATOR, BOB, 0, 0, ZERO_HASH, payment(payee_total=180))),
    "Store.CreatorPaid": shop(store.CreatorPaid(CREATOR, BOB, 90, 90, ALICE)),
    "Store.EarningsWithdrawn": shop(store.EarningsWithdrawn(ALICE, 1, 1)),
    "Store.Swept": shop(store.Swept(ALICE, BOB, 1)),
    "Store.TransferSingle": shop(store.TransferSingle(ALICE, ALICE, BOB, 1, 1)),
    "Store.TransferBatch": shop(store.TransferBatch(ALICE, ALICE, BOB, (1,), (1,))),
    "Market.TillOpened": trade(lambda ours: market.TillOpened(ours.membership, ours.membership, PAGE, 500)),
    "Market.ListingAnnounced": trade(lambda ours: market.ListingAnnounced(DIGEST, listing(ours), b"\1")),
    "Market.OfferAnnounced": trade(lambda ours: market.OfferAnnounced(DIGEST, offer(ours), b"\1")),
    "Market.ListingBought": trade(
        lambda ours: market.ListingBought(ours.badges, 1, SELLER, BUYER, BUYER, ZERO_ADDRESS, 100, 5, 1, PAGE, LISTED)
    ),
    "Market.OfferAccepted": trade(
        lambda ours: market.OfferAccepted(ours.badges, 1, SELLER, BUYER, ZERO_ADDRESS, 100, 5, 1, PAGE, OFFERED)
    ),
    "Market.SignatureCancelled": trade(lambda _: market.SignatureCancelled(SELLER, LISTED)),
    "Market.CounterRaised": trade(lambda _: market.CounterRaised(SELLER, 5)),
    "Market.FundsSet": trade(lambda _: market.FundsSet(SELLER, 5)),
    "Market.TillPaidOut": trade(lambda ours: market.TillPaidOut(ours.badges, ours.membership, PAGE, 0, 0)),
    "CrowdsaleFactory.CrowdsaleMade": lambda ours: [sale_made(ours, sale=DAVE, token=CAROL)],
    "Community.SaleOpened": lambda ours: [
        sale_made(ours, sale=DAVE, token=ZERO_ADDRESS),
        ours.hub(community.SaleOpened(DAVE)),
    ],
    "Crowdsale.Contributed": sale(CONTRIBUTED),
    "Crowdsale.FundsSet": sale(crowdsale.FundsSet(ALICE, 1)),
    "Crowdsale.CrowdsaleFinalized": sale(crowdsale.CrowdsaleFinalized(1, 5, 5, BOB)),
    "Crowdsale.Released": sale(crowdsale.Released(ALICE, 1, 1, BOB)),
    "Crowdsale.ContributionRefunded": sale(crowdsale.ContributionRefunded(ALICE, BOB, 1)),
    "Crowdsale.TokensClaimed": sale(crowdsale.TokensClaimed(BOB, 1, crowdsale.Claims(1, 0, 0, False))),
    "Crowdsale.MembershipClaimed": sale(
        crowdsale.MembershipClaimed(ALICE, ALICE, 1, 1, 1, crowdsale.Claims(0, 1, 1, False))
    ),
    "Crowdsale.StopVoted": sale(crowdsale.StopVoted(ALICE, 1, 1, 1)),
    "Crowdsale.CrowdsaleStopped": sale(crowdsale.CrowdsaleStopped(1, 1, 1)),
    "Crowdsale.Swept": sale(crowdsale.Swept(ALICE, BOB, 1)),
    "CommunityToken.Transfer": coin(token.Transfer(ALICE, BOB, 5)),
    "CommunityToken.Transfer of new ones": coin(token.Transfer(ZERO_ADDRESS, BOB, 5)),
    "CommunityToken.LockupSet": coin(token.LockupSet(5)),
    "CommunityToken.AttestorSet": coin(token.AttestorSet(BOB, ALICE)),
    "CommunityToken.HolderSet": coin(token.HolderSet(BOB, token.Holder(5, True), ALICE)),
    "CommunityToken.IncomeDistributed": coin(token.IncomeDistributed(BOB, 1, 1, 1, 1)),
    "CommunityToken.IncomeClaimed": coin(token.IncomeClaimed(ALICE, BOB, 1, 1)),
}


@pytest.fixture
def ours(mirror: Mirror) -> FakeCommunity:
    """ALICE is a member with a minted badge, an achievement, a license and tokens, and has consented; BOB is one by her
    badge, which has earned; CAROL was one and keeps it. Sale, listing and offer are open.
    """
    ours = FakeCommunity(1)
    mirror.chain.mine(*ours.open())
    mirror.chain.mine(*ours.join(ALICE, 1, at=1_000), *ours.agree(1), *ours.add_funds(ALICE, 1))
    mirror.chain.mine(*ours.join(BOB, 1, at=7_200, badge=1), *ours.claim(1, ALICE), *ours.settle(2))
    mirror.chain.mine(*ours.join(CAROL, 1, at=7_200, badge=1), *ours.burn(3, at=8_000))
    deed = badges.AchievementSet(DEED, achievement())
    mirror.chain.mine(log_of(ours.badges, deed), *ours.move_badge(TOKEN_ID, ZERO_ADDRESS, ALICE))
    bought = store.LicenseBought(1, ALICE, BOB, 1, 1, 1, FOR_LIFE, 1, payment())
    made = store.TransferSingle(BOB, ZERO_ADDRESS, ALICE, 1, 1)
    listed = store.ProductSet(1, CREATOR, product())
    mirror.chain.mine(*(log_of(ours.store, event) for event in (listed, bought, made)))
    opened = market.TillOpened(ours.badges, ours.membership, PAGE, 500)
    announced = market.ListingAnnounced(LISTED, listing(ours), b"\1")
    offered = market.OfferAnnounced(OFFERED, offer(ours), b"\1")
    mirror.chain.mine(*(log_of(MARKET, event) for event in (opened, announced, offered)))
    mirror.chain.mine(sale_made(ours), log_of(SALE, CONTRIBUTED), log_of(TOKEN, token.Transfer(ZERO_ADDRESS, ALICE, 9)))
    mirror.catch_up()
    return ours


def test_a_reorg_takes_back_all_that_an_event_changed(mirror: Mirror, ours: FakeCommunity) -> None:
    before = mirror.tables()
    for name, act in ACTS.items():
        mirror.chain.mine(*act(copy.deepcopy(ours)))
        mirror.catch_up()
        after = mirror.tables()

        mirror.chain.fork(1)
        mirror.chain.mine()
        mirror.catch_up()

        assert after != before, name
        assert mirror.tables() == before, name
        mirror.chain.fork(1)


def test_every_event_is_among_the_acts() -> None:
    names = {f"{contract}.{cls.__name__}" for contract, classes in EVENTS.items() for cls in classes}

    assert names == {act.partition(" ")[0] for act in ACTS}
