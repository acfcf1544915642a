"""Each event of CommunityFactory and Community and the rows that it leaves."""

import pytest
from sqlalchemy import select

from indexer.checkpoint import CHANGES
from indexer.events import Event
from indexer.events.community import (
    Collected,
    HomeMoved,
    KeySet,
    ManifestPublished,
    OwnershipOffered,
    OwnershipTransferred,
    RolesSet,
    SharesSet,
)
from indexer.tables.columns import ZERO_ADDRESS, ZERO_HASH
from indexer.tables.community import (
    Collection,
    Community,
    CommunityRole,
    DelegatedKey,
    Home,
    Manifest,
    OwnerChange,
)
from indexer.tables.membership import Earnings
from tests.factories.mirror import Mirror
from tests.fakes.contracts import MONTH, FakeCommunity, account

FOUNDER, ALICE, BOB = account(0), account(1), account(2)
DIGEST = "0x" + "d1" * 32


@pytest.fixture
def community(mirror: Mirror) -> FakeCommunity:
    """Opened in block 1."""
    community = FakeCommunity(1, founder=FOUNDER)
    mirror.chain.mine(*community.open())
    mirror.catch_up()
    return community


def emit(mirror: Mirror, community: FakeCommunity, *events: Event) -> None:
    """One block holds these events of the Community contract, and is indexed."""
    mirror.chain.mine(*(community.hub(event) for event in events))
    mirror.catch_up()


def feed(mirror: Mirror) -> list[tuple[str, dict[str, object]]]:
    """Kinds and ids of the newest block."""
    with mirror.connection.begin():
        newest = select(CHANGES.c.kind, CHANGES.c.ids).where(CHANGES.c.block_number == mirror.chain.head.number)
        return [(kind, ids) for kind, ids in mirror.connection.execute(newest.order_by(CHANGES.c.seq))]


def test_opened_gives_the_whole_community(mirror: Mirror, community: FakeCommunity) -> None:
    assert mirror.row(Community) == {
        "address": community.address,
        "founder": FOUNDER,
        "owner": FOUNDER,
        "pending_owner": ZERO_ADDRESS,
        "membership": community.membership,
        "badges": ZERO_ADDRESS,
        "store": ZERO_ADDRESS,
        "currency": ZERO_ADDRESS,
        "notice_seconds": MONTH,
        "operator": ZERO_ADDRESS,
        "operator_bps": 0,
        "operator_cap_bps": 500,
        "parent": ZERO_ADDRESS,
        "parent_bps": 0,
        "name": "Community 1",
        "symbol": "COM",
        "home_uri": "http://home.example",
        "home_key": account(99),
        "epoch": 1,
        "manifest_sequence": 0,
        "manifest_digest": None,
        "opened_block": 1,
        "opened_at": mirror.chain.head.timestamp,
        "block_number": 1,
    }
    assert mirror.row(Home) == {
        "community": community.address,
        "epoch": 1,
        "uri": "http://home.example",
        "home_key": account(99),
        "base_digest": ZERO_HASH,
        "sequence": 0,
        "block_number": 1,
        "block_hash": mirror.chain.head.hash,
        "at": mirror.chain.head.timestamp,
    }
    assert mirror.row(Earnings) == {"contract": community.membership, "earned_total": 0, "withdrawn_total": 0}


def test_opened_tells_each_change_once(mirror: Mirror, community: FakeCommunity) -> None:
    tier = {"community": community.address, "contract": community.membership}

    assert feed(mirror) == [
        ("community", {"community": community.address}),
        ("home", {"community": community.address, "epoch": 1}),
        ("tier", tier | {"tier_id": 1}),
        ("tier", tier | {"tier_id": 2}),
        ("block", {}),
    ]


def test_home_moved_begins_an_epoch(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, HomeMoved(2, "https://new.example", ALICE, DIGEST, 2**64 - 1))

    row = mirror.row(Community)
    assert (row["epoch"], row["home_uri"], row["home_key"]) == (2, "https://new.example", ALICE)
    home = mirror.rows(Home)[1]
    assert (home["epoch"], home["base_digest"], home["sequence"]) == (2, DIGEST, 2**64 - 1)
    assert feed(mirror)[0] == ("home", {"community": community.address, "epoch": 2})


def test_manifest_published_is_the_newest_of_all(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, ManifestPublished(5, DIGEST, 1, ALICE))
    emit(mirror, community, ManifestPublished(2**64 - 1, ZERO_HASH, 1, BOB))

    row = mirror.row(Community)
    assert (row["manifest_sequence"], row["manifest_digest"]) == (2**64 - 1, ZERO_HASH)
    assert [(row["sequence"], row["publisher"]) for row in mirror.rows(Manifest)] == [(5, ALICE), (2**64 - 1, BOB)]
    assert feed(mirror)[0] == ("manifest", {"community": community.address, "sequence": 2**64 - 1})


def test_key_set_keeps_the_newest_word_on_each_key(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, KeySet(ALICE, DIGEST, 5), KeySet(ALICE, ZERO_HASH, 0), KeySet(ALICE, DIGEST, 0))

    keys = [(row["account"], row["key_hash"], row["until"], row["log_index"]) for row in mirror.rows(DelegatedKey)]
    assert keys == [(ALICE, ZERO_HASH, 0, 1), (ALICE, DIGEST, 0, 2)]
    assert feed(mirror)[0] == ("key", {"community": community.address, "account": ALICE})


def test_roles_set_replaces_the_roles(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, RolesSet(ALICE, 8), RolesSet(ALICE, 3))

    assert mirror.row(CommunityRole) == {"community": community.address, "account": ALICE, "roles": 3}
    assert feed(mirror)[0] == ("community", {"community": community.address})


def test_ownership_is_offered_and_then_taken(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, OwnershipOffered(FOUNDER, ALICE))
    offered = mirror.row(Community)
    emit(mirror, community, OwnershipTransferred(FOUNDER, ALICE))
    taken = mirror.row(Community)

    assert (offered["owner"], offered["pending_owner"]) == (FOUNDER, ALICE)
    assert (taken["owner"], taken["pending_owner"], taken["founder"]) == (ALICE, ZERO_ADDRESS, FOUNDER)
    owners = [(row["block_number"], row["owner"]) for row in mirror.rows(OwnerChange)]
    assert owners[-1] == (3, ALICE)
    assert {owner for block, owner in owners if block == 1} == {FOUNDER}


def test_shares_set_replaces_the_shares(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, SharesSet(ALICE, 300, BOB, 1000))

    row = mirror.row(Community)
    assert (row["operator"], row["operator_bps"], row["parent"], row["parent_bps"]) == (ALICE, 300, BOB, 1000)


def test_collected_is_kept_with_its_transaction(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, Collected(community.membership, ALICE, ZERO_ADDRESS, 2**200, 2**256 - 1, BOB))

    assert mirror.row(Collection) == {
        "community": community.address,
        "block_number": 2,
        "log_index": 0,
        "source": community.membership,
        "account": ALICE,
        "currency": ZERO_ADDRESS,
        "amount": 2**200,
        "taken": 2**256 - 1,
        "tx_hash": mirror.chain.head.log_as_json(0)["transactionHash"],
        "at": mirror.chain.head.timestamp,
    }
    assert feed(mirror)[0] == ("earnings", {"community": community.address, "contract": community.membership})
