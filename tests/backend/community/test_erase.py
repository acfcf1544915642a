"""Erasing reaches what the author said, and nothing that others, or the log itself, say in the same bytes."""

import io
import json
from typing import Any

import pytest
from sqlmodel import select

from backend import clock
from backend.community.jobs import key_blocks
from backend.ipfs.store import parse_cid
from backend.keys.bodies import Place, block_bytes, stage_file, stage_text
from backend.keys.tables import Release
from backend.log.anchor import build
from backend.log.tables import StagedBody
from backend.worker import settle
from indexer.tables.columns import ZERO_ADDRESS
from tests.factories.home import CHAIN_ID, COMMUNITY, POST_TYPE, Author, TestHome, body_of, community_rows

THEIRS = "0x" + "b0" * 20
MIB = 1024 * 1024
PICTURE = b"\x89PNG\r\n\x1a\n" + b"p" * MIB + b"q" * 100


@pytest.fixture
def stranger(home: TestHome) -> Author:
    """Wallet 2, who opened a community of its own on the same home."""
    author = home.author(2)
    for row in community_rows(author.account, home.host.home.address)[:3]:
        for name in ("address", "community"):
            if hasattr(row, name):
                setattr(row, name, THEIRS)
        if hasattr(row, "membership"):
            row.membership = ZERO_ADDRESS
        home.write(row)
    return author


def upload(home: TestHome, author: Author, data: bytes, *, community: str, gate: str | None = None) -> StagedBody:
    place = Place(CHAIN_ID, community, author.account, gate, 1)
    host = home.host
    return stage_file(
        host.database,
        host.store,
        host.master,
        place,
        file=io.BytesIO(data),
        media_type="image/png",
        salt=b"s" * 16,
    )


def publish(home: TestHome, author: Author, file: StagedBody | None, *, community: str, title: str = "A post") -> str:
    place = Place(CHAIN_ID, community, author.account, None, 1)
    words = json.dumps({"title": title}).encode()
    body = stage_text(home.host.database, home.host.master, place, body=words, media_type=POST_TYPE, salt=b"s" * 16)
    files = [{"cid": file.cid, "size": file.size, "type": "image/png", "commit": file.commit}] if file else []
    return home.say(author, "post.create", community=community, body=body_of(body), data={"files": files}).act


def erase(home: TestHome, author: Author, post: str, *, community: str) -> None:
    home.say(author, "post.erase", community=community, subject=post)
    settle(home.host)


def publish_and_erase(home: TestHome, stranger: Author, data: bytes) -> None:
    """The stranger says these bytes in a community of its own, and takes them back."""
    post = publish(home, stranger, upload(home, stranger, data, community=THEIRS), community=THEIRS)
    settle(home.host)
    erase(home, stranger, post, community=THEIRS)


def picture(home: TestHome, post: str, cid: str) -> bytes:
    content: bytes = home.client().get(f"/api/communities/{COMMUNITY}/posts/{post}/files/{cid}").content
    return content


def test_a_stranger_who_erases_the_same_picture_takes_none_away(home: TestHome, stranger: Author) -> None:
    ours = upload(home, home.owner, PICTURE, community=COMMUNITY)
    post = publish(home, home.owner, ours, community=COMMUNITY)

    publish_and_erase(home, stranger, PICTURE)

    assert picture(home, post, ours.cid) == PICTURE


def test_a_stranger_who_erases_a_part_of_a_picture_takes_none_away(home: TestHome, stranger: Author) -> None:
    ours = upload(home, home.owner, PICTURE, community=COMMUNITY)
    post = publish(home, home.owner, ours, community=COMMUNITY)

    publish_and_erase(home, stranger, PICTURE[:MIB])

    assert picture(home, post, ours.cid) == PICTURE


def test_a_stranger_who_erases_a_sealed_block_does_not_erase_what_it_seals(home: TestHome, stranger: Author) -> None:
    home.set_recovery()
    home.open_gate()
    post = home.publish("Gated", rest="The words", gate="members").act
    page = f"/api/communities/{COMMUNITY}/posts/{post}/body"
    with home.host.database.reading() as session:
        sealed = next(row for row in session.exec(select(StagedBody)) if row.item)
        ciphertext = block_bytes(session, home.host.store, sealed.cid)

    publish_and_erase(home, stranger, ciphertext)

    assert home.client(home.owner).get(page).json()["text"] == "The words"


def test_a_stranger_who_erases_the_bytes_of_the_log_leaves_the_log_whole(home: TestHome, stranger: Author) -> None:
    receipt = home.publish("A post")
    home.finalize()
    host = home.host
    with host.database.reading() as session:
        keys = key_blocks(session, host, CHAIN_ID, COMMUNITY)
    manifest = build(host.database, host.store, keys, chain_id=CHAIN_ID, community=COMMUNITY, at=1)
    assert manifest is not None
    blocks = {cid: host.store.get(parse_cid(cid)) for cid in (receipt.record, manifest.cid, *manifest.pages)}

    for data in blocks.values():
        publish_and_erase(home, stranger, data)

    assert {cid: host.store.get(parse_cid(cid)) for cid in blocks} == blocks


def test_who_read_what_is_forgotten_after_90_days(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    day, now = 86_400, clock.now()
    fields: dict[str, Any] = {
        "chain_id": CHAIN_ID,
        "community": COMMUNITY,
        "account": home.owner.account,
        "gate": "members",
    }
    with home.host.database.writing() as session:
        for age in (89, 91):
            session.add(Release(at=now - age * day, item=f"{age}", until=0, block_number=1, block_hash="0x", **fields))

    settle(home.host)
    monkeypatch.setattr(clock, "now", lambda: now + 3_600)
    settle(home.host)

    with home.host.database.reading() as session:
        assert [row.item for row in session.exec(select(Release))] == ["89"]


def test_what_nobody_else_says_is_gone(home: TestHome) -> None:
    ours = upload(home, home.owner, PICTURE, community=COMMUNITY)
    post = publish(home, home.owner, ours, community=COMMUNITY)
    settle(home.host)

    erase(home, home.owner, post, community=COMMUNITY)

    assert not home.host.store.has(parse_cid(ours.cid))
