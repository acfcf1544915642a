"""The Kubo store against each fault of a daemon and of the way to it. What it does well, `test_seam.py` tells."""

import secrets
from collections.abc import Callable
from contextlib import closing

import pytest

from backend.dag_cbor import encode_dag_cbor
from backend.ipfs.embedded import EmbeddedStore
from backend.ipfs.kubo import KuboStore
from backend.ipfs.store import (
    Block,
    BlockCorrupt,
    BlockMissing,
    BlockSource,
    Pin,
    StoreError,
    StoreFull,
    StoreUnavailable,
    dag_block,
    walk,
)
from backend.ipfs.unixfs import import_file
from tests.factories.blocks import random_block
from tests.fakes.ipfs import FakeKubo, Fault, Refused, Shelf, running_kubo


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.LATE_ERROR, BlockCorrupt),
        (Fault.FLIPPED, BlockCorrupt),
        (Fault.ENDLESS, BlockCorrupt),
        (Fault.CUT, StoreUnavailable),
        (Fault.SILENT, StoreUnavailable),
        (Fault.DRIPPING, StoreUnavailable),
        (Fault.NO_JSON, StoreUnavailable),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
def test_get_never_gives_wrong_bytes(
    kubo: KuboStore, hasty_kubo: KuboStore, daemon: FakeKubo, fault: Fault, error: type[StoreError]
) -> None:
    block = random_block()
    kubo.put(block)
    daemon.faults["block/get"] = fault

    with pytest.raises(error):
        (hasty_kubo if fault in (Fault.SILENT, Fault.DRIPPING) else kubo).get(block.cid)

    daemon.faults.clear()
    assert kubo.get(block.cid) == block.data


CALLS: dict[str, Callable[[KuboStore, Block], object]] = {
    "version": lambda store, block: store.version(),
    "block/get": lambda store, block: store.get(block.cid),
    "block/stat": lambda store, block: store.has(block.cid),
    "block/put": lambda store, block: store.put(block),
    "block/rm": lambda store, block: store.delete(block.cid),
    "pin/add": lambda store, block: store.pin(block.cid, "other"),
    "pin/ls": lambda store, block: store.pins(),
    "pin/rm": lambda store, block: store.unpin(block.cid, "name"),
    "dag/import": lambda store, block: store.push(Shelf(block), block.cid, "other"),
}


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.SILENT, Fault.NO_JSON], ids=lambda fault: fault.name)
@pytest.mark.parametrize("path", CALLS)
def test_every_call_says_that_the_daemon_is_unavailable(
    kubo: KuboStore, hasty_kubo: KuboStore, daemon: FakeKubo, path: str, fault: Fault
) -> None:
    block = random_block(100)
    kubo.put(block)
    kubo.pin(block.cid, "name")
    daemon.faults[path] = fault
    daemon.asked.clear()

    with pytest.raises(StoreUnavailable):
        CALLS[path](hasty_kubo if fault is Fault.SILENT else kubo, block)

    assert daemon.asked[-1] == path


@pytest.mark.parametrize("fault", [Fault.LIST, Fault.ODD, Fault.EMPTY], ids=lambda fault: fault.name)
@pytest.mark.parametrize("path", ["version", "block/put", "block/rm", "pin/add", "pin/ls", "dag/import"])
def test_every_call_that_needs_an_answer_refuses_one_of_another_shape(
    kubo: KuboStore, daemon: FakeKubo, path: str, fault: Fault
) -> None:
    block = random_block(100)
    kubo.put(block)
    kubo.pin(block.cid, "name")
    daemon.faults[path] = fault

    with pytest.raises(StoreUnavailable):
        CALLS[path](kubo, block)


