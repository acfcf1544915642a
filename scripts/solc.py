"""Contracts compiled by npm's solc directly: file by file, from the sources as they are or as a caller changes them.

Ape compiles everything whenever anything has changed. This compiles again only the files whose own text, imports or
settings differ from a compilation that .build/solc keeps; so a change costs seconds, and none costs nothing.
"""

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".build" / "solc"
COMPILER = ROOT / "scripts" / "solc.js"
NODE = ROOT / ".tools" / "bin" / "node"
MODULES = ROOT / "node_modules"
LIBRARIES = {"solady/": "solady/src/", "@openzeppelin/contracts/": "@openzeppelin/contracts/"}  # inside node_modules
MOCKS = "contracts/mocks/"
CONTRACT = re.compile(r"^contract ", re.MULTILINE)
IMPORT = re.compile(r'^\s*import\s[^;]*?"([^"]+)"\s*;', re.MULTILINE)
OUTPUTS = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]


class CompilationFailed(Exception):
    """The sources do not compile: what solc says about the first error."""


@dataclass(frozen=True)
class Artifact:
    """What deploying and calling a contract takes."""

    name: str
    abi: list[dict[str, Any]]
    code: bytes  # that creates it; empty for what cannot be created
    runtime: bytes


def sources() -> dict[str, str]:
    """Path below the checkout -> text, of all contracts of ours."""
    found = sorted(path for path in (ROOT / "contracts").rglob("*.sol") if ".cache" not in path.parts)
    return {str(path.relative_to(ROOT)): path.read_text() for path in found}


def artifacts(
    files: Iterable[str] = (), *, changed: Mapping[str, str] | None = None, keep: bool = True
) -> dict[str, Artifact]:
    """Contract name -> artifact, of these files (all, when none is named), with the texts in `changed` instead of
    those on the disk. Raises CompilationFailed. `keep`: on the disk, for the next time."""
    texts = sources() | dict(changed or {})
    wanted = list(files) or list(texts)
    keys = {path: _key(path, texts) for path in wanted}
    missing = [path for path in wanted if not _kept(keys[path]).exists()]
    made = _compiled(missing, texts) if missing else {}
    if keep:
        KEPT.mkdir(parents=True, exist_ok=True)
        for path, contracts in made.items():
            _replace(_kept(keys[path]), json.dumps(contracts))
    result: dict[str, Artifact] = {}
    for path in wanted:
        contracts = made[path] if path in made else json.loads(_kept(keys[path]).read_text())
        result |= {name: _artifact(name, contract) for name, contract in contracts.items()}
    return result


def abis() -> dict[str, list[dict[str, Any]]]:
    """Contract name -> ABI, of all contracts: in seconds, since no code is made."""
    texts = sources()
    task = standard_input(list(texts), texts)
    task["settings"] |= {"outputSelection": {path: {"*": ["abi"]} for path in texts}}
    found = standard_json(task)["contracts"]
    return {name: contract["abi"] for path in texts for name, contract in found.get(path, {}).items()}


def closure(path: str, texts: Mapping[str, str]) -> dict[str, str]:
    """The text of a file and of everything that it imports, at whatever distance."""
    found: dict[str, str] = {}
    waiting = [path]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = texts[name] if name in texts else _library(name)
        waiting += [_resolved(name, target) for target in IMPORT.findall(found[name])]
    return found


def dependants(path: str, texts: Mapping[str, str]) -> list[str]:
    """The files of `texts` whose bytecode may change with this file: it and those that import it."""
    return [name for name in texts if path in closure(name, texts)]


def _resolved(importer: str, target: str) -> str:
    if not target.startswith("."):
        return target
    parts = [*Path(importer).parent.parts]
    for part in Path(target).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


@cache
def _library(name: str) -> str:
    for prefix, folder in LIBRARIES.items():
        if name.startswith(prefix):
            return (MODULES / folder / name.removeprefix(prefix)).read_text()
    raise CompilationFailed(f"Nothing is known of the import {name}.")


@cache
def _settings() -> dict[str, Any]:
    """The compiler's settings, as Ape has them."""
    config = yaml.safe_load((ROOT / "ape-config.yaml").read_text())["solidity"]
    return {
        "viaIR": config["via_ir"],
        "evmVersion": config["evm_version"],
        "optimizer": {"enabled": config["optimize"], "runs": config["optimization_runs"]},
    }


@cache
def _version() -> str:
    return str(json.loads((MODULES / "solc" / "package.json").read_text())["version"])


def _key(path: str, texts: Mapping[str, str]) -> str:
    total = hashlib.sha256(json.dumps([_version(), _settings(), path, OUTPUTS], sort_keys=True).encode())
    for name, text in sorted(closure(path, texts).items()):
        total.update(f"\0{name}\0{text}".encode())
    return total.hexdigest()[:32]


def _kept(key: str) -> Path:
    return KEPT / f"{key}.json"


def _replace(path: Path, text: str) -> None:
    """Another process sees the old file or the whole new one."""
    part = path.with_suffix(f".{hashlib.sha256(text.encode()).hexdigest()[:8]}.part")
    part.write_text(text)
    part.replace(path)


def _compiled(files: list[str], texts: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """File -> contract name -> output of solc. Each contract of ours is compiled by itself, on all cores: then its code
    does not depend on what else was compiled, and whoever verifies it needs only its own imports."""
    alone = [[path] for path in files if CONTRACT.search(texts[path]) and not path.startswith(MOCKS)]
    rest = [path for path in files if [path] not in alone]
    found: dict[str, dict[str, Any]] = {}
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        tasks = [*sorted(alone, key=lambda paths: -len(texts[paths[0]])), *([rest] if rest else [])]
        for each in pool.map(lambda paths: _run(paths, texts), tasks):
            found |= each
    return found


def _run(files: list[str], texts: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    output = standard_json(standard_input(files, texts))
    return {path: output.get("contracts", {}).get(path, {}) for path in files}


def standard_input(files: list[str], texts: Mapping[str, str]) -> dict[str, Any]:
    """What solc, and an explorer that verifies sources, is given for these files."""
    inputs: dict[str, str] = {}
    for path in files:
        inputs |= closure(path, texts)
    return {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sorted(inputs.items())},
        "settings": _settings() | {"outputSelection": {path: {"*": OUTPUTS} for path in files}},
    }


def standard_json(task: dict[str, Any]) -> dict[str, Any]:
    """What solc answers. Raises CompilationFailed."""
    done = subprocess.run(
        [NODE, COMPILER, "--standard-json"],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    output: dict[str, Any] = json.loads(done.stdout)
    errors = [error["formattedMessage"] for error in output.get("errors", ()) if error["severity"] == "error"]
    if errors:
        raise CompilationFailed(errors[0])
    return output


def _artifact(name: str, output: dict[str, Any]) -> Artifact:
    evm = output["evm"]
    return Artifact(
        name,
        output["abi"],
        bytes.fromhex(evm["bytecode"]["object"]),
        bytes.fromhex(evm["deployedBytecode"]["object"]),
    )
