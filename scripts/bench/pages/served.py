"""The real application over a filled home, in a process of its own: `python -m scripts.bench.pages.served`."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
import uvicorn

from backend import catalog
from backend.app import create_app
from backend.config import Settings
from backend.host import open_host
from tests.factories.home import TestHome

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 30


def main() -> None:
    """Serves what the settings in the environment name."""
    settings = Settings(_env_file=None)
    host = open_host(settings, catalog.KINDS)
    uvicorn.run(create_app(host), host="127.0.0.1", port=settings.port, log_level="error")


@contextmanager
def served(home: TestHome) -> Iterator[str]:
    """The address of the running application."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = home.host.settings
    url = f"http://127.0.0.1:{port}"
    names = {
        "DATA": settings.data,
        "DATABASE": settings.database,
        "BASE_URL": url,
        "PORT": port,
        "CHAIN_ID": settings.chain_id,
        "RPC": settings.rpc,
        "DEPLOYMENTS": settings.deployments,
    }
    environment = {**os.environ, **{f"KOINON_{name}": str(value) for name, value in names.items()}}
    process = subprocess.Popen([sys.executable, "-m", "scripts.bench.pages.served"], cwd=ROOT, env=environment)
    try:
        _await(url, process)
        yield url
    finally:
        process.terminate()
        process.wait()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            requests.get(url, timeout=1)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    sys.exit("The application did not start.")


@contextmanager
def mining(home: TestHome) -> Iterator[None]:
    """A block is indexed every second, as on a chain: what is kept by block does not outlive it."""
    end = threading.Event()

    def mine() -> None:
        while not end.wait(1):
            home.mine(final=home.head - 1, at=int(time.time()))

    thread = threading.Thread(target=mine, daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


if __name__ == "__main__":
    main()
