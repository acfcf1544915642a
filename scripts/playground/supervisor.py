"""Starts a whole Koinon, keeps its processes running, and ends them all.

with Playground(folder, say=print) as playground:   # chain, contracts, tables; nothing is served yet
    playground.seed(tell)                           # once: a story on the empty chain
    playground.serve()
    playground.watch(stop)                          # until `stop` is set
"""

import hashlib
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from backend import catalog, setup
from scripts.node import RpcFailed
from scripts.playground import home
from scripts.playground.chain import GENESIS, USUAL_PORT, LocalChain
from scripts.playground.children import Child, execute, fork, run, stop_all
from scripts.playground.folder import Folder
from scripts.playground.ports import HOST, listen
from scripts.playground.trouble import Trouble

ROOT = Path(__file__).resolve().parent.parent.parent
USUAL_WEB_PORT = 8000
CACHE = ROOT / ".build" / "playground"
"""Chains with nothing but the contracts on them, by what made them."""
MADE_BY = ("contracts/**/*.sol", "ape-config.yaml", "package-lock.json", "scripts/deploy.py")
START_SECONDS = 60
WATCH_SECONDS = 0.25
CALM_SECONDS = 30
"""A process that ran so long has not failed at its start, and is started again at once."""
CRASHES = 5
"""A process that fails so often in a row is given up."""

Say = Callable[[str], None]


