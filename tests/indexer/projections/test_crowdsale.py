"""Each event of CrowdsaleFactory and Crowdsale and the rows that it leaves."""

from dataclasses import asdict
from typing import Any

import pytest

from indexer.events import Event
from indexer.events.crowdsale import (
    Claims,
    Contributed,
    ContributionRefunded,
    CrowdsaleFinalized,
    CrowdsaleStopped,
    FundsSet,
    MembershipClaimed,
    Released,
    StopVoted,
    Swept,
    TokensClaimed,
)
from indexer.events.words import CONTRIBUTION, RAISED
from indexer.tables.columns import FOR_LIFE, ZERO_ADDRESS
from indexer.tables.crowdsale import (
    Contribution,
    ContributionPayment,
    Sale,
    SalePayout,
    SaleStep,
    StopVote,
    TokenClaim,
)
from indexer.tables.holdings import HoldingChange, contribution_asset
from indexer.tables.membership import Sweep
from indexer.tables.renewals import Funds
from indexer.tables.token import Token
from tests.factories.events import log_of
from tests.factories.mirror import Mirror
from tests.fakes.contracts import FakeCommunity, account, packed
from tests.fakes.suite import RESTRICTED, SALE, TOKEN, sale_made, terms

ALICE, BOB = account(1), account(2)


@pytest.fixture
def community(mirror: Mirror) -> FakeCommunity:
    """Opened in block 1; its sale was made in block 2, and ALICE contributed 500 in block 3, paid by BOB."""
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    mirror.chain.mine(sale_made(community))
    emit(mirror, contributed(500, 100))
    return community


def emit(mirror: Mirror, *events: Event) -> dict[str, Any]:
    """One block holds these events of the sale, and is indexed. What rows say of the first one's place."""
    block = mirror.chain.mine(*(log_of(SALE, event) for event in events))
    mirror.catch_up()
    tx_hash = block.log_as_json(0)["transactionHash"]
    return {"block_number": block.number, "log_index": 0, "tx_hash": tx_hash, "at": block.timestamp}


def contributed(amount: int, tier_money: int, *, account: str = ALICE, flags: int = 1) -> Contributed:
    """The account has contributed so much in sum."""
    contribution = packed(CONTRIBUTION, amount=amount, bought=2 * amount, badge=9, flags=flags)
    raised = packed(RAISED, amount=amount, tier_money=tier_money)
    return Contributed(account, BOB, amount, 2 * amount, contribution, raised)


def held(mirror: Mirror) -> list[tuple[int, str, int, int]]:
    """Block, account, value and expiry of each change of what was contributed."""
    rows = [row for row in mirror.rows(HoldingChange) if row["asset"] == contribution_asset(SALE)]
    return sorted((row["block_number"], row["account"], row["value"], row["expires_at"]) for row in rows)


def test_made_gives_the_whole_sale(mirror: Mirror) -> None:
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    block = mirror.chain.mine(sale_made(community))
    mirror.catch_up()

    said = asdict(terms())
    del said["salt"], said["steps"]
    zeros = ("raised", "tier_money", "finalized_at", "released", "votes", "electorate", "stopped_at", "unreleased")
    assert mirror.row(Sale) == said | dict.fromkeys(zeros, 0) | {
        "address": SALE,
        "community": community.address,
        "token": TOKEN,
        "founder": community.founder,
        "currency": ZERO_ADDRESS,
        "membership": community.membership,
        "maximum": 2**104 - 1,
        "cap": 1_000,
        "made_at": block.timestamp,
        "tx_hash": block.log_as_json(0)["transactionHash"],
        "block_number": 2,
    }
    assert [(row["number"], row["up_to"], row["price"]) for row in mirror.rows(SaleStep)] == [
        (0, 600, 5),
        (1, 1_000, 2**128 - 1),
    ]
    assert mirror.feed()[0] == ("sale", {"community": community.address, "sale": SALE})


def test_made_gives_the_token(mirror: Mirror, community: FakeCommunity) -> None:
    assert mirror.row(Token) == {
        "address": TOKEN,
        "community": community.address,
        "sale": SALE,
        "name": "Circle ★",
        "symbol": "CIR",
        "restricted": False,
        "maximum": 2**104 - 1,
        "supply": 0,
        "locked_until": 0,
        "attestor": ZERO_ADDRESS,
        "income_index": 0,
        "distributed": 0,
        "block_number": 2,
    }


def test_a_sale_of_memberships_has_no_token(mirror: Mirror) -> None:
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open(), sale_made(community, token=ZERO_ADDRESS, asset=0))
    mirror.catch_up()

    assert mirror.rows(Token) == []
    assert mirror.row(Sale)["token"] == ZERO_ADDRESS


def test_a_restricted_token_says_so(mirror: Mirror) -> None:
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open(), sale_made(community, asset=RESTRICTED))
    mirror.catch_up()

    assert mirror.row(Token)["restricted"] is True


