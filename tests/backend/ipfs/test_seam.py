"""What every block store does; the same tests on each. Contents and names are random: a real daemon keeps old ones."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest

from backend.dag_cbor import CID, encode_dag_cbor
from backend.ipfs import unixfs
from backend.ipfs.store import (
    BLOCK_LIMIT,
    Block,
    BlockCorrupt,
    BlockMissing,
    BlockStore,
    Pin,
    cat,
    dag_block,
    delete_tree,
    raw_block,
    raw_cid,
    walk,
)
from tests.factories.blocks import random_block

SMALL = unixfs.Profile(chunk=1000, links=3)


def random_name() -> str:
    return f"koinon-test/{secrets.token_hex(8)}/body"


def tree(*leaves: Block) -> Block:
    return dag_block(encode_dag_cbor({"salt": secrets.token_bytes(8), "leaves": [leaf.cid for leaf in leaves]}))


@pytest.mark.parametrize(
    "make",
    [random_block, lambda: raw_block(b""), lambda: random_block(BLOCK_LIMIT), lambda: tree(random_block())],
    ids=["raw", "empty", "largest", "dag-cbor"],
)
def test_get_gives_what_was_put(store: BlockStore, make: Callable[[], Block]) -> None:
    block = make()

    store.put(block)
    store.put(block)

    assert store.get(block.cid) == block.data
    assert store.has(block.cid)


def test_file_is_read_back(store: BlockStore) -> None:
    content = secrets.token_bytes(12_345)

    root = unixfs.import_file(content, store.put, profile=SMALL)

    assert b"".join(cat(store, root)) == content
    assert b"".join(cat(store, root, start=2_500, length=1_000)) == content[2_500:3_500]


def test_get_says_which_block_is_missing(store: BlockStore) -> None:
    block = random_block()

    with pytest.raises(BlockMissing) as missing:
        store.get(block.cid)

    assert missing.value.cid == block.cid
    assert not store.has(block.cid)


def test_put_refuses_bytes_that_do_not_hash_to_the_cid(store: BlockStore) -> None:
    lie = Block(raw_cid(secrets.token_bytes(9)), b"other bytes")

    with pytest.raises(BlockCorrupt):
        store.put(lie)

    assert not store.has(lie.cid)


def test_put_refuses_a_block_over_the_limit(store: BlockStore) -> None:
    with pytest.raises(BlockCorrupt):
        store.put(random_block(BLOCK_LIMIT + 1))


@pytest.mark.parametrize(
    "cid_bytes",
    [b"\x12\x20" + bytes(32), b"\x01\x55\x00\x03abc", b"\x01\x55\x13\x20" + bytes(32), b"\x01\x51\x12\x20" + bytes(32)],
    ids=["CIDv0", "identity", "other hash", "other codec"],
)
def test_every_call_refuses_a_cid_of_another_kind(store: BlockStore, cid_bytes: bytes) -> None:
    cid = CID(cid_bytes)

    for call in (store.get, store.has, lambda cid: store.put(Block(cid, b"abc")), lambda cid: store.pin(cid, "name")):
        with pytest.raises(BlockCorrupt):
            cast(Callable[[CID], object], call)(cid)


def test_delete_removes_the_block(store: BlockStore) -> None:
    block, other = random_block(), random_block()
    store.put(block)
    store.put(other)

    store.delete(block.cid)
    store.delete(block.cid)

    assert not store.has(block.cid)
    with pytest.raises(BlockMissing):
        store.get(block.cid)
    assert store.get(other.cid) == other.data


def test_delete_tree_removes_a_file_but_what_is_kept(store: BlockStore) -> None:
    order: list[CID] = []

    def put(block: Block) -> None:
        order.append(block.cid)
        store.put(block)

    root = unixfs.import_file(secrets.token_bytes(8_500), put, profile=SMALL)  # 9 leaves, 3 + 1 nodes
    kept = order[4]  # the node of the first three, made when a fourth came

    assert delete_tree(store, root, keep={kept}) == 9
    assert [store.has(cid) for cid in order] == [cid in [*order[:3], kept] for cid in order]
    assert delete_tree(store, root) == 1


def test_put_brings_back_a_deleted_block(store: BlockStore) -> None:
    block = random_block()
    store.put(block)
    store.delete(block.cid)

    store.put(block)

    assert store.get(block.cid) == block.data


def test_pins_lists_what_was_pinned_by_prefix(store: BlockStore) -> None:
    roots = [random_block() for _ in range(3)]
    names = sorted(random_name() for _ in range(3))
    for root, name in zip(roots, names, strict=True):
        store.put(root)
        store.pin(root.cid, name)

    assert store.pins(names[1][:25]) == [Pin(roots[1].cid, names[1])]
    assert [pin for pin in store.pins() if pin.name in names] == [
        Pin(root.cid, name) for root, name in zip(roots, names, strict=True)
    ]
    assert store.pins(random_name()) == []


def test_pin_may_be_repeated(store: BlockStore) -> None:
    root, name = random_block(), random_name()
    store.put(root)

    store.pin(root.cid, name)
    store.pin(root.cid, name)

    assert store.pins(name) == [Pin(root.cid, name)]


def test_pin_names_the_missing_block_and_records_nothing(store: BlockStore) -> None:
    held, lacking, name = random_block(), random_block(), random_name()
    root = tree(held, lacking)
    store.put(held)
    store.put(root)

    with pytest.raises(BlockMissing) as missing:
        store.pin(root.cid, name)

    assert missing.value.cid == lacking.cid
    assert store.pins(name) == []


def test_names_of_one_root_are_independent(store: BlockStore) -> None:
    root = random_block()
    first, second, third = sorted(random_name() for _ in range(3))
    store.put(root)
    for name in (first, second, third):
        store.pin(root.cid, name)
    assert [store.pins(name) for name in (first, second, third)] == [
        [Pin(root.cid, name)] for name in (first, second, third)
    ]

    store.unpin(root.cid, first)
    store.unpin(root.cid, third)
    store.unpin(root.cid, third)

    assert [store.pins(name) for name in (first, second, third)] == [[], [Pin(root.cid, second)], []]


def test_unpin_leaves_the_block(store: BlockStore) -> None:
    root, name = random_block(), random_name()
    store.put(root)
    store.pin(root.cid, name)

    store.unpin(root.cid, random_name())
    assert store.pins(name) == [Pin(root.cid, name)]
    store.unpin(root.cid, name)

    assert store.pins(name) == []
    assert store.get(root.cid) == root.data


@pytest.mark.parametrize("name", ["", "two words", "ключ", "line\n", "x" * 191])
def test_pin_refuses_a_name_that_not_every_store_keeps(store: BlockStore, name: str) -> None:
    root = random_block()
    store.put(root)

    with pytest.raises(ValueError, match="name"):
        store.pin(root.cid, name)


def test_threads_share_a_store(store: BlockStore) -> None:
    shared = random_block()

    def work(number: int) -> bool:
        leaf = random_block(1_000 + number)
        root, name = tree(leaf, shared), random_name()
        for block in (leaf, shared, root):
            store.put(block)
        store.pin(root.cid, name)
        return list(walk(store, root.cid)) == [root.cid, leaf.cid, shared.cid] and len(store.pins(name)) == 1

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(24)))
