"""Each event of CommunityToken and the rows that it leaves."""

from typing import Any

import pytest

from indexer.events import Event
from indexer.events.token import (
    AttestorSet,
    Holder,
    HolderSet,
    IncomeClaimed,
    IncomeDistributed,
    LockupSet,
    Transfer,
)
from indexer.tables.columns import FOR_LIFE, ZERO_ADDRESS
from indexer.tables.holdings import HoldingChange, token_asset
from indexer.tables.token import IncomeClaim, IncomeDistribution, Token, TokenHolder
from tests.factories.events import log_of
from tests.factories.mirror import Mirror
from tests.fakes.contracts import FakeCommunity, account
from tests.fakes.suite import TOKEN, sale_made

ALICE, BOB = account(1), account(2)


@pytest.fixture
def community(mirror: Mirror) -> FakeCommunity:
    """Opened in block 1; a sale has made its token in block 2, of which ALICE got 1,000 in block 3."""
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    mirror.chain.mine(sale_made(community))
    emit(mirror, Transfer(ZERO_ADDRESS, ALICE, 1_000))
    return community


def emit(mirror: Mirror, *events: Event) -> dict[str, Any]:
    """One block holds these events of the token, and is indexed. What rows say of the first one's place."""
    block = mirror.chain.mine(*(log_of(TOKEN, event) for event in events))
    mirror.catch_up()
    tx_hash = block.log_as_json(0)["transactionHash"]
    return {"block_number": block.number, "log_index": 0, "tx_hash": tx_hash, "at": block.timestamp}


def held(mirror: Mirror) -> list[tuple[int, str, int]]:
    rows = [row for row in mirror.rows(HoldingChange) if row["asset"] == token_asset(TOKEN)]
    assert {row["expires_at"] for row in rows if row["value"]} == {FOR_LIFE}
    return sorted((row["block_number"], row["account"], row["value"]) for row in rows)


def balances(mirror: Mirror) -> dict[str, int]:
    return {row["account"]: row["balance"] for row in mirror.rows(TokenHolder)}


def test_made_tokens_add_to_the_supply(mirror: Mirror, community: FakeCommunity) -> None:
    assert mirror.row(Token)["supply"] == 1_000
    assert mirror.row(TokenHolder) == {
        "contract": TOKEN,
        "account": ALICE,
        "balance": 1_000,
        "attested_until": 0,
        "frozen": False,
        "claimed": 0,
        "block_number": 3,
    }
    assert held(mirror) == [(3, ALICE, 1_000)]
    assert ("holder", {"community": community.address, "contract": TOKEN, "account": ALICE}) in mirror.feed()


def test_a_transfer_moves_the_balance_and_the_holding(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, Transfer(ALICE, BOB, 300))
    emit(mirror, Transfer(ALICE, BOB, 700))

    assert balances(mirror) == {ALICE: 0, BOB: 1_000}
    assert held(mirror)[1:] == [(4, ALICE, 700), (4, BOB, 300), (5, ALICE, 0), (5, BOB, 1_000)]
    assert mirror.row(Token)["supply"] == 1_000


@pytest.mark.parametrize(("to", "amount"), [(ALICE, 5), (BOB, 0)], ids=["to oneself", "of nothing"])
def test_a_transfer_that_moves_nothing_changes_nothing(
    mirror: Mirror, community: FakeCommunity, to: str, amount: int
) -> None:
    emit(mirror, Transfer(ALICE, to, amount))

    assert balances(mirror) == {ALICE: 1_000}
    assert len(held(mirror)) == 1


def test_lockup_and_attestor_are_those_of_the_newest_event(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, LockupSet(2**40 - 1), AttestorSet(BOB, ALICE))

    token = mirror.row(Token)
    assert (token["locked_until"], token["attestor"], token["block_number"]) == (2**40 - 1, BOB, 4)
    assert mirror.feed()[0] == ("token", {"community": community.address, "contract": TOKEN})


def test_holder_set_notes_who_holds_nothing_yet(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, HolderSet(BOB, Holder(2**40 - 1, True), ALICE), HolderSet(ALICE, Holder(5, False), BOB))

    noted = {row["account"]: (row["balance"], row["attested_until"], row["frozen"]) for row in mirror.rows(TokenHolder)}
    assert noted == {BOB: (0, 2**40 - 1, True), ALICE: (1_000, 5, False)}


def test_income_distributed_is_shared_by_all(mirror: Mirror, community: FakeCommunity) -> None:
    place = emit(mirror, IncomeDistributed(BOB, 500, 1_000, 2**255, 900))

    token = mirror.row(Token)
    assert (token["income_index"], token["distributed"]) == (2**255, 900)
    shared = {"payer": BOB, "amount": 500, "supply": 1_000, "income_index": 2**255}
    assert mirror.row(IncomeDistribution) == place | shared | {"contract": TOKEN}


def test_income_claimed_is_kept_with_its_transaction(mirror: Mirror, community: FakeCommunity) -> None:
    place = emit(mirror, IncomeClaimed(ALICE, BOB, 40, 90))

    assert mirror.row(TokenHolder)["claimed"] == 90
    paid = {"account": ALICE, "paid_to": BOB, "amount": 40, "claimed": 90}
    assert mirror.row(IncomeClaim) == place | paid | {"contract": TOKEN}
