"""The whole indexer beside a real node and the real contracts."""

import json
from pathlib import Path

from indexer.database import reader
from indexer.deployments import load_deployment
from indexer.rpc import Rpc
from indexer.source import Source
from indexer.tables.chain import Block
from indexer.tables.community import Community, DelegatedKey, Home, Manifest, OwnerChange
from indexer.tables.holdings import HoldingChange
from indexer.tables.membership import Earnings, Membership, Payment, Tier
from indexer.verify import verify
from tests.factories.mirror import DECODER, Clock, tables_in
from tests.factories.story import Story
from tests.fixtures.koinon import Deployed

DAY = 86_400
DIGEST = b"\xd1" * 32
FREE, PAID = 1, 2


def test_every_entry_point_leaves_its_rows(story: Story) -> None:
    community, membership = story.open()
    story.join(membership, PAID, story.alice)
    story.send("Community", community, "setKey", DIGEST, 2**40 - 1, sender=story.alice)
    story.send("Community", community, "publishManifest", DIGEST, 7, sender=story.founder)
    story.send("Community", community, "moveHome", "http://new.example", story.bob, DIGEST, 5, sender=story.founder)
    story.send("Community", community, "offerOwnership", story.bob, sender=story.founder)
    story.send("Community", community, "acceptOwnership", sender=story.bob)
    story.anvil.advance(20 * DAY)
    story.index()
    [joined] = story.rows(Membership)
    story.send("Membership", membership, "settle", [joined["token_id"]], sender=story.bob)
    story.send("Community", community, "collect", membership, story.bob, sender=story.alice)
    arguments = (story.alice, story.bob, joined["token_id"])
    story.send("Membership", membership, "transferFrom", *arguments, sender=story.alice)
    story.index()

    [row] = story.rows(Community)
    assert (row["owner"], row["founder"], row["epoch"], row["manifest_sequence"]) == (story.bob, story.founder, 2, 7)
    assert row["home_uri"] == "http://new.example"
    assert [home["epoch"] for home in story.rows(Home)] == [1, 2]
    assert story.rows(Manifest)[0]["digest"] == "0x" + DIGEST.hex()
    assert story.rows(DelegatedKey)[0]["account"] == story.alice
    assert [change["owner"] for change in story.rows(OwnerChange)][-1] == story.bob
    assert [tier["label"] for tier in story.rows(Tier)] == ["Friends", "Members", "Patrons"]
    assert [tier["seats"] for tier in story.rows(Tier)] == [0, 1, 0]
    [moved] = story.rows(Membership)
    assert (moved["holder"], moved["transfer_count"]) == (story.bob, 1)
    held = {(row["account"], row["value"]) for row in story.rows(HoldingChange)}
    assert held == {(story.alice, 1), (story.alice, 0), (story.bob, 1)}
    [earnings] = [row for row in story.rows(Earnings) if row["contract"] == membership]
    assert 0 < earnings["withdrawn_total"] <= earnings["earned_total"] < story.rows(Tier)[1]["price"]
    assert moved["unearned"] + earnings["earned_total"] == story.rows(Payment)[0]["amount"]


def test_a_reorg_of_five_blocks_takes_a_join_back_and_another_gives_it_again(story: Story) -> None:
    _, membership = story.open()
    before = story.anvil.head
    story.join(membership, FREE, story.alice)
    transaction = story.anvil.rpc("eth_getBlockByNumber", "latest", True)["transactions"][0]
    story.anvil.mine(4)
    story.index()
    joined = story.rows(Membership)

    story.anvil.reorg(5)
    story.index()
    removed = story.rows(Membership)
    call = {name: transaction[name] for name in ("from", "to", "value")} | {"data": transaction["input"]}
    story.anvil.reorg(5, [(call | {"gas": hex(6_000_000)}, 0)])
    story.index()
    restored = story.rows(Membership)

    assert [row["holder"] for row in joined] == [story.alice]
    assert removed == []
    assert [row["holder"] for row in restored] == [story.alice]
    assert restored[0]["block_number"] == before + 1
    assert story.indexer.counts.reorgs == 2


def test_a_fresh_index_of_the_same_chain_is_equal(story: Story, deployed: Deployed, tmp_path: Path) -> None:
    _, membership = story.open()
    for sender in (story.alice, story.bob):
        story.join(membership, PAID, sender)
    story.anvil.mine(70)
    story.index()
    story.connection.rollback()

    deployment = load_deployment(deployed.folder, deployed.anvil.chain_id)
    source = Source(Rpc([deployed.anvil.url], deployed.anvil.chain_id, pause=lambda _: None), topics=DECODER.topics)
    with reader(story.connection.engine) as connection:
        verdict = verify(connection, source, deployment=deployment, decoder=DECODER, clock=Clock())
        tables = tables_in(connection)

    assert verdict.ok
    assert json.dumps(verdict.as_json())
    assert len(tables["memberships"]) == 2
    assert len(story.rows(Block)) < 80
