"""Each event of Store and the rows that it leaves."""

from dataclasses import asdict
from typing import Any

import pytest

from indexer.events import Event
from indexer.events.store import (
    CreatorPaid,
    EarningsWithdrawn,
    LicenseBought,
    LicenseSeatReleased,
    PolicySet,
    ProductSet,
    Swept,
    Tipped,
    TransferBatch,
    TransferSingle,
)
from indexer.tables.columns import FOR_LIFE, ZERO_ADDRESS, ZERO_HASH
from indexer.tables.holdings import HoldingChange, license_asset
from indexer.tables.membership import Earnings, Sweep
from indexer.tables.store import CreatorLedger, CreatorPayment, License, Product, Purchase, StorePolicy, Tip
from tests.factories.events import log_of
from tests.factories.mirror import Mirror
from tests.fakes.contracts import MONTH, FakeCommunity, account
from tests.fakes.suite import CREATOR, payment, product

ALICE, BOB = account(1), account(2)
GOOD, MONTHLY = 1, 2


@pytest.fixture
def community(mirror: Mirror) -> FakeCommunity:
    """Opened in block 1; its store has a product for good and a monthly one since block 2."""
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    monthly = product(period_seconds=MONTH)
    emit(mirror, community, ProductSet(GOOD, CREATOR, product()), ProductSet(MONTHLY, CREATOR, monthly))
    return community


def emit(mirror: Mirror, community: FakeCommunity, *events: Event) -> dict[str, Any]:
    """One block holds these events of the Store, and is indexed. What rows say of the first one's place."""
    block = mirror.chain.mine(*(log_of(community.store, event) for event in events))
    mirror.catch_up()
    tx_hash = block.log_as_json(0)["transactionHash"]
    return {"block_number": block.number, "log_index": 0, "tx_hash": tx_hash, "at": block.timestamp}


def bought(
    product_id: int = GOOD, *, to: str = ALICE, until: int = FOR_LIFE, units: int = 1, **paid: Any
) -> list[Event]:
    """A purchase of one unit or period, and the license that it makes."""
    purchase = LicenseBought(product_id, to, BOB, 7, 1, 1, until, units, payment(**paid))
    return [purchase, TransferSingle(BOB, ZERO_ADDRESS, to, product_id, 1)]


def held(mirror: Mirror, product_id: int = GOOD) -> list[tuple[int, str, int, int]]:
    """Block, account, value and expiry of each change of who holds licenses for a product."""
    rows = [row for row in mirror.rows(HoldingChange) if row["asset"].endswith(f"/{product_id}")]
    return sorted((row["block_number"], row["account"], row["value"], row["expires_at"]) for row in rows)


def units(mirror: Mirror) -> dict[tuple[str, int], int]:
    return {(row["account"], row["product_id"]): row["units"] for row in mirror.rows(License)}


def test_policy_set_replaces_the_policy(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, PolicySet(5_000, False))

    policy = mirror.row(StorePolicy)
    assert (policy["community_bps"], policy["members_may_list"], policy["block_number"]) == (5_000, False, 3)
    assert mirror.feed()[0] == ("store", {"community": community.address, "contract": community.store})


def test_product_set_gives_the_whole_product(mirror: Mirror, community: FakeCommunity) -> None:
    listed_at = mirror.chain.head.timestamp
    changed = product(creator=BOB, cap=2**48 - 1, units=3, price=2**96 - 1, version=2**32 - 1, barred=True)
    emit(mirror, community, ProductSet(GOOD, BOB, changed))

    assert mirror.rows(Product)[0] == asdict(changed) | {
        "contract": community.store,
        "product_id": GOOD,
        "label": "Member",
        "listed_at": listed_at,
        "block_number": 3,
    }
    ids = {"community": community.address, "contract": community.store, "product_id": GOOD}
    assert mirror.feed()[0] == ("product", ids)


def test_bought_is_kept_with_how_it_was_divided(mirror: Mirror, community: FakeCommunity) -> None:
    paid: dict[str, Any] = {"badge": 5, "badge_share": 8, "payee_share": 82, "payee_total": 182, "community_total": 20}
    place = emit(mirror, community, *bought(units=9, **paid))

    divided = asdict(payment(**paid))
    del divided["payee_total"], divided["community_total"]
    assert mirror.row(Purchase) == place | divided | {
        "contract": community.store,
        "product_id": GOOD,
        "recipient": ALICE,
        "payer": BOB,
        "membership_id": 7,
        "version": 1,
        "quantity": 1,
        "valid_until": FOR_LIFE,
    }
    assert mirror.rows(Product)[0]["units"] == 9
    ledger = mirror.row(CreatorLedger)
    assert (ledger["account"], ledger["credited"], ledger["claimed"]) == (CREATOR, 182, 0)
    assert mirror.rows(Earnings)[1] == {"contract": community.store, "earned_total": 20, "withdrawn_total": 0}


def test_bought_for_good_is_held_for_good(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, *bought())

    assert mirror.row(License) == {
        "contract": community.store,
        "product_id": GOOD,
        "account": ALICE,
        "units": 1,
        "valid_until": FOR_LIFE,
        "released": False,
        "block_number": 3,
    }
    assert held(mirror) == [(3, ALICE, 1, FOR_LIFE)]
    assert mirror.rows(HoldingChange)[0]["asset"] == license_asset(community.store, GOOD)


