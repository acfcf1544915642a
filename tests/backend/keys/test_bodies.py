"""Bodies are kept with a salt, sealed behind a gate before anything is stored, and checked when they are opened."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from backend import clock
from backend.dag_cbor import encode_dag_cbor
from backend.ipfs.store import cat, file_size, parse_cid, reader
from backend.keys.bodies import (
    MAX_FILE_BYTES,
    MAX_TEXT_BYTES,
    SALT_BYTES,
    BodyBroken,
    BodyGone,
    Place,
    block_bytes,
    public_body,
    stage_file,
    unpack,
    unseal,
)
from backend.keys.cipher import open_range, plain_size
from backend.keys.envelope import context_of
from backend.log.act import Body, commit_of
from backend.log.anchor import copy_blocks
from backend.log.tables import LogBlock, StagedBody
from backend.problems import TooLarge
from backend.worker import settle
from tests.factories.home import CHAIN_ID, COMMUNITY, TestHome, body_of

SALT = b"s" * 16


def place(home: TestHome, gate: str | None) -> Place:
    return Place(CHAIN_ID, COMMUNITY, home.owner.account, gate, clock.now())


@given(st.binary(max_size=2000), st.binary(min_size=16, max_size=16), st.binary(min_size=1, max_size=5))
def test_a_body_is_read_only_as_what_its_author_signed(body: bytes, salt: bytes, tail: bytes) -> None:
    packed = encode_dag_cbor({"salt": salt, "type": "text/markdown", "body": body})

    assert unpack(packed, commit=commit_of(salt, body)).body == body
    with pytest.raises(BodyBroken):
        unpack(packed, commit=commit_of(salt, body + tail))


@pytest.mark.parametrize("packed", [b"", b"\xa0", encode_dag_cbor([1]), encode_dag_cbor({"salt": 1})])
def test_what_is_no_body_is_refused(packed: bytes) -> None:
    with pytest.raises(BodyBroken):
        unpack(packed, commit=b"c" * 32)


def test_a_sealed_body_opens_with_its_own_key_at_its_own_place_only(home: TestHome) -> None:
    home.set_recovery()
    staged = home.stage(home.owner, "The words", gate="members")
    assert staged.item is not None
    with home.host.database.reading() as session:
        block = block_bytes(session, home.host.store, staged.cid)
        key = home.host.master.content_keys(session, [staged.item])[staged.item]
    context = {"chain_id": CHAIN_ID, "community": COMMUNITY, "item": staged.item, "commit": staged.commit}

    assert unseal(block, key, **context).text == "The words"  # type: ignore[arg-type]
    for other in ({"chain_id": 1}, {"community": "0x" + "11" * 20}, {"item": "00" * 16}, {"commit": b"x" * 32}):
        with pytest.raises(BodyBroken):
            unseal(block, key, **{**context, **other})  # type: ignore[arg-type]


def test_a_text_that_is_too_long_is_refused(home: TestHome) -> None:
    with pytest.raises(TooLarge):
        home.stage(home.owner, "x" * (MAX_TEXT_BYTES + 1))

    with home.host.database.reading() as session:
        assert session.exec(select(StagedBody)).all() == []


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_a_sealed_file_opens_and_commits_to_its_salt(home: TestHome, size: int) -> None:
    home.set_recovery()
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    host = home.host

    staged = stage_file(
        host.database,
        host.store,
        host.master,
        place(home, "members"),
        file=BytesIO(data),
        media_type="image/png",
        salt=SALT,
    )

    assert (staged.size, staged.commit) == (size, commit_of(SALT, data))
    assert staged.item is not None
    root = parse_cid(staged.cid)
    with host.database.reading() as session:
        key = host.master.content_keys(session, [staged.item])[staged.item]
    sealed = file_size(host.store, root)
    context = context_of(CHAIN_ID, COMMUNITY, item=bytes.fromhex(staged.item))
    opened = open_range(reader(host.store, root), sealed, key=key, context=context, start=0, length=plain_size(sealed))
    assert b"".join(opened) == SALT + data
    assert len(SALT) == SALT_BYTES


def test_a_public_file_is_the_file_itself(home: TestHome) -> None:
    host, data = home.host, b"picture" * 1000

    staged = stage_file(
        host.database,
        host.store,
        host.master,
        place(home, None),
        file=BytesIO(data),
        media_type="image/png",
        salt=SALT,
    )

    assert staged.commit == commit_of(b"", data)
    assert b"".join(cat(host.store, parse_cid(staged.cid))) == data


class Endless:
    """A file without end."""

    def read(self, size: int = -1) -> bytes:
        return b"\0" * (size if size > 0 else 1 << 20)


def test_a_file_without_end_is_refused(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.keys.bodies.MAX_FILE_BYTES", 3 << 20)
    host = home.host
    assert MAX_FILE_BYTES > 3 << 20

    with pytest.raises(TooLarge):
        stage_file(
            host.database,
            host.store,
            host.master,
            place(home, None),
            file=Endless(),  # type: ignore[arg-type]
            media_type="image/png",
            salt=SALT,
        )


def test_a_block_is_read_from_the_store_when_the_database_has_it_no_more(home: TestHome) -> None:
    staged = home.stage(home.owner, "Words")
    copy_blocks(home.host.database, home.host.store)
    with home.host.database.writing() as session:
        session.delete(session.exec(select(LogBlock).where(LogBlock.cid == staged.cid)).one())

    with home.host.database.reading() as session:
        packed = block_bytes(session, home.host.store, staged.cid)
        with pytest.raises(BodyGone):
            block_bytes(session, home.host.store, "bafkreifj6ukwnplhax36u2wvjo455ncj66kvqllffgqoeiqhxcmbem7mla")

    assert unpack(packed, commit=staged.commit).text == "Words"


def test_projections_see_only_public_bodies_of_the_type_that_they_want(home: TestHome) -> None:
    staged = home.stage(home.owner, "Words")
    body = body_of(staged)

    with home.host.database.reading() as session:
        found = public_body(session, body, "text/markdown")
        assert found is not None
        assert found.text == "Words"
        assert public_body(session, body, "text/plain") is None
        assert public_body(session, Body(body.cid, body.size, b"x" * 32), "text/markdown") is None
        assert public_body(session, None, "text/markdown") is None


def test_a_body_that_no_act_named_within_a_day_is_swept_with_its_key(
    home: TestHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.set_recovery()
    staged = home.stage(home.owner, "Never said", gate="members")
    kept = home.publish("Said")
    settle(home.host)
    later = clock.now() + 90_000
    monkeypatch.setattr(clock, "now", lambda: later)

    settle(home.host)

    with home.host.database.reading() as session:
        rows = session.exec(select(StagedBody)).all()
        assert [row.claimed_by for row in rows] == [kept.act]
        assert home.host.master.content_keys(session, [staged.item or ""]) == {}
        with pytest.raises(BodyGone):
            block_bytes(session, home.host.store, staged.cid)