@pytest.mark.parametrize(
    "words",
    [
        "merkledag: not found",
        "blockservice: key not found",
        "block was not found locally (offline): ipld: could not find " + "b" + "a" * 58,
    ],
)
def test_missing_block_is_known_in_the_words_of_several_versions(kubo: KuboStore, daemon: FakeKubo, words: str) -> None:
    def refuse(*_: object) -> bytes:
        raise Refused(words)

    daemon.block_get = refuse  # type: ignore[assignment, method-assign]
    block = random_block(100)

    with pytest.raises(BlockMissing) as missing:
        kubo.get(block.cid)

    assert missing.value.cid == block.cid


@pytest.mark.parametrize("words", ["key not found", "context deadline exceeded"])
def test_other_refusals_make_the_daemon_unavailable(kubo: KuboStore, daemon: FakeKubo, words: str) -> None:
    def refuse(*_: object) -> bytes:
        raise Refused(words)

    daemon.version = refuse  # type: ignore[assignment, method-assign]

    with pytest.raises(StoreUnavailable, match=f"refused: {words}"):
        kubo.version()


def test_proxy_of_the_environment_is_not_asked(kubo: KuboStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)

    assert kubo.version()


def test_every_call_says_that_nothing_listens() -> None:
    with running_kubo() as daemon:
        address = daemon.address
    block = random_block(100)

    with closing(KuboStore(address)) as store:
        for call in CALLS.values():
            with pytest.raises(StoreUnavailable):
                call(store, block)


@pytest.mark.parametrize("path", ["block/put", "pin/add", "dag/import"])
def test_full_daemon_is_told_apart(kubo: KuboStore, daemon: FakeKubo, path: str) -> None:
    daemon.faults[path] = Fault.FULL
    block = random_block(100)
    if path == "pin/add":
        kubo.put(block)

    with pytest.raises(StoreFull):
        CALLS[path](kubo, block)


def test_version_is_the_daemons(kubo: KuboStore) -> None:
    assert kubo.version() == "0.44.0-dev"


def test_pins_of_a_daemon_that_has_none_are_none(kubo: KuboStore) -> None:
    assert kubo.pins() == []


def test_strangers_pins_are_passed_over_and_stay(kubo: KuboStore, daemon: FakeKubo) -> None:
    ours = random_block(100)
    kubo.put(ours)
    kubo.pin(ours.cid, "koinon/ours")
    theirs = {"QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH": "old", random_block(9).cid.encode(): ""}
    daemon.roots.update(theirs)

    assert kubo.pins("koinon/") == [Pin(ours.cid, "koinon/ours")]
    assert all(pin.name in ("", "koinon/ours") for pin in kubo.pins())
    kubo.unpin(ours.cid, "koinon/ours")

    assert daemon.roots == theirs


def test_delete_leaves_what_a_pin_holds(kubo: KuboStore) -> None:
    leaf = random_block(100)
    root = dag_block(encode_dag_cbor([leaf.cid]))
    kubo.put(leaf)
    kubo.put(root)
    kubo.pin(root.cid, "name")

    for held in (leaf, root):
        with pytest.raises(StoreError, match="pinned"):
            kubo.delete(held.cid)

    assert kubo.get(leaf.cid) == leaf.data


def test_put_notices_a_daemon_that_keeps_another_block(kubo: KuboStore, daemon: FakeKubo) -> None:
    daemon.block_put = lambda options, body: {"Key": random_block(9).cid.encode()}  # type: ignore[method-assign]

    with pytest.raises(StoreUnavailable, match="was kept as"):
        kubo.put(random_block(100))


def filled(size: int = 3 * 2**20 + 5) -> tuple[Shelf, Block]:
    """A manifest over a file of four leaves, and over one that is a single block."""
    shelf = Shelf()
    file, small = import_file(secrets.token_bytes(size), shelf.put), random_block(10)
    root = dag_block(encode_dag_cbor({"files": [file, small.cid]}))
    shelf.put(small)
    shelf.put(root)
    return shelf, root


def test_push_sends_every_block_and_pins(kubo: KuboStore, daemon: FakeKubo) -> None:
    shelf, root = filled()

    kubo.push(shelf, root.cid, "koinon/manifest")

    assert kubo.pins() == [Pin(root.cid, "koinon/manifest")]
    assert list(walk(kubo, root.cid)) == list(walk(shelf, root.cid))
    assert daemon.asked.count("dag/import") == 1
    assert daemon.asked.count("block/put") == 0


