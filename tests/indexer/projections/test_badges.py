"""Each event of Membership about what badges earn, and the rows that it leaves."""

from dataclasses import asdict

import pytest

from indexer.events.membership import BadgeLedgerSet, Rates, RatesSet
from indexer.events.words import LEDGER
from indexer.tables.badges import BadgeClaim, BadgeLedger, BadgeRates
from indexer.tables.holdings import HoldingChange, badge_asset
from tests.factories.mirror import Mirror
from tests.fakes.chain import FakeLog
from tests.fakes.contracts import PRICE, FakeCommunity, account, packed

ALICE, BOB = account(1), account(2)


@pytest.fixture
def community(mirror: Mirror) -> FakeCommunity:
    """Opened in block 1; ALICE is a member of tier 1 since block 2."""
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    mirror.chain.mine(*community.join(ALICE, 1, at=1_000))
    mirror.catch_up()
    return community


def told(community: FakeCommunity) -> tuple[str, dict[str, object]]:
    return "badge", {"community": community.address, "contract": community.membership, "badge": 1}


def badges_held(mirror: Mirror) -> list[tuple[int, str, int]]:
    """Block, account and value of each change of who holds badge 1."""
    rows = [row for row in mirror.rows(HoldingChange) if row["asset"].endswith("/badge/1")]
    return sorted((row["block_number"], row["account"], row["value"]) for row in rows)


def leveled(community: FakeCommunity, level: int) -> FakeLog:
    """The ledger of badge 1 says that it has this level."""
    return community.token(BadgeLedgerSet(1, 0, packed(LEDGER, level=level, used=1)))


def test_badge_ledger_set_gives_the_whole_ledger(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.set_ledger(1, amount=2**112 - 1))
    mirror.catch_up()

    assert mirror.row(BadgeLedger) == {
        "contract": community.membership,
        "badge": 1,
        "owner": ALICE,
        "transfer_count": 0,
        "income": 2**112 - 1,
        "claimed": 0,
        "volume": 0,
        "counted": 0,
        "level": 0,
        "version": 0,
        "used": True,
        "minted": False,
        "block_number": 3,
    }
    assert mirror.feed()[0] == told(community)


def test_badge_claimed_is_kept_with_its_transaction(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.set_ledger(1, amount=PRICE))
    mirror.chain.mine(*community.claim(1, ALICE))
    mirror.catch_up()
    block = mirror.chain.head

    ledger = mirror.row(BadgeLedger)
    assert (ledger["income"], ledger["claimed"], ledger["minted"]) == (PRICE, PRICE, True)
    assert mirror.row(BadgeClaim) == {
        "contract": community.membership,
        "badge": 1,
        "block_number": block.number,
        "log_index": 2,
        "owner": ALICE,
        "paid_to": account(97),
        "amount": PRICE,
        "claimed": PRICE,
        "tx_hash": block.log_as_json(2)["transactionHash"],
        "at": block.timestamp,
    }
    assert mirror.feed()[0] == told(community)


def test_later_income_does_not_undo_a_claim(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.set_ledger(1, amount=PRICE))
    mirror.chain.mine(*community.claim(1, ALICE))
    mirror.chain.mine(*community.join(BOB, 1, at=7_200, badge=1), *community.settle(2))
    mirror.catch_up()

    ledger = mirror.row(BadgeLedger)
    assert ledger["claimed"] == PRICE
    assert ledger["income"] > PRICE
    assert ledger["minted"] is True


def test_rates_set_adds_a_version(mirror: Mirror, community: FakeCommunity) -> None:
    rates = Rates(0, 1, 3_000, 2**16 - 1, 2**16 - 1, 2**96 - 1)
    mirror.chain.mine(community.token(RatesSet(1, rates)))
    mirror.catch_up()

    assert [row["version"] for row in mirror.rows(BadgeRates)] == [0, 1]
    assert mirror.rows(BadgeRates)[1] == asdict(rates) | {
        "contract": community.membership,
        "version": 1,
        "block_number": 3,
        "at": mirror.chain.head.timestamp,
    }
    ids = {"community": community.address, "contract": community.membership, "version": 1}
    assert mirror.feed()[0] == ("rates", ids)


def test_a_badge_that_is_first_used_is_held_by_the_holder_of_its_membership(
    mirror: Mirror, community: FakeCommunity
) -> None:
    mirror.chain.mine(*community.set_ledger(1))
    mirror.chain.mine(*community.set_ledger(1, amount=5))
    mirror.catch_up()

    assert badges_held(mirror) == [(3, ALICE, 1)]
    assert mirror.rows(HoldingChange)[0]["asset"] == badge_asset(community.membership, 1)


def test_a_higher_level_is_a_greater_holding(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(leveled(community, 0), leveled(community, 2))
    mirror.catch_up()

    assert mirror.row(BadgeLedger)["level"] == 2
    assert badges_held(mirror) == [(3, ALICE, 1), (3, ALICE, 3)]


def test_a_badge_that_is_no_token_goes_with_its_membership(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.set_ledger(1))
    mirror.chain.mine(*community.move(1, BOB))
    mirror.catch_up()

    assert mirror.row(BadgeLedger)["owner"] == BOB
    assert badges_held(mirror)[1:] == [(4, ALICE, 0), (4, BOB, 1)]
    assert told(community) in mirror.feed()


def test_a_minted_badge_stays_when_its_membership_goes(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.claim(1, ALICE))
    mirror.chain.mine(*community.move(1, BOB))
    mirror.catch_up()

    assert mirror.row(BadgeLedger)["owner"] == ALICE
    assert badges_held(mirror) == [(3, ALICE, 1)]


def test_transferred_gives_the_badge_to_another_owner(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.claim(1, ALICE))
    mirror.catch_up()
    minted = mirror.row(BadgeLedger)
    mirror.chain.mine(*community.move_badge(1, ALICE, BOB))
    mirror.catch_up()
    moved = mirror.row(BadgeLedger)

    assert (minted["owner"], minted["transfer_count"], minted["minted"]) == (ALICE, 0, True)
    assert (moved["owner"], moved["transfer_count"], moved["minted"]) == (BOB, 1, True)
    assert badges_held(mirror)[1:] == [(4, ALICE, 0), (4, BOB, 1)]


def test_the_badge_of_a_burned_membership_stays_with_its_owner(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.set_ledger(1, amount=5))
    mirror.chain.mine(*community.burn(1, at=9_000))
    mirror.catch_up()

    ledger = mirror.row(BadgeLedger)
    assert (ledger["owner"], ledger["minted"], ledger["income"]) == (ALICE, True, 5)
    assert badges_held(mirror) == [(3, ALICE, 1)]
