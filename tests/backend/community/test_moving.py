"""A move names the newest record; one that was overtaken can be made good by another, and loses nothing."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from backend import clock
from backend.community.jobs import key_blocks
from backend.log.anchor import build
from backend.log.append import NotTheHome
from indexer.tables.community import Community, Home
from tests.factories.home import BASE_URL, CHAIN_ID, COMMUNITY, TestHome

PATH = f"/api/communities/{COMMUNITY}/move"
NEW = "http://new.example"


@pytest.fixture
def owner(home: TestHome) -> TestClient:
    home.finalize()
    return home.client(home.owner)


def write(home: TestHome) -> int:
    return home.open_gate().seq


def anchored(home: TestHome) -> None:
    """All of the log is in a manifest that the chain knows."""
    with home.host.database.reading() as session:
        keys = key_blocks(session, home.host, CHAIN_ID, COMMUNITY)
    manifest = build(home.host.database, home.host.store, keys, chain_id=CHAIN_ID, community=COMMUNITY, at=clock.now())
    assert manifest is not None
    home.mine()
    with Session(home.mirror) as session:
        row = session.exec(select(Community)).one()
        row.manifest_sequence = manifest.sequence
        session.add(row)
        session.commit()


def moved(home: TestHome, *, to: str, sequence: int, digest: str) -> None:
    """The chain has a move with this base, under the same key."""
    home.mine()
    with Session(home.mirror) as session:
        row = session.exec(select(Community)).one()
        old = session.exec(select(Home).order_by(col(Home.epoch))).first()
        assert old is not None
        row.epoch, row.home_uri = row.epoch + 1, to
        base = {"sequence": sequence, "base_digest": digest, "block_number": home.head}
        session.add(Home(**old.model_dump() | {"epoch": row.epoch, "uri": to} | base))
        session.add(row)
        session.commit()
    home.finalize()


def ask(home: TestHome, owner: TestClient, uri: str, **base: object) -> str:
    """Why a move to this address is refused; empty when it is not."""
    body = {"account": home.owner.account, "uri": uri, "home_key": home.host.home.address, **base}
    answer = owner.post(f"/api/communities/{COMMUNITY}/transactions/move-home", json=body)
    return str(answer.json().get("reason", ""))


def base(owner: TestClient) -> dict[str, object]:
    told = owner.get(PATH).json()
    return {"sequence": told["sequence"], "base_digest": told["base_digest"]}


def test_a_move_that_was_overtaken_is_made_good_by_another(home: TestHome, owner: TestClient) -> None:
    write(home)
    signed = base(owner)
    write(home)
    moved(home, to=NEW, sequence=int(str(signed["sequence"])), digest=str(signed["base_digest"]))

    with pytest.raises(NotTheHome):
        write(home)
    assert owner.get(PATH).json()["torn"] is True
    assert "Nobody can write here now" in owner.get(f"/c/{COMMUNITY}/manage/move").text

    anchored(home)
    newest = base(owner)
    assert ask(home, owner, NEW, **newest) == ""
    moved(home, to=NEW, sequence=int(str(newest["sequence"])), digest=str(newest["base_digest"]))
    assert write(home) == 3
    assert owner.get(PATH).json()["torn"] is False


def test_a_move_that_says_nothing_new_is_refused(home: TestHome, owner: TestClient) -> None:
    write(home)
    anchored(home)

    assert ask(home, owner, BASE_URL, **base(owner)) == "move-same"
    assert ask(home, owner, NEW, sequence=0, base_digest="0x" + "00" * 32) == "move-base"


@pytest.mark.parametrize(
    "uri",
    ["https://koinon.example@evil.example", "https://evil.example/\u202emoc.elpmaxe//:sptth", "javascript:alert(1)"],
)
def test_only_a_plain_address_of_a_home_becomes_a_link(home: TestHome, uri: str) -> None:
    moved(home, to=uri, sequence=0, digest="0x" + "00" * 32)
    with Session(home.mirror) as session:
        row = session.exec(select(Community)).one()
        row.home_key = "0x" + "99" * 20
        session.add(row)
        session.commit()

    page = home.client().get(f"/c/{COMMUNITY}").text

    assert "data-moved" in page
    assert "evil" not in page
    assert "javascript:" not in page
