"""What the tests of sign-in share: databases with tables, wallets, and messages that are right."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from sqlalchemy import create_engine, text

from backend.chain import Chain
from backend.config import Settings
from backend.db import Database
from backend.identity import login
from backend.identity.login import Challenge, SignedIn
from backend.identity.tables import Nonce
from indexer.tables.chain import Checkpoint
from tests.factories.identity import NOW, SignIn, ask_nonce
from tests.fixtures.anvil import Anvil

CHAIN_ID = 31337
"""Anvil's."""
OWN = {"nonces", "login_sessions", "delegation_blocks", "limit_counts", "linked_wallets"}


@pytest.fixture
def settings(data_folder: Path) -> Settings:
    return Settings(data=data_folder, base_url="http://koinon.test:8000", chain_id=CHAIN_ID)


@pytest.fixture
def store(database_setting: str, data_folder: Path) -> Iterator[Database]:
    """A database with the tables of identity and the indexer's checkpoint, empty."""
    mirror = [Checkpoint.metadata.tables["mirror.checkpoints"]]
    own = [table for table in Nonce.metadata.tables.values() if table.name in OWN]
    if database_setting == "":
        engine = create_engine(
            f"sqlite:///{data_folder / 'mirror.db'}", execution_options={"schema_translate_map": {"mirror": None}}
        )
        Checkpoint.metadata.create_all(engine, mirror)
        engine.dispose()
    opened = Database(database_setting, data_folder)
    if database_setting:
        with opened.engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA app"))
            connection.execute(text("CREATE SCHEMA mirror"))
        Checkpoint.metadata.create_all(opened.engine, mirror)
    Nonce.metadata.create_all(opened.engine, own)
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


@pytest.fixture
def given_out(store: Database, settings: Settings, wallet: LocalAccount) -> Challenge:
    """A challenge for the wallet."""
    return ask_nonce(store, settings, wallet.address)


@pytest.fixture
def sign_in(store: Database, no_chain: Chain, settings: Settings) -> SignIn:
    """`login.sign_in` one second after the challenge, without a node."""

    def sign_in(message: str, signature: bytes, *, at: int = NOW + 1, **more: Any) -> SignedIn:
        return login.sign_in(store, no_chain, settings=settings, message=message, signature=signature, at=at, **more)

    return sign_in
