"""A home with a keeper, and a community on a real chain."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from backend import catalog
from backend.config import Settings
from backend.db import AppTable
from backend.host import open_host
from backend.log.replay import build_projections
from indexer.database import open_engine, writer
from indexer.deployments import load_deployment
from indexer.rpc import Rpc
from indexer.run import Indexer
from indexer.schema import prepare
from indexer.source import Source
from tests.factories.economy import Economy
from tests.factories.home import BASE_URL
from tests.factories.keeper import Kept
from tests.factories.mirror import DECODER, Clock
from tests.factories.story import Story
from tests.fixtures.koinon import Deployed


@pytest.fixture
def kept(deployed: Deployed, database: str, database_setting: str, data_folder: Path) -> Iterator[Kept]:
    snapshot = deployed.anvil.snapshot()
    chain_id = deployed.anvil.chain_id
    deployment = load_deployment(deployed.folder, chain_id)
    source = Source(Rpc([deployed.anvil.url], chain_id, pause=lambda _: None), topics=DECODER.topics)
    with writer(open_engine(database), [chain_id]) as connection:
        prepare(connection)
        indexer = Indexer(connection, source, deployment=deployment, decoder=DECODER, clock=Clock())
        settings = Settings(
            data=data_folder,
            database=database_setting,
            rpc=deployed.anvil.url,
            chain_id=chain_id,
            deployments=deployed.folder,
            base_url=BASE_URL,
            _env_file=None,
        )
        host = open_host(settings, catalog.KINDS)
        with host.database.writing() as session:
            if database_setting:
                session.execute(text("CREATE SCHEMA app"))
            AppTable.metadata.create_all(session.connection())
        build_projections(host.database, catalog.KINDS)
        story = Story(deployed, indexer, connection)
        story.bob = host.home.address  # who is named as the home's key
        yield Kept(host, Economy(story))
        host.close()
    deployed.anvil.revert(snapshot)
