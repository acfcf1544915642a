"""What `gc` of the embedded store keeps, and when it refuses."""

import threading
from pathlib import Path

import pytest

from backend.dag_cbor import encode_dag_cbor
from backend.ipfs.embedded import EmbeddedStore
from backend.ipfs.store import (
    BlockCorrupt,
    BlockMissing,
    dag_block,
)
from tests.factories.blocks import age, damage, file_of, random_block

HOUR = 3600


def test_gc_keeps_what_is_pinned_or_new(embedded: EmbeddedStore, folder: Path) -> None:
    leaf, loose, fresh, lone = (random_block() for _ in range(4))
    root = dag_block(encode_dag_cbor([leaf.cid]))
    for block in (leaf, root, loose, fresh, lone):
        embedded.put(block)
    embedded.pin(root.cid, "tree")
    embedded.pin(leaf.cid, "leaf")
    embedded.pin(lone.cid, "lone")
    embedded.unpin(lone.cid, "lone")
    age(folder, leaf, root, loose, lone, seconds=HOUR + 5)
    age(folder, fresh, seconds=HOUR - 60)

    assert embedded.gc(HOUR) == 2

    assert [embedded.has(block.cid) for block in (leaf, root, fresh, loose, lone)] == [True, True, True, False, False]


def test_put_makes_an_old_block_new_to_gc(embedded: EmbeddedStore, folder: Path) -> None:
    block = random_block()
    embedded.put(block)
    age(folder, block, seconds=2 * HOUR)

    embedded.put(block)

    assert embedded.gc(HOUR) == 0


@pytest.mark.parametrize("broken", [True, False], ids=["damaged", "missing"])
def test_gc_removes_nothing_when_a_pinned_node_cannot_be_read(
    embedded: EmbeddedStore, folder: Path, broken: bool
) -> None:
    leaf = random_block()
    root = dag_block(encode_dag_cbor([leaf.cid]))
    embedded.put(leaf)
    embedded.put(root)
    embedded.pin(root.cid, "tree")
    age(folder, leaf, seconds=2 * HOUR)
    if broken:
        damage(folder, root)
    else:
        file_of(folder, root.cid).unlink()

    with pytest.raises((BlockCorrupt, BlockMissing)):
        embedded.gc(HOUR)

    assert embedded.has(leaf.cid)


def test_gc_passes_over_what_was_deleted_on_purpose(embedded: EmbeddedStore, folder: Path) -> None:
    leaf, erased = random_block(), dag_block(encode_dag_cbor({"erased": True}))
    root = dag_block(encode_dag_cbor([leaf.cid, erased.cid]))
    for block in (leaf, erased, root):
        embedded.put(block)
    embedded.pin(root.cid, "tree")
    embedded.delete(erased.cid)
    age(folder, leaf, root, seconds=2 * HOUR)

    assert embedded.gc(HOUR) == 0


def test_gc_waits_for_a_batch(embedded: EmbeddedStore, folder: Path) -> None:
    block = random_block()
    collected = threading.Event()

    def collect() -> None:
        embedded.gc(0)
        collected.set()

    with embedded.batch() as put:
        put(block)
        thread = threading.Thread(target=collect)
        thread.start()
        assert not collected.wait(0.05)
    thread.join()

    assert collected.is_set()
