"""Each event of Membership about what badges earn, and the rows that it leaves."""

from dataclasses import asdict

import pytest

from indexer.events.membership import Rates, RatesSet
from indexer.tables.badges import BadgeClaim, BadgeLedger, BadgeRates
from tests.factories.mirror import Mirror
from tests.fakes.contracts import PRICE, FakeCommunity, account

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


def test_badge_ledger_set_gives_the_whole_ledger(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.set_ledger(1, amount=2**112 - 1))
    mirror.catch_up()

    assert mirror.row(BadgeLedger) == {
        "contract": community.membership,
        "badge": 1,
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
        "log_index": 1,
        "owner": ALICE,
        "paid_to": account(97),
        "amount": PRICE,
        "claimed": PRICE,
        "tx_hash": block.log_as_json(1)["transactionHash"],
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
