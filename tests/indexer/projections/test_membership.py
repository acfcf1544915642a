"""Each event of Membership about tiers, memberships and their money, and the rows that it leaves."""

from dataclasses import replace
from typing import Any

import pytest

from indexer.events import Event
from indexer.tables.holdings import HoldingChange, tier_asset
from indexer.tables.membership import (
    Earnings,
    Ending,
    FormerMember,
    Grant,
    Membership,
    Payment,
    Tier,
)
from indexer.tables.renewals import Consent, Funds
from tests.factories.mirror import Mirror
from tests.fakes.chain import FakeLog
from tests.fakes.contracts import MONTH, PRICE, RATE, TIER, FakeCommunity, account

ALICE, BOB = account(1), account(2)
DIGEST = "0x" + "d1" * 32


@pytest.fixture
def community(mirror: Mirror) -> FakeCommunity:
    """Opened in block 1; ALICE is a member of tier 1 since block 2."""
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    mirror.chain.mine(*community.join(ALICE, 1, at=1_000))
    mirror.catch_up()
    return community


def mine(mirror: Mirror, *logs: FakeLog) -> dict[str, Any]:
    """A block with these logs is indexed. What rows say of the last log's place."""
    block = mirror.chain.mine(*logs)
    mirror.catch_up()
    index = len(logs) - 1
    tx_hash = block.log_as_json(index)["transactionHash"]
    return {"block_number": block.number, "log_index": index, "tx_hash": tx_hash, "at": block.timestamp}


def emit(mirror: Mirror, community: FakeCommunity, *events: Event) -> dict[str, Any]:
    """The same for events of the Membership contract."""
    return mine(mirror, *(community.token(event) for event in events))


def holdings(mirror: Mirror) -> list[tuple[int, str, str, int, int]]:
    """Of tiers."""
    rows = [row for row in mirror.rows(HoldingChange) if "/tier/" in row["asset"]]
    found = [tuple(row[name] for name in ("block_number", "account", "asset", "value", "expires_at")) for row in rows]
    return sorted(found)


def earnings(mirror: Mirror) -> dict[str, Any]:
    """Of memberships."""
    return mirror.rows(Earnings)[0]


def seats(mirror: Mirror) -> list[int]:
    return [tier["seats"] for tier in mirror.rows(Tier)]


def test_tier_set_gives_the_whole_tier(mirror: Mirror, community: FakeCommunity) -> None:
    changed = replace(
        TIER,
        label="0x" + "Gold ★".encode().ljust(32, b"\0").hex(),
        cap=2**32 - 1,
        paused=True,
        price=2**96 - 1,
        invitation_only=True,
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
        "invitation_only": True,
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
        "counted": False,
        "chosen": True,
        "released": False,
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
        "previous_tier_id": 0,
        "badge": 0,
        "amount": PRICE,
        "tip": 0,
        "periods": 1,
        "expires_at": 1_000 + MONTH,
        "tx_hash": block.log_as_json(0)["transactionHash"],
        "at": block.timestamp,
    }
    assert holdings(mirror) == [(2, ALICE, tier_asset(community.membership, 1), 1, 1_000 + MONTH)]
    assert seats(mirror) == [1, 0]


def test_renewed_extends_the_membership_and_its_holding(mirror: Mirror, community: FakeCommunity) -> None:
    joined_at = mirror.row(Membership)["joined_at"]
    mine(mirror, *community.renew(1, BOB, tip=7))

    membership = mirror.row(Membership)
    assert (membership["expires_at"], membership["unearned"]) == (1_000 + 2 * MONTH, 2 * PRICE - 7)
    assert (membership["holder"], membership["joined_at"]) == (ALICE, joined_at)
    payment = mirror.rows(Payment)[1]
    assert (payment["kind"], payment["holder"], payment["payer"]) == ("renewal", ALICE, BOB)
    assert (payment["amount"], payment["tip"]) == (PRICE, 7)
    assert (payment["tier_id"], payment["previous_tier_id"]) == (1, 1)
    assert holdings(mirror)[1:] == [(3, ALICE, tier_asset(community.membership, 1), 1, 1_000 + 2 * MONTH)]
    assert seats(mirror) == [1, 0]


