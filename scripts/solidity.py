"""The compiled contracts as Ape's containers, for everything that needs them: deployment, tests, benchmarks.

Ape alone compiles again only the files that changed, not those that import them, and all in one run of the compiler:
a change to a library would go unseen, and a first compilation takes minutes. scripts/solc.py compiles each contract by
itself, on all cores, with the settings of ape-config.yaml, and only what has changed.
"""

import fcntl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ape.contracts import ContractContainer
from ethpm_types import ContractType

from scripts.export_abi import Abi, face_of
from scripts.solc import Artifact, artifacts

BUILD = Path(__file__).resolve().parent.parent / ".build"


class Contracts:
    """Each contract is an attribute: Ape's container, by which it is deployed and called."""

    def __init__(self, containers: Mapping[str, Any]) -> None:
        self.contracts = dict(containers)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.contracts[name]
        except KeyError:
            raise AttributeError(name) from None


def compiled() -> Contracts:
    """The contracts as their sources are now. Processes wait for one another."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = artifacts()
    abis = {name: artifact.abi for name, artifact in made.items()}
    return Contracts({name: ContractContainer(_type_of(each, face_of(name, abis))) for name, each in made.items()})


def _type_of(artifact: Artifact, abi: Abi) -> ContractType:
    return ContractType(
        contractName=artifact.name,
        abi=abi,
        deploymentBytecode={"bytecode": "0x" + artifact.code.hex()},
        runtimeBytecode={"bytecode": "0x" + artifact.runtime.hex()},
    )
