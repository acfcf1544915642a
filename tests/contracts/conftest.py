"""Chain and communities for the contract tests. Ape's plugin undoes after each test what the test did.

With KOINON_CHAIN=evm (and `-p no:ape_test`) they run on an EVM in this process instead of on anvil: in seconds, and
without Ape. What only a node can show is skipped then.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ape_foundry.provider import FoundryProvider

from scripts.solc import artifacts
from scripts.solidity import compiled
from tests.factories.communities import World, community_of, factory_of
from tests.factories.contracts import Chain
from tests.factories.evm import Evm

IN_PROCESS = os.environ.get("KOINON_CHAIN") == "evm"
STATES = Path(__file__).resolve().parents[2] / ".tools" / "ape" / "anvil"  # old blocks that anvil puts on the disk
_command = FoundryProvider.build_command


def _command_within_the_checkout(provider: FoundryProvider) -> list[str]:
    """Ape has no setting for it, and anvil would write to the home folder."""
    return [*_command(provider), "--cache-path", str(STATES)]


FoundryProvider.build_command = _command_within_the_checkout  # type: ignore[assignment, method-assign]


@pytest.fixture(scope="session", autouse=True)
def _states() -> Iterator[None]:
    yield
    shutil.rmtree(STATES, ignore_errors=True)


@pytest.fixture(scope="session")
def project() -> Any:
    """Compiled from the sources as they are; Ape's own fixture may hold contracts with old libraries."""
    return compiled()


@pytest.fixture(scope="session")
def ledger(request: pytest.FixtureRequest) -> Chain:
    if IN_PROCESS:
        return Evm(artifacts())
    networks, accounts = request.getfixturevalue("networks"), request.getfixturevalue("accounts")
    return Chain(request.getfixturevalue("project"), networks.provider, [account.address for account in accounts])


@pytest.fixture(autouse=True)
def _undone(request: pytest.FixtureRequest) -> Iterator[None]:
    """What Ape's plugin does on anvil."""
    if not IN_PROCESS:
        yield
        return
    with request.getfixturevalue("ledger").undone():
        yield


@pytest.fixture(scope="session")
def factory(ledger: Chain) -> Any:
    return factory_of(ledger)


@pytest.fixture(scope="session")
def token(ledger: Chain) -> Any:
    return ledger.deploy("MockToken", "Test Dollar", "TUSD", 6)


@pytest.fixture(scope="session")
def native(ledger: Chain, factory: Any) -> World:
    """A community paid in native coins, without operator."""
    return community_of(ledger, factory)


@pytest.fixture(scope="session")
def tokened(ledger: Chain, factory: Any, token: Any) -> World:
    """A community paid in an ERC-20, without operator."""
    return community_of(ledger, factory, token=token)


@pytest.fixture(scope="session", params=["native", "erc20"])
def world(request: pytest.FixtureRequest) -> World:
    """Either community: what holds for both currencies."""
    world: World = request.getfixturevalue("native" if request.param == "native" else "tokened")
    return world


@pytest.fixture(scope="session")
def hosted(ledger: Chain, factory: Any) -> World:
    """A community whose operator gets 5 % of what is earned."""
    return community_of(ledger, factory, operator=ledger.accounts[2], operatorBps=500)