def test_joined_through_a_badge_is_bound_to_it(mirror: Mirror, community: FakeCommunity) -> None:
    mine(mirror, *community.join(BOB, 1, at=7_200, badge=1))

    bound = mirror.rows(Membership)[1]
    assert (bound["badge"], bound["rate"]) == (1, RATE)
    assert mirror.rows(Payment)[1]["badge"] == 1
    assert bound["count_at"] == 7_200 + 14 * 86_400 + 3_600


def test_tier_changed_moves_the_seat_and_the_holding(mirror: Mirror, community: FakeCommunity) -> None:
    place = mine(mirror, *community.change_tier(1, 2))

    assert mirror.row(Membership)["tier_id"] == 2
    assert seats(mirror) == [0, 1]
    assert holdings(mirror)[1:] == [
        (3, ALICE, tier_asset(community.membership, 1), 0, 0),
        (3, ALICE, tier_asset(community.membership, 2), 1, 1_000 + MONTH),
    ]
    assert mirror.rows(Payment)[1] == place | {
        "contract": community.membership,
        "token_id": 1,
        "kind": "tier",
        "holder": ALICE,
        "payer": ALICE,
        "tier_id": 2,
        "previous_tier_id": 1,
        "badge": 0,
        "amount": 7,
        "tip": 0,
        "periods": 1,
        "expires_at": 1_000 + MONTH,
    }


def test_granted_to_somebody_new_gives_a_membership_and_one_holding(mirror: Mirror, community: FakeCommunity) -> None:
    place = mine(mirror, *community.grant(BOB, 2, at=2_000))

    granted = mirror.rows(Membership)[1]
    assert (granted["holder"], granted["tier_id"], granted["expires_at"]) == (BOB, 2, 2_000 + MONTH)
    assert (granted["unearned"], granted["earned_at"]) == (0, 0)
    assert mirror.row(Grant) == place | {
        "contract": community.membership,
        "token_id": 2,
        "holder": BOB,
        "granter": community.founder,
        "expires_at": 2_000 + MONTH,
    }
    assert holdings(mirror)[1:] == [(3, BOB, tier_asset(community.membership, 2), 1, 2_000 + MONTH)]
    assert seats(mirror) == [1, 1]
    payment = mirror.rows(Payment)[1]
    assert (payment["kind"], payment["payer"], payment["amount"], payment["periods"]) == (
        "join",
        community.founder,
        0,
        0,
    )


def test_granted_to_a_member_extends_its_holding(mirror: Mirror, community: FakeCommunity) -> None:
    mine(mirror, *community.grant_more(1))

    assert mirror.row(Membership)["expires_at"] == 1_000 + 2 * MONTH
    assert mirror.row(Grant)["expires_at"] == 1_000 + 2 * MONTH
    assert holdings(mirror)[1:] == [(3, ALICE, tier_asset(community.membership, 1), 1, 1_000 + 2 * MONTH)]
    assert len(mirror.rows(Payment)) == 1


def test_cancelled_ends_the_holding_and_keeps_the_seat(mirror: Mirror, community: FakeCommunity) -> None:
    place = mine(mirror, *community.cancel(1, at=5_000))

    membership = mirror.row(Membership)
    assert (membership["expires_at"], membership["earned_at"], membership["unearned"]) == (5_000, 5_000, 0)
    assert mirror.row(Ending) == place | {
        "contract": community.membership,
        "token_id": 1,
        "kind": "cancel",
        "tier_id": 1,
        "holder": ALICE,
        "ended_by": ALICE,
        "paid_to": account(98),
        "refund": PRICE // 2,
    }
    assert holdings(mirror)[1:] == [(3, ALICE, tier_asset(community.membership, 1), 1, 5_000)]
    assert seats(mirror) == [1, 0]


