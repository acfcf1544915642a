"""UnixFS against the vectors, which other implementations agreed on, and by round trips of small trees."""

import hashlib
import json
import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ipfs.cid import RAW
from backend.ipfs.store import CID, Block, cat, codec_of, file_size
from backend.ipfs.unixfs import V1_2025, Profile, chunks_of, file_node, hash_file, import_file, links_of
from tests.fakes.ipfs import Shelf

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "unixfs.json").read_text())
PROFILES = {"unixfs-v1-2025": V1_2025, "kubo add --cid-version=1": Profile(chunk=262144, links=174)}
FILES = [name for name in VECTORS["files"] if name.startswith("f")]


def content(name: str) -> bytes:
    size = VECTORS["files"][name]["size"]
    data = hashlib.shake_256(f"anchors-ipfs/{size}".encode()).digest(size)
    assert hashlib.sha256(data).hexdigest() == VECTORS["files"][name]["sha256"]
    return data


@pytest.mark.parametrize("name", FILES)
def test_hash_file_equals_the_vectors(name: str) -> None:
    data = content(name)

    found = {profile: hash_of(data, cut) for profile, cut in PROFILES.items()}

    assert found == {profile: VECTORS["cids"][profile][name]["cid"] for profile in PROFILES}
    assert hash_file(BytesIO(data)).encode() == found["unixfs-v1-2025"]


def hash_of(data: bytes, profile: Profile) -> str:
    return import_file(data, lambda block: None, profile=profile).encode()


def test_hash_file_equals_kubo_for_hello_world() -> None:
    assert hash_file(b"hello world").encode() == VECTORS["kubo_test_suite"]["hello world"]["unixfs-v1-2025"]


@given(
    data=st.binary(max_size=2_000),
    profile=st.builds(Profile, chunk=st.integers(1, 50), links=st.integers(2, 5)),
    cuts=st.lists(st.integers(0, 300)),
)
def test_file_reads_back_from_any_source(data: bytes, profile: Profile, cuts: list[int]) -> None:
    shelf = Shelf()

    root = import_file(data, shelf.put, profile=profile)

    assert b"".join(cat(shelf, root)) == data
    assert file_size(shelf, root) == len(data)
    assert import_file(BytesIO(data), shelf.put, profile=profile) == root
    assert import_file(pieces(data, cuts), shelf.put, profile=profile) == root


def pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    for cut in cuts:
        yield data[:cut]
        data = data[cut:]
    yield data


def test_chunks_of_fills_up_a_stream_that_gives_less() -> None:
    class Trickle:
        def __init__(self) -> None:
            self.left = 10

        def read(self, size: int, /) -> bytes:
            self.left -= 1
            return b"ab" if self.left >= 0 else b""

    assert list(chunks_of(Trickle(), 8)) == [b"abababab", b"abababab", b"abab"]


def test_chunks_of_joins_single_bytes() -> None:
    assert list(chunks_of((bytes([number % 256]) for number in range(5_000)), 3_000)) == [
        bytes(number % 256 for number in range(3_000)),
        bytes(number % 256 for number in range(3_000, 5_000)),
    ]


def test_import_file_gives_leaves_in_order_and_nodes_after_their_children() -> None:
    order: list[CID] = []
    shelf = Shelf()

    def put(block: Block) -> None:
        order.append(block.cid)
        shelf.put(block)

    root = import_file(bytes(range(100)), put, profile=TINY)

    leaves = [shelf.blocks[cid] for cid in order if codec_of(cid) == RAW]
    assert b"".join(leaves) == bytes(range(100))
    assert order[-1] == root
    for cid in order:
        if codec_of(cid) != RAW:
            assert all(order.index(child) < order.index(cid) for child in links_of(shelf.blocks[cid]))


TINY = Profile(chunk=7, links=3)


def test_import_file_takes_constant_memory() -> None:
    def zeros() -> Iterator[bytes]:
        for _ in range(1024):
            yield bytes(65536)

    tracemalloc.start()
    try:
        hash_file(zeros())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 8 * V1_2025.chunk


def link(cid: CID, *, name: bytes = b"\x12\0", size: bytes = b"\x18\x01") -> bytes:
    body = b"\x0a\x24" + cid.cid_bytes + name + size
    return b"\x12" + bytes([len(body)]) + body


def data_field(body: bytes) -> bytes:
    return b"\x0a" + bytes([len(body)]) + body


LEAF = hash_file(b"x")
SIZED = data_field(b"\x08\x02\x18\x01\x20\x01")


def test_file_node_reads_what_the_import_writes() -> None:
    node = file_node(link(LEAF) + SIZED)

    assert (node.size, node.data, [child.cid for child in node.children]) == (1, b"", [LEAF])


def test_file_node_reads_bytes_of_its_own_and_passes_over_mode_and_time() -> None:
    node = file_node(data_field(b"\x08\x02\x12\x03abc\x18\x03\x38\x01\x42\x00"))

    assert (node.size, node.data, node.children) == (3, b"abc", ())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        link(LEAF),
        data_field(b"\x08\x01"),  # a directory
        data_field(b"\x08\x04\x12\x01/"),  # a symbolic link
        data_field(b"\x18\x00"),  # of no type
        SIZED,  # a size without its link
        link(LEAF) + data_field(b"\x08\x02\x18\x01"),  # a link without its size
        link(LEAF) + data_field(b"\x08\x02\x18\x02\x20\x01"),  # a sum that is wrong
        link(LEAF) + data_field(b"\x08\x02\x20\x01"),  # no sum at all
        link(LEAF) + data_field(b"\x08\x02\x08\x02\x18\x01\x20\x01"),  # a type twice
        link(LEAF) + data_field(b"\x08\x02\x18\x01\x20\x01\x28\x01"),  # a field of directories
        link(LEAF) + data_field(b"\x08\x02\x18" + b"\xff" * 7 + b"\x7f\x20" + b"\xff" * 7 + b"\x7f"),  # 2 ** 56 bytes
        link(LEAF) + data_field(b"\x0a\x02\x18\x01\x20\x01"),  # a type that is no number
    ],
)
def test_file_node_refuses_what_is_no_sound_file(data: bytes) -> None:
    with pytest.raises(ValueError):
        file_node(data)


@pytest.mark.parametrize(
    "data",
    [
        SIZED + link(LEAF),  # data first
        SIZED + SIZED,
        link(LEAF) + b"\x1a\x00",  # an unknown field
        link(LEAF) + b"\x10\x01",  # links that are a number
        link(LEAF)[:-1],
        link(LEAF, name=b"\x1a\0"),
        link(LEAF, name=b"", size=b"\x18\x80\x00"),  # a number that is not minimal
        link(LEAF, name=b"", size=b"\x18" + b"\xff" * 9),  # longer than 63 bits
        link(LEAF, name=b"", size=b"\x18\x80"),
        link(LEAF, name=b"", size=b"\x1d\x01\x01\x01\x01"),  # another wire type
        b"\x12\x02\x08\x01",  # a link whose CID is a number
        b"\x12\x24\x0a\x22\x12\x20" + bytes(32),  # CIDv0
        b"\x12\x00",
    ],
)
def test_links_of_refuses_what_is_not_canonical(data: bytes) -> None:
    with pytest.raises(ValueError):
        links_of(data)


@given(st.binary(max_size=200))
def test_links_of_raises_nothing_but_value_error(data: bytes) -> None:
    try:
        links_of(data)
        file_node(data)
    except ValueError:
        pass
