"""The embedded store alone: its files, its healing, and what a crash, a full disk or a second process leaves."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.dag_cbor import encode_dag_cbor
from backend.ipfs.embedded import EmbeddedStore
from backend.ipfs.kubo import KuboStore
from backend.ipfs.store import (
    Block,
    BlockCorrupt,
    BlockMissing,
    Pin,
    StoreUnavailable,
    cat,
    dag_block,
    raw_block,
)
from tests.factories.blocks import damage, file_of, files, random_block
from tests.fakes.ipfs import FakeKubo, Fault, Shelf


def test_put_writes_the_layout_of_flatfs(embedded: EmbeddedStore, folder: Path) -> None:
    embedded.put(raw_block(b""))

    key = "CIQOHMGEIKMPYHAUTL57JSEZN64SIJ5OIHSGJG4TJSSJLGI3PBJLQVI"
    assert [path.relative_to(folder).as_posix() for path in files(folder)] == [f"QV/{key}.data"]
    assert (folder / "SHARDING").read_text() == "/repo/flatfs/shard/v1/next-to-last/2\n"


def test_store_reopens_its_folder(embedded: EmbeddedStore, folder: Path) -> None:
    block = random_block()
    embedded.put(block)
    embedded.pin(block.cid, "name")

    again = EmbeddedStore(folder)

    assert again.get(block.cid) == block.data
    assert again.pins() == [Pin(block.cid, "name")]


def test_get_sets_a_damaged_block_aside(embedded: EmbeddedStore, folder: Path) -> None:
    block = random_block()
    embedded.put(block)
    damage(folder, block)

    with pytest.raises(BlockCorrupt):
        embedded.get(block.cid)

    assert [path.suffix for path in files(folder)] == [".bad"]
    with pytest.raises(BlockMissing):
        embedded.get(block.cid)


@pytest.mark.parametrize("loss", ["damaged", "missing", "grown", "empty"])
def test_get_heals_from_the_first_replica_that_has_the_block(folder: Path, loss: str) -> None:
    block = random_block()
    lying, holding = Shelf(), Shelf(block)
    lying.blocks[block.cid] = b"lies"
    store = EmbeddedStore(folder, replicas=[Shelf(), lying, holding])
    store.put(block)
    path = file_of(folder, block.cid)
    if loss == "missing":
        path.unlink()
    else:
        path.write_bytes({"damaged": block.data[1:] + b"\0", "grown": block.data + b"\0", "empty": b""}[loss])

    assert store.get(block.cid) == block.data

    assert path.read_bytes() == block.data
    assert store.get(block.cid) == block.data
    assert len(holding.asked) == 1


def test_get_heals_from_kubo(folder: Path, kubo: KuboStore) -> None:
    block = random_block()
    kubo.put(block)

    store = EmbeddedStore(folder, replicas=[kubo])

    assert store.get(block.cid) == block.data
    assert store.has(block.cid)


def test_get_is_unavailable_while_a_replica_that_may_hold_the_block_is(
    folder: Path, kubo: KuboStore, daemon: FakeKubo
) -> None:
    store = EmbeddedStore(folder, replicas=[kubo, Shelf()])
    daemon.faults["block/get"] = Fault.NO_JSON

    with pytest.raises(StoreUnavailable):
        store.get(random_block().cid)


def test_get_gives_what_it_cannot_keep(folder: Path) -> None:
    block = random_block()
    store = EmbeddedStore(folder, replicas=[Shelf(block)], keep_free=2**62)

    assert store.get(block.cid) == block.data
    assert not store.has(block.cid)


def test_deleted_block_does_not_come_back_from_a_replica(folder: Path) -> None:
    block = random_block()
    replica = Shelf(block)
    store = EmbeddedStore(folder, replicas=[replica])
    store.put(block)
    damage(folder, block)
    store.get(block.cid)

    store.delete(block.cid)

    with pytest.raises(BlockMissing):
        store.get(block.cid)
    assert [path.suffix for path in files(folder)] == [".gone"]
    store.put(block)
    assert [path.suffix for path in files(folder)] == [".data"]


def test_set_aside_keeps_a_block_that_was_healed_meanwhile(embedded: EmbeddedStore, folder: Path) -> None:
    block = random_block()
    embedded.put(block)

    embedded._set_aside(block.cid, file_of(folder, block.cid))  # a reader saw damage, then a writer repaired it

    assert embedded.get(block.cid) == block.data
    assert [path.suffix for path in files(folder)] == [".data"]


def test_set_aside_passes_over_a_file_that_another_process_took(embedded: EmbeddedStore, folder: Path) -> None:
    block = random_block()
    embedded.put(block)
    path = file_of(folder, block.cid)
    path.unlink()

    embedded._set_aside(block.cid, path)

    assert files(folder) == []


def test_put_repairs_a_damaged_block(embedded: EmbeddedStore, folder: Path) -> None:
    block = random_block()
    embedded.put(block)
    damage(folder, block)

    embedded.put(block)

    assert embedded.get(block.cid) == block.data


def test_pin_reads_and_hashes_every_block(embedded: EmbeddedStore, folder: Path) -> None:
    leaf = random_block()
    root = dag_block(encode_dag_cbor([leaf.cid]))
    embedded.put(leaf)
    embedded.put(root)
    damage(folder, leaf)

    with pytest.raises(BlockCorrupt):
        embedded.pin(root.cid, "name")

    assert embedded.pins() == []


def test_pin_heals_what_is_damaged(folder: Path) -> None:
    leaf = random_block()
    root = dag_block(encode_dag_cbor([leaf.cid]))
    store = EmbeddedStore(folder, replicas=[Shelf(leaf)])
    store.put(leaf)
    store.put(root)
    damage(folder, leaf)

    store.pin(root.cid, "name")

    assert store.pins() == [Pin(root.cid, "name")]
    assert file_of(folder, leaf.cid).read_bytes() == leaf.data


def test_writes_are_on_disk_before_they_are_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, embedded: EmbeddedStore
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def logged_fsync(descriptor: int) -> None:
        steps.append("folder" if Path(f"/proc/self/fd/{descriptor}").readlink().is_dir() else "file")
        fsync(descriptor)

    def logged_replace(path: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", logged_fsync)
    monkeypatch.setattr(Path, "replace", logged_replace)
    block = random_block()

    embedded.put(block)
    assert steps == ["file", "rename", "folder", "folder"]  # the last holds the new folder's entry
    embedded.pin(block.cid, "name")
    assert steps[4:] == ["folder", "folder"]


def test_batch_keeps_blocks_and_refuses_a_lie(embedded: EmbeddedStore, folder: Path) -> None:
    blocks = [random_block(2_000) for _ in range(40)]

    with embedded.batch() as put:
        for block in blocks:
            put(block)
    with pytest.raises(BlockCorrupt), embedded.batch() as put:
        put(Block(blocks[0].cid, b"lie"))

    assert all(embedded.get(block.cid) == block.data for block in blocks)
    assert len(files(folder)) == 40


def test_batch_passes_on_what_its_user_raises(embedded: EmbeddedStore, folder: Path) -> None:
    block = random_block()

    def broken_upload() -> Iterator[bytes]:
        yield block.data
        yield bytes(2**20 - len(block.data))
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        embedded.add_file(broken_upload())

    assert [path.stat().st_size for path in files(folder)] == [2**20]
    embedded.put(block)


def test_add_file_keeps_all_blocks_of_the_file(embedded: EmbeddedStore) -> None:
    content = secrets.token_bytes(3 * 2**20 + 1)

    root = embedded.add_file(content)

    assert b"".join(cat(embedded, root)) == content
    embedded.pin(root, "name")


def test_store_without_fsync_keeps_blocks_and_pins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", None)
    store = EmbeddedStore(folder, fsync=False)

    root = store.add_file(b"content")
    store.pin(root, "name")

    assert store.pins() == [Pin(root, "name")]