def test_bought_for_a_time_is_held_until_then_and_extended(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, *bought(MONTHLY, until=5_000))
    emit(mirror, community, bought(MONTHLY, until=9_000)[0])

    license_ = mirror.row(License)
    assert (license_["units"], license_["valid_until"]) == (1, 9_000)
    assert held(mirror, MONTHLY) == [(3, ALICE, 1, 5_000), (4, ALICE, 1, 9_000)]


def test_what_is_free_credits_nobody(mirror: Mirror, community: FakeCommunity) -> None:
    nothing = payment(amount=0, payee_share=0, community_share=0, payee_total=0, community_total=0)
    emit(mirror, community, LicenseBought(GOOD, ALICE, ALICE, 0, 1, 1, FOR_LIFE, 1, nothing))

    assert mirror.rows(CreatorLedger) == []
    assert len(mirror.rows(Purchase)) == 1


def test_seat_released_frees_the_seat_until_it_is_bought_again(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, *bought(MONTHLY, until=5_000, units=4))
    emit(mirror, community, LicenseSeatReleased(MONTHLY, ALICE, 3))
    released = mirror.row(License)["released"], mirror.rows(Product)[1]["units"]
    emit(mirror, community, bought(MONTHLY, until=9_000, units=4)[0])

    assert released == (True, 3)
    assert (mirror.row(License)["released"], mirror.rows(Product)[1]["units"]) == (False, 4)


def test_tipped_is_kept_with_how_it_was_divided(mirror: Mirror, community: FakeCommunity) -> None:
    place = emit(mirror, community, Tipped(CREATOR, BOB, 0, 9, ZERO_HASH, payment()))

    divided = asdict(payment())
    del divided["payee_total"], divided["community_total"]
    what = {"payer": BOB, "product_id": 0, "membership_id": 9, "subject": ZERO_HASH}
    assert mirror.row(Tip) == place | divided | what | {"contract": community.store}
    assert mirror.row(CreatorLedger)["credited"] == 90
    assert ("tip", {"community": community.address, "contract": community.store, "payee": CREATOR}) in mirror.feed()


def test_creator_paid_keeps_what_was_credited(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, *bought())
    place = emit(mirror, community, CreatorPaid(CREATOR, BOB, 90, 90, ALICE))
    emit(mirror, community, Tipped(CREATOR, BOB, 0, 0, ZERO_HASH, payment(payee_total=180)))

    ledger = mirror.row(CreatorLedger)
    assert (ledger["credited"], ledger["claimed"]) == (180, 90)
    paid = {"account": CREATOR, "paid_to": BOB, "amount": 90, "claimed": 90}
    assert mirror.row(CreatorPayment) == place | paid | {"contract": community.store}


def test_withdrawn_keeps_what_was_earned(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, *bought())
    emit(mirror, community, EarningsWithdrawn(community.address, 7, 7))

    earnings = mirror.rows(Earnings)[1]
    assert (earnings["earned_total"], earnings["withdrawn_total"]) == (10, 7)


def test_swept_is_kept_with_its_transaction(mirror: Mirror, community: FakeCommunity) -> None:
    place = emit(mirror, community, Swept(BOB, ALICE, 5))

    what = {"contract": community.store, "token": BOB, "sent_to": ALICE, "amount": 5}
    assert mirror.row(Sweep) == place | what


def test_a_transfer_moves_units_and_the_holding(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, *bought(), *bought(units=2))
    emit(mirror, community, TransferSingle(ALICE, ALICE, BOB, GOOD, 2))

    assert units(mirror) == {(ALICE, GOOD): 0, (BOB, GOOD): 2}
    assert held(mirror)[2:] == [(4, ALICE, 0, 0), (4, BOB, 2, FOR_LIFE)]


def test_a_batch_that_names_a_product_twice_is_one_change(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, *bought(), *bought(units=2), ProductSet(3, CREATOR, product()), *bought(3))
    batch = TransferBatch(ALICE, ALICE, BOB, (GOOD, 3, GOOD), (1, 1, 1))
    emit(mirror, community, batch)

    assert units(mirror) == {(ALICE, GOOD): 0, (BOB, GOOD): 2, (ALICE, 3): 0, (BOB, 3): 1}
    assert held(mirror)[2:] == [(4, ALICE, 0, 0), (4, BOB, 2, FOR_LIFE)]
    assert held(mirror, 3)[1:] == [(4, ALICE, 0, 0), (4, BOB, 1, FOR_LIFE)]


@pytest.mark.parametrize(("to", "amount"), [(ALICE, 1), (BOB, 0)], ids=["to oneself", "of nothing"])
def test_a_transfer_that_moves_nothing_changes_nothing(
    mirror: Mirror, community: FakeCommunity, to: str, amount: int
) -> None:
    emit(mirror, community, *bought())
    emit(mirror, community, TransferSingle(ALICE, ALICE, to, GOOD, amount))

    assert units(mirror) == {(ALICE, GOOD): 1}
    assert len(held(mirror)) == 1
