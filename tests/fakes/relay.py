"""A relay as WalletConnect's: it keeps sealed messages by topic and hands them to subscribers (`irn_*` over JSON-RPC).

Stands in for wss://relay.walletconnect.org, which tests cannot reach. It checks no client's token and forgets nothing.
"""

import base64
import contextlib
import json
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve


@dataclass
class Letter:
    """One message. `taken` are the clients that had it; its sender is among them."""

    topic: str
    message: str
    tag: int
    taken: set[str]


@dataclass
class Relay:
    """Runs in threads of its own. `asked` is every call as it came, by the id of the project that its client named."""

    asked: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    _letters: dict[str, list[Letter]] = field(default_factory=lambda: defaultdict(list))
    _clients: dict[ServerConnection, str] = field(default_factory=dict)
    _readers: dict[str, list[ServerConnection]] = field(default_factory=lambda: defaultdict(list))
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _server: Server | None = None
    _thread: threading.Thread | None = None
    _number: int = 10**15

    def start(self) -> None:
        """It listens at `url`."""
        self._server = serve(self._serve, "127.0.0.1", 0)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}"

    def stop(self) -> None:
        assert self._server is not None
        assert self._thread is not None
        with self._lock:
            connections = list(self._clients)
        for connection in connections:
            connection.close()
        self._server.shutdown()
        self._thread.join()

    def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = parse_qs(urlsplit(connection.request.path).query)
        with self._lock:
            self._clients[connection] = _client(query["auth"][0])
        try:
            for text in connection:
                self._hear(connection, json.loads(text), self.asked[query["projectId"][0]])
        except ConnectionClosed:
            pass
        finally:
            with self._lock:
                del self._clients[connection]
                for readers in self._readers.values():
                    while connection in readers:
                        readers.remove(connection)

    def _hear(self, connection: ServerConnection, call: dict[str, Any], asked: list[dict[str, Any]]) -> None:
        if "method" not in call:
            return  # a client's receipt
        with self._lock:
            asked.append(call)
            result = self._answer(connection, call["method"], call["params"])
            _send(connection, {"id": call["id"], "jsonrpc": "2.0", "result": result})
            for topic in list(self._letters):
                self._deliver(topic)

    def _answer(self, reader: ServerConnection, method: str, params: dict[str, Any]) -> Any:
        match method:
            case "irn_subscribe":
                return self._subscribe(reader, params["topic"])
            case "irn_batchSubscribe":
                return [self._subscribe(reader, topic) for topic in params["topics"]]
            case "irn_unsubscribe":
                self._readers[params["topic"]] = [one for one in self._readers[params["topic"]] if one is not reader]
            case "irn_publish":
                self._put(reader, params["topic"], params["message"], params.get("tag", 0))
            case "wc_proposeSession":
                self._subscribe(reader, params["pairingTopic"])
                self._put(reader, params["pairingTopic"], params["sessionProposal"], 1100)
            case "wc_approveSession":
                self._subscribe(reader, params["sessionTopic"])
                self._put(reader, params["pairingTopic"], params["sessionProposalResponse"], 1101)
                self._put(reader, params["sessionTopic"], params["sessionSettlementRequest"], 1102)
            case _:
                raise AssertionError(f"the relay knows no {method}")
        return True

    def _subscribe(self, reader: ServerConnection, topic: str) -> str:
        if reader not in self._readers[topic]:
            self._readers[topic].append(reader)
        return f"{topic[:32]}{id(reader):032x}"

    def _put(self, sender: ServerConnection, topic: str, message: str, tag: int) -> None:
        self._letters[topic].append(Letter(topic, message, tag, {self._clients[sender]}))

    def _deliver(self, topic: str) -> None:
        """Every client that reads the topic has every message of others, once."""
        for letter in self._letters[topic]:
            for reader in self._readers[topic]:
                if self._clients[reader] in letter.taken:
                    continue
                letter.taken.add(self._clients[reader])
                self._number += 1
                data = {
                    "topic": topic,
                    "message": letter.message,
                    "publishedAt": int(time.time() * 1000),
                    "tag": letter.tag,
                }
                params = {"id": self._subscribe(reader, topic), "data": data}
                _send(reader, {"id": self._number, "jsonrpc": "2.0", "method": "irn_subscription", "params": params})


def _client(token: str) -> str:
    """Who opened the connection: the issuer of its token (a JWT), the same after a reload."""
    payload = token.split(".")[1]
    claims: dict[str, str] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims["iss"]


def _send(connection: ServerConnection, message: dict[str, Any]) -> None:
    with contextlib.suppress(ConnectionClosed):
        connection.send(json.dumps(message))
