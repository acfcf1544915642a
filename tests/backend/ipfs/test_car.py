from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.dag_cbor import encode_dag_cbor
from backend.ipfs.car import HEADER_LIMIT, CarBroken, read_car, write_car
from backend.ipfs.store import BLOCK_LIMIT, CID, Block, dag_block, raw_block

blocks = st.lists(
    st.binary(max_size=300).map(raw_block) | st.binary(max_size=50).map(lambda b: dag_block(encode_dag_cbor(b)))
)


def car(*content: Block, roots: list[CID] | None = None) -> bytes:
    return b"".join(write_car([each.cid for each in content[:1]] if roots is None else roots, content))


def test_write_car_makes_the_bytes_of_the_specification() -> None:
    block = raw_block(b"hello world")

    found = car(block)

    header = bytes.fromhex("3aa265726f6f747381d82a582500") + block.cid.cid_bytes + bytes.fromhex("6776657273696f6e01")
    assert found == header + bytes([36 + 11]) + block.cid.cid_bytes + b"hello world"


@given(blocks)
def test_read_car_gives_what_was_written(content: list[Block]) -> None:
    roots, found = read_car(BytesIO(car(*content)))

    assert roots == [each.cid for each in content[:1]]
    assert list(found) == content


def test_read_car_takes_a_block_of_the_largest_size() -> None:
    block = raw_block(bytes(BLOCK_LIMIT))

    assert list(read_car(BytesIO(car(block)))[1]) == [block]


def test_read_car_waits_for_a_stream_that_gives_less() -> None:
    class Trickle(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 1, 3))

    block = raw_block(b"hello world")

    assert list(read_car(Trickle(car(block)))[1]) == [block]


def header(value: object) -> bytes:
    data = encode_dag_cbor(value)  # type: ignore[arg-type]
    return bytes([len(data)]) + data


BLOCK = raw_block(b"content")
GOOD = car(BLOCK)
SECTION = bytes([36 + 7]) + BLOCK.cid.cid_bytes + b"content"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        GOOD[:20],
        b"\x01\xff",
        header([]),
        header({"roots": [], "version": 2}),
        header({"roots": []}),
        header({"version": 1}),
        header({"roots": [], "version": 1, "more": 1}),
        header({"roots": {}, "version": 1}),
        header({"roots": ["text"], "version": 1}),
        header({"roots": [CID(b"\x12\x20" + bytes(32))], "version": 1}),
        b"\x0a\xa1\x67version\x02",
        (HEADER_LIMIT + 1).to_bytes(4, "little"),
        b"\xff\xff\xff\xff\x7f" + GOOD,
        b"\xba\x00" + GOOD[1:],
        b"\x80",
    ],
    ids=[
        "empty", "no header", "cut header", "no dag-cbor", "a list", "version 2", "no version", "no roots",
        "more fields", "roots of a map", "roots of text", "root CIDv0", "CARv2", "large header", "long length",
        "padded length", "cut length",
    ],
)  # fmt: skip
def test_read_car_refuses_a_bad_header(data: bytes) -> None:
    with pytest.raises(CarBroken):
        read_car(BytesIO(data))


@pytest.mark.parametrize(
    "data",
    [
        GOOD[:-1],
        GOOD[:-8],
        GOOD[:-1] + b"x",
        GOOD + b"\x00",
        GOOD + b"\x24\x00",
        GOOD + bytes([36]) + bytes(36),
        GOOD + b"\xa5\x80\x80\x01" + BLOCK.cid.cid_bytes,
        GOOD + bytes([34 + 7]) + b"\x12\x20" + BLOCK.cid.cid_bytes[4:] + b"content",
        GOOD + b"\x29" + b"\x01\x55\x00\x03abc" + bytes(34),
        GOOD + b"\xab\x00" + SECTION[1:],
        GOOD + b"\x80",
    ],
    ids=[
        "cut block", "cut in its CID", "changed byte", "empty section", "cut section", "CID of zeros", "large section",
        "CIDv0", "identity", "padded length", "cut length",
    ],
)  # fmt: skip
def test_read_car_gives_sound_blocks_up_to_the_broken_one(data: bytes) -> None:
    found = read_car(BytesIO(data))[1]
    given: list[Block] = []

    with pytest.raises(CarBroken):
        given.extend(found)

    assert given in ([], [BLOCK])


@given(st.data())
def test_read_car_notices_every_flipped_bit_of_a_block(data: st.DataObject) -> None:
    at = data.draw(st.integers(len(GOOD) - len(SECTION), len(GOOD) - 1))
    bit = data.draw(st.integers(0, 7))
    broken = bytearray(GOOD)
    broken[at] ^= 1 << bit

    with pytest.raises(CarBroken):
        list(read_car(BytesIO(broken))[1])
