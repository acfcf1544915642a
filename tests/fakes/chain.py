"""A JSON-RPC node that never mines by itself, can reorganise, and can be told to misbehave.

`FakeChain` is the chain and answers calls; `FakeRpc` asks it in process, `FakeNode` over real HTTP.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from indexer.rpc import BATCH, Call, NodeError, Rpc
from indexer.source import bloom_bits

CHAIN_ID = 31337
GENESIS_TIME = 1_700_000_000
BLOCK_SECONDS = 12


@dataclass(frozen=True)
class FakeLog:
    """What a contract logs: its address, topics and data as bytes."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True)
class FakeBlock:
    number: int
    hash: str
    parent_hash: str
    timestamp: int
    logs: tuple[FakeLog, ...]

    def as_json(self) -> dict[str, Any]:
        bloom = 0
        for log in self.logs:
            for value in (bytes.fromhex(log.address[2:]), *log.topics):
                bloom |= bloom_bits(value)
        return {
            "number": hex(self.number),
            "hash": self.hash,
            "parentHash": self.parent_hash,
            "timestamp": hex(self.timestamp),
            "logsBloom": f"0x{bloom:0512x}",
        }

    def log_as_json(self, index: int) -> dict[str, Any]:
        log = self.logs[index]
        return {
            "blockNumber": hex(self.number),
            "blockHash": self.hash,
            "blockTimestamp": hex(self.timestamp),
            "logIndex": hex(index),
            "transactionHash": _hash(self.hash, index),
            "transactionIndex": hex(index),
            "address": log.address,
            "topics": ["0x" + topic.hex() for topic in log.topics],
            "data": "0x" + log.data.hex(),
            "removed": False,
        }


def _fits(topics: Sequence[bytes], wanted: Sequence[Sequence[str] | None]) -> bool:
    """Whether the topics are, place by place, among those that are wanted there (None: any)."""
    if len(topics) < len(wanted):
        return False
    return all(any_of is None or "0x" + topic.hex() in any_of for topic, any_of in zip(topics, wanted, strict=False))


def _hash(*parts: object) -> str:
    return "0x" + hashlib.sha256(repr(parts).encode()).hexdigest()


class FakeChain:
    """Blocks from a genesis block on. `final_depth` below the head is final; None: the node does not know the tag."""

    def __init__(self, *, final_depth: int | None = 64) -> None:
        self.final_depth = final_depth
        self.timestamps_in_logs = True
        self.most_logs: int | None = None
        self.chain_id = CHAIN_ID
        self.has_code = True
        self.contracts: dict[str, Callable[[bytes, int], Any]] = {}
        """What answers a call with this data at this block, by address; ValueError reverts."""
        self._forks = 0
        self.blocks = [FakeBlock(0, _hash("genesis"), "0x" + "00" * 32, GENESIS_TIME, ())]

    @property
    def head(self) -> FakeBlock:
        return self.blocks[-1]

    def mine(self, *logs: FakeLog) -> FakeBlock:
        """A new block holds these logs."""
        parent = self.head
        hash_ = _hash(parent.hash, self._forks, logs)
        block = FakeBlock(parent.number + 1, hash_, parent.hash, parent.timestamp + BLOCK_SECONDS, logs)
        self.blocks.append(block)
        return block

    def fork(self, depth: int) -> None:
        """The newest `depth` blocks are gone; those mined from now on have other hashes."""
        self._forks += 1
        del self.blocks[len(self.blocks) - depth :]

    def answer(self, method: str, params: Sequence[Any]) -> Any:
        """The result of a call. Raises ValueError with the node's words when it refuses."""
        if method == "eth_chainId":
            return hex(self.chain_id)
        if method == "eth_getCode":
            return "0x6001" if self.has_code else "0x"
        if method == "eth_getBlockByNumber":
            return self._block(params[0])
        if method == "eth_getLogs":
            return self._logs(params[0])
        if method == "eth_call" and params[0]["to"] in self.contracts:
            return self.contracts[params[0]["to"]](bytes.fromhex(params[0]["data"][2:]), int(params[1], 16))
        raise ValueError(f"the method {method} does not exist")

    def _block(self, tag: str) -> dict[str, Any] | None:
        if tag == "finalized":
            if self.final_depth is None:
                raise ValueError("unknown block tag")
            return self.blocks[max(0, self.head.number - self.final_depth)].as_json()
        number = self.head.number if tag == "latest" else int(tag, 16)
        return self.blocks[number].as_json() if number <= self.head.number else None

    def _logs(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        if "blockHash" in wanted:
            blocks = [block for block in self.blocks if block.hash == wanted["blockHash"]]
        else:
            blocks = self.blocks[int(wanted["fromBlock"], 16) : int(wanted["toBlock"], 16) + 1]
        addresses = set(wanted["address"])
        found = [
            block.log_as_json(index)
            for block in blocks
            for index, log in enumerate(block.logs)
            if log.address in addresses and _fits(log.topics, wanted["topics"])
        ]
        if self.most_logs is not None and len(found) > self.most_logs:
            raise ValueError(f"query returned more than {self.most_logs} results")
        if not self.timestamps_in_logs:
            for entry in found:
                del entry["blockTimestamp"]
        return found


class FakeRpc(Rpc):
    """Asks a FakeChain without a network. `before_call` runs first, so that a test can move the chain in between."""

    def __init__(self, chain: FakeChain) -> None:
        super().__init__(["http://127.0.0.1:1"], CHAIN_ID, pause=lambda _: None)
        self.chain = chain
        self.before_call: Callable[[Sequence[Call]], None] = lambda _: None
        self.calls: list[Call] = []

    def add_endpoint(self, url: str) -> None:
        """A second name for the same chain."""
        self._endpoints.append(url)

    def call(self, calls: Sequence[Call], *, attempts: int = 1, lenient: bool = False) -> list[Any]:
        self.before_call(calls)
        self.calls += calls
        results: list[Any] = []
        for method, params in calls:
            try:
                results.append(self.chain.answer(method, params))
            except ValueError as error:
                refused = NodeError(method, str(error))
                if not lenient:
                    raise refused from error
                results.append(refused)
        return results


Fault = Callable[[list[dict[str, Any]], list[dict[str, Any]]], tuple[int, bytes]]
"""Requests and right answers of a batch -> the status and body that the node sends instead."""


@dataclass
class FakeNode:
    """A FakeChain behind HTTP. `faults` are used up one per request, oldest first; None stands for a right answer."""

    chain: FakeChain
    url: str = ""
    faults: list[Fault | None] = field(default_factory=list)
    requests: list[list[dict[str, Any]]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    """Sent with answers that are not 200."""

    def respond(self, requests: list[dict[str, Any]]) -> tuple[int, bytes]:
        assert len(requests) <= BATCH
        self.requests.append(requests)
        answers = [self._answer(request) for request in requests]
        fault = self.faults.pop(0) if self.faults else None
        return (200, json.dumps(answers).encode()) if fault is None else fault(requests, answers)

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        answer = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            return answer | {"result": self.chain.answer(request["method"], request["params"])}
        except ValueError as error:
            return answer | {"error": {"code": -32000, "message": str(error)}}


@contextmanager
def serving(chain: FakeChain) -> Iterator[FakeNode]:
    """The node listens on a free port while the block runs."""
    node = FakeNode(chain)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            requests = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                status, body = node.respond(requests)
            if status == 0:  # the connection breaks
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in node.headers.items() if status != 200 else ():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        disable_nagle_algorithm = True

    server = Server(("127.0.0.1", 0), Handler)
    node.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield node
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
