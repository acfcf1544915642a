"""An indexer that is killed in mid-flight goes on as if nothing had happened."""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.database import open_engine, reader
from indexer.tables.chain import Block, Change, Checkpoint, Log
from tests.factories.mirror import rows_in, tables_in
from tests.fakes.chain import CHAIN_ID, FakeChain, FakeNode, serving
from tests.fakes.contracts import FACTORY, FakeCommunity, account
from tests.fixtures.postgres import DatabaseMaker


@pytest.fixture(scope="module")
def node() -> Iterator[FakeNode]:
    """A history of 60 blocks, which the node only tells in small pieces; the last ones are not final."""
    chain, communities = FakeChain(final_depth=8), [FakeCommunity(number) for number in range(1, 4)]
    for community in communities:
        chain.mine(*community.open())
    for number in range(60):
        community = communities[number % 3]
        joined = community.join(account(number), 1, at=0)
        chain.mine(*joined, *community.renew(len(community.members), account(number)), *community.settle(1))
    chain.most_logs = 10
    with serving(chain) as node:
        yield node


@pytest.fixture
def deployments(tmp_path: Path) -> Path:
    contracts = {"CommunityFactory": {"address": FACTORY, "first_block": 1}}
    (tmp_path / f"{CHAIN_ID}.json").write_text(json.dumps({"chain_id": CHAIN_ID, "contracts": contracts}))
    return tmp_path


def start(node: FakeNode, deployments: Path, url: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "indexer", "run", "--once", "--rpc", node.url, "--database", url]
    return subprocess.Popen([*command, "--deployments", str(deployments)], env=os.environ | {"KOINON_RPC": ""})


def kill_after(node: FakeNode, deployments: Path, url: str, *, requests: int, seconds: float) -> None:
    """An indexer is killed so many seconds after its so-manieth request."""
    reached = threading.Event()

    def reach(_requests: Any, answers: Any) -> tuple[int, bytes]:
        reached.set()
        return 200, json.dumps(answers).encode()

    node.faults = [*itertools.repeat(None, requests - 1), reach]
    running = start(node, deployments, url)
    assert reached.wait(60)
    threading.Event().wait(seconds)
    running.send_signal(signal.SIGKILL)
    running.wait()
    node.faults = []


def everything(url: str) -> dict[str, Any]:
    """All that the database holds, but for the time of the last confirmation."""
    with reader(open_engine(url)) as connection:
        found: dict[str, Any] = dict(tables_in(connection))
        for model in (Block, Log, Checkpoint):
            found[str(model.__tablename__)] = rows_in(connection, model)
        found["changes"] = [row for row in rows_in(connection, Change) if row["kind"] != "block"]
    for row in found["checkpoints"]:
        del row["confirmed_at"]
    # Where a range ended decides the number of `block` entries, and which blocks without logs are remembered.
    with_logs = {log["block_number"] for log in found["logs"]}
    found["blocks"] = [(row["number"], row["hash"]) for row in found["blocks"] if row["number"] in with_logs]
    found["changes"] = [(row["block_number"], row["kind"], row["ids"], row["removed"]) for row in found["changes"]]
    return found


def check(node: FakeNode, deployments: Path, make_database: DatabaseMaker, *, kills: int) -> None:
    chance = random.Random(7)
    undisturbed, killed = make_database(), make_database()
    assert start(node, deployments, undisturbed).wait(60) == 0

    for _ in range(kills):
        kill_after(node, deployments, killed, requests=chance.randint(4, 12), seconds=chance.uniform(0, 0.02))
    assert start(node, deployments, killed).wait(60) == 0

    assert everything(killed) == everything(undisturbed)
    assert len(everything(killed)["memberships"]) == 60


def test_killed_backfill_leaves_the_same_rows(node: FakeNode, deployments: Path, make_database: DatabaseMaker) -> None:
    check(node, deployments, make_database, kills=3)


@pytest.mark.deep
def test_backfill_killed_again_and_again_leaves_the_same_rows(
    node: FakeNode, deployments: Path, make_database: DatabaseMaker
) -> None:
    check(node, deployments, make_database, kills=30)
