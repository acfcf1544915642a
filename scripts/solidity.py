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

from scripts.solc import Artifact, artifacts

BUILD = Path(__file__).resolve().parent.parent / ".build"
# A contract that hands calls on -> those that take them. Its face, at its address, is that of all.
BEHIND = {"Membership": ("MembershipDesk", "MembershipHolder", "MembershipOffice")}


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
    return Contracts({name: ContractContainer(_type_of(artifact, made)) for name, artifact in made.items()})


def face_of(name: str, made: Mapping[str, Artifact]) -> list[dict[str, Any]]:
    """The ABI of what answers at a contract's address, each entry once: a fallback hands calls on."""
    behind = [entry for other in BEHIND.get(name, ()) for entry in made[other].abi if entry["type"] != "constructor"]
    unique = {(each["type"], each.get("name"), repr(each.get("inputs"))): each for each in [*behind, *made[name].abi]}
    return list(unique.values())


def _type_of(artifact: Artifact, made: Mapping[str, Artifact]) -> ContractType:
    return ContractType(
        contractName=artifact.name,
        abi=face_of(artifact.name, made),
        deploymentBytecode={"bytecode": "0x" + artifact.code.hex()},
        runtimeBytecode={"bytecode": "0x" + artifact.runtime.hex()},
    )