def test_push_may_be_repeated(kubo: KuboStore) -> None:
    shelf, root = filled()

    kubo.push(shelf, root.cid, "koinon/manifest")
    kubo.push(shelf, root.cid, "koinon/manifest")

    assert kubo.pins() == [Pin(root.cid, "koinon/manifest")]


def test_push_restores_the_daemon_from_the_embedded_store_after_an_outage(
    kubo: KuboStore, daemon: FakeKubo, embedded: EmbeddedStore
) -> None:
    roots = [embedded.add_file(secrets.token_bytes(2_000)) for _ in range(5)]
    daemon.faults["dag/import"] = Fault.NO_JSON
    for root in roots:
        with pytest.raises(StoreUnavailable):
            kubo.push(embedded, root, f"koinon/{root.encode()}")
    daemon.faults.clear()

    for root in roots:
        kubo.push(embedded, root, f"koinon/{root.encode()}")

    assert {pin.root for pin in kubo.pins("koinon/")} == set(roots)


@pytest.mark.parametrize("fault", [Fault.FORGETS, Fault.LATE_ERROR, Fault.CUT], ids=lambda fault: fault.name)
def test_push_does_not_pin_what_did_not_arrive(kubo: KuboStore, daemon: FakeKubo, fault: Fault) -> None:
    shelf, root = filled(10)
    daemon.faults["dag/import"] = fault

    with pytest.raises(StoreUnavailable):
        kubo.push(shelf, root.cid, "koinon/manifest")

    assert daemon.roots == {}


def test_push_passes_on_that_the_source_lacks_a_block(kubo: KuboStore, daemon: FakeKubo) -> None:
    shelf, root = filled()
    lost = next(cid for cid in walk(shelf, root.cid) if len(shelf.blocks[cid]) == 10)
    del shelf.blocks[lost]

    with pytest.raises(BlockMissing) as missing:
        kubo.push(shelf, root.cid, "koinon/manifest")

    assert missing.value.cid == lost
    assert daemon.roots == {}
    kubo.put(root)  # the client works on


def test_push_finds_what_the_daemon_lost_before_it_pins(kubo: KuboStore, daemon: FakeKubo) -> None:
    shelf, root = filled(10)
    imported = daemon.dag_import

    def loses_a_block(options: dict[str, str], body: bytes) -> object:
        answer = imported(options, body)
        del daemon.blocks[next(iter(daemon.blocks))]
        return answer

    daemon.dag_import = loses_a_block  # type: ignore[method-assign]

    with pytest.raises(BlockMissing):
        kubo.push(shelf, root.cid, "koinon/manifest")

    assert daemon.roots == {}


def test_push_reads_each_block_once(kubo: KuboStore) -> None:
    shelf, root = filled()

    kubo.push(shelf, root.cid, "koinon/manifest")

    assert len(shelf.asked) == len(set(shelf.asked)) == len(shelf.blocks)


def test_store_is_a_source_for_another(kubo: KuboStore, embedded: EmbeddedStore) -> None:
    shelf, root = filled(10)
    kubo.push(shelf, root.cid, "koinon/manifest")
    source: BlockSource = kubo

    for cid in walk(source, root.cid):
        embedded.put(Block(cid, source.get(cid)))
    embedded.pin(root.cid, "restored")

    assert embedded.pins() == [Pin(root.cid, "restored")]


def test_real_daemon_imports_a_car(real_kubo: KuboStore) -> None:
    shelf, root = filled()
    name = f"koinon-test/{secrets.token_hex(8)}"

    real_kubo.push(shelf, root.cid, name)

    assert real_kubo.pins(name) == [Pin(root.cid, name)]
    assert list(walk(real_kubo, root.cid)) == list(walk(shelf, root.cid))
    real_kubo.unpin(root.cid, name)
