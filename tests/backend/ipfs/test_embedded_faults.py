"""What a full or broken disk, a crash or a second process leaves in the embedded store."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backend import clock
from backend.ipfs.embedded import EmbeddedStore
from backend.ipfs.store import (
    StoreError,
    StoreFull,
    StoreUnavailable,
    raw_block,
    walk,
)
from tests.factories.blocks import age, file_of, files, key_of, random_block

ROOT = Path(__file__).parents[3]
HOUR = 3600


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


def test_store_refuses_a_folder_of_another_layout(folder: Path) -> None:
    folder.mkdir()
    (folder / "SHARDING").write_text("/repo/flatfs/shard/v1/prefix/2\n")

    with pytest.raises(StoreError, match="layout"):
        EmbeddedStore(folder)
