"""The local chain: anvil, whose state is kept in a file, whose time never goes back, and which finds finality.

Blocks come with transactions; after each, as many empty ones follow, one every BLOCK_SECONDS, as it takes to make it
final, and then the chain rests. So its file does not grow while nobody does anything.
"""

import gzip
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import requests

from scripts.node import Node, RpcFailed
from scripts.playground.accounts import ACCOUNTS, MNEMONIC
from scripts.playground.children import Child, execute, stop_all
from scripts.playground.ports import free_port
from scripts.playground.trouble import Trouble

CHAIN_ID = 31337
BLOCK_SECONDS = 8.0
"""A reorg can undo what is younger than about a minute, as on a real chain; after that it is final."""
SLOTS_IN_EPOCH = 4
FINAL_DEPTH = 2 * SLOTS_IN_EPOCH
"""Blocks above the newest final one, by anvil's rule of two epochs."""
USUAL_PORT = 8545
START_SECONDS = 20
GENESIS = 1_700_000_000
"""A block may be of any later time; the story begins months before the demo is started."""


class LocalChain:
    """One anvil process and the file of its state. Times are unix seconds."""

    def __init__(self, state: Path, log: Path, *, port: int = USUAL_PORT) -> None:
        self._state, self._log = state, log
        self.port = free_port(port)
        self.node = Node(f"http://127.0.0.1:{self.port}")
        self.child: Child | None = None
        self._whole = False
        self._saved = ""
        self._seen = self._goal = 0
        self._ticked = 0.0

    @property
    def url(self) -> str:
        return self.node.url

    def start(self, *, in_the_past: bool = False) -> None:
        """The node answers, with the state of the file if there is one. Raises Trouble.

        `in_the_past`: its time goes on where the file ends, and not from the wall clock.
        """
        self._whole = False
        anvil = shutil.which("anvil")
        if anvil is None:
            raise Trouble("There is no anvil here.", "Run `make demo`, which installs it, or scripts/install_tools.")
        options = {
            "--port": str(self.port),
            "--chain-id": str(CHAIN_ID),
            "--accounts": str(ACCOUNTS),
            "--mnemonic": MNEMONIC,
            "--slots-in-an-epoch": str(SLOTS_IN_EPOCH),
            "--timestamp": str(GENESIS),
        }
        command = [anvil, "--silent", "--no-cors", *(word for pair in options.items() for word in pair)]
        self.child = execute("chain", command, environment=_plain_environment(), log=self._log)
        self._await_answer()
        if self._state.exists():
            self._load(in_the_past)
        self._seen = self._goal = self.node.head
        self._whole = True

    def _await_answer(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.child is not None and self.child.running:
            try:
                self.node.rpc("eth_chainId")
                return
            except requests.RequestException:
                time.sleep(0.02)
        raise Trouble("The local chain did not start.", f"See {self._log}.")

    def _load(self, in_the_past: bool) -> None:
        """As the file says; then as many blocks on top as make all that final, since the states below are not kept."""
        try:
            state = gzip.decompress(self._state.read_bytes()).decode()
            self.node.rpc("anvil_loadState", state)
        except (OSError, EOFError, UnicodeDecodeError, RpcFailed) as error:
            raise Trouble(f"{self._state} cannot be read: {error}.", "Start again with ARGS=--fresh.") from error
        if in_the_past:
            self.node.advance(1)
        else:
            self.catch_up()
        self.node.mine(FINAL_DEPTH)
        self._saved = ""

    def catch_up(self) -> None:
        """New blocks are of the wall clock's time, or go on from the newest where that is ahead."""
        newest = self.node.time
        self.node.advance(max(int(time.time()) - newest, 1))

    def save(self) -> None:
        """The file holds the newest state; a crash while it is written leaves the one before."""
        newest = str(self.node.block("latest")["hash"])
        if newest == self._saved:
            return
        state = str(self.node.rpc("anvil_dumpState"))
        fresh = self._state.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(gzip.compress(state.encode(), compresslevel=1))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._state)
        self._saved = newest

    def tick(self) -> None:
        """To be called often: mines an empty block when one is due, and keeps the state."""
        head = self.node.head
        if head != self._seen:
            self._seen, self._goal, self._ticked = head, head + FINAL_DEPTH + 1, time.monotonic()
        elif head < self._goal and time.monotonic() - self._ticked >= BLOCK_SECONDS:
            self.node.mine()
            self._seen, self._ticked = head + 1, time.monotonic()
        self.save()

    def stop(self) -> None:
        """The state is kept and the node has ended."""
        if self.child is not None and self.child.running:
            try:
                if self._whole:  # else the node has not got the file's state, and the file is all there is
                    self.save()
            except (requests.RequestException, RpcFailed, OSError):
                print(f"The newest blocks could not be written to {self._state}.")
            stop_all([self.child])
        self.node.close()


def _plain_environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("ANVIL_", "FOUNDRY_"))}
