"""A Kubo daemon's RPC over real HTTP, written from its documented behaviour (Kubo 0.40 to 0.44), with faults to order.

It keeps blocks by multihash and pins by root, as Kubo does, and answers with Kubo's words: 200 before it knows whether
all goes well, errors after that only in the trailer `X-Stream-Error`, `Keys` left out when nothing is pinned, one name
per pinned root, 2 MiB per block.
"""

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

from backend.ipfs.car import CarBroken, read_car
from backend.ipfs.cid import BLOCK_LIMIT, DAG_CBOR, DAG_PB, RAW
from backend.ipfs.store import CID, Block, BlockMissing, check, cid_of, links, parse_cid

CODECS = {"raw": RAW, "dag-pb": DAG_PB, "dag-cbor": DAG_CBOR}


class Shelf:
    """A source of blocks that were put on it; `asked` lists what was read."""

    def __init__(self, *blocks: Block) -> None:
        self.blocks = {block.cid: block.data for block in blocks}
        self.asked: list[CID] = []

    def put(self, block: Block) -> None:
        self.blocks[block.cid] = block.data

    def get(self, cid: CID) -> bytes:
        self.asked.append(cid)
        if cid not in self.blocks:
            raise BlockMissing(cid)
        check(cid, self.blocks[cid])
        return self.blocks[cid]


class Fault(Enum):
    """What goes wrong with an answer."""

    LATE_ERROR = auto()  # half of the body, then the trailer
    CUT = auto()  # half of the body, then the connection closes
    FLIPPED = auto()  # one bit of the body is wrong
    SILENT = auto()  # no answer until the daemon stops
    DRIPPING = auto()  # the body comes byte by byte, without end
    ENDLESS = auto()  # far more than a block comes
    FULL = auto()  # no space left on device
    NO_JSON = auto()  # a proxy's error page
    FORGETS = auto()  # an import or a put answers well and keeps nothing
    LIST = auto()  # an answer of another shape: no object
    ODD = auto()  # an answer of another shape: fields of other types
    EMPTY = auto()  # an answer of no bytes


SHAPES = {
    Fault.LIST: b"[1]\n",
    Fault.ODD: b'{"Keys": [1], "Stats": 5, "Pins": {}, "Key": [], "Hash": 0}\n',
    Fault.EMPTY: b"",
}


class Refused(Exception):
    """The daemon's error message."""


class FakeKubo:
    """The daemon's state. `faults` by path of the RPC, such as `block/get`; `asked` lists the paths in order."""

    def __init__(self) -> None:
        self.blocks: dict[bytes, bytes] = {}
        self.roots: dict[str, str] = {}
        self.faults: dict[str, Fault] = {}
        self.asked: list[str] = []
        self.stopped = threading.Event()
        self.address = ""

    def version(self, options: dict[str, str], body: bytes, *args: str) -> Any:
        return {"Version": "0.44.0-dev", "Commit": "", "Repo": "18", "System": "amd64/linux", "Golang": "go1.26"}

    def block_get(self, options: dict[str, str], body: bytes, text: str) -> bytes:
        return self._block(parse_cid(text), options)

    def block_stat(self, options: dict[str, str], body: bytes, text: str) -> Any:
        return {"Key": text, "Size": len(self._block(parse_cid(text), options))}

    def block_put(self, options: dict[str, str], body: bytes) -> Any:
        if len(body) > BLOCK_LIMIT and options.get("allow-big-block") != "true":
            raise Refused("produced block is over 2MiB: big blocks can't be exchanged with other peers")
        cid = cid_of(body, codec=CODECS[options.get("cid-codec", "raw")])
        if self.faults.get("block/put") is not Fault.FORGETS:
            self.blocks[cid.cid_bytes[2:]] = body
        return {"Key": cid.encode(), "Size": len(body)}

    def block_rm(self, options: dict[str, str], body: bytes, text: str) -> Any:
        if text in self.roots:
            return {"Hash": text, "Error": "pinned: recursive"}
        for root in self.roots:
            if text in self._below(root):
                return {"Hash": text, "Error": f"pinned via {root}"}
        if self.blocks.pop(parse_cid(text).cid_bytes[2:], None) is None and options.get("force") != "true":
            return {"Hash": text, "Error": f"ipld: could not find {text}"}
        return {"Hash": text}

    def dag_import(self, options: dict[str, str], body: bytes) -> Any:
        try:
            roots, blocks = read_car(BytesIO(body))
            found = list(blocks)
        except CarBroken as error:
            raise Refused(f"import failed: {error}") from error
        if self.faults.get("dag/import") is Fault.FORGETS:
            found = found[:-1]
        self.blocks.update({block.cid.cid_bytes[2:]: block.data for block in found})
        answers: list[Any] = []
        if options.get("pin-roots", "true") == "true":
            for root in roots:
                self._pin(root.encode(), options.get("name", ""))
                answers.append({"Root": {"Cid": {"/": root.encode()}, "PinErrorMsg": ""}})
        if options.get("stats") == "true":
            size = sum(len(block.data) for block in found)
            answers.append({"Stats": {"BlockCount": len(found), "BlockBytesCount": size}})
        return answers

    def pin_add(self, options: dict[str, str], body: bytes, text: str) -> Any:
        self._pin(text, options.get("name", ""))
        return {"Pins": [text]}

    def pin_ls(self, options: dict[str, str], body: bytes, *texts: str) -> Any:
        for text in texts:
            if text not in self.roots:
                raise Refused(f"path '{text}' is not pinned")
        names = options.get("names") == "true"
        found = {
            root: {"Type": "recursive"} | ({"Name": name} if names and name else {})
            for root, name in self.roots.items()
            if not texts or root in texts
        }
        return {"Keys": found} if found else {}

    def pin_rm(self, options: dict[str, str], body: bytes, text: str) -> Any:
        if self.roots.pop(text, None) is None:
            raise Refused("not pinned or pinned indirectly")
        return {"Pins": [text]}

    def _pin(self, text: str, name: str) -> None:
        try:
            self._below(text)
        except Refused as error:
            raise Refused(f"pin: {error}") from error
        self.roots[text] = name

    def _below(self, text: str) -> set[str]:
        seen, waiting = {text}, [parse_cid(text)]
        while waiting:
            cid = waiting.pop()
            data = self.blocks.get(cid.cid_bytes[2:])
            if data is None:
                raise Refused(f"ipld: could not find {cid.encode()}")
            fresh = [each for each in links(cid, data) if each.encode() not in seen]
            seen.update(each.encode() for each in fresh)
            waiting.extend(fresh)
        return seen

    def _block(self, cid: CID, options: dict[str, str]) -> bytes:
        if options.get("offline") != "true":
            raise Refused("the double has no network: ask offline")
        data = self.blocks.get(cid.cid_bytes[2:])
        if data is None:
            raise Refused(f"block was not found locally (offline): ipld: could not find {cid.encode()}")
        return data


