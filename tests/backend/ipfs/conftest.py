"""Stores that pass the same tests: embedded, Kubo's double, and a real daemon where KOINON_TEST_KUBO names one."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from backend.ipfs.embedded import EmbeddedStore
from backend.ipfs.kubo import KuboStore
from backend.ipfs.store import BlockStore
from tests.fakes.ipfs import FakeKubo, running_kubo

REAL = os.environ.get("KOINON_TEST_KUBO", "")  # its RPC multiaddr


@pytest.fixture
def daemon() -> Iterator[FakeKubo]:
    with running_kubo() as daemon:
        yield daemon


@pytest.fixture
def kubo(daemon: FakeKubo) -> Iterator[KuboStore]:
    with closing(KuboStore(daemon.address)) as store:
        yield store


@pytest.fixture
def hasty_kubo(daemon: FakeKubo) -> Iterator[KuboStore]:
    """The same daemon through a client that soon gives up, for faults that are silence."""
    with closing(KuboStore(daemon.address, connect_seconds=2, read_seconds=0.3, walk_seconds=0.3)) as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the fixture `embedded` keeps its files."""
    return tmp_path / "blocks"


@pytest.fixture
def embedded(folder: Path) -> EmbeddedStore:
    return EmbeddedStore(folder)


@pytest.fixture
def real_kubo() -> Iterator[KuboStore]:
    if not REAL:
        pytest.skip("KOINON_TEST_KUBO names no daemon; no package registry has one, so this is no missing tool")
    with closing(KuboStore(REAL)) as store:
        yield store


@pytest.fixture(params=["embedded", "kubo", *(["real_kubo"] if REAL else [])])
def store(request: pytest.FixtureRequest) -> BlockStore:
    store: BlockStore = request.getfixturevalue(request.param)
    return store
