"""Each event leaves nothing behind when a reorg takes its block back."""

import copy
from collections.abc import Callable

import pytest

from indexer.events import EVENTS
from indexer.events.community import (
    Collected,
    HomeMoved,
    KeySet,
    ManifestPublished,
    OperatorAnnounced,
    OwnershipOffered,
    OwnershipTransferred,
    RolesSet,
    SaleOpened,
    SharesSet,
    Split,
)
from indexer.events.membership import RatesSet, Swept, VoucherUsed
from indexer.tables.columns import ZERO_ADDRESS
from tests.factories.mirror import Mirror
from tests.fakes.chain import FakeLog
from tests.fakes.contracts import PRICE, RATES, FakeCommunity, account

ALICE, BOB, CAROL, DAVE = account(1), account(2), account(3), account(4)
DIGEST = "0x" + "d1" * 32

Act = Callable[[FakeCommunity], list[FakeLog]]

ACTS: dict[str, Act] = {
    "CommunityOpened": lambda _: FakeCommunity(2).open(),
    "ManifestPublished": lambda community: [community.hub(ManifestPublished(5, DIGEST, 1, ALICE))],
    "HomeMoved": lambda community: [community.hub(HomeMoved(2, "https://new.example", ALICE, DIGEST, 1))],
    "KeySet": lambda community: [community.hub(KeySet(ALICE, DIGEST, 5))],
    "RolesSet": lambda community: [community.hub(RolesSet(ALICE, 8))],
    "OwnershipOffered": lambda community: [community.hub(OwnershipOffered(community.founder, ALICE))],
    "OwnershipTransferred": lambda community: [community.hub(OwnershipTransferred(community.founder, ALICE))],
    "SharesSet": lambda community: [community.hub(SharesSet(ALICE, 1, BOB, 2, (Split(ALICE, 3), Split(BOB, 4)), 5))],
    "OperatorAnnounced": lambda community: [community.hub(OperatorAnnounced(ALICE, 1, 2))],
    "SaleOpened": lambda community: [community.hub(SaleOpened(ALICE))],
    "Collected": lambda community: [community.hub(Collected(ALICE, ALICE, ZERO_ADDRESS, 1, 1, BOB))],
    "TierSet": lambda community: community.set_price(1, PRICE + 1),
    "MembershipJoined": lambda community: community.join(DAVE, 1, at=9_000),
    "MembershipJoined again": lambda community: community.join(CAROL, 1, at=9_000, badge=1),
    "MembershipRenewed": lambda community: community.renew(1, BOB, tip=1),
    "MembershipGranted": lambda community: community.grant(DAVE, 2, at=9_000),
    "MembershipGranted more": lambda community: community.grant_more(1),
    "MembershipTierChanged": lambda community: community.change_tier(1, 2),
    "MembershipCancelled": lambda community: community.cancel(1, at=5_000),
    "MembershipRevoked": lambda community: community.revoke(1, at=5_000),
    "MembershipBurned": lambda community: community.burn(2, at=9_000),
    "MembershipMoved": lambda community: community.move(1, CAROL),
    "SeatReleased": lambda community: community.release(1),
    "MembershipSettled": lambda community: community.settle(2, counts=True),
    "BadgeLedgerSet": lambda community: community.set_ledger(1, amount=5, minted=True),
    "BadgeClaimed": lambda community: community.claim(1, ALICE),
    "RatesSet": lambda community: [community.token(RatesSet(1, RATES))],
    "AutoRenewSet": lambda community: community.agree(1, periods_left=3),
    "AutoRenewSet ended": lambda community: community.disagree(1),
    "FundsSet": lambda community: community.add_funds(ALICE, 5),
    "VoucherUsed": lambda community: [community.token(VoucherUsed(DIGEST, BOB, 1, 1))],
    "EarningsWithdrawn": lambda community: community.withdraw(),
    "Swept": lambda community: [community.token(Swept(ZERO_ADDRESS, BOB, 1))],
}


@pytest.fixture
def community(mirror: Mirror) -> FakeCommunity:
    """ALICE is a member and has consented; BOB is one by her badge, which has earned; CAROL was one and keeps it."""
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    mirror.chain.mine(*community.join(ALICE, 1, at=1_000), *community.agree(1), *community.add_funds(ALICE, 1))
    mirror.chain.mine(*community.join(BOB, 1, at=7_200, badge=1), *community.settle(2))
    mirror.chain.mine(*community.join(CAROL, 1, at=7_200, badge=1), *community.burn(3, at=8_000))
    mirror.catch_up()
    return community


def test_a_reorg_takes_back_all_that_an_event_changed(mirror: Mirror, community: FakeCommunity) -> None:
    before = mirror.tables()
    for name, act in ACTS.items():
        mirror.chain.mine(*act(copy.deepcopy(community)))
        mirror.catch_up()
        after = mirror.tables()

        mirror.chain.fork(1)
        mirror.chain.mine()
        mirror.catch_up()

        assert after != before, name
        assert mirror.tables() == before, name
        mirror.chain.fork(1)


def test_every_event_is_among_the_acts() -> None:
    names = {cls.__name__ for classes in EVENTS.values() for cls in classes}
    assert names == {act.partition(" ")[0] for act in ACTS}
