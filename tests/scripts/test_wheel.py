"""The built wheel serves a home without the checkout and without Ape."""

import importlib.metadata
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.fixtures.anvil import Anvil
from tests.fixtures.tools import ROOT, missing

UV = ROOT / ".tools" / "uv" / "bin" / "uv"
BUILD = ROOT / ".tools" / "build"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    if not BUILD.exists():
        missing("What builds the wheel")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(BUILD)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return next(folder.glob("koinon-*.whl"))


@pytest.fixture(scope="module")
def koinon(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `koinon` of an environment that holds the wheel and the locked packages of a host, nothing else."""
    if not UV.exists():
        missing("uv")
    folder = tmp_path_factory.mktemp("installed") / "venv"
    python = str(folder / "bin" / "python")
    uv("venv", "--python", sys.executable, str(folder))
    copy_packages(ROOT / "requirements" / "runtime.txt", next((folder / "lib").glob("python3*/site-packages")))
    uv("pip", "install", "--offline", "--no-deps", "--python", python, str(wheel))
    return folder / "bin" / "koinon"


def uv(*arguments: str) -> None:
    done = subprocess.run([UV, "--quiet", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def copy_packages(requirements: Path, site: Path) -> None:
    """The packages that this lock names, in the versions that the tests' own environment has, without a network."""
    for name in re.findall(r"^([a-z0-9._-]+)==", requirements.read_text(), re.MULTILINE):
        try:
            files = importlib.metadata.files(name) or []
        except importlib.metadata.PackageNotFoundError:  # it is for another platform
            continue
        for file in files:
            if ".." not in file.parts and "__pycache__" not in file.parts:
                target = site / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file.locate(), target)


class Home:
    """An installed home in an empty folder, far from the checkout."""

    def __init__(self, koinon: Path, folder: Path, **settings: str) -> None:
        self.koinon = koinon
        self.folder = folder
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"}
        self.environment |= {f"KOINON_{name.upper()}": text for name, text in settings.items()}

    def run(self, *arguments: str, code: int = 0) -> str:
        """What the command printed, once it ended with this exit code."""
        command = [str(self.koinon), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=180
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @contextmanager
    def running(self, *commands: str) -> Iterator[httpx.Client]:
        """A client that waits for the port, while these commands run."""
        processes = []
        for name in commands:
            with (self.folder / f"{name}.log").open("wb") as log:
                command = [str(self.koinon), name]
                started = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=log, stderr=log)
            processes.append(started)
        waits = httpx.HTTPTransport(retries=7)
        with httpx.Client(base_url=self.environment["KOINON_BASE_URL"], transport=waits, timeout=30) as client:
            yield client
        for process in processes:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture
def home(koinon: Path, anvil: Anvil, tmp_path: Path, database_setting: str) -> Home:
    deployments = tmp_path / "deployments"
    deployments.mkdir()
    factory = {"address": "0x" + "11" * 20, "first_block": 1}
    document = {"chain_id": anvil.chain_id, "contracts": {"CommunityFactory": factory}}
    (deployments / f"{anvil.chain_id}.json").write_text(json.dumps(document))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    settings = {"data": str(tmp_path / "home"), "database": database_setting, "deployments": str(deployments)}
    origin = f"http://127.0.0.1:{port}"
    return Home(koinon, tmp_path, rpc=anvil.url, port=port, base_url=origin, **settings)


def test_wheel_holds_no_tests_scripts_or_contracts(wheel: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", str(wheel)], capture_output=True, text=True, check=True
    )

    roots = {line.split()[0].split("/")[0] for line in listed.stdout.splitlines()[1:]}
    assert {name for name in roots if ".dist-info" not in name} == {"backend", "indexer"}
    assert "koinon.css" in listed.stdout
    assert "demo" not in listed.stdout


def test_installed_environment_has_no_ape(koinon: Path) -> None:
    done = subprocess.run([koinon.parent / "python", "-c", "import ape"], capture_output=True, text=True, check=False)

    assert "ModuleNotFoundError" in done.stderr


def test_installed_home_is_set_up_and_serves_pages_style_and_api(home: Home) -> None:
    home.run("init")
    home.run("migrate")
    with home.running("index", "serve") as client:
        page = client.get("/")

        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert client.get("/static/koinon.css").status_code == 200
        assert client.get("/api/communities").json() == []
        assert "up to date" in home.run("doctor")


def test_installed_command_says_what_to_do_first(home: Home) -> None:
    assert "koinon migrate" in home.run("serve", code=1)