class _Rpc(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    daemon: FakeKubo

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._error(405, "405 - Method Not Allowed", plain=True)

    def do_POST(self) -> None:
        url = urlsplit(self.path)
        path = url.path.removeprefix("/api/v0/")
        query = parse_qs(url.query, keep_blank_values=True)
        args = query.pop("arg", [])
        body = self._file(self._body())
        self.daemon.asked.append(path)
        fault = self.daemon.faults.get(path)
        if fault is Fault.SILENT:
            self.daemon.stopped.wait()
            self.close_connection = True
        elif fault is Fault.NO_JSON:
            self._error(502, "<html>Bad Gateway</html>", plain=True)
        elif fault is Fault.FULL:
            self._error(500, "write /data/ipfs/blocks/put-1: no space left on device")
        elif fault in SHAPES:
            self._answer(SHAPES[fault], None, "application/json")
        else:
            call: Callable[..., Any] | None = getattr(self.daemon, path.replace("/", "_"), None)
            if call is None or path.startswith("_"):
                return self._error(404, "404 page not found", plain=True)
            try:
                found = call({name: values[-1] for name, values in query.items()}, body, *args)
            except Refused as error:
                return self._error(500, str(error))
            kind = "text/plain" if isinstance(found, bytes) else "application/json"
            self._answer(_encoded(found), fault, kind)
        return None

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = []
        while size := int(self.rfile.readline().strip(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _file(self, body: bytes) -> bytes:
        """The one file of a multipart body."""
        if not body:
            return body
        boundary = body[: body.index(b"\r\n")]
        return body[body.index(b"\r\n\r\n") + 4 : body.rindex(b"\r\n" + boundary)]

    def _error(self, status: int, message: str, *, plain: bool = False) -> None:
        text = message if plain else json.dumps({"Message": message, "Code": 0, "Type": "error"})
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if plain else "application/json")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def _answer(self, body: bytes, fault: Fault | None, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Trailer", "X-Stream-Error")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if fault is Fault.FLIPPED and body:
            body = body[:-1] + bytes([body[-1] ^ 1])
        if fault in (Fault.LATE_ERROR, Fault.CUT):
            body = body[: len(body) // 2]
        try:
            self._send(body, fault)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _send(self, body: bytes, fault: Fault | None) -> None:
        if fault is Fault.DRIPPING:
            while not self.daemon.stopped.wait(0.005):
                self._chunk(b"\0")
        if fault is Fault.ENDLESS:
            while not self.daemon.stopped.is_set():
                self._chunk(bytes(65536))
        if body:
            self._chunk(body)
        if fault is Fault.CUT:
            self.close_connection = True
        elif fault is Fault.LATE_ERROR:
            self.wfile.write(b"0\r\nX-Stream-Error: context canceled\r\n\r\n")
        else:
            self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))


def _encoded(found: Any) -> bytes:
    if isinstance(found, bytes):
        return found
    return b"".join(json.dumps(each).encode() + b"\n" for each in (found if isinstance(found, list) else [found]))


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # `server_close` waits for every answer
    request_queue_size = 64

    def __init__(self, daemon: FakeKubo) -> None:
        self._connections: list[socket.socket] = []
        super().__init__(("127.0.0.1", 0), type("Rpc", (_Rpc,), {"daemon": daemon}))

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.append(request)
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # clients hang up on a daemon that is slow
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """Connections that clients keep open end."""
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def running_kubo() -> Iterator[FakeKubo]:
    """A daemon on a free port, stopped at the end."""
    daemon = FakeKubo()
    server = _Server(daemon)
    daemon.address = f"/ip4/127.0.0.1/tcp/{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield daemon
    finally:
        daemon.stopped.set()
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()
