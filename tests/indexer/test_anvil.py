"""The whole indexer beside a real node and the real contracts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector

from indexer.database import open_engine, reader, writer
from indexer.deployments import load_abi, load_deployment
from indexer.rpc import Rpc
from indexer.run import Indexer
from indexer.schema import prepare
from indexer.source import Source
from indexer.tables.chain import Block
from indexer.tables.community import Community, DelegatedKey, Home, Manifest, OwnerChange
from indexer.tables.holdings import HoldingChange
from indexer.tables.membership import Earnings, Membership, Payment, Tier
from indexer.verify import verify
from tests.factories.mirror import DECODER, Clock, rows_of, tables_in
from tests.fixtures.anvil import Anvil
from tests.fixtures.koinon import Deployed, opening

DAY = 86_400
DIGEST = b"\xd1" * 32
FREE, PAID = 1, 2


class Story:
    """A community on a real chain, and an indexer that looks when it is told to."""

    def __init__(self, deployed: Deployed, indexer: Indexer, connection: Any) -> None:
        self.anvil: Anvil = deployed.anvil
        self.factory = deployed.factory
        self.indexer = indexer
        self.connection = connection
        self.founder, self.alice, self.bob = self.anvil.accounts[1:4]

    def index(self) -> None:
        while not self.indexer.step():
            pass

    def send(self, contract: str, address: str, function: str, *arguments: Any, sender: str, value: int = 0) -> Any:
        """The receipt of a transaction in a block of its own."""
        [entry] = [each for each in load_abi(contract) if each.get("name") == function and each["type"] == "function"]
        types = [collapse_if_tuple(argument) for argument in entry["inputs"]]
        data = function_abi_to_4byte_selector(entry) + encode(types, arguments)  # type: ignore[arg-type]
        transaction = {"from": sender, "to": address, "data": "0x" + data.hex(), "value": hex(value)}
        receipt = self.anvil.rpc("eth_sendTransactionSync", transaction | {"gas": hex(6_000_000)})
        assert receipt["status"] == "0x1", f"{function} failed"
        return receipt

    def open(self) -> tuple[str, str]:
        """Addresses of a new community and its membership contract."""
        fields = opening("http://home.example", self.bob, salt=self.anvil.head.to_bytes(32, "big"))
        fields["tiers"] = [tuple(tier.values()) for tier in fields["tiers"]]
        self.send("CommunityFactory", self.factory, "open", tuple(fields.values()), sender=self.founder)
        self.index()
        newest = max(self.rows(Community), key=lambda row: row["opened_block"])
        return newest["address"], newest["membership"]

    def rows(self, model: Any) -> list[dict[str, Any]]:
        return rows_of(self.connection, model)

    def join(self, membership: str, tier_id: int, sender: str) -> None:
        [tier] = [row for row in self.rows(Tier) if (row["contract"], row["tier_id"]) == (membership, tier_id)]
        arguments = (tier_id, 1, tier["price"], "0x" + "00" * 20, sender, 0)
        self.send("Membership", membership, "join", *arguments, sender=sender, value=tier["price"])


@pytest.fixture
def story(deployed: Deployed, database: str) -> Iterator[Story]:
    snapshot = deployed.anvil.snapshot()
    deployment = load_deployment(deployed.folder, deployed.anvil.chain_id)
    source = Source(Rpc([deployed.anvil.url], deployed.anvil.chain_id, pause=lambda _: None), topics=DECODER.topics)
    with writer(open_engine(database), [deployment.chain_id]) as connection:
        prepare(connection)
        indexer = Indexer(connection, source, deployment=deployment, decoder=DECODER, clock=Clock())
        yield Story(deployed, indexer, connection)
    deployed.anvil.revert(snapshot)


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
    [earnings] = story.rows(Earnings)
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
