"""Acts, records, heads and manifests are read only in their one canonical encoding."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.dag_cbor import CID, decode_dag_cbor, encode_dag_cbor
from backend.ipfs.cid import raw_cid
from backend.log.act import COMMIT_SLICE, MAX_ACT_BYTES, Act, ActMalformed, Body, commit_of, parse_act, typed_data
from backend.log.home import HomeKey, signer_of
from backend.log.manifest import (
    Manifest,
    ManifestMalformed,
    WrapEntry,
    build_pages,
    build_wraps,
    parse_manifest,
    parse_page,
    parse_wraps,
)
from backend.log.record import AsOf, Head, Record, RecordMalformed, dag_cid_of, digest_of, parse_record, read_head

addresses = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
digests = st.binary(min_size=32, max_size=32)
dag_cids = st.binary(max_size=8).map(lambda raw: CID.cidv1_dag_cbor_sha256_32_from(raw).encode())
raw_cids = st.binary(max_size=8).map(lambda raw: raw_cid(raw).encode())
uints = st.integers(0, (1 << 40) - 1)
plain = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=10) | st.binary(max_size=10)
data = st.dictionaries(st.text(max_size=5), st.recursive(plain, lambda each: st.lists(each, max_size=3)), max_size=4)
acts = st.builds(
    Act,
    chain_id=uints,
    community=addresses,
    kind=st.text(max_size=20),
    author=addresses,
    key=st.none() | dag_cids,
    n=uints,
    at=uints,
    data=data,
    subject=st.none() | dag_cids,
    base=st.none() | dag_cids,
    body=st.none() | st.builds(Body, cid=raw_cids, size=uints, commit=digests),
    sig=st.binary(max_size=70),
)
places = st.builds(AsOf, chain_id=uints, number=uints, hash=digests.map(lambda raw: "0x" + raw.hex()))
records = st.builds(
    Record,
    epoch=uints,
    seq=uints,
    prev=st.none() | dag_cids,
    act=dag_cids,
    at=uints,
    as_of=st.lists(places, min_size=1, max_size=2).map(tuple),
)
heads = st.builds(
    Head,
    chain_id=uints,
    community=addresses,
    epoch=uints,
    seq=uints,
    record=dag_cids,
    at=uints,
    sig=st.binary(min_size=65, max_size=65),
)
manifests = st.builds(
    Manifest,
    format=st.just("c2sp-chunked-1/aes256gcm"),
    epoch=uints,
    sequence=uints,
    prev=st.none() | dag_cids,
    head=heads,
    pages=st.lists(dag_cids, max_size=3).map(tuple),
    index_block=places,
    wraps=st.lists(dag_cids, max_size=3).map(tuple),
    keyring=st.none() | dag_cids,
    roots=st.lists(raw_cids, max_size=3).map(tuple),
)


@given(acts)
def test_an_act_is_read_as_it_is_written(act: Act) -> None:
    assert parse_act(act.block) == act


@given(acts, st.data())
def test_an_act_with_any_other_byte_is_another_act_or_none(act: Act, draw: st.DataObject) -> None:
    block = bytearray(act.block)
    at = draw.draw(st.integers(0, len(block) - 1))
    block[at] ^= draw.draw(st.integers(1, 255))

    try:
        other = parse_act(bytes(block))
    except ActMalformed:
        return
    assert other != act
    assert other.block == bytes(block)


@given(acts, st.binary(max_size=70))
def test_the_id_of_an_act_does_not_depend_on_its_signature(act: Act, sig: bytes) -> None:
    assert act.signed(sig).id == act.id
    assert act.signed(sig).signing_bytes == act.signing_bytes


ACT = Act(1, "0x" + "11" * 20, "post.create", "0x" + "22" * 20, None, 1, 5, {})
FIELDS: dict[str, Any] = {**decode_dag_cbor(ACT.block)}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"community": [1]},
        {"community": ["1", b"x" * 20]},
        {"community": [1, b"x" * 19]},
        {"kind": 5},
        {"author": "0x22"},
        {"key": "text"},
        {"key": raw_cid(b"raw")},
        {"n": -1},
        {"n": True},
        {"at": 1 << 40},
        {"data": []},
        {"sig": "00"},
        {"more": 1},
        {"subject": raw_cid(b"a link")},
        {"subject": "bafynonsense"},
        {"subject": "z" * 59},
        {"body": {"cid": "x"}},
        {"body": {"cid": "x", "size": 1, "commit": b"c" * 32}},
    ],
)
def test_a_malformed_act_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ActMalformed):
        parse_act(encode_dag_cbor({**FIELDS, **changes}))


@pytest.mark.parametrize("data", [b"", b"\xff", b"\x81" * 5000, encode_dag_cbor([1]), encode_dag_cbor({"v": 1})])
def test_what_is_no_act_is_refused(data: bytes) -> None:
    with pytest.raises(ActMalformed):
        parse_act(data)


def test_an_act_that_is_too_large_is_refused() -> None:
    act = Act(1, "0x" + "11" * 20, "k", "0x" + "22" * 20, None, 1, 5, {"x": b"x" * MAX_ACT_BYTES})

    with pytest.raises(ActMalformed, match="at most"):
        parse_act(act.block)


@given(st.binary(max_size=100), st.binary(min_size=16, max_size=16))
def test_a_commit_hides_a_short_body_behind_its_salt(body: bytes, salt: bytes) -> None:
    assert commit_of(salt, body) != commit_of(bytes(16) if any(salt) else b"\1" * 16, body)
    assert commit_of(salt, body) == commit_of(salt, bytes(body))


def test_a_commit_covers_each_slice_and_their_order() -> None:
    first, second = b"a" * COMMIT_SLICE, b"b" * COMMIT_SLICE

    assert commit_of(b"", first + second) != commit_of(b"", second + first)
    assert commit_of(b"", b"") != commit_of(b"", b"\0")


def test_the_wallet_s_message_names_kind_data_and_community() -> None:
    act = Act(5, "0x" + "11" * 20, "gate.set", "0x" + "22" * 20, None, 1, 7, {"rule": {"b": 1, "a": "é"}})

    typed = typed_data(act)

    assert typed["domain"]["verifyingContract"] == act.community
    assert typed["message"]["data"] == '{"rule":{"a":"é","b":1}}'
    assert typed["message"]["kind"] == "gate.set"


@given(records)
def test_a_record_is_read_as_it_is_written(record: Record) -> None:
    assert parse_record(record.block) == record
    assert dag_cid_of(digest_of(record.cid)) == record.cid


@pytest.mark.parametrize("data", [b"", b"\xa0", encode_dag_cbor({"epoch": 1}), encode_dag_cbor([1, 2])])
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(RecordMalformed):
        parse_record(data)


@given(heads)
def test_a_head_is_read_as_it_is_written(head: Head) -> None:
    assert read_head(decode_dag_cbor(encode_dag_cbor(head.encode()))) == head


@pytest.mark.parametrize("fields", [{}, {"community": []}, None, {"v": 1, "community": [1, b""]}])
def test_what_is_no_head_is_refused(fields: object) -> None:
    with pytest.raises(RecordMalformed):
        read_head(fields)


@given(heads, st.integers(1, 2**200))
def test_a_head_names_its_signer_until_it_is_changed(head: Head, secret: int) -> None:
    key = HomeKey(secret.to_bytes(32))
    signed = key.sign(head)

    assert signer_of(signed) == key.address
    assert signer_of(Head(**{**vars(signed), "seq": head.seq ^ 1})) != key.address


@pytest.mark.parametrize("sig", [b"", b"\0" * 65, b"\xff" * 64 + b"\x1b", b"\1" * 64 + b"\x05"])
def test_a_head_with_no_signature_has_no_signer(sig: bytes) -> None:
    cid = CID.cidv1_dag_cbor_sha256_32_from(b"").encode()

    assert signer_of(Head(1, "0x" + "11" * 20, 1, 1, cid, 1, sig)) is None


@given(manifests)
def test_a_manifest_is_read_as_it_is_written(manifest: Manifest) -> None:
    assert parse_manifest(manifest.block) == manifest


@given(st.lists(dag_cids, max_size=1100))
def test_pages_hold_every_record_in_order(cids: list[str]) -> None:
    pages = build_pages(cids)

    assert [cid for page in pages for cid in parse_page(page)] == cids
    assert all(len(parse_page(page)) == 512 for page in pages[:-1])


@given(
    st.lists(
        st.builds(
            WrapEntry,
            item=st.binary(min_size=16, max_size=16).map(bytes.hex),
            kek=st.text(max_size=5),
            wrapped=st.binary(max_size=40),
        ),
        max_size=5,
    )
)
def test_wraps_hold_every_entry_by_item(entries: list[WrapEntry]) -> None:
    found = [entry for page in build_wraps(entries) for entry in parse_wraps(page)]

    assert found == sorted(entries, key=lambda entry: entry.item)


@pytest.mark.parametrize("data", [b"", encode_dag_cbor({}), encode_dag_cbor([1]), encode_dag_cbor([["x", 1]])])
def test_what_is_no_part_of_a_manifest_is_refused(data: bytes) -> None:
    for parse in (parse_manifest, parse_page, parse_wraps):
        if (parse, data) != (parse_wraps, encode_dag_cbor({})):
            with pytest.raises(ManifestMalformed):
                parse(data)
