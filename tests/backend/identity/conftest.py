"""What the tests of sign-in share: databases with tables, wallets, and messages that are right."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from sqlalchemy import create_engine, text

from backend.chain import Chain
from backend.config import Settings
from backend.db import AppTable, Database
from backend.identity import tables
from indexer.tables import chain as mirror
from indexer.tables.base import metadata as mirror_metadata
from tests.fixtures.anvil import Anvil

CHAIN_ID = 31337
"""Anvil's."""


@pytest.fixture
def settings(data_folder: Path) -> Settings:
    return Settings(data=data_folder, base_url="http://koinon.test:8000", chain_id=CHAIN_ID)


@pytest.fixture
def store(database_setting: str, data_folder: Path) -> Iterator[Database]:
    """A database with the tables of identity and the indexer's, empty."""
    assert tables.Nonce.metadata is AppTable.metadata
    assert mirror.Checkpoint.metadata is mirror_metadata
    if database_setting == "":
        engine = create_engine(
            f"sqlite:///{data_folder / 'mirror.db'}", execution_options={"schema_translate_map": {"mirror": None}}
        )
        mirror_metadata.create_all(engine)
        engine.dispose()
    opened = Database(database_setting, data_folder)
    if database_setting:
        with opened.engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA app"))
            connection.execute(text("CREATE SCHEMA mirror"))
        mirror_metadata.create_all(opened.engine)
    AppTable.metadata.create_all(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
def wallet() -> LocalAccount:
    account: LocalAccount = Account.from_key(b"\x11" * 32)
    return account


@pytest.fixture
def no_chain() -> Iterator[Chain]:
    """A node that is away: port 9 discards, and here nobody listens."""
    chain = Chain("http://127.0.0.1:9", CHAIN_ID)
    yield chain
    chain.close()


@pytest.fixture
def chain(anvil: Anvil) -> Iterator[Chain]:
    chain = Chain(anvil.url, anvil.chain_id)
    yield chain
    chain.close()
