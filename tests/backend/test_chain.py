"""The backend's RPC calls: a real node, and nodes that are away, silent or talk nonsense."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from eth_account import Account

from backend.chain import CallFailed, Chain, ChainUnavailable, NodeRefused, Receipt, TransactionRefused, WrongChain
from tests.fixtures.anvil import Anvil

FUNDED = Account.from_key("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
"""Anvil's first account."""
OTHER = "0x" + "22" * 20
REVERTING = bytes.fromhex("63deadbeef6000526004601cfd")
"""Creation code that reverts with 0xdeadbeef."""
ENDLESS = bytes.fromhex("5b600056")


@pytest.fixture
def chain(anvil: Anvil) -> Iterator[Chain]:
    chain = Chain(anvil.url, anvil.chain_id)
    yield chain
    chain.close()


@contextmanager
def node(answer: Callable[[Any], bytes | None], status: int = 200) -> Iterator[str]:
    """URL of a node that answers each request so; None: it stays silent until the test is over."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            given = answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            if given is None:
                over.wait()
                return
            self.send_response(status)
            self.send_header("content-length", str(len(given)))
            self.end_headers()
            self.wfile.write(given)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def deploy(anvil: Anvil, code: bytes) -> str:
    """The address of a contract with this code."""
    creation = bytes([0x60, len(code), 0x80, 0x60, 0x0B, 0x60, 0x00, 0x39, 0x60, 0x00, 0xF3]) + code
    receipt = anvil.send({"from": anvil.accounts[0], "data": "0x" + creation.hex()})
    return str(receipt["contractAddress"])


def mined(chain: Chain, tx_hash: str) -> Receipt:
    """The receipt, which anvil may have a little after it gave the hash."""
    for _ in range(5000):
        if receipt := chain.receipt(tx_hash):
            return receipt
    raise AssertionError(f"{tx_hash} was not mined")


def result(given: Any) -> Callable[[Any], bytes]:
    return lambda request: json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": given}).encode()


def error(code: int, message: str, data: Any = None) -> Callable[[Any], bytes]:
    return lambda request: json.dumps(
        {"jsonrpc": "2.0", "id": request["id"], "error": {"code": code, "message": message, "data": data}}
    ).encode()


def test_chain_reads_what_the_node_has(chain: Chain, anvil: Anvil) -> None:
    anvil.mine(3)

    chain.check()

    head = chain.head()
    assert (head.number, head.hash, head.timestamp) == (3, anvil.block()["hash"], anvil.time)
    assert chain.block_number() == 3
    assert chain.balance(FUNDED.address) == 10_000 * 10**18
    assert chain.code(OTHER) == b""
    assert chain.call(OTHER, b"\1\2") == b""


def test_check_says_which_chain_is_served_when_it_is_another(anvil: Anvil) -> None:
    chain = Chain(anvil.url, 1)

    with pytest.raises(WrongChain, match="serves chain 31337, but chain 1 is set"):
        chain.check()

    chain.close()


def test_call_tells_a_failing_contract_from_a_failing_node(chain: Chain) -> None:
    with pytest.raises(CallFailed) as reverted:
        chain.call(None, REVERTING)
    with pytest.raises(CallFailed):
        chain.call(None, ENDLESS)
    with pytest.raises(ChainUnavailable):
        chain.call(OTHER, b"", block=10**9)

    assert reverted.value.data == bytes.fromhex("deadbeef")


def test_send_transfers_and_receipt_tells_when_it_is_mined(chain: Chain, anvil: Anvil) -> None:
    anvil.rpc("evm_setAutomine", False)

    tx_hash = chain.send(FUNDED, to=OTHER, value=5)

    assert chain.receipt(tx_hash) is None
    anvil.mine()
    receipt = chain.receipt(tx_hash)
    assert receipt is not None
    assert (receipt.succeeded, receipt.block_number, receipt.gas_used, receipt.contract) == (True, 1, 21_000, None)
    assert chain.balance(OTHER) == 5


def test_send_gives_each_transaction_its_own_nonce_when_threads_send_at_once(chain: Chain) -> None:
    with ThreadPoolExecutor(8) as pool:
        hashes = list(pool.map(lambda value: chain.send(FUNDED, to=OTHER, value=value), range(1, 17)))

    assert len(set(hashes)) == 16
    assert all(mined(chain, tx_hash).succeeded for tx_hash in hashes)
    assert chain.balance(OTHER) == sum(range(1, 17))


def test_send_sends_nothing_when_it_would_fail(chain: Chain, anvil: Anvil) -> None:
    reverting = deploy(anvil, bytes.fromhex("60006000fd"))
    poor = Account.from_key(b"\x31" * 32)

    with pytest.raises(TransactionRefused, match=r"(?i)insufficient funds"):
        chain.send(poor, to=OTHER, value=1)
    with pytest.raises(CallFailed):
        chain.send(FUNDED, to=reverting, data=b"")

    assert chain.balance(OTHER) == 0
    assert anvil.head == 1


def test_chain_is_unavailable_when_nobody_listens() -> None:
    chain = Chain("http://127.0.0.1:9", 31337)

    with pytest.raises(ChainUnavailable) as caught:
        chain.block_number()

    assert caught.value.status == 503
    chain.close()


def test_chain_is_unavailable_when_the_node_is_silent() -> None:
    with node(lambda request: None) as url:
        chain = Chain(url, 31337, patience=0.1)

        with pytest.raises(ChainUnavailable):
            chain.block_number()

        chain.close()


def test_node_refused_keeps_the_nodes_words_for_the_log_alone() -> None:
    with node(error(-32005, "key 1234 is over its limit")) as url:
        chain = Chain(url, 31337)

        with pytest.raises(NodeRefused) as caught:
            chain.block_number()

        chain.close()
    assert "1234" in caught.value.words
    assert "1234" not in str(caught.value.body("/"))


def test_receipt_is_not_believed_when_a_field_is_missing() -> None:
    with node(result({"blockNumber": "0x1"})) as url:
        chain = Chain(url, 31337)

        with pytest.raises(ChainUnavailable):
            chain.receipt("0x" + "11" * 32)

        chain.close()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (lambda request: b"", 200),
        (lambda request: b"<html>Too many requests</html>", 429),
        (lambda request: b"<html>Hello</html>", 200),
        (lambda request: b"[]", 200),
        (lambda request: b"{}", 200),
        (lambda request: b"\xff\xfe", 200),
        (lambda request: b'{"error": "no"}', 200),
        (result(None), 200),
        (result(5), 200),
        (result("5"), 200),
        (result("0x"), 200),
        (result("0xzz"), 200),
        (result({"number": "0x1"}), 200),
        (error(-32005, "limit exceeded"), 200),
        (error(-32000, "header not found"), 200),
        (result("0x1"), 500),
    ],
)
def test_chain_is_unavailable_when_the_node_talks_nonsense(answer: Callable[[Any], bytes], status: int) -> None:
    with node(answer, status) as url:
        chain = Chain(url, 31337)

        with pytest.raises(ChainUnavailable):
            chain.block_number()
        with pytest.raises(ChainUnavailable):
            chain.head()

        chain.close()


@pytest.mark.parametrize(
    "answer",
    [
        error(3, "execution reverted", "0x08c379a0"),
        error(3, "execution reverted", "0x4e487b71" + "ff" * 32),
        error(3, "execution reverted", "0x556f1830"),
        error(-32000, "execution reverted"),
        error(-32000, "return data out of bounds"),
        error(-32015, "VM execution error.", "Reverted 0xzz"),
        error(-32000, "out of gas"),
        error(-32000, "invalid opcode: INVALID", {"data": "0x"}),
        error(-32000, "stack underflow (0 <=> 1)"),
    ],
)
def test_call_failed_is_what_nodes_say_of_a_failing_contract(answer: Callable[[Any], bytes]) -> None:
    with node(answer) as url:
        chain = Chain(url, 31337)

        with pytest.raises(CallFailed):
            chain.call(OTHER, b"")

        chain.close()
