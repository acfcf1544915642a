"""The command line: answers, exit codes, and one clear line for each thing that is wrong."""

import json
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import indexer.__main__
from indexer.__main__ import DIFFERENT, FAILED, main
from indexer.database import open_engine, writer
from tests.fakes.chain import CHAIN_ID, FakeChain, FakeNode, serving
from tests.fakes.contracts import FACTORY, FakeCommunity, account

Command = Callable[..., int]


@pytest.fixture
def node(chain: FakeChain) -> Iterator[FakeNode]:
    community = FakeCommunity(1)
    chain.mine(*community.open())
    chain.mine(*community.join(account(1), 1, at=0))
    with serving(chain) as node:
        yield node


@pytest.fixture
def command(node: FakeNode, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """Runs a command as the environment says."""
    contracts = {"CommunityFactory": {"address": FACTORY, "first_block": 1}}
    (tmp_path / f"{CHAIN_ID}.json").write_text(json.dumps({"chain_id": CHAIN_ID, "contracts": contracts}))
    monkeypatch.setenv("KOINON_RPC", node.url)
    monkeypatch.setenv("KOINON_DATABASE", database)
    monkeypatch.setenv("KOINON_DEPLOYMENTS", str(tmp_path))
    kept = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    yield lambda *arguments: main(arguments)
    for number, action in kept:
        signal.signal(number, action)


def test_run_once_indexes_to_the_head(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("run", "--once") == 0
    assert "At the head, block 2; 7 logs in" in capsys.readouterr().err


def test_status_tells_how_far_the_mirror_is(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    command("run", "--once")
    capsys.readouterr()

    assert command("status", "--json") == 0
    answer = json.loads(capsys.readouterr().out)

    assert (answer["indexed"], answer["head"], answer["lag"]) == (2, 2, 0)
    assert (answer["communities"], answer["memberships"], answer["changes"]) == (1, 1, 6)
    assert answer["confirmed_seconds_ago"] >= 0
    assert command("status") == 0
    assert "memberships: 1" in capsys.readouterr().out


def test_status_of_an_empty_mirror_says_that_nothing_is_indexed(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    command("migrate")

    assert command("status", "--json") == 0
    assert json.loads(capsys.readouterr().out)["indexed"] is None


def test_status_before_migrate_is_one_clear_line(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("status") == FAILED
    assert "indexer: The database refused:" in capsys.readouterr().err


def test_migrate_makes_the_tables_and_may_be_repeated(command: Command, database: str) -> None:
    assert command("migrate") == 0
    assert command("migrate") == 0


def test_migrate_works_beside_a_running_indexer(command: Command, database: str) -> None:
    command("migrate")
    with writer(open_engine(database), [CHAIN_ID]):
        assert command("migrate") == 0


def test_rebuild_tells_how_many_logs_it_applied(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    command("run", "--once")
    capsys.readouterr()

    assert command("rebuild", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"logs": 7}


def test_verify_finds_equal_tables_equal(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    command("run", "--once")
    capsys.readouterr()

    assert command("verify") == 0
    assert "The tables equal a fresh index up to block 2." in capsys.readouterr().out


def test_verify_names_every_difference(command: Command, database: str, capsys: pytest.CaptureFixture[str]) -> None:
    command("run", "--once")
    capsys.readouterr()
    with writer(open_engine(database), [CHAIN_ID]) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE tiers SET seats = 99 WHERE tier_id = 1")
        connection.exec_driver_sql("DELETE FROM memberships")
        connection.exec_driver_sql("UPDATE holding_changes SET asset = 'else'")

    assert command("verify", "--json") == DIFFERENT
    answer = json.loads(capsys.readouterr().out)

    assert answer["ok"] is False
    assert answer["number"] == 2
    found = {
        name: {key: part[key] for key in ("missing", "extra", "different")} for name, part in answer["tables"].items()
    }
    assert found["tiers"] == {"missing": 0, "extra": 0, "different": 1}
    assert found["memberships"] == {"missing": 1, "extra": 0, "different": 0}
    assert found["holding_changes"] == {"missing": 1, "extra": 1, "different": 0}
    assert found["logs"] == {"missing": 0, "extra": 0, "different": 0}
    assert answer["tables"]["tiers"]["examples"] == [f"{CHAIN_ID}/{FakeCommunity(1).membership}/1"]


def test_verify_gives_a_few_examples_of_many_differences(
    command: Command, database: str, node: FakeNode, capsys: pytest.CaptureFixture[str]
) -> None:
    node.chain.final_depth = 1  # so that a fresh index takes two steps
    other = FakeCommunity(2)
    node.chain.mine(*other.open(), *(log for number in range(8) for log in other.join(account(number), 1, at=0)))
    command("run", "--once")
    capsys.readouterr()
    with writer(open_engine(database), [CHAIN_ID]) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE memberships SET rate = 99")

    assert command("verify", "--json") == DIFFERENT
    difference = json.loads(capsys.readouterr().out)["tables"]["memberships"]

    assert (difference["rows"], difference["different"], len(difference["examples"])) == (9, 9, 5)


def test_the_module_is_a_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["indexer", "--help"])

    with pytest.raises(SystemExit) as ended:
        runpy.run_path(indexer.__main__.__file__, run_name="__main__")

    assert ended.value.code == 0
    assert "Mirrors the contracts of one chain" in capsys.readouterr().out


def test_verify_of_nothing_says_what_to_do(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    command("migrate")

    assert command("verify") == FAILED
    assert "Nothing is indexed yet" in capsys.readouterr().err


def test_verify_finds_a_difference_when_the_node_lost_the_block(command: Command, node: FakeNode) -> None:
    command("run", "--once")
    node.chain.fork(1)  # the node is one block behind what is indexed, for good

    assert command("verify") == DIFFERENT


def test_verify_says_when_the_node_stops_answering(
    command: Command, node: FakeNode, capsys: pytest.CaptureFixture[str]
) -> None:
    command("run", "--once")
    node.faults = [None, None, *[lambda _r, _a: (500, b"")] * 100]

    assert command("verify") == FAILED
    assert "without JSON" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("setting", "value", "complaint"),
    [
        ("KOINON_RPC", "http://127.0.0.1:1", "does not answer (NewConnectionError). Start the node or fix KOINON_RPC."),
        ("KOINON_RPC", "127.0.0.1", "fix KOINON_RPC"),
        ("KOINON_CHAIN_ID", "1", "No deployment file"),
        ("KOINON_CHAIN_ID", "one", "A setting is wrong: KOINON_CHAIN_ID"),
        ("KOINON_DEPLOYMENTS", "/nowhere", "No deployment file /nowhere/31337.json"),
        ("KOINON_DATABASE", "mysql://x/y", "neither postgresql://… nor sqlite:///<file>"),
        ("KOINON_DATABASE", "sqlite://", "neither postgresql://… nor sqlite:///<file>"),
        ("KOINON_DATABASE", "sqlite:////proc/nothing/mirror.db", "cannot be written"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    setting: str,
    value: str,
    complaint: str,
) -> None:
    monkeypatch.setenv(setting, value)

    assert command("run", "--once") == FAILED
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("indexer: ")
    assert complaint in line


def test_a_file_that_is_no_database_is_one_clear_line(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mirror.db").write_bytes(b"no database" * 1000)
    monkeypatch.setenv("KOINON_DATABASE", f"sqlite:///{tmp_path / 'mirror.db'}")

    assert command("run", "--once") == FAILED
    [line] = capsys.readouterr().err.splitlines()
    assert "file is not a database" in line


def test_options_win_over_the_environment(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], node: FakeNode
) -> None:
    monkeypatch.setenv("KOINON_RPC", "http://127.0.0.1:1")

    assert command("run", "--once", "--rpc", node.url) == 0


def test_the_data_folder_is_used_without_a_database_url(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KOINON_DATABASE", "")

    assert command("migrate", "--data", str(tmp_path / "new" / "data")) == 0
    assert (tmp_path / "new" / "data" / "mirror.db").exists()


def test_a_taken_metrics_port_is_one_clear_line(
    command: Command, capsys: pytest.CaptureFixture[str], node: FakeNode
) -> None:
    port = node.url.rpartition(":")[2]

    assert command("run", "--once", "--metrics-port", port) == FAILED
    assert f"The metrics port {port} cannot be opened" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_running_indexer_cleanly(command: Command, number: signal.Signals) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "indexer", "run"], stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert running.stderr is not None
    assert "At the head" in running.stderr.readline()

    running.send_signal(number)

    assert running.wait(30) == 0
    assert running.stderr.read() == ""
    running.stderr.close()
