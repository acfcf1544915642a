"""Each event of Badges about achievements, and the rows that it leaves."""

from dataclasses import asdict
from typing import Any

import pytest

from indexer.events import Event
from indexer.events.badges import (
    AchievementClaimed,
    AchievementGranted,
    AchievementSet,
    AchievementVoucherWithdrawn,
    Transfer,
)
from indexer.tables.badges import Achievement, AchievementsHeld, AchievementToken, AchievementVoucher
from indexer.tables.columns import FOR_LIFE, ZERO_ADDRESS
from indexer.tables.holdings import HoldingChange, achievement_asset
from tests.factories.events import log_of
from tests.factories.mirror import Mirror
from tests.fakes.contracts import FakeCommunity, account
from tests.fakes.suite import achievement

ALICE, BOB, ISSUER = account(1), account(2), account(60)
ID = 2**32 - 1
FIRST, SECOND = ID << 40 | 1, ID << 40 | 2


@pytest.fixture
def community(mirror: Mirror) -> FakeCommunity:
    """Opened in block 1, with an achievement since block 2."""
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    emit(mirror, community, AchievementSet(ID, achievement()))
    return community


def emit(mirror: Mirror, community: FakeCommunity, *events: Event) -> None:
    """One block holds these events of the Badges contract, and is indexed."""
    mirror.chain.mine(*(log_of(community.badges, event) for event in events))
    mirror.catch_up()


def made(*tokens: tuple[int, str]) -> list[Transfer]:
    return [Transfer(ZERO_ADDRESS, owner, token_id) for token_id, owner in tokens]


def holdings(mirror: Mirror) -> list[tuple[int, str, int]]:
    rows = mirror.rows(HoldingChange)
    assert {row["expires_at"] for row in rows} <= {0, FOR_LIFE}
    return sorted((row["block_number"], row["account"], row["value"]) for row in rows)


def test_achievement_set_gives_the_whole_achievement(mirror: Mirror, community: FakeCommunity) -> None:
    assert mirror.row(Achievement) == asdict(achievement()) | {
        "contract": community.badges,
        "achievement_id": ID,
        "label": "Member",
        "block_number": 2,
    }
    ids = {"community": community.address, "contract": community.badges, "achievement_id": ID}
    assert mirror.feed()[0] == ("achievement", ids)


def test_granted_makes_tokens_with_owners(mirror: Mirror, community: FakeCommunity) -> None:
    grant = AchievementGranted(ID, BOB, FIRST, (ALICE, ALICE), 2)
    emit(mirror, community, *made((FIRST, ALICE), (SECOND, ALICE)), grant)

    assert mirror.row(Achievement)["made"] == 2
    assert mirror.rows(AchievementToken)[1] == {
        "contract": community.badges,
        "token_id": SECOND,
        "achievement_id": ID,
        "owner": ALICE,
        "transfer_count": 0,
        "made_at": mirror.chain.head.timestamp,
        "block_number": 3,
    }
    assert mirror.row(AchievementsHeld)["tokens"] == 2
    assert holdings(mirror) == [(3, ALICE, 1), (3, ALICE, 2)]
    assert {row["asset"] for row in mirror.rows(HoldingChange)} == {achievement_asset(community.badges, ID)}


def test_a_transfer_moves_the_token_and_the_holding(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, *made((FIRST, ALICE)))
    made_at = mirror.chain.head.timestamp
    emit(mirror, community, Transfer(ALICE, BOB, FIRST))

    token = mirror.row(AchievementToken)
    assert (token["owner"], token["transfer_count"], token["made_at"]) == (BOB, 1, made_at)
    assert holdings(mirror)[1:] == [(4, ALICE, 0), (4, BOB, 1)]
    [(_, ids)] = [change for change in mirror.feed() if change[0] == "achievement"]
    assert ids["holders"] == [ALICE, BOB]


def test_a_transfer_to_oneself_counts_but_moves_nothing(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, *made((FIRST, ALICE)), Transfer(ALICE, ALICE, FIRST))

    assert mirror.row(AchievementToken)["transfer_count"] == 1
    assert holdings(mirror) == [(3, ALICE, 1)]


def test_a_burned_token_is_gone(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, *made((FIRST, ALICE)))
    emit(mirror, community, Transfer(ALICE, ZERO_ADDRESS, FIRST))

    assert mirror.rows(AchievementToken) == []
    assert mirror.row(AchievementsHeld)["tokens"] == 0
    assert holdings(mirror)[1:] == [(4, ALICE, 0)]


def test_claimed_uses_a_voucher_up(mirror: Mirror, community: FakeCommunity) -> None:
    claim = AchievementClaimed(ID, FIRST, ALICE, ISSUER, 2**256 - 1, 1, 9)
    emit(mirror, community, *made((FIRST, ALICE)), claim)

    row = mirror.row(Achievement)
    assert (row["made"], row["allowance"]) == (1, 9)
    assert mirror.row(AchievementVoucher) == voucher(community, FIRST, mirror.chain.head.timestamp, nonce=2**256 - 1)


def test_a_withdrawn_voucher_made_no_token(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, AchievementVoucherWithdrawn(ID, ISSUER, 5, BOB))

    assert mirror.row(AchievementVoucher) == voucher(community, 0, mirror.chain.head.timestamp, nonce=5)


def voucher(community: FakeCommunity, token_id: int, at: int, *, nonce: int) -> dict[str, Any]:
    key = {"contract": community.badges, "achievement_id": ID, "issuer": ISSUER, "nonce": nonce}
    return key | {"token_id": token_id, "at": at}