def test_contributed_gives_contribution_holding_and_what_was_raised(mirror: Mirror, community: FakeCommunity) -> None:
    block = mirror.chain.blocks[3]

    assert mirror.row(Contribution) == {
        "contract": SALE,
        "account": ALICE,
        "amount": 500,
        "bought": 1_000,
        "badge": 9,
        "tier": True,
        "voted": False,
        "claimed_tokens": 0,
        "claimed_periods": 0,
        "paid": 0,
        "refunded": 0,
        "block_number": 3,
    }
    assert mirror.row(ContributionPayment) == {
        "contract": SALE,
        "block_number": 3,
        "log_index": 0,
        "account": ALICE,
        "payer": BOB,
        "amount": 500,
        "bought": 1_000,
        "tx_hash": block.log_as_json(0)["transactionHash"],
        "at": block.timestamp,
    }
    sale = mirror.row(Sale)
    assert (sale["raised"], sale["tier_money"]) == (500, 100)
    assert held(mirror) == [(3, ALICE, 500, FOR_LIFE)]
    told = {"community": community.address, "contract": SALE, "account": ALICE}
    assert ("contribution", told) in mirror.feed()


def test_finalized_starts_the_schedule(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, CrowdsaleFinalized(7_000, 500, 400, BOB))

    assert mirror.row(Sale)["finalized_at"] == 7_000


def test_released_money_left_for_the_community(mirror: Mirror, community: FakeCommunity) -> None:
    place = emit(mirror, Released(community.address, 30, 40, BOB))

    assert mirror.row(Sale)["released"] == 40
    assert mirror.row(SalePayout) == place | {
        "contract": SALE,
        "kind": "release",
        "account": community.address,
        "paid_to": community.address,
        "amount": 30,
        "token_id": 0,
        "periods": 0,
    }


def test_refunded_money_is_held_no_more(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, ContributionRefunded(ALICE, BOB, 200))
    emit(mirror, ContributionRefunded(ALICE, BOB, 300))

    contribution = mirror.row(Contribution)
    assert (contribution["amount"], contribution["refunded"]) == (500, 500)
    payouts = [(row["kind"], row["account"], row["paid_to"], row["amount"]) for row in mirror.rows(SalePayout)]
    assert payouts == [("refund", ALICE, BOB, 200), ("refund", ALICE, BOB, 300)]
    assert held(mirror)[1:] == [(4, ALICE, 300, FOR_LIFE), (5, ALICE, 0, 0)]


def test_tokens_claimed_keeps_what_was_claimed(mirror: Mirror, community: FakeCommunity) -> None:
    place = emit(mirror, TokensClaimed(ALICE, 5, Claims(2**104 - 1, 0, 0, False)))

    assert mirror.row(Contribution)["claimed_tokens"] == 2**104 - 1
    assert mirror.row(TokenClaim) == place | {"contract": SALE, "account": ALICE, "amount": 5}


def test_the_founder_claims_without_having_contributed(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, TokensClaimed(BOB, 5, Claims(5, 0, 0, False)))

    contribution = mirror.rows(Contribution)[1]
    assert (contribution["account"], contribution["amount"], contribution["claimed_tokens"]) == (BOB, 0, 5)


def test_membership_claimed_paid_the_membership_contract(mirror: Mirror, community: FakeCommunity) -> None:
    place = emit(mirror, MembershipClaimed(ALICE, BOB, 77, 12, 90, Claims(0, 12, 90, False)))

    contribution = mirror.row(Contribution)
    assert (contribution["claimed_periods"], contribution["paid"]) == (12, 90)
    assert mirror.row(SalePayout) == place | {
        "contract": SALE,
        "kind": "membership",
        "account": ALICE,
        "paid_to": BOB,
        "amount": 90,
        "token_id": 77,
        "periods": 12,
    }


def test_stop_voted_counts_the_vote(mirror: Mirror, community: FakeCommunity) -> None:
    place = emit(mirror, StopVoted(ALICE, 400, 401, 900))
    del place["tx_hash"]

    sale = mirror.row(Sale)
    assert (sale["votes"], sale["electorate"], mirror.row(Contribution)["voted"]) == (401, 900, True)
    vote = {"contract": SALE, "account": ALICE, "weight": 400, "votes": 401, "electorate": 900}
    assert mirror.row(StopVote) == place | vote


def test_stopped_ends_the_schedule(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, CrowdsaleStopped(9_000, 250, 400))

    sale = mirror.row(Sale)
    assert (sale["stopped_at"], sale["unreleased"]) == (9_000, 250)


def test_funds_set_keeps_what_was_too_much(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, FundsSet(BOB, 7))

    assert mirror.row(Funds) == {"contract": SALE, "account": BOB, "amount": 7, "block_number": 4}


def test_swept_is_kept_with_its_transaction(mirror: Mirror, community: FakeCommunity) -> None:
    place = emit(mirror, Swept(BOB, community.address, 5))

    what = {"contract": SALE, "token": BOB, "sent_to": community.address, "amount": 5}
    assert mirror.row(Sweep) == place | what


def test_a_sale_of_what_only_claims_to_be_a_community_is_passed_over(mirror: Mirror) -> None:
    stranger = FakeCommunity(2)
    mirror.chain.mine(*FakeCommunity(1).open(), sale_made(stranger))
    emit(mirror, contributed(500, 100))

    assert mirror.rows(Sale) == mirror.rows(Contribution) == mirror.rows(Token) == []