class Playground:
    """One chain, one home, one folder. `say` gets a line for whatever a person should see."""

    def __init__(
        self,
        folder: Folder,
        *,
        say: Say,
        port: int | None = None,
        rpc_port: int = USUAL_PORT,
        anchor_seconds: int = home.ANCHOR_SECONDS,
    ) -> None:
        self.folder, self._say = folder, say
        last = str(folder.notes.get("url", ""))
        self.wanted = USUAL_WEB_PORT if port is None else port
        self.listener = listen(self.wanted, *([int(last.rpartition(":")[2])] if last else []))
        self.url = f"http://{HOST}:{self.listener.getsockname()[1]}"
        self.chain = LocalChain(folder.chain, folder.logs / "chain.log", port=rpc_port)
        self.settings = home.settings_of(folder, rpc=self.chain.url, url=self.url, anchor_seconds=anchor_seconds)
        os.environ.update(home.environment_of(self.settings))  # for all that this process starts
        self._starts: dict[str, Callable[[], Child]] = {}
        self._children: dict[str, Child] = {}
        self._started: dict[str, float] = {}
        self._crashes: dict[str, int] = {}

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def factory(self) -> str:
        """Address of the contract that opens communities."""
        return self._deployed("CommunityFactory")

    @property
    def market(self) -> str:
        """Address of the contract in which badges are sold."""
        return self._deployed("Market")

    def _deployed(self, name: str) -> str:
        document = json.loads((self.folder.deployments / f"{self.settings.chain_id}.json").read_text())
        return str(document["contracts"][name]["address"])

    def start(self) -> None:
        """Chain, contracts and tables are there, and the index follows. Raises Trouble."""
        new = not self.folder.chain.exists()
        if new:
            self._bring_contracts()
        self.chain.start(in_the_past=new)
        try:
            setup.migrate(self.settings, catalog.KINDS)
        except setup.SetupFailed as error:
            raise Trouble(str(error), "Start again with ARGS=--fresh.") from error
        command = [sys.executable, "-m", "indexer", "run", *setup.indexer_options(self.settings)]
        environment = home.environment_of(self.settings)
        self._begin("indexer", lambda: execute("indexer", command, environment=environment, log=self._log("indexer")))

    def serve(self) -> None:
        """The chain has reached today, names this address for the home, and the home answers."""
        self.chain.catch_up()
        self.await_index()
        if self.folder.notes.get("url", self.url) != self.url:
            self._say(f"moving the communities to {self.url}")
            self._once("move", lambda: home.move(self.settings))
        self.folder.note(url=self.url)
        self._begin("server", lambda: fork("server", self._serve, log=self._log("server")))
        self._begin("worker", lambda: fork("worker", lambda: home.labor(self.settings), log=self._log("worker")))
        self._await_page()

    def _serve(self) -> None:
        home.serve(self.settings, self.listener)

    def seed(self, tell: Callable[["Playground"], object]) -> None:
        """`tell` has run to its end in a process of its own, before anything else is served. Raises Trouble."""
        self.await_index()
        self._once("seed", lambda: tell(self))
        self.chain.save()
        self.folder.note(ready=True, url=self.url)

    def watch(self, stop: threading.Event) -> None:
        """Keeps everything running until `stop` is set. Raises Trouble when it cannot."""
        while not stop.wait(WATCH_SECONDS):
            self.look_after()

    def look_after(self) -> None:
        """What has crashed runs again; the chain goes on. To be called often."""
        if self.chain.child is not None and not self.chain.child.running:
            self._say("the chain had stopped; it goes on from its last saved block")
            self.chain.start()
        for name, child in list(self._children.items()):
            if not child.running:
                self._again(name, child)
        try:
            self.chain.tick()
        except (requests.RequestException, RpcFailed):
            return  # it has just crashed: the next look starts it again
        except OSError as error:
            raise Trouble(f"The chain cannot be kept: {error}.", f"Look at the disk of {self.folder.root}.") from error

    def _again(self, name: str, child: Child) -> None:
        calm = time.monotonic() - self._started[name] > CALM_SECONDS
        self._crashes[name] = 1 if calm else self._crashes.get(name, 0) + 1
        if self._crashes[name] > CRASHES:
            raise Trouble(f"The {name} fails again and again.", f"See {self._log(name)}.")
        self._say(f"the {name} ended with code {child.code}; it is started again")
        self._begin(name, self._starts[name])

    def stop(self) -> None:
        """Nothing of it runs, its ports are free, the chain's state is kept."""
        stop_all(list(self._children.values()))
        self._children.clear()
        self.chain.stop()
        self.listener.close()

    def _bring_contracts(self) -> None:
        """A chain with the contracts is in the folder: from the cache, or by Ape, which takes a while."""
        kept = CACHE / _key()
        if not (kept / "deployments").exists():
            self._say("compiling and deploying the contracts, this once")
            self._deploy(kept)
        shutil.copytree(kept / "deployments", self.folder.deployments, dirs_exist_ok=True)
        shutil.copyfile(kept / "chain.state", self.folder.chain)

    def _deploy(self, kept: Path) -> None:
        fresh = self.folder.root / "contracts"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        log = self._log("deploy")
        chain = LocalChain(fresh / "chain.state", log, port=0)
        chain.start()
        try:
            command = [sys.executable, str(ROOT / "scripts" / "deploy.py"), "--rpc", chain.url]
            folder = str(fresh / "deployments")
            if run([*command, "--folder", folder], environment=home.environment_of(self.settings), log=log) != 0:
                raise Trouble("The contracts could not be deployed.", f"See {log}.")
        finally:
            chain.stop()
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(kept, ignore_errors=True)
        shutil.move(fresh, kept)

    def _begin(self, name: str, start: Callable[[], Child]) -> None:
        self._starts[name], self._started[name] = start, time.monotonic()
        self._children[name] = start()

    def _once(self, name: str, target: Callable[[], object]) -> None:
        child = fork(name, target, log=self._log(name))
        self._children[name] = child
        while child.running:
            time.sleep(0.05)
        del self._children[name]
        if child.code != 0:
            raise Trouble(f"The step `{name}` failed.", f"See {self._log(name)}.")

    def await_index(self) -> None:
        """The index has reached the chain's head."""
        head = self.chain.node.head
        self._await("index", lambda: home.indexed_block(self.settings) >= head)

    def _await_page(self) -> None:
        self._await("server", self._answers)

    def _answers(self) -> bool:
        with requests.Session() as session:
            session.trust_env = False
            try:
                return session.get(self.url + "/demo/state", timeout=START_SECONDS).ok
            except requests.RequestException:
                return False

    def _await(self, name: str, ready: Callable[[], bool]) -> None:
        until = time.monotonic() + START_SECONDS
        while not ready():
            if time.monotonic() > until:
                raise Trouble(f"The {name} did not get ready.", f"See {self.folder.logs}.")
            self.look_after()
            time.sleep(0.05)

    def _log(self, name: str) -> Path:
        return self.folder.logs / f"{name}.log"


def _key() -> str:
    """Changes with whatever decides what is deployed."""
    digest = hashlib.sha256(str(GENESIS).encode())
    for path in sorted(path for pattern in MADE_BY for path in ROOT.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:24]
