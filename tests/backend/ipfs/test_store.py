"""What works over any store: walking, reading ranges, refusing structures that lie."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.dag_cbor import CID, DagCborTypes, encode_dag_cbor
from backend.ipfs.cid import DAG_PB
from backend.ipfs.store import (
    DAG_CBOR_LIMIT,
    Block,
    BlockCorrupt,
    BlockMissing,
    blocks_of,
    cat,
    cid_of,
    dag_block,
    file_size,
    links,
    raw_block,
    raw_cid,
    reader,
    walk,
)
from backend.ipfs.unixfs import Profile, import_file
from tests.fakes.ipfs import Shelf

TINY = Profile(chunk=10, links=3)


def dag(value: DagCborTypes) -> Block:
    return dag_block(encode_dag_cbor(value))


def pb_node(size: int, *children: tuple[CID, int]) -> Block:
    """A file node that may lie about its sizes; each below 128."""
    body = b"\x08\x02\x18" + bytes([size]) + b"".join(b"\x20" + bytes([each]) for _, each in children)
    found = b"".join(b"\x12\x26\x0a\x24" + cid.cid_bytes for cid, _ in children) + b"\x0a" + bytes([len(body)]) + body
    return Block(cid_of(found, codec=DAG_PB), found)


def test_walk_gives_each_block_once_parents_first() -> None:
    one, two = raw_block(b"1"), raw_block(b"2")
    inner = dag({"deep": [{"er": two.cid}], "one": one.cid})
    root = dag([inner.cid, one.cid, inner.cid])

    assert list(walk(Shelf(one, two, inner, root), root.cid)) == [root.cid, inner.cid, two.cid, one.cid]


def test_walk_names_the_missing_block() -> None:
    lacking = raw_cid(b"lacking")
    root = dag([lacking])

    with pytest.raises(BlockMissing) as missing:
        list(walk(Shelf(root), root.cid))

    assert missing.value.cid == lacking


def test_walk_follows_a_long_chain_in_little_memory() -> None:
    shelf, last = Shelf(), dag(None)
    shelf.put(last)
    for number in range(5_000):
        last = dag({"prev": last.cid, "n": number})
        shelf.put(last)

    tracemalloc.start()
    try:
        count = sum(1 for _ in walk(shelf, last.cid))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert count == 5_001
    assert peak < 5_001 * 400


@pytest.mark.parametrize(
    "block",
    [
        dag_block(b"\xff"),
        dag_block(b"\xd8\x2a\x58\x23\x00\x12\x20" + bytes(32)),  # a link to a CIDv0
        dag_block(b"\x81" * 300_000 + b"\0"),
        dag(bytes(DAG_CBOR_LIMIT)),
        Block(cid_of(b"\xff", codec=DAG_PB), b"\xff"),
    ],
    ids=["no dag-cbor", "CIDv0", "nested too deep", "too large", "no dag-pb"],
)
def test_links_refuses_blocks_that_cannot_be_read(block: Block) -> None:
    with pytest.raises(BlockCorrupt) as corrupt:
        links(block.cid, block.data)

    assert corrupt.value.cid == block.cid


@given(data=st.binary(max_size=400), start=st.integers(0, 450), length=st.none() | st.integers(0, 450))
def test_cat_gives_the_slice(data: bytes, start: int, length: int | None) -> None:
    shelf = Shelf()
    root = import_file(data, shelf.put, profile=TINY)
    end = None if length is None else start + length

    assert b"".join(cat(shelf, root, start=start, length=length)) == data[start:end]


def test_cat_reads_only_the_blocks_of_the_range_and_those_above() -> None:
    shelf = Shelf()
    root = import_file(bytes(range(250)), shelf.put, profile=TINY)  # 25 leaves, 9 + 3 + 1 nodes

    found = b"".join(cat(shelf, root, start=105, length=10))

    assert found == bytes(range(105, 115))
    assert [len(shelf.blocks[cid]) for cid in shelf.asked if cid.cid_bytes[1] == 0x55] == [10, 10]
    assert len(shelf.asked) == len(set(shelf.asked)) == 5  # three levels of nodes, two leaves


def test_cat_refuses_a_negative_range() -> None:
    for start, length in ((-1, None), (0, -1)):
        with pytest.raises(ValueError, match="negative"):
            cat(Shelf(), raw_cid(b""), start=start, length=length)
    with pytest.raises(ValueError, match="negative"):
        reader(Shelf(), raw_cid(b""))(-1, 1)


LEAF = raw_block(b"abc")


@pytest.mark.parametrize(
    "root",
    [
        dag({"not": "a file"}),
        pb_node(4, (LEAF.cid, 4)),
        pb_node(2, (LEAF.cid, 2)),
        pb_node(6, (LEAF.cid, 3), (raw_cid(b"ab"), 3)),
    ],
    ids=["dag-cbor", "says more", "says less", "second child"],
)
def test_cat_refuses_what_lies_about_its_size(root: Block) -> None:
    shelf = Shelf(root, LEAF, raw_block(b"ab"))

    with pytest.raises(BlockCorrupt):
        list(cat(shelf, root.cid))


def test_cat_refuses_a_file_of_too_many_levels() -> None:
    shelf, node = Shelf(LEAF), LEAF
    for _ in range(33):
        node = pb_node(3, (node.cid, 3))
        shelf.put(node)

    with pytest.raises(BlockCorrupt, match="levels"):
        list(cat(shelf, node.cid))


def test_cat_ends_for_nodes_that_link_nothing_many_times() -> None:
    shelf, node = Shelf(raw_block(b"")), raw_block(b"")
    for _ in range(30):
        node = pb_node(0, *[(node.cid, 0)] * 10)
        shelf.put(node)

    assert list(cat(shelf, node.cid)) == []
    assert shelf.asked == [node.cid]


def test_file_size_refuses_what_is_no_file() -> None:
    root = dag([])

    with pytest.raises(BlockCorrupt):
        file_size(Shelf(root), root.cid)


def test_reader_reads_a_block_once_for_neighbouring_ranges() -> None:
    shelf = Shelf()
    root = import_file(bytes(range(30)), shelf.put, profile=TINY)
    read_at = reader(shelf, root)

    found = [read_at(start, 2) for start in range(0, 10, 2)]

    assert b"".join(found) == bytes(range(10))
    assert len(shelf.asked) == 2


def test_reader_keeps_few_blocks() -> None:
    shelf = Shelf()
    root = import_file(bytes(range(250)), shelf.put, profile=Profile(chunk=10, links=100))
    read_at = reader(shelf, root)

    assert read_at(0, 250) == bytes(range(250))
    assert read_at(0, 10) == bytes(range(10))
    assert shelf.asked.count(raw_cid(bytes(range(10)))) == 2


def test_blocks_of_checks_every_block() -> None:
    leaf = raw_block(b"leaf")
    root = dag([leaf.cid])
    shelf = Shelf(root, leaf)
    shelf.blocks[leaf.cid] = b"other"

    with pytest.raises(BlockCorrupt):
        list(blocks_of(shelf, root.cid))
