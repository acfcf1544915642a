"""Where the contracts of a chain are (`deployments/<chain id>.json`) and what their logs look like (`abi/*.json`)."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.errors import FatalError

ABI_FOLDER = Path(__file__).resolve().parent / "abi"
Abi = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Contract:
    """A deployed contract; `first_block` is the block that made it."""

    address: str
    first_block: int


@dataclass(frozen=True, slots=True)
class Deployment:
    """The contracts of which a chain has one, by name; all others are found through the factories."""

    chain_id: int
    contracts: dict[str, Contract]

    @property
    def factory(self) -> Contract:
        return self.contracts["CommunityFactory"]

    @property
    def first_block(self) -> int:
        """No contract of ours is older."""
        return min(contract.first_block for contract in self.contracts.values())


def load_abi(name: str) -> Abi:
    """The ABI of a contract, as the compiler gave it. Raises FatalError when there is none."""
    path = ABI_FOLDER / f"{name}.json"
    try:
        abi: Abi = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise FatalError(f"No ABI of {name} at {path} ({error}): run scripts/export_abi.py.") from error
    return abi


def load_deployment(folder: Path, chain_id: int) -> Deployment:
    """The deployment of a chain. Raises FatalError when its file is missing, malformed or of another chain."""
    path = folder / f"{chain_id}.json"
    try:
        return _parse(json.loads(path.read_text()), chain_id)
    except FileNotFoundError as error:
        raise FatalError(
            f"No deployment file {path}: deploy the contracts to chain {chain_id} (scripts/deploy.py), "
            "or set KOINON_DEPLOYMENTS to the folder that has it."
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FatalError(
            f"The deployment file {path} is wrong ({error!r}): write it with scripts/deploy.py."
        ) from error


def _parse(document: Any, chain_id: int) -> Deployment:
    if document["chain_id"] != chain_id:
        raise ValueError(f"it is of chain {document['chain_id']}, not {chain_id}")
    contracts = {name: _contract(entry) for name, entry in document["contracts"].items()}
    if "CommunityFactory" not in contracts:
        raise ValueError("it names no CommunityFactory")
    return Deployment(chain_id=chain_id, contracts=contracts)


def _contract(entry: dict[str, Any]) -> Contract:
    address = str(entry["address"]).lower()
    if not re.fullmatch(r"0x[0-9a-f]{40}", address):
        raise ValueError(f"{address!r} is no address")
    first_block = int(entry["first_block"])
    if first_block < 0:
        raise ValueError(f"first_block {first_block} is negative")
    return Contract(address=address, first_block=first_block)
