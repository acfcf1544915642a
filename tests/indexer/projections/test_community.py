"""Each event of CommunityFactory and Community and the rows that it leaves."""

from dataclasses import asdict

import pytest

from indexer.events import Event
from indexer.events.community import (
    Collected,
    HomeMoved,
    KeySet,
    ManifestPublished,
    OperatorAnnounced,
    OwnershipOffered,
    OwnershipTransferred,
    RolesSet,
    SaleOpened,
    SharesSet,
    Split,
)
from indexer.tables.badges import BadgeRates
from indexer.tables.columns import ZERO_ADDRESS, ZERO_HASH
from indexer.tables.community import (
    Collection,
    Community,
    CommunityRole,
    DelegatedKey,
    Home,
    Manifest,
    OwnerChange,
    ShareChange,
)
from indexer.tables.community import Split as SplitRow
from indexer.tables.crowdsale import Sale
from indexer.tables.membership import Earnings
from indexer.tables.store import StorePolicy
from tests.factories.mirror import Mirror
from tests.fakes.contracts import MONTH, RATES, FakeCommunity, account
from tests.fakes.suite import SALE, sale_made

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


def test_opened_gives_the_whole_community(mirror: Mirror, community: FakeCommunity) -> None:
    assert mirror.row(Community) == {
        "address": community.address,
        "founder": FOUNDER,
        "owner": FOUNDER,
        "pending_owner": ZERO_ADDRESS,
        "membership": community.membership,
        "badges": community.badges,
        "store": community.store,
        "currency": ZERO_ADDRESS,
        "notice_seconds": MONTH,
        "royalty_bps": 500,
        "operator": ZERO_ADDRESS,
        "operator_bps": 0,
        "operator_cap_bps": 500,
        "next_operator": ZERO_ADDRESS,
        "next_operator_bps": 0,
        "next_operator_since": 0,
        "parent": ZERO_ADDRESS,
        "parent_bps": 0,
        "splits_locked_until": 0,
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


def test_opened_gives_the_first_home_rates_and_books(mirror: Mirror, community: FakeCommunity) -> None:
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
    assert mirror.row(BadgeRates) == asdict(RATES) | {
        "contract": community.membership,
        "version": 0,
        "block_number": 1,
        "at": mirror.chain.head.timestamp,
    }
    nothing = {"earned_total": 0, "withdrawn_total": 0}
    assert mirror.rows(Earnings) == [
        {"contract": community.membership} | nothing,
        {"contract": community.store} | nothing,
    ]
    assert mirror.row(StorePolicy) == {
        "contract": community.store,
        "community_bps": 1_000,
        "members_may_list": True,
        "block_number": 1,
    }


def test_opened_tells_each_change_once(mirror: Mirror, community: FakeCommunity) -> None:
    tier = {"community": community.address, "contract": community.membership}

    assert mirror.feed() == [
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
    assert mirror.feed()[0] == ("home", {"community": community.address, "epoch": 2})


def test_manifest_published_is_the_newest_of_all(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, ManifestPublished(5, DIGEST, 1, ALICE))
    emit(mirror, community, ManifestPublished(2**64 - 1, ZERO_HASH, 1, BOB))

    row = mirror.row(Community)
    assert (row["manifest_sequence"], row["manifest_digest"]) == (2**64 - 1, ZERO_HASH)
    assert [(row["sequence"], row["publisher"]) for row in mirror.rows(Manifest)] == [(5, ALICE), (2**64 - 1, BOB)]
    assert mirror.feed()[0] == ("manifest", {"community": community.address, "sequence": 2**64 - 1})


def test_key_set_keeps_the_newest_word_on_each_key(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, KeySet(ALICE, DIGEST, 5), KeySet(ALICE, ZERO_HASH, 0), KeySet(ALICE, DIGEST, 0))

    keys = [(row["account"], row["key_hash"], row["until"], row["log_index"]) for row in mirror.rows(DelegatedKey)]
    assert keys == [(ALICE, ZERO_HASH, 0, 1), (ALICE, DIGEST, 0, 2)]
    assert mirror.feed()[0] == ("key", {"community": community.address, "account": ALICE})


def test_roles_set_replaces_the_roles(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, RolesSet(ALICE, 8), RolesSet(ALICE, 3))

    assert mirror.row(CommunityRole) == {"community": community.address, "account": ALICE, "roles": 3}
    assert mirror.feed()[0] == ("community", {"community": community.address})


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
    emit(mirror, community, SharesSet(ALICE, 300, BOB, 1000, (), 77))

    row = mirror.row(Community)
    assert (row["operator"], row["operator_bps"], row["parent"], row["parent_bps"]) == (ALICE, 300, BOB, 1000)
    assert row["splits_locked_until"] == 77


def test_shares_set_keeps_all_earlier_shares(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, SharesSet(ALICE, 300, BOB, 1000, (Split(BOB, 10_000), Split(ALICE, 1)), 2**40 - 1))
    emit(mirror, community, SharesSet(ALICE, 300, BOB, 1000, (Split(FOUNDER, 7),), 0))

    changes = mirror.rows(ShareChange)
    assert [change["block_number"] for change in changes] == [1, 2, 3]
    assert changes[1] == {
        "community": community.address,
        "block_number": 2,
        "log_index": 0,
        "operator": ALICE,
        "operator_bps": 300,
        "parent": BOB,
        "parent_bps": 1000,
        "splits_locked_until": 2**40 - 1,
        "at": mirror.chain.blocks[2].timestamp,
    }
    splits = [(row["block_number"], row["account"], row["bps"]) for row in mirror.rows(SplitRow)]
    assert splits == [(2, ALICE, 1), (2, BOB, 10_000), (3, FOUNDER, 7)]


def test_operator_announced_waits_beside_the_one_in_office(mirror: Mirror, community: FakeCommunity) -> None:
    emit(mirror, community, OperatorAnnounced(ALICE, 400, 2**40 - 1))
    announced = mirror.row(Community)
    emit(mirror, community, OperatorAnnounced(ZERO_ADDRESS, 0, 0))
    taken_back = mirror.row(Community)

    names = ("operator", "next_operator", "next_operator_bps", "next_operator_since")
    assert [announced[name] for name in names] == [ZERO_ADDRESS, ALICE, 400, 2**40 - 1]
    assert [taken_back[name] for name in names] == [ZERO_ADDRESS, ZERO_ADDRESS, 0, 0]
    assert mirror.feed()[0] == ("community", {"community": community.address})


def test_sale_opened_tells_of_the_sale_once(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(sale_made(community), community.hub(RolesSet(SALE, 16)), community.hub(SaleOpened(SALE)))
    mirror.catch_up()

    assert mirror.row(Sale)["address"] == SALE
    assert mirror.row(CommunityRole)["roles"] == 16
    assert [ids for kind, ids in mirror.feed() if kind == "sale"] == [{"community": community.address, "sale": SALE}]


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
    assert mirror.feed()[0] == ("earnings", {"community": community.address, "contract": community.membership})
