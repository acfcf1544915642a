"""The real application over a filled home, in a process of its own: `python -m scripts.bench.pages.served`."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests
import uvicorn

from backend import catalog
from backend.app import create_app
from backend.config import Settings
from backend.host import open_host
from tests.factories.home import CHAIN_ID, TestHome

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 30


def main() -> None:
    """Serves what the settings in the environment name."""
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    host = open_host(settings, catalog.KINDS)
    uvicorn.run(create_app(host), host="127.0.0.1", port=settings.port, log_level="error")


class Node(BaseHTTPRequestHandler):
    """A node that answers at once, with zero: nothing is due, and the Market is ready for everything."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        result = hex(CHAIN_ID) if asked["method"] == "eth_chainId" else "0x" + "00" * 32
        answer = json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words: object) -> None:
        pass


@contextmanager
def node() -> Iterator[str]:
    """The address of the node."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Node)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


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
