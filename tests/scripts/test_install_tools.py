"""The tools step: what it does again, what it leaves alone, and what it says when it cannot go on."""

import importlib.machinery
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.fixtures.tools import ROOT

SCRIPT = ROOT / "scripts" / "install_tools"
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module that works in an empty folder."""
    loader = importlib.machinery.SourceFileLoader("install_tools", str(SCRIPT))
    spec = importlib.util.spec_from_loader("install_tools", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader.exec_module(module)
    monkeypatch.setattr(module, "TOOLS", tmp_path / ".tools")
    monkeypatch.setattr(module, "BIN", tmp_path / ".tools" / "bin")
    return module


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    return tmp_path / "installed"


def test_step_runs_once_for_a_key(tools: ModuleType, proof: Path) -> None:
    runs: list[str] = []

    def install() -> None:
        runs.append("run")
        proof.touch()

    for key in ("a", "a", "b", "b"):
        tools.once("step", key, proof, "Installing", install)

    assert len(runs) == 2


def test_step_runs_again_when_what_it_made_is_gone(tools: ModuleType, proof: Path) -> None:
    tools.once("step", "a", proof, "Installing", proof.touch)
    proof.unlink()

    tools.once("step", "a", proof, "Installing", proof.touch)

    assert proof.exists()


def test_step_is_known_as_interrupted_when_it_did_not_end(tools: ModuleType, proof: Path) -> None:
    def breaks_off() -> None:
        proof.touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tools.once("step", "a", proof, "Installing", breaks_off)

    assert not tools.finished("step")
    tools.once("step", "a", proof, "Installing", proof.touch)
    assert tools.finished("step")


def test_failed_command_shows_the_end_of_its_log_and_a_remedy(tools: ModuleType) -> None:
    with pytest.raises(tools.Failed, match=r"step `step` failed(.|\n)*no space left") as failed:
        tools.run("step", ["sh", "-c", "echo no space left; exit 3"])

    assert ".tools/logs/step.log" in failed.value.remedy


def test_venv_without_ensurepip_names_the_package_to_install(
    tools: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)

    with pytest.raises(tools.Failed) as failed:
        tools.bare_venv(str(python), tmp_path / "venv")

    assert "python3-venv" in failed.value.remedy


def test_old_python_alone_is_refused(tools: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    monkeypatch.setattr(tools.sys, "_base_executable", str(old))
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(tools.Failed, match=r"Python 3\.11"):
        tools.find_python()


@pytest.mark.parametrize(("major", "found"), [(18, False), (20, True), (24, True)])
def test_node_of_the_path_is_used_from_version_20(
    tools: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, major: int, found: bool
) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {major} /opt/node\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    assert tools.node_on_path() == ("/opt/node" if found else None)


def test_unknown_purpose_is_refused() -> None:
    done = subprocess.run([SCRIPT, "everything"], capture_output=True, text=True, check=False)

    assert (done.returncode, "usage: scripts/install_tools" in done.stderr) == (1, True)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_names_a_hash_for_each_package_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    packages = re.split(r"\n(?=[a-z0-9])", text)[1:]

    assert packages
    assert all(" --hash=sha256:" in package for package in packages)
    assert "://" not in text


def test_runtime_lock_is_part_of_the_demo_lock_which_is_part_of_the_test_lock() -> None:
    runtime, demo, test = (
        set(re.findall(r"^([a-z0-9._-]+==[^ ;\\]+)", (ROOT / "requirements" / name).read_text(), re.MULTILINE))
        for name in ("runtime.txt", "demo.txt", "test.txt")
    )

    assert runtime < demo < test
    assert not any(package.startswith(("eth-ape==", "ape-")) for package in runtime)


@pytest.mark.parametrize("lock", ["package-lock.json", "scripts/vendor/package-lock.json"])
def test_npm_lock_has_integrity_for_each_package_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert text.count('"integrity"') == text.count('    "node_modules/')
    assert '"resolved"' not in text


def test_npm_packages_that_pages_are_given_are_under_free_licenses() -> None:
    packages = json.loads((ROOT / "scripts" / "vendor" / "package-lock.json").read_text())["packages"]
    licenses = {each.get("license") for name, each in packages.items() if name}

    assert licenses <= {"MIT", "ISC", "Apache-2.0", "0BSD", "BlueOak-1.0.0", "(Apache-2.0 AND MIT)"}
