"""Strict DAG-CBOR: published vectors, round trips, and bytes that no encoder may write."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.dag_cbor import (
    CID,
    DEPTH_LIMIT,
    DagCborError,
    DagCborTypes,
    StrictCID,
    decode_dag_cbor,
    encode_dag_cbor,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "dag-cbor.json").read_text())["vectors"]
SHA256 = b"\x01\x71\x12\x20" + b"\x07" * 32

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.text()
    | st.binary()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.binary(max_size=40).map(CID)
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["dag_cbor_cid"][-6:])
def test_vector_is_read_and_written_byte_for_byte(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["dag_cbor_hex"])

    assert encode_dag_cbor(decode_dag_cbor(data)) == data
    assert CID.cidv1_dag_cbor_sha256_32_from(data).encode() == vector["dag_cbor_cid"]


@given(VALUES)
def test_value_survives_the_round_trip(value: DagCborTypes) -> None:
    data = encode_dag_cbor(value)

    assert repr(encode_dag_cbor(decode_dag_cbor(data))) == repr(data)
    assert decode_dag_cbor(data) == value


@given(st.binary(max_size=24))
def test_bytes_that_are_read_are_the_only_ones_for_their_value(data: bytes) -> None:
    try:
        value = decode_dag_cbor(data)
    except ValueError:
        return

    assert encode_dag_cbor(value) == data


def test_byte_string_that_looks_like_a_link_stays_a_byte_string() -> None:
    assert decode_dag_cbor(encode_dag_cbor({"a": SHA256})) == {"a": SHA256}


def test_keys_stand_shorter_first() -> None:
    assert encode_dag_cbor({"bb": 2, "c": 3, "a": 1}).hex() == "a3616101616303626262" + "02"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "end within"),
        ("43aabb", "end within"),
        ("0000", "after the value"),
        ("1817", "more bytes than it needs"),
        ("1b00000000ffffffff", "more bytes than it needs"),
        ("5f41aaff", "does not have"),
        ("a2616201616102", "out of order"),
        ("a2616101616102", "twice"),
        ("a10102", "not a string"),
        ("61ff", "not UTF-8"),
        ("c100", "other than that of a link"),
        ("d82a6100", "other than that of a link"),
        ("d82a40", "leading zero"),
        ("d82a4101", "leading zero"),
        ("f7", "true, false and null"),
        ("f818", "does not have"),
        ("f93c00", "does not have"),
        ("fa3f800000", "does not have"),
        ("fb7ff0000000000000", "finite"),
        ("fb7ff8000000000000", "finite"),
    ],
)
def test_decoding_refuses_what_is_not_canonical(data: str, reason: str) -> None:
    with pytest.raises(DagCborError, match=reason):
        decode_dag_cbor(bytes.fromhex(data))


@pytest.mark.parametrize("value", [2**64, -(2**64) - 1, math.nan, math.inf, "\ud800"])
def test_encoding_refuses_what_has_no_form(value: DagCborTypes) -> None:
    with pytest.raises(ValueError):
        encode_dag_cbor(value)


@pytest.mark.parametrize("value", [(1, 2), bytearray(b"a"), {1: 2}, object()])
def test_encoding_refuses_other_types(value: Any) -> None:
    with pytest.raises(TypeError):
        encode_dag_cbor(value)


def test_nesting_ends_at_the_limit() -> None:
    deepest = b"\x81" * DEPTH_LIMIT + b"\x00"

    assert encode_dag_cbor(decode_dag_cbor(deepest)) == deepest
    with pytest.raises(DagCborError, match="too deep"):
        decode_dag_cbor(b"\x81" + deepest)
    with pytest.raises(ValueError, match="too deep"):
        encode_dag_cbor([decode_dag_cbor(deepest)])


@pytest.mark.parametrize("cid_bytes", [b"", SHA256[:-1], b"\x00" + SHA256[1:], b"\x01\x71\x00\x20" + b"\x07" * 32])
def test_strict_cid_refuses_other_kinds(cid_bytes: bytes) -> None:
    with pytest.raises(ValueError, match="sha2-256"):
        decode_dag_cbor(encode_dag_cbor(CID(cid_bytes)), cid_ctor=StrictCID)


@pytest.mark.parametrize("text", ["", "zQm", "bafy=", "b1"])
def test_cid_refuses_other_texts(text: str) -> None:
    with pytest.raises(ValueError):
        CID.decode(text)
