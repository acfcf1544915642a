"""`koinon reconcile`: the whole way from the tables to one line, and each wrong row by name."""

import json
import subprocess
import sys
from secrets import token_bytes

import pytest
from sqlalchemy import text

from backend.reconcile import reconcile
from backend.setup import SetupFailed
from indexer.database import open_engine
from scripts.playground.home import environment_of
from tests.fixtures.koinon import PAID, Koinon
from tests.fixtures.tools import ROOT


def command(koinon: Koinon, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**environment_of(koinon.host.settings), "COLUMNS": "300", "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-m", "backend", "reconcile", *arguments]
    return subprocess.run(line, capture_output=True, text=True, env=environment, check=False, cwd=koinon.log.parent)


def mirror_url(koinon: Koinon) -> str:
    settings = koinon.host.settings
    return settings.database or f"sqlite:///{settings.data / 'mirror.db'}"


@pytest.fixture
def community(koinon: Koinon) -> str:
    """Two people joined, a month has passed, and one of them left."""
    opened = koinon.open_community(koinon.member(1), salt=token_bytes(32))
    koinon.await_head()
    leaving, staying = koinon.member(2), koinon.member(3)
    for member in (leaving, staying):
        member.join(opened.community, tier_id=PAID)
    token_id = leaving.token_id(opened.community)
    koinon.anvil.advance(86_400)
    leaving.call("Membership", opened.membership, "cancel", token_id, leaving.account.address)
    koinon.await_head()
    return opened.community


def test_reconcile_finds_no_difference_after_what_members_did(koinon: Koinon, community: str) -> None:
    done = command(koinon)

    assert done.returncode == 0, done.stderr
    assert "difference 0 wei" in done.stdout
    held = int(koinon.anvil.rpc("eth_getBalance", membership_of(koinon, community), "latest"), 16)
    assert f"{membership_of(koinon, community)}  holds {held}, owes {held}" in done.stdout
    assert reconcile(koinon.host.settings, community).ok


def test_reconcile_names_the_row_and_fails_when_a_table_is_wrong(koinon: Koinon, community: str) -> None:
    koinon.stop_indexer()
    engine = open_engine(mirror_url(koinon))
    with engine.begin() as connection:
        connection.execute(text("UPDATE earnings SET withdrawn_total = '5'"))
    done = command(koinon, "--community", community)
    with engine.begin() as connection:
        connection.execute(text("UPDATE earnings SET withdrawn_total = :none"), {"none": zero(koinon)})
    koinon.start_indexer()

    assert done.returncode == 1
    row = f"earnings 31337/{membership_of(koinon, community)}: withdrawn_total is 5, but 0 by earnings of the contract"
    assert row in done.stderr
    assert "earnings: has wrong" in done.stderr


def test_reconcile_refuses_what_is_no_address_and_what_is_no_community(koinon: Koinon) -> None:
    assert command(koinon, "--community", "0x12").returncode == 2
    unknown = command(koinon, "--community", "0x" + "12" * 20)

    assert unknown.returncode == 1
    assert "There is no community" in unknown.stderr


def test_reconcile_says_when_the_node_is_away(koinon: Koinon, community: str) -> None:
    settings = koinon.host.settings.model_copy(update={"rpc": "http://127.0.0.1:9"})

    with pytest.raises(SetupFailed, match="does not answer"):
        reconcile(settings)


def zero(koinon: Koinon) -> str:
    return "0" if koinon.host.settings.database else "0" * 78


def membership_of(koinon: Koinon, community: str) -> str:
    return str(json.loads(koinon.members[0].page(f"/api/communities/{community}"))["membership"]).lower()
