"""The embedded store alone: its files, its healing, and what a crash, a full disk or a second process leaves."""

import base64
import errno
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cbrrr import encode_dag_cbor

from backend import clock
from backend.ipfs.embedded import EmbeddedStore
from backend.ipfs.kubo import KuboStore
from backend.ipfs.store import (
    CID,
    Block,
    BlockCorrupt,
    BlockMissing,
    Pin,
    StoreError,
    StoreFull,
    StoreUnavailable,
    cat,
    dag_block,
    raw_block,
    walk,
)
from tests.fakes.ipfs import FakeKubo, Fault, Shelf

ROOT = Path(__file__).parents[3]
HOUR = 3600


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blocks"  # that of the fixture `embedded`


def random_block(size: int = 100) -> Block:
    return raw_block(secrets.token_bytes(size))


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("??/*"))


def file_of(folder: Path, cid: CID) -> Path:
    (found,) = folder.glob(f"??/{key_of(cid)}.data")
    return found


def key_of(cid: CID) -> str:
    return base64.b32encode(cid.cid_bytes[2:]).decode().rstrip("=")


def damage(folder: Path, block: Block) -> None:
    file_of(folder, block.cid).write_bytes(block.data[:-1] + b"\0")


def age(folder: Path, *blocks: Block, seconds: int) -> None:
    for block in blocks:
        then = clock.now() - seconds
        os.utime(file_of(folder, block.cid), (then, then))


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


def test_store_refuses_a_folder_of_another_layout(folder: Path) -> None:
    folder.mkdir()
    (folder / "SHARDING").write_text("/repo/flatfs/shard/v1/prefix/2\n")

    with pytest.raises(StoreError, match="layout"):
        EmbeddedStore(folder)


def test_store_says_why_its_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreUnavailable, match="file"):
        EmbeddedStore(tmp_path / "file" / "blocks")


def test_store_says_why_its_pins_cannot_be_read(embedded: EmbeddedStore, folder: Path) -> None:
    (folder / "pins.db").write_bytes(b"no database" * 100)

    with pytest.raises(StoreUnavailable, match=r"pins\.db"):
        embedded.pins()


def test_get_says_why_a_file_cannot_be_read(embedded: EmbeddedStore, folder: Path) -> None:
    block = random_block()
    embedded.put(block)
    path = file_of(folder, block.cid)
    path.unlink()
    path.mkdir()

    with pytest.raises(StoreUnavailable, match="directory"):
        embedded.get(block.cid)


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


def test_put_refuses_to_use_up_the_disk(folder: Path) -> None:
    store = EmbeddedStore(folder, keep_free=shutil.disk_usage(folder.parent).total)

    with pytest.raises(StoreFull):
        store.put(random_block())
    with pytest.raises(StoreFull):
        store.add_file(b"content")

    assert files(folder) == []


def run(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.ENOSPC, StoreFull), (errno.EDQUOT, StoreFull), (errno.EIO, StoreUnavailable)],
    ids=["no space", "quota", "disk fault"],
)
def test_failed_flush_leaves_no_block(
    embedded: EmbeddedStore, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[StoreError]
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    block = random_block()

    with pytest.raises(error, match=os.strerror(number)):
        embedded.put(block)
    with pytest.raises(error):
        embedded.add_file(block.data)

    assert files(folder) == list((folder / ".temp").iterdir()) == []


def test_store_without_fsync_keeps_blocks_and_pins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", None)
    store = EmbeddedStore(folder, fsync=False)

    root = store.add_file(b"content")
    store.pin(root, "name")

    assert store.pins() == [Pin(root, "name")]


FULL = """
import resource, sys
from pathlib import Path
from backend.ipfs.embedded import EmbeddedStore
from backend.ipfs.store import StoreFull, raw_block
store = EmbeddedStore(Path(sys.argv[1]))
small, large = raw_block(b"small"), raw_block(bytes(200_000))
store.put(small)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
for attempt in (store.put, lambda block: store.add_file(block.data)):
    try:
        attempt(large)
    except StoreFull as error:
        print("full:", error)
assert not store.has(large.cid)
assert store.get(small.cid) == small.data
"""


def test_write_that_the_disk_refuses_leaves_nothing(folder: Path) -> None:
    done = run(FULL, str(folder))

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("full:") == 2
    assert len(files(folder)) == 1
    assert list((folder / ".temp").iterdir()) == []


ADDER = """
import secrets, sys
from pathlib import Path
from backend.ipfs.embedded import EmbeddedStore
store = EmbeddedStore(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    content = secrets.token_bytes(3 * 2**20 + 7)
    root = store.add_file(content)
    store.pin(root, "kill/" + root.encode())
    print(root.encode(), flush=True)
"""


def test_kill_leaves_whole_blocks_and_whole_pins(folder: Path) -> None:
    for round_number in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", ADDER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as adder:
            assert adder.stdout
            for _ in range(1 + round_number):
                assert adder.stdout.readline()
            adder.send_signal(signal.SIGKILL)
            told = [line.strip() for line in adder.stdout if len(line.strip()) == 59]

        store = EmbeddedStore(folder)
        for path in folder.glob("??/*.data"):
            assert key_of(raw_block(path.read_bytes()).cid) == path.stem
        pinned = {pin.root.encode() for pin in store.pins("kill/")}
        assert pinned.issuperset(told)
        for pin in store.pins("kill/"):
            assert len(list(walk(store, pin.root))) == 5
    assert store.pins("kill/")


def test_store_removes_only_stale_temporary_files(embedded: EmbeddedStore, folder: Path) -> None:
    stale, fresh = folder / ".temp" / "stale", folder / ".temp" / "fresh"
    for path in (stale, fresh):
        path.write_bytes(b"part of a block")
    then = clock.now() - HOUR - 1
    os.utime(stale, (then, then))

    EmbeddedStore(folder)

    assert list((folder / ".temp").iterdir()) == [fresh]


CONCURRENT = """
import sys
from pathlib import Path
from backend.ipfs.embedded import EmbeddedStore
store = EmbeddedStore(Path(sys.argv[1]))
for number in range(30):
    content = bytes([number]) * (2**20 + 5)
    root = store.add_file(content)
    store.pin(root, f"{sys.argv[2]}/{number}")
    if number:
        store.unpin(before, f"{sys.argv[2]}/{number - 1}")
    before = root
    if number % 7 == 0:
        store.gc(3600)
"""


def test_processes_share_a_folder(embedded: EmbeddedStore, folder: Path) -> None:
    loose = random_block()
    embedded.put(loose)
    age(folder, loose, seconds=2 * HOUR)

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda name: run(CONCURRENT, str(folder), name), ["a", "b", "c"]))

    assert [each.stderr for each in done] == ["", "", ""]
    assert sorted(pin.name for pin in embedded.pins()) == ["a/29", "b/29", "c/29"]
    for pin in embedded.pins():
        assert len(list(walk(embedded, pin.root))) == 3
    assert not embedded.has(loose.cid)


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
