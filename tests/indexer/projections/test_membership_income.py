"""What memberships earn, and vouchers and sweeps: events -> rows"""

from typing import Any

import pytest

from indexer.events import Event
from indexer.events.membership import Swept, VoucherUsed
from indexer.tables.badges import BadgeLedger
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.holdings import HoldingChange
from indexer.tables.membership import (
    Earnings,
    Membership,
    Settlement,
    Sweep,
    Tier,
    Voucher,
    VoucherUse,
)
from tests.factories.mirror import Mirror
from tests.fakes.chain import FakeLog
from tests.fakes.contracts import MONTH, PRICE, RATE, FakeCommunity, account

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


def test_settled_gives_the_new_state_and_the_income(mirror: Mirror, community: FakeCommunity) -> None:
    place = mine(mirror, *community.settle(1))
    del place["tx_hash"]

    assert mirror.row(Membership)["unearned"] == PRICE // 2
    assert mirror.row(Settlement) == place | {
        "contract": community.membership,
        "token_id": 1,
        "badge": 0,
        "earned": PRICE // 2,
        "badge_share": 0,
    }
    assert mirror.rows(BadgeLedger) == []
    assert earnings(mirror) == {
        "contract": community.membership,
        "earned_total": PRICE // 2,
        "withdrawn_total": 0,
    }
    assert len(holdings(mirror)) == 1


def test_withdrawn_keeps_what_was_earned(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.settle(1))
    mirror.chain.mine(*community.withdraw())
    mirror.catch_up()

    totals = earnings(mirror)
    assert (totals["earned_total"], totals["withdrawn_total"]) == (PRICE // 2, PRICE // 2)


def test_several_events_of_one_membership_in_one_block_leave_the_last_state(
    mirror: Mirror, community: FakeCommunity
) -> None:
    mirror.chain.mine(*community.renew(1, ALICE), *community.move(1, BOB), *community.renew(1, BOB))
    mirror.catch_up()

    membership = mirror.row(Membership)
    assert (membership["holder"], membership["expires_at"]) == (BOB, 1_000 + 3 * MONTH)
    assert [value for *_, value, _ in holdings(mirror)] == [1, 0, 1, 1, 1]


def test_settled_credits_the_badge_and_counts_its_member(mirror: Mirror, community: FakeCommunity) -> None:
    mine(mirror, *community.join(BOB, 1, at=7_200, badge=1))
    mine(mirror, *community.settle(2, counts=True))

    share = PRICE // 2 * RATE // 10_000
    bound, ledger = mirror.rows(Membership)[1], mirror.row(BadgeLedger)
    assert (bound["counted"], bound["count_at"], bound["chosen"]) == (True, 0, True)
    assert (ledger["income"], ledger["volume"], ledger["counted"]) == (share, PRICE // 2, 1)
    assert earnings(mirror)["earned_total"] == PRICE // 2 - share
    settlement = mirror.row(Settlement)
    assert (settlement["badge"], settlement["badge_share"]) == (1, share)


def test_voucher_used_counts_its_uses_and_names_the_membership(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, VoucherUsed(DIGEST, BOB, 1, 1))
    place = emit(mirror, community, VoucherUsed(DIGEST, BOB, 2, 2))

    voucher = {"contract": community.membership, "digest": DIGEST, "issuer": BOB}
    assert mirror.row(Voucher) == voucher | {"used": 2, "block_number": 4}
    assert [(use["token_id"], use["block_number"]) for use in mirror.rows(VoucherUse)] == [(1, 3), (2, 4)]
    assert mirror.rows(VoucherUse)[1]["at"] == place["at"]
    told = {"community": community.address, "contract": community.membership, "digest": DIGEST}
    assert mirror.feed()[0] == ("voucher", told)


def test_a_withdrawn_voucher_has_no_membership(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, VoucherUsed(DIGEST, BOB, 0, 2**32 - 1))

    assert mirror.row(Voucher)["used"] == 2**32 - 1
    assert mirror.rows(VoucherUse) == []


def test_swept_is_kept_with_its_transaction(mirror: Mirror, community: FakeCommunity) -> None:
    place = emit(mirror, community, Swept(ZERO_ADDRESS, BOB, 2**256 - 1))

    what = {"token": ZERO_ADDRESS, "sent_to": BOB, "amount": 2**256 - 1}
    assert mirror.row(Sweep) == place | {"contract": community.membership} | what
    told = {"community": community.address, "contract": community.membership, "token": ZERO_ADDRESS}
    assert mirror.feed()[0] == ("sweep", told)
