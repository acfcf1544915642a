import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.dag_cbor import CID, DagCborTypes, decode_dag_cbor, encode_dag_cbor
from backend.ipfs.cid import DAG_CBOR, DAG_PB, RAW, cid_of, codec_of, dag_cid, matches, parse_cid, raw_cid, strict_cid

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "dag-cbor.json").read_text())["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=[each["dag_cbor_cid"][-6:] for each in VECTORS])
def test_dag_cbor_equals_the_vectors(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["dag_cbor_hex"])

    decoded = decode_dag_cbor(data)

    assert encode_dag_cbor(decoded) == data
    assert dag_cid(data).encode() == vector["dag_cbor_cid"]


@pytest.mark.parametrize(
    "code",
    [
        "1800",  # an integer that is not minimal
        "a2616201616102",  # keys out of order
        "a2616101616102",  # a key twice
        "a10102",  # a key that is no text
        "fa3fc00000",  # float32
        "fb7ff8000000000000",  # NaN
        "9f01ff",  # an indefinite list
        "c001",  # a tag that is not 42
        "61ff",  # text that is not UTF-8
        "8201",  # a list cut off
        "0101",  # two objects
        "f7",  # undefined
        "d82a5825010155122000",  # a link without the leading zero byte, cut off
    ],
)
def test_dag_cbor_refuses_other_encodings(code: str) -> None:
    with pytest.raises(ValueError):
        decode_dag_cbor(bytes.fromhex(code))


def test_dag_cbor_keeps_byte_strings_that_look_like_a_cid() -> None:
    address: DagCborTypes = {"a": b"\x01" * 20, "b": raw_cid(b"").cid_bytes}

    assert decode_dag_cbor(encode_dag_cbor(address)) == address


@given(st.binary(), st.sampled_from([RAW, DAG_PB, DAG_CBOR]))
def test_parse_cid_reads_the_text_of_every_cid(data: bytes, codec: int) -> None:
    cid = cid_of(data, codec=codec)

    assert parse_cid(cid.encode()) == cid == strict_cid(cid.cid_bytes)
    assert codec_of(cid) == codec
    assert matches(cid, data)
    assert not matches(cid, data + b"x")


TEXT = raw_cid(b"x").encode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        TEXT + "=",
        TEXT.upper(),
        "B" + TEXT[1:].upper(),
        TEXT[:-1] + "b",  # bits beyond the last byte are not zero
        "é" * 59,
        "\0" * 59,
        "z" + TEXT[1:],
        CID(b"\x12\x20" + bytes(32)).encode(),
        CID(b"\x01\x51\x12\x20" + bytes(32)).encode(),
        "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH",
    ],
)
def test_parse_cid_refuses_every_other_text(text: str) -> None:
    with pytest.raises(ValueError):
        parse_cid(text)


@pytest.mark.parametrize(
    "cid_bytes",
    [
        b"",
        b"\x12\x20" + bytes(32),
        b"\x01\x55\x12\x20" + bytes(31),
        b"\x01\x55\x12\x20" + bytes(33),
        b"\x01\x55\x00\x00",
    ],
)
def test_strict_cid_refuses_other_kinds(cid_bytes: bytes) -> None:
    with pytest.raises(ValueError):
        strict_cid(cid_bytes)