def test_revoked_ends_the_holding_and_leaves_the_refund_in_the_funds(mirror: Mirror, community: FakeCommunity) -> None:
    mine(mirror, *community.revoke(1, at=5_000))

    ending = mirror.row(Ending)
    assert (ending["kind"], ending["ended_by"], ending["paid_to"]) == ("revoke", community.founder, ALICE)
    assert ending["refund"] == mirror.row(Funds)["amount"] == PRICE // 2
    assert holdings(mirror)[1:] == [(3, ALICE, tier_asset(community.membership, 1), 1, 5_000)]


def test_burned_takes_membership_holding_and_seat_away(mirror: Mirror, community: FakeCommunity) -> None:
    mine(mirror, *community.burn(1, at=5_000))

    assert mirror.rows(Membership) == mirror.rows(FormerMember) == []
    ending = mirror.row(Ending)
    assert (ending["kind"], ending["holder"], ending["paid_to"]) == ("burn", ALICE, account(98))
    assert (ending["tier_id"], ending["refund"]) == (1, PRICE // 2)
    assert holdings(mirror)[1:] == [(3, ALICE, tier_asset(community.membership, 1), 0, 0)]
    assert seats(mirror) == [0, 0]
    assert len(mirror.rows(Payment)) == 1


def test_burned_is_told_to_the_holder(mirror: Mirror, community: FakeCommunity) -> None:
    mine(mirror, *community.burn(1, at=5_000))

    ids = {"community": community.address, "contract": community.membership, "token_id": 1, "holders": [ALICE]}
    assert ("membership", ids) in mirror.feed()


def test_a_wallet_that_burned_keeps_its_badge_until_it_holds_a_membership_again(
    mirror: Mirror, community: FakeCommunity
) -> None:
    mine(mirror, *community.join(BOB, 1, at=7_200, badge=1), *community.settle(2, counts=True))
    place = mine(mirror, *community.burn(2, at=9_000))
    kept = mirror.rows(FormerMember)
    mine(mirror, *community.join(BOB, 1, at=9_500, badge=1))

    assert kept == [
        {"contract": community.membership, "account": BOB, "badge": 1, "counted": True, "left_at": place["at"]}
    ]
    assert mirror.rows(FormerMember) == []


def test_what_a_wallet_kept_is_lost_when_it_gets_another_ones_membership(
    mirror: Mirror, community: FakeCommunity
) -> None:
    mine(mirror, *community.join(BOB, 1, at=7_200, badge=1), *community.burn(2, at=9_000))
    mine(mirror, *community.move(1, BOB))

    assert mirror.rows(FormerMember) == []
    assert mirror.row(Membership)["chosen"] is False


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


def test_moved_ends_the_consent(mirror: Mirror, community: FakeCommunity) -> None:
    mine(mirror, *community.agree(1))
    agreed = len(mirror.rows(Consent))
    mine(mirror, *community.move(1, BOB))

    assert agreed == 1
    assert mirror.rows(Consent) == []


def test_seat_released_frees_the_seat_until_it_is_taken_again(mirror: Mirror, community: FakeCommunity) -> None:
    mine(mirror, *community.release(1))
    released = mirror.row(Membership)["released"], seats(mirror), community.tiers[0].seats
    mine(mirror, *community.renew(1, ALICE))
    renewed = mirror.row(Membership)["released"], seats(mirror), community.tiers[0].seats

    assert released == (True, [0, 0], 0)
    assert renewed == (False, [1, 0], 1)


@pytest.mark.parametrize("ending", ["burn", "change_tier"])
def test_a_released_seat_is_not_given_back_twice(mirror: Mirror, community: FakeCommunity, ending: str) -> None:
    mine(mirror, *community.release(1))
    mine(mirror, *(community.burn(1, at=9_000) if ending == "burn" else community.change_tier(1, 2)))

    assert seats(mirror) == [tier.seats for tier in community.tiers]
    assert seats(mirror) == ([0, 0] if ending == "burn" else [0, 1])
