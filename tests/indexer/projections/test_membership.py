"""Each event of Membership and the rows that it leaves."""

from dataclasses import replace

import pytest

from indexer.tables.holdings import HoldingChange, tier_asset
from indexer.tables.membership import Earnings, Membership, Payment, Tier
from tests.factories.mirror import Mirror
from tests.fakes.contracts import MONTH, PRICE, TIER, FakeCommunity, account

ALICE, BOB = account(1), account(2)


@pytest.fixture
def community(mirror: Mirror) -> FakeCommunity:
    """Opened in block 1; ALICE is a member of tier 1 since block 2."""
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    mirror.chain.mine(*community.join(ALICE, 1, at=1_000))
    mirror.catch_up()
    return community


def holdings(mirror: Mirror) -> list[tuple[int, str, str, int, int]]:
    rows = mirror.rows(HoldingChange)
    found = [tuple(row[name] for name in ("block_number", "account", "asset", "value", "expires_at")) for row in rows]
    return sorted(found)


def seats(mirror: Mirror) -> list[int]:
    return [tier["seats"] for tier in mirror.rows(Tier)]


def test_tier_set_gives_the_whole_tier(mirror: Mirror, community: FakeCommunity) -> None:
    changed = replace(
        TIER, label="0x" + "Gold ★".encode().ljust(32, b"\0").hex(), cap=2**32 - 1, paused=True, price=2**96 - 1
    )
    community.tiers[0] = changed
    mirror.chain.mine(*community.set_price(1, 2**96 - 1))
    mirror.catch_up()

    assert mirror.rows(Tier)[0] == {
        "contract": community.membership,
        "tier_id": 1,
        "label": "Gold ★",
        "price": 2**96 - 1,
        "renewal_price": PRICE,
        "notice_ends": 0,
        "period_seconds": MONTH,
        "earning_seconds": MONTH,
        "cap": 2**32 - 1,
        "seats": 0,
        "sale_start": 0,
        "sale_end": 0,
        "retires_at": 0,
        "invitee_discount_bps": 0,
        "allow_root": "0x" + "00" * 32,
        "paused": True,
        "soulbound": False,
        "block_number": 3,
    }


def test_joined_gives_a_membership_a_payment_a_holding_and_takes_a_seat(
    mirror: Mirror, community: FakeCommunity
) -> None:
    block = mirror.chain.blocks[2]

    assert mirror.row(Membership) == {
        "contract": community.membership,
        "token_id": 1,
        "holder": ALICE,
        "tier_id": 1,
        "badge": 0,
        "expires_at": 1_000 + MONTH,
        "unearned": PRICE,
        "settled_at": 1_000,
        "earned_at": 1_000 + MONTH,
        "rate": 0,
        "count_at": 0,
        "transfer_count": 0,
        "flags": 0,
        "joined_at": block.timestamp,
        "block_number": 2,
    }
    assert mirror.row(Payment) == {
        "contract": community.membership,
        "block_number": 2,
        "log_index": 0,
        "token_id": 1,
        "kind": "join",
        "holder": ALICE,
        "payer": ALICE,
        "tier_id": 1,
        "amount": PRICE,
        "periods": 1,
        "expires_at": 1_000 + MONTH,
        "tx_hash": block.log_as_json(0)["transactionHash"],
        "at": block.timestamp,
    }
    assert holdings(mirror) == [(2, ALICE, tier_asset(community.membership, 1), 1, 1_000 + MONTH)]
    assert seats(mirror) == [1, 0]


def test_renewed_extends_the_membership_and_its_holding(mirror: Mirror, community: FakeCommunity) -> None:
    joined_at = mirror.row(Membership)["joined_at"]
    mirror.chain.mine(*community.renew(1, BOB))
    mirror.catch_up()

    membership = mirror.row(Membership)
    assert (membership["expires_at"], membership["unearned"]) == (1_000 + 2 * MONTH, 2 * PRICE)
    assert (membership["holder"], membership["joined_at"]) == (ALICE, joined_at)
    payment = mirror.rows(Payment)[1]
    assert (payment["kind"], payment["holder"], payment["payer"]) == ("renewal", ALICE, BOB)
    assert holdings(mirror)[1:] == [(3, ALICE, tier_asset(community.membership, 1), 1, 1_000 + 2 * MONTH)]
    assert seats(mirror) == [1, 0]


def test_a_renewal_into_another_tier_moves_the_seat_and_the_holding(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.change_tier(1, 2))
    mirror.catch_up()

    assert mirror.row(Membership)["tier_id"] == 2
    assert seats(mirror) == [0, 1]
    assert holdings(mirror)[1:] == [
        (3, ALICE, tier_asset(community.membership, 1), 0, 0),
        (3, ALICE, tier_asset(community.membership, 2), 1, 1_000 + MONTH),
    ]


def test_moved_gives_the_holding_to_the_other_wallet(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.move(1, BOB))
    mirror.catch_up()

    assert (mirror.row(Membership)["holder"], mirror.row(Membership)["transfer_count"]) == (BOB, 1)
    assert holdings(mirror)[1:] == [
        (3, ALICE, tier_asset(community.membership, 1), 0, 0),
        (3, BOB, tier_asset(community.membership, 1), 1, 1_000 + MONTH),
    ]
    assert seats(mirror) == [1, 0]
    assert len(mirror.rows(Payment)) == 1


def test_a_move_to_oneself_changes_no_holding(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.move(1, ALICE))
    mirror.catch_up()

    assert mirror.row(Membership)["transfer_count"] == 1
    assert len(holdings(mirror)) == 1


def test_settled_gives_the_new_state_and_the_income(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.settle(1))
    mirror.catch_up()

    assert mirror.row(Membership)["unearned"] == PRICE // 2
    assert mirror.row(Earnings) == {
        "contract": community.membership,
        "earned_total": PRICE // 2,
        "withdrawn_total": 0,
    }
    assert len(holdings(mirror)) == 1


def test_withdrawn_keeps_what_was_earned(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.settle(1))
    mirror.chain.mine(*community.withdraw())
    mirror.catch_up()

    earnings = mirror.row(Earnings)
    assert (earnings["earned_total"], earnings["withdrawn_total"]) == (PRICE // 2, PRICE // 2)


def test_several_events_of_one_membership_in_one_block_leave_the_last_state(
    mirror: Mirror, community: FakeCommunity
) -> None:
    mirror.chain.mine(*community.renew(1, ALICE), *community.move(1, BOB), *community.renew(1, BOB))
    mirror.catch_up()

    membership = mirror.row(Membership)
    assert (membership["holder"], membership["expires_at"]) == (BOB, 1_000 + 3 * MONTH)
    assert [value for *_, value, _ in holdings(mirror)] == [1, 0, 1, 1, 1]
