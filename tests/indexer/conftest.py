"""An indexer on a fresh database that follows a fake chain."""

from collections.abc import Iterator

import pytest

from indexer.database import open_engine, writer
from indexer.deployments import load_deployment
from indexer.rpc import Rpc
from indexer.run import Indexer
from indexer.schema import prepare
from indexer.source import Source
from tests.factories.mirror import DECODER, Clock, Mirror, mirroring
from tests.factories.story import Story
from tests.fakes.chain import FakeChain
from tests.fixtures.koinon import Deployed


@pytest.fixture
def chain() -> FakeChain:
    return FakeChain()


@pytest.fixture
def mirror(database: str, chain: FakeChain) -> Iterator[Mirror]:
    with mirroring(database, chain) as mirror:
        yield mirror


@pytest.fixture
def story(deployed: Deployed, database: str) -> Iterator[Story]:
    snapshot = deployed.anvil.snapshot()
    deployment = load_deployment(deployed.folder, deployed.anvil.chain_id)
    source = Source(Rpc([deployed.anvil.url], deployed.anvil.chain_id, pause=lambda _: None), topics=DECODER.topics)
    with writer(open_engine(database), [deployment.chain_id]) as connection:
        prepare(connection)
        indexer = Indexer(connection, source, deployment=deployment, decoder=DECODER, clock=Clock())
        yield Story(deployed, indexer, connection)
    deployed.anvil.revert(snapshot)
